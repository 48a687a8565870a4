"""The Celery application: short jobs, long jobs, and their clock."""

import os

from celery import Celery
from click import Option

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("paddock")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# By name: only a worker imports them.
app.steps["worker"].update(
    (
        "dashboard.beat:BeatStep",
        "dashboard.sampling:SamplerStep",
        "dashboard.intake:IntakeStep",
    )
)
app.user_options["worker"].add(
    Option(
        ["--with-beat"], is_flag=True, help="Run the clock as a thread of this worker."
    )
)
app.user_options["worker"].add(
    Option(
        ["--with-sampler"],
        is_flag=True,
        help="Say of this host how it and its GPUs are, from a thread of this worker.",
    )
)
app.user_options["worker"].add(
    Option(
        ["--with-intake"],
        is_flag=True,
        help="Take in what GPU hosts send; of several workers one does it at a time.",
    )
)
