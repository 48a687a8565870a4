"""What every kind of adapter makes of servers that fail, in words or without."""

import pytest

from dashboard.errors import (
    BackendBroken,
    BackendBusy,
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    ModelGone,
    NoModelServer,
    PromptTooLong,
)
from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.base import Chunk
from models_app.adapters.client import open_client
from tests.fakes.asking import reasoning_in, reply, text_in
from tests.fakes.replay import Answer, End, replaying, told
from tests.models_app.adapters.chats import CHANNELS, Channel
from tests.models_app.adapters.servers import NO_ROUTE, case

PAGE = b"<html><head><title>%s</title></head></html>"
REFUSALS = [
    (told({"error": "Unauthorized"}, status=401), BackendLocked, "Unauthorized"),
    (
        told({"error": {"message": "Invalid API Key", "code": 401}}, status=401),
        BackendLocked,
        "Invalid API Key",
    ),
    (told({"error": "not you"}, status=403), BackendLocked, "not you"),
    (Answer(status=403), BackendRefused, "no reason given"),
    (told({"error": {"message": "No way."}}, status=400), BackendRefused, "No way"),
    (told({"detail": "Not Found"}, status=404), BackendRefused, "Not Found"),
    (
        told({"message": "Route GET:/v1/models not found"}, status=404),
        BackendRefused,
        "Route GET:/v1/models not found",
    ),
    (
        told({"detail": [{"loc": ["body"], "msg": "Field required"}]}, status=422),
        BackendRefused,
        "Field required",
    ),
    (Answer(PAGE % b"Bad Gateway", 502, "text/html"), BackendRefused, "Bad Gateway"),
    (Answer(PAGE % b"Welcome", 200, "text/html"), NoModelServer, "none that a model"),
    (case("llamacpp-errors.json", "still loading: any route"), BackendBusy, "Loading"),
    (told({"error": "slow down"}, status=429), BackendBusy, "slow down"),
    (Answer(status=503), BackendBusy, "no reason given"),
    (
        Answer(b"proxy error: Could not establish connection", 500, "application/json"),
        BackendRefused,
        "Could not establish connection",
    ),
    (
        told({"error": {"message": "model name=a failed to load"}}, status=500),
        BackendRefused,
        "failed to load",
    ),
    (
        Answer(status=307, headers={"Location": "https://elsewhere/v1"}),
        BackendRefused,
        "it points to https://elsewhere/v1",
    ),
]
SAID = [
    ("ollama", "real-ollama-errors.json", "chat, missing model", ModelGone),
    ("vllm", "real-vllm-errors.json", "unknown model", ModelGone),
    (
        "llamacpp",
        "llamacpp-errors.json",
        "router: inference with an unknown model is a 400",
        ModelGone,
    ),
    (
        "llamacpp",
        "llamacpp-errors.json",
        "router, autoload off, model not loaded",
        ModelGone,
    ),
    (
        "lmstudio-v1",
        "lmstudio-errors.json",
        "nothing loaded and JIT off, OpenAI route (reported on 0.3.x)",
        ModelGone,
    ),
    (
        "lmstudio",
        "lmstudio-errors.json",
        "documented error types, model not found",
        ModelGone,
    ),
    (
        "lmstudio",
        "lmstudio-errors.json",
        "documented structured error, missing parameter",
        BackendRefused,
    ),
    (
        "ollama",
        "real-ollama-chat.json",
        "chat, prompt over the context, truncate false",
        PromptTooLong,
    ),
    ("vllm", "real-vllm-errors.json", "prompt too long, streamed", PromptTooLong),
    (
        "llamacpp",
        "llamacpp-errors.json",
        "prompt longer than the slot context",
        PromptTooLong,
    ),
    ("vllm", "real-vllm-errors.json", "max_tokens too large", BackendRefused),
    ("vllm", "vllm-errors.json", "prompt plus max_tokens too long", BackendRefused),
    (
        "ollama",
        "real-ollama-errors.json",
        "queue full (OLLAMA_MAX_QUEUE=1, ten chats at once on a model that was not loaded)",
        BackendBusy,
    ),
    (
        "vllm",
        "real-vllm-queue-and-reasoning.json",
        "4. of 5 at once, one seq, two in flight allowed, streamed",
        BackendBusy,
    ),
    (
        "ollama",
        "real-ollama-errors.json",
        "cloud model while cloud is disabled",
        BackendRefused,
    ),
    ("ollama", "ollama-errors.json", "cloud model, not signed in", BackendRefused),
    (
        "ollama",
        "real-ollama-errors.json",
        "chat, image on a text model",
        BackendRefused,
    ),
    (
        "llamacpp",
        "llamacpp-errors.json",
        "image to a text-only model is a 500",
        BackendRefused,
    ),
    (
        "vllm",
        "real-vllm-errors.json",
        "tools with tool_choice auto, no parser set",
        BackendRefused,
    ),
]

every_channel = pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
every_kind = pytest.mark.parametrize("kind", ADAPTERS)


async def failing(channel: Channel, answer: Answer) -> tuple[BackendError, list[Chunk]]:
    """The error of a server that always answers so, and what came before it."""
    chunks = list[Chunk]()
    async with replaying({}, otherwise=answer) as server:
        with pytest.raises(BackendError) as caught:
            await reply(channel.kind, server.url, channel.request, into=chunks)
    return caught.value, chunks


