"""What servers of each kind can be told to do with their models, and how they are told.

A new kind takes part in the contract by an entry for each thing that it can.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, NewModel
from tests.fakes.pulling import gathered
from tests.fakes.replay import NOT_FOUND, Answer, told
from tests.models_app.adapters.pulls import ndjson
from tests.models_app.adapters.servers import NO_FILE, NO_ROUTE, case, filed
from tests.recordings import recorded

LOADS = json.loads(recorded("lmstudio-load.json"))
PIRATE = NewModel(
    name="pirate",
    base="smollm2:135m",
    template="{{ .Prompt }}",
    system="You are a pirate.",
    licenses=("MIT", "Be kind."),
    parameters={"temperature": 0.1, "num_ctx": 1024, "stop": ("<|im_end|>", "END")},
    messages=(("user", "Hi"), ("assistant", "Arr!")),
    renderer="qwen3",
    parser="qwen3",
    requires="0.14.0",
)
Told = tuple[str, str, Any]
"""A request: its method, its path and its body."""


async def _pull(adapter: Adapter) -> None:
    await gathered(adapter.pull("tiny"))


async def _create(adapter: Adapter) -> None:
    await gathered(adapter.create(PIRATE))


CALLS: Mapping[Can, Callable[[Adapter], Awaitable[object]]] = {
    Can.PULL: _pull,
    Can.CANCEL: lambda adapter: adapter.cancel_pull("tiny"),
    Can.LOAD: lambda adapter: adapter.load("tiny"),
    Can.WINDOW: lambda adapter: adapter.load("tiny", window=4096),
    Can.KEEP: lambda adapter: adapter.load("tiny", keep_alive=300),
    Can.UNLOAD: lambda adapter: adapter.unload("tiny"),
    Can.DELETE: lambda adapter: adapter.delete("tiny"),
    Can.COPY: lambda adapter: adapter.copy("tiny", "second"),
    Can.CREATE: _create,
    Can.MODELFILE: lambda adapter: adapter.modelfile("tiny"),
    Can.SHAPE: lambda adapter: adapter.shape("tiny"),
}
"""Each thing that some kinds can, asked of one."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a server is told, and with which words it obeys."""

    kind: str
    can: Can
    answers: Mapping[str, Answer | Sequence[Answer]]
    told: tuple[Told, ...]
    otherwise: Answer = NOT_FOUND


def _ollama(can: Can, answer: Answer, *requests: Told) -> Order:
    return Order("ollama", can, {path: answer for _, path, _ in requests}, requests)


def _chat(can: Can, words: str, **fields: object) -> Order:
    body = {"model": "tiny", "messages": [], "stream": False, **fields}
    answer = case("real-ollama-load-unload.json", words)
    return _ollama(can, answer, ("POST", "/api/chat", body))


def _show(can: Can) -> Order:
    body = {"model": "tiny", "verbose": False}
    return _ollama(can, filed("ollama-show.json"), ("POST", "/api/show", body))


def _lmstudio(can: Can, what: str, *bodies: object, **models: object) -> Order:
    """With the models that it lists, and what it is told after that."""
    entry = {"key": "tiny", "loaded_instances": [], **models}
    path = f"/api/v1/models/{what}"
    answers = {
        "/api/v1/models": told({"models": [entry]}),
        path: told(LOADS[what]["body"]),
    }
    look: Told = ("GET", "/api/v1/models", None)
    return Order(
        "lmstudio",
        can,
        answers,
        (look, *(("POST", path, body) for body in bodies)),
        otherwise=NO_ROUTE,
    )


def _router(
    can: Can, answers: Mapping[str, Answer | Sequence[Answer]], *requests: Told
) -> Order:
    return Order("llamacpp", can, answers, requests, otherwise=NO_FILE)


DONE = told({"success": True})
EMPTY = case("real-ollama-manage.json", "delete")
ORDERS = {
    "ollama-cancel": Order("ollama", Can.CANCEL, {}, ()),
    "ollama-load": _chat(Can.LOAD, "load by chat"),
    "ollama-window": _chat(Can.WINDOW, "load by chat", options={"num_ctx": 4096}),
    "ollama-keep": _chat(Can.KEEP, "load by chat", keep_alive=300),
    "ollama-unload": _chat(Can.UNLOAD, "unload by chat", keep_alive=0),
    "ollama-delete": _ollama(
        Can.DELETE, EMPTY, ("DELETE", "/api/delete", {"model": "tiny"})
    ),
    "ollama-copy": _ollama(
        Can.COPY,
        EMPTY,
        ("POST", "/api/copy", {"source": "tiny", "destination": "second"}),
    ),
    "ollama-create": _ollama(
        Can.CREATE,
        ndjson("real-ollama-create.ndjson"),
        (
            "POST",
            "/api/create",
            {
                "model": "pirate",
                "from": "smollm2:135m",
                "template": "{{ .Prompt }}",
                "system": "You are a pirate.",
                "license": ["MIT", "Be kind."],
                "parameters": {
                    "temperature": 0.1,
                    "num_ctx": 1024,
                    "stop": ["<|im_end|>", "END"],
                },
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Arr!"},
                ],
                "renderer": "qwen3",
                "parser": "qwen3",
                "requires": "0.14.0",
                "stream": True,
            },
        ),
    ),
    "ollama-modelfile": _show(Can.MODELFILE),
    "ollama-shape": _show(Can.SHAPE),
    "lmstudio-load": _lmstudio(Can.LOAD, "load", {"model": "tiny"}),
    "lmstudio-window": _lmstudio(
        Can.WINDOW, "load", {"model": "tiny", "context_length": 4096}
    ),
    "lmstudio-unload": _lmstudio(
        Can.UNLOAD,
        "unload",
        {"instance_id": "tiny"},
        {"instance_id": "mine"},
        loaded_instances=[{"id": "tiny"}, {"id": "mine"}],
    ),
    "llamacpp-cancel": _router(
        Can.CANCEL,
        {
            "/models": told(
                {"data": [{"id": "tiny", "status": {"value": "downloading"}}]}
            ),
            "/models/unload": DONE,
        },
        ("GET", "/models", None),
        ("POST", "/models/unload", {"model": "tiny"}),
    ),
    "llamacpp-load": _router(
        Can.LOAD,
        {
            "/models/load": DONE,
            "/models": [
                told({"data": [{"id": "tiny", "status": {"value": "loading"}}]}),
                told({"data": [{"id": "tiny", "status": {"value": "loaded"}}]}),
            ],
        },
        ("POST", "/models/load", {"model": "tiny"}),
        ("GET", "/models", None),
        ("GET", "/models", None),
    ),
    "llamacpp-unload": _router(
        Can.UNLOAD,
        {"/models/unload": DONE},
        ("POST", "/models/unload", {"model": "tiny"}),
    ),
    "llamacpp-delete": _router(
        Can.DELETE,
        {"/models?model=tiny": DONE},
        ("DELETE", "/models?model=tiny", None),
    ),
}
