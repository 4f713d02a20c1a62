"""Batches of the reviews that the rules hold back: what was computed, and what of it was given out."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from simsa.web.panel.models.computing import Computed
from simsa.web.programmes.models import Round
from simsa.web.programmes.models.rounds import HASH


class ReviewBatch(Computed):
    """The next reviews of an adaptive round as they were computed at one moment; given out as long as what they follow
    from (`inputs`, a fingerprint) is as it was.

    `number` counts what was computed; `told["batch"]` is the number of the batch by the rules. `facts`: JSON, as
    `simsa.tables.adaptive.proposal_json` has it, with the sentences in each language (`text`).
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="review_batches")
    number = models.PositiveIntegerField()
    seed = models.CharField(max_length=200)
    step = models.CharField(max_length=100, blank=True)
    inputs = models.CharField(max_length=HASH, blank=True)
    facts = models.TextField(default="{}")
    asked_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=64)
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("batch of reviews")
        verbose_name_plural = _("batches of reviews")
        ordering: ClassVar[list[str]] = ["round", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "number"], name="review_batch_number_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=["waiting", "running"]), name="review_batch_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(given_at=None) | Q(state="done"), name="review_batch_given_is_done"),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.number}"

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.facts))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Codes of entry and reviewer of every new review."""
        return [(one["entry"], one["reviewer"]) for one in self.told.get("reviews", ())]
