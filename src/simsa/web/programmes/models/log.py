"""The log of a round as tables (`simsa.web.programmes.log` keeps it): leaves, hashes of full tiles, checkpoints."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from simsa.web.programmes.models.rounds import Round

_HASH_BYTES = 32


class Log(models.Model):
    """A round's log, and where it ends. `origin` names it; `first_key` and `key` are the verifier keys with which it
    began and which signs now; `edge` holds the hashes of the full subtrees on its right edge, the greatest first.
    """

    round = models.OneToOneField(Round, models.PROTECT, related_name="log")
    origin = models.CharField(max_length=300, unique=True)
    first_key = models.TextField()
    key = models.TextField()
    size = models.PositiveBigIntegerField(default=0)
    edge = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("log")
        verbose_name_plural = _("logs")

    def __str__(self) -> str:
        return self.origin


class Leaf(models.Model):
    """A leaf as it stands in the log at `position`; it has none while it waits for the sequencer."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="leaves", db_index=False)
    data = models.BinaryField()
    hash = models.BinaryField(max_length=_HASH_BYTES)
    position = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "hash"], name="leaf_once"),
            models.UniqueConstraint(
                fields=["log", "position"], condition=Q(position__isnull=False), name="leaf_position_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["log", "id"], condition=Q(position__isnull=True), name="leaf_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.position}"


class TileHash(models.Model):
    """The hash over a full tile of the level below: what tiles of `level` (1 and above) hold."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="tile_hashes", db_index=False)
    level = models.PositiveSmallIntegerField()
    position = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=_HASH_BYTES)

    class Meta:
        verbose_name = _("tile hash")
        verbose_name_plural = _("tile hashes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "level", "position"], name="tile_hash_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.level}/{self.position}"


class TimeStamp(models.Model):
    """What a time-stamping authority (RFC 3161) answered for the checkpoint of one size."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="time_stamps", db_index=False)
    size = models.PositiveBigIntegerField()
    response = models.BinaryField()

    class Meta:
        verbose_name = _("time stamp")
        verbose_name_plural = _("time stamps")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "size"], name="time_stamp_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class Checkpoint(models.Model):
    """The signed note of the log at one size; signatures may be added."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="checkpoints", db_index=False)
    size = models.PositiveBigIntegerField()
    note = models.BinaryField()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering: ClassVar[list[str]] = ["log", "size"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "size"], name="checkpoint_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class Witnessed(models.Model):
    """How far a witness (by its verifier key) has followed the log: the size that it has cosigned last."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="witnessed", db_index=False)
    witness = models.TextField()
    size = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("follower of a log")
        verbose_name_plural = _("followers of logs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "witness"], name="witnessed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.witness.partition('+')[0]} {self.size}"
