"""`manage.py add_node` and `remove_node`, and hosts in the admin."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import redis
from django.conf import settings as house_settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.live.bus import link
from dashboard.people.models import User
from models_app.models import Gpu, Node
from models_app.nodes.troubles import Trouble, stored_trouble
from tests.make import make_gpu, make_node

pytestmark = pytest.mark.django_db
REDIS_URL = house_settings.REDIS_URL


@pytest.fixture(autouse=True)
def no_users_left() -> Iterator[None]:
    yield
    with redis.Redis.from_url(REDIS_URL) as house:
        for user in house.acl_users():
            if user.startswith("paddock-node-"):
                house.acl_deluser(user)


def run(*words: str) -> str:
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def test_what_to_run_on_the_host_is_printed_with_a_secret_that_works() -> None:
    said = run("add_node", "gpu-01")

    line = said.splitlines()[-1].split()
    assert line[0] == "PADDOCK_NODE=gpu-01"
    assert line[2:] == ["make", "node"]
    with redis.Redis.from_url(line[1].removeprefix("REDIS_URL=")) as host:
        assert host.ping()


def secret_in(said: str) -> str:
    return said.partition("paddock-node-gpu-01:")[2].partition("@")[0]


def can_sign_in(said: str) -> bool:
    address = said.splitlines()[-1].split()[1].removeprefix("REDIS_URL=")
    with redis.Redis.from_url(address) as host:
        try:
            return bool(host.ping())
        except redis.AuthenticationError:
            return False


def test_a_host_that_is_there_keeps_its_secret_and_how_to_replace_it_is_said() -> None:
    first = run("add_node", "gpu-01")

    with pytest.raises(
        CommandError, match=r"a host named gpu-01 already.*--new-secret"
    ):
        run("add_node", "gpu-01")

    assert can_sign_in(first)


def test_a_new_secret_on_purpose_voids_the_old_one() -> None:
    first = run("add_node", "gpu-01")

    second = run("add_node", "gpu-01", "--new-secret")

    assert secret_in(first) != secret_in(second)
    assert (can_sign_in(first), can_sign_in(second)) == (False, True)


def test_a_host_that_was_removed_is_added_again_without_more_words() -> None:
    run("add_node", "gpu-01")
    run("remove_node", "gpu-01")

    assert can_sign_in(run("add_node", "gpu-01"))


def test_a_private_tunnel_comes_first_where_redis_is_on_loopback(settings: Any) -> None:
    settings.PADDOCK_URL = "http://paddock.lan:8420"

    said = run("add_node", "gpu-01")

    assert "ssh -N -L " in said
    assert said.index(" paddock.lan\n") < said.index("make node")


@pytest.fixture
def compose(settings: Any) -> Any:
    """The settings of a house in Compose, whose Redis answers as ours does."""
    link()
    settings.REDIS_URL = "redis://:secret@valkey:6379/0"
    settings.PADDOCK_URL = "http://paddock.lan:8420"
    return settings


def test_a_line_from_compose_leads_there_by_a_port_that_is_to_be_published(
    compose: Any,
) -> None:
    said = run("add_node", "gpu-01")

    assert "“valkey” is a name that as a rule only containers know" in said
    assert "publish its port 6379 on 127.0.0.1" in said
    assert "ssh -N -L 6379:127.0.0.1:6379 paddock.lan\n" in said
    line = said.splitlines()[-1]
    assert "@127.0.0.1:6379/0 make node" in line
    assert "valkey" not in line


def test_a_container_does_not_pass_its_own_name_off_as_its_machines(
    compose: Any,
) -> None:
    compose.PADDOCK_URL = "http://localhost:8420"

    said = run("add_node", "gpu-01")

    assert ":6379 NAME-OF-PADDOCKS-MACHINE\n" in said


@pytest.mark.parametrize("host", ["redis.lan", "10.0.0.5", "[fd00::5]"])
def test_an_address_that_others_know_is_printed_as_it_is(
    compose: Any, host: str
) -> None:
    compose.REDIS_URL = f"rediss://:secret@{host}:6390/2"

    said = run("add_node", "gpu-01")

    assert f"@{host}:6390/2 make node" in said
    assert "ssh" not in said


def test_only_the_hash_of_a_secret_is_kept() -> None:
    said = run("add_node", "gpu-01")

    secret = secret_in(said)
    node = Node.objects.get()
    assert len(node.secret_hash) == 64
    assert secret not in str(vars(node))


@pytest.mark.parametrize("name", ["", "GPU", "gpu_01", ".gpu", "a" * 64, "a:b", "a*"])
def test_a_name_that_cannot_be_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(CommandError, match=r"for example gpu-01"):
        run("add_node", name)

    assert not Node.objects.exists()


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    link.cache_clear()
    yield
    link.cache_clear()


def test_without_redis_a_host_is_added_all_the_same(no_redis: None) -> None:
    said = run("add_node", "gpu-01")

    assert "a worker lets it in as soon as it reaches Redis" in said
    assert Node.objects.get().secret_hash


def test_without_redis_a_host_is_removed_all_the_same(no_redis: None) -> None:
    make_node("gpu-01", secret_hash="0" * 64)

    said = run("remove_node", "gpu-01")

    assert "a worker ends its user as soon as it reaches Redis" in said
    assert Node.objects.get().retired_at is not None


@pytest.fixture
def strict(settings: Any) -> Iterator[None]:
    """Redis lets us do all but make and end users."""
    with redis.Redis.from_url(REDIS_URL) as house:
        rules = ["on", "nopass", "allkeys", "allchannels", "+@all", "-acl"]
        house.execute_command("ACL SETUSER", "clerk", *rules)
        settings.REDIS_URL = REDIS_URL.replace("://", "://clerk:any@")
        link.cache_clear()
        yield
        link.cache_clear()
        house.acl_deluser("clerk")


def test_a_host_that_redis_refuses_is_written_and_what_to_do_is_said(
    strict: None,
) -> None:
    with pytest.raises(CommandError, match=r"is added, but .* add it once more"):
        run("add_node", "gpu-01")

    assert Node.objects.get().secret_hash


def test_a_host_whose_user_cannot_be_ended_is_removed_and_that_is_said(
    strict: None,
) -> None:
    make_node("gpu-01", secret_hash="0" * 64)

    with pytest.raises(CommandError, match=r"is removed .* does not let Paddock end"):
        run("remove_node", "gpu-01")

    assert Node.objects.get().retired_at is not None


def test_a_host_is_removed_and_its_history_stays() -> None:
    run("add_node", "gpu-01")
    make_gpu(Node.objects.get())

    said = run("remove_node", "gpu-01")

    assert said == "gpu-01 is removed; the history of its cards is kept.\n"
    assert Node.objects.get().retired_at is not None
    assert Gpu.objects.exists()


def test_removing_a_host_that_is_not_there_says_so() -> None:
    with pytest.raises(CommandError, match="no host named gpu-09"):
        run("remove_node", "gpu-09")


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


NODES = "admin:models_app_node_changelist"


def test_the_list_tells_how_each_host_is(office: Client) -> None:
    make_node("gpu-01", seen_at=timezone.now(), driver="580.65")
    make_node("gpu-02", trouble=stored_trouble(Trouble.TWO_AGENTS))
    make_node("gpu-03", retired_at=timezone.now())

    page = office.get(reverse(NODES)).content.decode()

    told = ("live", "580.65", "never heard", "Two agents send", "removed")
    for each in (*told, "manage.py add_node NAME"):
        assert each in page


def test_a_host_shows_its_cards(office: Client) -> None:
    gpu = make_gpu(name="RTX 4090")

    page = office.get(reverse("admin:models_app_node_change", args=[gpu.node_id]))

    assert "RTX 4090" in page.content.decode()


def test_an_administrator_is_asked_before_a_host_is_removed(office: Client) -> None:
    node = make_node("gpu-01")
    form = {"action": "remove", "_selected_action": node.pk}

    page = office.post(reverse(NODES), form).content.decode()

    assert "These hosts are shut out at once" in page
    assert "manage.py add_node NAME" in page
    assert "<li>gpu-01</li>" in page
    node.refresh_from_db()
    assert node.retired_at is None


def test_an_administrator_removes_a_host(office: Client) -> None:
    node = make_node("gpu-01")
    form = {"action": "remove", "_selected_action": node.pk, "sure": "yes"}

    page = office.post(reverse(NODES), form, follow=True).content.decode()

    assert "“gpu-01” is removed" in page
    node.refresh_from_db()
    assert node.retired_at is not None


def test_nobody_adds_a_host_in_the_admin(office: Client) -> None:
    assert office.get(reverse("admin:models_app_node_add")).status_code == 403
