"""What a bench writes straight into a house's database; runs in its `manage.py shell`."""

import json
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import timezone

from bench.fake_server import MODEL
from chat.markdown import render
from chat.models import Conversation, Message, Participant
from chat.services.conversations import begin_conversation
from dashboard.people.models import User
from models_app.models import Backend, LanguageModel, Node
from models_app.services.api_keys import make_key
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


def add_pairs(favourite: str, spare: str, count: int) -> None:
    """Of so many models two servers each, one of which is asked first."""
    for number in range(count):
        for weight, url in ((9, favourite), (1, spare)):
            backend = Backend(
                name=f"server-{number:02}-{weight}",
                base_url=f"{url}/d{number}-1",
                kind="openai",
                weight=weight,
            )
            save_backend(backend)


def count_passed_over() -> None:
    """How many replies had another server fail before the one that they came from."""
    ways = Message.objects.values_list("way", flat=True)
    print(json.dumps(sum("passed_over" in each for each in ways)))


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


SAID = "What does `{number}` mean in the third paragraph, and why not another one?"
ANSWERED = """\
It is the **{number}th** of its kind. In short:

1. it comes after {number} others,
2. and before the next.

```python
def place(count: int = {number}) -> str:
    return f"after {{count}} others"
```
"""


def add_messages(conversation: int, count: int) -> None:
    """Make a branch of so many messages in turn, with text, lists and code; print it."""
    author = Conversation.objects.get(pk=conversation).participants.get().person
    with transaction.atomic():
        numbers: list[int] = []
        for number in range(count):
            asked = number % 2 == 0
            text = (SAID if asked else ANSWERED).format(number=number)
            row = Message.objects.create(
                conversation_id=conversation,
                parent_id=numbers[-1] if numbers else None,
                author=author if asked else None,
                speaker="" if asked else MODEL,
                status=Message.Status.SAID if asked else Message.Status.DONE,
                text=text,
                html=render(text),
            )
            numbers.append(row.pk)
    print(json.dumps(numbers))


def add_conversations(username: str, count: int) -> None:
    """Give somebody conversations, each touched a minute before the other."""
    print(
        json.dumps(len(_conversations_of(User.objects.get(username=username), count)))
    )


def fill_list(conversation: int, count: int) -> None:
    """Give whoever owns it conversations, the first fifty with 500 unread messages each."""
    person = User.objects.get(participations__conversation=conversation)
    made = _conversations_of(person, count)
    Message.objects.bulk_create(
        Message(conversation=each, status=Message.Status.SAID, text="x" * 300)
        for each in made[:50]
        for _ in range(500)
    )


def _conversations_of(person: User, count: int) -> list[Conversation]:
    now = timezone.now()
    made = Conversation.objects.bulk_create(
        Conversation(
            title=f"Conversation number {number} 量化",
            touched_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    )
    owner = Participant.Role.OWNER
    Participant.objects.bulk_create(
        Participant(conversation=each, person=person, role=owner) for each in made
    )
    return made


def add_key() -> None:
    """Somebody's key for the gateway."""
    person = User.objects.create(username="program")
    print(json.dumps(make_key(person, "bench").secret))


def add_nodes(count: int) -> None:
    """Hosts that may send; the bench speaks for them."""
    Node.objects.bulk_create(Node(name=f"bench-{each:02}") for each in range(count))


def redis_address() -> None:
    """Where the house keeps what lasts for a moment."""
    print(json.dumps(settings.REDIS_URL))
