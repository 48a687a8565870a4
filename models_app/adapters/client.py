"""HTTP clients for model servers, and the address that a person typed for one."""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from functools import cache, lru_cache
from typing import cast

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError
from httpx_aiohttp import AiohttpTransport

from dashboard.errors import gettext_noop

TIMEOUT = httpx.Timeout(connect=3, read=None, write=30, pool=5)
SHORT = httpx.Timeout(connect=3, read=5, write=5, pool=5)
"""For lists: a page or a check waits for them."""

LIMITS = httpx.Limits(max_connections=0, keepalive_expiry=3)
"""aiohttp reads 0 as "no limit". Servers close an idle connection after 5 s: a POST that
meets this on its way fails, so ours close earlier."""

NO_ADDRESS = gettext_noop(
    "That is no address. Write it like http://192.168.1.20:11434."
)
NO_WEB_ADDRESS = gettext_noop("The address must begin with http:// or https://.")
KEY_IN_ADDRESS = gettext_noop("Put the key into its own field, not into the address.")
API_PATHS = ("/api/v1", "/v1", "/api")


def open_client(base_url: str, *, key: str = "") -> httpx.AsyncClient:
    """A client for one server; it follows no redirect, so the key goes nowhere else."""
    headers = {"Accept-Encoding": "identity"}
    if plain := key.strip().encode("ascii", "replace").decode():
        headers["Authorization"] = f"Bearer {plain}"
    return Client(
        base_url=base_url,
        headers=headers,
        timeout=TIMEOUT,
        trust_env=False,
        transport=Transport(verify=system_trust(), trust_env=False, limits=LIMITS),
    )


@cache
def system_trust() -> ssl.SSLContext:
    """The certificates that this machine trusts; httpx would bring a list of its own."""
    return ssl.create_default_context()


@lru_cache(maxsize=1000)
def joined(base: httpx.URL, path: str) -> httpx.URL:
    """The whole address, as httpx puts it together anew for each request."""
    return base.copy_with(
        raw_path=base.raw_path + httpx.URL(path).raw_path.lstrip(b"/")
    )


class NoCookies(httpx.Cookies):
    """A jar that stays empty."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """What a server sets for one person must not go out with the words of another."""


class Client(httpx.AsyncClient):
    """A client that keeps no cookies: it asks for everybody."""

    @property  # type: ignore[misc] # nobody sets any
    def cookies(self) -> httpx.Cookies:
        return NONE


NONE = NoCookies()


class Transport(AiohttpTransport):
    """aiohttp below httpx, without a jar of its own for cookies; every failure is an httpx
    error, which upstream forgets."""

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=LIMITS.max_connections or 0,
            keepalive_timeout=LIMITS.keepalive_expiry,
            ssl=self.ssl_context,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response: httpx.Response = await super().handle_async_request(request)
        except aiohttp.ClientResponseError as failure:
            raise httpx.RemoteProtocolError(str(failure)) from failure
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            raise httpx.ConnectError(str(failure)) from failure
        body = Body(cast("httpx.AsyncByteStream", response.stream))
        response.stream = body
        response.extensions["read"] = body.read
        return response


class Body(httpx.AsyncByteStream):
    """A response's bytes as they arrive.

    `read` spares the four generators that httpx puts between a piece and its reader:
    with one token a piece they cost as much as all the rest.
    """

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream
        self._pieces = aiter(stream)

    async def read(self) -> bytes:
        """The next bytes; b"" at the end."""
        try:
            return await anext(self._pieces, b"")
        except (aiohttp.ClientError, HttpProcessingError, OSError) as failure:
            raise httpx.ReadError(str(failure)) from failure

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read():
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()


def root_of(address: str) -> str:
    """A server's root, from what a person typed; a `ValueError` says what is missing."""
    url = _url(address.strip())
    path = url.path.rstrip("/")
    ending = next((each for each in API_PATHS if path.endswith(each)), "")
    root = path.removesuffix(ending)
    return str(url.copy_with(path=root, query=None, fragment=None)).rstrip("/")


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address if "://" in address else f"http://{address}")
    except httpx.InvalidURL as garbage:
        raise ValueError(NO_ADDRESS) from garbage
    if url.scheme not in ("http", "https"):
        raise ValueError(NO_WEB_ADDRESS)
    if not url.host or "%" in url.host or (url.port or 1) > 65535:
        raise ValueError(NO_ADDRESS)
    if url.userinfo:
        raise ValueError(KEY_IN_ADDRESS)
    return url
