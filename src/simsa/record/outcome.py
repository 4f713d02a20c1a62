"""A round's result as the record states it, and the same recomputed from what a bundle shows.

Whoever writes a result and whoever checks one go through the same functions, from inputs that are in one order (entries
by id, sheets by slot); the second verifier is written apart from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simsa.engine.evaluation import Evaluation
from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError, Reported, Sheets, Status
from simsa.engine.selection import RecordedZones, Selection, Standing, Zone, Zones, select
from simsa.engine.tally import Tally
from simsa.rules import Rules, decimal_text, exact_text, parse_decimal

STATUS = {status.missing.value: status for status in Status if status.missing is not None}


@dataclass(frozen=True)
class SheetRow:
    """The sheet that counts of one slot: `marks` by leaf of the criteria tree, None for a slot without a sheet."""

    slot: str
    entry: str
    reviewer: str
    marks: Mapping[str, str] | None


def sheets_of(rules: Rules, entries: Entries, rows: Iterable[SheetRow]) -> Sheets:
    """The rows as the engine's sheets, by slot. InputError for marks that are not those of the rules' leaves, or are
    not written as the record writes them."""
    ordered = sorted(rows, key=lambda row: row.slot)
    leaves = tuple(leaf.id for leaf in rules.leaves)
    reviewers = tuple(sorted({row.reviewer for row in ordered}))
    position = {reviewer: n for n, reviewer in enumerate(reviewers)}
    unit, known = 10**rules.mark_places, {text: (0, int(status)) for text, status in STATUS.items()}
    absent = [(0, int(Status.NOT_SUBMITTED))] * len(leaves)
    cells: list[list[tuple[int, int]]] = []
    for row in ordered:
        if row.marks is None:
            cells.append(absent)
            continue
        if row.marks.keys() != set(leaves):
            raise InputError(f"slot {row.slot}: the sheet has marks for other criteria than the rules")
        for text in row.marks.values():
            if text not in known:
                known[text] = (_units(text, unit, row.slot), int(Status.MARK))
        cells.append([known[row.marks[leaf]] for leaf in leaves])
    grid = np.array(cells, np.int64).reshape(len(ordered), len(leaves), 2)
    unknown = next((row for row in ordered if row.entry not in entries.index), None)
    if unknown is not None:
        raise InputError(f"slot {unknown.slot}: entry {unknown.entry!r} does not take part")
    return Sheets(
        reviewers=reviewers,
        leaves=leaves,
        entry=np.array([entries.index[row.entry] for row in ordered], np.int64),
        reviewer=np.array([position[row.reviewer] for row in ordered], np.int64),
        mark=grid[:, :, 0],
        status=grid[:, :, 1].astype(np.int8),
        places=rules.mark_places,
    )


def marks_of_rows(sheets: Sheets) -> Iterator[dict[str, str] | None]:
    """The marks of each row as the record writes them, the inverse of `sheets_of`; None for one not handed in."""
    unit = 10**sheets.places
    for marks, states in zip(sheets.mark.tolist(), sheets.status.tolist(), strict=True):
        if all(state == Status.NOT_SUBMITTED for state in states):
            yield None
            continue
        yield {
            leaf: exact_text(Fraction(mark, unit)) if state == Status.MARK else Status(state).name.lower()
            for leaf, mark, state in zip(sheets.leaves, marks, states, strict=True)
        }


def entries_of(content: Mapping[str, Any]) -> tuple[Entries, Reported]:
    """Entries and reported numbers of an `entries` statement."""
    entries = Entries(tuple(row["id"] for row in content["entries"]), tuple(row["group"] for row in content["entries"]))
    numbers = {(entry, criterion, name): Fraction(number) for entry, criterion, name, number in content["reported"]}
    return entries, Reported(numbers)


def result_content(
    rules: Rules, entries: Entries, evaluation: Evaluation, seed: str | None, components: str | None
) -> dict[str, Any]:
    """What a `result` statement says. `components`: the commitment to those that a calibrated score follows from."""
    calibrated = evaluation.scores.score if rules.calibration.official else None
    zones = evaluation.uncertainty if rules.lottery is not None else None
    return {
        "rules_hash": rules.hash,
        "seed": seed,
        "components": components,
        **selection_content(evaluation.selection),
        "standings": [
            {
                **standing,
                **values_at(rules, evaluation.tally, n),
                "calibrated": _calibrated(calibrated, rules, n),
                "zone": _zone(zones, n),
            }
            for standing in _standings(evaluation.selection)
            for n in (entries.index[standing["entry"]],)
        ],
    }


def values_at(rules: Rules, tally: Tally, entry: int) -> dict[str, dict[str, str | None]]:
    """`values`, and `exact` of the nodes that a tie-break asks before their rounding, of one entry (by position)."""
    asked = {step.criterion for step in rules.tie_breaks if step.exact and step.criterion is not None}
    return {
        "values": {node: _exact(tally.value(node, entry)) for node in tally.nodes},
        "exact": {node: _exact(tally.unrounded[node].value(entry)) for node in sorted(asked)},
    }


def selection_content(selection: Selection) -> dict[str, Any]:
    """The part of a result that the selection decides; standings without values."""
    return {
        "groups": [
            {
                "group": group.group,
                "size": group.size,
                "places": group.places,
                "empty": group.empty,
                "line": _exact(group.line),
            }
            for group in selection.groups
        ],
        "lots": [list(drawn) for drawn in selection.lots_drawn],
        "standings": _standings(selection),
    }


def selected_again(
    rules: Rules, entries: Entries, standings: Sequence[Mapping[str, Any]], seed: str | None
) -> dict[str, Any]:
    """`selection_content` recomputed from values, calibrated scores and zones as `standings` state them.

    InputError where they are not of these entries, lack a node or a zone, or need a seed, and for a group that the
    rules do not know.
    """
    entries.check(rules)
    by_entry = {row["entry"]: row for row in standings}
    if len(by_entry) != len(standings) or by_entry.keys() != entries.index.keys():
        raise InputError("the standings are not one for each entry")
    rows = [by_entry[key] for key in entries.ids]
    nodes = entry_nodes(rules)
    asked = {step.criterion for step in rules.tie_breaks if step.exact and step.criterion is not None}
    for row in rows:
        if row["values"].keys() != set(nodes) or row["exact"].keys() != asked:
            raise InputError(f"entry {row['entry']!r}: values of other criteria than those of the rules")
        if (row["calibrated"] is not None) > rules.calibration.official or (row["zone"] is not None) > bool(
            rules.lottery
        ):
            raise InputError(f"entry {row['entry']!r}: a calibrated score or zone that the rules do not use")
    values = {node: Column.from_values([_fraction(row["values"][node]) for row in rows]) for node in nodes}
    exact = {node: Column.from_values([_fraction(row["exact"][node]) for row in rows]) for node in asked}
    nothing = np.zeros(len(rows), np.int64)
    stated = Tally(rules.hash, entries.ids, values, {**values, **exact}, {}, nothing, Column.from_values([]))
    calibrated = None
    if rules.calibration.official:
        calibrated = Column.from_values([_fraction(row["calibrated"]) for row in rows])
    zones = None
    if rules.lottery is not None:
        zone = tuple(None if row["zone"] is None else Zone(row["zone"]) for row in rows)
        zones = RecordedZones(zone, rules.lottery.confidence, rules.lottery.draws)
    return selection_content(select(rules, entries, stated, seed=seed, sure=zones, calibrated=calibrated))


def entry_nodes(rules: Rules) -> tuple[str, ...]:
    """The nodes whose value belongs to the entry: at and above those that aggregate over the panel, and indicators."""
    found: list[str] = []
    below: set[str] = set()
    for _depth, node in rules.walk():
        if node.parent in below:
            below.add(node.id)
            continue
        found.append(node.id)
        if node.panel is not None:
            below.add(node.id)
    return tuple(found)


def _standings(selection: Selection) -> list[dict[str, Any]]:
    return [
        {
            "entry": standing.entry,
            "group": standing.group,
            "score": _exact(standing.score),
            "rank": standing.rank,
            "outcome": standing.outcome,
            "reason": _reason(standing),
        }
        for standing in selection.standings
    ]


def _reason(standing: Standing) -> dict[str, Any]:
    reason = standing.reason
    return {
        "cause": reason.cause.value,
        "rank": reason.rank,
        "size": reason.size,
        "places": reason.places,
        "score": _exact(reason.score),
        "line": _exact(reason.line),
        "criterion": reason.criterion,
        "limit": _exact(reason.limit),
        "position": reason.position,
        "tied_with": list(reason.tied_with),
        "tied": reason.tied,
        "shared": reason.shared,
        "drawn": reason.drawn,
        "tally": _exact(reason.tally),
        "tally_rank": reason.tally_rank,
    }


def _units(text: str, unit: int, slot: str) -> int:
    try:
        mark = parse_decimal(text)
    except ValueError:
        mark = None
    if mark is None or decimal_text(mark) != text or (mark * unit).denominator != 1 or abs(mark * unit) >= 2**63:
        raise InputError(f"slot {slot}: {text[:40]!r} is no mark that the rules allow, in its shortest form")
    return int(mark * unit)


def _calibrated(scores: Column | None, rules: Rules, entry: int) -> str | None:
    return None if scores is None else _exact(scores.value(entry))


def _zone(zones: Zones | None, entry: int) -> str | None:
    zone = None if zones is None else zones.zone[entry]
    return None if zone is None else zone.value


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
