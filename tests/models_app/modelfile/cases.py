"""What Ollama's own parser made of 73 Modelfiles."""

import json
from dataclasses import dataclass
from typing import Any

from tests.recordings import recorded


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    input: str
    expected: dict[str, Any]

    @property
    def commands(self) -> list[tuple[str, str]] | None:
        told = self.expected.get("commands")
        return None if told is None else [(each["name"], each["args"]) for each in told]


CASES = [
    Case(each["id"], each["input"], each)
    for each in json.loads(recorded("modelfile-cases.json"))["cases"]
]
SOUND = [each for each in CASES if each.commands is not None]
