"""Asking LM Studio: which of its three ways is taken, and when."""

from typing import Any

import pytest

from dashboard.errors import BackendBroken, BackendError, BackendLocked, ModelGone
from models_app.adapters.base import ChatMessage, ChatRequest, Image
from models_app.adapters.client import open_client
from models_app.adapters.lmstudio import LMStudioAdapter
from tests.fakes.asking import asking, finish_in, reply, text_in
from tests.fakes.replay import Answer, Replay, replaying, told
from tests.models_app.adapters.chats import CHANNELS, WEATHER
from tests.models_app.adapters.dialects import NATIVE, OPENAI
from tests.models_app.adapters.servers import NO_ROUTE, case, filed

NATIVE_CHAT, OPENAI_CHAT = "/api/v1/chat", "/v1/chat/completions"
ANSWERS = {
    NATIVE_CHAT: Answer(NATIVE.text("native") + NATIVE.end),
    OPENAI_CHAT: Answer(OPENAI.text("openai") + OPENAI.end),
}
USER = ChatMessage("user", "Hi")
SYSTEM = ChatMessage("system", "Be brief.")
ASSISTANT = ChatMessage("assistant", "Hello.")
LOOK = ChatMessage("user", "Look", images=(Image(b"x", "image/png"),))


def paths(server: Replay) -> list[str]:
    return [each.path for each in server.asked]


async def asked_with(request: ChatRequest) -> tuple[str, dict[str, Any]]:
    async with replaying(ANSWERS) as server:
        await reply("lmstudio", server.url, request)
    (asked,) = server.asked
    return asked.path, asked.json


async def test_a_question_without_history_goes_the_native_way() -> None:
    path, body = await asked_with(
        ChatRequest("tiny", (SYSTEM, SYSTEM, USER), {"num_ctx": 8192, "top_k": 4})
    )

    assert path == NATIVE_CHAT
    assert body == {
        "model": "tiny",
        "input": "Hi",
        "system_prompt": "Be brief.\n\nBe brief.",
        "stream": True,
        "store": False,
        "context_length": 8192,
        "top_k": 4,
    }


async def test_no_parameter_is_sent_that_nobody_set() -> None:
    _, body = await asked_with(asking("Hi", num_predict=-1))

    assert body.keys() == {"model", "input", "stream", "store"}


@pytest.mark.parametrize(
    "wanted",
    [
        ChatRequest("tiny", (USER, ASSISTANT, USER)),
        ChatRequest("tiny", (USER, ASSISTANT), go_on=True),
        ChatRequest("tiny", (LOOK,)),
        ChatRequest("tiny", (USER,), tools=(WEATHER,)),
        ChatRequest("tiny", (USER,), {"seed": 7}),
        ChatRequest("tiny", (USER,), {"stop": ("a",)}),
    ],
    ids=["history", "go on", "picture", "tools", "seed", "stop"],
)
async def test_what_the_native_way_does_not_take_goes_the_other(
    wanted: ChatRequest,
) -> None:
    path, body = await asked_with(wanted)

    assert path == OPENAI_CHAT
    assert "store" not in body


@pytest.mark.parametrize(
    "missing",
    [
        NO_ROUTE,
        told({"detail": "Not Found"}, status=404),
        Answer(b"404 page not found", status=404, kind="text/plain"),
    ],
)
async def test_before_0_4_there_is_only_the_other_way(missing: Answer) -> None:
    async with replaying({**ANSWERS, NATIVE_CHAT: missing}) as server:
        chunks = await reply("lmstudio", server.url)

    assert text_in(chunks) == "openai"
    assert paths(server) == [NATIVE_CHAT, OPENAI_CHAT]


async def test_a_model_that_is_missing_is_not_asked_for_twice() -> None:
    missing = case("lmstudio-errors.json", "documented error types, model not found")

    async with replaying({**ANSWERS, NATIVE_CHAT: missing}) as server:
        with pytest.raises(ModelGone):
            await reply("lmstudio", server.url)

    assert paths(server) == [NATIVE_CHAT]


async def test_a_reply_of_another_model_is_none() -> None:
    other = Answer(
        OPENAI.text("hi").replace(b'{"choices', b'{"model":"other","choices')
    )
    request = CHANNELS["lmstudio-v1"].request

    async with replaying({OPENAI_CHAT: other}) as server:
        with pytest.raises(ModelGone, match="answer with other in its place"):
            await reply("lmstudio", server.url, request)


async def test_a_reply_that_its_limit_cut_off_says_so() -> None:
    stream = filed("lmstudio-chat-stream.sse", "text/event-stream")

    async with replaying({NATIVE_CHAT: stream}) as server:
        chunks = await reply("lmstudio", server.url, asking(num_predict=9))

    assert finish_in(chunks).reason == "length"
    assert server.asked[0].json["max_output_tokens"] == 9


async def test_an_error_that_an_end_follows_is_told() -> None:
    failed = filed("lmstudio-chat-error-stream.sse", "text/event-stream")

    async with replaying({NATIVE_CHAT: failed}) as server:
        with pytest.raises(BackendBroken, match="could not reach MCP server docs"):
            await reply("lmstudio", server.url)


async def names_at(server: Replay) -> list[str]:
    async with open_client(server.url) as client:
        adapter = LMStudioAdapter(client, server="gpu-01")
        return [each.name for each in await adapter.list_models()]


@pytest.mark.parametrize(
    ("path", "answer", "asked"),
    [
        ("/api/v1/models", filed("lmstudio-models-v1.json"), 1),
        ("/api/v0/models", filed("lmstudio-models-v0.json"), 2),
        ("/v1/models", filed("lmstudio-v1-openai-models.json"), 3),
    ],
)
async def test_the_list_that_tells_most_is_taken(
    path: str, answer: Answer, asked: int
) -> None:
    async with replaying({path: answer}, otherwise=NO_ROUTE) as server:
        assert (await names_at(server))[0] == "qwen/qwen3-4b"

    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            case(
                "lmstudio-errors.json",
                "token required, none sent (reported by users of 0.4.x)",
            ),
            BackendLocked,
        ),
        (told({"error": {"message": "odd"}}, status=500), BackendError),
        (told({"models": [{"name": "of another server"}]}), BackendError),
    ],
)
async def test_only_a_missing_list_is_looked_past(
    answer: Answer, error: type[BackendError]
) -> None:
    async with replaying({"/api/v1/models": answer}) as server:
        with pytest.raises(error):
            await names_at(server)

    assert paths(server) == ["/api/v1/models"]
