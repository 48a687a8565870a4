"""How much of a prompt the real servers read, and what is said about it."""

import pytest

from dashboard.errors import PromptTooLong
from models_app.serving.alarm import Alarm, Answered, Kind, Sent, alarm_of
from models_app.serving.least import least_tokens
from tests.engines.servers import Server, asked
from tests.fakes.asking import finish_in

pytestmark = pytest.mark.engines

WINDOW = {"llamacpp": 1024, "vllm": 2048}


async def alarm_at(server: Server, text: str) -> Alarm | None:
    """What is said once the server has read the text and written a few tokens."""
    usage = finish_in(await server.reply(asked(text, num_predict=8))).usage
    window = WINDOW[server.kind]
    answered = Answered(usage.prompt_tokens, usage.completion_tokens, window)
    return alarm_of(Sent(least_tokens(text)), answered)


async def test_a_prompt_that_fits_raises_no_alarm(server: Server) -> None:
    assert await alarm_at(server, "学习中文 😀 def f(x): return x[0] " * 8) is None


async def test_a_prompt_that_nearly_fills_the_window_is_told(server: Server) -> None:
    alarm = await alarm_at(server, "word " * (WINDOW[server.kind] - 60))

    assert alarm is not None
    assert (alarm.kind, alarm.exact) == (Kind.FULL, True)
    assert alarm.used <= WINDOW[server.kind]


async def test_a_prompt_over_the_window_is_refused_with_numbers(
    server: Server,
) -> None:
    with pytest.raises(PromptTooLong) as refused:
        await server.reply(asked("word " * 4000))

    words = str(refused.value.facts["detail"])
    alarm = alarm_of(Sent(4000), Answered(refusal=words))

    assert alarm is not None
    assert (alarm.kind, alarm.window) == (Kind.REFUSED, WINDOW[server.kind])
    assert alarm.sent >= 4000
    assert alarm.exact == (server.kind == "llamacpp")
