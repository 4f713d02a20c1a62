"""A round's log in the site's database: the `Store` that `simsa.record.log` sequences.

Whoever sequences locks the row of the log, in a way (FOR NO KEY UPDATE) that whoever saves a leaf does not wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from simsa.record.checkpoints import Checkpoint
from simsa.record.log import Head, LogError
from simsa.record.merkle import HASH_BYTES
from simsa.web.programmes import models


class DatabaseStore:
    """The log that `log` is the row of."""

    def __init__(self, log: models.Log) -> None:
        self.log = log

    @classmethod
    @contextmanager
    def held(cls, log: models.Log) -> Iterator[DatabaseStore]:
        """A transaction in which nobody else sequences this log or changes its key; `log` is read anew."""
        with transaction.atomic():
            yield cls(models.Log.objects.select_for_update(no_key=True).get(pk=log.pk))

    @property
    def origin(self) -> str:
        return self.log.origin

    @contextmanager
    def exclusively(self) -> Iterator[Head]:
        with self.held(self.log) as store:
            self.log = store.log
            yield self.head

    @property
    def head(self) -> Head:
        edge = bytes(self.log.edge)
        return Head(self.log.size, tuple(edge[n : n + HASH_BYTES] for n in range(0, len(edge), HASH_BYTES)))

    def waiting(self, most: int) -> Sequence[tuple[int, bytes]]:
        rows = self._leaves().filter(position__isnull=True).order_by("pk").values_list("pk", "hash")
        return [(key, bytes(hash_)) for key, hash_ in rows[:most]]

    def add(self, leaf: bytes, hash_: bytes) -> int:
        try:
            return int(models.Leaf.objects.create(log=self.log, data=leaf, hash=hash_).pk)
        except IntegrityError:
            raise LogError(f"{self.origin}: this leaf is in the log already; a leaf is never used twice") from None

    def place(self, indices: Iterable[tuple[int, int]], nodes: Iterable[tuple[int, int, bytes]], head: Head) -> None:
        table = connection.ops.quote_name(models.Leaf._meta.db_table)
        with connection.cursor() as cursor:
            rows = [(index, key) for key, index in indices]
            cursor.executemany(f"UPDATE {table} SET position = %s WHERE id = %s", rows)  # noqa: S608 (our own table)
        models.TileHash.objects.bulk_create(
            models.TileHash(log=self.log, level=level, position=index, hash=hash_) for level, index, hash_ in nodes
        )
        self.log.size, self.log.edge = head.size, b"".join(head.edge)
        self.log.save(update_fields=["size", "edge"])

    def keep(self, checkpoint: Checkpoint) -> None:
        before = self.checkpoint(checkpoint.size)
        merged = checkpoint if before is None else before.merged(checkpoint)
        models.Checkpoint.objects.update_or_create(log=self.log, size=merged.size, defaults={"note": bytes(merged)})

    def hashes(self, start: int, end: int) -> bytes:
        return b"".join(map(bytes, self._placed(start, end).values_list("hash", flat=True)))

    def tile_hashes(self, level: int, start: int, end: int) -> bytes:
        rows = models.TileHash.objects.filter(log=self.log, level=level, position__gte=start, position__lt=end)
        return b"".join(map(bytes, rows.order_by("position").values_list("hash", flat=True)))

    def entries(self, start: int, end: int) -> list[bytes]:
        return [bytes(data) for data in self._placed(start, end).values_list("data", flat=True)]

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        kept = self._checkpoints() if size is None else self._checkpoints().filter(size=size)
        last = kept.last()
        return None if last is None else Checkpoint.parse(bytes(last.note))

    def checkpoints(self) -> list[Checkpoint]:
        """All of them, by size."""
        return [Checkpoint.parse(bytes(one.note)) for one in self._checkpoints()]

    def _leaves(self) -> QuerySet[models.Leaf]:
        return models.Leaf.objects.filter(log=self.log)

    def _placed(self, start: int, end: int) -> QuerySet[models.Leaf]:
        return self._leaves().filter(position__gte=start, position__lt=end).order_by("position")

    def _checkpoints(self) -> QuerySet[models.Checkpoint]:
        return models.Checkpoint.objects.filter(log=self.log).order_by("size")
