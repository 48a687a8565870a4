"""The socket of a page: commands in, events out, the person read anew each time."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import translation
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

Handler = Callable[["LiveConsumer", Any, Any], Awaitable[None]]
"""What serves a command: the socket, the person as they are now, the command."""


def active_person(pk: int) -> AbstractBaseUser:
    """The person as the database knows them now; `SignedOut` when disabled or gone."""
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if person is None:
        raise SignedOut
    return person


class LiveConsumer(AsyncWebsocketConsumer):
    """One page's link. `handlers` says who serves which command (`dashboard.routing`).

    A handler must return at once: nothing else reaches the page meanwhile.
    """

    handlers: ClassVar[Mapping[type[Command], Handler]] = {}

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

    async def obey(self, command: Command) -> None:
        person = await in_db(active_person)(self.person_id)
        await self.handlers[type(command)](self, person, command)

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
        return self.scope.get("language") or translation.get_language() or "en"

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
