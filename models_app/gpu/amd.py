"""Reading AMD's cards from the files of their Linux driver: no library, no rights."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from models_app.gpu.amd_library import AmdLibrary
from models_app.gpu.metrics import RANGES, DriverState, Metric, Reason
from models_app.gpu.reading import Reading
from models_app.gpu.samples import Card
from models_app.gpu.words import clean_identifier, clean_name

CARDS = Path("/sys/class/drm")
AMD = "0x1002"
MICRO, MILLI = 1e-6, 1e-3
HERTZ_TO_MEGAHERTZ = 1e-6
FULL_PWM = 255
REVISIONS_OF_SHARED = (2, 3)
"""Of the table that the driver keeps in `gpu_metrics`: those of processors with graphics,
whose cards have a share of main memory for their own."""
REVISION_AT = 2


class AmdCards:
    """Looks at every card that the driver shows; `library` adds what files do not tell."""

    def __init__(
        self,
        *,
        node: str,
        root: Path = CARDS,
        library: AmdLibrary | None = None,
    ) -> None:
        self.reading = Reading()
        self._node, self._root, self._library = node, root, library

    def look(self, now: float) -> None:
        cards = tuple(
            self._card(index, device)
            for index, device in enumerate(devices(self._root))
        )
        self.reading = Reading(
            driver=DriverState.OK if cards else DriverState.NO_NVIDIA,
            driver_version="amdgpu" if cards else "",
            cards=cards,
            fresh=frozenset(card.uuid for card in cards),
        )

    def _card(self, index: int, device: Path) -> Card:
        values = dict(read_values(device))
        lacking = [metric for metric in Metric if metric not in values]
        bus = device.resolve().name
        more = self._library.card(bus) if self._library else None
        return Card(
            uuid=clean_identifier(
                f"AMD-{_text(device / 'unique_id') or self._own(bus)}"
            ),
            index=index,
            name=clean_name((more and more.name) or name_of(device)),
            vendor="amd",
            values=values,
            reasons=dict.fromkeys(lacking, Reason.NOT_SUPPORTED),
            processes=more.processes if more else None,
            processes_reason=None if more else Reason.NOT_SUPPORTED,
            shared=is_shared(device),
        )

    def _own(self, bus: str) -> str:
        """Where a card has no number of its own, its place on this host."""
        return f"{self._node}-{bus}"


def devices(root: Path) -> list[Path]:
    """The folders of AMD's cards, in the driver's order; outputs of cards are none."""
    try:
        cards = [each for each in root.glob("card*") if each.name[4:].isdigit()]
    except OSError:
        return []
    cards.sort(key=lambda card: int(card.name[4:]))
    found = (card / "device" for card in cards)
    return [device for device in found if _text(device / "vendor") == AMD]


def name_of(device: Path) -> str:
    return _text(device / "product_name") or f"AMD GPU {_text(device / 'device')}"


def is_shared(device: Path) -> bool:
    """Whether its memory is a part of the host's."""
    try:
        table = (device / "gpu_metrics").read_bytes()[: REVISION_AT + 1]
    except OSError:
        return False
    return len(table) > REVISION_AT and table[REVISION_AT] in REVISIONS_OF_SHARED


def read_values(device: Path) -> Iterator[tuple[Metric, float]]:
    """What the files say that is plausible."""
    sensors = next(iter(sorted(device.glob("hwmon/hwmon*"))), device / "hwmon")
    for metric, value in _read(device, sensors).items():
        if value is not None and RANGES[metric].has(value):
            yield metric, value


def _read(device: Path, sensors: Path) -> Mapping[Metric, float | None]:
    return {
        Metric.UTIL: _number(device / "gpu_busy_percent"),
        Metric.CONTROLLER: _number(device / "mem_busy_percent"),
        Metric.MEMORY_TOTAL: _memory(device, "total"),
        Metric.MEMORY_USED: _memory(device, "used"),
        Metric.TEMPERATURE: _number(sensors / "temp1_input", MILLI),
        Metric.TEMPERATURE_LIMIT: _number(sensors / "temp1_crit", MILLI),
        Metric.MEMORY_TEMPERATURE: _labelled(sensors, "mem"),
        Metric.POWER: _first(
            _number(sensors / "power1_average", MICRO),
            _number(sensors / "power1_input", MICRO),
        ),
        Metric.POWER_LIMIT: _number(sensors / "power1_cap", MICRO),
        Metric.ENERGY: _number(sensors / "energy1_input", MICRO),
        Metric.SM_CLOCK: _number(sensors / "freq1_input", HERTZ_TO_MEGAHERTZ),
        Metric.MEMORY_CLOCK: _number(sensors / "freq2_input", HERTZ_TO_MEGAHERTZ),
        Metric.FAN: _number(sensors / "pwm1", 100 / FULL_PWM),
        Metric.PCIE_WIDTH: _number(device / "current_link_width"),
    }


def _memory(device: Path, which: str) -> float | None:
    """Where it is shared, what the firmware set apart and what else the card may take."""
    own = _number(device / f"mem_info_vram_{which}")
    lent = _number(device / f"mem_info_gtt_{which}") if is_shared(device) else 0
    return None if own is None else own + (lent or 0)


def _labelled(sensors: Path, label: str) -> float | None:
    """The temperature that the driver calls so."""
    for file in sorted(sensors.glob("temp*_label")):
        if _text(file) == label:
            return _number(file.with_name(file.name.replace("_label", "_input")), MILLI)
    return None


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _number(file: Path, scale: float = 1) -> float | None:
    try:
        return float(_text(file)) * scale
    except ValueError:
        return None


def _text(file: Path) -> str:
    """What the file says; a card that sleeps, or lacks it, says nothing."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