async def failing_list(kind: str, answer: Answer) -> BackendError:
    async with (
        replaying({}, otherwise=answer) as server,
        open_client(server.url) as client,
    ):
        with pytest.raises(BackendError) as caught:
            await adapter_for(kind, client, server="gpu-01").list_models()
    return caught.value


@every_channel
@pytest.mark.parametrize(("answer", "error", "words"), REFUSALS)
async def test_a_refused_question_is_told_by_its_kind_and_in_the_servers_words(
    channel: Channel, answer: Answer, error: type[BackendError], words: str
) -> None:
    failure, chunks = await failing(channel, answer)

    assert (type(failure), chunks) == (error, [])
    assert words in str(failure.facts["detail"])
    assert failure.facts["upstream"] == answer.status


@every_kind
@pytest.mark.parametrize(("answer", "error", "words"), REFUSALS)
async def test_a_refused_list_is_told_by_its_kind_and_in_the_servers_words(
    kind: str, answer: Answer, error: type[BackendError], words: str
) -> None:
    failure = await failing_list(kind, answer)

    assert type(failure) is error
    assert words in str(failure.facts["detail"])
    assert failure.facts["upstream"] == answer.status


@pytest.mark.parametrize(("channel", "file", "title", "error"), SAID)
async def test_what_a_server_was_heard_to_say_is_understood(
    channel: str, file: str, title: str, error: type[BackendError]
) -> None:
    failure, _ = await failing(CHANNELS[channel], case(file, title))

    assert type(failure) is error
    assert not set(str(failure.facts["detail"])) & {"{", "}"}


@every_channel
async def test_an_error_with_status_200_is_no_reply(channel: Channel) -> None:
    failure, chunks = await failing(channel, NO_ROUTE)

    assert isinstance(failure, BackendRefused | BackendBroken)
    assert "Unexpected endpoint or method" in str(failure)
    assert chunks == []


@every_kind
async def test_an_error_with_status_200_is_no_list(kind: str) -> None:
    failure = await failing_list(kind, NO_ROUTE)

    assert isinstance(failure, BackendRefused)
    assert "Unexpected endpoint or method" in str(failure)


@every_channel
async def test_a_server_that_is_not_there_is_unreachable(channel: Channel) -> None:
    with pytest.raises(BackendUnreachable, match="connection refused"):
        await reply(channel.kind, "http://127.0.0.1:9", channel.request)


@every_channel
@pytest.mark.parametrize("end", [End.WHOLE, End.EARLY, End.RESET])
async def test_a_stream_that_ends_early_is_broken_and_its_text_is_kept(
    channel: Channel, end: End
) -> None:
    stream = channel.dialect.said("The capital", " of France", " is")

    failure, chunks = await failing(channel, Answer(stream[:-8], end=end))

    assert type(failure) is BackendBroken
    assert text_in(chunks) == "The capital of France"


@every_channel
@pytest.mark.parametrize("end", [End.WHOLE, End.EARLY, End.RESET])
async def test_a_stream_without_a_word_is_broken(channel: Channel, end: End) -> None:
    failure, chunks = await failing(channel, Answer(end=end))

    assert (type(failure), chunks) == (BackendBroken, [])


@every_channel
@pytest.mark.parametrize(
    "error",
    [
        "engine stopped",
        {"message": "engine stopped", "type": "server_error", "code": 500},
        '{"error": {"message": "engine stopped", "code": 400}}',
    ],
)
async def test_an_error_in_the_middle_is_told_and_the_text_before_it_is_kept(
    channel: Channel, error: object
) -> None:
    dialect = channel.dialect
    stream = dialect.said("Once", " upon") + dialect.error(error) + dialect.end

    failure, chunks = await failing(channel, Answer(stream))

    assert type(failure) is BackendBroken
    assert failure.facts["detail"] == "engine stopped"
    assert text_in(chunks) == "Once upon"


@every_channel
async def test_reasoning_before_a_break_is_kept_too(channel: Channel) -> None:
    stream = channel.dialect.reasoning("hm") + channel.dialect.text("so")

    _, chunks = await failing(channel, Answer(stream, end=End.EARLY))

    assert (reasoning_in(chunks), text_in(chunks)) == ("hm", "so")


@every_channel
@pytest.mark.parametrize("nonsense", ["[1]", "7", "{", '"a"', "\ufffd", "{} {}"])
async def test_nonsense_is_broken_and_never_anything_else(
    channel: Channel, nonsense: str
) -> None:
    stream = channel.dialect.text("a") + channel.dialect.raw(nonsense)

    failure, chunks = await failing(channel, Answer(stream + channel.dialect.end))

    assert type(failure) is BackendBroken
    assert text_in(chunks) == "a"


@every_channel
async def test_a_line_that_never_ends_is_broken(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models_app.adapters.lines.LONGEST", 1000)

    failure, _ = await failing(channel, Answer(channel.dialect.text("x" * 5000)[:4000]))

    assert type(failure) is BackendBroken
    assert "without an end" in str(failure)
