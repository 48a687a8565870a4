"""Nothing is shared out that no card took, and what is unknown stays unknown."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.ledger.shares import Share, Stretch, Work, shared_out, weight_of

CARD = frozenset({1})
moments = st.integers(0, 100_000).map(lambda ms: ms / 1000)


@st.composite
def works(draw: st.DrawFn) -> list[Work]:
    count = draw(st.integers(0, 6))
    found = []
    for key in range(count):
        since, until = draw(moments), draw(moments)
        cards = draw(st.frozensets(st.integers(1, 3)))
        weight = draw(st.none() | st.integers(0, 10**6))
        found.append(Work(key, min(since, until), max(since, until), cards, weight))
    return found


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    places = draw(st.sets(st.tuples(st.integers(1, 3), st.integers(0, 9))))
    joules, busy = st.none() | st.floats(0, 1e4), st.none() | st.floats(0, 1)
    return [
        Stretch(card, slot * 10.0, 10.0, draw(joules), draw(busy))
        for card, slot in sorted(places)
    ]


@given(works(), stretches())
def test_the_shares_come_to_no_more_than_the_cards_took(
    these: list[Work], told: list[Stretch]
) -> None:
    shares = shared_out(these, told).values()

    joules = sum(each.joules or 0 for each in told)
    busy = sum((each.busy or 0) * each.seconds for each in told)
    assert sum(each.joules or 0 for each in shares) <= joules * (1 + 1e-9) + 1e-9
    assert sum(each.gpu_seconds or 0 for each in shares) <= busy * (1 + 1e-9) + 1e-9
    assert all((each.joules or 0) >= 0 for each in shares)


@given(works(), stretches())
def test_a_card_that_is_used_all_the_while_is_shared_out_whole(
    these: list[Work], told: list[Stretch]
) -> None:
    always = Work(99, 0, 100, frozenset({1, 2, 3}), 5.0)

    shares = shared_out([always, *these], told).values()

    whole = sum(each.joules or 0 for each in told)
    assert sum(each.joules or 0 for each in shares) == pytest.approx(whole)


@given(works(), stretches())
def test_what_nobody_told_is_nobodys(these: list[Work], told: list[Stretch]) -> None:
    shares = shared_out(these, told)

    met: dict[int, bool] = defaultdict(bool)
    for work in these:
        for each in told:
            meets = work.since < each.until and each.since < work.until
            known = each.joules is not None and each.card in work.cards
            met[work.key] |= meets and known and work.until > work.since
    found = {key for key, share in shares.items() if share.joules is not None}
    assert found == {key for key, meets in met.items() if meets}


def test_one_alone_takes_the_part_of_its_time() -> None:
    work = Work(1, 5.0, 12.5, CARD, 10)
    told = [Stretch(1, 0, 10, 100, 0.5), Stretch(1, 10, 10, 80, 1.0)]

    assert shared_out([work], told) == {1: Share(2.5 + 2.5, 50 + 20)}


def test_two_at_once_share_by_their_tokens_a_second() -> None:
    long, short = Work(1, 0, 20, CARD, 200), Work(2, 10, 20, CARD, 300)
    told = [Stretch(1, 0, 10, 100, 1), Stretch(1, 10, 10, 100, 1)]

    shares = shared_out([long, short], told)

    assert shares == {1: Share(12.5, 125), 2: Share(7.5, 75)}


def test_while_tokens_of_any_are_unknown_time_counts() -> None:
    told = [Stretch(1, 0, 10, 100, 1)]
    known, other = Work(1, 0, 10, CARD, 500), Work(2, 0, 10, CARD, None)

    assert shared_out([known, other], told) == {1: Share(5, 50), 2: Share(5, 50)}


def test_all_cards_of_a_generation_count() -> None:
    told = [Stretch(1, 0, 10, 100, 0.5), Stretch(2, 0, 10, 60, 0.25)]

    found = shared_out([Work(1, 0, 10, frozenset({1, 2}), 1)], told)

    assert found == {1: Share(7.5, 160)}


def test_others_on_the_same_card_have_their_part() -> None:
    told = [Stretch(1, 0, 10, 100, 1), Stretch(2, 0, 10, 100, 1)]
    both, one = Work(1, 0, 10, frozenset({1, 2}), 10), Work(2, 0, 10, CARD, 10)

    assert shared_out([both, one], told) == {1: Share(15, 150), 2: Share(5, 50)}


def test_a_number_that_is_not_told_leaves_the_other() -> None:
    told = [Stretch(1, 0, 10, None, 0.5)]

    assert shared_out([Work(1, 0, 10, CARD, 1)], told) == {1: Share(5, None)}


def test_a_token_that_is_read_counts_a_tenth_and_a_cached_one_nothing() -> None:
    assert weight_of(120, 30, 20) == pytest.approx(40)
    assert weight_of(None, 30, None) == 30
    assert weight_of(5, 30, 9) == 30
    assert weight_of(120, None, 20) is None
