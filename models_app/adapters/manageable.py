"""The management of models: refused, in words, for all that a kind cannot do."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

import httpx

from dashboard.errors import BackendCannotDo, NameUnfit, gettext_noop
from models_app.adapters.base import Can, Loading, NewModel, PullStep
from models_app.adapters.failures import GONE, backend_errors
from models_app.adapters.orders import SECONDS, ordered

MANAGEMENT = frozenset(
    {
        Can.PULL,
        Can.CANCEL,
        Can.LOAD,
        Can.WINDOW,
        Can.KEEP,
        Can.UNLOAD,
        Can.DELETE,
        Can.COPY,
        Can.CREATE,
        Can.MODELFILE,
        Can.SHAPE,
    }
)
NO_ROUTE = (404, 405)
FOR_EVER = -1


class Manageable:
    """What all kinds begin with; each overrides what it can."""

    can: ClassVar[frozenset[Can]]
    excuse: ClassVar[str] = gettext_noop(
        "which models it serves is decided where it is started"
    )
    excuses: ClassVar[Mapping[Can, str]] = {}
    """Other reasons, for what they are asked."""
    example: ClassVar[str] = "user/model"
    """A name that it takes."""
    pause: float = 1.5

    def __init__(self, client: httpx.AsyncClient, *, server: str) -> None:
        self.client = client
        self.server = server

    async def loading(self, model: str) -> AsyncGenerator[Loading, None]:
        told: tuple[Loading, ...] = ()
        for each in told:
            yield each

    async def abilities(self) -> frozenset[Can]:
        return self.can

    @classmethod
    def full_name(cls, name: str) -> str:
        bare = name.strip()
        if not bare or not bare.isprintable() or " " in bare:
            raise ValueError(name)
        return bare

    def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        raise self.cannot(Can.PULL)

    async def cancel_pull(self, name: str) -> None:
        raise self.cannot(Can.CANCEL)

    async def load(
        self, name: str, *, window: int | None = None, keep_alive: int | None = None
    ) -> None:
        raise self.cannot(Can.LOAD)

    async def unload(self, name: str) -> None:
        raise self.cannot(Can.UNLOAD)

    async def delete(self, name: str) -> None:
        raise self.cannot(Can.DELETE)

    async def copy(self, name: str, to: str) -> None:
        raise self.cannot(Can.COPY)

    def create(self, model: NewModel) -> AsyncGenerator[PullStep, None]:
        raise self.cannot(Can.CREATE)

    async def modelfile(self, name: str) -> str:
        raise self.cannot(Can.MODELFILE)

    async def shape(self, name: str) -> Mapping[str, Any]:
        raise self.cannot(Can.SHAPE)

    def cannot(self, what: Can) -> BackendCannotDo:
        """The error for what it cannot do, with the reason."""
        reason = self.excuses.get(what, self.excuse)
        return BackendCannotDo(server=self.server, detail=reason)

    def checked(self, name: str) -> str:
        """A name as it is sent; `NameUnfit` for what can be none."""
        try:
            self.full_name(name)
        except ValueError as unfit:
            raise NameUnfit(
                server=self.server, name=name.strip(), example=self.example
            ) from unfit
        return name.strip()

    def check_load(self, window: int | None, keep_alive: int | None) -> None:
        """Refuse what a load here would pass over in silence."""
        if window is not None and Can.WINDOW not in self.can:
            raise self.cannot(Can.WINDOW)
        if keep_alive not in (None, FOR_EVER) and Can.KEEP not in self.can:
            raise self.cannot(Can.KEEP)

    def lacks_route(self, response: httpx.Response) -> bool:
        """Whether it is the question that is unknown there, and not the model."""
        missing = response.status_code in NO_ROUTE
        return missing and not GONE.search(response.text)

    async def order(
        self,
        what: Can,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: dict[str, Any] | None = None,
        seconds: float | None = SECONDS,
    ) -> httpx.Response:
        """What a server says that did as it was told; or a `BackendError`."""
        with backend_errors(self.server):
            return await self.asked(
                what, method, path, params=params, json=json, seconds=seconds
            )

    async def asked(
        self,
        what: Can,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: dict[str, Any] | None = None,
        seconds: float | None = SECONDS,
    ) -> httpx.Response:
        """The same, with a refusal as httpx has it, but for a route that is missing."""
        try:
            return await ordered(
                self.client, method, path, params=params, json=json, seconds=seconds
            )
        except httpx.HTTPStatusError as refused:
            if self.lacks_route(refused.response):
                raise self.cannot(what) from refused
            raise
