"""The whole of a web process as one ASGI application.

Static files are answered before Django is asked, programs beside it; `/ws/` goes to the
live socket.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
pages = get_asgi_application()

# Only now may modules be imported that want the apps to be ready.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402
from starlette.types import Receive, Scope, Send  # noqa: E402

from dashboard.routing import websockets  # noqa: E402
from models_app.gateway.app import PREFIXES  # noqa: E402
from models_app.gateway.app import application as gateway  # noqa: E402

pages_and_files = ServeStaticASGI(
    pages,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    immutable_file_test=r"\.[0-9a-f]{12}\.",
    allow_all_origins=False,
)


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Programs to the gateway, people to their pages."""
    called = scope["path"].startswith(PREFIXES)
    await (gateway if called else pages_and_files)(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": websockets})
