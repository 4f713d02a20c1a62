"""Reviewers of a round, why they must not score an entry, their slots, and their sheets in versions."""

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
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Opening, Round


class Reviewer(models.Model):
    """A member of the panel of one round. `fields` are texts that conflict rules compare."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="reviewers")
    code = models.CharField(max_length=128)
    name = models.CharField(max_length=200)
    fields = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        ordering: ClassVar[list[str]] = ["round", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "code"], name="reviewer_once"),
            models.UniqueConstraint(fields=["round", "position"], name="reviewer_position_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="reviewer_has_code_and_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Conflict(models.Model):
    """Why a reviewer must not score an entry: the id of the rule that says so, or what was declared."""

    class Source(models.TextChoices):
        RULE = "rule", pgettext_lazy("source of a conflict", "follows from the rules")
        REGISTER = "register", pgettext_lazy("source of a conflict", "declared")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="conflicts")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="conflicts")
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source.choices)

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering: ClassVar[list[str]] = ["entry", "reviewer", "reason"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer", "reason"], name="conflict_once"),
            models.CheckConstraint(condition=Q(source__in=["rule", "register"]), name="conflict_source_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.reviewer}: {self.reason}"


class AffinityTable(AppendOnly):
    """How well each reviewer fits each entry: what the assignment maximises.

    `table` is canonical JSON, entry -> reviewer -> affinity as exact text; a pair without one is no candidate. `source`
    says where the numbers come from.
    """

    round = models.OneToOneField(Round, models.PROTECT, related_name="affinities")
    source = models.TextField()
    table = models.TextField()

    class Meta:
        verbose_name = _("table of affinities")
        verbose_name_plural = _("tables of affinities")

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.source}"

    @property
    def by_entry(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.table))


class Slot(models.Model):
    """The place of one sheet in the assignment. `affinity` is exact text, empty where none was given.

    `name` is what the record calls it; `version` is that of its last sheet, 0 before the first.
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
