"""How much of a prompt a real llama.cpp reads, and what is said about it."""

import httpx
import pytest

from dashboard.errors import PromptTooLong
from models_app.serving.alarm import Answered, Kind, Sent, alarm_of
from models_app.serving.least import least_sent, least_tokens
from tests.fakes.asking import asking, finish_in, reply

WINDOW = 8192

TEXTS = {
    "prose": "The quick brown fox doesn't jump over the lazy dog's bed. " * 3,
    "code": "def read_file(path: str) -> bytes:\n    return open(path).read()\n" * 3,
    "tight code": 'x={"a":[1,22,333],"b_c":None};y=fooBar(x)["b_c"]or"e.g."' * 20,
    "Chinese": "学习中文需要很多时间和耐心，但是非常值得。" * 3,
    "Japanese": "東京は日本の首都であり、世界最大の都市の一つです。" * 3,
    "Korean": "서울은 대한민국의 수도이며 가장 큰 도시입니다. " * 3,
    "emoji": "😀🎉🚀👩‍💻❤️" * 5,
    "German": "Donaudampfschifffahrtsgesellschaftskapitän Straßenbahnhaltestelle " * 3,
    "blanks": "a" + " " * 50 + "b" + "\n" * 30 + "-" * 300,
    "numbers": "2026-11-28 20:15:42 3.14159265358979 1000000000 " * 3,
    "a table": "| name | value |\n|------|-------|\n| www.example.com | 3 |\n" * 3,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_real_tokenizer_never_falls_below_the_least(text: str, engine: str) -> None:
    answer = httpx.post(f"{engine}/tokenize", json={"content": text}, trust_env=False)

    assert len(answer.json()["tokens"]) >= least_tokens(text)


async def read_of(engine: str, text: str, **parameters: int) -> Answered:
    usage = finish_in(await reply("llamacpp", engine, asking(text, **parameters))).usage
    return Answered(usage.prompt_tokens, usage.completion_tokens, WINDOW)


@pytest.mark.parametrize("name", ["code", "Chinese", "emoji"])
async def test_what_the_engine_read_whole_raises_no_alarm(
    name: str, engine: str
) -> None:
    text = TEXTS[name]
    request = asking(text, num_predict=1)

    answered = await read_of(engine, text, num_predict=1)

    assert answered.silent
    assert alarm_of(Sent(least_sent(request.messages)), answered) is None


async def test_a_prompt_over_its_window_is_refused_with_exact_numbers(
    engine: str,
) -> None:
    with pytest.raises(PromptTooLong) as refused:
        await reply("llamacpp", engine, asking("word " * 30_000))

    words = str(refused.value.facts["detail"])
    alarm = alarm_of(Sent(30_000), Answered(refusal=words))

    assert alarm is not None
    assert (alarm.kind, alarm.window, alarm.exact) == (Kind.REFUSED, WINDOW, True)
    assert 30_000 < alarm.sent < 30_100
