"""Which host and cards stand behind the model of a conversation."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from msgspec import structs

from chat.being_served import Serving
from dashboard.model_places import Place, place_among, place_of_model
from dashboard.people.models import User
from models_app.figures.queries import ServerFigures
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card, NodeSample, Process
from models_app.nodes.serving import InMemory, ServerNow
from models_app.queries import Target, target_for
from tests.at_door import come_in, wait_in_line
from tests.make import (
    make_backend,
    make_model,
    make_node,
)

GIB = 1024**3
TARGET = Target("model:tiny", "tiny", "tiny", servers=("a", "b"))
HELD = (InMemory("tiny:latest", 5 * GIB, 4 * GIB),)
A = ServerNow(1, "a", "ollama", 11434, frozenset({"gpu-01"}), HELD)
B = ServerNow(2, "b", "ollama", 11434, frozenset({"gpu-02"}))


@dataclass(frozen=True)
class Host:
    name: str
    sample: NodeSample | None = None


def host(name: str, *processes: Process) -> Host:
    values = {Metric.MEMORY_USED: 6.0 * GIB, Metric.MEMORY_TOTAL: 24.0 * GIB}
    card = Card(uuid=name, name="RTX 4090", values=values, processes=processes)
    sample = NodeSample(
        node=name, boot="b", seq=1, sent_at=1, mono=1, interval=1, cards=(card,)
    )
    return Host(name, sample)


RUNNER = Process(pid=5, memory=5 * GIB, name="o", program="ollama", ports=(11434,))


def place(
    *hosts: Host,
    servers: tuple[ServerNow, ...] = (A, B),
    running: int | None = None,
    served: dict[str, int] | None = None,
) -> Place | None:
    counts = (served or {}).items()
    return place_among(
        TARGET,
        servers=servers,
        hosts=hosts,
        figures={1: ServerFigures(1.0, running=running)},
        serving={(name, "tiny"): Serving(count) for name, count in counts},
    )


def test_it_is_on_the_card_whose_process_holds_it() -> None:
    found = place(host("gpu-01", RUNNER), running=0)

    assert found == Place("a", "gpu-01", ("RTX 4090",), 5 * GIB, loaded=True, running=0)
    assert not found.busy


def test_the_server_that_serves_it_now_counts_before_the_one_that_has_it_loaded() -> (
    None
):
    found = place(host("gpu-01", RUNNER), served={"b": 2})

    assert found is not None
    assert (found.server, found.node, found.served, found.busy) == (
        "b",
        "gpu-02",
        2,
        True,
    )


def test_what_ran_for_us_when_the_server_was_asked_keeps_it_not_busy() -> None:
    ended, others = (
        ServerFigures(1.0, running=1, served=1),
        ServerFigures(1.0, running=1),
    )

    def busy(figures: ServerFigures) -> bool:
        found = place_among(
            TARGET, servers=(A,), hosts=(), figures={1: figures}, serving={}
        )
        return bool(found and found.busy)

    assert not busy(ended)
    assert busy(others)


@pytest.mark.parametrize("sick", [{"draining": True}, {"tripped": True}, {"up": False}])
def test_a_server_that_would_not_answer_gives_way_to_one_that_would(
    sick: dict[str, Any],
) -> None:
    servers = replace(A, **sick), B

    found, serving = place(servers=servers), place(servers=servers, served={"a": 1})

    assert found is not None
    assert (found.server, found.hindrance) == ("b", "")
    assert serving is not None
    assert (serving.server, bool(serving.hindrance)) == ("a", True)


def test_without_a_host_its_server_tells_what_it_takes() -> None:
    found = place(servers=(replace(A, nodes=frozenset()),), running=1)

    assert found == Place("a", memory=4 * GIB, loaded=True, running=1)
    assert found.busy


def test_a_host_that_was_not_heard_is_named_all_the_same() -> None:
    found = place(Host("gpu-01"), servers=(A,))

    assert found is not None
    assert (found.node, found.cards) == ("gpu-01", ())


def test_a_card_that_holds_other_models_of_the_server_is_not_its_card() -> None:
    other = replace(A, loaded=(InMemory("x"), InMemory("y")))

    found = place(host("gpu-01", RUNNER), servers=(other,))

    assert found == Place("a", "gpu-01")


def test_a_model_on_several_cards_has_each_of_them_and_all_their_memory() -> None:
    several = host("gpu-01", RUNNER)
    assert several.sample is not None
    (card,) = several.sample.cards
    cards = tuple(structs.replace(card, uuid=f"GPU-{each}") for each in range(8))

    found = place(Host("gpu-01", structs.replace(several.sample, cards=cards)))

    assert found is not None
    assert found.hardware == ["8 × RTX 4090"]
    assert found.memory == 8 * 5 * GIB


def test_cards_of_two_kinds_are_counted_apart() -> None:
    cards = ("NVIDIA H200", "RTX 4090", "NVIDIA H200")

    assert Place("a", cards=cards).hardware == ["2 × NVIDIA H200", "RTX 4090"]


def test_what_no_server_has_is_nowhere() -> None:
    assert place(servers=()) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("no_status", "empty_door")
def test_the_place_of_a_persons_target_is_found_by_what_is_known_now(
    person: User,
) -> None:
    backend = make_backend(name="a", kind="ollama", node=make_node("gpu-01"))
    make_model("tiny", backend=backend, loaded=True, memory=GIB, card_memory=GIB)
    come_in(person, backend)
    wait_in_line(person)

    found = place_of_model(person, target_for(person, "model:tiny"), hosts=[])

    assert found == Place("a", "gpu-01", memory=GIB, loaded=True, served=1, waiting=1)
