"""A card as a row of the status page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.status.amounts import number
from dashboard.status.cells import MISSING, Cell, cell_of
from dashboard.status.memory import Part, bar_of
from dashboard.status.words import Brake, brakes_of, reason_text
from models_app.fit.sizes import size
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.gpu.samples import Part as Mig
from models_app.models import Gpu
from models_app.nodes.tenants import Tenant

CLOSE = 5
"""Degrees below its limit at which a card is called hot."""
CELLS = (
    Metric.UTIL,
    Metric.SM_CLOCK,
    Metric.FAN,
    Metric.MEMORY_USED,
    Metric.MEMORY_TOTAL,
    Metric.TEMPERATURE,
    Metric.TEMPERATURE_LIMIT,
    Metric.MEMORY_TEMPERATURE,
    Metric.POWER,
    Metric.POWER_LIMIT,
)


@dataclass(frozen=True, slots=True)
class MigPart:
    """A MIG instance: its name, and how much of its memory is used."""

    uuid: str
    name: str
    used: str
    total: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card; `pk` is 0 while it has no row yet, `line` the path of its last minutes."""

    uuid: str
    pk: int
    index: int
    name: str
    cells: dict[str, Cell]
    link: str
    line: str
    bar: list[Part]
    parts: list[MigPart]
    brakes: list[Brake]
    troubles: list[str]
    notes: list[str]
    heat: str
    lost: bool
    seen_at: datetime | None

    @property
    def braked(self) -> str:
        return " · ".join(each.words for each in self.brakes)

    @property
    def hurts(self) -> bool:
        return any(each.hurts for each in self.brakes)

    @property
    def errors(self) -> str:
        """What a page compares to know that the troubles are others."""
        names = (Metric.ECC_UNCORRECTED, Metric.ROWS_FAILED)
        return ":".join(self.cells[name].text for name in names)


def card_row(
    card: Card,
    *,
    row: Gpu | None,
    tenants: Sequence[Tenant],
    tenant_notes: Sequence[str],
    line: str,
) -> CardRow:
    names = (*CELLS, Metric.ECC_UNCORRECTED, Metric.ROWS_FAILED)
    return CardRow(
        uuid=card.uuid,
        pk=row.pk if row else 0,
        index=card.index,
        name=_short(card.name),
        cells={str(name): cell_of(name, card.values, card.reasons) for name in names},
        link=link_text(card),
        line=line,
        bar=bar_of(tenants, card.value(Metric.MEMORY_TOTAL), tenant_notes),
        parts=[_part(each, card.name) for each in card.parts],
        brakes=brakes_of(card.value(Metric.THROTTLE)),
        troubles=_troubles(card),
        notes=_notes(card),
        heat=heat_of(
            card.value(Metric.TEMPERATURE), card.value(Metric.TEMPERATURE_LIMIT)
        ),
        lost=card.lost,
        seen_at=row.seen_at if row else None,
    )


def is_sick(card: Card) -> bool:
    """Whether somebody should look after it."""
    return card.lost or bool(_troubles(card))


def heat_of(temperature: float | None, limit: float | None) -> str:
    """The class for how hot a card is: none, `warn` or `bad`."""
    if temperature is None or limit is None or temperature < limit - CLOSE:
        return ""
    return "bad" if temperature >= limit else "warn"


def link_text(card: Card) -> str:
    """How the card is connected, as far as that is told."""
    generation = card.value(Metric.PCIE_GENERATION)
    width = card.value(Metric.PCIE_WIDTH)
    if generation is None or width is None:
        return ""
    return f"PCIe {generation:.0f}.0 ×{width:.0f}"


def _short(name: str) -> str:
    """Without the maker and the brand, which tell no card from another."""
    return name.removeprefix("NVIDIA ").removeprefix("GeForce ") or _("GPU")


def _part(part: Mig, card: str) -> MigPart:
    """Its name without that of its card, which stands above."""
    return MigPart(
        uuid=part.uuid,
        name=part.name.removeprefix(card).strip() or "MIG",
        used=MISSING if part.memory_used is None else size(part.memory_used),
        total=MISSING if part.memory_total is None else size(part.memory_total),
    )


def _troubles(card: Card) -> list[str]:
    """What is wrong with a card that answers, in words."""
    found = []
    if errors := card.value(Metric.ECC_UNCORRECTED):
        words = _("memory errors that could not be corrected: %(count)s")
        found.append(words % {"count": number(errors)})
    if failed := card.value(Metric.ROWS_FAILED):
        words = _("broken memory that could not be replaced: %(count)s")
        found.append(words % {"count": number(failed)})
    codes = dict.fromkeys(each.code for each in card.xids)
    if codes:
        words = ngettext(
            "driver error Xid %(codes)s", "driver errors Xid %(codes)s", len(codes)
        )
        found.append(words % {"codes": ", ".join(map(str, codes))})
    return found


def _notes(card: Card) -> list[str]:
    """What one should know of how its numbers came about."""
    found = []
    if card.shared:
        found.append(_("its memory is that of the host, shared with the processor"))
    if card.processes is None and card.processes_reason:
        why = reason_text(card.processes_reason)
        found.append(_("Who takes its memory is not known. %(why)s") % {"why": why})
    return found


def has_nameless(card: Card) -> bool:
    """Whether a process on it is one that the agent of its host cannot look at."""
    return any(not each.name for each in card.processes or ())
