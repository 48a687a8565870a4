"""What a server's steps come to, over what real and lying servers say."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.adapters.base import PullStep
from models_app.progress import MOST_LAYERS, Layer, Progress, Standing
from tests.fakes.scripted import layer

RECORDINGS = Path(__file__).parent.parent / "recordings"


def after(*steps: PullStep, seconds: float = 1.0) -> Progress:
    """The progress after these steps, so many seconds apart."""
    progress = Progress(moved_at=0.0)
    for number, step in enumerate(steps):
        progress.take(step, now=number * seconds)
        progress.standing(now=number * seconds)
    return progress


def sums(standing: Standing) -> tuple[int, int | None]:
    return standing.done, standing.total


def test_the_whole_is_the_sum_of_its_layers() -> None:
    progress = after(layer(10), layer(30), layer(5, 50, "b"))

    assert sums(progress.standing(now=3)) == (35, 150)


def test_before_the_first_layer_nothing_is_known() -> None:
    standing = after(PullStep("pulling manifest")).standing(now=1)

    assert sums(standing) == (0, None)
    assert standing.said == "pulling manifest"


def test_a_layer_without_a_count_has_nothing_yet_or_what_it_had() -> None:
    assert sums(after(layer(None)).standing(now=1)) == (0, 100)
    assert sums(after(layer(40), layer(None)).standing(now=1)) == (40, 100)


def test_a_layer_of_unknown_size_leaves_the_whole_unknown() -> None:
    assert sums(after(layer(40), layer(7, None, "b")).standing(now=1)) == (47, None)


def test_a_layer_may_fall_and_is_never_more_than_whole() -> None:
    assert sums(after(layer(90), layer(20)).standing(now=1)) == (20, 100)
    assert sums(after(layer(101)).standing(now=1)) == (100, 100)
    assert sums(after(layer(-5, -1)).standing(now=1)) == (0, 0)


def test_a_step_without_a_layer_after_the_layers_means_that_all_bytes_are_there() -> (
    None
):
    progress = after(layer(97), PullStep("verifying sha256 digest"))

    assert progress.settling
    assert sums(progress.standing(now=2)) == (100, 100)
    progress.take(layer(10), now=3)
    assert sums(progress.standing(now=3)) == (10, 100)


def test_what_was_there_at_the_first_look_is_no_speed() -> None:
    progress = after(layer(90), layer(92), layer(94))

    assert progress.standing(now=3).speed == 1


def test_there_is_no_speed_before_a_second_has_passed() -> None:
    assert after(layer(0), layer(50), seconds=0.5).standing(now=0.5).speed is None


def test_the_speed_is_that_of_the_last_seconds_and_ends_in_nothing() -> None:
    progress = after(*(layer(each * 2) for each in range(11)))

    assert progress.standing(now=10).speed == 2
    for now in range(11, 30):
        speed = progress.standing(now=now).speed
    assert speed == 0


def test_lines_that_say_nothing_new_do_not_count_as_movement() -> None:
    progress = after(*[layer(50)] * 60)

    assert progress.idle_for(now=60) == 60
    progress.take(layer(51), now=60)
    assert progress.idle_for(now=60) == 0


def test_a_new_byte_makes_up_for_the_times_it_was_asked_again() -> None:
    progress = after(layer(50))
    progress.ask_again(now=60)
    progress.take(PullStep("pulling manifest"), now=61)
    progress.take(layer(50), now=61)
    assert (progress.retries, progress.fruitless) == (1, 1)

    progress.take(layer(51), now=62)

    assert (progress.retries, progress.fruitless) == (1, 0)


def test_a_server_that_names_layers_without_end_fills_no_memory() -> None:
    progress = after(*(layer(1, 1, str(each)) for each in range(MOST_LAYERS + 50)))

    assert len(progress.standing(now=1).layers) == MOST_LAYERS


def test_bytes_without_a_name_are_those_of_the_layer_that_is_named_later() -> None:
    progress = after(layer(5, None, ""), layer(7, 100, "b"))

    assert sums(progress.standing(now=2)) == (7, 100)


def test_no_text_of_a_server_is_too_much_for_a_row() -> None:
    standing = after(PullStep("x\0" * 900, "b" * 900, 1, 1, "j" * 900)).standing(now=1)

    assert max(map(len, (standing.said, standing.job, standing.layers[0].name))) == 200
    assert "\0" not in standing.said


def test_the_job_of_a_download_is_kept_until_there_is_another() -> None:
    progress = after(PullStep("downloading", job="job_1"), layer(1))

    assert progress.standing(now=1).job == "job_1"


def steps_of(name: str) -> list[PullStep]:
    """A recording of Ollama's as its adapter tells it."""
    lines = map(json.loads, (RECORDINGS / name).read_text().splitlines())
    return [
        PullStep(
            each["status"],
            each.get("digest", ""),
            each.get("total"),
            each.get("completed"),
        )
        for each in lines
    ]


