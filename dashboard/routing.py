"""The one websocket, and who serves which of its commands."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from chat.consumers import HANDLERS
from dashboard.live.consumer import LiveConsumer


class Page(LiveConsumer):
    handlers = HANDLERS


websockets = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter([path("ws/", Page.as_asgi())]))
)
