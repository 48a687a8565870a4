"""Nothing is lost and nothing doubled, whatever dies while people write."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.faults.compare import differences
from tests.faults.kept import failures_in, kept_in
from tests.faults.scene import set_scene
from tests.faults.story import Story
from tests.house import opened

SECONDS = float(os.environ.get("PADDOCK_FAULT_SECONDS", "600"))
SEED = int(os.environ.get("PADDOCK_FAULT_SEED", "0")) or random.randrange(1, 10**6)


@pytest.mark.up
def test_one_fault_of_each_kind_loses_nothing_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    told = differences_after(tmp_path_factory, seconds=0, pause=(0.1, 0.6))

    assert told == [], "\n".join(told)


@pytest.mark.faults
def test_minutes_of_faults_lose_nothing_and_double_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    told = differences_after(tmp_path_factory, seconds=SECONDS, pause=(2, 8))

    assert told == [], "\n".join(told)


def differences_after(
    folders: pytest.TempPathFactory, *, seconds: float, pause: tuple[float, float]
) -> list[str]:
    """Let it all happen once, on the real engine, and compare."""
    pytest.importorskip("xllamacpp")
    data: Path = folders.mktemp("faults")
    print(f"seed: {SEED} (PADDOCK_FAULT_SEED)")
    with opened(data, PADDOCK_ENGINE="on") as house:
        story = Story(house, set_scene(house), seed=SEED)
        views = asyncio.run(story.tell(seconds=seconds, pause=pause))
        kept = kept_in(data)
    print("\n".join([*story.ledger.summary(), *failures_in(data)]))
    for status in ("said", "done", "stopped", "interrupted", "failed"):
        print(f"rows {status}: {sum(each.status == status for each in kept)}")
    return differences(story.ledger, kept, views)
