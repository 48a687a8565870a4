"""The branch of the tree that leads to a message."""

from chat.models import Message
from chat.prompt import Said


def branch_to(message: Message) -> list[Said]:
    """What was said from the beginning to this message, oldest first.

    A reply that came to nothing is not part of it.
    """
    rows = Message.objects.filter(conversation=message.conversation_id)
    known = {row.pk: row for row in rows.select_related("author").defer("html")}
    branch: list[Said] = []
    at = known.get(message.pk)
    while at is not None:
        if at.text:
            branch.append(Said(at.text, "" if at.is_reply else _author(at)))
        at = known.get(at.parent_id) if at.parent_id else None
    return branch[::-1]


def _author(message: Message) -> str:
    return message.author.name if message.author else "somebody"
