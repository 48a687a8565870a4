"""Batches as programs make them, and what came of them, for the tests of running them."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any, Final

from openai import AsyncOpenAI
from openai.types import Batch as Told

from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.batches.places import write_chunks
from models_app.gateway.batches.pulse import Times
from models_app.gateway.batches.running import run_batches
from models_app.models import Batch
from models_app.services.api_keys import make_key
from models_app.services.batches import start_batch_of
from models_app.snapshot import forget
from tests.fakes.replay import Answer, End, told
from tests.make import make_backend, make_model, make_person

CHAT: Final = "/v1/chat/completions"
WORDS = {"role": "assistant", "content": "Paris."}
REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "tiny",
    "choices": [{"index": 0, "message": WORDS, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
}
SAYS = told(REPLY)
QUICK = Times(tick=0.01, broken=0.01)


def line(number: int, **fields: Any) -> dict[str, Any]:
    """One request; `body` is added to what is asked as a rule."""
    body = {"model": "tiny", "messages": [{"role": "user", "content": f"ask {number}"}]}
    body |= fields.pop("body", {})
    whole = {"custom_id": f"c-{number}", "method": "POST", "url": CHAT, "body": body}
    return {**whole, **fields}


def jsonl(lines: Iterable[dict[str, Any] | str]) -> bytes:
    texts = (each if isinstance(each, str) else json.dumps(each) for each in lines)
    return "\n".join(texts).encode()


def person_with_a_server(url: str, *, room: int = 4) -> User:
    server = make_backend(base_url=url, kind="vllm", max_parallel=room)
    make_model("tiny", backend=server)
    forget()
    return make_person()


def client_of(gateway: str, person: User, **limits: Any) -> AsyncOpenAI:
    secret = make_key(person, "mine", **limits).secret
    return AsyncOpenAI(base_url=f"{gateway}/v1", api_key=secret, max_retries=0)


async def sent(client: AsyncOpenAI, lines: Iterable[dict[str, Any] | str]) -> Told:
    """A batch of these lines, as a program makes one."""
    file = await client.files.create(
        file=("asks.jsonl", BytesIO(jsonl(lines))), purpose="batch"
    )
    return await client.batches.create(
        input_file_id=file.id, endpoint=CHAT, completion_window="24h"
    )


async def came(client: AsyncOpenAI, file: str | None) -> list[dict[str, Any]]:
    """The lines of a file."""
    assert file
    content = await client.files.content(file)
    return [json.loads(each) for each in content.text.splitlines()]


def made_batch(person: User, lines: Iterable[dict[str, Any] | str]) -> Batch:
    """The same by the person's own hand, as on the page."""
    name, size = write_chunks([jsonl(lines)])
    return start_batch_of(person, name, filename="asks.jsonl", size=size, endpoint=CHAT)


async def run(**options: Any) -> None:
    """A puller, until no batch is due."""
    await run_batches(times=QUICK, **options)


async def row(batch: Batch) -> Batch:
    return await in_db(Batch.objects.get)(pk=batch.pk)


HANGS = Answer(b"{", kind="application/json", end=End.HANG)
"""A server that begins to answer, and does not go on."""
