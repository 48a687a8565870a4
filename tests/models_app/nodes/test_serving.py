"""Which host each server runs on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models_app.models import ModelShape, Node
from models_app.nodes.serving import InMemory, nodes_of, servers_now
from tests.make import make_backend, make_model, make_node

OURS = Node(name="paddock")
ADDED = [Node(name=name, secret_hash="x") for name in ("gpu-01", "gpu-02.lan")]


@pytest.mark.parametrize(
    ("base_url", "nodes"),
    [
        ("http://127.0.0.1:11434", {"paddock"}),
        ("http://localhost:11434", {"paddock"}),
        ("http://[::1]:11434", {"paddock"}),
        ("http://host.docker.internal:11434", {"paddock"}),
        ("http://gpu-01:8000", {"gpu-01"}),
        ("http://GPU-01.lan:8000", {"gpu-01"}),
        ("http://gpu-02:8000", {"gpu-02.lan"}),
        ("http://gpu-02.lan:8000", {"gpu-02.lan"}),
        ("http://gpu-02.other.example:8000", set()),
        ("http://gpu-011:8000", set()),
        ("http://192.168.1.20:8000", set()),
    ],
)
def test_an_address_names_its_host(base_url: str, nodes: set[str]) -> None:
    assert nodes_of(base_url, [OURS, *ADDED]) == nodes


@pytest.mark.django_db
def test_what_an_administrator_chose_counts_before_the_address() -> None:
    make_node("paddock")
    chosen = make_node("gpu-09", secret_hash="x")
    make_backend(base_url="http://127.0.0.1:8000", node=chosen)

    [server] = servers_now()

    assert (server.nodes, server.port) == (frozenset({"gpu-09"}), 8000)


@pytest.mark.django_db
def test_a_host_that_was_removed_has_no_servers_by_their_address() -> None:
    make_node("gpu-01", retired_at="2026-01-01T00:00Z")
    make_backend(base_url="https://gpu-01")

    [server] = servers_now()

    assert (server.nodes, server.port) == (frozenset(), 443)


@pytest.mark.django_db
def test_a_server_has_what_is_in_its_memory_with_the_file_of_its_weights() -> None:
    backend = make_backend(kind="ollama")
    held = {"loaded": True, "memory": 3, "card_memory": 2}
    make_model("a", backend=backend, mark="m", **held)
    make_model("b", backend=backend, loaded=False)
    make_model("c", backend=backend, loaded=True, listed=False)
    ModelShape.objects.create(mark="m", told={"blob": "b10b"})

    [server] = servers_now()

    assert server.loaded == (InMemory("a", 3, 2, "b10b"),)


@pytest.mark.django_db
def test_many_servers_take_as_many_queries_as_one() -> None:
    for number in range(5):
        backend = make_backend(node=make_node(f"n{number}"))
        make_model("m", backend=backend, loaded=True, mark="m")

    with CaptureQueriesContext(connection) as asked:
        servers_now()

    assert len(asked) == 4
