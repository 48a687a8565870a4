"""HTTP clients kept open between asks, so that a reply does not wait for a connection."""

import asyncio
from weakref import WeakKeyDictionary

import httpx

from models_app.adapters.client import open_client
from models_app.sealing import unseal
from models_app.serving.route import Route

Kept = dict[tuple[str, str], httpx.AsyncClient]

_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, Kept] = WeakKeyDictionary()


def client_for(chosen: Route) -> httpx.AsyncClient:
    """This loop's client of that server, made at its first use; or `KeyUnreadable`."""
    clients = _kept.setdefault(asyncio.get_running_loop(), {})
    place = (chosen.base_url, chosen.sealed_key)
    if place not in clients:
        key = unseal(chosen.sealed_key, server=chosen.server)
        clients[place] = open_client(chosen.base_url, key=key)
    return clients[place]


async def close_clients() -> None:
    """Close this loop's clients; the next ask opens new ones."""
    clients = _kept.pop(asyncio.get_running_loop(), {})
    for client in clients.values():
        await client.aclose()
