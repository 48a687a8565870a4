"""Meters out of the Prometheus text that some servers tell about themselves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isfinite
from typing import TypeVar

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from models_app.adapters.base import Meters, Workload
from models_app.adapters.lines import Garbled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MeterNames:
    """What a kind of server calls its meters; `kv_cache` by age, the newest first.

    `waits` is the histogram of the seconds until the first token.
    """

    running: str
    waiting: str
    generated: str
    kv_cache: tuple[str, ...] = ()
    waits: str = ""


def workload_in(metrics: str, *, running: str, waiting: str) -> Workload:
    """The two gauges, summed over all engines of a server; None where one is missing."""
    sums: dict[str, float] = {}
    for each in _samples(metrics):
        if each.name in (running, waiting) and isfinite(each.value):
            sums[each.name] = sums.get(each.name, 0) + each.value
    return Workload(_count(sums.get(running)), _count(sums.get(waiting)))


def meters_in(metrics: str, names: MeterNames, *, engine: str = "") -> Meters:
    """All that is told under these names; `engine` is one that has no label of its own.

    How full the caches of several engines are is said by their mean.
    """
    found: dict[str, list[Sample]] = {}
    for each in _samples(metrics):
        if each.value >= 0 and isfinite(each.value):
            found.setdefault(each.name, []).append(each)
    caches = next((found[each] for each in names.kv_cache if each in found), [])
    return Meters(
        running=_sum(found.get(names.running)),
        waiting=_sum(found.get(names.waiting)),
        kv_cache=_mean([min(each.value, 1) for each in caches]),
        generated={
            _engine(each, engine): each.value for each in found.get(names.generated, ())
        },
        first_token=_buckets(found.get(f"{names.waits}_bucket", ()), engine),
    )


def summed(parts: Mapping[str, Meters]) -> Meters:
    """Of the models of one server together, each with its name."""
    each_one = [*parts.values()]
    caches = [each.kv_cache for each in each_one if each.kv_cache is not None]
    return Meters(
        running=_sum_known([each.running for each in each_one]),
        waiting=_sum_known([each.waiting for each in each_one]),
        kv_cache=_mean(caches),
        generated=_merged([each.generated for each in each_one]),
        first_token=_merged([each.first_token for each in each_one]),
        off=bool(each_one) and all(each.off for each in each_one),
    )


def _merged(parts: Sequence[Mapping[str, T]]) -> dict[str, T]:
    return {engine: told for part in parts for engine, told in part.items()}


def _sum_known(told: Sequence[int | None]) -> int | None:
    known = [each for each in told if each is not None]
    return sum(known) if known or not told else None


def _sum(samples: Sequence[Sample] | None) -> int | None:
    return None if not samples else round(sum(each.value for each in samples))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _engine(sample: Sample, otherwise: str) -> str:
    """The labels that tell engines apart."""
    labels = (f"{k}={v}" for k, v in sorted(sample.labels.items()) if k != "le")
    return ",".join(labels) or otherwise


def _buckets(samples: Sequence[Sample], engine: str) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = {}
    for each in samples:
        with suppress(KeyError, ValueError):
            bound = float(each.labels["le"])
            if 0 <= bound <= inf:
                found.setdefault(_engine(each, engine), {})[bound] = each.value
    return found


def _samples(metrics: str) -> Iterator[Sample]:
    try:
        for family in text_string_to_metric_families(metrics):
            yield from family.samples
    except (ValueError, LookupError) as nonsense:
        raise Garbled("its metrics cannot be read") from nonsense


def _count(value: float | None) -> int | None:
    return None if value is None else round(value)
