"""Drafts of rules with all their versions, and the rules that were in force before an amendment."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models.rounds import HASH, Programme, Round


class Draft(models.Model):
    """Rules that are being written: for a new round, or (`amends`) to take the place of a round's.

    `text` is that of version number `version`. Proposed are exactly the rules with the hash `proposed_hash`; where they
    amend, with a `reason`, and in the place of exactly those with the hash `proposed_over`. `seed_source` is where the
    seed of a new round's lots will come from, `opened` the round that came of the draft.
    """

    class State(models.TextChoices):
        WRITING = "writing", pgettext_lazy("state of a draft", "being written")
        PROPOSED = "proposed", pgettext_lazy("state of a draft", "proposed")
        FROZEN = "frozen", pgettext_lazy("state of a draft", "frozen")
        DISCARDED = "discarded", pgettext_lazy("state of a draft", "discarded")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="drafts")
    title = models.CharField(max_length=200)
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)
    based_on = models.ForeignKey(Round, models.PROTECT, related_name="+", null=True, blank=True)
    amends = models.ForeignKey(Round, models.PROTECT, related_name="drafts", null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WRITING)
    proposed_hash = models.CharField(max_length=HASH, blank=True)
    proposed_over = models.CharField(max_length=HASH, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    seed_source = models.CharField(max_length=200, blank=True)
    opened = models.OneToOneField(Round, models.PROTECT, related_name="draft", null=True, blank=True)

    class Meta:
        verbose_name = _("draft of rules")
        verbose_name_plural = _("drafts of rules")
        ordering: ClassVar[list[str]] = ["-changed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["writing", "proposed", "frozen", "discarded"]), name="draft_state_known"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True, proposed_at__isnull=True, proposed_hash="")
                | Q(proposed_by__isnull=False, proposed_at__isnull=False, proposed_hash__length=HASH),
                name="draft_proposed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["proposed", "frozen"]) | Q(proposed_by__isnull=False), name="draft_proposed_by"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def round(self) -> Round | None:
        """The round whose officers it is for; None: those of the programme."""
        return self.amends

    @property
    def compared_with(self) -> Round | None:
        """The round whose rules it began as."""
        return self.amends or self.based_on

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed."""
        return self.state in {self.State.WRITING, self.State.PROPOSED}


class DraftVersion(AppendOnly):
    """One version of a draft's text. `restores` names the earlier one that it brings back."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    restores = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("version of a draft")
        verbose_name_plural = _("versions of drafts")
        ordering: ClassVar[list[str]] = ["draft", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.draft} {self.number}"


class DraftStep(AppendOnly):
    """What somebody did with a draft besides writing: with which version of it, and when."""

    class Verb(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("step of a draft", "proposed")
        WITHDRAWN = "withdrawn", pgettext_lazy("step of a draft", "proposal withdrawn")
        APPROVED = "approved", pgettext_lazy("step of a draft", "approved")
        DISCARDED = "discarded", pgettext_lazy("step of a draft", "put away")
        TAKEN_UP = "taken_up", pgettext_lazy("step of a draft", "taken up again")

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="steps")
    verb = models.CharField(max_length=9, choices=Verb.choices)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("step of a draft")
        verbose_name_plural = _("steps of drafts")
        ordering: ClassVar[list[str]] = ["draft", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(verb__in=["proposed", "withdrawn", "approved", "discarded", "taken_up"]),
                name="draft_step_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft} {self.version}: {self.verb}"


class Amendment(AppendOnly):
    """A change of a round's frozen rules: the text that was in force before and the one that came, and why."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="amendments")
    before = models.TextField()
    after = models.TextField()
    before_hash = models.CharField(max_length=HASH)
    after_hash = models.CharField(max_length=HASH)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering: ClassVar[list[str]] = ["round", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(before_hash__length=HASH, after_hash__length=HASH), name="amendment_hash_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.reason}"
