"""The graphics of an Apple processor, by what its system programs say."""

from collections.abc import Sequence

import psutil

from models_app.gpu.apple import ACCELERATOR, LIMIT, AppleCards
from models_app.gpu.metrics import Metric

GIB = 2**30
SAID = """\
+-o AGXAcceleratorG15X  <class AGXAcceleratorG15X, id 0x1000003b2, registered>
    {
      "IOClass" = "AGXAcceleratorG15X"
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=9663676416,"Tiler Utilization %"=40,"recoveryCount"=0,"Renderer Utilization %"=41,"Device Utilization %"=42,"In use system memory"=6442450944}
      "gpu-core-count" = 40
    }
"""


def answering(accelerator: str, limit: str) -> AppleCards:
    def ask(command: Sequence[str]) -> str:
        answers = {ACCELERATOR: accelerator, LIMIT: limit}
        return answers.get(tuple(command), "Apple M3 Max\n")

    cards = AppleCards(node="studio", ask=ask)
    cards.look(0)
    return cards


def test_an_apple_processor_shares_memory_up_to_its_limit() -> None:
    (card,) = answering(SAID, "49152\n").reading.cards

    assert (card.name, card.uuid, card.shared) == (
        "Apple M3 Max",
        "APPLE-studio",
        True,
    )
    assert card.values == {
        Metric.UTIL: 42,
        Metric.MEMORY_USED: 6 * GIB,
        Metric.MEMORY_TOTAL: 48 * GIB,
    }


def test_without_a_limit_of_one_s_own_it_is_all_of_memory() -> None:
    (card,) = answering(SAID, "0\n").reading.cards

    assert card.value(Metric.MEMORY_TOTAL) == psutil.virtual_memory().total


def test_a_system_that_says_nothing_leaves_cells_blank() -> None:
    (card,) = answering("", "").reading.cards

    assert set(card.values) == {Metric.MEMORY_TOTAL}
    assert Metric.UTIL in card.reasons
