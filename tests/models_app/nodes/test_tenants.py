"""The split of a card's memory: whose it is, and that it adds up."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from dashboard.people.models import User
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card, NodeSample, Process
from models_app.models import Restriction
from models_app.nodes.serving import InMemory, ServerNow
from models_app.nodes.tenants import Kind, Tenant, tenants_of, visible_to
from tests.make import make_admin, make_backend

GIB = 1024**3
BLOB, OTHER_BLOB = "a" * 64, "b" * 64
NODE = frozenset({"gpu-01"})
OLLAMA = ServerNow(
    1,
    "ollama",
    "ollama",
    11434,
    NODE,
    (
        InMemory("small:4b", 4 * GIB, 4 * GIB, BLOB),
        InMemory("large:9b", 9 * GIB, 9 * GIB, OTHER_BLOB),
    ),
)
VLLM = ServerNow(
    2, "vllm", "vllm", 8000, NODE, (InMemory("alias"), InMemory("qwen/qwen3"))
)


def card(
    *processes: Process, uuid: str = "GPU-1", used: float = 20, **fields: Any
) -> Card:
    values = {Metric.MEMORY_USED: used * GIB, Metric.MEMORY_TOTAL: 24.0 * GIB}
    wanted = {"values": values, "processes": processes, **fields}
    return Card(uuid=uuid, **wanted)


def process(pid: int, memory: float | None = None, **fields: Any) -> Process:
    size = None if memory is None else round(memory * GIB)
    return Process(pid=pid, memory=size, **{"name": "x", **fields})


def runner(pid: int, memory: float | None, blob: str = "", port: int = 5001) -> Process:
    """As Ollama starts one for each model, a child of the one that listens."""
    path = f"/models/blobs/sha256-{blob}" if blob else ""
    ports = (port, 11434)
    return process(pid, memory, program="ollama", model=path, ports=ports)


def split(*cards: Card, servers: tuple[ServerNow, ...] = (OLLAMA,)) -> list[Tenant]:
    sample = NodeSample(
        node="gpu-01", boot="b", seq=1, sent_at=1, mono=1, interval=1, cards=cards
    )
    found = tenants_of(sample, servers)
    return [each for one in cards for each in found[one.uuid]]


def labels(tenants: list[Tenant]) -> dict[str, float | None]:
    return {
        each.label: None if each.memory is None else round(each.memory / GIB, 3)
        for each in tenants
    }


def test_a_process_is_the_model_whose_file_it_was_started_with() -> None:
    found = split(card(runner(10, 4.5, BLOB), runner(11, 9.5, OTHER_BLOB)))

    assert labels(found) == {
        "large:9b": 9.5,
        "small:4b": 4.5,
        "other": 6,
        "free": 4,
    }
    assert [(each.pid, each.backend) for each in found[:2]] == [(11, 1), (10, 1)]


def test_a_runner_of_ollama_that_looks_like_llama_cpp_is_known_by_its_file() -> None:
    path = f"/models/blobs/sha256-{BLOB}"
    found = split(card(process(10, 4, program="llamacpp", model=path, ports=(5001,))))

    assert (found[0].label, found[0].backend) == ("small:4b", 1)


def test_where_no_file_is_told_sizes_tell_models_apart() -> None:
    found = split(card(runner(10, 4.4), runner(11, 9.3)))

    assert labels(found)["small:4b"] == 4.4
    assert labels(found)["large:9b"] == 9.3


def test_where_nothing_tells_them_apart_they_are_counted() -> None:
    found = split(card(runner(10, 6.5), runner(11, 6.5)))

    assert labels(found) == {"Ollama (2 models)": 13, "other": 7, "free": 4}


def test_a_model_on_two_cards_is_named_by_its_size_on_both() -> None:
    halves = [card(runner(11, 4.7), uuid=f"GPU-{i}", used=6) for i in (1, 2)]

    found = split(*halves)

    assert [each.label for each in found].count("large:9b") == 2


def test_a_file_that_no_loaded_model_has_is_none_of_them() -> None:
    found = split(card(runner(10, 4.4, "c" * 64)))

    assert "Ollama (2 models)" in labels(found)


def test_the_workers_of_a_server_are_one_under_the_name_it_was_started_with() -> None:
    workers = [
        process(i, 4, program="vllm", ports=(8000,), model="Qwen/Qwen3")
        for i in (10, 11)
    ]

    [model, *_] = split(card(*workers), servers=(VLLM,))

    assert (model.label, model.memory) == ("qwen/qwen3", 8 * GIB)
    assert model.names == ("qwen/qwen3", "alias")


def test_a_server_on_another_port_is_not_the_one_that_is_known() -> None:
    stranger = process(10, 4, program="vllm", ports=(8001,), model="/srv/other")

    [found, *_] = split(card(stranger), servers=(VLLM,))

    assert (found.kind, found.backend, found.label) == (Kind.PROCESS, None, "vLLM")


@pytest.mark.parametrize(("port", "backend"), [(30000, 5), (30001, None)])
def test_a_server_of_no_particular_kind_is_known_by_its_port_alone(
    port: int, backend: int | None
) -> None:
    other = ServerNow(5, "sglang", "openai", 30000, NODE, (InMemory("qwen3"),))

    [found, *_] = split(card(process(10, 4, ports=(port,))), servers=(other,))

    assert found.backend == backend


def test_a_server_whose_ports_are_hidden_is_the_only_one_of_its_kind() -> None:
    hidden = process(10, 4, program="vllm")
    second = ServerNow(3, "two", "vllm", 8001, NODE, (InMemory("b"),))

    assert split(card(hidden), servers=(VLLM,))[0].backend == 2
    assert split(card(hidden), servers=(VLLM, second))[0].backend is None


def test_a_server_of_another_host_has_nothing_here() -> None:
    elsewhere = ServerNow(1, "o", "ollama", 11434, frozenset({"gpu-02"}), OLLAMA.loaded)

    [found, *_] = split(card(runner(10, 4, BLOB)), servers=(elsewhere,))

    assert (found.kind, found.label) == (Kind.PROCESS, "Ollama")


@pytest.mark.parametrize("told", ["/models/tiny-q4.gguf", "tiny-q4", "TINY-Q4"])
def test_llama_cpp_is_named_by_its_alias_or_its_file(told: str) -> None:
    loaded = (InMemory("tiny-q4"), InMemory("other"))
    router = ServerNow(4, "lc", "llamacpp", 8080, NODE, loaded)
    child = process(10, 2, program="llamacpp", ports=(4000, 8080), model=told)

    assert split(card(child), servers=(router,))[0].model == "tiny-q4"


def test_where_processes_cannot_be_seen_the_server_tells_what_it_holds() -> None:
    found = split(card(processes=None, used=14))

    assert labels(found) == {"large:9b": 9, "small:4b": 4, "other": 1, "free": 10}


def test_of_two_cards_with_room_nobody_knows_on_which_a_model_is() -> None:
    unseen = [card(uuid=f"GPU-{i}", used=used) for i, used in ((1, 14), (2, 5))]

    found = split(*unseen)

    assert [each.label for each in found if each.kind == Kind.MODEL] == ["large:9b"]


def test_a_process_of_which_only_its_size_is_seen_is_the_model_of_that_size() -> None:
    found = split(card(process(10, 4.3, name=""), process(11, 1.5, name="")))

    assert labels(found)["small:4b"] == 4.3
    assert labels(found)["process 11"] == 1.5


def test_a_size_that_the_driver_hides_is_the_one_that_the_server_tells() -> None:
    found = split(card(runner(10, None, BLOB)))

    assert labels(found) == {"small:4b": 4, "other": 16, "free": 4}


def test_memory_that_is_not_told_has_no_rest() -> None:
    shared = card(runner(10, 4.4, BLOB), values={}, shared=True)

    assert labels(split(shared)) == {"small:4b": 4.4}


def test_a_process_that_draws_and_computes_is_counted_once() -> None:
    twice = [process(10, 2, name="game"), process(10, 2, name="game", graphics=True)]

    assert labels(split(card(*twice)))["game"] == 2


PROGRAMS = st.sampled_from(["", "ollama", "vllm", "llamacpp", "lmstudio"])
PROCESSES = st.builds(
    Process,
    pid=st.integers(1, 6),
    memory=st.none() | st.integers(0, 30 * GIB),
    name=st.sampled_from(["", "python3"]),
    program=PROGRAMS,
    model=st.sampled_from(["", f"sha256-{BLOB}", "alias", "/x/y.gguf"]),
    ports=st.sampled_from([(), (11434,), (8000,), (5,)]),
    part=st.sampled_from(["", "MIG-1"]),
)


@given(
    processes=st.none() | st.lists(PROCESSES, max_size=6).map(tuple),
    used=st.integers(0, 24 * GIB),
)
def test_all_parts_add_up_to_what_is_used_and_to_the_card(
    processes: tuple[Process, ...] | None, used: int
) -> None:
    values = {Metric.MEMORY_USED: float(used), Metric.MEMORY_TOTAL: 24.0 * GIB}
    one = Card(uuid="GPU-1", values=values, processes=processes)

    found = split(one, servers=(OLLAMA, VLLM))

    sizes = [each.memory or 0 for each in found]
    assert min(sizes, default=0) >= 0
    assert sum(sizes) == 24 * GIB
    assert sum(e.memory or 0 for e in found if e.kind != Kind.FREE) == used


def tenant(backend: int | None, *names: str, kind: Kind = Kind.MODEL) -> Tenant:
    return Tenant(7, GIB, names[0], backend, names[0], kind, "ollama", names)


@pytest.mark.django_db
def test_a_model_that_the_person_may_not_use_is_another_model(person: User) -> None:
    backend = make_backend()
    Restriction.objects.create(model="secret")
    parts = {"GPU-1": [tenant(backend.pk, "secret:latest"), tenant(backend.pk, "open")]}

    [hidden, shown] = visible_to(person, parts)["GPU-1"]

    assert hidden == Tenant(0, GIB, "another model", kind=Kind.MODEL)
    assert shown.label == "open"
    assert visible_to(make_admin(), parts)["GPU-1"] == tuple(parts["GPU-1"])


@pytest.mark.django_db
def test_all_models_of_a_server_that_is_for_others_are_other_models(
    person: User,
) -> None:
    backend = make_backend()
    backend.groups.add(Group.objects.create(name="research"))

    [hidden] = visible_to(person, {1: [tenant(backend.pk, "open")]})[1]

    assert (hidden.label, hidden.backend, hidden.server) == ("another model", None, "")


@pytest.mark.django_db
def test_of_several_names_one_that_the_person_may_know_is_shown(person: User) -> None:
    backend = make_backend()
    Restriction.objects.create(model="secret")

    [shown] = visible_to(person, {1: [tenant(backend.pk, "secret", "alias")]})[1]

    assert (shown.label, shown.names) == ("alias", ("alias",))


@pytest.mark.django_db
def test_what_an_unknown_server_holds_only_administrators_are_told(
    person: User,
) -> None:
    stranger = Tenant(7, GIB, "vLLM", model="secret", names=("secret",))

    assert visible_to(person, {1: [stranger]})[1][0].model == ""
    assert visible_to(make_admin(), {1: [stranger]})[1][0].model == "secret"
