"""A pull that was opened and taken, and how far it came."""

from models_app.models import Backend, Pull
from models_app.progress import Layer, Standing
from models_app.services.pulls import (
    Claimed,
    claim_pull,
    start_pull,
)

HALF = Standing("pulling", (Layer("a", 100, 50),), speed=10, job="job_1", retries=1)


def claimed(backend: Backend) -> Claimed:
    (pull,) = start_pull("tiny", backends=[backend.pk], by=None)
    taken = claim_pull(pull)
    assert taken is not None
    return taken


def the_pull() -> Pull:
    return Pull.objects.get()
