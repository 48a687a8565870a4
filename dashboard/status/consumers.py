"""What a page's socket may ask of the status: to hear it, and to hear it no more."""

import asyncio
from collections.abc import Mapping

from dashboard.live.bus import link
from dashboard.live.commands import Command, LeaveStatus, WatchStatus
from dashboard.live.consumer import Handler, LiveConsumer
from dashboard.live.events import STATUS
from dashboard.people.models import User
from models_app.gpu.keys import WATCH_SECONDS, WATCHED


def may_watch(person: User, command: Command) -> None:
    """Everybody who is signed in may; what names somebody is fetched, not heard."""


async def watch(socket: LiveConsumer, _: None) -> None:
    """Have hosts sample often for a while; whoever is new is told to fetch what is now."""
    await asyncio.to_thread(link().set, WATCHED, "1", ex=WATCH_SECONDS)
    if STATUS not in socket.joined:
        await socket.join(STATUS)
        await socket.tell({"kind": "status.watching"})


async def leave(socket: LiveConsumer, _: None) -> None:
    await socket.let_go(STATUS)


HANDLERS: Mapping[type[Command], Handler] = {
    WatchStatus: Handler(may_watch, then=watch),
    LeaveStatus: Handler(may_watch, then=leave),
}
