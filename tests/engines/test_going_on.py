"""Going on with a reply that broke off, and offering tools, to the real servers."""

from dataclasses import replace

import pytest

from models_app.adapters.base import ChatMessage, Tool
from tests.engines.servers import Server, asked
from tests.fakes.asking import finish_in, text_in

pytestmark = pytest.mark.engines

WEATHER = Tool(
    name="weather",
    description="The weather in a city",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}},
)


async def test_the_rest_of_a_reply_comes_without_its_beginning(server: Server) -> None:
    request = asked("Name the days of the week.", num_predict=5, temperature=0)
    begun = ChatMessage("assistant", "Monday, Tuesday, Wedn")

    chunks = await server.reply(
        replace(request, messages=(*request.messages, begun), go_on=True)
    )

    assert text_in(chunks)
    assert not text_in(chunks).startswith("Monday")


async def test_going_on_opens_no_new_turn(server: Server) -> None:
    request = asked("Name the days of the week.", num_predict=1)
    begun = ChatMessage("assistant", "Monday")
    alone = finish_in(await server.reply(request)).usage.prompt_tokens

    chunks = await server.reply(
        replace(request, messages=(*request.messages, begun), go_on=True)
    )

    # One token more: "Monday" itself.
    assert finish_in(chunks).usage.prompt_tokens == (alone or 0) + 1


async def test_tools_may_be_offered_to_a_model_that_knows_none(server: Server) -> None:
    request = asked("What is the weather in Paris?", num_predict=8)

    chunks = await server.reply(replace(request, tools=(WEATHER,)))

    assert finish_in(chunks)
