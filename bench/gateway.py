"""Programs at the gateway, with their key, the queue and the ledger, as people run it.

CPU is held against a relay that does nothing else (`bench.bare`), behind the same web server
in the same run: the targets in seconds were set on another machine.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench import direct
from bench.chat import RATE, client
from bench.house import (
    TIED,
    add_server,
    cpu_seconds,
    fake_server,
    house_up,
    in_shell,
    peak_mb,
)
from bench.numbered import ask_for
from bench.streams import (
    Stream,
    Wrong,
    first_token_ms,
    steady_rate,
    tokens_in,
)
from bench.table import Row
from dashboard.runner.programs import BASE_DIR
from tests.house import House, environment

STREAMS = (50, 200)
SLOW = 1000
AT_ONCE = 16
WARM_UP = 5
UVICORN = "uvicorn"
DAPHNE = "Daphne"
TARGETS = {
    (DAPHNE, 200): "≥ 9,000",
    (UVICORN, 200): "≥ 12,000",
}
CPU = {(DAPHNE, 50): "≤ 65", (UVICORN, 50): "≤ 35"}

Headers = dict[str, str]


def gateway(data: Path, *, messages: int, seconds: int) -> Iterator[Row]:
    """All of it by the web server that `make up` starts, then by uvicorn."""
    with house_up(data) as house, fake_server() as server:
        add_server(house, server)
        headers = {"Authorization": f"Bearer {in_shell(house, 'rows', 'add_key()')}"}
        # Asked once, so that no first question pays for what is read once.
        asyncio.run(_several(house.url, headers, ask_for(3, rate=RATE), 1))
        web = house.pid_of("manage.py web")
        yield from _measured(DAPHNE, house.url, server, headers, web, messages, seconds)
        with uvicorn_of(house) as (url, pid):
            yield from _measured(UVICORN, url, server, headers, pid, messages, seconds)


def _measured(
    name: str,
    url: str,
    server: str,
    headers: Headers,
    web: int,
    messages: int,
    seconds: int,
) -> Iterator[Row]:
    yield _first_token(name, url, server, headers, messages)
    for count in STREAMS:
        with bare(name, server) as floor:
            least = _cpu(*floor, {}, count, seconds)
        yield from _streams(name, url, server, headers, web, count, seconds, least)
    yield _plain(name, url, server, headers, seconds)
    yield _by_locust(name, url, headers, seconds)
    yield _slow(name, url, headers)
    yield asyncio.run(_leaving(name, url, server, headers))
    yield Row(f"{name}: web process at its largest, MB", f"{peak_mb(web):.0f}")


def _first_token(
    name: str, url: str, server: str, headers: Headers, messages: int
) -> Row:
    text = ask_for(5, rate=RATE)

    async def in_turns() -> tuple[list[Stream], list[Stream]]:
        plain, ours = [], []
        async with client() as http:
            for _ in range(messages + WARM_UP):
                plain.append(await direct.ask(http, server, text))
                ours.append(await direct.ask(http, url, text, headers=headers))
        return plain[WARM_UP:], ours[WARM_UP:]

    plain, ours = asyncio.run(in_turns())
    before, after = (first_token_ms(each, percent=50) for each in (plain, ours))
    return Row(
        measured=f"{name}: first token, 1 stream, p50, ms",
        direct=f"{before:.1f}",
        paddock=f"{after:.1f}",
        against=f"+{after - before:.1f}",
        target="≤ +5",
    )


def _streams(
    name: str,
    url: str,
    server: str,
    headers: Headers,
    web: int,
    count: int,
    seconds: int,
    least: float,
) -> Iterator[Row]:
    text = ask_for(seconds * RATE, rate=RATE)
    plain = asyncio.run(_several(server, {}, text, count))
    used = cpu_seconds(web)
    ours = asyncio.run(_several(url, headers, text, count))
    used = (cpu_seconds(web) - used) / tokens_in(ours) * 1_000_000
    before, after = steady_rate(plain), steady_rate(ours)
    yield Row(
        measured=f"{name}: {count} × {RATE} tok/s, tok/s while all stream",
        direct=f"{before:,.0f}",
        paddock=f"{after:,.0f}",
        against=f"{after / before:.1%}",
        target=TARGETS.get((name, count), ""),
    )
    yield Row(
        measured=f"{name}: {count} × {RATE} tok/s, CPU s a million tokens",
        direct=f"{least:.0f} (bare)",
        paddock=f"{used:.0f}",
        against=f"{used / least:.0%}",
        target=CPU.get((name, count), ""),
    )


def _cpu(url: str, web: int, headers: Headers, count: int, seconds: int) -> float:
    """Seconds of a web server's CPU for a million tokens."""
    text = ask_for(seconds * RATE, rate=RATE)
    asyncio.run(_several(url, headers, ask_for(3, rate=RATE), 1))
    used = cpu_seconds(web)
    streams = asyncio.run(_several(url, headers, text, count))
    return (cpu_seconds(web) - used) / tokens_in(streams) * 1_000_000


