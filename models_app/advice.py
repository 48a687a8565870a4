"""How a server is, what came back from it and what one can do about it, in plain words."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.adapters import ADAPTERS, REGISTRY
from models_app.adapters.detect import Probe, Report
from models_app.adapters.failures import Trouble
from models_app.models import Backend

SHORT = {
    "backend_unreachable": gettext_noop("cannot be reached"),
    "backend_locked": gettext_noop("wants a key"),
    "backend_busy": gettext_noop("too busy or still loading"),
    "backend_broken": gettext_noop("its answers make no sense"),
    "backend_silent": gettext_noop("hung"),
    "no_model_server": gettext_noop("a web page, no model server"),
    "key_unreadable": gettext_noop("its stored key cannot be read"),
    "model_gone": gettext_noop("lacks the model"),
}
"""A failure in a few words, where a sentence would not fit."""

ENDED = gettext_noop(
    "It ends the connection without an answer: check the port (%(ports)s), or write "
    "https:// if it wants an encrypted connection."
)
ADVICE = {
    Trouble.REFUSED: gettext_noop(
        "Nothing listens at that port, or only for its own machine. Check that the server "
        "runs, that the port is right (%(ports)s), and that it listens on its network "
        "address: Ollama wants OLLAMA_HOST=0.0.0.0, others --host 0.0.0.0. vLLM opens its "
        "port only when its model is loaded, which takes minutes."
    ),
    Trouble.NO_NAME: gettext_noop(
        "This machine does not know that host name. Check its spelling, or write the IP "
        "address."
    ),
    Trouble.NO_ROUTE: gettext_noop(
        "There is no way from this machine to that address. Check the address, and that "
        "both are in one network or VPN."
    ),
    Trouble.NOT_TRUSTED: gettext_noop(
        "Its certificate is not one that this machine trusts. Add the certificate to the "
        "system, or write http:// if the server speaks plain HTTP in your network."
    ),
    Trouble.NO_TLS: gettext_noop(
        "No encrypted connection came about. Most model servers speak plain HTTP: write "
        "http:// in place of https://."
    ),
    Trouble.NO_HTTP: gettext_noop(
        "Something else than a web server answers at that port: check the port "
        "(%(ports)s), or write https:// if it wants an encrypted connection."
    ),
    Trouble.SLOW: gettext_noop(
        "It takes connections but does not answer: it hangs, is overloaded, or a firewall "
        "swallows what is sent. Look at its own log, and start it anew."
    ),
    Trouble.CUT: ENDED,
    Trouble.HUNG_UP: ENDED,
}
LOCKED = gettext_noop(
    "It wants a key: enter the one that it was started with (or that its app shows)."
)
FOREIGN_HOST = gettext_noop(
    "It answers 403 without a word. Ollama does so when a proxy passes on a foreign Host: "
    "have the proxy send Host: localhost:11434, or start Ollama with OLLAMA_HOST=0.0.0.0."
)
PAGE = gettext_noop(
    "A web page answers there, no model server. Check the port (%(ports)s); for a gateway, "
    "write the address of its API."
)
STRANGER = gettext_noop(
    "Something answers, but not as any model server known here. Check the address; if it "
    "is one all the same, choose its kind by hand."
)
WRONG_KEY = gettext_noop(
    "It refuses the key that it was given. Enter the one that it was started with (or that "
    "its app shows)."
)
FOUND = gettext_noop("It is %(kind)s.")
FOUND_LOCKED = gettext_noop("It is %(kind)s, and it wants a key: enter it.")
FOUND_WRONG_KEY = gettext_noop(
    "It is %(kind)s, and it refuses the key that it was given. Enter another one."
)
FOUND_LOADING = gettext_noop(
    "It is %(kind)s, still loading. It will be ready by itself."
)


def short(code: str, facts: Mapping[str, str | int]) -> str:
    """A stored failure in a few words."""
    if facts.get("detail") == Trouble.SLOW:
        return _("does not answer")
    return _(SHORT.get(code, gettext_noop("refuses")))


def outcome(probe: Probe) -> str:
    """What came back for one question."""
    if probe.trouble:
        return _(probe.trouble)
    facts = {"status": probe.status, "words": probe.words}
    if probe.kind:
        label = ADAPTERS[probe.kind].label
        return _("status %(status)s: this is %(kind)s") % {**facts, "kind": label}
    if probe.page:
        return _("status %(status)s: a web page") % facts
    if probe.words:
        return _("status %(status)s: %(words)s") % facts
    return _("status %(status)s: nothing that is known") % facts


def advice(report: Report) -> str:
    """What it is, or else what to do now."""
    facts = {
        "ports": ", ".join(
            f"{each.label} {each.port}" for each in REGISTRY if each.port
        ),
        "kind": ADAPTERS[report.kind].label if report.kind else "",
    }
    return _(_advice(report)) % facts


def _advice(report: Report) -> str:
    last = report.probes[-1]
    if report.kind:
        if report.locked:
            return FOUND_WRONG_KEY if report.keyed else FOUND_LOCKED
        return FOUND_LOADING if last.status == 503 else FOUND
    if not report.answered:
        if last.trouble == Trouble.SLOW and report.base_url.startswith("https:"):
            # A plain server waits for the rest of what it takes for a request.
            return ADVICE[Trouble.NO_TLS]
        return ADVICE[last.trouble or Trouble.SLOW]
    if report.locked:
        return WRONG_KEY if report.keyed else LOCKED
    if any(each.trouble == Trouble.SLOW for each in report.probes):
        return ADVICE[Trouble.SLOW]
    if all(each.status == 403 for each in report.probes if each.status):
        return FOREIGN_HOST
    return PAGE if any(each.page for each in report.probes) else STRANGER


def busy(backend: Backend) -> str:
    """How many it writes and how many wait, where it says so."""
    if backend.running is None:
        return "–"
    facts = {"running": backend.running, "waiting": backend.waiting or 0}
    return _("%(running)s writing, %(waiting)s waiting") % facts


def ago(at: datetime | None) -> str:
    """How long ago that was."""
    if at is None:
        return "–"
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(at)}


def last_reply(
    backend: Backend, told: Callable[[str, Mapping[str, str | int]], str]
) -> str:
    """When the last real reply ended, and how, if that was not well."""
    when = ago(backend.replied_at)
    if not backend.reply_code:
        return when
    return f"{when}: {told(backend.reply_code, backend.reply_facts)}"


def blame(code: str, facts: Mapping[str, str | int]) -> str:
    """A failure for those who look after servers: in short, and in the server's words."""
    detail = str(facts.get("detail") or "")
    return f"{short(code, facts)}: {_(detail)}" if detail else short(code, facts)


def facts_of(backend: Backend) -> list[tuple[str, str]]:
    """The four facts of a server's health, what is wrong, and its version."""
    facts = [
        (_("Reached"), ago(backend.reached_at)),
        (_("Listed its models"), ago(backend.seen_at)),
        (_("Busy"), busy(backend)),
        (_("Last real reply"), last_reply(backend, blame)),
    ]
    if backend.failure_code:
        failure = blame(backend.failure_code, backend.failure_facts)
        facts.append((_("What is wrong"), failure))
    if backend.version:
        facts.append((_("Version"), backend.version))
    return facts
