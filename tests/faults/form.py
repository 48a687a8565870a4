"""Forms, where no socket is open."""

from collections.abc import Mapping

import aiohttp

from tests.faults.tab import Tab

IN, BUSY = "in", "conversation_busy"


async def post_form(tab: Tab, place: str, fields: Mapping[str, object]) -> str:
    """What the house says to a form under this conversation; nothing where it is silent."""
    cookies = tab.http.cookie_jar
    token = next(each.value for each in cookies if each.key.endswith("csrf"))
    form = {**fields, "csrfmiddlewaretoken": token}
    try:
        async with tab.http.post(f"{tab.address}{place}", data=form) as response:
            code, there = response.status, str(response.url)
    except (aiohttp.ClientError, OSError):
        tab.ledger.counts["forms without an answer"] += 1
        return ""
    if code == 200:
        return IN if there == tab.address else f"sent to {there}"
    return BUSY if code == 409 else f"status {code}"
