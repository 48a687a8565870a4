"""Answering an ask: which server does, and what becomes of one that does not."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.errors import (
    BackendBroken,
    BackendRefused,
    BackendSilent,
    BackendUnreachable,
    NothingToAnswer,
    PromptTooLong,
)
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters.base import ChatMessage, Text
from models_app.models import Backend
from models_app.serving.ask import Ask, Begun, Done, Step
from models_app.serving.route import routes
from models_app.serving.serve import serve
from models_app.snapshot import forget
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_backend, make_model, make_person
from tests.recordings import recorded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving"),
]

CHAT = "/v1/chat/completions"
PARIS = "The capital of France is Paris."
STREAM = recorded("real-vllm-chat-stream.sse")
DEAD = "http://127.0.0.1:9"


def served_by(*urls: str, **fields: object) -> User:
    """A person who may ask servers at these addresses, named in this order, for `tiny`."""
    for number, url in enumerate(urls):
        backend = make_backend(name=f"gpu-{number}", base_url=url, **fields)
        make_model("tiny", backend=backend)
    forget()
    return make_person()


def asking_of(person: User, model: str = "tiny") -> Ask:
    return Ask(person, model, (ChatMessage("user", "hello"),))


async def steps_of(person: User, into: list[Step] | None = None) -> list[Step]:
    steps = [] if into is None else into
    async with aclosing(serve(asking_of(person))) as stream:
        async for step in stream:
            steps.append(step)
    return steps


def text_of(steps: list[Step]) -> str:
    return "".join(each.text for each in steps if isinstance(each, Text))


def servers_of(steps: list[Step]) -> list[str]:
    return [each.server for each in steps if isinstance(each, Begun)]


@pytest.mark.parametrize("busy", [True, False])
async def test_a_server_that_does_not_begin_is_passed_over(busy: bool) -> None:
    refusal = told({"error": "server busy"}, status=503)
    async with (
        replaying({CHAT: refusal}) as first,
        replaying({CHAT: Answer(STREAM)}) as second,
    ):
        person = await in_db(served_by)(first.url if busy else DEAD, second.url)

        steps = await steps_of(person)

    assert servers_of(steps) == ["gpu-0", "gpu-1"]
    assert text_of(steps) == PARIS
    assert isinstance(steps[-1], Done)


@pytest.mark.parametrize(
    "first",
    [
        told({"error": "model 'tiny' not found"}, status=404),
        told({"error": "CUDA out of memory"}, status=500),
        told({"error": "Unauthorized"}, status=401),
        Answer(b""),
        Answer(end=End.HANG),
    ],
)
async def test_whatever_happens_before_the_first_token_another_server_answers(
    first: Answer,
) -> None:
    async with (
        replaying({CHAT: first}) as sick,
        replaying({CHAT: Answer(STREAM)}) as well,
    ):
        person = await in_db(served_by)(sick.url, well.url, first_token_seconds=1)

        assert text_of(await steps_of(person)) == PARIS


async def test_a_prompt_that_is_too_long_is_told_at_once() -> None:
    long = told({"error": {"type": "exceed_context_size_error"}}, status=400)
    async with replaying({CHAT: long}) as first, replaying({}) as second:
        person = await in_db(served_by)(first.url, second.url)

        with pytest.raises(PromptTooLong):
            await steps_of(person)

    assert second.asked == []


async def test_after_the_first_token_no_other_server_is_asked() -> None:
    half, steps = Answer(STREAM[:900], end=End.EARLY), list[Step]()
    async with replaying({CHAT: half}) as first, replaying({}) as second:
        person = await in_db(served_by)(first.url, second.url)

        with pytest.raises(BackendBroken):
            await steps_of(person, into=steps)

    assert servers_of(steps) == ["gpu-0"]
    assert second.asked == []


async def test_the_last_server_says_why_it_does_not_begin() -> None:
    person = await in_db(served_by)(DEAD, DEAD)

    with pytest.raises(BackendUnreachable, match="gpu-1 cannot be reached"):
        await steps_of(person)


async def test_each_server_has_its_own_limit_before_the_first_token() -> None:
    async with replaying({CHAT: Answer(end=End.HANG)}) as server:
        person = await in_db(served_by)(server.url, first_token_seconds=1)

        with pytest.raises(BackendSilent) as silence:
            await steps_of(person)

    assert silence.value.facts == {"server": "gpu-0", "seconds": 1}


async def test_the_limit_in_the_middle_of_a_reply_is_kept_whatever_the_first_one_was() -> (
    None
):
    half = Answer(STREAM[:900], end=End.HANG)
    async with replaying({CHAT: half}) as server, asyncio.timeout(5):
        person = await in_db(served_by)(
            server.url, first_token_seconds=600, silence_seconds=1
        )

        with pytest.raises(BackendSilent, match="1 seconds"):
            await steps_of(person)


async def test_a_real_reply_feeds_health() -> None:
    async with replaying({CHAT: Answer(STREAM)}) as server:
        person = await in_db(served_by)(server.url)

        await steps_of(person)
        await in_db(forget)()

    backend = await in_db(Backend.objects.get)()
    assert backend.replied_at
    assert backend.reply_code == ""


async def test_a_good_reply_after_a_bad_one_is_noted_at_once() -> None:
    bad = told({"error": "CUDA"}, status=500)
    async with replaying({CHAT: [Answer(STREAM), bad, Answer(STREAM)]}) as server:
        person = await in_db(served_by)(server.url)
        await steps_of(person)
        with pytest.raises(BackendRefused):
            await steps_of(person)
        await steps_of(person)
        await in_db(forget)()

    assert (await in_db(Backend.objects.get)()).reply_code == ""


async def test_a_server_that_cannot_be_reached_is_known_to_be_away_at_once() -> None:
    person = await in_db(served_by)(DEAD)

    with pytest.raises(BackendUnreachable):
        await steps_of(person)
    await in_db(forget)()

    assert not (await in_db(Backend.objects.get)()).up


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "order"),
    [
        ({}, ["gpu-0", "gpu-1"]),
        ({"failure_code": "backend_unreachable"}, ["gpu-1", "gpu-0"]),
        ({"reply_code": "backend_broken", "replied_at": 0}, ["gpu-1", "gpu-0"]),
        ({"reply_code": "backend_broken", "replied_at": 9}, ["gpu-0", "gpu-1"]),
    ],
)
def test_servers_that_answer_come_first(
    first: dict[str, Any], order: list[str]
) -> None:
    person = served_by(DEAD, DEAD)
    if "replied_at" in first:
        ago = timedelta(minutes=first["replied_at"])
        first = {**first, "replied_at": timezone.now() - ago}
    Backend.objects.filter(name="gpu-0").update(**first)

    assert [each.server for each in routes(asking_of(person))] == order


def test_a_model_is_asked_for_as_its_server_spells_it() -> None:
    make_model("llama3.2:latest")
    person = make_person()

    (route,) = routes(asking_of(person, "Llama3.2"))

    assert route.model == "llama3.2:latest"


def test_without_a_server_there_is_nothing_to_answer() -> None:
    with pytest.raises(NothingToAnswer):
        routes(asking_of(make_person()))
