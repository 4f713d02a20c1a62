"""What officers fix by hand before the panel is assigned, and assignments that are compared."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.panel.models.computing import Computed
from simsa.web.panel.models.members import Reviewer
from simsa.web.programmes.models import Round
from simsa.web.programmes.models.rounds import HASH


class FixedPair(models.Model):
    """A pair that an officer wants to meet, or not to, for a reason that is no conflict of interest."""

    class Kind(models.TextChoices):
        PINNED = "pinned", pgettext_lazy("pair", "must meet")
        FORBIDDEN = "forbidden", pgettext_lazy("pair", "must not meet")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="fixed")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="fixed")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    reason = models.CharField(max_length=200)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pair fixed by hand")
        verbose_name_plural = _("pairs fixed by hand")
        ordering: ClassVar[list[str]] = ["entry", "reviewer"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer"], name="fixed_pair_once"),
            models.CheckConstraint(condition=Q(kind__in=["pinned", "forbidden"]), name="fixed_pair_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="fixed_pair_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.reviewer}: {self.kind}"


class Alternative(Computed):
    """An assignment that can be compared with others, and adopted as long as what it follows from is as it was.

    `inputs`: fingerprint of that; `pairs`: JSON, codes of entry and reviewer with their affinity; `facts`: JSON.
    """

    class Way(models.TextChoices):
        TOTAL = "total", pgettext_lazy("assignment", "greatest total")
        FAIR = "fair", pgettext_lazy("assignment", "worst-off entry first")
        RANDOM = "random", pgettext_lazy("assignment", "drawn at random")

    round = models.ForeignKey(Round, models.CASCADE, related_name="alternatives")
    number = models.PositiveIntegerField()
    way = models.CharField(max_length=6, choices=Way.choices)
    seed = models.CharField(max_length=200, blank=True)
    step = models.CharField(max_length=100, blank=True)
    share = models.FloatField(default=0)
    inputs = models.CharField(max_length=HASH, blank=True)
    pairs = models.TextField(default="[]")
    facts = models.TextField(default="{}")
    asked_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("alternative assignment")
        verbose_name_plural = _("alternative assignments")
        ordering: ClassVar[list[str]] = ["round", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "number"], name="alternative_number_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=["waiting", "running"]), name="alternative_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.number}"

    @property
    def by_pair(self) -> set[tuple[str, str]]:
        """Codes of entry and reviewer of every slot."""
        return {(entry, reviewer) for entry, reviewer, _worth in self.rows}

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Codes of entry and reviewer of every slot, and its affinity as exact text."""
        return [(entry, reviewer, worth) for entry, reviewer, worth in json.loads(self.pairs)]

    @property
    def told(self) -> dict[str, Any]:
        """What it comes to: figures, solver, total, and what goes with its way."""
        return dict(json.loads(self.facts))
