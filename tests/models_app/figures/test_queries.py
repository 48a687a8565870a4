"""The numbers of servers, as pages read them."""

from dataclasses import replace

import pytest

from dashboard.live.bus import link
from models_app.figures.queries import (
    FRESH,
    Lack,
    ServerFigures,
    Source,
    as_told,
    figures_now,
    keep_figures,
    together,
)
from models_app.gpu.keys import FIGURES

pytestmark = pytest.mark.usefixtures("no_status")

METRICS = ServerFigures(
    100.0,
    running=3,
    waiting=0,
    kv_cache=0.5,
    source=Source.METRICS,
    reasons={
        "tokens_per_second": Lack.NOT_YET,
        "first_token_p50": Lack.NOT_TOLD,
        "first_token_p95": Lack.NOT_TOLD,
    },
)
REPLIES = ServerFigures(
    101.0, running=1, first_token_p50=0.25, source=Source.REPLIES, ours=frozenset()
)


def test_what_was_kept_is_read_as_it_was() -> None:
    keep_figures({7: METRICS})

    assert figures_now(100.0) == {7: METRICS}


def test_what_a_server_does_not_tell_its_replies_do() -> None:
    keep_figures({7: METRICS})
    keep_figures({7: REPLIES, 8: REPLIES})

    figures = figures_now(101.0)
    assert figures[7].running == 3
    assert figures[7].first_token_p50 == 0.25
    assert figures[7].ours == {"first_token_p50"}
    assert "first_token_p50" not in figures[7].reasons
    assert (figures[7].source, figures[8].source) == (Source.METRICS, Source.REPLIES)


def test_what_only_replies_could_tell_lacks_for_their_reason() -> None:
    replies = replace(
        REPLIES,
        first_token_p50=None,
        reasons={"first_token_p50": Lack.NO_REPLIES, "waiting": Lack.NOT_TOLD},
    )

    reasons = together([METRICS, replies]).reasons

    assert reasons["first_token_p50"] == Lack.NO_REPLIES
    assert reasons["tokens_per_second"] == Lack.NOT_YET


@pytest.mark.parametrize("late", [FRESH + 1, -FRESH - 1])
def test_a_number_of_another_minute_is_none_of_now(late: float) -> None:
    keep_figures({7: METRICS})

    assert figures_now(100.0 + late) == {}


def test_a_server_that_tells_nothing_has_no_source() -> None:
    silent = ServerFigures(1.0, source=Source.METRICS, reasons={"running": Lack.SILENT})

    assert together([silent]).source == Source.NOBODY
    assert together([silent, REPLIES]).source == Source.REPLIES


@pytest.mark.parametrize("raw", [b"{", b"{}", b'{"at": "soon"}', b"\xff"])
def test_what_another_version_wrote_is_left_out(raw: bytes) -> None:
    link().hset(FIGURES, mapping={"7:metrics": raw, "no number:metrics": b"{}"})

    assert figures_now(100.0) == {}


def test_what_is_over_is_not_generated_now() -> None:
    over = replace(REPLIES, running=0, tokens_per_second=40.0)

    assert together([over]).generating == 0
    assert together([replace(over, running=1)]).generating == 40
    metered = replace(METRICS, running=0, tokens_per_second=3.0)
    assert together([metered]).generating == 0
    assert together([replace(metered, served=1)]).generating == 3
    assert together([replace(metered, tokens_per_second=None)]).generating is None


def test_each_number_is_told_or_its_reason() -> None:
    told = as_told(7, METRICS)

    assert (told["backend"], told["kv_cache"], told["source"]) == (7, 0.5, "metrics")
    assert told["tokens_per_second"] is None
    assert told["reasons"] == {
        "tokens_per_second": "not-yet",
        "first_token_p50": "not-told",
        "first_token_p95": "not-told",
    }


def test_each_reason_is_a_sentence() -> None:
    assert all(str(each.label).endswith(".") for each in Lack)
