"""The one table that a bench prints, in Markdown."""

from dataclasses import dataclass

HEAD = """\
| measured | direct | Paddock | against direct | target |
| --- | ---: | ---: | ---: | ---: |"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line; what has no meaning for it stays empty."""

    measured: str
    paddock: str
    direct: str = ""
    against: str = ""
    target: str = ""

    def __str__(self) -> str:
        cells = (self.measured, self.direct, self.paddock, self.against, self.target)
        return f"| {' | '.join(cells)} |"
