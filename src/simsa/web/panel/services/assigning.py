"""The verbs of the panel until it is assigned: record conflicts and affinities, assign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.engine.assignment import Assignment, Kinds, Progress
from simsa.engine.inputs import Entries, Reviewers
from simsa.engine.slots import ConflictPair, comparable, conflicts, pose_slots
from simsa.record import canonical_text
from simsa.rules import Rules, digest, exact_text
from simsa.web.entries.inputs import entries_of, fields_of
from simsa.web.entries.models import Entry
from simsa.web.entries.services import RowFault, refuse_rows, state_entries
from simsa.web.panel.inputs import (
    affinities_of,
    candidates_of,
    declared_of,
    is_finite,
    own_limits_of,
    reviewers_of,
)
from simsa.web.panel.models import AffinityTable, Conflict, Reviewer, Slot
from simsa.web.panel.services.declaring import spread_declarations
from simsa.web.panel.services.stating import state_panel, state_slots
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, advance, lock, record

_NAMED = 8


class AssignmentShortError(RuntimeError):
    """The limits of the rules cannot all be met; the message names who competes for what."""


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
        entries, reviewers = _by_code(round_)
        rule = next((rule.id for rule in round_.rules.conflicts if rule.kind == "declared"), None)
        faults, seen = [], set(declared_of(round_))
        for n, row in enumerate(rows, start=1):
            faults += _unknown_pair(n, row.entry, row.reviewer, entries, reviewers)
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
        entries, reviewers = _by_code(round_)
        faults: list[RowFault] = []
        for n, (entry, by_reviewer) in enumerate(table.items(), start=1):
            for reviewer, number in by_reviewer.items():
                faults += _unknown_pair(n, entry, reviewer, entries, reviewers)
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


def assign(round_: Round, *, actor: str = SYSTEM, progress: Progress | None = None) -> list[Slot]:
    """Assign the panel: the greatest total affinity within the rules' limits and conflicts, and nobody more than they
    said they can take; the evaluation begins.

    Conflicts that follow from the rules are added to the register's. AssignmentShortError, and nothing is kept, if the
    limits cannot all be met; InputError if the rules do not say how many sheets an entry gets.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        entries, reviewers = entries_of(round_), reviewers_of(round_)
        found = _find_conflicts(round_, round_.rules, entries, reviewers)
        pairs, affinity = candidates_of(round_, entries, reviewers)
        own = own_limits_of(round_)
        most = np.array([own.get(code, len(entries)) for code in reviewers.ids], np.int64)
        posed = pose_slots(round_.rules, entries, reviewers, affinity, found, pairs, most=most, progress=progress)
        solved = posed.assignment
        if not solved.complete:
            raise AssignmentShortError(_short(solved, entries, reviewers, posed.problem.kinds))
        by_entry, by_reviewer = _by_code(round_)
        codes = [(entries.ids[entry], reviewers.ids[n]) for entry, n in zip(solved.entry, solved.reviewer, strict=True)]
        worth = [exact_text(Fraction(int(units), solved.scale)) for units in solved.affinity_units]
        slots = _fill_slots(
            round_, [(by_entry[e], by_reviewer[r], text) for (e, r), text in zip(codes, worth, strict=True)]
        )
        facts = {"given": False, "slots": [list(pair) for pair in codes], "solver": solved.solver}
        record(round_, "panel.assigned", actor, facts | {"total": exact_text(solved.total)})
    return slots


