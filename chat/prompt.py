"""What a model is shown of a conversation: pure, from rows to messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.adapters.base import ChatMessage

BYTES_PER_TOKEN = 3
"""A cautious estimate: English runs at four bytes a token, Chinese at three."""
REPLY_SHARE = 4
"""One part in so many of the window is kept free for the reply."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the branch, oldest first; `author` is empty for a reply."""

    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages to send, and how many of the branch did not fit the window."""

    messages: tuple[ChatMessage, ...]
    left_out: int = 0


def build_prompt(
    branch: Sequence[Said],
    *,
    opening: Sequence[ChatMessage] = (),
    context: int | None = None,
) -> Prompt:
    """What a preset opens with, and as many of the newest turns as the window holds.

    The newest turn is always sent; whole turns go from the oldest on.
    """
    start = _start(branch, room=_room(opening, context))
    kept = branch[start:]
    named = len({said.author for said in kept if said.author}) > 1
    messages = [*opening]
    for said in kept:
        _append(messages, said, named=named)
    return Prompt(tuple(messages), left_out=start)


def tokens(text: str) -> int:
    return len(text.encode()) // BYTES_PER_TOKEN + 4


def _room(opening: Sequence[ChatMessage], context: int | None) -> int | None:
    if context is None:
        return None
    return context - context // REPLY_SHARE - sum(tokens(each.text) for each in opening)


def _start(branch: Sequence[Said], *, room: int | None) -> int:
    """Where the kept part begins: at a person's message, as early as it fits."""
    authored = [index for index, said in enumerate(branch) if said.author]
    start, used = authored[-1] if authored else 0, 0
    for index in range(len(branch) - 1, -1, -1):
        used += tokens(branch[index].text)
        if room is not None and used > room:
            break
        if branch[index].author:
            start = index
    return start


def _append(messages: list[ChatMessage], said: Said, *, named: bool) -> None:
    """Add a message; templates want the roles in turn, so neighbours are joined."""
    role = "user" if said.author else "assistant"
    text = f"{said.author}: {said.text}" if named and said.author else said.text
    if messages and messages[-1].role == role:
        text = f"{messages.pop().text}\n\n{text}"
    messages.append(ChatMessage(role, text))
