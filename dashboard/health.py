"""`/healthz`: each part and its state, for people and for what restarts processes."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database and Redis answer, else 503; never asks a model server."""
    parts = {"database": _database(), "redis": _redis()}
    well = all(state == "ok" for state in parts.values())
    return JsonResponse({"ok": well, "parts": parts}, status=200 if well else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _redis() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        ) as link:
            link.ping()
    except redis.RedisError:
        return "away"
    return "ok"
