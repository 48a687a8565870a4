"""What the words of a pull that failed mean."""

import json

import httpx
import pytest

from dashboard.errors import (
    BackendBusy,
    BackendError,
    BackendLocked,
    BackendRefused,
    DashboardError,
    DiskFull,
    NothingToPull,
    PullError,
    ServerTooOld,
    SourceRefused,
    SourceUnreachable,
    WrongBytes,
)
from models_app.adapters.base import NewModel
from models_app.adapters.pull_failures import (
    PullFailed,
    create_errors,
    known_failure,
    pull_errors,
)
from models_app.adapters.stream import refusal
from tests.recordings import recorded, recorded_case

ERRORS = "real-ollama-errors.json"
SAID = [
    ("pull, not found", NothingToPull, "file does not exist"),
    ("pull, registry not there", SourceUnreachable, "connection refused"),
    ("pull, registry answers 500", SourceUnreachable, "made to fail"),
    ("pull, registry answers 412", ServerTooOld, "made to fail"),
    ("pull, registry answers 401 without a challenge", SourceRefused, "realm host"),
]
STREAMS = [
    ("real-ollama-pull-digest-mismatch.ndjson", WrongBytes),
    ("real-ollama-pull-registry-error.ndjson", SourceUnreachable),
    ("ollama-pull-notfound.ndjson", NothingToPull),
    ("ollama-pull-midstream-error.ndjson", SourceUnreachable),
]
BLOB = "/usr/share/ollama/.ollama/models/blobs/sha256-" + "a" * 64
HEARD = [
    (f"write {BLOB}-partial: no space left on device", DiskFull),
    ("There is not enough space on the disk.", DiskFull),
    ('pull model manifest: 401: {"error":"Invalid username"}', SourceRefused),
    ('pull model manifest: 400: {"error":"Repository is not GGUF"}', SourceRefused),
    ("pull model manifest: Get x: net/http: TLS handshake timeout", SourceUnreachable),
    ("model validation failed, unable to download", NothingToPull),
]


def error_line(stream: bytes) -> str:
    return str(json.loads(stream.splitlines()[-1])["error"])


@pytest.mark.parametrize(("case", "error", "words"), SAID)
def test_what_ollama_was_heard_to_say_of_a_registry_is_understood(
    case: str, error: type[PullError], words: str
) -> None:
    told = recorded_case(ERRORS, case)["body_lines"][-1]["error"]
    known = known_failure(told, server="gpu-01", name="tiny")

    assert type(known) is error
    assert words in str(known.facts["detail"])
    assert not set(str(known.facts["detail"])) & {"{", "}"}


@pytest.mark.parametrize(("name", "error"), STREAMS)
def test_what_ended_a_recorded_pull_is_understood(
    name: str, error: type[PullError]
) -> None:
    words = error_line(recorded(name))

    assert type(known_failure(words, server="gpu-01", name="tiny")) is error


@pytest.mark.parametrize(("words", "error"), HEARD)
def test_other_words_are_understood_too(words: str, error: type[PullError]) -> None:
    assert type(known_failure(words, server="gpu-01", name="tiny")) is error


def test_words_never_heard_before_are_passed_on() -> None:
    with pytest.raises(PullError) as got, pull_errors("gpu-01", "tiny"):
        raise PullFailed("the moon is full")

    assert str(got.value) == "“tiny” could not be pulled: the moon is full."
    assert type(got.value) is PullError


def test_a_create_that_fails_in_such_words_is_no_pull() -> None:
    failing = pytest.raises(BackendError, match="gpu-01 failed: unsupported type")
    with failing, create_errors("gpu-01", NewModel("new", "tiny")):
        raise PullFailed("unsupported type")


def test_a_base_that_nobody_offers_is_told_by_its_name() -> None:
    made = NewModel("new", "tiny")
    with pytest.raises(NothingToPull) as caught, create_errors("gpu-01", made):
        raise PullFailed("pull model manifest: file does not exist")

    assert caught.value.facts["name"] == "tiny"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {"error": "pull model manifest: file does not exist"}, NothingToPull),
        (500, {"error": "open x: no space left on device"}, DiskFull),
        (404, {"error": {"type": "model_not_found", "message": "?"}}, NothingToPull),
        (401, {"error": "unauthorized"}, BackendLocked),
        (503, {"error": "connection refused"}, BackendBusy),
        (502, {"error": "dial tcp: connection refused"}, BackendRefused),
        (400, {"error": "template error: x"}, BackendRefused),
    ],
)
def test_a_refusal_is_told_from_what_a_proxy_says(
    status: int, body: object, error: type[DashboardError]
) -> None:
    request = httpx.Request("POST", "http://gpu-01/api/pull")
    response = httpx.Response(status, json=body, request=request)

    with pytest.raises(DashboardError) as caught, pull_errors("gpu-01", "tiny"):
        raise refusal(response)

    assert type(caught.value) is error
