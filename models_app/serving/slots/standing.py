"""Where each one that waits stands, seen from how people take turns."""

from collections.abc import Iterator, Sequence

from models_app.serving.slots.wishes import RANKS, Standing, Waiting

Line = dict[int, list[str]]
"""The tickets of one rank that wait for the same servers, by person; both in order."""


def standings(waiting: Sequence[Waiting]) -> dict[str, Standing]:
    """The standing of each ticket, of all that wait, in their order.

    Only those count who could take a place at one of the ticket's own servers.
    """
    found: dict[str, Standing] = {}
    for servers in {each.backends for each in waiting}:
        rivals = [each for each in waiting if each.backends & servers]
        wanted = {each.ticket for each in waiting if each.backends == servers}
        told = _stand(rivals)
        found.update({ticket: one for ticket, one in told if ticket in wanted})
    return found


def _stand(rivals: Sequence[Waiting]) -> Iterator[tuple[str, Standing]]:
    """Rank after rank: whoever is in a higher one is before everybody in a lower one."""
    before: list[Waiting] = []
    for rank in range(len(RANKS)):
        here = [each for each in rivals if each.rank == rank]
        yield from _stand_in_line(_line(here), before)
        before += here


def _line(waiting: Sequence[Waiting]) -> Line:
    line: Line = {}
    for each in waiting:
        line.setdefault(each.person, []).append(each.ticket)
    return line


def _stand_in_line(
    line: Line, before: Sequence[Waiting]
) -> Iterator[tuple[str, Standing]]:
    higher = {each.person for each in before}
    counts = [(person, len(tickets)) for person, tickets in line.items()]
    for place, (person, tickets) in enumerate(line.items()):
        for turn, ticket in enumerate(tickets):
            ahead = {
                other: min(count, turn + (at < place))
                for at, (other, count) in enumerate(counts)
                if other != person
            }
            people = (higher | {each for each, count in ahead.items() if count}) - {
                person
            }
            position = len(before) + turn + sum(ahead.values()) + 1
            yield ticket, Standing(position=position, people=len(people))
