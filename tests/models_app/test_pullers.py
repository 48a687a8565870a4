"""Which servers pull, and under which names."""

import pytest

from dashboard.errors import NameUnfit
from models_app.pullers import (
    goes_on_alone,
    key_for,
    other_servers,
    puller_servers,
)
from tests.make import make_backend

pytestmark = pytest.mark.django_db


def test_servers_that_do_not_pull_say_why() -> None:
    make_backend(name="a", kind="ollama")
    make_backend(name="b", kind="vllm")
    make_backend(name="c", kind="")
    make_backend(name="d", kind="llamacpp", starter=True)
    make_backend(name="e", kind="ollama", enabled=False)

    assert [each.name for each in puller_servers()] == ["a"]
    others = {each.server.name: each.reason for each in other_servers()}
    assert [*others] == ["b", "c", "d"]
    assert "vllm serve" in others["b"]


def test_only_lm_studio_goes_on_when_nobody_listens() -> None:
    kinds = ("ollama", "lmstudio", "llamacpp")

    goes_on = [each for each in kinds if goes_on_alone(make_backend(kind=each))]

    assert goes_on == ["lmstudio"]


def test_names_of_one_model_have_one_key() -> None:
    server = make_backend(kind="ollama")
    same = ("Tiny", "tiny:latest", "library/tiny", "registry.ollama.ai/library/tiny")

    assert {key_for(each, server) for each in same} == {"tiny"}


@pytest.mark.parametrize(
    ("kind", "name", "example"),
    [("ollama", "a/b/c/d:e:f", "qwen3:0.6b"), ("ollama", "", "qwen3:0.6b")],
)
def test_what_is_no_name_there_is_told_with_an_example(
    kind: str, name: str, example: str
) -> None:
    with pytest.raises(NameUnfit, match=example):
        key_for(name, make_backend(kind=kind))
