"""The socket of a page: commands in, events out, the person read anew each time."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import translation
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)
from redis.exceptions import RedisError

from dashboard.errors import DashboardError, SignedOut
from dashboard.live.bus import Envelope
from dashboard.live.commands import Command, read_command, read_frame
from dashboard.live.db import in_db
from dashboard.live.events import HOUSE, person_group
from dashboard.sentences import told

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
TRY_LATER = 1013


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


def served(handler: Handler, person_id: int, command: Command) -> Any:
    """Do a command's work for the person as they are now."""
    return handler.work(active_person(person_id), command)


class LiveConsumer(AsyncWebsocketConsumer):
    """One page's link. `handlers` says who serves which command (`dashboard.routing`).

    Each must return at once: nothing else reaches the page meanwhile.
    """

    handlers: ClassVar[Mapping[type[Command], Handler]] = {}

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
        self.joined: set[str] = set()
        try:
            await self.join(person_group(person.pk))
            await self.join(HOUSE)
        except (RedisError, OSError):
            await self.close(code=TRY_LATER)
            return
        await self.tell({"kind": "hello"})

    async def disconnect(self, code: int) -> None:
        for group in tuple(getattr(self, "joined", ())):
            try:
                await self.leave(group)
            except (RedisError, OSError):
                log.info("The channel layer is away; %s is left without it.", group)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = read_frame(text_data or "")
            await self.obey(read_command(frame))
        except SignedOut:
            await self.close(code=SIGNED_OUT)
        except DashboardError as failure:
            await self.refuse(failure, key=frame.get("key"))
        except (RedisError, OSError):
            await self.close(code=TRY_LATER)
        except Exception:
            log.exception("A command was not done.")
            await self.refuse(DashboardError(), key=frame.get("key"))

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
        await self.channel_layer.group_add(group, self.channel_name)
        self.joined.add(group)

    async def leave(self, group: str) -> None:
        self.joined.discard(group)
        await self.channel_layer.group_discard(group, self.channel_name)

    async def tell(self, frame: Mapping[str, object]) -> None:
        await self.send(text_data=json.dumps(frame))

    async def live_event(self, message: Envelope) -> None:
        await self.send(text_data=message["frame"])

    async def live_refetch(self, message: Envelope) -> None:
        await self.tell({"kind": "refetch"})

    async def live_ended(self, message: Envelope) -> None:
        await self.close(code=SIGNED_OUT)