def assign_as_given(round_: Round, pairs: Sequence[tuple[str, str]], *, actor: str = SYSTEM) -> list[Slot]:
    """Take over an assignment that was made elsewhere: (entry, reviewer) of every slot; the evaluation begins.

    Conflicts that follow from the rules are added to the register's; the sheet of a slot that has one can only be
    recused. ImportRefusedError, and nothing is kept, for pairs that are unknown or given twice.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        entries, reviewers = _by_code(round_)
        faults: list[RowFault] = []
        seen: set[tuple[str, str]] = set()
        for n, pair in enumerate(pairs, start=1):
            faults += _unknown_pair(n, *pair, entries, reviewers)
            if pair in seen:
                faults.append(RowFault(n, "entry", _("this reviewer has this entry already")))
            seen.add(pair)
        refuse_rows(faults)
        there, panel = entries_of(round_), reviewers_of(round_)
        _find_conflicts(round_, comparable(round_.rules, fields_of(round_), panel), there, panel)
        slots = _fill_slots(round_, [(entries[entry], reviewers[reviewer], "") for entry, reviewer in pairs])
        record(round_, "panel.assigned", actor, {"given": True, "slots": [list(pair) for pair in pairs]})
    return slots


def _by_code(round_: Round) -> tuple[dict[str, Entry], dict[str, Reviewer]]:
    entries = {entry.entrant.code: entry for entry in round_.entries.select_related("entrant")}
    return entries, {reviewer.code: reviewer for reviewer in round_.reviewers.all()}


def _unknown_pair(
    n: int, entry: str, reviewer: str, entries: Mapping[str, Entry], reviewers: Mapping[str, Reviewer]
) -> list[RowFault]:
    faults = []
    if entry not in entries:
        faults.append(RowFault(n, "entry", _("%(code)s is not in the round") % {"code": entry}))
    if reviewer not in reviewers:
        faults.append(RowFault(n, "reviewer", _("%(code)s is not on the panel") % {"code": reviewer}))
    return faults


def _short(solved: Assignment, entries: Entries, reviewers: Reviewers, kinds: Kinds | None) -> str:
    """Why the limits cannot be met, with the codes of those who compete and the kinds that are missed."""
    lines = [_("The panel cannot be assigned within the limits of the rules:")]
    for group in solved.infeasibility:
        facts = {
            "entries": ", ".join(entries.ids[n] for n in group.entries[:_NAMED]),
            "reviewers": ", ".join(reviewers.ids[n] for n in group.reviewers[:_NAMED]) or "–",
            "needed": group.needed,
            "available": group.available,
        }
        lines.append(
            _("%(needed)d slots needed, %(available)d can be filled; entries %(entries)s; reviewers %(reviewers)s")
            % facts
        )
    for entry, group, count in solved.missed[:_NAMED].tolist() if kinds else ():
        facts = {"entry": entries.ids[entry], "count": count, "kind": kinds.names[group]}
        lines.append(_("entry %(entry)s lacks %(count)d of the kind %(kind)s") % facts)
    if not solved.infeasibility:
        short = ", ".join(f"{entries.ids[n]} ({count})" for n, count in solved.short[:_NAMED].tolist())
        lines.append(_("entries that stay short, and by how many: %(entries)s") % {"entries": short or "–"})
    return "\n".join(lines)


def _find_conflicts(round_: Round, rules: Rules, entries: Entries, reviewers: Reviewers) -> tuple[ConflictPair, ...]:
    """Every conflict of the round under `rules`, and what was decided; those that follow from the rules are added to
    the register."""
    spread_declarations(round_)
    declared = {(entries.index[entry], reviewers.index[reviewer]) for entry, reviewer, _r in declared_of(round_)}
    found = conflicts(rules, entries, fields_of(round_), reviewers, sorted(declared))
    by_entry, by_reviewer = _by_code(round_)
    Conflict.objects.bulk_create(
        Conflict(
            entry=by_entry[entries.ids[pair.entry]],
            reviewer=by_reviewer[reviewers.ids[pair.reviewer]],
            reason=pair.rule,
            source=Conflict.Source.RULE,
        )
        for pair in found
        if (pair.entry, pair.reviewer) not in declared
    )
    decided = Conflict.objects.filter(entry__round=round_, source=Conflict.Source.PROCEDURE)
    pairs = decided.values_list("entry__entrant__code", "reviewer__code", "reason")
    return (*found, *(ConflictPair(entries.index[e], reviewers.index[r], reason) for e, r, reason in pairs))


def _fill_slots(round_: Round, pairs: Sequence[tuple[Entry, Reviewer, str]]) -> list[Slot]:
    """Make the slots of a locked round, in this order, and begin the evaluation; the record says who and where."""
    advance(round_, Stage.SCORING)
    slots = Slot.objects.bulk_create(
        Slot(entry=entry, reviewer=reviewer, affinity=affinity, position=position)
        for position, (entry, reviewer, affinity) in enumerate(pairs, start=1)
    )
    state_entries(round_)
    state_panel(round_)
    state_slots(round_, slots)
    return slots
