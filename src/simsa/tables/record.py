"""A round folder written into a record: what is new in the folder since the last time, and nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simsa.engine.inputs import Sheets
from simsa.engine.slots import comparable, conflicts
from simsa.record import statements
from simsa.record.folder import Record
from simsa.record.notes import VerifierKey
from simsa.record.outcome import marks_of_rows

from .intake import RoundError
from .round_folder import RoundInputs
from .run import Progress, Scored, scored

STEPS = ("entries and panel", "slots", "sheets", "log")


@dataclass(frozen=True)
class Written:
    """What came new into the record."""

    entries: bool
    reviewers: int
    slots: int
    sheets: int


def begin_record(
    inputs: RoundInputs, path: Path, name: str, *, beacon: str | None = None, auditors: tuple[VerifierKey, ...] = ()
) -> Record:
    """Freeze the rules of a round in a new record. `name` is that of the organiser, for the log's origin.

    The seed is the folder's, fixed with the rules, unless a `beacon` is named. RecordError as `Record.create`.
    """
    synthetic = inputs.synthetic
    known = inputs.seed or (synthetic.seed if synthetic else None)
    source = statements.beacon(beacon) if beacon else statements.given(known) if known else statements.NO_SEED
    note = synthetic.note if synthetic else ""
    origin = f"{name.rstrip('/')}/{inputs.rules.id}"
    return Record.create(path, inputs.rules, origin, seed=source, synthetic=note, auditors=auditors)


def write_record(inputs: RoundInputs, record: Record, progress: Progress | None = None) -> Written:
    """Take over what the folder has and the record has not: all of it, or nothing where something is refused.

    RoundError for rules other than those in force, RecordError once the round is closed.
    """
    tell = progress or (lambda _step, _done, _total: None)
    if inputs.rules.hash != record.rules.hash:
        what = f"rules {inputs.rules.hash[:12]}, and the record has {record.rules.hash[:12]} in force"
        raise RoundError(f"{inputs.folder}: {what}; change them by `simsa record amend`, with a reason")
    has_sheets = inputs.sheets is not None or inputs.synthetic is not None
    found = scored(inputs) if has_sheets else None
    with record.database.transaction():
        tell(STEPS[0], 0, len(STEPS))
        entries = _write_entries(inputs, record)
        reviewers = _write_panel(inputs, record, found)
        tell(STEPS[1], 1, len(STEPS))
        slots = _write_slots(inputs, record, found)
        tell(STEPS[2], 2, len(STEPS))
        sheets = 0 if found is None else _write_sheets(inputs, record, found.sheets)
        tell(STEPS[3], 3, len(STEPS))
        record.sequence()
    return Written(entries, reviewers, slots, sheets)


def _write_entries(inputs: RoundInputs, record: Record) -> bool:
    names = {entrant.id: _names(entrant.name, entrant.id) for entrant in inputs.entrants}
    said = statements.entries_statement(record.round, inputs.entries, names, inputs.reported)
    before = record.story.last("entries")
    if before is not None and before.sha256 == said.sha256:
        return False
    record.enter(inputs.entries, names, inputs.reported)
    return True


def _names(names: Mapping[str, str], otherwise: str) -> dict[str, str]:
    return {language: name for language, name in names.items() if name.strip()} or {"und": otherwise}


def _write_panel(inputs: RoundInputs, record: Record, found: Scored | None) -> int:
    """New members and conflicts: those that are declared, and those that follow from the rules."""
    codes = {*inputs.reviewers.ids, *(found.sheets.reviewers if found else ())}
    rules = comparable(inputs.rules, inputs.entrant_fields, inputs.reviewers)
    declared = [(conflict.entry, conflict.reviewer) for conflict in inputs.conflicts]
    pairs = conflicts(rules, inputs.entries, inputs.entrant_fields, inputs.reviewers, declared)
    pairs += found.conflicts if found else ()
    barred = {(inputs.entries.ids[pair.entry], inputs.reviewers.ids[pair.reviewer]) for pair in pairs}
    codes -= record.reviewers
    barred -= record.conflicts
    if codes or barred:
        record.seat(codes, barred)
    return len(codes)


def _write_slots(inputs: RoundInputs, record: Record, found: Scored | None) -> int:
    known = found.sheets if found is not None else inputs.assignment
    if known is None:
        return 0
    codes = found.sheets.reviewers if found is not None else inputs.reviewers.ids
    pairs = [(inputs.entries.ids[e], codes[r]) for e, r in zip(known.entry, known.reviewer, strict=True)]
    there = {(one.entry, one.reviewer) for one in record.slots}
    new = [pair for pair in pairs if pair not in there]
    if new:
        record.assign(new)
    return len(new)


def _write_sheets(inputs: RoundInputs, record: Record, sheets: Sheets) -> int:
    slots = {(one.entry, one.reviewer): one.slot for one in record.slots}
    latest, count = record.latest(), 0
    rows = zip(sheets.entry.tolist(), sheets.reviewer.tolist(), marks_of_rows(sheets), strict=True)
    for entry, reviewer, marks in rows:
        slot = slots[inputs.entries.ids[entry], sheets.reviewers[reviewer]]
        if marks is not None and latest.get(slot) != marks:
            record.submit(slot, marks)
            count += 1
    return count
