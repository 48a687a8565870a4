"""The people and conversations of the picture in the README; runs in `manage.py shell`."""

import json
from datetime import timedelta

from django.utils import timezone

from bench.rows import session_of
from chat.markdown import render
from chat.models import Conversation, Message
from chat.services.conversations import begin_conversation
from chat.services.people import add_participant
from dashboard.people.models import User
from models_app.models import Preset
from models_app.services.backends import models_changed
from models_app.services.starter import MODEL

QUESTION = "How long should the ingest job wait before it tries a busy server again?"
ANSWER = """\
Double the wait each time, up to a limit, and add some randomness, so that many jobs \
do not come back at the same moment:

$$w_n = \\min(c,\\; b \\cdot 2^n) \\cdot u, \\qquad u \\sim U(0.5,\\, 1)$$

```python
def wait(tries: int, *, base: float = 0.25, limit: float = 30) -> float:
    \"\"\"Seconds before the next try.\"\"\"
    return min(limit, base * 2**tries) * random.uniform(0.5, 1)
```
"""
OTHERS = (
    ("Release notes for 2.4", 0, ("ada", "olive")),
    ("Why is the second GPU idle at night?", 0, ("ada",)),
    ("SQL: orders without an invoice", 1, ("ada",)),
    ("Onboarding page for new colleagues", 1, ("ada", "olive")),
    ("Translate the safety sheet", 3, ("ada",)),
    ("Regex for German license plates", 4, ("ada",)),
    ("Summary of Tuesday’s meeting", 5, ("ada", "olive")),
    ("Names for the new cluster", 12, ("ada", "olive")),
)


def set_scene() -> None:
    """Make everything; print where to look, and by whose session."""
    people = {name: _person(name) for name in ("ada", "olive")}
    for title, days, names in OTHERS:
        _conversation(title, days=days, people=[people[name] for name in names])
    preset = _preset()
    shown = _conversation("Retrying the ingest job", people=list(people.values()))
    shown.target = f"preset:{preset.pk}"
    shown.save()
    asked = _say(shown, QUESTION, minutes=9, author=people["olive"])
    _say(shown, ANSWER, minutes=9, parent=asked, speaker=preset.name)
    print(json.dumps([session_of(people["ada"]), shown.pk]))


def _person(name: str) -> User:
    return User.objects.create(username=name, first_name=name.title())


def _preset() -> Preset:
    """Few words and no chance, so that the small engine's reply fits the picture."""
    preset = Preset.objects.create(
        name="Brief",
        model=MODEL,
        system="Answer in one short sentence.",
        parameters={"temperature": 0, "num_predict": 60},
    )
    models_changed()
    return preset


def _conversation(title: str, *, people: list[User], days: int = 0) -> Conversation:
    owner, *others = people
    conversation = begin_conversation(owner)
    for other in others:
        add_participant(conversation.pk, by=owner, username=other.username)
    touched = timezone.now() - timedelta(days=days, minutes=20)
    Conversation.objects.filter(pk=conversation.pk).update(
        title=title, touched_at=touched
    )
    conversation.refresh_from_db()
    return conversation


def _say(
    conversation: Conversation,
    text: str,
    *,
    minutes: int,
    parent: Message | None = None,
    author: User | None = None,
    speaker: str = "",
) -> Message:
    """A message of so many minutes ago; with nothing measured, as nothing was."""
    return Message.objects.create(
        conversation=conversation,
        parent=parent,
        author=author,
        speaker=speaker,
        status=Message.Status.SAID if author else Message.Status.DONE,
        text=text,
        html=render(text),
        created_at=timezone.now() - timedelta(minutes=minutes),
    )
