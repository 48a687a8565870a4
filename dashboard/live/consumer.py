"""The socket of a page: commands in, events out, the person read anew each time."""

import asyncio
import functools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)
from redis.exceptions import RedisError

from dashboard.errors import DashboardError, DatabaseAway, SignedOut
from dashboard.live.background import in_background
from dashboard.live.backlog import UTMOST, Backlog
from dashboard.live.bus import Envelope
from dashboard.live.commands import (
    Acknowledge,
    Command,
    Ping,
    read_command,
    read_frame,
)
from dashboard.live.db import in_db
from dashboard.live.events import HOUSE, conversation_group, person_group
from dashboard.sentences import told

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
QUEUED = 200
"""Commands of one page that may wait for their turn; no page of ours sends so many."""
TRY_LATER = 4013
"""What 1013 says; Daphne closes with none of the protocol's own codes but 1000."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What serves a command: `work` in the database's thread, `then` on the socket.

    `work` gets the person as they are now, and the command; `then` what it returned.
    """

    work: Callable[[Any, Any], Any]
    then: Callable[["LiveConsumer", Any], Awaitable[None]] | None = None


def active_person(pk: int) -> AbstractBaseUser:
    """The person as the database knows them now; `SignedOut` when disabled or gone."""
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if person is None:
        raise SignedOut
    return person


def check_session(key: str, person_id: int) -> None:
    """`SignedOut` unless the session is there, and of the password as it is now."""
    request = HttpRequest()
    request.session = SessionStore(key)
    if get_user(request).pk != person_id:
        raise SignedOut


def served(handler: Handler, person_id: int, command: Command) -> Any:
    """Do a command's work for the person as they are now."""
    return handler.work(active_person(person_id), command)


async def never(failure: DashboardError) -> None:
    """The work of a frame that nobody can read."""
    raise failure


