"""Gauges out of the Prometheus text that some servers tell about themselves."""

from collections.abc import Iterator
from math import isfinite

from prometheus_client.parser import text_string_to_metric_families

from models_app.adapters.base import Workload
from models_app.adapters.lines import Garbled


def workload_in(metrics: str, *, running: str, waiting: str) -> Workload:
    """The two gauges, summed over all engines of a server; None where one is missing."""
    sums: dict[str, float] = {}
    for name, value in _samples(metrics):
        if name in (running, waiting) and isfinite(value):
            sums[name] = sums.get(name, 0) + value
    return Workload(_count(sums.get(running)), _count(sums.get(waiting)))


def _samples(metrics: str) -> Iterator[tuple[str, float]]:
    try:
        for family in text_string_to_metric_families(metrics):
            yield from ((sample.name, sample.value) for sample in family.samples)
    except (ValueError, LookupError) as nonsense:
        raise Garbled("its metrics cannot be read") from nonsense


def _count(value: float | None) -> int | None:
    return None if value is None else round(value)
