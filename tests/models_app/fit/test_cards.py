"""The list of cards."""

import pytest

from models_app.fit.cards import CardKind, known_cards
from models_app.fit.machine import DISPLAY, DRIVER, RESERVE
from models_app.fit.sizes import GIB


def test_every_card_has_its_own_name_and_a_likely_memory() -> None:
    cards = known_cards()

    assert len({each.name for each in cards}) == len(cards)
    assert all(4 * GIB <= each.memory <= 512 * GIB for each in cards)
    assert all(each.source and each.maker for each in cards)
    assert {each.kind for each in cards} == set(CardKind)


@pytest.mark.parametrize("known", known_cards(), ids=lambda each: each.name)
def test_every_card_can_be_put_into_a_machine(known: object) -> None:
    card = known.card()  # type: ignore[attr-defined]

    assert 0 < card.budget < known.memory  # type: ignore[attr-defined]


def test_a_listed_card_lacks_what_driver_reserve_and_desktop_take() -> None:
    known = next(each for each in known_cards() if each.name == "GeForce RTX 3090")

    assert known.card().budget == 24 * GIB - DRIVER - RESERVE
    assert known.card(display=True).budget == 24 * GIB - DRIVER - RESERVE - DISPLAY
