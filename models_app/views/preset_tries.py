"""Asking an unsaved preset something, to hear what it would say."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_POST

from dashboard.errors import DashboardError, ModelfileUnsound, NothingToTry
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.sentences import told
from models_app.adapters.base import Reasoning, Text
from models_app.modelfile.understand import plain, understood
from models_app.preset_fields import applied
from models_app.preset_forms import TryForm
from models_app.preset_pages import PAGE, editor_again, editor_of
from models_app.serving.ask import Begun, Done, Step
from models_app.serving.trying import tried

LINES = "application/x-ndjson"


@require_POST
async def attempt(request: HttpRequest) -> HttpResponseBase:
    """Ask an unsaved preset something: as lines for a page that reads along, else whole."""
    person = await in_db(editor_of)(request)
    if request.headers.get("Accept") == LINES:
        lines = _lines(_attempted(request, person), translation.get_language())
        return StreamingHttpResponse(lines, content_type=LINES)
    answer, failure = await _whole(_attempted(request, person))
    context = await in_db(editor_again)(person, request.POST)
    context |= {"answer": answer, "try_failure": failure}
    return await in_db(render)(request, PAGE, context)


async def _attempted(request: HttpRequest, person: User) -> AsyncGenerator[Step, None]:
    form = TryForm(request.POST)
    if not form.is_valid():
        raise NothingToTry
    wanted = form.cleaned_data
    outcome = applied(wanted["text"], request.POST)
    if outcome.refused:
        raise outcome.refused
    known = understood(plain(outcome.text))
    if known.errors:
        raise ModelfileUnsound
    steps = tried(
        known.recipe, wanted["prompt"], server=wanted["server"], person=person
    )
    async with aclosing(steps):
        async for step in steps:
            yield step


async def _lines(
    steps: AsyncGenerator[Step, None], language: str
) -> AsyncGenerator[str, None]:
    """Each step as a line of JSON; a failure is the last one."""
    try:
        async with aclosing(steps):
            async for step in steps:
                if line := _line(step):
                    yield json.dumps(line) + "\n"
    except DashboardError as failure:
        with translation.override(language):
            yield json.dumps({"kind": "failed", "text": told(failure)}) + "\n"


def _line(step: Step) -> dict[str, object]:
    match step:
        case Begun():
            return {"kind": "begun", "text": step.server}
        case Text():
            return {"kind": "text", "text": step.text}
        case Reasoning():
            return {"kind": "reasoning", "text": step.text}
        case Done():
            return {"kind": "done", "text": step.reason}
    return {}


async def _whole(steps: AsyncGenerator[Step, None]) -> tuple[str, str]:
    """The whole answer, and why there is none or only a part."""
    said: list[str] = []
    try:
        async with aclosing(steps):
            async for step in steps:
                if isinstance(step, Text):
                    said.append(step.text)
    except DashboardError as failure:
        return "".join(said), told(failure)
    return "".join(said), ""
