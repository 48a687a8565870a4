"""The tree of a conversation: which message answers which. Pure, and made of numbers."""

from collections.abc import Iterable

Link = tuple[int, int | None]
"""A message's number and its parent's; None for one that begins the conversation."""


class Tree:
    """Every walk is by loops: a branch may be thousands of messages long."""

    def __init__(self, links: Iterable[Link]) -> None:
        """Takes the links with each parent before its children, as numbers grow."""
        self._parent: dict[int, int | None] = {}
        self._children: dict[int | None, list[int]] = {}
        for message, parent in links:
            self._parent[message] = parent
            self._children.setdefault(parent, []).append(message)

    def __contains__(self, message: int | None) -> bool:
        return message in self._parent

    def parent(self, message: int) -> int | None:
        return self._parent[message]

    def children(self, message: int | None) -> list[int]:
        """What answers it, oldest first; of None, all that begin the conversation."""
        return self._children.get(message, [])

    def siblings(self, message: int) -> list[int]:
        """The message among those that answer the same, oldest first."""
        return self.children(self._parent[message])

    def tip(self, message: int | None) -> int | None:
        """The end of the branch that goes on below it, always by the newest child."""
        while children := self.children(message):
            message = children[-1]
        return message

    def path(self, leaf: int | None) -> list[int]:
        """The branch that ends there, from the beginning."""
        found: list[int] = []
        while leaf is not None:
            found.append(leaf)
            leaf = self._parent[leaf]
        return found[::-1]

    def under(self, message: int) -> list[int]:
        """The message and all that hangs on it."""
        found = [message]
        for each in found:
            found += self.children(each)
        return found
