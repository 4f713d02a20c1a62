"""Sheets as they are being written: nothing in them counts before it is submitted."""

from __future__ import annotations

import json
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from simsa.web.panel.models.slots import Slot


class SheetDraft(models.Model):
    """What a reviewer has written for a slot, right or wrong (`simsa.web.panel.services.drafting` says which fields).

    Whoever saves says which `version` they have seen: two devices never overwrite each other unseen. `submitted` is the
    version that the slot's last sheet was made of, 0 before the first, and `said` what was written in it: comments are
    not in the record, and others see them as they were submitted.
    """

    slot = models.OneToOneField(Slot, models.CASCADE, primary_key=True, related_name="draft")
    version = models.PositiveIntegerField(default=1)
    values = models.TextField()
    saved_at = models.DateTimeField()
    submitted = models.PositiveIntegerField(default=0)
    said = models.TextField(default="{}")

    class Meta:
        verbose_name = _("draft of a sheet")
        verbose_name_plural = _("drafts of sheets")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(version__gte=1), name="sheet_draft_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} ({self.version})"

    @property
    def by_field(self) -> dict[str, str]:
        return dict(json.loads(self.values))

    @property
    def as_submitted(self) -> dict[str, str]:
        return dict(json.loads(self.said))

    @property
    def is_submitted(self) -> bool:
        """Whether nothing was changed since it was submitted."""
        return self.submitted == self.version
