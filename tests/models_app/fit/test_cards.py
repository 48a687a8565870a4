"""The list of cards."""

import pytest

from models_app.fit.cards import CardKind, find_card, known_cards
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


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("NVIDIA GeForce RTX 4090", "GeForce RTX 4090"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "GeForce RTX 4090 Laptop GPU"),
        ("NVIDIA GeForce RTX 4070 Ti SUPER", "GeForce RTX 4070 Ti SUPER"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB"),
        ("NVIDIA H100 80GB HBM3", "H100 80GB"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA L40S", "L40S"),
        ("Tesla V100-SXM2-16GB", "Tesla V100 16GB"),
        ("NVIDIA GB10", "GB10"),
    ],
)
def test_a_card_is_found_by_what_its_driver_calls_it(told: str, name: str) -> None:
    found = find_card(told)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "told", ["", "Imaginary 9000", "NVIDIA GeForce RTX 3080 Laptop"]
)
def test_an_unknown_card_is_none(told: str) -> None:
    assert find_card(told) is None


def test_a_listed_card_lacks_what_driver_reserve_and_desktop_take() -> None:
    known = find_card("GeForce RTX 3090")

    assert known is not None
    assert known.card().budget == 24 * GIB - DRIVER - RESERVE
    assert known.card(display=True).budget == 24 * GIB - DRIVER - RESERVE - DISPLAY
