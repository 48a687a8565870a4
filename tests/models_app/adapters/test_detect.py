"""Which kind of server is behind an address, and what was asked to find out."""

import asyncio
import json

import pytest

from dashboard.errors import (
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    NoModelServer,
)
from models_app.adapters.detect import Probe, Report, examine, failure_in
from models_app.adapters.failures import Trouble
from tests.fakes.replay import Answer, End, Replay, replaying, told
from tests.models_app.adapters.servers import NO_FILE, NO_ROUTE, case, filed
from tests.recordings import recorded

OLLAMA = {"/": case("real-ollama-state.json", "root")}
OLLAMA_BEHIND_A_PROXY = {"/api/version": case("real-ollama-state.json", "version")}
VLLM = {
    each["request"]["path"]: told(each.get("body"), status=each["status"])
    for each in json.loads(recorded("real-vllm-probes.json"))
    if each["request"]["method"] == "GET"
}
VLLM_WITH_A_KEY = {"/v1/models": case("real-vllm-api-key.json", "no key: /v1/models")}
LLAMACPP = {"/": Answer(status=415, headers={"Server": "llama.cpp"})}
LOADING = case("llamacpp-errors.json", "still loading: any route")
LLAMACPP_BEHIND_A_PROXY = {"/props": filed("llamacpp-props.json")}
LLAMACPP_ROUTER = {"/props": filed("llamacpp-router-props.json")}
LLAMACPP_STILL_LOADING = dict.fromkeys(("/", "/props", "/v1/models"), LOADING)
LLAMACPP_WITH_A_KEY = {
    "/props": case("llamacpp-errors.json", "wrong or missing API key")
}
LLAMACPP_BY_ITS_LIST = {"/v1/models": filed("llamacpp-models.json")}
LM_STUDIO = {"/": NO_ROUTE}
LM_STUDIO_BY_ITS_LIST = {"/api/v1/models": filed("lmstudio-models-v1.json")}
LM_STUDIO_OF_OLD = {"/api/v0/models": filed("lmstudio-models-v0.json")}
LM_STUDIO_BY_ITS_OWNERS = {"/v1/models": filed("lmstudio-v1-openai-models.json")}
LM_STUDIO_WITH_A_KEY = {
    "/api/v1/models": case(
        "lmstudio-errors.json", "token required, none sent (reported by users of 0.4.x)"
    )
}
OLLAMA_BY_OPENAIS_LIST = {"/v1/models": filed("ollama-v1-models-empty.json")}
STRANGER = {"/v1/models": told({"data": []})}
STRANGER_WITHOUT_A_VERSION = {"/models": told({"data": [{"id": "a"}]})}
STRANGER_WITH_A_BARE_LIST = {"/models": told([{"id": "a"}])}
IMITATOR = {
    "/api/tags": filed("ollama-tags.json"),
    "/health": told({"status": "ok"}),
    "/version": told({"version": "1.0"}),
}
STRING_ERROR_FOR_A_VERSION = {"/api/version": told({"version": "1", "error": "no"})}
SHOP = {"/models": told([{"title": "A chair"}]), "/api/v1/models": told({"models": 3})}
PAGE = Answer(b"<html>Hello</html>", kind="text/html")
TEAPOT = Answer(b"Ollama is running", status=418, kind="text/plain")
EVERY_PATH = (
    "/",
    "/api/version",
    "/props",
    "/api/v1/models",
    "/api/v0/models",
    "/v1/models",
    "/models",
)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (OLLAMA, "ollama"),
        (OLLAMA_BEHIND_A_PROXY, "ollama"),
        (VLLM, "vllm"),
        (VLLM_WITH_A_KEY, "vllm"),
        (LLAMACPP, "llamacpp"),
        (LLAMACPP_BEHIND_A_PROXY, "llamacpp"),
        (LLAMACPP_ROUTER, "llamacpp"),
        (LLAMACPP_STILL_LOADING, "llamacpp"),
        (LLAMACPP_WITH_A_KEY, "llamacpp"),
        (LLAMACPP_BY_ITS_LIST, "llamacpp"),
        (LM_STUDIO, "lmstudio"),
        (LM_STUDIO_BY_ITS_LIST, "lmstudio"),
        (LM_STUDIO_OF_OLD, "lmstudio"),
        (LM_STUDIO_BY_ITS_OWNERS, "lmstudio"),
        (LM_STUDIO_WITH_A_KEY, "lmstudio"),
        (OLLAMA_BY_OPENAIS_LIST, "openai"),
        (STRANGER, "openai"),
        (STRANGER_WITHOUT_A_VERSION, "openai"),
        (STRANGER_WITH_A_BARE_LIST, "openai"),
        (IMITATOR, ""),
        (STRING_ERROR_FOR_A_VERSION, ""),
        (SHOP, ""),
        ({"/": TEAPOT}, ""),
        ({}, ""),
        ({"/": Answer(end=End.RESET)}, ""),
    ],
)
async def test_a_server_is_known_by_what_only_it_answers(
    answers: dict[str, Answer], kind: str
) -> None:
    async with replaying(answers) as server:
        assert (await examine(server.url)).kind == kind


