"""`manage.py create_key USER NAME`: an API key, for scripts; it prints the secret alone."""

from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboard.errors import KeyNameTaken
from dashboard.people.models import User
from models_app.key_queries import first_unknown, names_for
from models_app.models.api_key import LONGEST_KEY_NAME
from models_app.services.api_keys import make_key
from models_app.snapshot import name_key

MOST_DAYS = 36_500
MOST_A_MINUTE = 1_000_000
MOST_NAMES = 8
"""How many models a sentence names."""


class Command(BaseCommand):
    """Makes a key of a person who is there, for models that are."""

    help = (
        "Make an API key of a person. Its secret is printed, this once, and nothing else on "
        "standard output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the name by which the person signs in")
        parser.add_argument("name", help="what the key is for, for example nightly")
        parser.add_argument("--days", type=int, metavar="N", help="it expires then")
        parser.add_argument(
            "--models",
            default="",
            metavar="A,B",
            help="all of the person's if not given",
        )
        parser.add_argument("--requests-a-minute", type=int, metavar="N")

    def handle(self, *args: Any, user: str, name: str, **options: Any) -> None:
        days, a_minute = options["days"], options["requests_a_minute"]
        _check_number("--days", days, most=MOST_DAYS)
        _check_number("--requests-a-minute", a_minute, most=MOST_A_MINUTE)
        names = [each.strip() for each in options["models"].split(",") if each.strip()]
        person = _person(user)
        _check_models(person, names)
        try:
            made = make_key(
                person,
                _fit(name),
                allowed_models=names,
                requests_a_minute=a_minute,
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except KeyNameTaken as taken:
            raise CommandError(
                f"{user} has a key with the name “{name}” already. Choose another name, or "
                "have that one revoked first."
            ) from taken
        self.stdout.write(made.secret)


def _person(name: str) -> User:
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"Nobody signs in as {name}. An invite makes an account.")
    if not person.is_active:
        raise CommandError(f"{name} is disabled, and keys of theirs let nobody in.")
    return person


def _check_models(person: User, names: list[str]) -> None:
    """A name that is mistyped would make a key that is of no use."""
    if name := first_unknown(person, names):
        rather = _rather(name, names_for(person))
        raise CommandError(f"“{name}” is nothing that {person} may use. {rather}")


def _rather(name: str, names: list[str]) -> str:
    """What may be meant, else what there is."""
    there = {name_key(each): each for each in names}
    if not there:
        return "There is nothing yet: add a server, or leave --models out."
    close = get_close_matches(name_key(name), list(there), n=MOST_NAMES, cutoff=0.5)
    named = [there[each] for each in close] or sorted(there.values())
    more = len(named) - MOST_NAMES
    rest = f", and {more} more" if more > 0 else ""
    words = "Is this meant" if close else "There is"
    mark = "?" if close else "."
    return f"{words}: {', '.join(named[:MOST_NAMES])}{rest}{mark}"


def _fit(name: str) -> str:
    if not name.strip() or len(name) > LONGEST_KEY_NAME:
        raise CommandError(f"A name has 1 to {LONGEST_KEY_NAME} characters.")
    return name.strip()


def _check_number(option: str, number: int | None, *, most: int) -> None:
    if number is not None and not 1 <= number <= most:
        raise CommandError(f"{option} must be a number from 1 to {most}.")
