"""A right that one process of many has at a time, for as long as it keeps asking for it."""

import secrets
import time
from collections.abc import Callable

import redis

RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then
    return redis.call('pexpire', KEYS[1], ARGV[2])
end
return 0
"""
GIVE_BACK = """
if redis.call('get', KEYS[1]) == ARGV[1] then
    return redis.call('del', KEYS[1])
end
return 0
"""


class Lease:
    """Whoever has it asks again well within `seconds`; who dies has lost it after them."""

    def __init__(
        self,
        link: redis.Redis,
        key: str,
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link, self.key, self.seconds, self.clock = link, key, seconds, clock
        self.token = secrets.token_hex(16)
        self._asked = -seconds
        self._ours = False

    def hold(self) -> bool:
        """Whether it is ours, asking Redis when a third of its time has gone."""
        now = self.clock()
        if self._ours and now - self._asked < self.seconds / 3:
            return True
        self._ours = False
        for_ms = round(self.seconds * 1000)
        renewed = self.link.eval(RENEW, 1, self.key, self.token, for_ms)
        self._ours = bool(renewed) or bool(
            self.link.set(self.key, self.token, nx=True, px=for_ms)
        )
        self._asked = now
        return self._ours

    def give_back(self) -> None:
        """Let the next one have it at once."""
        if self._ours:
            self._ours = False
            self.link.eval(GIVE_BACK, 1, self.key, self.token)
