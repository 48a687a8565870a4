"""Reading what LM Studio tells of a download, which goes on in the app by itself."""

import re
from typing import Any

from dashboard.errors import gettext_noop
from models_app.adapters.amounts import whole
from models_app.adapters.base import PullStep
from models_app.adapters.lines import Garbled, storable
from models_app.adapters.pull_failures import PullFailed

WHOLE = ("completed", "already_downloaded")
NO_REASON = gettext_noop("it gives no reason; look at the download in LM Studio itself")
OF_A_FILE = re.compile(r"(https?://.+)@([\w.-]+)", re.ASCII)


def wanted(name: str) -> dict[str, str]:
    """What to ask for: only an address can be told with a quantization (`…@Q4_K_M`)."""
    if address := OF_A_FILE.fullmatch(name):
        return {"model": address[1], "quantization": address[2]}
    return {"model": name}


def step_in(told: dict[str, Any], *, name: str, job: str) -> PullStep:
    """Where a download stands; `PullFailed` for one that has failed.

    One that is paused is told as it is: somebody can go on with it in the app.
    """
    said = told.get("status")
    if not isinstance(said, str):
        raise Garbled("it does not say how the download stands")
    if said == "failed":
        raise PullFailed(NO_REASON)
    total = whole(told.get("total_size_bytes"))
    return PullStep(
        storable(said),
        layer="" if total is None else name,
        total=total,
        completed=whole(told.get("downloaded_bytes")),
        job=storable(str(told.get("job_id") or job)),
    )
