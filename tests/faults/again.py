"""Asking for another reply, as the buttons under one do: once, and without a key."""

import asyncio

from tests.faults.form import IN, post_form
from tests.faults.link import Event
from tests.faults.tab import Tab

PATIENCE = 5.0
"""Seconds after which a person looks what has become of it, and goes on."""


async def ask_again(tab: Tab, reply: int) -> None:
    """Ask once; what is lost on the way is not sent again."""
    counts, said = tab.ledger.counts, tab.before(reply)
    answer: asyncio.Future[str] = asyncio.Future()

    def hear(event: Event) -> None:
        kind = event["kind"]
        if kind == "message.added" and (event["parent"], event["author"]) == (said, 0):
            tab.ledger.beside[event["message"]] = reply
            settle(IN)
        elif kind == "command.failed" and not event["key"]:
            settle(event["code"])

    def settle(told: str) -> None:
        if not answer.done():
            answer.set_result(told)

    counts["retries"] += 1
    tab.ledger.asked.append(reply)
    tab.listeners.append(hear)
    command = {"kind": "message.retry", "conversation": tab.conversation}
    if not tab.link.send({**command, "message": reply}):
        settle(await post_form(tab, f"messages/{reply}/retry/", {}) or "no answer")
    await asyncio.wait({answer}, timeout=PATIENCE)
    tab.listeners.remove(hear)
    counts[f"retry: {answer.result() if answer.done() else 'no answer'}"] += 1
