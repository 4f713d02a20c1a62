"""The files that support an entry, and the uploads in which they come."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models.entries import Entry
from simsa.web.programmes.append_only import AppendOnlyError
from simsa.web.programmes.models import Round
from simsa.web.programmes.models.rounds import HASH


class EvidenceQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Evidence in the order in which it is shown."""

    def there(self) -> EvidenceQuerySet:
        """What has not been removed."""
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """A file that supports an entry, for one criterion or for the entry as a whole (`criterion` empty).

    Its bytes lie under `id`, which is drawn at random: equal files of two entrants have nothing in common that either
    could see. What was submitted once (`submitted_at`) stays, also when it is removed from the entry afterwards; of
    what was removed or refused before, the row stays and the bytes are erased.

    `faults` say why it was refused, `notes` and `traces` what else was found, `pages` holds [width, height] of each
    preview. `actor` is who added it. `attempts` are those in which examining it took too long; after some it is
    `UNREAD` and tried again only where an officer asks for that.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", pgettext_lazy("state of a file", "being uploaded")
        WAITING = "waiting", pgettext_lazy("state of a file", "received, being checked")
        UNREAD = "unread", pgettext_lazy("state of a file", "could not be examined")
        READY = "ready", pgettext_lazy("state of a file", "ready")
        REFUSED = "refused", pgettext_lazy("state of a file", "refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="evidence")
    criterion = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=HASH, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.UPLOADING)
    attempts = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField()
    actor = models.CharField(max_length=100)
    added_at = models.DateTimeField(auto_now_add=True)
    received_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    kind = models.CharField(max_length=16, blank=True)
    faults = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    traces = models.JSONField(default=list, blank=True)
    pages = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    cleaned = models.BooleanField(default=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar[list[Any]] = ["entry", "criterion", "position", "added_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(size__gt=0) & ~Q(name=""), name="evidence_has_name_and_size"),
            models.CheckConstraint(
                condition=Q(state="uploading") ^ Q(received_at__isnull=False, sha256__length=HASH),
                name="evidence_received_has_hash",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(received_at__isnull=False, erased_at__isnull=True),
                name="evidence_submitted_is_there",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def round(self) -> Round:
        """Where it belongs, for who asks what somebody may do."""
        return self.entry.round

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Only what was never submitted."""
        if self.submitted_at is not None:
            raise AppendOnlyError(f"evidence {self.pk} was submitted: it can be removed from its entry, not deleted")
        return super().delete(*args, **kwargs)


class Upload(models.Model):
    """A file that is on its way (a resource of tus): the first `offset` bytes are on the disk and acknowledged.

    It goes when the file is complete, and after `expires_at`.
    """

    evidence = models.OneToOneField(Evidence, models.CASCADE, primary_key=True, related_name="upload")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    offset = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes: ClassVar[list[models.Index]] = [models.Index(F("expires_at"), name="upload_expiry")]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.offset}"

    @property
    def round(self) -> Round:
        """Where it belongs, for who asks what somebody may do."""
        return self.evidence.round
