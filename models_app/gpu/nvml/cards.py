"""All NVIDIA cards of this host, and their driver: found, read, lost and found again."""

import time
from collections.abc import Callable
from dataclasses import replace

import pynvml as nvml
from msgspec import structs

from models_app.gpu.metrics import DriverState
from models_app.gpu.nvml.calls import A_TICK
from models_app.gpu.nvml.card import CardReader, Describe
from models_app.gpu.nvml.driver import Driver, as_text, text_of
from models_app.gpu.nvml.failures import (
    CannotAnswer,
    CardLost,
    DriverClosed,
    Passing,
    nvml_errors,
)
from models_app.gpu.nvml.holders import Holder
from models_app.gpu.nvml.xids import Xids
from models_app.gpu.reading import Reading
from models_app.gpu.samples import NAMELESS, Card, Process
from models_app.gpu.words import clean_identifier

AFTER_TROUBLE, IN_PEACE = 10.0, 60.0
"""Seconds between two looks at which cards there are."""
MOST_CARDS = 64


def plainly(holder: Holder, part: str, now: float) -> Process:
    """A process as the driver alone knows it."""
    return Process(holder.pid, holder.memory, graphics=holder.graphics, part=part)


class NvidiaCards:
    """One thread looks; what it finds is in `reading`, card by card as it goes."""

    def __init__(
        self,
        *,
        describe: Describe = plainly,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        driver: Driver | None = None,
    ) -> None:
        self.reading = Reading()
        self._describe = describe
        self._driver = driver or Driver()
        self._readers: dict[str, CardReader] = {}
        self._cards: dict[str, Card] = {}
        self._xids = Xids(wall, steady)
        self._opening = 0
        self._count_due = 0.0
        self._reopening_due = 0.0
        self._trouble = False

    def look(self, now: float) -> None:
        """Read all cards; a driver that was closed under us is opened again once."""
        try:
            self._look(now)
        except DriverClosed:
            self._driver.forget()
            try:
                self._look(now)
            except DriverClosed:
                self._driver.state = DriverState.FAILED
                self._all_are_lost()

    def close(self) -> None:
        self._xids.close()
        self._driver.close()

    def _look(self, now: float) -> None:
        self.reading = replace(self.reading, fresh=frozenset())
        if not self._driver.ready(now):
            self._all_are_lost()
            return
        if self._opening != self._driver.openings:
            self._begin_anew()
        self._see_which_there_are(now)
        self._xids.hear()
        # One that was slow the last time holds up nobody but itself.
        for reader in sorted(self._readers.values(), key=lambda each: each.took):
            begun = time.monotonic()
            self._tell(self._read(reader, now))
            reader.took = time.monotonic() - begun
        self._tell()
        self._notice_that_nothing_answers(now)

    def _begin_anew(self) -> None:
        """What was remembered of the last opening does not hold for this one."""
        self._opening = self._driver.openings
        self._readers, self._count_due = {}, 0.0
        self._xids.forget()

    def _read(self, reader: CardReader, now: float) -> Card:
        try:
            return reader.read(now, xids=self._xids.of(reader.uuid))
        except (CardLost, CannotAnswer, Passing):
            self._readers.pop(reader.uuid)
            self._trouble = True
            self._count_due = min(self._count_due, now + AFTER_TROUBLE)
            return self._lost(reader.uuid, reader.index, reader.name)

    def _lost(self, uuid: str, index: int, name: str = "") -> Card:
        """The card as it last was."""
        last = self._cards.get(uuid) or Card(uuid, index, name)
        return structs.replace(last, lost=True, xids=self._xids.of(uuid))

    def _tell(self, card: Card | None = None) -> None:
        """Let others have what is known so far."""
        fresh = self.reading.fresh
        if card:
            self._cards[card.uuid] = card
            fresh |= {card.uuid}
        cards = sorted(self._cards.values(), key=lambda each: each.index)
        self.reading = Reading(
            driver=self._driver.state,
            driver_version=self._driver.version,
            cuda_version=self._driver.cuda_version,
            cards=tuple(cards[:MOST_CARDS]),
            fresh=fresh,
        )

    def _all_are_lost(self) -> None:
        self._readers = {}
        for card in list(self._cards.values()):
            self._cards[card.uuid] = structs.replace(card, lost=True)
        self._tell()

    def _notice_that_nothing_answers(self, now: float) -> None:
        """A driver that was loaded anew answers nothing to those who had it open."""
        readers = self._readers.values()
        mute = bool(readers) and all(reader.answers.mute for reader in readers)
        if mute and now >= self._reopening_due:
            self._reopening_due = now + AFTER_TROUBLE
            self._driver.close()

    def _see_which_there_are(self, now: float) -> None:
        if now < self._count_due - A_TICK:
            return
        try:
            with nvml_errors():
                count = nvml.nvmlDeviceGetCount()
        except (CannotAnswer, CardLost, Passing):
            self._count_due = now + AFTER_TROUBLE
            return
        if self._trouble or count != len(self._readers):
            self._find(count)
        self._count_due = now + (AFTER_TROUBLE if self._trouble else IN_PEACE)

    def _find(self, count: int) -> None:
        found = [each for n in range(count) if (each := self._found(n))]
        known = {reader.uuid for reader in found}
        self._trouble = len(found) < count
        for card in [each for each in self._cards.values() if each.uuid not in known]:
            self._cards[card.uuid] = self._lost(card.uuid, card.index)
        for index in set(range(count)) - {reader.index for reader in found}:
            self._stand_in(index)
        new = known - self._readers.keys()
        self._readers = {reader.uuid: reader for reader in found}
        if new:
            self._xids.listen_to([(each.handle, each.uuid) for each in found])

    def _found(self, index: int) -> CardReader | None:
        """The card of that number, None when it does not answer."""
        try:
            with nvml_errors():
                handle = nvml.nvmlDeviceGetHandleByIndex(index)
                uuid = clean_identifier(as_text(nvml.nvmlDeviceGetUUID(handle)))
        except (CannotAnswer, CardLost, Passing):
            return None
        self._cards.pop(stand_in(index), None)
        known = self._readers.get(uuid)
        if known and known.index == index:
            return known
        name = text_of(nvml.nvmlDeviceGetName, handle)
        return CardReader(
            handle, uuid=uuid, index=index, name=name, describe=self._describe
        )

    def _stand_in(self, index: int) -> None:
        """A card that has not answered since we began still counts."""
        if not any(card.index == index for card in self._cards.values()):
            self._cards[stand_in(index)] = self._lost(stand_in(index), index)


def stand_in(index: int) -> str:
    """The name of a card that has not told its own."""
    return f"{NAMELESS}{index}"
