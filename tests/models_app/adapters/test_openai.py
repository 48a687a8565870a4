"""Asking in OpenAI's dialect."""

import asyncio
from contextlib import aclosing

import pytest

from dashboard.errors import BackendLocked, BackendRefused
from models_app.adapters import adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import ChatMessage, ChatRequest
from models_app.adapters.client import open_client
from tests.fakes.asking import asking, finish_in, reply, text_in
from tests.fakes.replay import Answer, Replay, replaying, told
from tests.models_app.adapters.servers import case
from tests.recordings import recorded

CHAT = "/v1/chat/completions"
STREAM = Answer(recorded("real-vllm-chat-stream.sse"))
NO_COUNT = told({"error": {"message": "Unknown field: stream_options"}}, status=400)


async def asked_by(kind: str, request: ChatRequest) -> dict[str, object]:
    async with replaying({CHAT: STREAM}) as server:
        await reply(kind, server.url, request)
    return dict(server.asked[0].json)


async def names_at(server: Replay) -> list[str]:
    async with open_client(server.url) as client:
        facts = await adapter_for("openai", client, server="gpu-01").list_models()
    return [each.name for each in facts]


async def test_the_conversation_is_sent_in_order() -> None:
    messages = (ChatMessage("system", "Be brief."), ChatMessage("user", "Hi"))

    body = await asked_by("openai", ChatRequest("tiny", messages))

    assert body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_parameters_get_openais_names() -> None:
    request = asking(temperature=0.2, num_predict=9, stop=("a", "b"), num_ctx=4096)

    body = await asked_by("openai", request)

    assert (body["temperature"], body["max_tokens"]) == (0.2, 9)
    assert body["stop"] == ["a", "b"]
    assert not {"num_predict", "num_ctx"} & body.keys()


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("vllm", {"repetition_penalty"}),
        ("llamacpp", {"repeat_penalty"}),
        ("openai", set()),
    ],
)
async def test_each_kind_has_its_name_for_the_repeat_penalty(
    kind: str, names: set[str]
) -> None:
    body = await asked_by(kind, asking(repeat_penalty=1.1))

    assert {name for name in body if name.startswith("rep")} == names


async def test_no_limit_and_any_seed_are_said_by_saying_nothing() -> None:
    body = await asked_by("vllm", asking(num_predict=-1, seed=-1))

    assert not {"max_tokens", "seed"} & body.keys()


async def test_a_server_that_refuses_to_count_is_asked_again_without() -> None:
    async with replaying({CHAT: [NO_COUNT, STREAM]}) as server:
        chunks = await reply("openai", server.url)

    assert text_in(chunks).endswith("Paris.")
    assert "stream_options" not in server.asked[1].json


async def test_a_server_that_refuses_to_tell_its_progress_is_remembered() -> None:
    refusal = told({"error": {"message": "Unknown field: return_progress"}}, status=400)
    async with (
        replaying({CHAT: [refusal, STREAM]}) as server,
        open_client(server.url) as client,
    ):
        adapter = adapter_for("llamacpp", client, server="gpu-01")
        for _ in range(2):
            async with aclosing(adapter.chat(asking())) as chunks:
                assert finish_in([chunk async for chunk in chunks])

    told_so = ["return_progress" in each.json for each in server.asked]
    assert told_so == [True, False, False]


async def test_another_refusal_is_not_asked_again() -> None:
    refusal = told({"error": {"message": "Too long."}}, status=400)

    async with replaying({CHAT: refusal}) as server:
        with pytest.raises(BackendRefused, match="Too long"):
            await reply("openai", server.url)

    assert len(server.asked) == 1


async def test_the_models_may_stand_without_a_version() -> None:
    models = told([{"id": "a"}])

    async with replaying({"/models": models}) as server:
        assert await names_at(server) == ["a"]


async def test_a_page_for_every_path_is_looked_past() -> None:
    page = Answer(b"<html>Welcome</html>", kind="text/html")

    async with replaying(
        {"/v1/models": page, "/models": told({"data": [{"id": "a"}]})}
    ) as server:
        assert await names_at(server) == ["a"]


async def test_a_wrong_key_is_not_looked_past() -> None:
    locked = told({"error": "Unauthorized"}, status=401)

    async with replaying({"/v1/models": locked}) as server:
        with pytest.raises(BackendRefused, match="Unauthorized"):
            await names_at(server)

    assert len(server.asked) == 1


async def test_no_models_are_an_empty_list() -> None:
    empty = Answer(recorded("ollama-v1-models-empty.json"), kind="application/json")

    async with replaying({"/v1/models": empty}) as server:
        assert await names_at(server) == []


async def test_the_answer_to_a_retry_still_counts_what_it_can() -> None:
    quiet = Answer(recorded("real-vllm-chat-stream-no-usage.sse"))

    async with replaying({CHAT: [NO_COUNT, quiet]}) as server:
        finish = finish_in(await reply("openai", server.url))

    assert finish.usage.completion_tokens is None


