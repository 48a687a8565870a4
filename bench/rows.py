"""What a bench writes straight into a house's database; runs in its `manage.py shell`."""

import json
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from bench.fake_server import MODEL
from chat.services.conversations import begin_conversation
from dashboard.people.models import User
from models_app.models import Backend, LanguageModel
from models_app.services.backends import models_changed
from models_app.services.new_backends import save_backend


def add_server(base_url: str) -> None:
    """Make the fake server known, with its one model."""
    backend = Backend.objects.create(
        name="bench", kind="openai", base_url=base_url, max_parallel=1024
    )
    LanguageModel.objects.create(backend=backend, name=MODEL, seen_at=timezone.now())
    models_changed()


def add_servers(urls: list[str]) -> None:
    """Make servers known of which nothing is known yet."""
    for number, url in enumerate(urls):
        save_backend(Backend(name=f"server-{number:02}", base_url=url, kind="openai"))


def forget_servers() -> None:
    Backend.objects.all().delete()
    models_changed()


def starter() -> None:
    """Where the small real engine listens, and what it is to answer as."""
    engine = Backend.objects.get(starter=True)
    model = engine.language_models.get()
    print(json.dumps([engine.base_url, f"model:{model.name}"]))


def count_up() -> None:
    """How many servers answered when last looked at, and how many there are."""
    looked = Backend.objects.exclude(checked_at=None)
    up = looked.filter(failure_code="").count()
    print(json.dumps([up, looked.count(), Backend.objects.count()]))


def add_members(count: int) -> None:
    """Make people, each signed in and with an empty conversation; print them as JSON."""
    first = User.objects.count()
    people = [
        User.objects.create(username=f"person-{first + number}")
        for number in range(count)
    ]
    print(
        json.dumps([(session_of(each), begin_conversation(each).pk) for each in people])
    )


def session_of(person: User) -> str:
    """The cookie of a session in which the person is signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)
