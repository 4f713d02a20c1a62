"""The verb that takes a conference from another system into a round."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from simsa.tables.conference import Conference
from simsa.tables.spreadsheets import number_text
from simsa.web.entries.services import EntryRow, RowFault, import_entries, refuse_rows
from simsa.web.entries.services.plans import Source
from simsa.web.panel.services.listing import ReviewerRow, import_reviewers
from simsa.web.panel.services.registering import ConflictRow, record_affinities, record_conflicts
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, lock

PRODUCTS = {"hotcrp": "HotCRP", "openreview": "OpenReview"}


def import_conference(
    round_: Round,
    found: Conference,
    group: str,
    *,
    source: Source = Source(),  # noqa: B008 (frozen)
    actor: str = SYSTEM,
) -> None:
    """Take submissions (as entries of `group`), reviewers, conflicts and affinities into a round in preparation that
    has neither entries nor a panel; all of it or nothing.

    Assignments and marks stay out: those are made and signed here. ImportRefusedError with the faults of the first of
    the four that has any.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        if round_.entries.exists() or round_.reviewers.exists():
            what = _("a conference comes into a round that has neither entries nor a panel yet")
            refuse_rows([RowFault(0, round_.slug, what)])
        entries = [
            EntryRow(one.id, group, one.title or one.id, one.title, fields=one.fields) for one in found.submissions
        ]
        import_entries(round_, entries, source=source, actor=actor)
        panel = [ReviewerRow(one.code, one.name, one.fields) for one in found.members]
        import_reviewers(round_, panel, source=source, actor=actor)
        if found.conflicts:
            rows = [ConflictRow(*pair, reason) for pair, reason in found.conflicts.items()]
            record_conflicts(round_, rows, actor=actor)
        if found.affinity is not None:
            table: dict[str, dict[str, str]] = {}
            for (entry, reviewer), value in found.affinity.items():
                table.setdefault(entry, {})[reviewer] = number_text(value)
            record_affinities(round_, table, source=PRODUCTS[found.source], actor=actor)
