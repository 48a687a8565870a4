"""Lists, completions and vectors, as OpenAI's own client has them."""

import httpx
import openai
import pytest

from dashboard.live.db import in_db
from models_app.models import Generation, LanguageModel
from models_app.serving.settling import all_settled
from models_app.snapshot import forget
from tests.fakes.replay import Answer, replaying, told
from tests.make import make_model, make_preset
from tests.models_app.gateway.openai.calls import HELLO, MODEL, ClientFor

DEAD = "http://127.0.0.1:9"
VECTORS = {
    "object": "list",
    "model": "embedder",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "usage": {"prompt_tokens": 2, "total_tokens": 2},
}
RESPONSE = (
    b'event: response.created\ndata: {"type":"response.created","response":{"id":"r"},'
    b'"sequence_number":0}\n\n'
    b'event: response.completed\ndata: {"type":"response.completed","sequence_number":1,'
    b'"response":{"id":"r","usage":{"input_tokens":7,"output_tokens":3}}}\n\n'
)
COMPLETION = (
    b'data: {"id":"c","object":"text_completion","created":1,"model":"tiny",'
    b'"choices":[{"index":0,"text":"Once","finish_reason":"stop","logprobs":null}]}\n\n'
    b"data: [DONE]\n\n"
)


def with_embedder() -> None:
    backend = LanguageModel.objects.get().backend
    make_model("embedder", backend=backend, chats=False)
    forget()


async def test_models_and_presets_are_listed(client_for: ClientFor) -> None:
    client = await client_for(DEAD)
    await in_db(with_embedder)()
    await in_db(make_preset)(name="Brief", model=MODEL)
    await in_db(make_preset)(name="TINY", model=MODEL)
    forget()

    listed = [each.id async for each in await client.models.list()]
    one = await client.models.retrieve("preset:TINY")

    assert listed == ["Brief", "preset:TINY", MODEL, "embedder"]
    assert one.owned_by == "paddock"


async def test_vectors_are_made_by_models_that_do_not_chat(
    client_for: ClientFor,
) -> None:
    async with replaying({"/v1/embeddings": told(VECTORS)}) as server:
        client = await client_for(server.url)
        await in_db(with_embedder)()
        made = await client.embeddings.create(
            model="embedder", input="hello", encoding_format="float"
        )
        with pytest.raises(openai.BadRequestError, match="makes vectors"):
            await client.chat.completions.create(model="embedder", messages=HELLO)

    assert made.data[0].embedding == [0.5, 0.25]


async def test_a_text_is_gone_on_with(client_for: ClientFor) -> None:
    async with replaying({"/v1/completions": Answer(COMPLETION)}) as server:
        client = await client_for(server.url)
        answer = await client.completions.create(
            model=MODEL, prompt="Once", stream=True
        )
        said = [chunk.choices[0].text async for chunk in answer]

    assert said == ["Once"]
    assert server.asked[-1].json["prompt"] == "Once"


async def test_a_response_streams_to_its_own_end(client_for: ClientFor) -> None:
    async with replaying({"/v1/responses": Answer(RESPONSE)}) as server:
        client = await client_for(server.url)
        answer = await client.responses.create(model=MODEL, input="hello", stream=True)
        assert isinstance(answer, openai.AsyncStream)
        kinds = [event.type async for event in answer]
        await all_settled()
    row = await in_db(Generation.objects.get)()

    assert kinds == ["response.created", "response.completed"]
    assert (row.status, row.prompt_tokens, row.completion_tokens) == ("done", 7, 3)


async def test_a_response_that_another_one_must_be_known_for_is_refused(
    client_for: ClientFor,
) -> None:
    client = await client_for(DEAD)

    with pytest.raises(openai.BadRequestError, match="the whole conversation"):
        await client.responses.create(
            model=MODEL, input="hello", previous_response_id="resp_1"
        )


async def test_a_preset_answers_chats_only(client_for: ClientFor) -> None:
    client = await client_for(DEAD)
    await in_db(make_preset)(name="Brief", model=MODEL)
    forget()

    with pytest.raises(openai.BadRequestError, match="a preset answers chats only"):
        await client.completions.create(model="Brief", prompt="Once")


async def test_what_is_no_json_or_too_large_is_refused(
    client_for: ClientFor, gateway: str
) -> None:
    client = await client_for(DEAD)
    headers = {"Authorization": f"Bearer {client.api_key}"}
    async with httpx.AsyncClient(base_url=gateway, headers=headers) as http:
        nonsense = await http.post("/v1/chat/completions", content=b"{")
        large = await http.post("/v1/chat/completions", content=b" " * 33_000_000)
        nowhere = await http.get("/v1/nothing")

    assert nonsense.json()["error"]["code"] == "invalid_json"
    assert (large.status_code, nowhere.status_code) == (413, 404)
    assert nowhere.json()["error"]["type"] == "invalid_request_error"
