"""Results of a round, and where each entrant stands in one."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.programmes.models import HASH, Round


class Result(models.Model):
    """What the rules make of a round's sheets, for one state of the inputs (`inputs`, a SHA-256 of all of them).

    `payload` is the public result as canonical JSON, without reviewers and without floats; empty until it is done.
    `error` is the detail of a failure, for staff only.
    """

    class Status(models.TextChoices):
        COMPUTING = "computing", pgettext_lazy("status of a result", "being computed")
        DONE = "done", pgettext_lazy("status of a result", "computed")
        FAILED = "failed", pgettext_lazy("status of a result", "failed")

    round = models.ForeignKey(Round, models.PROTECT, related_name="results")
    rules_hash = models.CharField(max_length=HASH)
    inputs = models.CharField(max_length=HASH)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.COMPUTING)
    error = models.TextField(blank=True)
    payload = models.TextField(blank=True)
    digest = models.CharField(max_length=HASH, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    published = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "inputs"], name="result_once_per_inputs"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(published__isnull=False), name="result_one_published_per_round"
            ),
            models.CheckConstraint(
                condition=Q(status="computing", payload="", error="")
                | (Q(status="done", error="", digest__length=HASH) & ~Q(payload=""))
                | (Q(status="failed", payload="") & ~Q(error="")),
                name="result_status_fits",
            ),
            models.CheckConstraint(
                condition=Q(published__isnull=True) | Q(status="done"), name="result_published_is_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug} {self.pk}: {self.status}"

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The public result, read from `payload`."""
        return dict(json.loads(self.payload))


class Outcome(models.TextChoices):
    SELECTED = "selected", pgettext_lazy("outcome", "selected")
    RESERVE = "reserve", pgettext_lazy("outcome", "reserve")
    NOT_SELECTED = "not_selected", pgettext_lazy("outcome", "not selected")


class Zone(models.TextChoices):
    CERTAIN = "certain", pgettext_lazy("zone", "certain")
    TIE = "tie", pgettext_lazy("zone", "tie zone")
    OUT = "out", pgettext_lazy("zone", "out of reach")


class Standing(models.Model):
    """Where one entry ended.

    Official and exact: `score` as text, `place` its order among all scores of the round (1 is the highest; equal scores
    share it), `rank` in its group, `outcome`, `reason` and `values` per criterion as canonical JSON. For information:
    `means`, the mean mark of the panel by leaf, where enough of it gave one for nobody to be found out. Diagnostic, in
    floating point: `calibrated` with its `standard_error`, `chance` of being among the selected, `expected_rank` in the
    group with the ends of its interval, and the `zone` beside the quota line. NULL (of the zone "") means that there is
    none; for the official numbers `reason` says why.
    """

    result = models.ForeignKey(Result, models.CASCADE, related_name="standings")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="standings")
    order = models.PositiveIntegerField()
    score = models.TextField(null=True, blank=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason = models.TextField()
    values = models.TextField()
    means = models.TextField()
    sheets = models.PositiveIntegerField()
    calibrated = models.FloatField(null=True, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    chance = models.FloatField(null=True, blank=True)
    expected_rank = models.FloatField(null=True, blank=True)
    rank_low = models.FloatField(null=True, blank=True)
    rank_high = models.FloatField(null=True, blank=True)
    zone = models.CharField(max_length=7, blank=True, choices=Zone.choices)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering: ClassVar[list[str]] = ["result", "order"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["result", "entry"], name="standing_once"),
            models.UniqueConstraint(fields=["result", "order"], name="standing_order_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="standing_outcome_known"),
            models.CheckConstraint(
                condition=Q(score__isnull=True, place__isnull=True, rank__isnull=True)
                | Q(score__isnull=False, place__isnull=False, rank__isnull=False),
                name="standing_scored_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="selected") | Q(rank__isnull=False), name="standing_selected_is_ranked"
            ),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__range=(0, 1)), name="standing_chance_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(zone="", expected_rank__isnull=True, rank_low__isnull=True, rank_high__isnull=True)
                | Q(zone__in=Zone.values, chance__isnull=False, expected_rank__gte=1, expected_rank__isnull=False)
                & Q(rank_low__gte=1, rank_low__isnull=False, rank_high__gte=F("rank_low"), rank_high__isnull=False),
                name="standing_zone_has_ranks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.outcome}"
