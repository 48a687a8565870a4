"""What rows from before presets had a text became, whatever the grammar is by now."""

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from models_app.modelfile.understand import understood
from models_app.models import Preset

migration = import_module("models_app.migrations.0008_presets")
OLD: list[tuple[str, str, dict[str, Any], str]] = [
    ("m:7b", "", {}, "FROM m:7b\n"),
    ("", "", {}, ""),
    (
        "m:7b",
        "Be brief.\n\nIn “two” lines.",
        {"stop": ["a", "b"], "temperature": 0.2},
        'FROM m:7b\nSYSTEM """Be brief.\n\nIn “two” lines."""\n'
        'PARAMETER temperature 0.2\nPARAMETER stop "a"\nPARAMETER stop "b"\n',
    ),
    (
        "hf.co/a/b:Q4_K_M",
        "Say 'yes'.\r\n# No comment.",
        {"num_ctx": 4096, "use_mmap": True, "seed": -1},
        'FROM hf.co/a/b:Q4_K_M\nSYSTEM """Say \'yes\'.\r\n# No comment."""\n'
        "PARAMETER seed -1\nPARAMETER num_ctx 4096\nPARAMETER use_mmap true\n",
    ),
    (
        " m",
        'Say """.',
        {"stop": ['"', "", " "], "top_p": 1e-05},
        'FROM " m"\nSYSTEM """Say """."""\nPARAMETER top_p 1e-05\n'
        'PARAMETER stop """""""\nPARAMETER stop " "\n',
    ),
    (
        "m",
        '🦉 "\u200b"',
        {"stop": "one"},
        'FROM m\nSYSTEM """🦉 """""\nPARAMETER stop "one"\n',
    ),
    ("m", 'say """\n\u200bmore"x', {}, 'FROM m\nSYSTEM """say \'\'\'\nmore"x"""\n'),
]
"""A model, a system prompt, parameters, and the text that they became."""
FEW = [each for each in OLD if "\u200b" not in each[1] and each[0]]


@pytest.mark.parametrize(("model", "system", "parameters", "text"), OLD)
def test_an_old_row_becomes_this_text(
    model: str, system: str, parameters: Mapping[str, Any], text: str
) -> None:
    assert migration.text_of(model, system, parameters) == text


@pytest.mark.parametrize(("model", "system", "parameters", "text"), FEW)
def test_the_text_of_an_old_row_says_the_same_today(
    model: str, system: str, parameters: Mapping[str, Any], text: str
) -> None:
    known = understood(migration.text_of(model, system, parameters))

    stops = {k: [*filter(None, v)] for k, v in parameters.items() if k == "stop"}
    assert known.errors == ()
    assert (known.recipe.base, known.recipe.system) == (model, system)
    assert known.recipe.parameters == {**parameters, **stops}


@pytest.mark.django_db
def test_an_old_row_keeps_what_it_said_and_gets_a_first_revision() -> None:
    given = {"temperature": 0.123456789012, "stop": ["b"], "top_k": 10**30}
    Preset.objects.create(name="Old", model="m", system="Be\nkind.", parameters=given)

    migration.write_texts(apps, None)

    preset = Preset.objects.get()
    assert (preset.model, preset.system) == ("m", "Be\nkind.")
    # As in 32 bits, and without what no server takes for a whole number.
    assert preset.parameters == {"temperature": 0.12345679, "stop": ["b"]}
    lines = {"model": [1, 1], "system": [2, 1], "temperature": [4, 1], "stop": [6, 1]}
    assert preset.places == lines
    assert (preset.revision, preset.revisions.get().text) == (1, preset.text)


@pytest.mark.parametrize(
    ("name", "given", "typed"),
    [
        ("use_mmap", "true", True),
        ("use_mmap", "yes", None),
        ("num_ctx", "4096", 4096),
        ("num_ctx", "9" * 30, None),
        ("temperature", "1", 1.0),
        ("temperature", "0.1", 0.1),
        ("temperature", "nan", None),
        ("temperature", "1e300", None),
        ("temperature", "0.00014983209958095212", 0.0001498321),
    ],
)
def test_a_value_is_read_as_it_was_then(
    name: str, given: str, typed: float | None
) -> None:
    assert migration.typed_value(name, given) == typed


def test_the_migration_follows_no_grammar_but_its_own() -> None:
    source = Path(str(migration.__file__)).read_text()
    nodes = [*ast.walk(ast.parse(source))]

    names = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    assert [each for each in names if "modelfile" in each or "dashboard" in each] == []
