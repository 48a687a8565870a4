"""The starter engine: a small real model that `make up` brings along.

Nothing is published: this runs before any page is open, and pages fetch as they connect.
"""

from django.db import transaction
from django.utils import timezone

from models_app.models import Backend, LanguageModel
from models_app.services.backends import count_change

MODEL = "smollm2-135m-instruct"
CONTEXT = 8192
NAME = "starter"


@transaction.atomic
def register_starter(base_url: str) -> None:
    """Make sure that the engine at this address is a backend, with its one model.

    What an administrator changed about it (name, groups, enabled) stays.
    """
    backend, _ = Backend.objects.update_or_create(
        starter=True,
        defaults={"base_url": base_url},
        create_defaults={
            "name": _free_name(),
            "kind": "llamacpp",
            "base_url": base_url,
        },
    )
    count_change()
    LanguageModel.objects.update_or_create(
        backend=backend,
        name=MODEL,
        defaults={"listed": True, "seen_at": timezone.now()},
        create_defaults={
            "seen_at": timezone.now(),
            "context": CONTEXT,
            "family": "llama",
            "parameters": "135M",
        },
    )


def forget_starter() -> None:
    """Take the engine away when it no longer runs; replies it wrote stay."""
    Backend.objects.filter(starter=True).delete()


def _free_name() -> str:
    taken = set(Backend.objects.values_list("name", flat=True))
    names = (NAME, *(f"{NAME}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
