"""`python -m bench`: measure all of it, or what the arguments choose, in one table."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.chat import first_token, relay
from bench.gateway import gateway
from bench.house import add_server, fake_server, house_up
from bench.idle import idle
from bench.page import page
from bench.queue import queue
from bench.rendering import rendering
from bench.servers import servers
from bench.sockets import sockets
from bench.status import status
from bench.stopping import stopping
from bench.streams import Wrong
from bench.table import HEAD, Row

ALL = "all"
SCENARIOS = (
    "idle",
    "chat",
    "gateway",
    "page",
    "queue",
    "servers",
    "sockets",
    "stop",
    "render",
    "status",
)


def main() -> None:
    chosen = _parser().parse_args()
    print(HEAD, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="paddock-bench-") as folder:
            for row in measured(Path(folder) / "data", chosen):
                print(row, flush=True)
    except Wrong as failure:
        sys.exit(f"WRONG: {failure}")


def measured(data: Path, chosen: argparse.Namespace) -> Iterator[Row]:
    """The rows of the chosen scenario, or of all, each as soon as it is known."""
    scenarios = SCENARIOS if chosen.scenario == ALL else (chosen.scenario,)
    # Each of these has a house of its own, or needs none.
    alone: dict[str, Callable[[], Iterator[Row]]] = {
        "gateway": lambda: gateway(
            data.with_name("gateway"), messages=chosen.messages, seconds=chosen.seconds
        ),
        "idle": lambda: idle(data),
        "queue": lambda: queue(data.with_name("queue")),
        "render": rendering,
        "status": lambda: status(data.with_name("status")),
        "stop": lambda: stopping(data.with_name("stop")),
        "sockets": lambda: sockets(data.with_name("sockets"), seconds=chosen.seconds),
    }
    for name, rows in alone.items():
        if name in scenarios:
            yield from rows()
    if not {"chat", "page", "servers"} & {*scenarios}:
        return
    with house_up(data) as house, fake_server() as server:
        add_server(house, server)
        if "chat" in scenarios:
            yield from first_token(house, server, messages=chosen.messages)
            yield from relay(
                house, server, streams=chosen.streams, seconds=chosen.seconds
            )
        if "page" in scenarios:
            yield from page(house)
        if "servers" in scenarios:
            yield from servers(house, server)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenario", nargs="?", choices=(ALL, *SCENARIOS), default=ALL)
    parser.add_argument("--streams", type=int, nargs="*", default=[1, 10, 50, 100])
    parser.add_argument("--seconds", type=int, default=10, help="how long each stream")
    parser.add_argument("--messages", type=int, default=50, help="for the first token")
    return parser


if __name__ == "__main__":
    main()
