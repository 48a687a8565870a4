"""What every kind of adapter promises, over real sockets."""

import asyncio
from contextlib import aclosing

import httpx
import pytest

from dashboard.errors import BackendBroken, BackendRefused, BackendUnreachable
from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.base import Can, Chunk, Text
from models_app.adapters.client import open_client
from tests.fakes.asking import asking, finish_in, reply, text_in
from tests.fakes.replay import Answer, End, replaying, told
from tests.recordings import recorded

CHAT = dict.fromkeys(ADAPTERS, "/v1/chat/completions") | {"ollama": "/api/chat"}
MODELS = dict.fromkeys(ADAPTERS, "/v1/models") | {"ollama": "/api/tags"}
STREAM = dict.fromkeys(ADAPTERS, "real-vllm-chat-stream.sse") | {
    "ollama": "real-ollama-chat-stream.ndjson"
}
TEXT = "The capital of France is Paris."
UNREACHABLE = "http://127.0.0.1:9"

every_kind = pytest.mark.parametrize("kind", ADAPTERS)


async def listing(kind: str, url: str) -> list[str]:
    async with open_client(url) as client:
        facts = await adapter_for(kind, client, server="gpu-01").list_models()
    return [each.name for each in facts]


@every_kind
def test_each_kind_says_what_it_can_do(kind: str) -> None:
    assert {Can.LIST, Can.CHAT} <= ADAPTERS[kind].can


@every_kind
async def test_a_reply_is_text_and_then_one_finish(kind: str) -> None:
    async with replaying({CHAT[kind]: Answer(recorded(STREAM[kind]))}) as server:
        chunks = await reply(kind, server.url)

    assert text_in(chunks) == TEXT
    assert finish_in(chunks).reason == "stop"


@every_kind
async def test_a_reply_survives_being_cut_anywhere_on_its_way(kind: str) -> None:
    stream = recorded(STREAM[kind])
    answer = Answer(stream, cuts=range(1, len(stream), 7))

    async with replaying({CHAT[kind]: answer}) as server:
        assert text_in(await reply(kind, server.url)) == TEXT


@every_kind
async def test_characters_cut_in_half_are_put_together(kind: str) -> None:
    stream = recorded(STREAM[kind]).replace(b"Paris", "Pärís 🫐".encode())
    inside = [at for at, byte in enumerate(stream) if byte & 0xC0 == 0x80]

    async with replaying({CHAT[kind]: Answer(stream, cuts=inside)}) as server:
        assert text_in(await reply(kind, server.url)) == TEXT.replace(
            "Paris", "Pärís 🫐"
        )


@every_kind
@pytest.mark.parametrize("end", [End.WHOLE, End.EARLY, End.RESET])
async def test_a_stream_that_ends_early_is_broken_and_its_text_is_kept(
    kind: str, end: End
) -> None:
    stream, chunks = recorded(STREAM[kind]), list[Chunk]()
    half = stream[: stream.index(b" is") + 4]

    async with replaying({CHAT[kind]: Answer(half, end=end)}) as server:
        with pytest.raises(BackendBroken):
            await reply(kind, server.url, into=chunks)

    assert text_in(chunks) == "The capital of France"


async def read_on(kind: str, client: httpx.AsyncClient) -> None:
    adapter = adapter_for(kind, client, server="gpu-01")
    async with aclosing(adapter.chat(asking())) as chunks:
        async for _ in chunks:
            pass


@every_kind
async def test_leaving_a_stream_hangs_up_on_the_server(kind: str) -> None:
    answer = Answer(recorded(STREAM[kind])[:600], end=End.HANG)

    async with (
        replaying({CHAT[kind]: answer}) as server,
        open_client(server.url) as client,
        asyncio.timeout(1),
    ):
        adapter = adapter_for(kind, client, server="gpu-01")
        async with aclosing(adapter.chat(asking())) as chunks:
            assert isinstance(await anext(chunks), Text)
        await server.hung_up.wait()


@every_kind
@pytest.mark.parametrize("sent", [0, 600])
async def test_cancelling_the_reader_hangs_up_on_the_server(
    kind: str, sent: int
) -> None:
    answer = Answer(recorded(STREAM[kind])[:sent], end=End.HANG)

    async with (
        replaying({CHAT[kind]: answer}) as server,
        open_client(server.url) as client,
        asyncio.timeout(1),
    ):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(read_on(kind, client), 0.05)
        await server.hung_up.wait()


@every_kind
@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (told({"error": "Unauthorized"}, status=401), 401, "Unauthorized"),
        (told({"error": {"message": "No such model."}}, status=404), 404, "No such"),
        (told({"detail": "Not Found"}, status=404), 404, "Not Found"),
        (Answer(status=403), 403, "no reason given"),
        (Answer(b"<title>Bad Gateway</title>", 502, "text/html"), 502, "Bad Gateway"),
        (Answer(b"<title>Hello</title>", 200, "text/html"), 200, "none that a model"),
    ],
)
async def test_a_refusal_keeps_status_and_words(
    kind: str, answer: Answer, status: int, detail: str
) -> None:
    async with replaying({CHAT[kind]: answer, MODELS[kind]: answer}) as server:
        with pytest.raises(BackendRefused) as chat:
            await reply(kind, server.url)
        with pytest.raises(BackendRefused) as models:
            await listing(kind, server.url)

    assert chat.value.facts["upstream"] == status
    assert str(chat.value.facts["detail"]).startswith(detail) or detail in str(
        chat.value
    )
    assert models.value.code == "backend_refused"


@every_kind
async def test_a_server_that_is_not_there_is_unreachable(kind: str) -> None:
    with pytest.raises(BackendUnreachable, match="connection refused"):
        await reply(kind, UNREACHABLE)
    with pytest.raises(BackendUnreachable, match="connection refused"):
        await listing(kind, UNREACHABLE)


@every_kind
@pytest.mark.parametrize("nonsense", [b"[1]\n\n", b"7\n\n", b"{\n\n", b'"a"\n\n'])
async def test_nonsense_is_broken_and_never_anything_else(
    kind: str, nonsense: bytes
) -> None:
    lead = b"" if kind == "ollama" else b"data: "

    async with replaying({CHAT[kind]: Answer(lead + nonsense)}) as server:
        with pytest.raises(BackendBroken):
            await reply(kind, server.url)


@every_kind
async def test_any_text_at_all_can_be_asked(kind: str) -> None:
    async with replaying({CHAT[kind]: Answer(recorded(STREAM[kind]))}) as server:
        await reply(kind, server.url, asking("日本\ud800\0\u2028"))

    assert server.asked[0].json["messages"][0]["content"] == "日本\ud800\0\u2028"


@every_kind
async def test_names_are_listed(kind: str) -> None:
    lists = {"data": [{"id": "tiny"}], "models": [{"name": "tiny"}]}

    async with replaying({MODELS[kind]: told(lists)}) as server:
        assert await listing(kind, server.url) == ["tiny"]