@pytest.mark.parametrize(
    "answer",
    [NO_FILE, Answer(status=403), PAGE, told({"ok": True}), told([]), told(None)],
)
async def test_the_same_answer_to_everything_is_no_sign(answer: Answer) -> None:
    async with replaying({}, otherwise=answer) as server:
        assert (await examine(server.url)).kind == ""


async def test_the_key_is_sent_with_each_question() -> None:
    async with replaying(STRANGER) as server:
        await examine(server.url, key="secret")

    assert {each.headers["authorization"] for each in server.asked} == {"Bearer secret"}


async def test_nobody_there_is_no_kind_of_server() -> None:
    assert (await examine("http://127.0.0.1:9")).kind == ""


def paths(server: Replay) -> tuple[str, ...]:
    return tuple(each.path for each in server.asked)


async def test_each_path_is_asked_once_and_none_that_everybody_imitates() -> None:
    async with replaying({}) as server:
        report = await examine(server.url)

    assert paths(server) == EVERY_PATH
    assert tuple(each.path for each in report.probes) == EVERY_PATH
    assert {each.method for each in server.asked} == {"GET"}


async def test_the_first_sign_ends_the_questions() -> None:
    async with replaying(LLAMACPP_BEHIND_A_PROXY) as server:
        report = await examine(server.url)

    assert paths(server) == EVERY_PATH[:3]
    assert report.probes[-1] == Probe("/props", status=200, kind="llamacpp")


async def test_the_report_says_what_came_back_for_each_question() -> None:
    answers = {
        "/": PAGE,
        "/api/version": told({"error": {"message": "No\nway."}}, status=400),
        "/props": Answer(status=301, headers={"Location": "https://a/"}),
        "/api/v1/models": Answer(end=End.RESET, body=b"{"),
    }
    async with replaying(answers) as server:
        report = await examine(server.url)

    assert report.base_url == server.url
    assert report.probes[:4] == (
        Probe("/", status=200, page=True),
        Probe("/api/version", status=400, words="No way"),
        Probe("/props", status=301, words="it points to https://a/"),
        Probe("/api/v1/models", trouble=report.probes[3].trouble),
    )
    assert report.probes[3].trouble in (Trouble.CUT, Trouble.HUNG_UP)


async def test_one_path_that_hangs_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models_app.adapters.detect.PROBE_SECONDS", 0.1)
    slow = {path: Answer(b"{", end=End.HANG) for path in EVERY_PATH[:3]}

    async with replaying({**slow, **STRANGER}) as server, asyncio.timeout(5):
        report = await examine(server.url)

    assert report.kind == "openai"
    assert [each.trouble for each in report.probes[:4]] == [Trouble.SLOW] * 3 + [None]


@pytest.mark.parametrize("end", [End.HANG, End.DRIP])
async def test_a_server_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch, end: End
) -> None:
    monkeypatch.setattr("models_app.adapters.detect.ALL_PROBES_SECONDS", 0.1)

    async with replaying({"/": Answer(end=end)}) as server, asyncio.timeout(5):
        report = await examine(server.url)

    assert report.probes == (Probe("/", trouble=Trouble.SLOW),)


async def test_an_answer_without_an_end_is_told_and_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models_app.adapters.detect.LARGEST", 100)
    endless = Answer(b"x" * 50, end=End.DRIP)

    async with replaying({"/": endless, **STRANGER}) as server, asyncio.timeout(5):
        report = await examine(server.url)

    assert report.probes[0].words == "an answer without an end"
    assert report.kind == "openai"


async def test_where_nobody_is_no_second_question_is_asked() -> None:
    report = await examine("http://127.0.0.1:9")

    assert report.probes == (Probe("/", trouble=Trouble.REFUSED),)
    assert not report.answered


async def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        report = await examine(f"https://127.0.0.1:{port}")

    assert report.probes == (Probe("/", trouble=Trouble.NO_TLS),)


@pytest.mark.parametrize(
    ("probes", "error", "words"),
    [
        ([Probe("/", trouble=Trouble.REFUSED)], BackendUnreachable, "refused"),
        ([Probe("/", trouble=Trouble.SLOW)] * 2, BackendUnreachable, "in time"),
        ([Probe("/", status=404), Probe("/a", status=401)], BackendLocked, "a key"),
        ([Probe("/", status=200, page=True)], NoModelServer, "web page"),
        (
            [Probe("/", status=404, words="no"), Probe("/a", trouble=Trouble.SLOW)],
            BackendRefused,
            "status 404: no",
        ),
        ([Probe("/", status=200)], BackendRefused, "none that a model server gives"),
    ],
)
def test_where_no_kind_is_found_the_report_says_why(
    probes: list[Probe], error: type[BackendError], words: str
) -> None:
    failure = failure_in(Report("http://a", tuple(probes)), server="gpu-01")

    assert type(failure) is error
    assert words in str(failure)


async def test_a_foreign_host_header_is_explained() -> None:
    async with replaying({}, otherwise=Answer(status=403)) as server:
        failure = failure_in(await examine(server.url), server="gpu-01")

    assert "a Host or an Origin that it does not know" in str(failure)
