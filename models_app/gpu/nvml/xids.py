"""The errors that the driver reports of cards (Xid), as they come."""

import contextlib
import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pynvml as nvml

from models_app.gpu.samples import Xid

MOST = 16
"""Of one card; what was heard more than `KEPT` seconds ago goes first."""
KEPT = 3600.0
AT_ONCE = 0


class Xids:
    """Heard without waiting, a look at a time; a card that was lost keeps its own.

    A wall clock may be put back: how old an error is the other one says.
    """

    def __init__(self, wall: Callable[[], float], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        self._set: Any = None
        self._uuids: dict[int | None, str] = {}
        self._heard: dict[str, deque[tuple[float, Xid]]] = {}

    def listen_to(self, cards: Iterable[tuple[Any, str]]) -> None:
        """From now on; what came before is heard first."""
        self.hear()
        self.close()
        with contextlib.suppress(nvml.NVMLError):
            self._set = nvml.nvmlEventSetCreate()
            self._uuids = {address(handle): uuid for handle, uuid in cards}
        for handle, _ in cards if self._set else ():
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlDeviceRegisterEvents(
                    handle, nvml.nvmlEventTypeXidCriticalError, self._set
                )

    def hear(self) -> None:
        """Take what has come; that nothing has is how it ends."""
        with contextlib.suppress(nvml.NVMLError):
            for _ in range(MOST if self._set else 0):
                event = nvml.nvmlEventSetWait(self._set, AT_ONCE)
                uuid = self._uuids.get(address(event.device), "")
                heard = self._heard.setdefault(uuid, deque(maxlen=MOST))
                xid = Xid(code=int(event.eventData), at=self._wall())
                heard.append((self._steady(), xid))

    def of(self, uuid: str) -> tuple[Xid, ...]:
        since = self._steady() - KEPT
        return tuple(xid for at, xid in self._heard.get(uuid, ()) if at >= since)

    def close(self) -> None:
        if self._set:
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlEventSetFree(self._set)
        self._set = None

    def forget(self) -> None:
        """The driver was closed, and the set with it."""
        self._set = None


def address(handle: Any) -> int | None:
    """What tells two handles apart; a lost card cannot be asked for its name."""
    return ctypes.cast(handle, ctypes.c_void_p).value
