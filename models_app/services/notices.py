"""Telling those who asked for a model what became of it."""

from django.db import transaction
from django.db.models import QuerySet

from dashboard.live.bus import publish
from dashboard.live.events import RequestAnswered
from dashboard.people.models import User
from models_app.models import Asker, PullRequest


@transaction.atomic
def tell_askers(requests: QuerySet[PullRequest]) -> None:
    """Have the news of these requests shown to all who asked, until each has seen them."""
    askers = Asker.objects.filter(request__in=requests)
    for asker in askers:
        publish(RequestAnswered(asker.person_id, asker.request_id))
    askers.update(news=True)


@transaction.atomic
def dismiss_notice(request_id: int, *, person: User) -> None:
    """This person has seen what became of their request; their other pages hear it."""
    asked = Asker.objects.filter(request__pk=request_id, person=person, news=True)
    if asked.update(news=False):
        publish(RequestAnswered(person.pk, request_id))
