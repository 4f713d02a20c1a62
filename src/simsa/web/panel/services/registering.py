"""The verbs by which conflicts and affinities are recorded before the panel is assigned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.rules import digest
from simsa.web.entries.models import Entry
from simsa.web.entries.services import RowFault, refuse_rows
from simsa.web.panel.inputs import affinities_of, declared_of, is_finite
from simsa.web.panel.models import AffinityTable, Conflict, Reviewer
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, lock, record


@dataclass(frozen=True)
class ConflictRow:
    """A declared conflict, in the words in which it was declared."""

    entry: str
    reviewer: str
    reason: str = ""


def record_conflicts(round_: Round, rows: Sequence[ConflictRow], *, actor: str = SYSTEM) -> list[Conflict]:
    """Add to the conflict register of a round in preparation. ImportRefusedError, and nothing is kept, on any fault."""
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        entries, reviewers = by_code(round_)
        rule = next((rule.id for rule in round_.rules.conflicts if rule.kind == "declared"), None)
        faults, seen = [], set(declared_of(round_))
        for n, row in enumerate(rows, start=1):
            faults += unknown_pair(n, row.entry, row.reviewer, entries, reviewers)
            if rule is None:
                faults.append(RowFault(n, "reason", _("the rules know no conflicts that are declared")))
            if len(row.reason) > 200:
                faults.append(RowFault(n, "reason", _("a reason has at most 200 characters")))
            if (row.entry, row.reviewer, row.reason or rule) in seen:
                faults.append(RowFault(n, "entry", _("this conflict is in the register already")))
            seen.add((row.entry, row.reviewer, row.reason or rule or ""))
        refuse_rows(faults)
        conflicts = Conflict.objects.bulk_create(
            Conflict(
                entry=entries[row.entry],
                reviewer=reviewers[row.reviewer],
                reason=row.reason or rule,
                source=Conflict.Source.REGISTER,
            )
            for row in rows
        )
        listed = [[row.entry, row.reviewer, row.reason or rule] for row in rows]
        record(round_, "conflicts.recorded", actor, {"conflicts": listed})
    return conflicts


def record_affinities(
    round_: Round,
    table: Mapping[str, Mapping[str, str]],
    *,
    source: str,
    replaces: bool = False,
    actor: str = SYSTEM,
) -> AffinityTable:
    """Keep how well reviewers fit entries: entry -> reviewer -> decimal as text; pairs without one are no candidates.

    ImportRefusedError, and nothing is kept, for unknown codes or texts that are no finite decimal, or if there is a
    table already that this one does not replace.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        entries, reviewers = by_code(round_)
        faults: list[RowFault] = []
        for n, (entry, by_reviewer) in enumerate(table.items(), start=1):
            for reviewer, number in by_reviewer.items():
                faults += unknown_pair(n, entry, reviewer, entries, reviewers)
                if not is_finite(number):
                    faults.append(RowFault(n, "affinity", _("%(text)s is not a number") % {"text": number}))
        before = affinities_of(round_)
        if before is not None and not replaces:
            faults.append(RowFault(1, "affinity", _("this round has its affinities already")))
        refuse_rows(faults)
        version = 1 if before is None else before.version + 1
        kept = AffinityTable.objects.create(round=round_, version=version, source=source, table=canonical_text(table))
        told = {"source": source, "version": version, "digest": digest(kept.table.encode())}
        record(round_, "affinities.recorded", actor, told)
    return kept


def by_code(round_: Round) -> tuple[dict[str, Entry], dict[str, Reviewer]]:
    """Entries and reviewers of a round by their codes."""
    entries = {entry.entrant.code: entry for entry in round_.entries.select_related("entrant")}
    return entries, {reviewer.code: reviewer for reviewer in round_.reviewers.all()}


def unknown_pair(
    n: int, entry: str, reviewer: str, entries: Mapping[str, Entry], reviewers: Mapping[str, Reviewer]
) -> list[RowFault]:
    """What is wrong with codes in row n."""
    faults = []
    if entry not in entries:
        faults.append(RowFault(n, "entry", _("%(code)s is not in the round") % {"code": entry}))
    if reviewer not in reviewers:
        faults.append(RowFault(n, "reviewer", _("%(code)s is not on the panel") % {"code": reviewer}))
    return faults
