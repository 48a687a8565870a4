"""What was kept before idle time was told apart is unknown, not nothing."""

from importlib import import_module

import pytest
from django.apps import apps

from models_app.models import CardEnergy, EnergyPeriod
from tests.make import make_gpu

migration = import_module("models_app.migrations.0018_idle_and_tokens")


@pytest.mark.django_db
def test_what_is_kept_from_before_does_not_say_what_was_used_while_idle() -> None:
    day = EnergyPeriod.objects.create(since=0, until=86_400)
    CardEnergy.objects.create(
        period=day, gpu=make_gpu(), joules=90, measured=80, idle=0, active=90
    )

    migration.forget_idle(apps, None)

    kept = CardEnergy.objects.get()
    assert (kept.joules, kept.measured, kept.idle, kept.active) == (90, 80, 0, 0)
