"""Telling new samples from known ones, and one agent from two."""

from models_app.nodes.intake.boots import Boots, Verdict
from tests.models_app.nodes.intake.taking import BEGIN, sample_at


def judged(
    boots: Boots, at: float, boot: str = "one", seq: int | None = None
) -> Verdict:
    number = int(at) if seq is None else seq
    return boots.judge(sample_at(BEGIN, boot=boot, seq=number), received=BEGIN + at)


def test_a_sample_counts_once() -> None:
    boots = Boots()

    assert judged(boots, 1) is Verdict.FIRST
    assert judged(boots, 2) is Verdict.NEW
    assert judged(boots, 3, seq=2) is Verdict.KNOWN


def test_one_that_was_overtaken_counts_as_late_and_once() -> None:
    boots = Boots()
    judged(boots, 1)
    judged(boots, 5)

    assert judged(boots, 6, seq=3) is Verdict.LATE
    assert judged(boots, 7, seq=3) is Verdict.KNOWN


def test_numbers_may_be_missing() -> None:
    boots = Boots()
    judged(boots, 1)

    assert judged(boots, 2, seq=50_000) is Verdict.NEW


def test_an_agent_that_starts_again_is_heard_at_once() -> None:
    boots = Boots()
    judged(boots, 5)

    assert judged(boots, 6, boot="two", seq=0) is Verdict.FIRST
    assert not boots.two_agents(now=BEGIN + 6)


def test_of_two_agents_the_second_is_refused_and_said() -> None:
    boots = Boots()
    judged(boots, 1)
    judged(boots, 1.5, boot="two")

    verdicts = [
        (judged(boots, at), judged(boots, at + 0.5, boot="two")) for at in range(2, 20)
    ]

    assert verdicts[0] == (Verdict.FIRST, Verdict.REFUSED)
    assert set(verdicts[1:]) == {(Verdict.NEW, Verdict.REFUSED)}
    assert boots.two_agents(now=BEGIN + 20)


def test_the_second_agent_is_heard_once_the_first_is_gone() -> None:
    boots = Boots()
    for at in range(1, 5):
        judged(boots, at)
        judged(boots, at + 0.5, boot="two")

    verdicts = [judged(boots, at, boot="two") for at in range(6, 30)]

    assert verdicts[0] is Verdict.REFUSED
    assert verdicts[-1] is Verdict.NEW
    assert not boots.two_agents(now=BEGIN + 60)


def test_a_stream_that_is_read_again_does_not_look_like_two_agents() -> None:
    boots = Boots()
    story = [(1.0, "one"), (2.0, "one"), (3.0, "two"), (4.0, "two")]
    for at, boot in story:
        judged(boots, at, boot)

    again = [judged(boots, at, boot) for at, boot in story]

    assert again == [Verdict.KNOWN] * 4


def test_a_new_process_goes_on_where_the_last_one_was() -> None:
    boots = Boots()
    boots.remember("two", seq=4, heard=BEGIN + 4, interval=1)

    assert judged(boots, 2, "one") is Verdict.KNOWN
    assert judged(boots, 4, "two") is Verdict.LATE
    assert judged(boots, 5, "two") is Verdict.NEW


def test_memory_does_not_grow_with_the_age_of_an_agent() -> None:
    boots = Boots()

    for at in range(20_000):
        judged(boots, at)

    assert len(boots._seen) < 8_000
