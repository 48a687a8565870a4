"""The model servers as rows of the status page, and who is being served by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.being_served import NOBODY, Serving
from dashboard.status.amounts import age
from dashboard.status.cells import Cell, cell
from dashboard.status.words import lack_text
from models_app import advice
from models_app.figures.queries import NUMBERS, ServerFigures
from models_app.inventory import Wish, inventory_for, servers_for
from models_app.models import Backend, LanguageModel

SHOWN = 3
"""People and conversations that a row names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server that the person may use; `people` counts those who are not named too."""

    server: Backend
    loaded: list[LanguageModel]
    cells: dict[str, Cell]
    serving: Serving
    state: str
    health: str
    failed: str
    now: datetime

    @property
    def kind(self) -> str:
        words = (self.server.get_kind_display(), _version(self.server.version))
        return " ".join(each for each in words if each)

    @property
    def named(self) -> tuple[str, ...]:
        return self.serving.people[:SHOWN]

    @property
    def conversations(self) -> tuple[tuple[int, str], ...]:
        return self.serving.conversations[:SHOWN]

    @property
    def others(self) -> int:
        """Replies for nobody who is named here."""
        return max(0, self.serving.count - len(self.named))


def server_rows(
    person: AbstractBaseUser,
    *,
    figures: Mapping[int, ServerFigures],
    serving: Mapping[str, Serving],
    loaded: Sequence[LanguageModel],
) -> list[ServerRow]:
    """Every server that the person may use, by name."""
    now, models = timezone.now(), _by_server(loaded)
    return [
        ServerRow(
            server=server,
            loaded=models.get(server.pk, []),
            cells=_cells(figures.get(server.pk)),
            serving=serving.get(server.name, NOBODY),
            state=_state(server),
            health=_health(server, now),
            failed=_failed(server, now),
            now=now,
        )
        for server in servers_for(person)
    ]


def loaded_for(person: AbstractBaseUser) -> Sequence[LanguageModel]:
    """The models in memory that the person may use."""
    return inventory_for(person, Wish(loaded=True))


def _by_server(loaded: Sequence[LanguageModel]) -> dict[int, list[LanguageModel]]:
    found: dict[int, list[LanguageModel]] = {}
    for each in loaded:
        found.setdefault(each.backend_id, []).append(each)
    return found


def _cells(figures: ServerFigures | None) -> dict[str, Cell]:
    def told(name: str) -> Cell:
        if figures is None:
            return cell(name, None, lack_text(None))
        return cell(name, getattr(figures, name), lack_text(figures.reasons.get(name)))

    return {name: told(name) for name in NUMBERS if name != "first_token_p50"}


def _version(version: str) -> str:
    return version.removeprefix("v")


def _state(server: Backend) -> str:
    if not server.up:
        return "bad"
    if server.checked_at is None:
        return ""
    return "warn" if server.is_tripped or server.draining else "ok"


def _health(server: Backend, now: datetime) -> str:
    if server.checked_at is None:
        return _("not looked at yet")
    if server.up:
        return _up(server)
    left = (server.look_at - now).total_seconds()
    facts = {
        "failure": advice.short(server.failure_code, server.failure_facts),
        "time": age(left),
    }
    if left < 1:
        return str(facts["failure"])
    return _("%(failure)s, retry in %(time)s") % facts


def _up(server: Backend) -> str:
    if server.draining:
        return _("up, takes nothing new")
    return _("up, but its last reply failed") if server.is_tripped else _("up")


def _failed(server: Backend, now: datetime) -> str:
    """When the last reply of one that is up failed, and why; "" after a good one."""
    if not (server.up and server.reply_code and server.replied_at):
        return ""
    facts = {
        "failure": advice.short(server.reply_code, server.reply_facts),
        "time": age(max((now - server.replied_at).total_seconds(), 0.0)),
    }
    if server.is_tripped and not server.draining:
        return _("%(time)s ago: %(failure)s") % facts
    return _("last reply failed %(time)s ago: %(failure)s") % facts
