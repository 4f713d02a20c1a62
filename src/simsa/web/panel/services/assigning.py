"""The verbs by which the panel is assigned, and the evaluation begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from simsa.engine.assignment import Assignment, AssignmentError, Kinds, Progress
from simsa.engine.inputs import Entries, Reviewers
from simsa.engine.slots import ConflictPair, comparable
from simsa.rules import exact_text
from simsa.web.entries.inputs import entries_of, fields_of
from simsa.web.entries.models import Entry
from simsa.web.entries.services import RowFault, refuse_rows, state_entries
from simsa.web.panel.inputs import declared_of, reviewers_of
from simsa.web.panel.models import Conflict, Reviewer, Slot
from simsa.web.panel.services.posing import Posed, known_conflicts, pose
from simsa.web.panel.services.registering import by_code, unknown_pair
from simsa.web.panel.services.stating import state_panel, state_slots
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import SYSTEM, advance, lock, record

_NAMED = 8


class AssignmentShortError(RuntimeError):
    """The limits of the rules cannot all be met; the message names who competes for what."""


def assign(round_: Round, *, actor: str = SYSTEM, progress: Progress | None = None) -> list[Slot]:
    """Assign the panel: the greatest total affinity within the rules' limits and conflicts, with what officers fixed by
    hand, and nobody more than they said they can take; the evaluation begins.

    Conflicts that follow from the rules are added to the register's. AssignmentShortError, and nothing is kept, if the
    limits cannot all be met; InputError if the rules do not say how many sheets an entry gets.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        posed = pose(round_)
        try:
            found = posed.solved(progress)
        except AssignmentError as error:
            raise AssignmentShortError(str(error)) from error
        if not found.assignment.complete:
            raise AssignmentShortError(short_words(found.assignment, posed, found.problem.kinds))
        solved = found.assignment
        facts = {"solver": solved.solver, "total": exact_text(solved.total)}
        return seat_panel(round_, posed, rows_of(posed, solved), facts, actor=actor)


Rows = Sequence[tuple[str, str, str]]
"""Slots of an assignment: codes of entry and reviewer, and their affinity as exact text."""


def rows_of(posed: Posed, solved: Assignment) -> Rows:
    """The slots of an assignment, in its order."""
    return [
        (posed.entries.ids[entry], posed.reviewers.ids[reviewer], exact_text(Fraction(units, solved.scale)))
        for entry, reviewer, units in zip(
            solved.entry.tolist(), solved.reviewer.tolist(), solved.affinity_units.tolist(), strict=True
        )
    ]


def seat_panel(round_: Round, posed: Posed, rows: Rows, facts: Mapping[str, Any], *, actor: str) -> list[Slot]:
    """Make the slots of a complete assignment of a locked round; `facts` are told beside it."""
    _register_conflicts(round_, posed.found, posed.entries, posed.reviewers)
    by_entry, by_reviewer = by_code(round_)
    slots = _fill_slots(round_, [(by_entry[entry], by_reviewer[reviewer], worth) for entry, reviewer, worth in rows])
    told = {"given": False, "slots": [[entry, reviewer] for entry, reviewer, _worth in rows], **facts}
    record(round_, "panel.assigned", actor, told)
    return slots


def assign_as_given(round_: Round, pairs: Sequence[tuple[str, str]], *, actor: str = SYSTEM) -> list[Slot]:
    """Take over an assignment that was made elsewhere: (entry, reviewer) of every slot; the evaluation begins.

    Conflicts that follow from the rules are added to the register's; the sheet of a slot that has one can only be
    recused. ImportRefusedError, and nothing is kept, for pairs that are unknown or given twice.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        entries, reviewers = by_code(round_)
        faults: list[RowFault] = []
        seen: set[tuple[str, str]] = set()
        for n, pair in enumerate(pairs, start=1):
            faults += unknown_pair(n, *pair, entries, reviewers)
            if pair in seen:
                faults.append(RowFault(n, "entry", _("this reviewer has this entry already")))
            seen.add(pair)
        refuse_rows(faults)
        there, panel = entries_of(round_), reviewers_of(round_)
        found = known_conflicts(round_, comparable(round_.rules, fields_of(round_), panel), there, panel)
        _register_conflicts(round_, found, there, panel)
        slots = _fill_slots(round_, [(entries[entry], reviewers[reviewer], "") for entry, reviewer in pairs])
        record(round_, "panel.assigned", actor, {"given": True, "slots": [list(pair) for pair in pairs]})
    return slots


def short_words(solved: Assignment, posed: Posed, kinds: Kinds | None) -> str:
    """Why the limits cannot be met, with the codes of those who compete and the kinds that are missed."""
    entries, reviewers = posed.entries, posed.reviewers
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


def _register_conflicts(round_: Round, found: Sequence[ConflictPair], entries: Entries, reviewers: Reviewers) -> None:
    """Add to the register what follows from the rules."""
    known = Conflict.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code", "reason")
    listed, there = {pair[:2] for pair in declared_of(round_)}, set(known)
    by_entry, by_reviewer = by_code(round_)
    named = [(entries.ids[pair.entry], reviewers.ids[pair.reviewer], pair.rule) for pair in found]
    Conflict.objects.bulk_create(
        Conflict(entry=by_entry[row[0]], reviewer=by_reviewer[row[1]], reason=row[2], source=Conflict.Source.RULE)
        for row in named
        if row[:2] not in listed and row not in there
    )


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
