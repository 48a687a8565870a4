"""vLLM: OpenAI's dialect with a few sampling fields of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import httpx

from dashboard.errors import gettext_noop
from models_app.adapters.base import Can, Honour, LoadedModel, Meters, Workload
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.honours import LARGEST_COUNT, SMALL
from models_app.adapters.metrics import MeterNames, meters_in, workload_in
from models_app.adapters.openai import WRITE_ON, OpenAIAdapter
from models_app.adapters.shapes import object_in
from models_app.adapters.signs import Sign, owners_in
from models_app.adapters.stream import refusal

RUNNING = "vllm:num_requests_running"
WAITING = "vllm:num_requests_waiting"
METERS = MeterNames(
    running=RUNNING,
    waiting=WAITING,
    generated="vllm:generation_tokens_total",
    kv_cache=("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
    waits="vllm:time_to_first_token_seconds",
)


def _owns(response: httpx.Response) -> bool:
    locked = response.status_code == 401
    return "vllm" in owners_in(response) or (
        locked and object_in(response) == {"error": "Unauthorized"}
    )


class VLLMAdapter(OpenAIAdapter):
    kind = "vllm"
    label = "vLLM"
    port = 8000
    can = OpenAIAdapter.can | {Can.LOADED, Can.WORKLOAD, Can.VERSION, Can.CONTINUE}
    signs: ClassVar[tuple[Sign, ...]] = (Sign(7, "/v1/models", _owns),)
    honours: ClassVar[Mapping[str, Honour]] = {
        **OpenAIAdapter.honours,
        "top_p": Honour(("top_p",), SMALL, 1),
        "top_k": Honour(("top_k",), -1, LARGEST_COUNT),
        "min_p": Honour(("min_p",), 0, 1),
        "repeat_penalty": Honour(("repetition_penalty",), SMALL, strict=True),
    }
    at_start: ClassVar[Mapping[str, str]] = {
        "num_ctx": "--max-model-len",
        "num_batch": "--max-num-batched-tokens",
        "main_gpu": "CUDA_VISIBLE_DEVICES",
        "draft_num_predict": "--speculative-config",
    }
    excuse = gettext_noop(
        "vLLM serves the one model that it is started with; another one needs another "
        "vllm serve"
    )
    keeps_connections = True
    going_on = WRITE_ON
    switches_thinking = True

    async def list_loaded(self) -> list[LoadedModel]:
        """What it serves, it has loaded."""
        return [
            LoadedModel(each.name, window=each.window)
            for each in await self.list_models()
        ]

    async def workload(self) -> Workload:
        with backend_errors(self.server):
            return workload_in(await self._told(), running=RUNNING, waiting=WAITING)

    async def meters(self) -> Meters:
        with backend_errors(self.server):
            told = meters_in(await self._told(), METERS)
        return replace(told, off=told == Meters())

    async def _told(self) -> str:
        response = await fetched(self.client, "/metrics")
        if not response.is_success:
            raise refusal(response)
        return response.text

    async def version(self) -> str:
        with backend_errors(self.server):
            told = object_in(await fetched(self.client, "/version")).get("version")
            return told if isinstance(told, str) else ""
