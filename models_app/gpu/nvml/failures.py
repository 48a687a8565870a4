"""What NVML's errors mean to whoever looks, from gpu.md: one call, one card, or all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pynvml as nvml

from models_app.gpu.metrics import Reason

FALLS_BACK = {
    nvml.NVML_ERROR_FUNCTION_NOT_FOUND: Reason.OLD_DRIVER,
    nvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH: Reason.OLD_DRIVER,
    nvml.NVML_ERROR_DEPRECATED: Reason.NOT_SUPPORTED,
    nvml.NVML_ERROR_NOT_SUPPORTED: Reason.NOT_SUPPORTED,
    nvml.NVML_ERROR_VGPU_ECC_NOT_SUPPORTED: Reason.NOT_SUPPORTED,
    nvml.NVML_ERROR_NO_PERMISSION: Reason.NO_PERMISSION,
}
"""Another way may know better; when none does, it is remembered and not asked again."""

OFF_THE_BUS = (nvml.NVML_ERROR_GPU_IS_LOST, nvml.NVML_ERROR_RESET_REQUIRED)
GONE = (nvml.NVML_ERROR_INVALID_ARGUMENT, nvml.NVML_ERROR_GPU_NOT_FOUND)
"""The card that this handle stood for is not there any more, or has another place."""


class CannotAnswer(Exception):
    """This way does not lead to the number, now or later."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Passing(Exception):
    """It did not work this time."""


class CardLost(Exception):
    """The card does not answer any more; others may."""


class DriverClosed(Exception):
    """NVML is not open in this process, whatever we thought."""


@contextmanager
def nvml_errors() -> Iterator[None]:
    """NVML's errors as ours; each comes in with what is to be done about it."""
    try:
        yield
    except nvml.NVMLLibraryMismatchError as failure:
        # Not an NVMLError: how the bindings say that a list's newest form is missing.
        raise CannotAnswer(Reason.OLD_DRIVER) from failure
    except nvml.NVMLError as failure:
        raise _ours(failure.value) from failure


def _ours(code: int) -> Exception:
    if code in FALLS_BACK:
        return CannotAnswer(FALLS_BACK[code])
    if code in OFF_THE_BUS or code in GONE:
        return CardLost(code)
    if code == nvml.NVML_ERROR_UNINITIALIZED:
        return DriverClosed()
    return Passing(code)
