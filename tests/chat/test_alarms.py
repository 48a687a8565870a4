"""Replies whose model did not read all that it was sent, and asking again with more room."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chat.generation import generate
from chat.lines import line_of
from chat.models import Conversation, Message
from chat.services.again import continue_reply, retry_reply
from chat.services.turns import Turn, Words, start_turn
from dashboard.errors import WindowNotOffered
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import LanguageModel
from models_app.snapshot import forget
from tests.fakes.conversing import closed
from tests.fakes.replay import Answer, replaying, told
from tests.make import (
    make_backend,
    make_broken_reply,
    make_conversation,
    make_message,
    make_model,
    make_person,
    make_reply,
)
from tests.recordings import recorded_case

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving"),
]
CHAT = "/api/chat"
NAME = "qwen2.5:7b"
LONG = "word " * 4000


def ollama(read: int, written: int = 1) -> Answer:
    """The recorded answer to a prompt that was cut, with other counts."""
    case = recorded_case("real-ollama-chat.json", "chat, prompt over the context")
    last = {**case["body"], "model": NAME, "prompt_eval_count": read}
    last |= {"eval_count": written, "message": {"role": "assistant", "content": "Ok."}}
    return Answer(json.dumps(last).encode() + b"\n", kind="application/x-ndjson")


def there(url: str = "http://127.0.0.1:9", **fields: Any) -> LanguageModel:
    """A model on a card of 12 GB, loaded with a window of 2,048 tokens."""
    server = {"kind": "ollama", "card": "geforce-rtx-3060"}
    server |= {each: fields.pop(each) for each in ("card", "kind") if each in fields}
    backend = make_backend(name="gpu-01", base_url=url, **server)
    facts = {"context": 32768, "quantization": "Q4_K_M", "window": None}
    return make_model(NAME, backend=backend, **{**facts, **fields})


def room(owner: User) -> Conversation:
    return make_conversation(owner, target=f"model:{NAME}")


def say(conversation: Conversation, owner: User, text: str) -> Turn:
    turn = start_turn(conversation.pk, person=owner, words=Words(text, uuid.uuid4()))
    assert turn is not None
    return turn


async def asked(url: str, text: str = LONG, **fields: Any) -> tuple[Turn, User]:
    owner = await in_db(make_person)()
    await in_db(there)(url, **fields)
    turn = await in_db(say)(await in_db(room)(owner), owner, text)
    await generate(turn)
    return turn, owner


async def test_half_of_a_prompt_that_ollama_left_out_is_told_and_a_window_offered() -> (
    None
):
    async with replaying({CHAT: ollama(1026)}) as server:
        turn, _ = await asked(server.url)

    alarm = (await closed(turn)).alarm
    assert (alarm["kind"], alarm["read"], alarm["sent"]) == ("cut", 1026, 5400)
    assert (alarm["way"], alarm["offered"]) == ("ask", 16384)


async def test_a_prompt_that_was_read_whole_is_not_talked_about() -> None:
    async with replaying({CHAT: ollama(4030)}) as server:
        turn, _ = await asked(server.url, window=16384)

    reply = await closed(turn)
    assert (reply.alarm, reply.least_sent) == ({}, 4000)


async def test_what_shrinks_between_two_turns_was_cut() -> None:
    text = "学习中文需要很多时间和耐心" * 60
    async with replaying({CHAT: [ollama(900), ollama(500)]}) as server:
        turn, owner = await asked(server.url, text)
        conversation = await in_db(Conversation.objects.get)(pk=turn.conversation)
        second = await in_db(say)(conversation, owner, text)
        await generate(second)

    assert (await closed(turn)).alarm == {}
    assert (await closed(second)).alarm["kind"] == "cut"


async def test_a_guess_is_better_once_the_model_has_been_heard() -> None:
    async with replaying({CHAT: [ollama(4030), ollama(1026)]}) as server:
        _, owner = await asked(server.url)
        other = await in_db(say)(await in_db(room)(owner), owner, LONG)
        await generate(other)

    assert (await closed(other)).alarm["sent"] == 4030


async def test_a_window_that_is_nearly_full_is_told() -> None:
    async with replaying({CHAT: ollama(1900, written=100)}) as server:
        turn, _ = await asked(server.url, "word " * 900, window=2048)

    alarm = (await closed(turn)).alarm
    assert (alarm["kind"], alarm["used"], alarm["window"]) == ("full", 2000, 2048)
    assert (alarm["way"], alarm["offered"]) == ("ask", 4096)


async def test_a_refused_prompt_is_told_with_the_numbers_of_its_server() -> None:
    case = recorded_case("llamacpp-errors.json", "prompt longer than the slot context")
    refusal = told(case["body"], status=case["status"])
    async with replaying({"/v1/chat/completions": refusal}) as server:
        turn, _ = await asked(server.url, kind="llamacpp", window=2048)

    reply = await closed(turn)
    assert (reply.status, reply.alarm["kind"]) == ("failed", "refused")
    assert (reply.alarm["sent"], reply.alarm["window"]) == (2631, 2048)
    assert (reply.alarm["way"], reply.alarm["how"]) == ("start", "-c")


async def test_where_no_window_fits_the_card_none_is_offered() -> None:
    async with replaying({CHAT: ollama(1026)}) as server:
        turn, _ = await asked(server.url, context=4096)

    assert (await closed(turn)).alarm["way"] == "none"


async def test_where_nobody_knows_the_card_that_is_said() -> None:
    async with replaying({CHAT: ollama(1026)}) as server:
        turn, _ = await asked(server.url, card="")

    assert (await closed(turn)).alarm["way"] == "unknown"


async def test_a_window_that_was_taken_is_asked_for_and_kept() -> None:
    async with replaying({CHAT: ollama(1026)}) as server:
        turn, owner = await asked(server.url)
        again = await in_db(retry_reply)(
            turn.conversation, message_id=turn.message, person=owner, window=16384
        )
        await generate(again)

    assert server.asked[-1].json["options"]["num_ctx"] == 16384
    assert (await closed(again)).window == 16384


def cut_reply(person: User, **fields: Any) -> Message:
    conversation = room(person)
    said = make_message(conversation, LONG, author=person)
    facts = {"kind": "cut", "read": 1026, "sent": 5423, "window": None, "used": 1030}
    offer = {"way": "ask", "offered": 16384, "model": 0, "how": "", "need": 7000}
    columns = {"status": "done", "target": f"model:{NAME}", "server": "gpu-01"}
    alarm = {**facts, "exact": False, **offer, **fields.pop("alarm", {})}
    return make_reply(
        conversation, "Ok.", parent=said, alarm=alarm, **{**columns, **fields}
    )


def again(reply: Message, person: User, window: int = 0) -> Turn:
    return retry_reply(
        reply.conversation_id, message_id=reply.pk, person=person, window=window
    )


@pytest.mark.parametrize("window", [65536, 1_000_000_000, 10**17])
def test_no_other_window_can_be_asked_for(window: int, person: User) -> None:
    there()
    reply = cut_reply(person)

    with pytest.raises(WindowNotOffered):
        again(reply, person, window)

    assert reply.parent is not None
    assert reply.parent.children.count() == 1


def test_nor_any_of_a_server_that_sets_it_at_its_start(person: User) -> None:
    there(kind="llamacpp")

    with pytest.raises(WindowNotOffered):
        again(cut_reply(person), person, 4096)


def test_what_is_said_next_and_asked_once_more_keeps_the_window(person: User) -> None:
    there()
    reply = cut_reply(person, window=16384)

    assert again(reply, person).ask.parameters == {"num_ctx": 16384}
    Message.objects.open().delete()
    turn = say(reply.conversation, person, "And now?")

    assert turn.ask.parameters == {"num_ctx": 16384}
    assert turn.ask.server is not None


def test_a_reply_is_written_on_with_its_window(person: User) -> None:
    there()
    reply = cut_reply(person, window=16384, status="stopped")

    turn = continue_reply(reply.conversation_id, message_id=reply.pk, person=person)

    assert (turn.ask.parameters["num_ctx"], turn.ask.go_on) == (16384, True)


def test_a_window_that_fits_no_more_is_let_go_of(person: User) -> None:
    there(card="")
    reply = cut_reply(person, window=16384)

    assert again(reply, person).ask.parameters == {}


def page_of(client: Client, reply: Message) -> str:
    address = reverse("message", args=[reply.conversation_id, reply.pk])
    return client.get(address).content.decode()


def test_the_page_says_what_was_left_out_and_has_a_button(
    signed_in: Client, person: User
) -> None:
    there()

    page = page_of(signed_in, cut_reply(person))

    assert "read 1,026 of about 5,400 tokens: about 4,400 were left out" in page
    assert "Ask again with a window of 16,384" in page
    assert 'data-window="16384"' in page


def test_who_only_reads_sees_the_sentence_and_no_button(
    client: Client, person: User
) -> None:
    reply, viewer = cut_reply(person), make_person()
    reply.conversation.participants.create(person=viewer, role="viewer")
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")

    page = page_of(client, reply)

    assert "were left out" in page
    assert "Ask again with" not in page


def test_the_button_works_without_a_socket(signed_in: Client, person: User) -> None:
    there()
    reply = cut_reply(person)
    address = reverse("message-retry", args=[reply.conversation_id, reply.pk])

    refused = signed_in.post(address, {"window": "65536"})
    taken = signed_in.post(address, {"window": "16384"})

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert Message.objects.latest("pk").window == 16384


def test_what_an_alarm_says_is_not_said_in_a_servers_words_as_well(
    person: User,
) -> None:
    alarm = {
        "kind": "refused",
        "sent": 17_856,
        "read": 0,
        "used": 0,
        "window": 8192,
        "exact": True,
        "way": "unknown",
        "offered": 0,
        "how": "",
    }
    facts = {"server": "gpu-01", "upstream": 400, "detail": "try increasing it"}
    reply = make_broken_reply(
        make_conversation(person),
        "",
        error_code="prompt_too_long",
        error_facts=facts,
        alarm=alarm,
    )

    line = line_of(reply)

    assert line.error == ""
    assert line.alarm is not None
    assert "17,856 tokens were sent" in line.alarm.sentences[0]


def test_what_we_left_out_ourselves_is_said_in_the_same_place(
    signed_in: Client, person: User
) -> None:
    alarm = {"kind": "left_out", "way": "none"}
    reply = cut_reply(person, left_out=2, alarm=alarm)

    page = page_of(signed_in, reply)

    assert "2 early messages did not fit" in page
    assert "There is no window that holds it all on gpu-01." in page


def test_only_who_may_load_gets_the_button_that_loads(
    client: Client, signed_in: Client, admin: User, person: User
) -> None:
    model = there(kind="lmstudio")
    reply = cut_reply(person, alarm={"way": "load", "model": model.pk})
    reply.conversation.participants.create(person=admin)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    assert "Load it with a window of 16,384" in page_of(client, reply)
    assert "Load it with" not in page_of(signed_in, reply)


def test_another_model_is_offered_to_those_who_may_use_it(
    signed_in: Client, person: User
) -> None:
    there()
    hidden = make_backend(kind="vllm")
    make_model("wide", backend=hidden, context=131_072)
    reply = cut_reply(person, alarm={"way": "none"})

    assert "Ask wide, which reads more" in page_of(signed_in, reply)
    hidden.groups.create(name="others")
    forget()
    assert "wide" not in page_of(signed_in, reply)
