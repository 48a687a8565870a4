"""The mark by which a page knows that nothing has changed since it was rendered."""

import re
from typing import Any

import pytest
from django.test import Client

from dashboard.people.models import User
from models_app.gpu.metrics import Metric
from tests.at_door import come_in
from tests.dashboard.status.told_status import hear, told
from tests.make import (
    make_backend,
    make_card,
    make_model,
    make_node,
    make_sample,
)


def mark(client: Client) -> str:
    return client.get("/status/?fragment=mark").content.decode()


def say(**fields: Any) -> None:
    """`gpu-01` says how it is, for the second time."""
    told(make_sample("gpu-01", 1.0, **fields))


def test_the_page_carries_the_mark_that_is_told_alone(signed_in: Client) -> None:
    hear()
    make_model("tiny", backend=make_backend(), loaded=True)

    page = signed_in.get("/status/").content.decode()

    found = re.search(r'data-mark="(\w+)"', page)
    assert found
    assert found[1] == mark(signed_in)


def test_numbers_alone_change_no_mark(signed_in: Client) -> None:
    hear(cards=(make_card("GPU-1"),))
    before = mark(signed_in)

    say(cards=(make_card("GPU-1", values={Metric.UTIL: 99.0}),))

    assert mark(signed_in) == before


@pytest.mark.parametrize(
    "cards", [(), (make_card("GPU-2"),), (make_card("GPU-1", lost=True),)]
)
def test_another_card_changes_it(signed_in: Client, cards: tuple[Any, ...]) -> None:
    hear(cards=(make_card("GPU-1"),))
    before = mark(signed_in)

    say(cards=cards)

    assert mark(signed_in) != before


def test_a_host_a_server_a_model_and_a_reply_change_it(
    signed_in: Client, person: User
) -> None:
    marks = [mark(signed_in)]
    make_node("gpu-07")
    marks.append(mark(signed_in))
    backend = make_backend()
    marks.append(mark(signed_in))
    make_model("tiny", backend=backend, loaded=True)
    marks.append(mark(signed_in))
    come_in(person, backend)
    marks.append(mark(signed_in))

    assert len(set(marks)) == len(marks)
