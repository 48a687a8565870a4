"""Writing one reply, from its first token to its closed row."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from chat.alarms import alarm_kept, counted_in
from chat.draft import Draft
from chat.markdown import render
from chat.models import Message
from chat.phases import Doing, Phase, Wait
from chat.services.replies import Closing, close_reply
from chat.services.turns import Turn
from chat.services.unbegun import hand_on
from chat.showing import shown
from chat.writers import Writing, writing
from dashboard.errors import DashboardError, EndedByAdmin, PlacesSpent
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.adapters.base import ChatRequest, Reasoning, Text
from models_app.closing import closed_at_last
from models_app.resolve import Unheeded, unheeded_in
from models_app.serving.ask import Done, Step
from models_app.serving.serve import serve

log = logging.getLogger(__name__)

LEAST_WAIT = 500
"""Milliseconds; what is shorter was no wait that anybody felt."""


def begin_writing(turn: Turn | None) -> None:
    """Write the turn's reply in the background; a message known before has no turn."""
    if turn:
        in_background(generate(turn))


async def generate(turn: Turn) -> None:
    """Write the reply of a turn and close its row, whatever happens; a process that ends
    before any server was asked leaves it to the next one, as does one that took it up while
    its person had no place for it."""
    draft = Draft(turn.kept, phase=Phase(began=time.monotonic(), model=turn.ask.model))
    with writing(turn.message, draft) as under_way:
        done, error = None, None
        try:
            done = await _until(under_way.stop, _relay(turn, draft))
        except DashboardError as failure:
            error = failure
        except Exception:
            log.exception("Reply %s failed.", turn.message)
            error = DashboardError()
        if _is_for_others(turn, under_way, done=done, error=error):
            later = error is not None
            await in_db(hand_on)(turn.message, seq=draft.seq, later=later)
            return
        closing = _closing(turn, under_way, done=done, error=error)
        # Not in the database thread, for which all the others would wait.
        html = await asyncio.to_thread(render, closing.text)
        whole = await _alarmed(turn, draft.kind, replace(closing, html=html))
        await closed_at_last(
            lambda: in_db(close_reply)(turn.message, whole), f"Reply {turn.message}"
        )


def _is_for_others(
    turn: Turn, under_way: Writing, *, done: Done | None, error: DashboardError | None
) -> bool:
    """Whether it may be written yet, by whoever takes it up next.

    That a person has no place for what was taken up may be for the place that the writer
    before holds, and passes; whoever may have none at all is told.
    """
    if done or not under_way.draft.is_unbegun:
        return False
    if isinstance(error, PlacesSpent):
        return turn.taken_up and bool(error.facts["limit"])
    return under_way.interrupted and error is None


def _closing(
    turn: Turn, under_way: Writing, *, done: Done | None, error: DashboardError | None
) -> Closing:
    draft = under_way.draft
    text, reasoning = draft.settled(thought=done.thought if done else 0)
    return Closing(
        status=_status(under_way, done=done, error=error),
        seq=draft.seq,
        text=text,
        reasoning=reasoning,
        server=draft.server,
        thought_ms=draft.thought_ms,
        done=done,
        error=None if isinstance(error, EndedByAdmin) else error,
        stopped_by=_who_ended(error),
        unheeded=_unheeded(turn, draft.kind),
        ticket=done.ticket if done else draft.ticket,
        way=_way(draft, done),
    )


async def _alarmed(turn: Turn, kind: str, closing: Closing) -> Closing:
    """With what is to be said of how much was read; nothing of that may keep a reply
    from being closed."""
    try:
        counted = await asyncio.to_thread(counted_in, turn.ask.messages)
        alarm = await in_db(alarm_kept)(turn, closing, kind=kind, counted=counted)
    except Exception:
        log.exception("How much was read for reply %s is not known.", turn.message)
        return closing
    return replace(closing, alarm=alarm, least_sent=counted.least)


def _way(draft: Draft, done: Done | None) -> Mapping[str, Any]:
    """Who was asked before, how long it stood in line, and how long a load took; of one
    that ended early, whether it still stood in line."""
    if done is None:
        queued = draft.phase.doing is Doing.QUEUED
        return {**draft.past, **({"queued": True} if queued else {})}
    waits = {"queue_ms": done.queue_ms, "load_ms": done.usage.load_ms}
    known = {
        name: round(wait) for name, wait in waits.items() if wait and wait >= LEAST_WAIT
    }
    return {**draft.past, **known}


def _unheeded(turn: Turn, kind: str) -> tuple[Unheeded, ...]:
    """What the server that was asked left undone of the preset."""
    if turn.recipe is None or not kind:
        return ()
    asked = ChatRequest(turn.ask.model, turn.ask.messages, go_on=turn.ask.go_on)
    return unheeded_in(asked, turn.recipe, kind)


def _status(
    under_way: Writing, *, done: Done | None, error: DashboardError | None
) -> Message.Status:
    if isinstance(error, EndedByAdmin):
        return Message.Status.STOPPED
    if error:
        return Message.Status.FAILED
    if done:
        return Message.Status.DONE
    if under_way.interrupted:
        return Message.Status.INTERRUPTED
    return Message.Status.STOPPED


def _who_ended(error: DashboardError | None) -> int | None:
    """The number of the administrator who did."""
    return int(error.facts["by"]) if isinstance(error, EndedByAdmin) else None


async def _until(
    stop: asyncio.Event, work: Coroutine[object, object, Done]
) -> Done | None:
    """The work's result; None when `stop` came first and the work was ended."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait({working, stopping})


async def _relay(turn: Turn, draft: Draft) -> Done:
    """Move what the model says into the draft, which is shown meanwhile."""
    place = {"conversation": turn.conversation, "message": turn.message}
    async with shown(draft, **place) as more, aclosing(serve(turn.ask)) as steps:
        return await gathered(steps, draft, more)


async def gathered(
    steps: AsyncIterator[Step], draft: Draft, more: Callable[[], None]
) -> Done:
    """Put the steps into the draft as they come, up to the last one."""
    async for step in steps:
        if isinstance(step, Text):
            draft.add(step.text, now=time.monotonic())
        elif isinstance(step, Reasoning):
            draft.think(step.text, now=time.monotonic())
        elif isinstance(step, Done):
            return step
        elif isinstance(step, Wait):
            draft.heed(step, now=time.monotonic())
        more()
    raise DashboardError
