"""Lists that were taken into a round, and those that wait to be confirmed."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from simsa.tables.table import RowError, Table
from simsa.web.programmes.models import HASH, Round


class ImportDraft(models.Model):
    """A list that was sent and has changed nothing yet. It is gone once it was confirmed or dropped, or a day later.

    `kind` says what is listed (`simsa.web.entries.lists`). `content` is the file's table as JSON; `mapping` says by
    column what it holds; `removes`: who is not in the list leaves the round.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="import_drafts")
    kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=HASH)
    content = models.TextField()
    mapping = models.JSONField(default=dict)
    removes = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("list to be confirmed")
        verbose_name_plural = _("lists to be confirmed")
        ordering: ClassVar[list[str]] = ["round", "-pk"]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.file_name}"

    @property
    def table(self) -> Table:
        kept = json.loads(self.content)
        return Table(
            self.file_name,
            tuple(kept["header"]),
            tuple(tuple(column) for column in kept["columns"]),
            tuple(kept["lines"]),
            tuple(RowError(**error) for error in kept["malformed"]),
        )

    @staticmethod
    def content_of(table: Table) -> str:
        """A table as `content` keeps it."""
        kept = {
            "header": table.header,
            "columns": table.columns,
            "lines": table.lines,
            "malformed": [vars(error) for error in table.malformed],
        }
        return json.dumps(kept, ensure_ascii=False)


class Import(models.Model):
    """A list that was taken into a round: from which file (none where a command or another room listed), by whom.

    `changes` says by code what was there before and after, each None where nothing was: so it can be taken back.
    `undone_at` is when it was, `undone_by` by whom.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=HASH, blank=True)
    rows = models.PositiveIntegerField()
    changes = models.TextField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar[list[str]] = ["round", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="") | Q(undone_at__isnull=False) & ~Q(undone_by=""),
                name="import_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.file_name or self.kind}"

    @property
    def by_code(self) -> dict[str, tuple[Any, Any]]:
        """Before and after by code."""
        return {code: (before, after) for code, (before, after) in json.loads(self.changes).items()}
