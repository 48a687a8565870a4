"""What no process wrote is written by the sweep, and asked for no more."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from django.conf import settings

from models_app.models import Generation
from models_app.serving.settling import write_lost
from models_app.serving.slots.keeper import PREFIX
from models_app.serving.slots.reading import lost_tickets
from tests.models_app.serving.slots.wishing import Script, held

HALF = "\ud800"


@pytest.fixture
def queue(transactional_db: None) -> Iterator[Script]:
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as link:
        yield Script(link, PREFIX)
        if keys := link.keys(f"{PREFIX}*"):
            link.delete(*keys)


def test_a_lost_row_that_cannot_be_written_holds_up_no_other(queue: Script) -> None:
    good, bad = held("a"), held("b")
    bad = replace(bad, wish=replace(bad.wish, facts={"model": HALF}))
    queue.act("enter", [good, bad], now=time.time() - 60)

    assert write_lost() == 2

    assert list(Generation.objects.values_list("ticket", flat=True)) == ["a"]
    assert lost_tickets() == []
