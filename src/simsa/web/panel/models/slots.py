"""Slots of the assignment, and their sheets in versions."""

from __future__ import annotations

import json
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.record.receipts import marks_of
from simsa.record.statements import new_slot
from simsa.web.entries.models import Entry
from simsa.web.panel.models.batches import ReviewBatch
from simsa.web.panel.models.members import Reviewer
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Opening, Round


class Slot(models.Model):
    """The place of one sheet in the assignment. `affinity` is exact text, empty where none was given.

    `name` is what the record calls it; `version` is that of its last sheet, 0 before the first. Where it takes the
    place of another, which counts no more, it `replaces` that one; where it was held back, it came with a `batch`.
    """

    class Status(models.TextChoices):
        ASSIGNED = "assigned", pgettext_lazy("status of a slot", "assigned")
        SUBMITTED = "submitted", pgettext_lazy("status of a slot", "submitted")
        RECUSED = "recused", pgettext_lazy("status of a slot", "recused")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="slots")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="slots")
    name = models.CharField(max_length=32, unique=True, default=new_slot)
    affinity = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASSIGNED)
    version = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField()
    replaces = models.OneToOneField("self", models.PROTECT, related_name="replaced_by", null=True, blank=True)
    batch = models.ForeignKey(ReviewBatch, models.PROTECT, related_name="slots", null=True, blank=True)

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering: ClassVar[list[str]] = ["entry__round", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer"], name="slot_once"),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "submitted", "recused"]), name="slot_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.reviewer}"

    @property
    def round(self) -> Round:
        return self.entry.round


class Sheet(AppendOnly):
    """One version of what a reviewer submitted for a slot; the latest counts and none is overwritten.

    What it says is in its opening alone, beside the secret under which the log commits to it; None once it was
    forgotten.
    """

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="sheets", db_index=False)
    version = models.PositiveIntegerField()
    opening = models.OneToOneField(Opening, models.SET_NULL, related_name="sheet", null=True)
    submitted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        ordering: ClassVar[list[str]] = ["slot", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["slot", "version"], name="sheet_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="sheet_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} ({self.version})"

    @property
    def by_leaf(self) -> dict[str, str]:
        """Its marks by leaf: a decimal as text, or the word for why there is no mark. Empty once it was forgotten."""
        return {} if self.opening is None else marks_of(json.loads(self.opening.values))
