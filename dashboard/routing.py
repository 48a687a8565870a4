"""The one websocket, and who serves which of its commands."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.urls import path

from chat.consumers import HANDLERS as OF_CHAT
from dashboard.live.consumer import LiveConsumer
from dashboard.live.door import at_the_door
from dashboard.status.consumers import HANDLERS as OF_STATUS


class Page(LiveConsumer):
    handlers = {**OF_CHAT, **OF_STATUS}


# Whole origins, port included: a page of another service on this host is a stranger.
websockets = OriginValidator(
    at_the_door(AuthMiddlewareStack(URLRouter([path("ws/", Page.as_asgi())]))),
    settings.PAGE_ORIGINS,
)
