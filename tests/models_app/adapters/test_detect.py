"""Which kind of server is behind an address."""

import asyncio
import json

import pytest

from models_app.adapters.detect import detect
from tests.fakes.replay import Answer, End, replaying, told
from tests.recordings import recorded

OLLAMA = {"/": Answer(b"Ollama is running", kind="text/plain")}
OLLAMA_BEHIND_A_PROXY = {"/api/version": told({"version": "0.33.0"})}
VLLM = {
    case["request"]["path"]: told(case.get("body"), status=case["status"])
    for case in json.loads(recorded("real-vllm-probes.json"))
    if case["request"]["method"] == "GET"
}
VLLM_WITH_A_KEY = {"/v1/models": told({"error": "Unauthorized"}, status=401)}
LLAMACPP = {"/": Answer(status=415, headers={"Server": "llama.cpp"})}
LLAMACPP_BEHIND_A_PROXY = {
    "/props": Answer(recorded("llamacpp-props.json"), kind="application/json")
}
LLAMACPP_WITH_A_KEY = {
    "/props": told({"error": {"type": "authentication_error"}}, status=401)
}
LLAMACPP_BY_ITS_LIST = {
    "/v1/models": Answer(recorded("llamacpp-models.json"), kind="application/json")
}
LM_STUDIO = {
    path: told({"error": f"Unexpected endpoint or method. (GET {path})"})
    for path in ("/", "/api/version", "/props")
} | {"/v1/models": told({"data": [{"id": "a", "owned_by": "organization_owner"}]})}
STRANGER = {"/v1/models": told({"data": []})}
STRANGER_WITHOUT_A_VERSION = {"/models": told({"data": [{"id": "a"}]})}
WEB_PAGE = {
    path: Answer(b"<html>Hello</html>", kind="text/html")
    for path in ("/", "/api/version", "/props", "/v1/models", "/models")
}


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (OLLAMA, "ollama"),
        (OLLAMA_BEHIND_A_PROXY, "ollama"),
        (VLLM, "vllm"),
        (VLLM_WITH_A_KEY, "vllm"),
        (LLAMACPP, "llamacpp"),
        (LLAMACPP_BEHIND_A_PROXY, "llamacpp"),
        (LLAMACPP_WITH_A_KEY, "llamacpp"),
        (LLAMACPP_BY_ITS_LIST, "llamacpp"),
        (LM_STUDIO, "openai"),
        (STRANGER, "openai"),
        (STRANGER_WITHOUT_A_VERSION, "openai"),
        (WEB_PAGE, None),
        ({}, None),
        ({"/": Answer(end=End.RESET)}, None),
    ],
)
async def test_a_server_is_known_by_what_only_it_answers(
    answers: dict[str, Answer], kind: str | None
) -> None:
    async with replaying(answers) as server:
        assert await detect(server.url) == kind


async def test_the_key_is_sent_with_each_question() -> None:
    async with replaying(STRANGER) as server:
        await detect(server.url, key="secret")

    assert {each.headers["authorization"] for each in server.asked} == {"Bearer secret"}


async def test_nobody_there_is_no_kind_of_server() -> None:
    assert await detect("http://127.0.0.1:9") is None


async def test_a_server_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models_app.adapters.detect.ALL_PROBES_SECONDS", 0.1)

    async with replaying({"/": Answer(end=End.HANG)}) as server, asyncio.timeout(2):
        assert await detect(server.url) is None
