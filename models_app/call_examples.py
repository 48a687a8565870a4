"""How programs call this house, each as its users write it, ready to be copied."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

PLACE: Final = "pdk-YOUR-KEY"
"""Stands where a key belongs, as long as none is shown."""
ASKED: Final = "Why is the sky blue?"


@dataclass(frozen=True, slots=True)
class Example:
    """`language` is one that the highlighter knows; `first` is typed once before."""

    slug: str
    title: str
    language: str
    code: str
    first: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """What is filled in; `name`, `key` and `v1` are quoted as Python, JavaScript, JSON and
    YAML read them."""

    house: str
    secret: str
    model: str

    @property
    def name(self) -> str:
        return _quoted(self.model)

    @property
    def key(self) -> str:
        return _quoted(self.secret)

    @property
    def v1(self) -> str:
        return _quoted(f"{self.house}/v1")


def examples_for(model: str, secret: str = "") -> list[Example]:
    """All of them, for one model, with a key or with a place for one."""
    told = _Told(settings.PADDOCK_URL, secret or PLACE, model)
    return [each(told) for each in EXAMPLES]


def _curl(told: _Told) -> Example:
    body = f"""{{
    "model": {told.name},
    "messages": [{{"role": "user", "content": "{ASKED}"}}],
    "stream": true
  }}"""
    code = f"""curl -N {told.house}/v1/chat/completions \\
  -H "Authorization: Bearer {told.secret}" \\
  -H "Content-Type: application/json" \\
  -d {shlex.quote(body)}
"""
    return Example("curl", "curl", "bash", code)


def _openai_python(told: _Told) -> Example:
    code = f"""from openai import OpenAI

client = OpenAI(
    base_url={told.v1},
    api_key={told.key},
)
stream = client.chat.completions.create(
    model={told.name},
    messages=[{{"role": "user", "content": "{ASKED}"}}],
    stream=True,
)
for chunk in stream:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
"""
    return Example(
        "openai-python",
        _("openai SDK, Python"),
        "python",
        code,
        first="pip install openai",
    )


def _openai_javascript(told: _Told) -> Example:
    code = f"""import OpenAI from "openai";

const client = new OpenAI({{
  baseURL: {told.v1},
  apiKey: {told.key},
}});
const stream = await client.chat.completions.create({{
  model: {told.name},
  messages: [{{ role: "user", content: "{ASKED}" }}],
  stream: true,
}});
for await (const chunk of stream) {{
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}}
"""
    return Example(
        "openai-javascript",
        _("openai SDK, JavaScript"),
        "javascript",
        code,
        first="npm install openai",
    )


def _ollama(told: _Told) -> Example:
    code = f"""from ollama import Client

client = Client(
    host={_quoted(told.house)},
    headers={{"Authorization": {_quoted(f"Bearer {told.secret}")}}},
)
stream = client.chat(
    model={told.name},
    messages=[{{"role": "user", "content": "{ASKED}"}}],
    stream=True,
)
for part in stream:
    print(part.message.content, end="", flush=True)
"""
    note = _(
        "Programs of Ollama's that can send no header may have the key in the address, "
        "as in %(address)s. Addresses are written into logs: do so only where you must."
    ) % {"address": f"{told.house}/key/pdk-…"}
    return Example(
        "ollama",
        _("ollama SDK, Python"),
        "python",
        code,
        first="pip install ollama",
        note=note,
    )


def _langchain(told: _Told) -> Example:
    code = f"""from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    base_url={told.v1},
    api_key={told.key},
    model={told.name},
)
for chunk in model.stream("{ASKED}"):
    print(chunk.content, end="", flush=True)
"""
    return Example(
        "langchain",
        "LangChain",
        "python",
        code,
        first="pip install langchain-openai",
    )


def _continue(told: _Told) -> Example:
    code = f"""name: Paddock
version: 1.0.0
schema: v1
models:
  - name: {told.name}
    provider: openai
    model: {told.name}
    apiBase: {told.v1}
    apiKey: {told.key}
    roles:
      - chat
      - edit
      - apply
"""
    note = _(
        "For VS Code and the editors of JetBrains: this is ~/.continue/config.yaml. Other "
        "plugins ask for the same three: the base URL, the key and the model."
    )
    return Example("continue", _("Continue, in an editor"), "yaml", code, note=note)


EXAMPLES: Final[tuple[Callable[[_Told], Example], ...]] = (
    _curl,
    _openai_python,
    _openai_javascript,
    _ollama,
    _langchain,
    _continue,
)


def _quoted(text: str) -> str:
    """A string in double quotes, as Python, JavaScript, JSON and YAML all read it."""
    return json.dumps(text, ensure_ascii=False)
