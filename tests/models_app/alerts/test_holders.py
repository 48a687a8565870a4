"""Which servers a card concerns."""

from typing import Any

import pytest

from models_app.alerts.holders import servers_of_cards
from models_app.gpu.samples import Card, Process
from models_app.nodes.serving import InMemory, ServerNow
from models_app.nodes.tenants import tenants_of
from tests.models_app.alerts.seen import GIB, card, host, placed, sample, vllm

OLLAMA = placed(loaded=(InMemory("tiny", 3 * GIB, 3 * GIB),))
VLLM = placed(pk=8, kind="vllm", port=8000)


def process(pid: int = 2, memory: int = 3 * GIB, **fields: Any) -> Process:
    return Process(
        pid, memory, **{"name": "llama-server", "program": "ollama", **fields}
    )


def concerned(*cards: Card, servers: tuple[ServerNow, ...]) -> list[tuple[int, ...]]:
    """The servers of each card, in their order."""
    found = servers_of_cards(host(*cards, servers=servers))
    return [found[each.uuid] for each in cards]


@pytest.mark.parametrize(
    "processes",
    [
        (process(ports=(11434,)),),
        # The agent may not look at the ports of others.
        (process(),),
        (process(name="", program=""),),
        (process(program="vllm", ports=(11434,)),),
        (process(program="vllm", ports=(8001,)), process(3, ports=(11434,))),
    ],
)
def test_a_card_concerns_the_servers_that_the_status_page_shows_on_it(
    processes: tuple[Process, ...],
) -> None:
    one, servers = card(processes=processes), (OLLAMA,)

    tenants = tenants_of(sample(one), servers)[one.uuid]

    shown = {each.backend for each in tenants if each.backend}
    assert concerned(one, servers=servers) == [tuple(shown)]


def test_a_card_that_nobody_can_look_into_concerns_what_is_nowhere_else() -> None:
    seen = card(processes=(process(ports=(11434,)),))
    unseen = card(processes=None, uuid="GPU-2")

    assert concerned(seen, unseen, servers=(OLLAMA, VLLM)) == [(7,), (8,)]


def test_a_card_of_which_a_part_is_hidden_concerns_what_may_be_there_too() -> None:
    partly = card(
        processes=(vllm(ports=(8000,)), process(name="", memory=GIB, program=""))
    )

    assert concerned(partly, servers=(OLLAMA, VLLM)) == [(7, 8)]
    assert concerned(card(processes=None), servers=(VLLM,)) == [(8,)]


@pytest.mark.parametrize(
    "engine", [placed(starter=True), placed(loaded=(InMemory("tiny", GIB, 0),))]
)
def test_no_card_concerns_a_server_that_works_on_the_processor(
    engine: ServerNow,
) -> None:
    hidden = card(processes=(process(name="", program=""),))
    lost = card(processes=None, lost=True, uuid="GPU-2")

    assert concerned(hidden, lost, servers=(engine, VLLM)) == [(8,), (8,)]


def test_a_lost_card_concerns_all_servers_of_its_host() -> None:
    lost = card(processes=(process(ports=(11434,)),), lost=True)

    assert concerned(lost, servers=(OLLAMA, VLLM)) == [(7, 8)]
