"""Reading the progress of pulls and creates, as Ollama once told it."""

import json
from dataclasses import dataclass

import pytest

from models_app.adapters.base import PullStep
from models_app.adapters.lines import Garbled
from models_app.adapters.ollama_pull import ProgressReader
from models_app.adapters.pull_failures import PullFailed
from models_app.adapters.stream import NONSENSE
from tests.fakes.pulling import layers_in
from tests.recordings import recorded

SMOL, SMOL_SIZE = (
    "sha256:941f309b54caaad6747569ba43712bcde44a2be3bae16c3282ff499c37c54af5",
    98_362_432,
)
WHOLE = [
    "real-ollama-pull.ndjson",
    "real-ollama-pull-cached.ndjson",
    "real-ollama-pull-resume.ndjson",
    "real-ollama-pull-update.ndjson",
    "real-ollama-pull-cut-and-retried.ndjson",
    "real-ollama-create.ndjson",
    "ollama-pull.ndjson",
    "ollama-pull-cached.ndjson",
    "ollama-pull-resume.ndjson",
    "ollama-pull-safetensors.ndjson",
    "ollama-create.ndjson",
    "ollama-create-quantize.ndjson",
]
FAILED = {
    "real-ollama-pull-digest-mismatch.ndjson": "digest mismatch, file must be",
    "real-ollama-pull-registry-error.ndjson": "max retries exceeded: EOF",
    "ollama-pull-notfound.ndjson": "pull model manifest: file does not exist",
    "ollama-pull-midstream-error.ndjson": "no such host",
}
LAST = {
    "real-ollama-pull.ndjson": (SMOL, 97_058_816),
    "real-ollama-pull-cached.ndjson": (SMOL, SMOL_SIZE),
    "real-ollama-pull-resume.ndjson": (SMOL, 98_238_464),
    "real-ollama-pull-cut-and-retried.ndjson": (SMOL, 97_779_712),
    "ollama-pull-safetensors.ndjson": ("sha256:model", 4_100_000_000),
    "ollama-create-quantize.ndjson": ("0" * 19, 2_471_645_608),
}


@dataclass(frozen=True, slots=True)
class Read:
    """The steps, and how it ended."""

    steps: tuple[PullStep, ...]
    failure: str = ""


def read(*pieces: bytes) -> Read:
    """What a reader makes of these pieces and their end."""
    reader, steps = ProgressReader(), list[PullStep]()
    try:
        for piece in (*pieces, b""):
            if not reader.finished:
                steps += reader.feed(piece)
    except (PullFailed, Garbled, *NONSENSE) as failed:
        return Read((*steps,), str(failed) or "failed")
    return Read((*steps,))


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


@pytest.mark.parametrize("name", WHOLE)
def test_a_stream_that_says_success_is_whole(name: str) -> None:
    found = read(recorded(name))

    assert not found.failure
    assert found.steps[-1] == PullStep("success")
    assert len(found.steps) == recorded(name).count(b"\n")


@pytest.mark.parametrize(("name", "words"), FAILED.items())
def test_an_error_line_comes_after_the_steps_before_it(name: str, words: str) -> None:
    found = read(recorded(name))

    assert words in found.failure
    assert len(found.steps) == recorded(name).count(b"\n") - 1


@pytest.mark.parametrize(("name", "last"), LAST.items())
def test_the_last_word_on_a_layer_is_kept_though_it_lies_below_the_total(
    name: str, last: tuple[str, int]
) -> None:
    layer, completed = last

    assert layers_in([*read(recorded(name)).steps])[layer][1] == completed


@pytest.mark.parametrize("name", [*WHOLE, *FAILED])
def test_the_steps_are_the_same_wherever_a_stream_is_cut(name: str) -> None:
    stream = recorded(name)[-3000:]
    stream = stream[stream.index(b"{") :]
    whole = read(stream)

    for cut in range(1, len(stream)):
        assert read(stream[:cut], stream[cut:]) == whole


@pytest.mark.parametrize("name", [*WHOLE, *FAILED])
def test_a_stream_may_come_byte_by_byte(name: str) -> None:
    stream = recorded(name)

    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


@pytest.mark.parametrize("name", WHOLE)
def test_a_stream_that_ends_anywhere_before_its_last_word_is_a_failure(
    name: str,
) -> None:
    stream = recorded(name).rstrip(b"\n")
    ends = range(max(len(stream) - 2000, 0), len(stream))

    for end in ends:
        assert read(stream[:end]).failure == "the stream ended early"
    assert not read(stream).failure


def test_a_stream_that_a_client_hung_up_on_is_not_whole() -> None:
    found = read(recorded("real-ollama-pull-hangup.ndjson"))

    assert found.failure == "the stream ended early"
    assert layers_in([*found.steps]) == {SMOL: (SMOL_SIZE, 60_882_944)}


def test_bytes_that_are_not_told_yet_are_none() -> None:
    (step, *_) = read(line(status="pulling a", digest="a", total=7)).steps

    assert (step.total, step.completed) == (7, 0)


def test_a_step_about_no_layer_has_no_bytes() -> None:
    assert read(line(status="writing manifest")).steps == (
        PullStep("writing manifest"),
    )


def test_progress_may_fall_and_is_told_as_it_is() -> None:
    stream = [line(status="p", digest="a", total=9, completed=n) for n in (5, 3, 8)]

    assert [each.completed for each in read(*stream).steps] == [5, 3, 8]


@pytest.mark.parametrize("amount", [None, "7", 1.5, True, [], -3])
def test_an_amount_that_is_none_is_no_accident(amount: object) -> None:
    (step,) = read(line(status="p", digest="a", total=amount)).steps

    assert step.total in (None, 0)


@pytest.mark.parametrize("garbage", [b"[1]\n", b"{}\n", b"7\n", b"<html>\n", b"{\n"])
def test_a_line_that_says_nothing_ends_it(garbage: bytes) -> None:
    found = read(line(status="pulling manifest") + garbage + line(status="success"))

    assert found.failure
    assert len(found.steps) == 1


def test_what_follows_success_is_not_read() -> None:
    assert not read(line(status="success") + b"nonsense\n").failure


def test_a_word_that_no_database_takes_is_made_fit() -> None:
    (step,) = read(line(status="a\0b", digest="\ud800")).steps

    assert (step.said, step.layer) == ("ab", "?")
