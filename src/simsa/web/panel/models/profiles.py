"""What reviewers say of themselves and of which entries they would like to score, and affinities being computed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.panel.models.computing import Computed
from simsa.web.panel.models.members import AffinityTable, Reviewer
from simsa.web.programmes.models import Round


class Profile(models.Model):
    """What a reviewer knows, and how much they can do. Texts are compared with the entries' texts; rules compare
    `Reviewer.fields` alone.

    `publications`: titles, one in each line; `most`: entries at most; `version` guards against a silent overwrite.
    """

    reviewer = models.OneToOneField(Reviewer, models.CASCADE, related_name="profile")
    keywords = models.TextField(blank=True)
    publications = models.TextField(blank=True)
    languages = models.CharField(max_length=200, blank=True)
    most = models.PositiveIntegerField(null=True, blank=True)
    available_from = models.DateField(null=True, blank=True)
    available_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("profile of a reviewer")
        verbose_name_plural = _("profiles of reviewers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(available_from=None)
                | Q(available_until=None)
                | Q(available_until__gte=F("available_from")),
                name="profile_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return str(self.reviewer)

    @property
    def words(self) -> str:
        """What is compared with the entries."""
        return f"{self.keywords}\n{self.publications}".strip()


class BidCall(models.Model):
    """That reviewers are asked which entries they would like to score; no row: they are not."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="bid_call")
    since = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("call for bids")
        verbose_name_plural = _("calls for bids")

    def __str__(self) -> str:
        return self.round.slug


class Bid(models.Model):
    """Whether a reviewer would like to score an entry; no row: they did not say."""

    class Wish(models.TextChoices):
        EAGER = "eager", pgettext_lazy("bid", "eager")
        WILLING = "willing", pgettext_lazy("bid", "willing")
        UNWILLING = "unwilling", pgettext_lazy("bid", "rather not")

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="bids")
    reviewer = models.ForeignKey(Reviewer, models.CASCADE, related_name="bids")
    wish = models.CharField(max_length=9, choices=Wish.choices)

    class Meta:
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer"], name="bid_once"),
            models.CheckConstraint(condition=Q(wish__in=["eager", "willing", "unwilling"]), name="bid_wish_known"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.reviewer}: {self.wish}"


class AffinityRun(Computed):
    """Affinities being computed from texts and bids in the background: how far it has come, and what came of it."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="affinity_runs")
    bid_weight = models.CharField(max_length=16)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    table = models.OneToOneField(AffinityTable, models.PROTECT, null=True, blank=True, related_name="run")
    begun_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("computing of affinities")
        verbose_name_plural = _("computings of affinities")
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=["waiting", "running"]), name="affinity_run_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.state}"
