"""The bar of a card's memory: who takes which part of it."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models_app.nodes.tenants import Kind, Tenant

TONES = 8
LEGIBLE = 12.0
"""Percent of the bar in which a name can be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar, in percent of it; `tone` is the class of its colour."""

    label: str
    memory: int | None
    tone: str
    start: str
    width: str
    named: bool
    note: str = ""


def bar_of(
    tenants: Sequence[Tenant], total: float | None, notes: Sequence[str]
) -> list[Part]:
    """All parts but the free one, each with its note; without a total they are listed
    alone."""
    tones = _tones(tenants)
    parts, start = [], 0.0
    for tenant, note in zip(tenants, notes, strict=True):
        if tenant.kind == Kind.FREE:
            continue
        share = 100 * (tenant.memory or 0) / total if total else 0.0
        width = min(share, 100 - start)
        named = width >= LEGIBLE
        parts.append(
            Part(
                label=tenant.label,
                memory=tenant.memory,
                tone=next(tones),
                start=f"{start:.2f}%",
                width=f"{width:.2f}%",
                named=named,
                note=note,
            )
        )
        start += width
    return parts


def _tones(tenants: Sequence[Tenant]) -> Iterator[str]:
    """The same model has the same colour on every card, unless two would be alike there."""
    taken: set[int] = set()
    for tenant in tenants:
        if tenant.kind == Kind.OTHER:
            yield "tone-other"
            continue
        tone = zlib.crc32((tenant.model or tenant.label).encode()) % TONES
        while tone in taken and len(taken) < TONES:
            tone = (tone + 1) % TONES
        taken.add(tone)
        yield f"tone-{tone}"