@pytest.mark.parametrize(
    "name",
    [
        "real-ollama-pull.ndjson",
        "real-ollama-pull-resume.ndjson",
        "real-ollama-pull-cached.ndjson",
        "real-ollama-pull-cut-and-retried.ndjson",
        "ollama-pull.ndjson",
        "ollama-pull-resume.ndjson",
    ],
)
def test_a_real_pull_ends_whole(name: str) -> None:
    standing = after(*steps_of(name), seconds=0.06).standing(now=1)

    assert standing.total
    assert standing.done == standing.total


numbers = st.none() | st.integers(-(2**70), 2**70)
names = st.sampled_from(["", "a", "b", "c"])
pull_steps = st.builds(PullStep, st.text(max_size=5), names, numbers, numbers)


@given(st.lists(st.tuples(pull_steps, st.floats(0, 30))))
def test_whatever_a_server_says_the_numbers_can_be_shown(
    story: list[tuple[PullStep, float]],
) -> None:
    progress, now = Progress(moved_at=0.0), 0.0
    for step, pause in story:
        now += pause
        progress.take(step, now=now)
        standing = progress.standing(now=now)
        assert 0 <= standing.done < 2**53
        assert standing.total is None or standing.done <= standing.total
        assert standing.speed is None or 0 <= standing.speed < 2**53
        assert standing.whole().total == standing.total


@given(st.lists(pull_steps, min_size=1), st.integers(0, 50))
def test_saying_it_all_again_changes_nothing(steps: list[PullStep], cut: int) -> None:
    once, twice = after(*steps), after(*steps[:cut], *steps)

    assert set(once.layers.values()) == set(twice.layers.values()) or any(
        None in (each.total, each.completed) for each in steps
    )


def test_a_whole_standing_keeps_what_has_no_size() -> None:
    assert Standing(layers=(Layer("a", None, 7),)).whole().done == 7


def test_silence_is_told_after_a_while_and_goes_on_through_new_questions() -> None:
    progress = Progress(moved_at=0.0)
    progress.take(PullStep("pulling", "a", 100, 50), now=1.0)

    assert progress.standing(now=5.0).idle == 0
    progress.ask_again(now=61.0)
    progress.take(PullStep("pulling manifest"), now=62.0)
    progress.take(PullStep("pulling", "a", 100, 50), now=62.0)
    standing = progress.standing(now=71.5)

    assert (standing.idle, standing.fruitless) == (70, 1)
    progress.take(PullStep("pulling", "a", 100, 60), now=72.0)
    assert progress.standing(now=72.5).idle == 0


def test_a_server_that_settles_is_not_called_idle() -> None:
    progress = Progress(moved_at=0.0)
    progress.take(PullStep("pulling", "a", 100, 100), now=1.0)
    progress.take(PullStep("verifying sha256 digest"), now=2.0)

    assert progress.standing(now=90.0).idle == 0
