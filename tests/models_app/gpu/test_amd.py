"""AMD's cards, by a made-up tree of the files that their driver shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models_app.gpu.amd import AmdCards
from models_app.gpu.amd_library import AmdLibrary
from models_app.gpu.metrics import DriverState, Metric, Reason
from models_app.gpu.nvml.cards import plainly

GIB = 2**30
DISCRETE = {
    "vendor": "0x1002",
    "device": "0x744c",
    "unique_id": "a1b2c3d4e5f60718",
    "gpu_busy_percent": "37",
    "mem_busy_percent": "12",
    "mem_info_vram_total": str(24 * GIB),
    "mem_info_vram_used": str(5 * GIB),
    "mem_info_gtt_total": str(32 * GIB),
    "mem_info_gtt_used": str(GIB),
    "hwmon/hwmon3/power1_average": "212000000",
    "hwmon/hwmon3/power1_cap": "303000000",
    "hwmon/hwmon3/temp1_input": "61000",
    "hwmon/hwmon3/temp1_crit": "100000",
    "hwmon/hwmon3/temp3_label": "mem",
    "hwmon/hwmon3/temp3_input": "78000",
    "hwmon/hwmon3/freq1_input": "2304000000",
    "hwmon/hwmon3/pwm1": "51",
}


def make_card(
    root: Path, files: Mapping[str, str], *, number: int = 0, revision: int = 1
) -> None:
    device = root / f"card{number}" / "device"
    for name, text in files.items():
        (device / name).parent.mkdir(parents=True, exist_ok=True)
        (device / name).write_text(f"{text}\n")
    (device / "gpu_metrics").write_bytes(bytes([120, 0, revision, 3, 0, 0]))
    (root / f"card{number}-DP-1").mkdir()


def test_a_card_is_read_from_its_files(tmp_path: Path) -> None:
    make_card(tmp_path, DISCRETE)
    cards = AmdCards(node="here", root=tmp_path)

    cards.look(0)

    (card,) = cards.reading.cards
    assert (card.uuid, card.vendor) == ("AMD-a1b2c3d4e5f60718", "amd")
    assert card.values == {
        Metric.UTIL: 37,
        Metric.CONTROLLER: 12,
        Metric.MEMORY_TOTAL: 24 * GIB,
        Metric.MEMORY_USED: 5 * GIB,
        Metric.POWER: pytest.approx(212),
        Metric.POWER_LIMIT: pytest.approx(303),
        Metric.TEMPERATURE: pytest.approx(61),
        Metric.TEMPERATURE_LIMIT: pytest.approx(100),
        Metric.MEMORY_TEMPERATURE: pytest.approx(78),
        Metric.SM_CLOCK: pytest.approx(2304),
        Metric.FAN: pytest.approx(20),
    }
    assert card.reasons[Metric.ENERGY] == Reason.NOT_SUPPORTED


def test_graphics_of_a_processor_have_what_is_set_apart_and_what_is_lent(
    tmp_path: Path,
) -> None:
    make_card(tmp_path, DISCRETE, revision=3)
    cards = AmdCards(node="here", root=tmp_path)

    cards.look(0)

    (card,) = cards.reading.cards
    assert card.shared
    assert card.value(Metric.MEMORY_TOTAL) == 56 * GIB
    assert card.value(Metric.MEMORY_USED) == 6 * GIB


def test_a_file_that_says_nonsense_blanks_its_own_cell(tmp_path: Path) -> None:
    files = {**DISCRETE, "gpu_busy_percent": "busy", "mem_busy_percent": "4000"}
    make_card(tmp_path, files)
    cards = AmdCards(node="here", root=tmp_path)

    cards.look(0)

    (card,) = cards.reading.cards
    assert card.value(Metric.UTIL) is card.value(Metric.CONTROLLER) is None
    assert card.value(Metric.MEMORY_USED) == 5 * GIB


def test_cards_of_other_makers_are_not_amd_s(tmp_path: Path) -> None:
    make_card(tmp_path, {**DISCRETE, "vendor": "0x10de"})
    cards = AmdCards(node="here", root=tmp_path)

    cards.look(0)

    assert cards.reading.cards == ()
    assert cards.reading.driver == DriverState.NO_NVIDIA


def test_a_host_without_such_files_has_no_card(tmp_path: Path) -> None:
    cards = AmdCards(node="here", root=tmp_path / "nowhere")

    cards.look(0)

    assert cards.reading.cards == ()


class Library:
    """What `amdsmi` answers, in the forms that its documentation shows."""

    def amdsmi_init(self) -> None: ...

    def amdsmi_get_processor_handles(self) -> list[str]:
        return ["handle"]

    def amdsmi_get_gpu_device_bdf(self, handle: str) -> str:
        return "DEVICE"

    def amdsmi_get_gpu_asic_info(self, handle: str) -> dict[str, Any]:
        return {"market_name": "Radeon RX 7900 XTX"}

    def amdsmi_get_gpu_process_list(self, handle: str) -> list[dict[str, Any]]:
        return [
            {"pid": 7, "mem": GIB},
            {"pid": 8, "mem": "N/A", "memory_usage": {"vram_mem": 2 * GIB}},
            {"pid": "N/A"},
        ]


def test_the_library_adds_a_name_and_processes(tmp_path: Path) -> None:
    make_card(tmp_path, DISCRETE)
    library = AmdLibrary(Library(), describe=plainly, clock=lambda: 0)
    cards = AmdCards(node="here", root=tmp_path, library=library)

    cards.look(0)

    (card,) = cards.reading.cards
    assert card.name == "Radeon RX 7900 XTX"
    assert [(each.pid, each.memory) for each in card.processes or ()] == [
        (8, 2 * GIB),
        (7, GIB),
    ]


def test_a_library_that_fails_takes_nothing_away(tmp_path: Path) -> None:
    make_card(tmp_path, DISCRETE)
    library = AmdLibrary(object(), describe=plainly, clock=lambda: 0)
    cards = AmdCards(node="here", root=tmp_path, library=library)

    cards.look(0)

    assert cards.reading.cards[0].value(Metric.UTIL) == 37
