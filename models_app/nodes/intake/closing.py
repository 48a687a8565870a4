"""Buckets of ten seconds: written once they are over, and again when late data come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import redis

from models_app.models import TenSeconds
from models_app.nodes.buckets import bucket_values, counter_is_sound
from models_app.nodes.intake.cards import Cards, Place
from models_app.nodes.ring import SLOTS, Reading, read_rings, seconds_read

STEP = TenSeconds.STEP
LATEST = 2 * STEP + 5
"""Seconds after its beginning at which a bucket closes: the sample after it is in then."""
AROUND = 60
"""Seconds on both sides in which a reading is looked for that energy is counted from."""
CHECKED = 600
"""Seconds over which a counter is compared with power, once a minute."""
AGAIN = 60.0
COLUMNS = sorted(
    field.name
    for field in TenSeconds._meta.concrete_fields
    if field.name not in ("id", "gpu", "bucket")
)


class Closing:
    """The buckets that have new readings; a bucket closes one step late."""

    def __init__(self, link: redis.Redis, cards: Cards) -> None:
        self.link, self.cards = link, cards
        self._open: set[tuple[Place, int]] = set()
        self._sound: dict[str, tuple[float, bool]] = {}

    def touch(self, place: Place, *, at: float, late: bool = False) -> None:
        """A reading of that time is in the ring."""
        bucket = int(at) // STEP * STEP
        self._open.add((place, bucket))
        if late:
            # What lies between two readings may belong to the buckets beside it.
            self._open |= {(place, bucket - STEP), (place, bucket + STEP)}

    def recall(self, nodes: set[int], *, now: float) -> None:
        """Find what a process that died has left unwritten of the last hour."""
        since = int(now) - SLOTS + STEP
        written = set(
            TenSeconds.objects.filter(bucket__gte=since).values_list("gpu", "bucket")
        )
        for place, pk in self.cards.rows.items():
            if place[0] in nodes and self.cards.owns(place):
                seconds = seconds_read(self.link, place[1], since=since, until=now)
                buckets = {second // STEP * STEP for second in seconds}
                left = {b for b in buckets if (pk, b) not in written}
                self._open |= {(place, bucket) for bucket in left}

    def close(self, *, now: float) -> None:
        """Write the buckets that are over; those that cannot be written stay due."""
        due = {each for each in self._open if each[1] + LATEST <= now}
        due_by_bucket: dict[int, list[Place]] = defaultdict(list)
        for place, bucket in due:
            if place in self.cards.rows:
                due_by_bucket[bucket].append(place)
        for bucket, places in sorted(due_by_bucket.items()):
            self._write(bucket, places, now=now)
            self._open -= {(place, bucket) for place in places}
        self._open = {each for each in self._open if each[1] > now - SLOTS}

    def _write(self, bucket: int, places: Sequence[Place], *, now: float) -> None:
        uuids = [uuid for _node, uuid in places]
        rings = self._readings(bucket, uuids, now=now)
        sound = self._sound_counters(uuids, now=now)
        rows = [
            TenSeconds(gpu_id=self.cards.rows[node, uuid], bucket=bucket, **values)
            for node, uuid in places
            if (
                values := bucket_values(
                    rings[uuid], start=bucket, step=STEP, counter=sound[uuid]
                )
            )
        ]
        TenSeconds.objects.bulk_create(
            self._fuller(bucket, rows),
            batch_size=200,
            update_conflicts=True,
            unique_fields=["gpu", "bucket"],
            update_fields=COLUMNS,
        )

    def _readings(
        self, bucket: int, uuids: Sequence[str], *, now: float
    ) -> dict[str, list[Reading]]:
        """The bucket and its surroundings; after a gap, also one of the counter alone, all
        that is known before."""
        until = min(bucket + STEP + AROUND, now)
        rings = read_rings(self.link, uuids, since=bucket - AROUND, until=until)
        alone = [uuid for uuid, found in rings.items() if _is_cut_off(found, bucket)]
        more = read_rings(self.link, alone, since=until - SLOTS + 1, until=until)
        return {**rings, **more}

    def _fuller(self, bucket: int, rows: list[TenSeconds]) -> list[TenSeconds]:
        """Without those of which more was known before Redis lost it."""
        gpus = [row.gpu_id for row in rows]
        known = TenSeconds.objects.filter(bucket=bucket, gpu__in=gpus)
        counts = dict(known.values_list("gpu", "n"))
        return [row for row in rows if row.n >= counts.get(row.gpu_id, 0)]

    def _sound_counters(self, uuids: Iterable[str], *, now: float) -> dict[str, bool]:
        old = [
            uuid
            for uuid in uuids
            if abs(now - self._sound.get(uuid, (0.0, True))[0]) >= AGAIN
        ]
        rings = read_rings(self.link, old, since=now - CHECKED, until=now)
        for uuid, readings in rings.items():
            self._sound[uuid] = (now, counter_is_sound(readings))
        return {uuid: self._sound[uuid][1] for uuid in uuids}


def _is_cut_off(readings: Sequence[Reading], bucket: int) -> bool:
    """Whether the first that was heard, or that had a counter, is in the bucket."""
    counted = (each for each in readings if each.energy is not None)
    firsts = (next(iter(readings), None), next(counted, None))
    return any(each and bucket <= each.at < bucket + STEP for each in firsts)
