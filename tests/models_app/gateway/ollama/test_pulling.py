"""What a row says of a pull, as lines in Ollama's shape."""

from typing import Any

from dashboard.errors import DashboardError, DiskFull
from models_app.gateway.ollama.pulling import News, failure_of
from models_app.models import Pull

DIGEST = "sha256:0123456789abcdef"


def running(**columns: Any) -> Pull:
    return Pull(name="tiny", status=Pull.Status.RUNNING, **columns)


def with_layer(completed: int) -> Pull:
    layer = {"name": DIGEST, "total": 100, "completed": completed}
    return running(said="pulling 0123456789ab", layers=[layer])


def test_a_pull_that_waits_says_so_once() -> None:
    news = News()

    assert [*news.of(Pull(name="tiny"))] == [{"status": "waiting for its turn"}]
    assert [*news.of(Pull(name="tiny"))] == []


def test_a_layer_is_told_when_it_has_moved() -> None:
    news = News()
    lines = [line for done in (0, 40, 40) for line in news.of(with_layer(done))]

    assert lines == [
        {"status": "pulling 0123456789ab", "digest": DIGEST, "total": 100},
        {
            "status": "pulling 0123456789ab",
            "digest": DIGEST,
            "total": 100,
            "completed": 40,
        },
    ]


def test_what_a_server_does_besides_is_told() -> None:
    news = News()

    assert [*news.of(running(said="pulling manifest"))] == [
        {"status": "pulling manifest"}
    ]
    assert [*news.of(running(said="verifying sha256 digest"))] == [
        {"status": "verifying sha256 digest"}
    ]


def test_that_it_is_there_is_not_the_servers_to_say() -> None:
    assert [*News().of(running(said="success"))] == []


def test_a_failure_is_what_it_was() -> None:
    assert isinstance(failure_of("disk_full", {"server": "a", "name": "b"}), DiskFull)
    assert type(failure_of("disk_full", {})) is DashboardError
