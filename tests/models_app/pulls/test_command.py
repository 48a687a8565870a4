"""`manage.py pull`, as a person at a terminal and a script use it."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dashboard.errors import DiskFull
from models_app.management.commands.pull import Command, bar
from models_app.models import Backend, Pull
from models_app.progress import Layer, Standing
from models_app.services.pulls import (
    checkpoint,
    claim_pull,
    close_pull,
    request_stop,
)
from tests.make import make_backend, make_pull, make_running_pull

pytestmark = pytest.mark.django_db

Doing = Callable[[], object]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Watched(Command):
    """The command, to whose pull something happens each time it rests."""

    def __init__(self, *doings: Doing, said: StringIO) -> None:
        super().__init__(stdout=said)
        self.doings = list(doings)

    def rest(self) -> None:
        self.doings.pop(0)()


def run(*doings: Doing, said: StringIO | None = None) -> str:
    said = said or StringIO()
    call_command(Watched(*doings, said=said), "gpu-01", "tiny")
    return said.getvalue()


def claim() -> None:
    assert claim_pull(Pull.objects.get().pk)


def reach(completed: int) -> Doing:
    standing = Standing("pulling", (Layer("a", 1000, completed),), speed=10)
    return lambda: checkpoint(Pull.objects.get().pk, turn=1, standing=standing)


def end(status: Pull.Status, error: DiskFull | None = None) -> Doing:
    return lambda: close_pull(Pull.objects.get().pk, turn=1, status=status, error=error)


def press_ctrl_c() -> None:
    raise KeyboardInterrupt


def test_a_script_gets_a_line_for_each_stage(backend: Backend) -> None:
    stages = (claim, reach(101), reach(105), reach(550), end(Pull.Status.DONE))

    assert run(*stages).splitlines() == [
        "tiny: waits for a puller",
        "tiny: begins",
        "tiny: 10 %",
        "tiny: 50 %",
        "tiny is on gpu-01.",
    ]


def test_a_person_gets_a_bar(backend: Backend) -> None:
    said = run(claim, reach(500), end(Pull.Status.DONE), said=Terminal())

    assert "\r\x1b[Ktiny " + "█" * 15 + "·" * 15 + " 50 %" in said
    assert said.endswith("\r\x1b[Ktiny is on gpu-01.\n")


def test_a_bar_tells_sizes_speed_and_the_time_that_is_left(backend: Backend) -> None:
    pull = make_pull(backend=backend, done=500, total=1000, speed=100)

    assert "50 % (500\xa0bytes of 1000\xa0bytes, 100\xa0bytes/s, 5 seconds left)" in (
        bar(pull)
    )


def test_a_pull_under_way_is_joined(backend: Backend) -> None:
    make_running_pull(backend=backend, done=700, total=1000)

    assert run(end(Pull.Status.DONE)).startswith("tiny: 70 %\n")


def test_a_failure_ends_the_command_with_its_sentence(backend: Backend) -> None:
    full = DiskFull(server="gpu-01", name="tiny")

    with pytest.raises(CommandError, match="disk of gpu-01 is full") as failure:
        run(claim, end(Pull.Status.FAILED, full))

    assert failure.value.returncode == 1


def test_ctrl_c_cancels_and_waits_until_it_has_ended(backend: Backend) -> None:
    with pytest.raises(CommandError, match="tiny is cancelled"):
        run(claim, press_ctrl_c, end(Pull.Status.CANCELLED))

    assert Pull.objects.get().stop_requested


def test_ctrl_c_again_waits_no_longer(backend: Backend) -> None:
    with pytest.raises(CommandError, match="as soon as its puller hears"):
        run(claim, press_ctrl_c, press_ctrl_c)

    assert Pull.objects.get().is_open


def test_a_pull_cancelled_by_somebody_else_ends_the_command(backend: Backend) -> None:
    with pytest.raises(CommandError, match="tiny is cancelled"):
        run(lambda: request_stop(Pull.objects.get().pk, by=None))


def test_a_server_that_is_taken_away_meanwhile_is_a_sentence(backend: Backend) -> None:
    with pytest.raises(CommandError, match="has been taken away"):
        run(lambda: Backend.objects.all().delete())


def test_a_wrong_server_is_told_the_known_ones(backend: Backend) -> None:
    with pytest.raises(CommandError, match="Known are: gpu-01"):
        call_command("pull", "gpu-02", "tiny")


def test_a_server_that_cannot_pull_is_a_sentence() -> None:
    make_backend(kind="openai", name="gpu-01")

    with pytest.raises(CommandError, match="gpu-01 cannot do this"):
        run()
