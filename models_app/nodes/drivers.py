"""What the state of a host's driver asks for, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.gpu.metrics import DriverState

DRIVERS = {
    DriverState.DRIVER_DOWN: gettext_noop(
        "The NVIDIA driver is installed but not running. Load it with “modprobe nvidia”, "
        "or restart the host; its cards then come back by themselves."
    ),
    DriverState.REBOOT_NEEDED: gettext_noop(
        "The NVIDIA driver was updated while the old one still runs. Restart the host."
    ),
    DriverState.CONTAINER_LOST_GPU: gettext_noop(
        "The agent's container has lost its cards. Restart the container; this happens "
        "when systemd is reloaded on the host."
    ),
    DriverState.STUCK: gettext_noop(
        "The NVIDIA driver has not answered for a while. If it stays so, look into the "
        "system log of the host, and restart it."
    ),
    DriverState.FAILED: gettext_noop(
        "The NVIDIA driver answers with an error. Look into the log of the agent on that "
        "host."
    ),
}
"""What is wrong, and what to do. That a host has no NVIDIA card is nothing wrong."""

GONE = {
    DriverState.OK: gettext_noop(
        "The driver runs and finds none of them. Restart the host; if they stay away, "
        "check their seats and their power cables, and that a container is given them."
    ),
    DriverState.NO_NVIDIA: gettext_noop(
        "No driver is found there any more. Install it again, or start the agent's "
        "container with its cards."
    ),
}
"""The same of a host that had cards, where the state alone is nothing wrong."""


def driver_text(state: DriverState) -> str:
    """What is wrong with a driver and what to do; "" for nothing."""
    return _(DRIVERS[state]) if state in DRIVERS else ""


def gone_text(state: DriverState) -> str:
    """Why a host that had cards has none, and what to do."""
    return driver_text(state) or _(GONE[state])
