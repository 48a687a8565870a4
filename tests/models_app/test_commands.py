"""`manage.py add_backend` and `manage.py probe`, as scripts use them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from models_app.models import Backend
from models_app.sealing import seal, unseal
from tests.fakes.replay import Answer, told
from tests.fakes.threaded import in_thread
from tests.make import make_backend

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def test_a_server_is_added_by_name_and_address() -> None:
    said = run("add_backend", "gpu-01", "gpu-01:11434/v1/")

    backend = Backend.objects.get()
    assert (backend.name, backend.base_url) == ("gpu-01", "http://gpu-01:11434")
    assert (backend.kind, backend.kind_by_hand) == ("", False)
    assert said == "gpu-01 is added: http://gpu-01:11434.\n"


def test_kind_and_max_parallel_can_be_given() -> None:
    run("add_backend", "a", "http://a:1", "--kind", "vllm", "--max-parallel", "9")

    backend = Backend.objects.get()
    assert (backend.kind, backend.kind_by_hand) == ("vllm", True)
    assert backend.max_parallel == 9


def test_adding_again_changes_the_server_of_that_name() -> None:
    run("add_backend", "a", "http://a:1", "--max-parallel", "9")
    run("add_backend", "a", "http://b:1")

    backend = Backend.objects.get()
    assert (backend.base_url, backend.max_parallel) == ("http://b:1", 9)


@pytest.mark.parametrize(
    ("url", "kept"), [("http://a:1", "s3cret"), ("http://b:1", "")]
)
def test_a_key_stays_with_the_address_it_was_given_for(url: str, kept: str) -> None:
    make_backend(name="a", base_url="http://a:1", sealed_key=seal("s3cret"))

    run("add_backend", "a", url)

    assert unseal(Backend.objects.get().sealed_key, server="a") == kept


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PADDOCK_BACKEND_KEY", "s3cret")

    run("add_backend", "a", "http://a:1")

    assert unseal(Backend.objects.get().sealed_key, server="a") == "s3cret"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ftp://a",), "must begin with http"),
        (("http://a", "--max-parallel", "0"), "greater than or equal to 1"),
        (("http://a", "--kind", "gpt"), "invalid choice"),
    ],
)
def test_a_wrong_word_gets_a_sentence(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("add_backend", "a", *words)

    assert not Backend.objects.exists()


def test_a_probe_says_each_question_and_what_came_back() -> None:
    with in_thread({"/": Answer(b"Ollama is running", kind="text/plain")}) as url:
        said = run("probe", url)

    assert said == f"GET {url}/: status 200: this is Ollama\nIt is Ollama.\n"


PAGE = Answer(b"<title>Hello</title>", kind="text/html")
EVERYWHERE = (
    "/",
    "/api/version",
    "/props",
    "/api/v1/models",
    "/api/v0/models",
    "/v1/models",
    "/models",
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PAGE, "A web page answers there"),
        (told({"error": "who are you"}, status=401), "It wants a key"),
        (Answer(status=403), "403 without a word"),
        (told({"detail": "Not Found"}, status=404), "not as any model server"),
    ],
)
def test_a_probe_that_finds_no_server_says_what_to_do(
    answer: Answer, said: str
) -> None:
    with (
        in_thread(dict.fromkeys(EVERYWHERE, answer)) as url,
        pytest.raises(CommandError, match=said),
    ):
        run("probe", url)


def test_a_probe_of_nobody_names_the_usual_ports() -> None:
    with pytest.raises(CommandError, match="LM Studio 1234"):
        run("probe", "127.0.0.1:9")


def test_a_kind_set_by_hand_stays_unless_another_one_is_given() -> None:
    run("add_backend", "a", "http://a:1", "--kind", "vllm")
    run("add_backend", "a", "http://a:1", "--max-parallel", "8")

    backend = Backend.objects.get()
    assert (backend.kind, backend.kind_by_hand, backend.max_parallel) == (
        "vllm",
        True,
        8,
    )


def test_a_name_that_is_known_is_said_to_be_changed() -> None:
    make_backend(name="a")

    assert run("add_backend", "a", "http://b:1") == "a is changed: http://b:1.\n"


def test_an_address_that_is_known_is_not_added_twice() -> None:
    make_backend(name="a", base_url="http://a:1")

    with pytest.raises(CommandError, match="the address of a already"):
        run("add_backend", "b", "http://a:1/v1")


def test_the_starter_engine_is_not_taken_over() -> None:
    make_backend(name="starter", starter=True)

    with pytest.raises(CommandError, match="is the starter engine"):
        run("add_backend", "starter", "http://a:1")


@pytest.mark.parametrize("words", [("probe", "a:1"), ("add_backend", "a", "a:1")])
def test_a_key_file_that_is_not_there_is_a_sentence(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDOCK_BACKEND_KEY_FILE", "/nope")

    with pytest.raises(CommandError, match="/nope"):
        run(*words)


VLLM = {"/v1/models": told({"error": "Unauthorized"}, status=401)}


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "enter it. Set PADDOCK_BACKEND_KEY."), ("x", "refuses the key")],
)
def test_a_wrong_key_is_told_from_a_missing_one(
    key: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDOCK_BACKEND_KEY", key)

    with in_thread(VLLM) as url:
        assert said in run("probe", url)
