"""What entrants write before the deadline, what they submitted, and what others object to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models.entries import Entry
from simsa.web.entries.models.evidence import Evidence
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Event, Round
from simsa.web.programmes.models.rounds import HASH


class DraftField(models.Model):
    """One field of an entry as it is being written (`simsa.web.entries.content` says which there are).

    Each has a `version` of its own: whoever saves says which one they have seen, so that nobody overwrites unseen what
    a colleague wrote, and two colleagues can write at the same time.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="draft")
    name = models.CharField(max_length=200)
    value = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("field of a draft")
        verbose_name_plural = _("fields of drafts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "name"], name="draft_field_once")
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.name}"


class Submission(AppendOnly):
    """One version of what an entrant submitted, or (`content` empty) that they withdrew it; the latest counts.

    `content` is canonical JSON, `sha256` its hash, which `event` in the record commits to. `late`: in the time of
    grace.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="submissions")
    version = models.PositiveIntegerField()
    content = models.TextField(blank=True)
    sha256 = models.CharField(max_length=HASH, blank=True)
    late = models.BooleanField(default=False)
    event = models.OneToOneField(Event, models.PROTECT, related_name="submission")
    submitted_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar[list[str]] = ["entry", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "version"], name="submission_version_once"),
            models.CheckConstraint(
                condition=Q(content="", sha256="") | ~Q(content="") & Q(sha256__length=HASH),
                name="submission_has_content_and_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} ({self.version})"

    @property
    def withdrawn(self) -> bool:
        return not self.content


class Objection(models.Model):
    """What one entrant (`by`) objects to in another's `entry`: a file of it, or what it says of a criterion.

    The reply is the entrant's, the ruling the office's; each comes once. Evidence that was objected to with success is
    shown to nobody as evidence any more.
    """

    class Ruling(models.TextChoices):
        NONE = "", pgettext_lazy("ruling on an objection", "open")
        UPHELD = "upheld", pgettext_lazy("ruling on an objection", "upheld")
        REJECTED = "rejected", pgettext_lazy("ruling on an objection", "rejected")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="objections")
    by = models.ForeignKey(Entry, models.PROTECT, related_name="objections_made")
    criterion = models.CharField(max_length=64, blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="objections", null=True)
    reason = models.TextField()
    made_at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    ruling = models.CharField(max_length=8, choices=Ruling.choices, default=Ruling.NONE, blank=True)
    ruling_reason = models.TextField(blank=True)
    ruled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering: ClassVar[list[str]] = ["made_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(entry=models.F("by")), name="objection_to_another"),
            models.CheckConstraint(
                condition=Q(ruling="", ruled_at__isnull=True)
                | Q(ruling__in=["upheld", "rejected"], ruled_at__isnull=False),
                name="objection_ruled_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} - {self.entry}"

    @property
    def round(self) -> Round:
        """Where it belongs, for who asks what somebody may do."""
        return self.entry.round


class Visit(models.Model):
    """When somebody who acts for an entry first opened its desk, and when last."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="visits")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "person"], name="visit_once")
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.last_at}"
