"""What fails, as OpenAI's own client tells it."""

from collections.abc import Mapping
from typing import Any

import openai
import pytest

from dashboard.live.db import in_db
from models_app.models import FieldGrant, LanguageModel, Quota
from models_app.snapshot import forget
from tests.fakes.replay import Answer, End, replaying, told
from tests.models_app.gateway.openai.calls import CHAT, HELLO, MODEL, ClientFor
from tests.recordings import recorded

STREAM = recorded("real-vllm-chat-stream.sse")
DEAD = "http://127.0.0.1:9"
TOO_LONG = {
    "error": {"message": "This model's maximum context length is 8 tokens", "code": 400}
}


async def asked(client: openai.AsyncOpenAI, **more: Any) -> Any:
    wanted = {"model": MODEL, "messages": HELLO, **more}
    return await client.chat.completions.create(**wanted)


async def test_a_model_that_is_not_theirs_is_not_found(client_for: ClientFor) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.NotFoundError) as refused:
        await asked(client, model="secret")

    assert refused.value.code == "model_not_found"
    assert refused.value.param == "model"


async def test_a_wrong_key_is_told_as_that(gateway: str) -> None:
    wrong = openai.AsyncOpenAI(base_url=f"{gateway}/v1", api_key="pdk-nobodys")

    async with wrong as client:
        with pytest.raises(openai.AuthenticationError) as refused:
            await asked(client)

    assert refused.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"extra_body": {"priority": -9}}, "priority"),
        ({"extra_body": {"num_ctx": 131072}}, "num_ctx"),
        ({"extra_body": {"stream_options": 3, "stream": True}}, "stream_options"),
    ],
)
async def test_what_may_not_be_sent_is_named(
    client_for: ClientFor, more: Mapping[str, Any], param: str
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError) as refused:
        await asked(client, **more)

    assert refused.value.param == param


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("temperatur", "temperature"),
        ("maxTokens", "max_tokens"),
        ("top-p", "top_p"),
        ("priorty", "priority"),
    ],
)
async def test_a_slip_is_told_with_what_is_meant(
    client_for: ClientFor, sent: str, meant: str
) -> None:
    client = await client_for(DEAD)
    await in_db(FieldGrant.objects.create)(fields=["priority"])

    with pytest.raises(openai.BadRequestError, match=f"mean “{meant}”") as refused:
        await asked(client, extra_body={sent: 1})

    assert (refused.value.param, refused.value.code) == (sent, "unknown_parameter")
    assert "administrator" not in refused.value.message


@pytest.mark.parametrize(
    "sent", ["num_ctx", "min_tokens", "top_a", "typ_p", "models", "suffix"]
)
async def test_what_some_server_knows_is_no_slip(
    client_for: ClientFor, sent: str
) -> None:
    client = await client_for(DEAD)
    await in_db(FieldGrant.objects.create)(fields=["options.num_ctx"])

    with pytest.raises(openai.BadRequestError, match="ask an administrator") as refused:
        await asked(client, extra_body={sent: 1})

    assert refused.value.code == "unsupported_parameter"


async def test_a_name_without_end_is_compared_with_nothing(
    client_for: ClientFor,
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError) as refused:
        await asked(client, extra_body={"temperatur" * 100_000: 1})

    assert refused.value.code == "unsupported_parameter"
    assert len(refused.value.message) < 1000


async def test_a_response_is_made_of_words(client_for: ClientFor) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError) as refused:
        await client.responses.create(model="tiny", extra_body={"input": 5})

    assert refused.value.param == "input"


async def test_a_field_may_be_granted(client_for: ClientFor) -> None:
    refusal = told({"error": {"message": "busy"}}, status=503)
    async with replaying({CHAT: refusal}) as server:
        client = await client_for(server.url)
        await in_db(FieldGrant.objects.create)(fields=["priority"])
        with pytest.raises(openai.InternalServerError) as refused:
            await asked(client, extra_body={"priority": -9})

    assert refused.value.status_code == 503
    assert refused.value.response.headers["retry-after"]
    assert server.asked[-1].json["priority"] == -9


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://10.0.0.1/secret"}},
        {"type": "image_url", "image_url": "http://10.0.0.1/secret"},
        {"type": "file", "file_url": "file:///etc/passwd"},
    ],
)
async def test_no_server_is_made_to_fetch_anything(
    client_for: ClientFor, part: Mapping[str, Any]
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError, match="cannot be used so"):
        await asked(client, messages=[{"role": "user", "content": [part]}])


PICTURE = "data:image/png;base64,AAAA"


async def test_a_picture_for_a_model_that_takes_none_asks_no_server(
    client_for: ClientFor,
) -> None:
    part = {"type": "image_url", "image_url": {"url": PICTURE}}
    client = await client_for(DEAD)
    await in_db(told_to_be_blind)()

    with pytest.raises(openai.BadRequestError, match="takes no pictures") as refused:
        await asked(client, messages=[{"role": "user", "content": [part]}])

    assert refused.value.type == "invalid_request_error"
    assert (refused.value.param, refused.value.code) == (
        "messages",
        "unsupported_value",
    )


