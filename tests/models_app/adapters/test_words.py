"""What servers say when they refuse."""

import json

import httpx
import pytest

from models_app.adapters.words import error_text, words_in

KEY = "s3cret-key"
IN_TEXT = '{"error":{"code":400,"message":"No images.","type":"invalid"}}'


def answer(body: object = b"", *, status: int = 400, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = httpx.Request(
        "GET", "http://gpu", headers={"Authorization": f"Bearer {KEY}"}
    )
    return httpx.Response(status, content=content, headers=headers, request=asked)


def test_a_key_that_is_repeated_is_not_told_on() -> None:
    refused = answer({"error": f"Incorrect API key provided: {KEY}."}, status=401)

    assert error_text(refused) == "Incorrect API key provided: …"


def test_what_a_terminal_would_obey_is_left_out() -> None:
    assert error_text(answer(b"\x1b[31mred\x07")) == "[31mred"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "Unauthorized"}, "Unauthorized"),
        ({"error": {"message": "Too long.", "code": 400}}, "Too long"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"loc": ["body"], "msg": "Field required"}]}, "Field required"),
        ({"error": IN_TEXT}, "No images"),
        ({"error": True, "message": "no\n  way"}, "no way"),
        ({"odd": 1}, '{"odd": 1}'),
        (b"404 page not found", "404 page not found"),
        (
            b"<html><head><title>502 Bad Gateway</title></head></html>",
            "502 Bad Gateway",
        ),
        (b"<p>Go <b>away</b>!</p>", "Go away !"),
        (b"x" * 1000, f"{'x' * 200} …"),
        (b"so many words " * 20, f"{'so many words ' * 14}so …"),
        (b"\xff\xfe{", "��{"),
    ],
)
def test_a_refusal_is_told_in_the_servers_own_words(body: object, words: str) -> None:
    assert error_text(answer(body)) == words


def test_a_refusal_without_words_gets_some() -> None:
    assert error_text(answer(status=401)) == "it wants a key"
    assert "Host" in error_text(answer(status=403))
    assert error_text(answer(status=500)) == "no reason given"


def test_an_error_nested_without_end_is_no_error_of_ours() -> None:
    nested = b'{"error":' * 500 + b"1" + b"}" * 500

    assert error_text(answer(nested)).startswith('{"error"')
    assert error_text(answer(b"[" * 100_000)).startswith("[[")


def test_what_is_no_error_has_no_words() -> None:
    nothings: list[object] = [None, 7, [], {}, {"a": "b"}]

    assert {words_in(each) for each in nothings} == {""}


def test_a_page_in_place_of_an_answer_is_not_quoted() -> None:
    page = answer(b"<title>Welcome</title>", status=200)

    assert error_text(page) == "its answer is none that a model server gives"


def test_a_redirect_says_where_it_points() -> None:
    moved = answer(status=307, location="https://gpu-01/v1/models")

    assert error_text(moved) == "it points to https://gpu-01/v1/models"
