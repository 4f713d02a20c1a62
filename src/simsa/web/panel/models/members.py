"""Reviewers of a round, why they must not score an entry, and how well they fit."""

from __future__ import annotations

import json
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Round


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
    """Why a reviewer must not score an entry: the id of the rule that says so, what was declared, or the kind of the
    procedure by which it was decided.

    `declaration` or `procedure`: what it follows from, and goes with, if it was said on the site.
    """

    class Source(models.TextChoices):
        RULE = "rule", pgettext_lazy("source of a conflict", "follows from the rules")
        REGISTER = "register", pgettext_lazy("source of a conflict", "declared")
        PROCEDURE = "procedure", pgettext_lazy("source of a conflict", "decided")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="conflicts")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="conflicts")
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source.choices)
    declaration = models.ForeignKey(
        "panel.Declaration", models.PROTECT, related_name="conflicts", null=True, blank=True
    )
    procedure = models.ForeignKey("panel.Procedure", models.PROTECT, related_name="conflicts", null=True, blank=True)

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering: ClassVar[list[str]] = ["entry", "reviewer", "reason"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer", "reason"], name="conflict_once"),
            models.CheckConstraint(
                condition=Q(source__in=["rule", "register", "procedure"]), name="conflict_source_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.reviewer}: {self.reason}"


class AffinityTable(AppendOnly):
    """How well each reviewer fits each entry: what the assignment maximises. The last version counts.

    `table` is canonical JSON, entry -> reviewer -> affinity as exact text; a pair without one is no candidate. `source`
    says where the numbers come from.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="affinities")
    version = models.PositiveIntegerField(default=1)
    source = models.TextField()
    table = models.TextField()

    class Meta:
        verbose_name = _("table of affinities")
        verbose_name_plural = _("tables of affinities")
        ordering: ClassVar[list[str]] = ["round", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "version"], name="affinities_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.source}"

    @property
    def by_entry(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.table))