async def test_so_does_one_in_what_a_response_is_made_of(client_for: ClientFor) -> None:
    part = {"type": "input_image", "image_url": PICTURE}
    client = await client_for(DEAD)
    await in_db(told_to_be_blind)()
    said: Any = [{"role": "user", "content": [part]}]

    with pytest.raises(openai.BadRequestError, match="takes no pictures") as refused:
        await client.responses.create(model=MODEL, input=said)

    assert refused.value.param == "input"


async def test_a_picture_goes_to_a_model_of_which_nothing_is_known(
    client_for: ClientFor,
) -> None:
    part = {"type": "image_url", "image_url": {"url": PICTURE}}
    refusal = told({"error": {"message": "not a multimodal model"}}, status=400)
    async with replaying({CHAT: refusal}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.BadRequestError, match="not a multimodal model"):
            await asked(client, messages=[{"role": "user", "content": [part]}])


def told_to_be_blind() -> None:
    """The server tells what its model can; of pictures it says nothing."""
    LanguageModel.objects.update(capabilities=["completion", "tools"])
    forget()


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "mcp", "server_url": "http://10.0.0.1"}]},
        {"input": [{"type": "mcp_call", "id": "x"}]},
        {"input": [{"output": [{"type": "input_image", "image_url": "http://a"}]}]},
    ],
)
async def test_no_server_is_made_to_call_anything(
    client_for: ClientFor, more: dict[str, Any]
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError, match="cannot be used so"):
        await client.responses.create(**{"model": MODEL, "input": "hello", **more})


async def test_so_many_answers_are_not_written_at_one_place(
    client_for: ClientFor,
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError) as refused:
        await asked(client, n=17)

    assert refused.value.param == "n"


async def test_what_a_server_calls_wrong_is_asked_of_no_other(
    client_for: ClientFor,
) -> None:
    refusal = told({"error": {"message": "top_k must be positive"}}, status=400)
    async with replaying({CHAT: refusal}) as one, replaying({CHAT: refusal}) as two:
        client = await client_for(one.url, two.url)
        with pytest.raises(openai.BadRequestError):
            await asked(client)

    assert len(one.asked) + len(two.asked) == 1


async def test_what_is_null_says_nothing(client_for: ClientFor) -> None:
    refusal = told({"error": {"message": "busy"}}, status=503)
    async with replaying({CHAT: refusal}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.InternalServerError):
            await asked(client, extra_body={"priority": None, "temperature": None})

    assert {"priority", "temperature"}.isdisjoint(server.asked[-1].json)


async def test_what_a_server_calls_wrong_is_the_callers_to_mend(
    client_for: ClientFor,
) -> None:
    refusal = told({"error": {"message": "top_k must be positive"}}, status=400)
    async with replaying({CHAT: refusal}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.BadRequestError, match="top_k must be positive"):
            await asked(client)


async def test_too_long_a_prompt_has_openais_own_code(client_for: ClientFor) -> None:
    async with replaying({CHAT: told(TOO_LONG, status=400)}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.BadRequestError) as refused:
            await asked(client)

    assert refused.value.code == "context_length_exceeded"


async def test_a_server_that_is_away_is_a_502(client_for: ClientFor) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.InternalServerError, match="gpu-0") as refused:
        await asked(client)

    assert refused.value.status_code == 502


@pytest.mark.parametrize("stream", [True, False])
async def test_a_server_that_hangs_is_named_within_its_limit(
    client_for: ClientFor, stream: bool
) -> None:
    async with replaying({CHAT: Answer(end=End.HANG)}) as server:
        client = await client_for(server.url, first_token_seconds=1)
        with pytest.raises(openai.InternalServerError, match="gpu-0") as refused:
            await asked(client, stream=stream, max_tokens=1)

    assert refused.value.status_code == 504


async def test_a_stream_that_breaks_says_so_in_the_middle(
    client_for: ClientFor,
) -> None:
    cut = Answer(STREAM[: len(STREAM) // 2], end=End.EARLY)
    async with replaying({CHAT: cut}) as server:
        client = await client_for(server.url)
        answer = await asked(client, stream=True)
        with pytest.raises(openai.APIError, match="gpu-0 broke off"):
            async for _ in answer:
                pass


async def test_a_spent_quota_says_when_there_is_more(client_for: ClientFor) -> None:
    client = await client_for(DEAD)
    await in_db(Quota.objects.create)(requests_a_minute=0)
    forget()

    with pytest.raises(openai.RateLimitError) as refused:
        await asked(client)

    assert int(refused.value.response.headers["retry-after"]) > 0
    assert refused.value.code == "rate_limit_exceeded"