def _plain(name: str, url: str, server: str, headers: Headers, seconds: int) -> Row:
    before = asyncio.run(_requests(server, {}, seconds / 2))
    after = asyncio.run(_requests(url, headers, seconds))
    return Row(
        measured=f"{name}: plain requests a second, {AT_ONCE} at once",
        direct=f"{before:,.0f}",
        paddock=f"{after:,.0f}",
        against=f"{after / before:.1%}",
        target="≥ 400",
    )


def _by_locust(name: str, url: str, headers: Headers, seconds: int) -> Row:
    """The same by a load tool that is none of ours; one that fails fails the bench."""
    command = (sys.executable, "-m", "locust", "-f", "bench/people.py", "--headless")
    options = ("-u", str(AT_ONCE), "-r", str(AT_ONCE), "-t", f"{seconds}s", "--json")
    key = headers["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        (*command, *options, "--host", url),
        cwd=BASE_DIR,
        env={**os.environ, "BENCH_KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Wrong(f"locust: {done.stderr[-500:]}")
    (told,) = json.loads(done.stdout)
    took = told["last_request_timestamp"] - told["start_time"]
    return Row(
        measured=f"{name}: the same by locust, requests a second",
        paddock=f"{told['num_requests'] / took:,.0f}",
        target="none failed",
    )


def _slow(name: str, url: str, headers: Headers) -> Row:
    ours = asyncio.run(_several(url, headers, ask_for(10, rate=1), SLOW))
    return Row(
        measured=f"{name}: {SLOW:,} slow streams, first token p50, s",
        paddock=f"{first_token_ms(ours, percent=50) / 1000:.2f}",
        target="≤ 3, none failed",
    )


async def _leaving(name: str, url: str, server: str, headers: Headers) -> Row:
    """Milliseconds from a caller's hanging up to the model server's noticing."""
    waits = []
    async with client() as http:
        for _ in range(WARM_UP * 2):
            begun = await direct.begun(http, url, ask_for(3000, rate=RATE), headers)
            await begun.content.readany()
            begun.close()
            left = time.perf_counter()
            while await _open_at(http, server):
                if time.perf_counter() - left > 5:
                    raise Wrong("Nobody hung up on the model server.")
                await asyncio.sleep(0.002)
            waits.append((time.perf_counter() - left) * 1000)
    return Row(
        measured=f"{name}: caller gone to server free, worst of {len(waits)}, ms",
        paddock=f"{max(waits):.0f}",
        target="≤ 100",
    )


async def _open_at(http: aiohttp.ClientSession, server: str) -> int:
    async with http.get(f"{server}/v1/open") as response:
        return int((await response.json())["open"])


async def _several(
    url: str, headers: Headers, text: str, count: int
) -> Sequence[Stream]:
    async with client() as http:
        return await asyncio.gather(
            *(direct.ask(http, url, text, headers=headers) for _ in range(count))
        )


async def _requests(url: str, headers: Headers, seconds: float) -> float:
    """Whole answers a second, so many always under way."""
    end = time.perf_counter() + seconds
    async with client() as http:

        async def one_after_another() -> int:
            done = 0
            while time.perf_counter() < end:
                await direct.whole(http, url, ask_for(5, rate=RATE), headers)
                done += 1
            return done

        counts = await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return sum(counts) / seconds


@contextmanager
def uvicorn_of(house: House) -> Iterator[tuple[str, int]]:
    """The same house, its web served by uvicorn beside the first one."""
    with served_by(
        UVICORN, "dashboard.asgi:application", environment(house.data)
    ) as up:
        yield up


@contextmanager
def bare(name: str, server: str) -> Iterator[tuple[str, int]]:
    """A bare relay to a server, behind the web server of this name."""
    environ = {**os.environ, "BARE_UPSTREAM": server}
    with served_by(name, "bench.bare:application", environ) as up:
        yield up


@contextmanager
def served_by(
    name: str, application: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """The address and process of an application behind a web server."""
    port = _free_port()
    options = {
        UVICORN: (
            "uvicorn",
            application,
            "--log-level",
            "warning",
            "--lifespan",
            "off",
        ),
        DAPHNE: ("daphne", application, "--verbosity", "0"),
    }
    command = (sys.executable, "-m", *options[name], "--port", str(port))
    with subprocess.Popen((*TIED, *command), cwd=BASE_DIR, env=environ) as process:
        try:
            _until_answered(port)
            yield f"http://127.0.0.1:{port}", _child_of(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _until_answered(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Wrong("uvicorn did not start.")


def _child_of(pid: int) -> int:
    """The program that the lifeline runs; itself where it is the program."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid
