"""Handing work to the workers."""

import logging
from collections.abc import Iterator

import pytest
from celery import Celery
from django.test import TestCase

from dashboard.celery import app
from dashboard.jobs import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_redis() -> Iterator[None]:
    Celery("elsewhere", broker="redis://127.0.0.1:9/0", set_as_current=True)
    yield
    app.set_current()


def test_a_form_never_fails_for_a_queue_that_is_away(
    no_redis: None, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, "dashboard.jobs"),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        enqueue("models_app.pull_model", 7)

    assert "models_app.pull_model is left to the sweep" in caplog.text


def test_nothing_is_handed_on_before_the_change_is_in() -> None:
    with TestCase.captureOnCommitCallbacks() as callbacks:
        enqueue("models_app.pull_model", 7)

    assert len(callbacks) == 1


def test_long_jobs_have_a_queue_of_their_own() -> None:
    routed = app.amqp.router.route({}, "models_app.pull_model")

    assert routed["queue"].name == "long"
