"""The branch of the tree that leads to a message, and what a model is told of it."""

from collections.abc import Sequence

from chat.models import Message
from chat.prompt import Said
from chat.tree import Tree


def tree_of(conversation_id: int) -> Tree:
    rows = Message.objects.filter(conversation=conversation_id).order_by("pk")
    return Tree(rows.values_list("pk", "parent"))


def path_to(message: Message, tree: Tree) -> list[Message]:
    """The messages from the beginning to this one, oldest first."""
    return [*_path_above(message, tree), message]


def said_on(path: Sequence[Message]) -> list[Said]:
    """What was said on a path, as far as its last message.

    A reply that came to nothing is not part of it; nor is a question that another reply
    answers at this moment, with what there is of that reply.
    """
    answers = [each for each in path[:-1] if _is_open(each)]
    apart = {each.pk for each in answers} | {each.parent_id for each in answers}
    return [_said(each) for each in path if each.text and each.pk not in apart]


def window_on(path: Sequence[Message], target: str) -> int:
    """The window that the last reply of this target was asked with; 0 where it was as the
    model was loaded."""
    theirs = (each.window for each in reversed(path) if each.target == target)
    return next(theirs, None) or 0


def _path_above(message: Message, tree: Tree) -> Sequence[Message]:
    numbers = tree.path(message.parent_id)
    rows = Message.objects.select_related("author").defer("html", "reasoning")
    known = rows.in_bulk(numbers)
    return [known[number] for number in numbers if number in known]


def _is_open(message: Message) -> bool:
    return message.status == Message.Status.OPEN


def _said(message: Message) -> Said:
    return Said(message.text, "" if message.is_reply else _author(message))


def _author(message: Message) -> str:
    return message.author.name if message.author else "somebody"
