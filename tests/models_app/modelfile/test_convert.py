"""What the commands of a Modelfile mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.adapters.base import NewModel, ParameterValue
from models_app.modelfile.convert import Converted, convert
from models_app.modelfile.create import new_model, uncreatable
from models_app.modelfile.parameters import PARAMETERS, Type, Unreadable, value_of
from models_app.modelfile.parse import parse
from models_app.modelfile.recipe import Recipe, commands_of
from models_app.modelfile.troubles import Fault
from models_app.modelfile.write import write
from tests.models_app.modelfile.cases import SOUND, Case

FOLDER = "/srv/files"


def meant(text: str) -> Converted:
    return convert(parse(text).commands)


def body(model: NewModel) -> dict[str, Any]:
    """As `/api/create` would be asked, without the name."""
    told = {
        "from": model.base,
        "template": model.template,
        "system": model.system,
        "license": [*model.licenses],
        "parameters": {**model.parameters},
        "messages": [{"role": role, "content": text} for role, text in model.messages],
        "renderer": model.renderer,
        "parser": model.parser,
        "requires": model.requires,
    }
    return {name: value for name, value in told.items() if value}


@pytest.mark.parametrize("case", SOUND, ids=lambda each: each.id)
def test_every_case_means_what_ollama_would_create(case: Case) -> None:
    converted = meant(case.input)
    errors = [*converted.errors, *uncreatable(converted.recipe, folder=FOLDER)]

    if wrong := case.expected.get("create_error"):
        assert [each.message for each in errors] == [wrong.format(dir=FOLDER)]
    else:
        assert errors == []
        assert body(new_model(converted.recipe, name="x")) == case.expected["create"]


@pytest.mark.parametrize("case", SOUND, ids=lambda each: each.id)
def test_every_case_warns_of_what_ollama_warns_of(case: Case) -> None:
    warned = [w.message for w in meant(case.input).warnings if w.fault == "deprecated"]

    assert warned == case.expected.get("warnings", [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("PARAMETER top_k 1.5", Fault.NOT_WHOLE),
        ("PARAMETER top_k 9223372036854775808", Fault.TOO_LONG),
        ("PARAMETER top_k ٣", Fault.NOT_WHOLE),
        ("PARAMETER top_p nan", Fault.NOT_A_NUMBER),
        ("PARAMETER top_p 1e39", Fault.NOT_A_NUMBER),
        ("PARAMETER top_p 1e999", Fault.NOT_A_NUMBER),
        ("PARAMETER top_p 1_0", Fault.NOT_A_NUMBER),
        ("PARAMETER use_mmap on", Fault.NOT_A_SWITCH),
        ("PARAMETER message hi", Fault.NO_ROLE),
        ("PARAMETER Top_k 1", Fault.UNKNOWN_PARAMETER),
        ("REQUIRES 1.02", Fault.NO_VERSION),
        ('FROM ""', Fault.NO_MODEL),
    ],
)
def test_what_means_nothing_is_told_with_its_line(line: str, fault: Fault) -> None:
    (trouble,) = meant(f"FROM m\n\n {line}\n").errors

    assert (trouble.line, trouble.column, trouble.fault) == (3, 2, fault)
    assert trouble.sentence % trouble.facts


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("PARAMETER low_vram true", Fault.DEPRECATED),
        ("PARAMETER temperature -1", Fault.UNUSUAL),
        ("PARAMETER top_p 1.5", Fault.UNUSUAL),
        ('PARAMETER stop ""', Fault.EMPTY_STOP),
        ("TEMPLATE {{ .Prompt", Fault.OPEN_ACTION),
        ("TEMPLATE {{ .Prompt {{ .Response }}", Fault.OPEN_ACTION),
        ("SYSTEM x\nSYSTEM y", Fault.REPLACED),
    ],
)
def test_what_nobody_means_is_warned_of(line: str, fault: Fault) -> None:
    converted = meant(f"FROM m\n{line}\n")

    (warning,) = converted.warnings
    assert (warning.line, warning.fault) == (2, fault)
    assert warning.sentence % warning.facts
    assert converted.errors == ()


@pytest.mark.parametrize(
    "template", ["{{ .Prompt }}", '{{ "}} {{" }}{{- `{{` -}}', "{{/* {{ */}} } {", ""]
)
def test_a_template_whose_actions_end_is_no_oddity(template: str) -> None:
    assert meant(f"FROM m\nTEMPLATE {template}\n").warnings == ()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("./m.gguf", True),
        ("m.GGUF", True),
        ("/srv/m", True),
        ("~/m", True),
        (r"C:\m", True),
        ("hf.co/user/repo:m.gguf", False),
        ("user/repo", False),
    ],
)
def test_a_base_that_looks_like_a_file_is_warned_of(name: str, file: bool) -> None:
    warned = [each.fault for each in meant(f"FROM {name}\n").warnings]

    assert warned == [Fault.LOOKS_LIKE_A_FILE] * file


def test_what_is_sound_counts_though_another_line_is_not() -> None:
    recipe = meant("FROM m\nPARAMETER top_k x\nPARAMETER seed 7\nSYSTEM hi").recipe

    assert recipe == Recipe(("m",), system="hi", parameters={"seed": 7})


def test_a_recipe_knows_where_what_counts_stands() -> None:
    recipe = meant(
        "FROM m\nSYSTEM a\n SYSTEM b\nPARAMETER stop a\nPARAMETER stop b"
    ).recipe

    assert recipe.place_of("system") == (3, 2)
    assert recipe.place_of("stop") == (4, 1)
    assert recipe.place_of("template") == (0, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7", 0.7),
        ("1", 1.0),
        (".5", 0.5),
        ("0.1234567891", 0.12345679),
        ("1e-5", 1e-5),
    ],
)
def test_numbers_are_those_of_32_bits(text: str, value: float) -> None:
    assert value_of(Type.NUMBER, text) == value


@given(st.sampled_from([*Type]), st.text(max_size=12))
def test_any_value_is_read_or_refused(kind: Type, text: str) -> None:
    try:
        value_of(kind, text)
    except Unreadable:
        assert kind is not Type.TEXTS


VALUES: dict[Type, st.SearchStrategy[ParameterValue]] = {
    Type.WHOLE: st.integers(-(2**63), 2**63 - 1),
    Type.NUMBER: st.floats(width=32, allow_nan=False, allow_infinity=False).map(
        lambda value: value_of(Type.NUMBER, repr(value))
    ),
    Type.SWITCH: st.booleans(),
    Type.TEXTS: st.lists(st.from_regex(r"[a-z<|>]{1,5}", fullmatch=True), min_size=1),
}
PARAMETER_SETS = st.fixed_dictionaries(
    {}, optional={name: VALUES[each.type] for name, each in PARAMETERS.items()}
)


@given(PARAMETER_SETS)
def test_a_recipe_can_be_written_and_read_again(
    parameters: dict[str, ParameterValue],
) -> None:
    recipe = Recipe(
        ("m",),
        system="Be brief.",
        parameters=parameters,
        messages=(("user", "a: b"), ("assistant", "")),
        licenses=("MIT", "GPL"),
        requires="0.14.0",
    )

    assert meant(write(commands_of(recipe))).recipe == recipe
