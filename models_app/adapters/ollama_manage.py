"""Managing the models of an Ollama server."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing
from functools import partial
from typing import Any, ClassVar

from dashboard.errors import BackendRefused
from models_app.adapters.base import Can, NewModel, PullStep
from models_app.adapters.failures import backend_errors
from models_app.adapters.lines import Garbled
from models_app.adapters.manageable import MANAGEMENT, Manageable
from models_app.adapters.ollama_names import parsed_name
from models_app.adapters.ollama_pull import ProgressReader
from models_app.adapters.ollama_shape import shape_in
from models_app.adapters.pull_failures import create_errors, pull_errors
from models_app.adapters.shapes import object_in
from models_app.adapters.steps import steps_of
from models_app.adapters.stream import opened

NO_STREAM = ("text/html",)
NO_CHAT = "does not support chat"
CHAT, EMBED, SHOW = "/api/chat", "/api/embed", "/api/show"


class OllamaManagement(Manageable):
    """It can all; a pull goes on only as long as somebody reads it."""

    manages: ClassVar[frozenset[Can]] = MANAGEMENT
    example: ClassVar[str] = "qwen3:0.6b"

    @classmethod
    def full_name(cls, name: str) -> str:
        return parsed_name(name).listed

    def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        body = self._pull_body(self.checked(name))
        return self._steps("/api/pull", body, pull_errors(self.server, name.strip()))

    async def cancel_pull(self, name: str) -> None:
        """Hanging up has stopped it, unless others read the same download."""

    async def load(
        self, name: str, *, window: int | None = None, keep_alive: int | None = None
    ) -> None:
        """A model that only embeds cannot be loaded by a chat, but by its own question."""
        body = load_body(name, window=window, keep_alive=keep_alive)
        try:
            asked = {**body, "messages": [], "stream": False}
            await self.order(Can.LOAD, "POST", CHAT, json=asked, seconds=None)
        except BackendRefused as refused:
            if NO_CHAT not in str(refused.facts["detail"]):
                raise
            await self.order(Can.LOAD, "POST", EMBED, json=body, seconds=None)

    async def unload(self, name: str) -> None:
        body = {**load_body(name, keep_alive=0), "messages": [], "stream": False}
        await self.order(Can.UNLOAD, "POST", CHAT, json=body)

    async def delete(self, name: str) -> None:
        await self.order(Can.DELETE, "DELETE", "/api/delete", json={"model": name})

    async def copy(self, name: str, to: str) -> None:
        body = {"source": name, "destination": self.checked(to)}
        await self.order(Can.COPY, "POST", "/api/copy", json=body)

    def create(self, model: NewModel) -> AsyncGenerator[PullStep, None]:
        body = self._create_body(model)
        return self._steps("/api/create", body, create_errors(self.server, model))

    async def modelfile(self, name: str) -> str:
        with backend_errors(self.server):
            told = (await self._show(Can.MODELFILE, name)).get("modelfile")
            if not isinstance(told, str):
                raise Garbled("it shows a model without its Modelfile")
            return told

    async def shape(self, name: str) -> Mapping[str, Any]:
        with backend_errors(self.server):
            return shape_in(await self._show(Can.SHAPE, name))

    async def _show(self, what: Can, name: str) -> dict[str, Any]:
        """Never `verbose`: that would bring the whole vocabulary."""
        body = {"model": name, "verbose": False}
        return object_in(await self.asked(what, "POST", SHOW, json=body))

    async def _steps(
        self, path: str, body: dict[str, Any], failures: AbstractContextManager[None]
    ) -> AsyncGenerator[PullStep, None]:
        ask = partial(opened, self.client, path, body, no_stream=NO_STREAM, keep=False)
        with failures:
            async with aclosing(steps_of(ask, ProgressReader())) as steps:
                async for step in steps:
                    yield step

    def _pull_body(self, name: str) -> dict[str, Any]:
        """Whoever writes http:// means it; without `insecure` Ollama asks by https."""
        plain = {"insecure": True} if parsed_name(name).scheme == "http" else {}
        return {"model": name, "stream": True, **plain}

    def _create_body(self, model: NewModel) -> dict[str, Any]:
        """Only what is set: an empty value cannot clear what the base has."""
        wanted: dict[str, Any] = {
            "template": model.template,
            "system": model.system,
            "license": list(model.licenses),
            "parameters": dict(model.parameters),
            "messages": [
                {"role": role, "content": text} for role, text in model.messages
            ],
            "renderer": model.renderer,
            "parser": model.parser,
            "requires": model.requires,
        }
        return {
            "model": self.checked(model.name),
            "from": self.checked(model.base),
            **{name: value for name, value in wanted.items() if value},
            "stream": True,
        }


def load_body(
    name: str, *, window: int | None = None, keep_alive: int | None = None
) -> dict[str, Any]:
    """Nothing that nobody chose: another `num_ctx` makes the server reload."""
    body: dict[str, Any] = {"model": name}
    if window is not None:
        body["options"] = {"num_ctx": window}
    if keep_alive is not None:
        body["keep_alive"] = keep_alive
    return body
