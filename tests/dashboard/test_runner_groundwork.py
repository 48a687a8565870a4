"""Tables and static files are made when they are needed, and only then."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from dashboard.runner.groundwork import collect_static, migrate, static_fingerprint
from dashboard.static import WholeModule, WholeSheet


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
        "staticfiles": {"BACKEND": "dashboard.static.WholeStorage"},
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


def collected(name: str) -> str:
    """What a page gets of a static file."""
    url = staticfiles_storage.url(name)
    return Path(staticfiles_storage.path(url.removeprefix("/static/"))).read_text()


def test_a_page_gets_its_style_sheets_as_one(pages: Path) -> None:
    (pages / "source" / "small.css").write_text("b { color: red }")
    whole = pages / "source" / "whole.css"
    whole.write_text('@layer x;\n@import url("small.css") layer(x);\n')

    collect_static()

    assert collected("whole.css") == "@layer x;\n@layer x {\nb { color: red }}\n"


def test_a_changed_part_changes_the_whole_style_sheet(pages: Path) -> None:
    part = pages / "source" / "small.css"
    part.write_text("b { color: red }")
    (pages / "source" / "whole.css").write_text('@import url("small.css") layer(x);')
    collect_static()

    part.write_text("b { color: blue }")
    collect_static()

    assert "blue" in collected("whole.css")


def test_the_style_sheet_of_the_house_asks_for_no_other(settings: Settings) -> None:
    source = FileSystemStorage(settings.STATICFILES_DIRS[0])

    with WholeSheet(source).open("css/main.css") as sheet:
        css = sheet.read().decode()

    assert "@import" not in css
    sheets = [*(Path(settings.STATICFILES_DIRS[0]) / "css").glob("*.css")]
    # But for the whole itself, and the sheet of the admin.
    assert css.count("@layer") == 1 + len(sheets) - 2


def test_a_page_gets_its_modules_as_one(pages: Path) -> None:
    source = pages / "source"
    (source / "page.js").write_text('import { two } from "./two.js";\ntwo();\n')
    (source / "two.js").write_text("const ONE = 1;\nexport function two() {}\n")

    collect_static()

    assert collected("page.js") == (
        "const $two = (() => {\nconst ONE = 1;\nfunction two() {}\n"
        "return { two };\n})();\nconst { two } = $two;\ntwo();\n"
    )


def test_the_modules_of_the_house_come_each_once_and_after_what_they_need(
    settings: Settings,
) -> None:
    folder = Path(settings.STATICFILES_DIRS[0])

    with WholeModule(FileSystemStorage(folder)).open("js/app.js") as module:
        js = module.read().decode()

    scopes = re.findall(r"^const \$(\w+) = \(", js, re.MULTILINE)
    modules = {path.stem for path in (folder / "js").glob("*.js")}
    assert len(scopes) == len({*scopes})
    assert {*scopes, "app", "admin_pulls"} == modules
    assert "import" not in re.findall(r"^\w+", js, re.MULTILINE)
    assert scopes.index("shelf") < scopes.index("drafts") < scopes.index("composer")
