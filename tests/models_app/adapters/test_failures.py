"""What goes wrong, told as our errors."""

import errno
import json
import socket
import ssl

import httpx
import pytest

from dashboard.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendUnreachable,
)
from models_app.adapters.failures import backend_errors, error_text, words_in
from models_app.adapters.lines import Garbled
from tests.recordings import recorded_case

IN_TEXT = '{"error":{"code":400,"message":"No images.","type":"invalid"}}'


def answer(body: object = b"", *, status: int = 400, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = httpx.Request("GET", "http://gpu-01:8000/v1/models")
    return httpx.Response(status, content=content, headers=headers, request=request)


def failing(failure: BaseException, cause: BaseException | None = None) -> BackendError:
    with pytest.raises(BackendError) as caught, backend_errors("gpu-01"):
        raise failure from cause
    return caught.value


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
        (b"x" * 1000, "x" * 200),
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


def test_a_refusal_keeps_its_status() -> None:
    case = recorded_case("real-vllm-api-key.json", "no key: chat")
    response = answer(case["body"], status=case["status"])
    refused = httpx.HTTPStatusError("", request=response.request, response=response)

    error = failing(refused)

    assert isinstance(error, BackendRefused)
    assert error.facts == {
        "server": "gpu-01",
        "upstream": 401,
        "detail": "Unauthorized",
    }


@pytest.mark.parametrize(
    ("cause", "detail"),
    [
        (ConnectionRefusedError(), "connection refused"),
        (OSError(errno.ECONNREFUSED, "twice"), "connection refused"),
        (OSError(errno.EHOSTUNREACH, ""), "no route to that address"),
        (OSError(errno.ENETUNREACH, ""), "no route to that network"),
        (socket.gaierror(socket.EAI_NONAME, ""), "name not found"),
        (ssl.SSLCertVerificationError(), "TLS: certificate not trusted"),
        (ssl.SSLError(), "TLS: the handshake failed"),
        (TimeoutError(), "no answer in time"),
        (ConnectionResetError(), "connection cut"),
        (None, "it hung up"),
    ],
)
def test_an_unreachable_server_says_why_in_plain_words(
    cause: BaseException | None, detail: str
) -> None:
    error = failing(httpx.ConnectError("long and technical"), cause)

    assert isinstance(error, BackendUnreachable)
    assert error.facts["detail"] == detail


def test_a_late_answer_and_one_that_is_no_http_are_told_apart() -> None:
    assert failing(httpx.ReadTimeout("")).facts["detail"] == "no answer in time"
    assert "HTTP" in str(failing(httpx.RemoteProtocolError("")))


def test_a_garbled_stream_is_broken() -> None:
    error = failing(Garbled("the stream ended\nearly."))

    assert isinstance(error, BackendBroken)
    assert error.facts["detail"] == "the stream ended early"


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError), backend_errors("gpu-01"):
        raise ZeroDivisionError
