"""Tables and static files are made when they are needed, and only then."""

from pathlib import Path

import pytest
from pytest_django import Settings

from dashboard.runner.groundwork import collect_static, migrate, static_fingerprint


@pytest.fixture
def pages(settings: Settings, tmp_path: Path) -> Path:
    """A folder of one static file, collected into another."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page.css").write_text("a {}")
    settings.PADDOCK_DATA = tmp_path
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "dashboard.static.ModuleStorage"},
    }
    return tmp_path


def test_static_files_are_collected_once(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collect_static()
    collect_static()

    assert capsys.readouterr().out.count("Getting the pages ready") == 1
    assert (pages / "collected" / "page.css").exists()


def test_a_changed_static_file_is_collected_again(pages: Path) -> None:
    before = static_fingerprint()

    (pages / "source" / "page.css").write_text("a { color: red }")

    assert static_fingerprint() != before


def test_lost_static_files_are_collected_again(pages: Path) -> None:
    collect_static()
    (pages / "collected" / "staticfiles.json").unlink()

    collect_static()

    assert (pages / "collected" / "staticfiles.json").exists()


def test_tables_that_are_up_to_date_are_left_alone(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate()

    assert capsys.readouterr().out == ""
