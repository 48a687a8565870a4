"""The branch of the tree that leads to a message."""

from chat.models import Message
from chat.prompt import Said


def branch_to(message: Message) -> list[Said]:
    """What was said from the beginning to this message, oldest first.

    A reply that came to nothing is not part of it.
    """
    if message.parent_id is None:
        return [_said(message)]
    rows = Message.objects.filter(conversation=message.conversation_id)
    rows = rows.select_related("author").defer("html", "reasoning")
    known = {row.pk: row for row in rows}
    branch: list[Said] = []
    at = known.get(message.pk)
    while at is not None:
        if at.text:
            branch.append(_said(at))
        at = known.get(at.parent_id) if at.parent_id else None
    return branch[::-1]


def _said(message: Message) -> Said:
    return Said(message.text, "" if message.is_reply else _author(message))


def _author(message: Message) -> str:
    return message.author.name if message.author else "somebody"
