"""The whole of a web process as one ASGI application.

Static files are answered before Django is asked; `/ws/` goes to the live socket.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
pages = get_asgi_application()

# Only now may modules be imported that want the apps to be ready.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from dashboard.routing import websockets  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": ServeStaticASGI(
            pages,
            root=settings.STATIC_ROOT,
            prefix=settings.STATIC_URL,
            immutable_file_test=r"\.[0-9a-f]{12}\.",
            allow_all_origins=False,
        ),
        "websocket": websockets,
    }
)
