"""The figures of a machine, and where its models lie."""

from pathlib import Path

import psutil
import pytest

from models_app.gpu.host import HostFigures, host_of, models_folder
from models_app.gpu.metrics import HostMetric, Reason


def test_a_host_tells_each_figure_or_that_it_cannot(tmp_path: Path) -> None:
    figures = HostFigures(data=tmp_path, environment={"HOME": str(tmp_path)})

    figures.look(0)

    told = figures.reading
    assert set(told.values) | set(told.reasons) == set(HostMetric)
    assert told.value(HostMetric.MEMORY_TOTAL) == psutil.virtual_memory().total
    assert 0 <= (told.value(HostMetric.CPU) or 0) <= 100
    assert told.value(HostMetric.DISK_TOTAL)
    assert told.models_folder


@pytest.mark.parametrize("variable", ["OLLAMA_MODELS", "HF_HUB_CACHE", "HF_HOME"])
def test_models_lie_where_the_environment_says(variable: str, tmp_path: Path) -> None:
    told = {"HOME": "/nowhere", variable: str(tmp_path)}

    assert models_folder(told, data=Path("/data")) == tmp_path


def test_ollama_s_own_folder_comes_before_hugging_face_s(tmp_path: Path) -> None:
    ollama = tmp_path / ".ollama" / "models"
    ollama.mkdir(parents=True)
    told = {"HOME": str(tmp_path), "HF_HOME": str(tmp_path)}

    assert models_folder(told, data=tmp_path) == ollama


def test_a_folder_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    told = {"HOME": "/nowhere", "OLLAMA_MODELS": "/nowhere/models"}

    assert models_folder(told, data=tmp_path) == tmp_path


def test_a_sensor_that_tells_nonsense_is_not_repeated() -> None:
    told = host_of({HostMetric.TEMPERATURE: -128, HostMetric.CPU: 12})

    assert told.values == {HostMetric.CPU: 12}
    assert told.reasons[HostMetric.TEMPERATURE] is Reason.NONSENSE
