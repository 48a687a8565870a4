"""What the page shows to be copied works as it stands."""

import asyncio
import os
import shutil
import sys

import pytest
from pytest_django import Settings

from dashboard.live.db import in_db
from models_app.call_examples import Example, examples_for
from models_app.gateway.openai.routes import ROUTES
from models_app.services.api_keys import make_key
from models_app.snapshot import forget
from tests.fakes.replay import Answer, replaying
from tests.make import make_backend, make_model, make_person
from tests.recordings import recorded

CHAT = "/v1/chat/completions"
MODEL = 'it\'s "tiny"'
"""No name is so odd that an example would break."""


def example(slug: str, secret: str = "") -> Example:
    return next(each for each in examples_for(MODEL, secret) if each.slug == slug)


def a_key(url: str) -> str:
    make_model(MODEL, backend=make_backend(base_url=url, kind="vllm"))
    forget()
    return make_key(make_person(), "mine").secret


COMMANDS = {
    "curl": ("bash", "-c"),
    "openai-python": (sys.executable, "-c"),
    "ollama": (sys.executable, "-c"),
}


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
@pytest.mark.parametrize("slug", COMMANDS)
async def test_an_example_runs_as_it_is_shown(
    slug: str, gateway: str, settings: Settings
) -> None:
    settings.PADDOCK_URL = gateway
    async with replaying({CHAT: Answer(recorded("real-vllm-chat-stream.sse"))}) as up:
        code = example(slug, await in_db(a_key)(up.url)).code

        program = await asyncio.create_subprocess_exec(
            *COMMANDS[slug],
            code,
            env={**os.environ, "NO_PROXY": "*"},
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await program.communicate()

    assert program.returncode == 0
    assert "Paris" in said.decode()


@pytest.mark.parametrize("slug", ["openai-python", "ollama", "langchain"])
def test_what_is_python_reads_as_python(slug: str) -> None:
    compile(example(slug).code, slug, "exec")


def test_every_example_names_the_house_the_key_and_the_model(
    settings: Settings,
) -> None:
    settings.PADDOCK_URL = "https://paddock.lab"

    for each in examples_for("tiny", "pdk-secret"):
        assert "https://paddock.lab" in each.code
        assert "pdk-secret" in each.code
        assert "tiny" in each.code


def test_the_addresses_of_the_examples_are_there() -> None:
    assert "/chat/completions" in {each.path for each in ROUTES}
