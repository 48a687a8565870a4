"""Managing the models of LM Studio: it downloads, loads and unloads, and no more."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from dashboard.errors import ModelGone, gettext_noop
from models_app.adapters.base import Can, PullStep
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.lines import Garbled
from models_app.adapters.lmstudio_download import WHOLE, step_in, wanted
from models_app.adapters.lmstudio_models import Instance, listed_v1
from models_app.adapters.manageable import Manageable
from models_app.adapters.pull_failures import pull_errors
from models_app.adapters.shapes import object_at, object_in
from models_app.adapters.stream import refusal

MODELS = "/api/v1/models"
UNKNOWN_ROUTE = "Unexpected endpoint or method"
TOO_OLD = gettext_noop(
    "this LM Studio has no way to do it from outside; version 0.4 and later have one"
)
FORGOTTEN = gettext_noop(
    "it no longer knows of this download, maybe because it was started anew"
)


def no_such_route(response: httpx.Response) -> bool:
    """Every version so far says so with status 200."""
    return str(object_in(response).get("error")).startswith(UNKNOWN_ROUTE)


class LMStudioManagement(Manageable):
    """A model in memory goes by the name of an instance, not by its own."""

    manages: ClassVar[frozenset[Can]] = frozenset(
        {Can.PULL, Can.LOAD, Can.WINDOW, Can.UNLOAD}
    )
    excuse: ClassVar[str] = gettext_noop(
        "LM Studio does it only in its own window, on the machine where it runs"
    )
    excuses: ClassVar[Mapping[Can, str]] = {
        **dict.fromkeys((Can.PULL, Can.LOAD, Can.UNLOAD), TOO_OLD),
        Can.KEEP: gettext_noop(
            "LM Studio keeps what was loaded from outside until it is unloaded; "
            "leave out the time"
        ),
        Can.COPY: gettext_noop("LM Studio knows each model by one name only"),
        Can.CREATE: gettext_noop(
            "LM Studio makes no models out of others; a preset does the same here"
        ),
        Can.MODELFILE: gettext_noop("LM Studio knows no Modelfiles"),
        Can.SHAPE: gettext_noop("LM Studio does not tell how a model is built"),
    }
    example: ClassVar[str] = "qwen/qwen3-4b"

    async def abilities(self) -> frozenset[Can]:
        with backend_errors(self.server):
            response = await fetched(self.client, MODELS)
        return self.can - self.manages if self.lacks_route(response) else self.can

    def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        return self._download(self.checked(name), job)

    async def load(
        self, name: str, *, window: int | None = None, keep_alive: int | None = None
    ) -> None:
        """Loading it again would make a second one: another window takes its place."""
        self.check_load(window, keep_alive)
        instances = await self._instances(name, Can.LOAD)
        if any(window in (None, each.window) for each in instances):
            return
        await self._unload(instances)
        body = {"model": name, **({"context_length": window} if window else {})}
        await self.order(Can.LOAD, "POST", f"{MODELS}/load", json=body, seconds=None)

    async def unload(self, name: str) -> None:
        await self._unload(await self._instances(name, Can.UNLOAD))

    def lacks_route(self, response: httpx.Response) -> bool:
        """A model that is missing is told in an object, a route in a string or not at all."""
        missing = response.status_code == 404
        return no_such_route(response) or (
            missing and not isinstance(object_in(response).get("error"), dict)
        )

    async def _unload(self, instances: tuple[Instance, ...]) -> None:
        for each in instances:
            body = {"instance_id": each.id}
            await self.order(Can.UNLOAD, "POST", f"{MODELS}/unload", json=body)

    async def _instances(self, name: str, what: Can) -> tuple[Instance, ...]:
        """Those of a model in memory; `ModelGone` for one that is not on its disk."""
        with backend_errors(self.server):
            response = await self.asked(what, "GET", MODELS)
            listed = listed_v1(response)
            if listed is None:
                raise refusal(response)
        for each in listed:
            if each.facts.name == name:
                return each.instances
        raise ModelGone(server=self.server, upstream=200, detail=name)

    async def _download(self, name: str, job: str) -> AsyncGenerator[PullStep, None]:
        """An earlier job that it knows is gone on with, else it is asked anew."""
        with pull_errors(self.server, name):
            told = (await self._told(job) if job else None) or await self._begun(name)
            while True:
                step = step_in(told, name=name, job=job)
                yield step
                if step.said in WHOLE:
                    return
                await asyncio.sleep(self.pause)
                job = step.job
                told = await self._told(job)
                if not told:
                    raise Garbled(FORGOTTEN)

    async def _begun(self, name: str) -> dict[str, Any]:
        """It looks the model up first, which may take long."""
        path = f"{MODELS}/download"
        response = await self.asked(
            Can.PULL, "POST", path, json=wanted(name), seconds=None
        )
        return object_in(response)

    async def _told(self, job: str) -> dict[str, Any]:
        """Nothing of a job that it does not know."""
        path = f"{MODELS}/download/status/{quote(job, safe='')}"
        try:
            return object_in(await self.asked(Can.PULL, "GET", path))
        except httpx.HTTPStatusError as refused:
            error = object_at(object_in(refused.response), "error")
            if error.get("type") == "job_not_found":
                return {}
            raise
