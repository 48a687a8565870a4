"""A preset in a chat: what it opens with, and what its server did not heed."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.generation import generate
from chat.models import Conversation, Message
from chat.prompt import Said, build_prompt, tokens
from chat.services.replies import Closing, close_reply
from chat.services.turns import Turn, Words, start_turn
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters.base import ChatMessage
from models_app.resolve import Unheeded, resolve
from models_app.serving.route import routes
from models_app.snapshot import everything
from tests.fakes.conversing import CHAT, room, stream
from tests.fakes.replay import Answer, replaying
from tests.make import make_conversation, make_model, make_preset, make_reply
from tests.models_app.full_preset import understood

OPENING = (
    ChatMessage("system", "Be kind."),
    ChatMessage("user", "Is Oslo in Norway?"),
    ChatMessage("assistant", "Yes."),
)
TEXT = """\
FROM tiny
SYSTEM Be kind.
PARAMETER num_ctx 4096
PARAMETER temperature 0.1
TEMPLATE x
MESSAGE user Is Oslo in Norway?
MESSAGE assistant Yes.
"""


def test_examples_stay_however_much_is_left_out() -> None:
    turn = "word " * 100
    branch = [Said(turn, "olive"), Said(turn), Said("last", "olive")]

    prompt = build_prompt(branch, opening=OPENING, context=tokens(turn) + 60)

    assert prompt.messages[:3] == OPENING
    assert prompt.messages[3:] == (ChatMessage("user", "last"),)
    assert prompt.left_out == 2


def test_an_example_that_ends_with_a_question_is_joined_by_the_first() -> None:
    prompt = build_prompt([Said("b", "olive")], opening=[ChatMessage("user", "a")])

    assert prompt.messages == (ChatMessage("user", "a\n\nb"),)


def begin(conversation: Conversation, person: User, target: str) -> Turn:
    words = Words("Hi", uuid.uuid4(), target)
    turn = start_turn(conversation.pk, person=person, words=words)
    assert turn is not None
    return turn


def told(conversation: Conversation) -> list[list[str]]:
    replies = Message.objects.filter(conversation=conversation, author=None)
    return [[each["what"] for each in row.unheeded] for row in replies.order_by("pk")]


async def answered(target: str, *, times: int = 1) -> list[list[str]]:
    """What each of the replies in one conversation tells as unheeded."""
    async with replaying({CHAT: Answer(stream("Yes."))}) as server:
        conversation, owner = await in_db(room)(server.url)
        for _ in range(times):
            await generate(await in_db(begin)(conversation, owner, target))
        asked = [each.json for each in server.asked]
    for each in asked if target.startswith("preset") else ():
        texts = [said["content"] for said in each["messages"]]
        assert texts[:3] == ["Be kind.", "Is Oslo in Norway?", "Yes."]
        assert each["temperature"] == 0.1
        assert "num_ctx" not in each
    return await in_db(told)(conversation)


@pytest.mark.django_db(transaction=True)
async def test_what_a_server_does_not_heed_is_told_once(serving: None) -> None:
    preset = await in_db(make_preset)(text=TEXT)

    unheeded = await answered(f"preset:{preset.pk}", times=2)

    assert unheeded == [["PARAMETER num_ctx", "TEMPLATE"], []]


@pytest.mark.django_db(transaction=True)
async def test_a_bare_model_has_nothing_to_tell(serving: None) -> None:
    assert await answered("model:tiny") == [[]]


def undone(text: str) -> tuple[Unheeded, ...]:
    return resolve(understood(text), "vllm").unheeded


@pytest.mark.django_db
def test_another_line_or_another_server_is_told_again(person: User) -> None:
    conversation = make_conversation(person)
    first, second = "FROM a\nTEMPLATE x", "FROM a\nRENDERER x"
    for text, server in [(first, "a"), (first, "a"), (second, "a"), (second, "b")]:
        reply = make_reply(conversation)
        status = Message.Status.DONE
        closing = Closing(status, seq=0, text="", server=server, unheeded=undone(text))
        close_reply(reply.pk, closing)

    assert told(conversation) == [["TEMPLATE"], [], ["RENDERER"], ["RENDERER"]]


@pytest.mark.django_db
def test_a_preset_costs_no_query_more_than_its_model(person: User) -> None:
    make_model("tiny")
    preset = make_preset(text=TEXT)
    asked = []
    for target in ("model:tiny", f"preset:{preset.pk}"):
        conversation = make_conversation(person)
        everything()
        with CaptureQueriesContext(connection) as queries:
            turn = begin(conversation, person, target)
            routes(turn.ask)
        # Whether something has changed is asked by the clock, on slow machines once more.
        asked.append(sum("revision" not in each["sql"] for each in queries))

    assert asked[0] == asked[1] > 1


@pytest.mark.django_db
def test_the_page_names_the_lines_with_their_reasons(
    signed_in: Client, person: User
) -> None:
    conversation = make_conversation(person)
    facts = {"kind": "vLLM", "name": "num_ctx", "how": "--max-model-len"}
    line = {"what": "PARAMETER num_ctx", "line": 3, "reason": "at_start"}
    Message.objects.create(
        conversation=conversation,
        status=Message.Status.DONE,
        speaker="Helper",
        server="gpu-01",
        unheeded=[{**line, "facts": facts}],
    )

    page = signed_in.get(f"/c/{conversation.pk}/").content.decode()

    assert "Helper: 1 line not heeded by gpu-01" in page
    assert "vLLM takes num_ctx only when it starts or loads the model" in page


@pytest.mark.django_db
def test_a_reply_of_a_preset_wears_its_icon(signed_in: Client, person: User) -> None:
    make_model("tiny")
    preset = make_preset(text=TEXT, icon="🦉")
    conversation = make_conversation(person)

    begin(conversation, person, f"preset:{preset.pk}")

    page = signed_in.get(f"/c/{conversation.pk}/").content.decode()
    assert 'aria-hidden="true">🦉</span>' in page
