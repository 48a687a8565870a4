"""What a fake Ollama answers at once; everything that it says as a stream is elsewhere."""

from typing import Any

from tests.fakes.ollama_state import FakeOllama, entry, full

FOR_EVER = "2318-03-04T21:15:02.913372Z"


def answer_of(fake: FakeOllama, name: str, body: Any) -> tuple[int, object]:
    """All that is answered at once: a status, and JSON or a text."""
    with fake.changed:
        if name in fake.refusals:
            return 500, {"error": fake.refusals[name]}
        match name:
            case "GET /":
                return 200, "Ollama is running"
            case "GET /api/version":
                return 200, {"version": fake.version}
            case "GET /api/tags":
                return 200, {"models": [*fake.held.values()]}
            case "GET /api/ps":
                return 200, {"models": [*fake.loaded.values()]}
            case (
                "POST /api/show"
                | "POST /api/chat"
                | "POST /api/generate"
                | "POST /api/embed"
                | "POST /api/embeddings"
                | "DELETE /api/delete"
            ):
                return about_one(fake, name, body)
            case "POST /api/copy":
                return copied(fake, body["source"], body["destination"])
    return 404, "404 page not found"


def about_one(fake: FakeOllama, name: str, body: Any) -> tuple[int, object]:
    model = full(body["model"])
    if model not in fake.held:
        return missing(body["model"])
    if name == "DELETE /api/delete":
        fake.loaded.pop(model, None)
        for layer in fake.offered.get(model, ()):
            fake.downloads.pop(layer.digest, None)
        del fake.held[model]
        return 200, ""
    if name == "POST /api/show":
        return 200, shown(fake.held[model])
    if "embed" in name:
        return 200, vectors(body)
    return 200, moved(fake, model, body)


def moved(fake: FakeOllama, model: str, body: Any) -> object:
    """In or out of memory, by the time that it is to stay."""
    if body.get("keep_alive") == 0:
        fake.loaded.pop(model, None)
        return {"model": model, "done": True, "done_reason": "unload"}
    size = fake.held[model]["size"]
    fake.loaded[model] = {
        "name": model,
        "model": model,
        "size": size,
        "size_vram": size,
        "expires_at": FOR_EVER,
        "context_length": body.get("options", {}).get("num_ctx", 4096),
    }
    return {"model": model, "done": True, "done_reason": "load"}


def vectors(body: Any) -> object:
    """The length of each text as a vector."""
    if "prompt" in body:
        return {"embedding": [float(len(body["prompt"]))]}
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    rows = [[float(len(each))] for each in texts]
    return {"model": body["model"], "embeddings": rows, "prompt_eval_count": 2}


def copied(fake: FakeOllama, name: str, to: str) -> tuple[int, object]:
    if full(name) not in fake.held:
        return 404, {"error": f'model "{name}" not found'}
    fake.held[full(to)] = entry(full(to), fake.held[full(name)]["size"])
    return 200, ""


def missing(name: str) -> tuple[int, object]:
    return 404, {"error": f"model '{name}' not found"}


def shown(held: dict[str, Any]) -> object:
    return {
        "modelfile": f"# FROM {held['name']}\n\nFROM /models/blobs/sha256-0123\n",
        "details": held["details"],
        "model_info": {
            "general.architecture": "llama",
            "general.parameter_count": held["size"] * 2,
            "llama.block_count": 30,
            "llama.context_length": 8192,
            "llama.embedding_length": 576,
            "llama.attention.head_count": 9,
            "llama.attention.head_count_kv": 3,
            "tokenizer.ggml.tokens": None,
        },
        "tensors": [
            {"name": "token_embd.weight", "type": "Q8_0", "shape": [576, 49152]}
        ],
        "capabilities": ["completion"],
    }
