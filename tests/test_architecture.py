"""Who may import whom, how large things may grow, and that no page waits for a thread."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

ROOT = Path(__file__).parent.parent
PACKAGES = ("dashboard", "models_app", "chat")

# From the ground up: each layer may import itself and the layers above it in this list.
LAYERS = (
    ("errors", r"dashboard\.(errors(\..*)?|env|secret_key)"),
    (
        "kernel",
        r"dashboard\.(sentences|highlight|jobs|static|checks|apps)|dashboard\.live(\..*)?",
    ),
    ("people", r"dashboard\.(people(\..*)?|requests|middleware)"),
    ("adapters", r"models_app\.adapters(\..*)?"),
    ("modelfiles", r"models_app\.(modelfile(\..*)?|resolve)"),
    ("fit", r"models_app\.fit(\..*)?"),
    ("catalogue", r"models_app\.(catalogue(\..*)?|hardware|planning)"),
    ("gpu hosts", r"models_app\.gpu(\..*)?"),
    ("models", r"models_app\.(models(\..*)?|parameters|sealing|apps|starter_engine)"),
    (
        "services",
        r"models_app\.(services(\..*)?|rights|snapshot|batches(\..*)?|queries|inventory|reasons|visibility|health"
        r"|advice|abilities|progress|pull_queries|pull_words|pullers|catalogue_entries|rounds"
        r"|errand_queries|key_queries|preset_queries|preset_fields|model_loads|model_fit|wider"
        r"|ledger(\..*)?|nodes(\..*)?|(figures|alerts)(\.(?!rounds$).*)?|energy(\..*)?)",
    ),
    (
        "serving",
        r"models_app\.(serving(\..*)?|pulling|contact|closing|running_errands|(figures|alerts)\.rounds)",
    ),
    ("gateway", r"models_app\.gateway(\..*)?"),
    (
        "model edges",
        r"models_app\.(views(\..*)?|forms|catalogue_forms|batch_forms|errand_forms|key_forms|call_examples|pull_panels|model_pages"
        r"|responses|preset_forms|preset_pages|templatetags(\..*)?|urls|admin(\..*)?|tasks|management(\..*)?)",
    ),
    ("chat", r"chat(\..*)?"),
    ("composition", r"dashboard(\..*)?"),
)
EDGES = re.compile(r"(.*\.)?(views(\..+)?|urls|admin|tasks|consumers|commands\..*)$")


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts).removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> int:
    fits = (
        number
        for number, (_, pattern) in enumerate(LAYERS)
        if re.fullmatch(pattern, module)
    )
    return next(fits)


def ours(path: Path) -> Iterator[str]:
    known = {name for name, _ in modules()}
    return (name for name in imports(path) if name in known and name not in PACKAGES)


def test_every_import_goes_down_the_layers() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        for name in ours(path)
        if module != "dashboard" and layer_of(name) > layer_of(module)
    ]

    assert wrong == []


def test_no_edge_imports_an_edge_and_only_composition_imports_edges() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        for name in ours(path)
        if EDGES.fullmatch(name) and not re.fullmatch(r"(.*\.)?(urls|routing)", module)
    ]

    assert wrong == []


def test_adapters_and_modelfiles_know_nothing_of_django() -> None:
    pure = ("models_app.adapters", "models_app.modelfile", "models_app.resolve")
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        if module.startswith(pure)
        for name in imports(path)
        if name.split(".")[0] in ("django", "channels", "celery")
    ]

    assert wrong == []


def test_fit_and_catalogue_ask_no_database_and_no_network() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        if module.startswith(("models_app.fit", "models_app.catalogue"))
        for name in imports(path)
        if re.match(r"django\.db|httpx|channels|celery|socket", name)
    ]

    assert wrong == []


def test_only_serving_and_health_reach_a_model_server() -> None:
    allowed = re.compile(
        r"models_app\.(adapters|serving|pulling|contact|health|advice|admin|management)(\..*)?"
    )
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        for name in ours(path)
        if re.fullmatch(
            r"models_app\.adapters(\.(?!adapter$|base$|honours$|lines$|failures$).*)?",
            name,
        )
        and not allowed.fullmatch(module)
    ]

    assert [each for each in wrong if not each.endswith("models_app.adapters")] == []


def test_what_somebody_may_do_with_models_is_decided_in_one_room() -> None:
    """The admin has its own rights besides, as Django has them for each kind of row."""
    room = re.compile(r"models_app\.(rights|admin(\..*)?)")
    wrong = [
        f"{module} asks {node.attr}"
        for module, path in modules()
        if module.startswith("models_app") and not room.fullmatch(module)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("has_perm", "has_perms", "is_superuser", "user_permissions")
    ]

    assert wrong == []


def test_files_and_functions_stay_small() -> None:
    wrong = []
    for module, path in modules():
        source = path.read_text()
        if source.count("\n") > 400:
            wrong.append(f"{module} is too long")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 40:
                    wrong.append(f"{module}.{node.name} is {length} lines")

    assert wrong == []


def test_every_module_says_what_it_is_for() -> None:
    quiet = re.compile(r"(.*\.)?(apps|urls|templatetags)$")
    wrong = [
        module
        for module, path in modules()
        if path.read_text().strip()
        and not quiet.fullmatch(module)
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert wrong == []


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_every_middleware_is_async_capable(name: str) -> None:
    async def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    middleware = import_string(name)(page)

    assert iscoroutinefunction(middleware)
