"""The status page as the server renders it: whole and right before any JavaScript."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.errors import BackendSilent
from dashboard.people.models import User
from models_app.figures.queries import NUMBERS, Lack, ServerFigures, keep_figures
from models_app.gpu.metrics import DriverState, HostMetric, Metric, Reason
from models_app.gpu.samples import Host, Part, Xid
from models_app.models import Alert, Backend
from models_app.services.backends import note_reply
from tests.at_door import come_in
from tests.dashboard.status.told_status import hear, hear_many
from tests.make import (
    make_backend,
    make_card,
    make_conversation,
    make_model,
    make_node,
    make_person,
)

MOST_QUERIES = 50


def shown(client: Client, query: str = "") -> str:
    """The words of the page, as a reader hears them."""
    html = client.get(f"/status/{query}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_card_is_shown_with_its_numbers(signed_in: Client) -> None:
    hear(cards=(make_card(values={Metric.SM_CLOCK: 2610, Metric.POWER_LIMIT: 450}),))

    page = shown(signed_in)

    for words in ("RTX 4090", "40 %", "2,610 MHz", "8.6 GB", "50 °C", "of 450 W"):
        assert words in page
    assert "· sampled " in page


def test_the_memory_of_a_card_is_told_as_its_maker_tells_it_too(
    signed_in: Client,
) -> None:
    hear(cards=(make_card(values={Metric.MEMORY_TOTAL: 143_771 * 2**20}),))

    page = signed_in.get("/status/").content.decode()

    assert 'title="143,771 MiB, that is 140 GiB">151 GB' in page


def test_how_hot_its_memory_is_stands_there_where_it_is_known(
    signed_in: Client,
) -> None:
    hear(cards=(make_card("GPU-1"),))
    assert "memory_temperature" not in signed_in.get("/status/").content.decode()

    hear("gpu-02", cards=(make_card("GPU-2", values={Metric.MEMORY_TEMPERATURE: 84}),))
    assert "memory 84 °C" in shown(signed_in)


def test_a_missing_number_says_why_it_lacks(signed_in: Client) -> None:
    card = make_card(reasons={Metric.FAN: Reason.NOT_SUPPORTED})
    hear(cards=(card,))

    html = signed_in.get("/status/").content.decode()

    why = "This card or its driver does not tell it."
    assert f'data-cell="fan" title="{why}">–' in html


@pytest.mark.parametrize(
    ("ago", "state", "words"),
    [
        (1, "live", "sampled 1 s ago"),
        (8, "late", "sampled 8 s ago"),
        (70, "silent", "silent for 1 min"),
        (7200, "lost", "silent for 2 h"),
    ],
)
def test_a_host_that_says_nothing_is_said_to(
    ago: float, state: str, words: str, signed_in: Client
) -> None:
    hear(ago=ago)

    assert f"host-{state}" in signed_in.get("/status/").content.decode()
    assert words in shown(signed_in)


def test_a_host_that_was_never_heard_says_what_to_do(signed_in: Client) -> None:
    make_node("gpu-07")

    page = shown(signed_in)

    assert "Start the agent there with what “manage.py add_node” printed" in page
    assert "the service “node” of Docker Compose" in page


def test_a_removed_host_is_not_shown(signed_in: Client) -> None:
    make_node("gpu-07", retired_at=timezone.now())

    assert "gpu-07" not in shown(signed_in)


def test_a_drivers_trouble_stands_there_with_what_to_do(signed_in: Client) -> None:
    hear(cards=(), driver=DriverState.REBOOT_NEEDED)

    assert "Restart the host." in shown(signed_in)


def test_a_host_without_a_gpu_shows_the_machine(signed_in: Client) -> None:
    values = {HostMetric.CPU: 34.0, HostMetric.LOAD: 1.5, HostMetric.CORES: 8}
    hear(cards=(), driver=DriverState.NO_NVIDIA, host=Host(values=values))

    page = shown(signed_in)

    assert "no GPU" in page
    assert "34 %" in page
    assert "1.5 on 8 cores" in page


def test_a_lost_card_is_grey_and_says_so(signed_in: Client) -> None:
    hear(cards=(make_card(lost=True, xids=(Xid(79, time.time()),)),))

    html = " ".join(signed_in.get("/status/").content.decode().split())

    assert "gpu-lost" in html
    assert "It does not answer." in html
    assert "driver error Xid 79" in html
    assert 'data-figure="memory" title="No card tells' in html


def test_what_slows_a_card_down_is_said_in_words(signed_in: Client) -> None:
    hear(cards=(make_card(values={Metric.THROTTLE: 0x20 | 0x4 | 0x1 | 0x1000}),))

    assert "at its power limit · slowed down: too hot · 0x1000" in shown(signed_in)


def test_mig_instances_show_their_memory(signed_in: Client) -> None:
    part = Part("MIG-1", "NVIDIA A100 MIG 1g.10gb", 3 * 2**30, 9 * 2**30)
    hear(cards=(make_card(name="NVIDIA A100", parts=(part,)),))

    page = shown(signed_in)

    assert " MIG 1g.10gb 3.2 GB / 9.7 GB" in page
    assert "A100 MIG" not in page


def test_names_from_a_host_are_only_text(signed_in: Client) -> None:
    hear(cards=(make_card(name="<script>alert(1)</script>"),))

    assert "<script>alert" not in signed_in.get("/status/").content.decode()


def test_an_empty_house_says_the_way_out(signed_in: Client) -> None:
    page = shown(signed_in)

    assert "Started by “make up”, this machine does so within seconds." in page
    assert "“docker compose exec web python manage.py add_node NAME”" in page
    assert "There is no model server that you may use." in page


def test_servers_show_their_numbers_and_the_sums_stand_on_top(
    signed_in: Client,
) -> None:
    told = ServerFigures(time.time(), running=5, waiting=2, tokens_per_second=312.0)
    keep_figures({make_backend().pk: told, make_backend().pk: told})

    page = shown(signed_in)

    assert "624 tok/s" in page
    assert "10 + 4 waiting" in page
    assert "312" in page


@pytest.mark.parametrize(
    ("tripped", "told"),
    [
        (False, "up last reply failed 2 min ago: hung"),
        (True, "up, but its last reply failed 2 min ago: hung"),
    ],
)
def test_a_server_that_is_up_says_that_its_last_reply_failed_until_one_is_good(
    tripped: bool, told: str, signed_in: Client
) -> None:
    server = make_backend(name="here", checked_at=timezone.now())
    note_reply(server.pk, BackendSilent(server="here", seconds=60))
    then = timezone.now() - timedelta(seconds=125)
    failed = Backend.objects.filter(pk=server.pk)
    failed.update(replied_at=then, tripped_at=then if tripped else None)

    assert told in shown(signed_in, "?fragment=servers")

    note_reply(server.pk)
    assert "failed" not in shown(signed_in, "?fragment=servers")


def test_a_drained_server_is_not_just_up(signed_in: Client) -> None:
    make_backend(checked_at=timezone.now(), draining=True)

    html = signed_in.get("/status/").content.decode()

    assert '<span class="state state-warn">up, takes nothing new</span>' in html


def test_people_are_named_only_to_those_in_the_conversation(
    signed_in: Client, person: User
) -> None:
    server = make_backend(name="here")
    shared = make_conversation(person, title="Ours")
    other = make_conversation(make_person("otto"), title="Secret")
    come_in(person, server, conversation=shared)
    come_in(make_person("hidden"), server, conversation=other)

    page = shown(signed_in)

    assert "olive and 1 more Ours" in page
    assert "Secret" not in page
    assert "hidden" not in page


def test_a_model_that_is_not_theirs_has_no_name_for_a_member(
    signed_in: Client, admin: User
) -> None:
    closed = make_backend(name="closed")
    closed.groups.add(Group.objects.create(name="few"))
    make_model("secret-model", backend=closed, loaded=True, memory=2**30)

    assert "secret-model" not in shown(signed_in)
    assert "closed" not in shown(signed_in)


def queries_of_the_page(client: Client) -> int:
    client.get("/status/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/status/")
    return len(asked)


def test_many_hosts_cost_a_bounded_number_of_queries(signed_in: Client) -> None:
    hear()
    hear_many(50, cards=8)

    assert queries_of_the_page(signed_in) <= MOST_QUERIES
    assert signed_in.get("/status/").content.count(b"data-card=") == 401


def test_a_fragment_is_one_part_alone(signed_in: Client) -> None:
    node = hear("gpu-01")
    hear("gpu-02", cards=())

    one = shown(signed_in, f"?fragment=host&host={node.pk}")

    assert "gpu-01" in one
    assert "gpu-02" not in one
    assert "<html" not in one
    assert signed_in.get("/status/?fragment=host&host=999").status_code == 404


def test_a_wall_says_how_many_hosts_are_in_trouble(signed_in: Client) -> None:
    hear("gpu-01")
    assert "in trouble" not in shown(signed_in, "?kiosk")

    hear("gpu-02", ago=70, cards=())
    hear("gpu-03", cards=(make_card("GPU-3", lost=True),))
    hear("gpu-04", cards=(), driver=DriverState.REBOOT_NEEDED)
    make_node("gpu-05")

    for query in ("?kiosk", "?fragment=troubled"):
        assert "4 of 5 hosts in trouble" in shown(signed_in, query)
    assert signed_in.get("/status/").content.count(b"host-troubled") == 4


def test_the_kiosk_has_no_navigation(signed_in: Client) -> None:
    hear()

    response = signed_in.get("/status/?kiosk")

    assert b"<nav" not in response.content
    assert b"data-status" in response.content


def test_the_json_has_each_number_or_null_with_its_reason(signed_in: Client) -> None:
    hear(cards=(make_card(reasons={Metric.FAN: Reason.NOT_SUPPORTED}),))
    make_model("tiny", backend=make_backend(name="here"), loaded=True)

    told = signed_in.get("/status.json").json()

    (node,), (server,) = told["nodes"], told["servers"]
    gpu = node["gpus"][0]
    assert (node["name"], node["driver"]) == ("gpu-01", "580.65")
    assert 0 <= node["age_s"] < 60
    assert (gpu["util"], gpu["fan"]) == (40.0, None)
    assert gpu["reasons"] == {"fan": "not-supported"}
    assert (server["name"], server["models"]) == ("here", ["tiny"])


def test_the_json_says_why_a_server_tells_no_number(signed_in: Client) -> None:
    quiet, half = make_backend(name="quiet"), make_backend(name="half")
    lacks = {"waiting": Lack.OFF}
    told = ServerFigures(time.time(), running=3, kv_cache=0.0, reasons=lacks)
    keep_figures({half.pk: told})

    servers = signed_in.get("/status.json").json()["servers"]

    first, second = sorted(servers, key=lambda each: each["name"])
    assert (first["running"], first["kv_cache"], first["waiting"]) == (3, 0.0, None)
    assert first["reasons"]["waiting"] == "switched-off"
    assert second["name"] == quiet.name
    assert second["reasons"] == dict.fromkeys(NUMBERS, "unheard")


def test_an_alert_says_for_how_long_it_is_so(signed_in: Client) -> None:
    began = timezone.now() - timedelta(minutes=44, seconds=5)
    times = {"began": began, "troubled_at": began, "opened_at": began}
    facts = {"host": "gpu-01"}
    Alert.objects.create(kind="host-silent", subject="node:1", facts=facts, **times)

    page = shown(signed_in, "?fragment=alerts").replace("\xa0", " ")

    assert "Nothing has been heard of gpu-01." in page
    assert page.strip().endswith("for 44 minutes")
