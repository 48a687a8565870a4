"""What looks learn of models: their shapes, asked for once, and what they really take."""

import pytest

from dashboard.live.db import in_db
from models_app.health import refresh
from models_app.model_loads import Origin, known_shape, quantization_of
from models_app.models import Backend, FitMeasurement, LanguageModel, ModelShape
from models_app.services.measurements import shape_for
from tests.fakes.replay import Replay, replaying, told
from tests.make import make_backend, make_model
from tests.models_app.shown import NAME, answers

pytestmark = pytest.mark.django_db(transaction=True)


async def looked(server: Replay, *, times: int = 1, **fields: object) -> Backend:
    backend = await in_db(make_backend)(base_url=server.url, kind="ollama", **fields)
    for _ in range(times):
        await refresh(backend)
    return backend


def marks() -> list[str]:
    return list(ModelShape.objects.values_list("mark", flat=True))


def measurements() -> list[FitMeasurement]:
    return list(FitMeasurement.objects.order_by("pk"))


async def test_a_shape_is_asked_for_once_and_kept() -> None:
    async with replaying(answers()) as server:
        await looked(server, times=2)

    row = await in_db(LanguageModel.objects.get)(name=NAME)
    shape = await in_db(shape_for)(row)
    assert shape
    assert (shape.layers, shape.embedding) == (30, 576)
    assert [each.path for each in server.asked].count("/api/show") == 1


async def test_a_shape_that_was_not_told_is_asked_for_again() -> None:
    busy = {"/api/show": told({"error": "busy"}, status=500)}
    async with replaying({**answers(), **busy}) as server:
        backend = await looked(server, times=2)

    assert await in_db(marks)() == []
    assert [each.path for each in server.asked].count("/api/show") == 2
    assert (await in_db(Backend.objects.get)(pk=backend.pk)).up


async def test_what_a_load_takes_is_noted_beside_what_was_predicted() -> None:
    async with replaying(answers("ps while busy")) as server:
        backend = await looked(server)

    (noted,) = await in_db(measurements)()
    assert (noted.measured, noted.window, noted.server) == (
        168495675,
        2048,
        backend.name,
    )
    assert (noted.engine, noted.quantization) == ("ollama", "Q4_K_M")
    # The file, the cache of the window and the buffer; it lies in main memory alone.
    assert noted.predicted == 105454459 + 47185920 + 101842944


async def test_the_same_load_is_noted_once_and_another_window_beside_it() -> None:
    async with replaying(answers("ps while busy")) as server:
        backend = await looked(server, times=2)
    async with replaying(answers("ps, num_ctx capped")) as server:
        await in_db(Backend.objects.update)(base_url=server.url)
        await refresh(await in_db(Backend.objects.get)(pk=backend.pk))

    assert [each.window for each in await in_db(measurements)()] == [2048, 8192]


def model(name: str, kind: str = "ollama", **fields: object) -> LanguageModel:
    return make_model(name, backend=make_backend(kind=kind), **fields)


def test_the_catalogue_stands_in_for_a_server_that_tells_nothing() -> None:
    known = known_shape(model("qwen2.5-7b-instruct", kind="lmstudio", mark="m"))

    assert known.origin == Origin.CATALOGUE
    assert (known.shape.layers, known.shape.mark) == (28, "m")


def test_of_a_model_that_nobody_knows_the_size_of_the_file_is_known() -> None:
    known = known_shape(model("ours", size=5, quantization="Q4_K_M"))

    assert (known.origin, known.shape.weights) == (Origin.NOBODY, {"Q4_K_M": 5})


@pytest.mark.parametrize(
    ("name", "quantization"),
    [("me/Big-AWQ", "AWQ"), ("me/Big-FP8", "FP8"), ("me/Big", "F16")],
)
def test_vllm_names_a_quantization_in_the_repository(
    name: str, quantization: str
) -> None:
    served = model(name, kind="vllm")

    assert quantization_of(served, served.backend) == quantization
