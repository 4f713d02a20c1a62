"""What is behind the leaves of a log: events, statements, and the openings of commitments."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models.log import Leaf, Log
from simsa.web.programmes.models.rounds import HASH, Round


class Event(AppendOnly):
    """Something that was done to a round: who (`actor`), what (`verb`), when, with what (`payload`, canonical JSON).

    Its leaf commits to all of it, so that a change shows. Payloads hold no score.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    payload = models.TextField()
    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="event")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar[list[str]] = ["round", "pk"]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.verb}"

    @property
    def told(self) -> dict[str, Any]:
        """What the leaf commits to."""
        return {
            "actor": self.actor,
            "at": moment_text(self.at),
            "payload": json.loads(self.payload),
            "verb": self.verb,
        }


class Statement(AppendOnly):
    """A document that everybody may read, under its SHA-256 in the leaf at `position`."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="statements", db_index=False)
    position = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=16)
    sha256 = models.CharField(max_length=HASH)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering: ClassVar[list[str]] = ["log", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "position"], name="statement_position_once"),
            models.CheckConstraint(condition=Q(sha256__length=HASH), name="statement_sha256_length"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.kind}"


class Opening(models.Model):
    """The secret behind commitments, and what they are to: all that forgetting destroys, and nothing else does.

    Of a leaf (`sheet`, `event`), or of the row `key` of a statement. `values`: of a sheet all fields as canonical
    JSON, of a slot its reviewer, of components their JSON; "" where `key` (a reviewer, a conflict), the event or the
    slot's last sheet (closing) says it.
    """

    class Kind(models.TextChoices):
        SHEET = "sheet"
        EVENT = "event"
        REVIEWER = "reviewer"
        CONFLICT = "conflict"
        SLOT = "slot"
        CLOSING = "closing"
        COMPONENTS = "components"

    log = models.ForeignKey(Log, models.PROTECT, related_name="openings", db_index=False)
    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="opening", null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.TextField(blank=True)
    secret = models.BinaryField()
    values = models.TextField(blank=True)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["log", "kind", "key"], condition=Q(leaf__isnull=True), name="opening_of_a_row_once"
            ),
            models.CheckConstraint(
                condition=Q(leaf__isnull=False, kind__in=["sheet", "event"])
                | Q(leaf__isnull=True) & ~Q(kind__in=["sheet", "event"]),
                name="opening_of_leaf_or_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.kind}"


class PublicBundle(models.Model):
    """The public bundle of a round's log at `size`, kept so that it is made once."""

    log = models.OneToOneField(Log, models.PROTECT, related_name="public_bundle")
    size = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("public bundle")
        verbose_name_plural = _("public bundles")

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


def moment_text(moment: datetime) -> str:
    """A moment as it is committed to: UTC, ISO 8601, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
