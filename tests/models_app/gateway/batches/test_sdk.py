"""Files and batches by the openai SDK, from the upload to the answers."""

from typing import Any

import pytest
from openai import (
    APIStatusError,
    AsyncOpenAI,
    BadRequestError,
    ConflictError,
    NotFoundError,
)
from openai.types.chat import ChatCompletion
from pytest_django import Settings

from dashboard.live.db import in_db
from models_app.batches.places import path_of
from models_app.models import ApiFile, Backend, Batch, Generation
from models_app.serving.settling import all_settled
from models_app.snapshot import forget
from tests.fakes.ollama import ollama
from tests.fakes.ollama_said import WORDS
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, replaying
from tests.make import make_person, make_preset
from tests.models_app.gateway.batches.asked import (
    CHAT,
    SAYS,
    came,
    client_of,
    line,
    person_with_a_server,
    run,
    sent,
)


async def a_client(gateway: str, url: str = "http://127.0.0.1:9") -> AsyncOpenAI:
    person = await in_db(person_with_a_server)(url)
    return await in_db(client_of)(gateway, person)


async def test_a_batch_is_asked_line_by_line_and_its_answers_are_fetched(
    gateway: str,
) -> None:
    async with (
        replaying({CHAT: SAYS}) as server,
        await a_client(gateway, server.url) as client,
    ):
        made = await sent(client, [line(1), line(2), line(3)])
        assert (made.status, made.request_counts.total) == ("validating", 0)  # type: ignore[union-attr]

        await run()

        batch = await client.batches.retrieve(made.id)
        answers = await came(client, batch.output_file_id)
    assert batch.status == "completed"
    assert batch.request_counts.completed == 3  # type: ignore[union-attr]
    assert (batch.error_file_id, batch.errors, batch.model) == (None, None, "tiny")
    assert sorted(each["custom_id"] for each in answers) == ["c-1", "c-2", "c-3"]
    reply = ChatCompletion.model_validate(answers[0]["response"]["body"])
    assert reply.choices[0].message.content == "Paris."
    assert len(server.asked) == 3


async def test_what_was_asked_stands_in_the_ledger_as_of_a_batch(gateway: str) -> None:
    async with (
        replaying({CHAT: SAYS}) as server,
        await a_client(gateway, server.url) as client,
    ):
        batch = await sent(client, [line(1)])
        await run()
        answers = await came(
            client, (await client.batches.retrieve(batch.id)).output_file_id
        )
    await all_settled()
    generation = await in_db(Generation.objects.get)()

    assert (generation.origin, generation.completion_tokens) == ("batch", 2)
    assert generation.key_id is not None
    assert answers[0]["response"]["request_id"] == generation.ticket


async def test_files_are_listed_shown_and_deleted(gateway: str) -> None:
    async with await a_client(gateway) as client:
        batch = await sent(client, [line(1)])
        (file,) = [each async for each in client.files.list(purpose="batch")]
        assert (file.id, file.filename) == (batch.input_file_id, "asks.jsonl")
        assert (await client.files.retrieve(file.id)).bytes == file.bytes
        with pytest.raises(ConflictError, match="has not ended"):
            await client.files.delete(file.id)
        await client.batches.cancel(batch.id)

        assert (await client.files.delete(file.id)).deleted
        assert not path_of(file.id).exists()
        with pytest.raises(NotFoundError):
            await client.files.retrieve(file.id)


async def test_whoever_has_no_room_is_told_once_and_how_to_have_some(
    gateway: str, settings: Settings
) -> None:
    settings.FILES_MB = 0
    async with await a_client(gateway) as client:
        with pytest.raises(APIStatusError, match="Delete batches and files") as refused:
            await sent(client, [line(1)])

    assert (refused.value.status_code, refused.value.code) == (413, "files_full")


async def test_batches_are_listed_page_by_page(gateway: str) -> None:
    async with await a_client(gateway) as client:
        made = [(await sent(client, [line(1)])).id for _ in range(3)]

        pages = await client.batches.list(limit=2)
        found = [each.id async for each in pages]

    assert (len(pages.data), found) == (2, made[::-1])


async def test_one_that_was_not_begun_is_cancelled_at_once(gateway: str) -> None:
    async with await a_client(gateway) as client:
        batch = await sent(client, [line(1)])

        cancelled = await client.batches.cancel(batch.id)

        assert (cancelled.status, bool(cancelled.cancelled_at)) == ("cancelled", True)
        with pytest.raises(ConflictError, match="ended already"):
            await client.batches.cancel(batch.id)
    await run()
    assert (await in_db(Batch.objects.get)()).turn == 0


async def test_any_key_of_the_person_sees_them_and_nobody_else_does(
    gateway: str,
) -> None:
    async with await a_client(gateway) as client:
        batch = await sent(client, [line(1)])
    row = await in_db(Batch.objects.select_related("asked_by").get)()
    other = await in_db(make_person)()
    async with await in_db(client_of)(gateway, other) as stranger:
        for ask in (
            stranger.batches.retrieve(batch.id),
            stranger.batches.cancel(batch.id),
            stranger.files.retrieve(batch.input_file_id),
            stranger.files.content(batch.input_file_id),
            stranger.files.delete(batch.input_file_id),
            stranger.batches.create(
                input_file_id=batch.input_file_id,
                endpoint=CHAT,
                completion_window="24h",
            ),
        ):
            with pytest.raises(NotFoundError):
                await ask
        assert not (await stranger.batches.list()).data
        assert not (await stranger.files.list()).data
    assert (await in_db(ApiFile.objects.get)()).person_id == row.asked_by_id


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("name,age", "invalid_json_line"),
        (line(1, url="/v1/embeddings"), "mismatched_url"),
        ("", "empty_file"),
    ],
)
async def test_a_file_whose_first_line_cannot_be_asked_makes_no_batch(
    gateway: str, first: dict[str, Any] | str, code: str
) -> None:
    async with await a_client(gateway) as client:
        with pytest.raises(BadRequestError) as refused:
            await sent(client, [first])

    assert refused.value.code == code
    assert not await in_db(Batch.objects.exists)()


async def test_an_answer_with_line_breaks_is_one_line(gateway: str) -> None:
    body = b'{\n  "choices": [],\n  "usage": {"prompt_tokens": 1}\n}'
    async with (
        replaying({CHAT: Answer(body, kind="application/json")}) as server,
        await a_client(gateway, server.url) as client,
    ):
        batch = await sent(client, [line(1)])
        await run()
        done = await client.batches.retrieve(batch.id)
        (answer,) = await came(client, done.output_file_id)

    assert answer["response"]["body"]["usage"] == {"prompt_tokens": 1}


def with_a_deep_preset(fake: FakeOllama) -> None:
    fake.hold("tiny")
    Backend.objects.update(kind="ollama")
    make_preset(name="Deep", model="tiny", parameters={"num_ctx": 9000})
    forget()


async def test_a_preset_is_heeded_in_lines_too(gateway: str) -> None:
    with ollama() as fake:
        async with await a_client(gateway, fake.url) as client:
            await in_db(with_a_deep_preset)(fake)
            batch = await sent(client, [line(1, body={"model": "Deep"})])
            await run()
            done = await client.batches.retrieve(batch.id)
            (answer,) = await came(client, done.output_file_id)
    await all_settled()
    ticket = (await in_db(Generation.objects.get)()).ticket

    reply = ChatCompletion.model_validate(answer["response"]["body"])
    assert reply.choices[0].message.content == "".join(WORDS)
    assert answer["response"]["request_id"] == ticket
    assert fake.asked[-1].body["options"] == {"num_ctx": 9000}
