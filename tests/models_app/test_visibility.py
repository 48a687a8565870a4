from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dashboard.people.models import User
from models_app.admin.grid import rows_per_page
from models_app.models import LanguageModel, Restriction
from models_app.services.restrictions import (
    ADMINISTRATORS,
    Access,
    access_of,
    change_access,
    for_administrators,
    kept_restrictions,
    only_for,
)
from models_app.visibility import model_rows
from tests.make import make_admin, make_backend, make_model, make_person
from tests.roles import client_of

pytestmark = pytest.mark.django_db

GRID = "/admin/models_app/restriction/"
PERSON = f"{GRID}person/"
MANY = 4000


def make_group(name: str) -> Group:
    return Group.objects.create(name=name)


def restrict(model: str, *groups: Group) -> None:
    Restriction.objects.create(model=model).groups.set(groups)


def access(model: str) -> Access:
    return access_of(model, kept_restrictions())


def groups(*those: Group) -> Access:
    return frozenset(each.pk for each in those)


def keeper(*rights: str) -> User:
    """Somebody of the staff, and no administrator, with these rights."""
    person = make_person(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return person


@pytest.fixture
def office(admin: User) -> Client:
    return client_of(admin)


@pytest.fixture
def research() -> Group:
    return make_group("research")


@pytest.fixture
def design() -> Group:
    return make_group("design")


def posted(office: Client, rows: dict[str, tuple[str, str]], **more: object) -> str:
    """Save a page of the grid: what each row was, and the boxes that are ticked."""
    boxes = {f"box-{n}": now.split() for n, (_, now) in enumerate(rows.values())}
    form = {"row": list(rows), "was": [was for was, _ in rows.values()], **boxes}
    sent = {**form, **({} if "action" in more else {"_save": "1"}), **more}
    response = office.post(GRID, sent, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_has_all_servers_of_a_model_however_they_spell_it() -> None:
    make_model("tiny", backend=make_backend(name="b"))
    make_model("Tiny:latest", backend=make_backend(name="a"))
    make_model("gone", listed=False)
    restrict("kept")

    kept, tiny = model_rows()

    assert (tiny.model, tiny.servers, tiny.access) == ("Tiny:latest", ("a", "b"), None)
    assert (kept.model, kept.servers, kept.access) == ("kept", (), ADMINISTRATORS)


def test_the_grid_searches_and_filters(office: Client) -> None:
    backend = make_backend(name="gpu-01")
    make_model("qwen", backend=backend)
    make_model("llama")
    restrict("llama")

    def shown(**asked: str) -> list[str]:
        response = office.get(GRID, asked)
        return [each.model for each in response.context["rows"]]

    assert shown() == ["llama", "qwen"]
    assert shown(q="WEN") == ["qwen"]
    assert shown(server=str(backend.pk)) == ["qwen"]
    assert shown(restricted="on") == ["llama"]
    assert shown(server="x", q="", p="99") == ["llama", "qwen"]
    assert shown(q="nothing") == []


def test_a_page_of_the_grid_has_fifty_rows(office: Client) -> None:
    backend = make_backend()
    for number in range(60):
        make_model(f"m{number:02}", backend=backend)

    first, second = office.get(GRID), office.get(GRID, {"p": "2", "q": "m"})

    assert [len(each.context["rows"]) for each in (first, second)] == [50, 10]
    assert b"?p=2" in first.content


def test_a_full_page_is_never_too_many_fields() -> None:
    for groups in range(2000):
        assert rows_per_page(groups) * (groups + 4) <= 980 or groups > 900


def test_with_no_group_the_grid_says_so(office: Client) -> None:
    make_model("tiny")

    assert b"There is no group yet" in office.get(GRID).content


def test_the_grid_saves_what_was_ticked(
    office: Client, research: Group, design: Group
) -> None:
    make_model("open")
    make_model("shut")
    restrict("shut", design)
    one, two = str(research.pk), str(design.pk)

    said = posted(office, {"open": ("*", one), "shut": (two, f"{two} {one}")})

    assert access("open") == groups(research)
    assert access("shut") == groups(research, design)
    assert "2 models were changed" in said


def test_unticking_everything_is_for_administrators(office: Client) -> None:
    make_model("tiny")

    said = posted(office, {"tiny": ("*", "")})

    assert access("tiny") == ADMINISTRATORS
    assert "administrators only</small>" in said


def test_ticking_everybody_lifts_the_restriction(
    office: Client, research: Group
) -> None:
    restrict("tiny", research)

    said = posted(office, {"tiny": (str(research.pk), f"{research.pk} *")})

    assert not Restriction.objects.exists()
    assert "do not count" not in said


def test_what_is_for_everybody_is_said_to_be_neither_given_nor_taken(
    office: Client, research: Group
) -> None:
    make_model("tiny")
    action = f"take-{research.pk}"

    said = posted(office, {"tiny": ("*", "*")}, action=action, chosen=["0"])

    assert "neither given to one group nor taken" in said
    assert access("tiny") is None


def test_a_group_ticked_beside_everybody_is_said_to_be_moot(
    office: Client, research: Group
) -> None:
    make_model("tiny")

    said = posted(office, {"tiny": ("*", f"* {research.pk}")})

    assert "its groups do not count" in said
    assert access("tiny") is None


class Sent(HTMLParser):
    """The fields that a browser would send of the grid's form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.feed(page[page.index("changelist-form") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        ticked = given.get("type") == "hidden" or "checked" in given
        if tag == "input" and given.get("name") and ticked:
            self.fields.setdefault(given["name"] or "", []).append(given["value"] or "")


def test_a_page_that_is_sent_back_as_it_was_undoes_nothing(
    office: Client, research: Group, design: Group
) -> None:
    for model in ("<a> & b", "qwen", "tiny"):
        make_model(model)
    restrict("qwen", research)
    page = Sent(office.get(GRID).content.decode())
    change_access({"<a> & b": only_for(design.pk), "tiny": for_administrators})

    office.post(GRID, {**page.fields, "_save": "1"})

    assert (access("<a> & b"), access("tiny")) == (groups(design), ADMINISTRATORS)
    assert access("qwen") == groups(research)


def test_two_administrators_at_once_do_not_undo_each_other(
    office: Client, research: Group, design: Group
) -> None:
    make_model("tiny")
    make_model("other")
    page = {"tiny": ("*", str(research.pk)), "other": ("*", "*")}
    change_access({"other": for_administrators, "tiny": only_for(design.pk)})

    posted(office, page)

    assert access("tiny") == groups(research, design)
    assert access("other") == ADMINISTRATORS


@pytest.mark.parametrize(
    ("action", "then"),
    [
        ("everybody", None),
        ("administrators", set()),
        ("only-{new}", {"new"}),
        ("give-{new}", {"old", "new"}),
        ("take-{old}", set()),
    ],
)
def test_the_chosen_rows_are_changed_in_bulk(
    action: str, then: set[str] | None, office: Client
) -> None:
    known = {name: make_group(name) for name in ("old", "new")}
    numbers = {name: str(group.pk) for name, group in known.items()}
    for model in ("a", "b", "c"):
        restrict(model, known["old"])
    rows = dict.fromkeys(("a", "b", "c"), (numbers["old"], ""))

    posted(office, rows, action=action.format(**numbers), chosen=["0", "2"])

    wanted = None if then is None else groups(*(known[each] for each in then))
    assert [access(each) for each in ("a", "c")] == [wanted, wanted]
    assert access("b") == groups(known["old"])


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "", "chosen": ["0"]},
        {"action": "administrators"},
        {"action": "give-x", "chosen": ["0"]},
        {"action": "administrators", "chosen": ["9", "x"]},
    ],
)
def test_a_bulk_action_without_rows_or_words_changes_nothing(
    sent: dict[str, object], office: Client
) -> None:
    make_model("tiny")

    assert "Nothing was changed" in posted(office, {"tiny": ("*", "")}, **sent)
    assert access("tiny") is None


@pytest.mark.parametrize("url", [GRID, PERSON])
def test_both_pages_are_for_administrators_and_who_may_change_restrictions(
    url: str, person: User
) -> None:
    people = {
        make_admin(): 200,
        keeper("change_restriction"): 200,
        keeper("view_restriction", "change_backend"): 403,
        person: 302,
    }

    assert {each: client_of(each).get(url).status_code for each in people} == people
    assert Client().get(url).status_code == 302


def test_without_the_right_nothing_is_saved() -> None:
    make_model("tiny")
    form = {"row": "tiny", "was": "*", "_save": "1"}

    for person in (keeper("view_restriction"), make_person()):
        client_of(person).post(GRID, form)
    Client().post(GRID, form)

    assert not Restriction.objects.exists()


def test_the_admin_leads_to_both_pages(office: Client, admin: User) -> None:
    models = office.get(reverse("admin:models_app_languagemodel_changelist"))
    person = office.get(reverse("admin:people_user_change", args=[admin.pk]))

    assert GRID in office.get("/admin/").content.decode()
    assert GRID in models.content.decode()
    assert f"{PERSON}?person={admin.pk}" in person.content.decode()


def test_who_may_not_is_not_led_there(person: User) -> None:
    client = client_of(keeper("view_languagemodel", "view_user"))

    models = client.get(reverse("admin:models_app_languagemodel_changelist"))
    found = client.get(reverse("admin:people_user_change", args=[person.pk]))

    assert (models.status_code, found.status_code) == (200, 200)
    assert GRID not in (models.content + found.content).decode()


def test_a_way_that_the_reader_may_not_go_is_not_shown(person: User) -> None:
    backend = make_backend(enabled=False)
    make_model("tiny", backend=backend)

    client = client_of(keeper("change_restriction"))
    page = client.get(PERSON, {"person": person.pk}).content.decode()

    assert "The server is disabled." in page
    assert reverse("admin:models_app_backend_change", args=[backend.pk]) not in page


@pytest.fixture
def many() -> None:
    """Thousands of models on three servers, half of them restricted, and ten groups."""
    servers = [make_backend() for _ in range(3)]
    groups = [make_group(f"group-{number}") for number in range(10)]
    seen = make_model("tiny", backend=servers[0]).seen_at
    LanguageModel.objects.bulk_create(
        LanguageModel(backend=servers[n % 3], name=f"model-{n:04}", seen_at=seen)
        for n in range(MANY)
    )
    rows = Restriction.objects.bulk_create(
        Restriction(model=f"model-{number:04}") for number in range(MANY // 2)
    )
    Restriction.groups.through.objects.bulk_create(
        Restriction.groups.through(restriction=row, group=groups[row.pk % 10])
        for row in rows
    )


@pytest.mark.parametrize("size", ["few", "many"])
def test_thousands_of_models_take_no_more_queries_than_few(
    size: str,
    office: Client,
    person: User,
    request: pytest.FixtureRequest,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    if size == "many":
        request.getfixturevalue("many")

    with django_assert_max_num_queries(10):
        assert office.get(GRID).status_code == 200
    with django_assert_max_num_queries(25):
        assert office.get(PERSON, {"person": person.pk}).status_code == 200


def test_a_page_is_saved_in_few_queries(
    office: Client, many: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [f"model-{number:04}" for number in range(50)]
    form = {"row": rows, "was": ["*"] * 50, "_save": "1"}

    with django_assert_max_num_queries(25):
        assert office.post(GRID, form).status_code == 302
