"""llama.cpp's own server, with one model or as a router of several.

OpenAI's dialect and the sampling fields that it invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import httpx

from models_app.adapters.base import (
    Can,
    ChatRequest,
    Honour,
    LoadedModel,
    Meters,
    ModelFacts,
    Workload,
)
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.honours import LARGEST_COUNT, SMALL, same_names
from models_app.adapters.llamacpp_download import DOWNLOADING, status_of
from models_app.adapters.llamacpp_router import ROUTER, RouterManagement
from models_app.adapters.manners import LIMIT, PROGRESS
from models_app.adapters.metrics import (
    MeterNames,
    meters_in,
    summed,
    workload_in,
)
from models_app.adapters.openai import WRITE_ON, OpenAIAdapter
from models_app.adapters.openai_models import model_facts
from models_app.adapters.shapes import json_in, object_at, object_in
from models_app.adapters.signs import Sign, owners_in
from models_app.adapters.stream import refusal

IN_MEMORY = "loaded"
PROBLEMS = ((401, "authentication_error"), (503, "unavailable_error"))
NOT_SUPPORTED = 501
"""Of what the server was started without."""
SAMPLING = (
    "temperature",
    "top_p",
    "min_p",
    "typical_p",
    "presence_penalty",
    "frequency_penalty",
    "stop",
)
LARGEST_SEED = 2**32 - 2
"""One more stands for any seed; those above are cut."""
RUNNING = "llamacpp:requests_processing"
WAITING = "llamacpp:requests_deferred"
METERS = MeterNames(
    running=RUNNING,
    waiting=WAITING,
    generated="llamacpp:tokens_predicted_total",
    kv_cache=("llamacpp:kv_cache_usage_ratio",),
)


def _greets(response: httpx.Response) -> bool:
    return bool(response.headers.get("server") == "llama.cpp")


def _has_props(response: httpx.Response) -> bool:
    """Or says in its own way that it wants a key, or that its model is still loading."""
    told = object_in(response)
    problem = response.status_code, object_at(told, "error").get("type")
    return "default_generation_settings" in told or problem in PROBLEMS


def _owns(response: httpx.Response) -> bool:
    return "llamacpp" in owners_in(response)


class LlamaCppAdapter(RouterManagement, OpenAIAdapter):
    kind = "llamacpp"
    label = "llama.cpp"
    port = 8080
    can = (
        OpenAIAdapter.can
        | RouterManagement.manages
        | {Can.DESCRIBE, Can.LOADED, Can.WORKLOAD, Can.VERSION, Can.CONTINUE}
    )
    signs: ClassVar[tuple[Sign, ...]] = (
        Sign(1, "/", _greets),
        Sign(4, "/props", _has_props),
        Sign(7, "/v1/models", _owns),
    )
    honours: ClassVar[Mapping[str, Honour]] = {
        **same_names(*SAMPLING),
        "repeat_penalty": Honour(("repeat_penalty",), SMALL, strict=True),
        "top_k": Honour(("top_k",), -1, LARGEST_COUNT),
        "num_predict": Honour((LIMIT,), 1, LARGEST_COUNT, default_below=0),
        "num_keep": Honour(("n_keep",), -1, LARGEST_COUNT),
        "repeat_last_n": Honour(("repeat_last_n",), 0, LARGEST_COUNT, strict=True),
        "seed": Honour(("seed",), most=LARGEST_SEED, strict=True, default_below=0),
    }
    at_start: ClassVar[Mapping[str, str]] = {
        "num_ctx": "-c",
        "num_batch": "-b",
        "num_gpu": "-ngl",
        "main_gpu": "-mg",
        "num_thread": "-t",
        "use_mmap": "--no-mmap",
        "draft_num_predict": "--draft-max",
    }
    going_on = WRITE_ON
    switches_thinking = True

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        """With how much of the prompt is read; builds that do not know that say nothing."""
        return {**super()._body(request), PROGRESS: True}

    async def list_models(self) -> list[ModelFacts]:
        """Of a router's models also those that a question would load; none half there."""
        with backend_errors(self.server):
            entries = await self._entries()
        return [model_facts(each) for each in entries if status_of(each) != DOWNLOADING]

    async def describe(self, model: ModelFacts) -> ModelFacts:
        """With what its template and its eyes can do; a router's, once it is loaded."""
        with backend_errors(self.server):
            props = object_in(await self._about("/props", model.name))
        return replace(model, capabilities=model.capabilities | capabilities_in(props))

    async def list_loaded(self) -> list[LoadedModel]:
        with backend_errors(self.server):
            entries = await self._entries()
        facts = [model_facts(each) for each in entries if _in_memory(each)]
        return [LoadedModel(each.name, window=each.window) for each in facts]

    async def workload(self) -> Workload:
        """A server that sleeps is not asked: the question might wake it.

        A router's model that is just being loaded or unloaded answers with an error, and
        has nothing to do.
        """
        with backend_errors(self.server):
            props = object_in(await fetched(self.client, "/props"))
            if props.get("is_sleeping"):
                return Workload(running=0)
            if props.get("role") != ROUTER:
                return await self._workload_of("")
            models = [each.name for each in await self.list_loaded()]
            return total([await self._workload_of(name) for name in models])

    async def meters(self) -> Meters:
        """As `workload`, but the slots stand in for nothing here."""
        with backend_errors(self.server):
            props = object_in(await fetched(self.client, "/props"))
            if props.get("is_sleeping"):
                return Meters(running=0, waiting=0)
            if props.get("role") != ROUTER:
                return await self._meters_of("")
            models = [each.name for each in await self.list_loaded()]
            return summed({name: await self._meters_of(name) for name in models})

    async def version(self) -> str:
        with backend_errors(self.server):
            props = object_in(await fetched(self.client, "/props"))
        return read_build(str(props.get("build_info") or ""))

    async def _workload_of(self, model: str) -> Workload:
        """Its metrics know the queue as well, where they are switched on."""
        metrics = await self._about("/metrics", model)
        if metrics.is_success:
            return workload_in(metrics.text, running=RUNNING, waiting=WAITING)
        response = await self._about("/slots", model)
        slots = json_in(response)
        if response.is_success and isinstance(slots, list):
            busy = [s for s in slots if isinstance(s, dict) and s.get("is_processing")]
            return Workload(running=len(busy))
        if model or response.status_code == NOT_SUPPORTED:
            return Workload()
        raise refusal(response)

    async def _meters_of(self, model: str) -> Meters:
        """A model that is just coming or going answers with an error, and shows nothing."""
        metrics = await self._about("/metrics", model)
        if metrics.is_success:
            return meters_in(metrics.text, METERS, engine=model)
        off = metrics.status_code == NOT_SUPPORTED
        if model or off:
            return Meters(off=off)
        raise refusal(metrics)

    async def _about(self, path: str, model: str) -> httpx.Response:
        """Ask about one model of a router; without `autoload` that would load it."""
        params = {"model": model, "autoload": "false"} if model else None
        return await fetched(self.client, path, params=params)


def total(parts: Sequence[Workload]) -> Workload:
    """Of all models of a router together."""
    running = sum(each.running or 0 for each in parts)
    known = [each.waiting for each in parts if each.waiting is not None]
    return Workload(running, sum(known) if known or not parts else None)


def _in_memory(entry: dict[str, Any]) -> bool:
    """A single server has loaded what it lists, but knows nothing of it while it sleeps."""
    status = status_of(entry)
    return status == IN_MEMORY if status else entry.get("meta", {}) is not None


def capabilities_in(props: dict[str, Any]) -> frozenset[str]:
    """Ollama's words for what `/props` says of a template and of modalities."""
    template = props.get("chat_template_caps")
    modalities = props.get("modalities")
    told = {"completion"} if isinstance(template, dict) else set()
    if isinstance(template, dict) and template.get("supports_tools"):
        told.add("tools")
    if isinstance(modalities, dict) and modalities.get("vision"):
        told.add("vision")
    return frozenset(told)


def read_build(info: str) -> str:
    """A build without its history says that it is "b0-unknown", which tells nobody anything."""
    known = info.removesuffix("-unknown")
    return "" if known == "b0" else known