async def asked_twice(*answers: Answer) -> list[dict[str, object]]:
    """What is asked for two replies of one client, where the server answers so."""
    async with (
        replaying({CHAT: [*answers]}) as server,
        open_client(server.url) as client,
    ):
        for _ in range(2):
            adapter = adapter_for("openai", client, server="gpu-01")
            async with aclosing(adapter.chat(asking(num_predict=9))) as chunks:
                assert [chunk async for chunk in chunks]
    return [dict(each.json) for each in server.asked]


@pytest.mark.parametrize(
    "complaint",
    [
        {"error": {"message": "Unknown field: stream_options"}},
        {"error": {"message": "No such option.", "param": "include_usage"}},
        {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]},
    ],
)
async def test_that_a_server_does_not_count_is_remembered(complaint: object) -> None:
    first, *later = await asked_twice(told(complaint, status=422), STREAM)

    assert "stream_options" in first
    assert len(later) == 2
    assert not any("stream_options" in each for each in later)


async def test_the_new_name_of_the_limit_is_used_where_it_is_wanted() -> None:
    wanted = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead."
    )

    first, *later = await asked_twice(
        told({"error": {"message": wanted, "param": "max_tokens"}}, status=400), STREAM
    )

    assert (first["max_tokens"], len(later)) == (9, 2)
    assert all(each["max_completion_tokens"] == 9 for each in later)
    assert not any("max_tokens" in each for each in later)


async def test_what_a_person_says_teaches_nothing() -> None:
    said = "use max_completion_tokens, stream_options, include_usage"
    echo = {"detail": [{"loc": ["body"], "msg": "Too wild", "input": said}]}

    with pytest.raises(BackendRefused, match="Too wild"):
        await asked_twice(told(echo, status=422))


async def test_a_lesson_that_does_not_help_is_forgotten() -> None:
    refusal = told({"error": "stream_options: no"}, status=400)

    async with (
        replaying({CHAT: [refusal, refusal, STREAM]}) as server,
        open_client(server.url) as client,
    ):
        adapter = adapter_for("openai", client, server="gpu-01")
        with pytest.raises(BackendRefused):
            [chunk async for chunk in adapter.chat(asking())]
        [chunk async for chunk in adapter.chat(asking())]

    assert "stream_options" in server.asked[-1].json


async def test_both_lessons_can_be_learned_for_one_reply() -> None:
    limit = told({"error": "use max_completion_tokens"}, status=400)

    first, second, third, fourth = await asked_twice(NO_COUNT, limit, STREAM)

    assert {"stream_options", "max_tokens"} <= first.keys()
    assert "max_tokens" in second
    assert third == fourth
    assert not {"stream_options", "max_tokens"} & third.keys()


async def test_a_limit_that_is_too_large_is_not_asked_for_by_another_name() -> None:
    too_large = case("vllm-errors.json", "prompt plus max_tokens too long")

    async with replaying({CHAT: too_large}) as server:
        with pytest.raises(BackendRefused, match="too large: 40000"):
            await reply("vllm", server.url, asking(num_predict=40000))

    assert len(server.asked) == 1


async def test_two_replies_at_once_may_learn_the_same() -> None:
    async def one(adapter: Adapter) -> str:
        async with aclosing(adapter.chat(asking())) as chunks:
            return text_in([chunk async for chunk in chunks])

    async with (
        replaying({CHAT: [NO_COUNT, NO_COUNT, STREAM]}) as server,
        open_client(server.url) as client,
    ):
        adapter = adapter_for("openai", client, server="gpu-01")
        both = await asyncio.gather(one(adapter), one(adapter))

    assert all(each.endswith("Paris.") for each in both)


async def test_a_refusal_that_stays_the_same_is_asked_no_third_time() -> None:
    async with replaying({CHAT: NO_COUNT}) as server:
        with pytest.raises(BackendRefused, match="stream_options"):
            await reply("openai", server.url)

    assert len(server.asked) == 2


async def test_another_client_learns_for_itself() -> None:
    async with replaying({CHAT: [NO_COUNT, STREAM]}) as server:
        await reply("openai", server.url)
        await reply("openai", server.url)

    assert ["stream_options" in each.json for each in server.asked] == [
        True,
        False,
        True,
    ]


async def test_where_both_lists_are_missing_the_server_is_refused() -> None:
    async with replaying({}) as server:
        with pytest.raises(BackendRefused, match="Not Found"):
            await names_at(server)

    assert [each.path for each in server.asked] == ["/v1/models", "/models"]


async def test_a_key_that_the_other_list_wants_is_told() -> None:
    locked = told({"error": "Unauthorized"}, status=401)

    async with replaying({"/models": locked}) as server:
        with pytest.raises(BackendLocked):
            await names_at(server)
