"""A host as a section of the status page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.status.amounts import age
from dashboard.status.cards import CardRow, card_row, has_nameless, is_sick
from dashboard.status.cells import Cell, cell_of
from dashboard.status.lines import path_of, places_of
from dashboard.status.words import unheard_text
from models_app.gpu.metrics import DriverState, HostMetric
from models_app.gpu.samples import Host, NodeSample
from models_app.models import Gpu
from models_app.nodes.drivers import driver_text
from models_app.nodes.queries import Line, NodeNow, NodeState
from models_app.nodes.tenants import Tenant

Split = Mapping[str, Sequence[Tenant]]
Note = Callable[[Tenant], str]
HERE = (NodeState.LIVE, NodeState.LATE)
"""Of a host in another state, what was told last is not what is now."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of something a host uses, for a meter; `share` is in percent."""

    share: float | None

    @property
    def level(self) -> str:
        """What a `<meter>` is given as its value."""
        return f"{self.share or 0:.0f}"


@dataclass(frozen=True, slots=True)
class HostPanel:
    """A host: what its agent says, its cards, and the figures of the machine.

    `age` is in seconds, `interval` what the host promised until its next sample.
    """

    pk: int
    name: str
    state: NodeState
    age: float | None
    interval: float
    driver: str
    facts: list[str]
    clock: str
    troubles: list[str]
    notes: list[str]
    cards: list[CardRow]
    cells: dict[str, Cell]
    cpu: Gauge
    memory: Gauge
    disk: Gauge
    system: str
    models_folder: str
    heard: bool
    troubled: bool

    @property
    def is_here(self) -> bool:
        """Whether what it says is of now."""
        return self.state in HERE

    @property
    def memory_used(self) -> float | None:
        total, free = (
            self.cells[name].value for name in ("memory_total", "memory_available")
        )
        return None if total is None or free is None else total - free

    @property
    def age_text(self) -> str:
        return "" if self.age is None else age(self.age)


def host_panel(
    node: NodeNow,
    *,
    gpus: Mapping[str, Gpu],
    split: Split,
    note: Note,
    lines: Mapping[str, Line],
) -> HostPanel:
    sample = node.sample
    host = sample.host if sample else Host()
    return HostPanel(
        pk=node.pk,
        name=node.name,
        state=node.state,
        age=node.age,
        interval=sample.interval if sample else 1.0,
        driver=sample.driver if sample else DriverState.OK,
        facts=_facts(sample) if sample else [],
        clock=_clock(node.clock_off),
        troubles=_troubles(node),
        notes=_notes(sample) if sample else [],
        cards=_cards(sample, gpus=gpus, split=split, note=note, lines=lines),
        cells={
            str(name): cell_of(name, host.values, host.reasons)
            for name in HostMetric
            if name != HostMetric.TEMPERATURE or name in host.values
        },
        cpu=Gauge(host.value(HostMetric.CPU)),
        memory=_gauge(host, HostMetric.MEMORY_TOTAL, HostMetric.MEMORY_AVAILABLE),
        disk=_gauge(host, HostMetric.DISK_TOTAL, HostMetric.DISK_FREE),
        system=host.system,
        models_folder=host.models_folder,
        heard=sample is not None,
        troubled=is_troubled(node),
    )


@dataclass(frozen=True, slots=True)
class Troubled:
    """How many of all hosts are in trouble."""

    count: int
    hosts: int


def troubled_of(nodes: Sequence[NodeNow]) -> Troubled:
    return Troubled(sum(map(is_troubled, nodes)), len(nodes))


def is_troubled(node: NodeNow) -> bool:
    """Whether it says nothing, or somebody should look after it or after one of its cards."""
    cards = node.sample.cards if node.sample else ()
    return node.state not in HERE or bool(_troubles(node)) or any(map(is_sick, cards))


def _cards(
    sample: NodeSample | None,
    *,
    gpus: Mapping[str, Gpu],
    split: Split,
    note: Note,
    lines: Mapping[str, Line],
) -> list[CardRow]:
    cards = sorted(sample.cards, key=lambda each: each.index) if sample else []
    rows = []
    for card in cards:
        tenants, line = split.get(card.uuid, ()), lines.get(card.uuid)
        row = card_row(
            card,
            row=gpus.get(card.uuid),
            tenants=tenants,
            tenant_notes=[note(each) for each in tenants],
            line=path_of(places_of(line.util)) if line else "",
        )
        rows.append(row)
    return rows


def _facts(sample: NodeSample) -> list[str]:
    found = []
    if sample.driver_version:
        found.append(_("driver %(version)s") % {"version": sample.driver_version})
    if sample.cuda_version:
        found.append(f"CUDA {sample.cuda_version}")
    count = len(sample.cards)
    if count:
        found.append(
            _("1 GPU") if count == 1 else _("%(count)s GPUs") % {"count": count}
        )
    elif sample.driver in (DriverState.OK, DriverState.NO_NVIDIA):
        found.append(_("no GPU"))
    return found


def _clock(off: float | None) -> str:
    """`off` is what the host's clock lacks to ours."""
    if off is None:
        return ""
    words = _("clock %(time)s slow") if off > 0 else _("clock %(time)s fast")
    return words % {"time": age(abs(off))}


def _troubles(node: NodeNow) -> list[str]:
    driver = driver_text(node.sample.driver) if node.sample else ""
    return [each for each in (unheard_text(node), driver, node.trouble) if each]


def _notes(sample: NodeSample) -> list[str]:
    """What one should know of how its numbers came about."""
    if not any(map(has_nameless, sample.cards)):
        return []
    return [
        _(
            "Some processes have no name here, for the agent on that host cannot see them. "
            "In a container it needs “pid: host”; else have it run as the user of the "
            "model servers."
        )
    ]


def _gauge(host: Host, total: HostMetric, free: HostMetric) -> Gauge:
    whole, left = host.value(total), host.value(free)
    if not whole or left is None:
        return Gauge(None)
    return Gauge(100 * (whole - left) / whole)
