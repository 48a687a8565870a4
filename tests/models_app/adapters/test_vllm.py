"""Looking at vLLM."""

from collections.abc import Mapping

import pytest

from dashboard.errors import BackendError, BackendRefused
from models_app.adapters.base import LoadedModel, Meters, Workload
from models_app.adapters.client import open_client
from models_app.adapters.vllm import VLLMAdapter
from tests.fakes.replay import Answer, replaying, told
from tests.models_app.adapters.servers import filed
from tests.recordings import recorded

TWO_ENGINES = (
    b'vllm:num_requests_running{engine="0"} 3.0\n'
    b'vllm:num_requests_running{engine="1"} NaN\n'
    b'vllm:num_requests_waiting{engine="0"} 2.0\n'
    b'vllm:num_requests_waiting{engine="1"} 5.0\n'
    b'vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 2.0\n'
)


async def workload(answers: Mapping[str, Answer]) -> Workload:
    async with replaying(answers) as server, open_client(server.url) as client:
        return await VLLMAdapter(client, server="gpu-01").workload()


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (TWO_ENGINES, Workload(running=3, waiting=7)),
        (recorded("vllm-metrics.txt"), Workload(running=3, waiting=2)),
        (b"# logging of statistics is off\n", Workload()),
    ],
)
async def test_all_engines_and_no_reasons_are_summed(
    metrics: bytes, expected: Workload
) -> None:
    assert await workload({"/metrics": Answer(metrics, kind="text/plain")}) == expected


async def test_without_metrics_it_is_refused() -> None:
    with pytest.raises(BackendRefused, match="Not Found"):
        await workload({})


async def test_a_page_in_place_of_metrics_is_no_accident() -> None:
    with pytest.raises(BackendError):
        await workload({"/metrics": Answer(b"<html>Hello</html>", kind="text/html")})


async def test_all_that_it_serves_is_in_memory() -> None:
    models = {"/v1/models": filed("vllm-models.json")}
    async with replaying(models) as server, open_client(server.url) as client:
        loaded = await VLLMAdapter(client, server="gpu-01").list_loaded()

    assert loaded[0] == LoadedModel("qwen3-8b", window=32768)
    assert loaded[-1] == LoadedModel("sql-lora")


@pytest.mark.parametrize("answer", [told({"detail": "Not Found"}, status=404), told(7)])
async def test_a_server_that_hides_its_version_has_none(answer: Answer) -> None:
    async with (
        replaying({"/version": answer}) as server,
        open_client(server.url) as client,
    ):
        assert await VLLMAdapter(client, server="gpu-01").version() == ""


async def meters(metrics: bytes) -> Meters:
    answers = {"/metrics": Answer(metrics, kind="text/plain")}
    async with replaying(answers) as server, open_client(server.url) as client:
        return await VLLMAdapter(client, server="gpu-01").meters()


async def test_its_meters_show_the_cache_the_tokens_and_the_waits() -> None:
    shown = await meters(recorded("real-vllm-metrics-busy.txt"))

    assert (shown.running, shown.waiting, shown.off) == (8, 4, False)
    assert shown.kv_cache == pytest.approx(0.0442, abs=1e-4)
    assert [*shown.generated.values()] == [343]
    [waits] = shown.first_token.values()
    assert (waits[0.25], waits[1.0]) == (18, 29)


async def test_engines_are_counted_apart_and_their_caches_by_the_mean() -> None:
    shown = await meters(
        b'vllm:kv_cache_usage_perc{engine="0"} 0.5\n'
        b'vllm:kv_cache_usage_perc{engine="1"} 1.0\n'
        b'vllm:kv_cache_usage_perc{engine="2"} NaN\n'
        b'vllm:generation_tokens_total{engine="0"} 7.0\n'
        b'vllm:generation_tokens_total{engine="1"} 5.0\n'
        b'vllm:generation_tokens_created{engine="1"} 1.7e+09\n'
    )

    assert shown.kv_cache == 0.75
    assert shown.generated == {"engine=0": 7, "engine=1": 5}


async def test_an_older_server_calls_its_cache_otherwise() -> None:
    assert (await meters(b"vllm:gpu_cache_usage_perc 0.25\n")).kv_cache == 0.25


async def test_a_server_without_statistics_has_its_meters_off() -> None:
    assert await meters(b"# logging of statistics is off\n") == Meters(off=True)