class LiveConsumer(AsyncWebsocketConsumer):
    """One page's link. `handlers` says who serves which command (`dashboard.routing`).

    Commands are served one after the other, beside the events: a database that takes its
    time holds up neither a reply's text nor the answer to a ping.
    """

    handlers: ClassVar[Mapping[type[Command], Handler]] = {}
    patience: ClassVar[float] = 60.0
    """Seconds that a page may stay behind before its socket is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined: set[str] = set()
        self.goodbyes: dict[str, Callable[[], Awaitable[None]]] = {}
        self.backlog = Backlog()
        # First come, first served.
        self.turn = asyncio.Lock()
        self.cut: asyncio.TimerHandle | None = None
        self.gone = False
        self.waiting = 0

    async def dispatch(self, message: Any) -> None:
        """As Channels does, but for one thing.

        Before each message to each socket it would hop to the database's thread, to close
        a connection that `in_db` keeps: a delta would wait there behind every write.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        person = self.scope["user"]
        await self.accept()
        if not person.is_authenticated:
            await self.close(code=SIGNED_OUT)
            return
        self.person_id: int = person.pk
        try:
            await self.join(person_group(person.pk))
            await self.join(HOUSE)
        except (RedisError, OSError):
            await self.close(code=TRY_LATER)
            return
        await self.tell({"kind": "hello"})

    async def disconnect(self, code: int) -> None:
        # What it asked for is done all the same: a turn that has begun gets its writer.
        self.gone = True
        self.keep()
        for goodbye in self.goodbyes.values():
            await goodbye()
        for group in tuple(self.joined):
            await self.let_go(group)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Answer what concerns the link at once, and serve the rest in its turn."""
        frame: dict[str, Any] = {}
        work: Callable[[], Awaitable[None]]
        try:
            frame = read_frame(text_data or "")
            command = read_command(frame)
            if isinstance(command, Ping):
                await self.tell({"kind": "pong"})
                return
            if isinstance(command, Acknowledge):
                await self.acknowledged(command.frames)
                return
            work = functools.partial(self.obey, command)
        except DashboardError as failure:
            work = functools.partial(never, failure)
        if self.waiting > QUEUED:
            log.warning("A page asks faster than it can be served; it is closed.")
            await self.close(code=TRY_LATER)
            return
        self.waiting += 1
        in_background(self.serve(work, key=frame.get("key")))

    async def acknowledged(self, frames: int) -> None:
        if self.backlog.acknowledge(frames):
            self.keep()
            await self.tell({"kind": "refetch"})

    async def serve(self, work: Callable[[], Awaitable[None]], *, key: object) -> None:
        """Do the work of a frame when its turn has come, and say so when that fails."""
        async with self.turn:
            try:
                await work()
            except SignedOut:
                await self.close(code=SIGNED_OUT)
            except DashboardError as failure:
                await self.refuse(failure, key=key)
            except (RedisError, OSError):
                await self.close(code=TRY_LATER)
            except Exception:
                log.exception("A command was not done.")
                await self.refuse(DashboardError(), key=key)
            finally:
                self.waiting -= 1

    async def obey(self, command: Command) -> None:
        handler = self.handlers[type(command)]
        result = await in_db(served)(handler, self.person_id, command)
        if handler.then:
            await handler.then(self, result)

    async def refuse(self, failure: DashboardError, *, key: object) -> None:
        """Say in the page's language why a command was not done."""
        with translation.override(self.language()):
            sentence = told(failure)
        await self.tell(
            {
                "kind": "command.failed",
                "key": key if isinstance(key, str) else "",
                "sentence": sentence,
                "code": failure.code,
            }
        )

    def language(self) -> str:
        """What the page is written in: the choice in its cookie, else its browser's."""
        chosen = self.scope.get("cookies", {}).get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen in dict(settings.LANGUAGES):
            return str(chosen)
        wanted = dict(self.scope.get("headers", ())).get(b"accept-language", b"")
        for code, _ in parse_accept_lang_header(wanted.decode("latin-1")):
            with suppress(LookupError):
                return get_supported_language_variant(code)
        return settings.LANGUAGE_CODE

    async def join(self, group: str) -> None:
        """Hear a group, unless the page is gone meanwhile."""
        if not self.gone:
            self.joined.add(group)
            await self.channel_layer.group_add(group, self.channel_name)

    async def leave(self, group: str) -> None:
        self.joined.discard(group)
        await self.channel_layer.group_discard(group, self.channel_name)

    async def tell(self, frame: Mapping[str, object]) -> None:
        """Answer this page; it gets that however far it is behind."""
        await self.put(json.dumps(frame))

    async def put(self, frame: str) -> None:
        self.backlog.add(frame)
        await self.send(text_data=frame)
        if self.backlog.size > UTMOST:
            await self.close(code=TRY_LATER)

    async def live_event(self, message: Envelope) -> None:
        # It was on its way here when the group was left.
        if message["group"] not in self.joined:
            return
        if self.backlog.has_room(message["frame"]):
            await self.put(message["frame"])
        elif self.cut is None:
            self.cut = asyncio.get_running_loop().call_later(
                self.patience, self.cut_off
            )

    def cut_off(self) -> None:
        log.info("A page stayed behind for %s seconds; it is cut off.", self.patience)
        in_background(self.close(code=TRY_LATER))

    def keep(self) -> None:
        """The page has caught up, or is gone: cut nothing off."""
        if self.cut:
            self.cut.cancel()
            self.cut = None

    async def live_refetch(self, message: Envelope) -> None:
        """Events were lost, and with them perhaps the end of a right: the page joins anew.

        A page that is behind is told so once it has caught up.
        """
        for group in self.joined - {person_group(self.person_id), HOUSE}:
            await self.let_go(group)
        if "session" in self.scope:
            in_background(self.serve(self.look_at_session, key=None))
        if not self.backlog.behind:
            await self.tell({"kind": "refetch"})

    async def look_at_session(self) -> None:
        """Its end may be what was lost; the page's wish to join comes after this."""
        key = self.scope["session"].session_key
        try:
            await in_db(check_session)(key, self.person_id)
        except DatabaseAway:
            await self.close(code=TRY_LATER)

    async def live_ended(self, message: Envelope) -> None:
        await self.close(code=SIGNED_OUT)

    async def live_left(self, message: Envelope) -> None:
        """The person is no longer in that conversation: nothing more of it gets here."""
        group = conversation_group(json.loads(message["frame"])["conversation"])
        await self.let_go(group)
        await self.put(message["frame"])
        # Again after a join that was allowed before, and is under way.
        in_background(self.let_go_in_turn(group))

    async def let_go_in_turn(self, group: str) -> None:
        async with self.turn:
            await self.let_go(group)

    async def let_go(self, group: str) -> None:
        """Leave a group; without Redis only its last subscription stays, unheard."""
        try:
            await self.leave(group)
        except (RedisError, OSError):
            log.info("The channel layer is away; %s is left without it.", group)
