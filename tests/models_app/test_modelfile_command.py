"""`manage.py modelfile`, as people and scripts use it."""

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SOUND = 'FROM m\nSYSTEM """Say "hi"."""\n'
WRONG = "FROM m\r\n\tSYTEM x\r\nPARAMETER top_k much\r\nPARAMETER top_p 2\r\n"
LISTING = """\
   1  FROM m
   2  ·SYTEM x
       ^ error: “SYTEM” is no instruction with a value."""


def run(*words: str) -> tuple[str, str]:
    """What it prints, and what it complains of in the end."""
    said = StringIO()
    try:
        call_command("modelfile", *words, stdout=said)
    except CommandError as complaint:
        return said.getvalue(), str(complaint)
    return said.getvalue(), ""


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    file = tmp_path / "Modelfile"
    file.write_bytes(WRONG.encode())
    return str(file)


def test_json_has_commands_and_no_errors(tmp_path: Path) -> None:
    file = tmp_path / "Modelfile"
    file.write_text(SOUND)

    said, complaint = run(str(file), "--json")

    commands = [("model", "m"), ("system", 'Say "hi".')]
    told = [{"name": name, "args": args} for name, args in commands]
    assert json.loads(said) == {"commands": told, "errors": []}
    assert complaint == ""


def test_json_has_errors_with_their_places(wrong: str) -> None:
    said, complaint = run(wrong, "--json")

    first, second = json.loads(said)["errors"]
    assert (first["line"], first["column"]) == (2, 2)
    assert first["message"].startswith("(line 3): command must be one of")
    assert second == {"line": 3, "column": 1, "message": "invalid int value [much]"}
    assert complaint == f"{wrong} has 2 errors."


def test_the_listing_shows_each_trouble_below_its_line(wrong: str) -> None:
    said, _ = run(wrong)

    assert said.startswith(LISTING)
    assert "error: top_k wants a whole number, such as 5, and not “much”." in said
    assert "warning: 2 is an unusual value for top_p" in said


def test_a_dash_reads_what_is_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(SOUND.encode("utf-16"))))

    said, complaint = run("-")

    assert said == '   1  FROM m\n   2  SYSTEM """Say "hi"."""\n'
    assert complaint == ""


@pytest.mark.parametrize("name", ["nothing-here", "."])
def test_what_cannot_be_read_gets_a_sentence(name: str) -> None:
    said, complaint = run(name, "--json")

    assert said == ""
    assert complaint.startswith(f"{name} cannot be read: ")
    assert complaint.endswith("Name a Modelfile.")
