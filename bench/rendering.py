"""How long the event loop waits while hostile texts are rendered in worker threads."""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress

from bench.table import Row
from chat.markdown import render

LONG = 100_000
"""Characters of each text: a message may have no more."""
BEAT = 0.005
QUIET = 5.0
ROUNDS = 3

TEXTS = {
    "stars": "*a **b " * LONG,
    "brackets": "[" * LONG,
    "images": "![" * LONG,
    "links": "[a](" * LONG,
    "references": "[a]: b\n" * LONG,
    "backticks": "".join("`" * n + " " for n in range(LONG // 200)),
    "entities": "&#x3c;" * LONG,
    "quotes": "> " * 50 + "a\n" + "> a\n" * LONG,
    "lists": "".join(f"{' ' * (n % 100)}- a\n" for n in range(LONG)),
    "table": "a|" * 500 + "\n" + "-|" * 500 + "\n" + "b\n" * LONG,
    "cells": "|a|b|\n|-|-|\n" + "|`x`|$y$|\n" * LONG,
    "code": "```python\n" + "f'{x!r:>{y}}' # c\n" * LONG,
    "many codes": "```js\n/x/.test(`${y}`)\n```\n" * LONG,
    "one word of code": "```python\n" + "'" + "\\" * LONG,
    "html code": "```html\n" + "<a b='" * LONG,
    "formula": "$$" + "x_{a^{b" * LONG,
    "formulas": "$\\frac{a}{b}$ " * LONG,
    "dollars": "$a " * LONG,
    "addresses": "https://a.example/(((. " * LONG,
    "one address": "https://a.example/" + "(." * LONG,
    "notes": "a[^1] b^[c] " * 900 + "[^1]: d\n" * LONG,
    "nested notes": "a" + "^[" * LONG,
    "labels": "[^1]: b\n\n" + "[^" * LONG,
    "blank lines": "\n" * LONG,
    "spaces": "a" + " " * LONG,
    "Chinese": "**注意：**先备份 " * LONG,
}


def rendering() -> Iterator[Row]:
    """The lag of an idle loop, then of one beside which every text is rendered."""
    _be_like_web()
    yield _row("loop lag, idle", asyncio.run(_lags(asyncio.sleep(QUIET))))
    lags, worst = [], {}
    for name, text in TEXTS.items():
        of_text = asyncio.run(_lags(_rendered(text[:LONG])))
        lags += of_text
        worst[name] = max(of_text)
    name = max(worst, key=lambda each: worst[each])
    yield _row(
        f"loop lag, {len(TEXTS)} hostile texts of {LONG:,} characters", lags, "≤ 50"
    )
    yield Row("the text of the worst lag", name)


def _be_like_web() -> None:
    """As `manage.py web` begins."""
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()


async def _rendered(text: str) -> None:
    """As `chat.showing` does it, one after the other."""
    for _ in range(ROUNDS):
        await asyncio.to_thread(render, text)


async def _lags(work: Awaitable[None]) -> list[float]:
    """By how many milliseconds a loop was late, every few milliseconds of the work."""
    lags: list[float] = []
    beating = asyncio.create_task(_beat(lags))
    await work
    await asyncio.sleep(BEAT)
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    return lags


async def _beat(lags: list[float]) -> None:
    while True:
        due = time.perf_counter() + BEAT
        await asyncio.sleep(BEAT)
        lags.append((time.perf_counter() - due) * 1000)


def _row(measured: str, lags: list[float], target: str = "") -> Row:
    p99 = statistics.quantiles(lags, n=100, method="inclusive")[98]
    return Row(
        f"{measured}, p99 (worst), ms", f"{p99:.1f} ({max(lags):.1f})", "", "", target
    )
