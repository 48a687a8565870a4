"""How the starter engine is set up; `tests/test_up.py` talks to a running one."""

import pytest

xllamacpp = pytest.importorskip("xllamacpp")

from models_app.services import starter  # noqa: E402
from models_app.starter_engine import CONTEXT, MODEL, engine_params  # noqa: E402


def test_it_says_the_name_and_the_length_that_are_registered() -> None:
    assert (MODEL, CONTEXT) == (starter.MODEL, starter.CONTEXT)


def test_it_takes_the_weights_out_of_the_wheel() -> None:
    params = engine_params("127.0.0.1", 1)

    assert params.model.path.endswith(".gguf")
    assert params.hostnames == ["127.0.0.1"]


def test_no_page_of_another_site_may_talk_to_it() -> None:
    params = engine_params("127.0.0.1", 8421)

    assert params.cors_origins == "http://127.0.0.1:8421"
