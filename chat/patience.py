"""A bound on the processor time that one text may take."""

import time


class OutOfPatience(Exception):
    """A text has had its share of the processor."""


class Patience:
    """How long one text may keep the processor."""

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds

    def check(self) -> None:
        if time.thread_time() >= self._end:
            raise OutOfPatience
