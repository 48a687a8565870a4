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
from models_app.adapters.failures import backend_errors
from models_app.adapters.lines import Garbled
from tests.recordings import recorded_case


def answer(body: object = b"", *, status: int = 400, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = httpx.Request("GET", "http://gpu-01:8000/v1/models")
    return httpx.Response(status, content=content, headers=headers, request=request)


def failing(failure: BaseException, cause: BaseException | None = None) -> BackendError:
    with pytest.raises(BackendError) as caught, backend_errors("gpu-01"):
        raise failure from cause
    return caught.value


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
        (OSError(errno.ENETUNREACH, ""), "no route to that address"),
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
