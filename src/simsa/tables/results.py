"""The engine's results as tables, and the tally read back. Official numbers are exact decimals or fractions as text.

Calibrated scores are rounded exactly (`RoundedScores`), their errors written with six decimal places. A cell without a
number is empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Assignment, Marginals
from simsa.engine.calibration import Calibration, RoundedScores, Scores
from simsa.engine.exact import Column
from simsa.engine.inputs import Entries
from simsa.engine.selection import Selection, Sensitivity, Stability, Uncertainty
from simsa.engine.tally import Tally
from simsa.rules import Rounding, Rules, decimal_text, exact_text

from .files import read_table
from .spreadsheets import number_text
from .table import Cell, RowError, Table, TableError
from .words import weights_text

Floats = NDArray[np.float64]

PANEL = ".panel"  # ending of the column with what the panel gave at a node, where a factor or an adjustment follows
_EXACT = re.compile(r"-?(0|[1-9]\d*)(\.\d+|/[1-9]\d*)?\Z", re.ASCII)  # as `exact_text` writes
_COUNT = re.compile(r"(0|[1-9]\d{0,8})\Z", re.ASCII)
_LONGEST = 4000  # of the digits that Python itself turns into a number
EXACT = ".exact"  # ending of the column with a node's value before its rounding, where a tie-break asks for it


def assignment_table(assignment: Assignment, entries: Sequence[str], reviewers: Sequence[str]) -> Table:
    """One row for each slot: `entry`, `reviewer`, `affinity`. `entries`, `reviewers`: the ids of all."""
    rows = [
        [entries[e], reviewers[r], exact_text(Fraction(int(units), assignment.scale))]
        for e, r, units in zip(assignment.entry, assignment.reviewer, assignment.affinity_units, strict=True)
    ]
    return Table.of(["entry", "reviewer", "affinity"], rows, "assignment")


def probability_table(marginals: Marginals, entries: Sequence[str], reviewers: Sequence[str]) -> Table:
    """One row for each pair that had a chance: `entry`, `reviewer`, `affinity`, `probability` (exact)."""
    chance = {units: exact_text(Fraction(units, marginals.whole)) for units in np.unique(marginals.units).tolist()}
    rows = [
        [entries[e], reviewers[r], number_text(affinity), chance[units]]
        for e, r, affinity, units in zip(
            marginals.entry.tolist(),
            marginals.reviewer.tolist(),
            marginals.affinity.tolist(),
            marginals.units.tolist(),
            strict=True,
        )
    ]
    return Table.of(["entry", "reviewer", "affinity", "probability"], rows, "probabilities")


def tally_table(rules: Rules, tally: Tally, entries: Entries, names: Sequence[str]) -> Table:
    """One row for each entry: `entry`, `name`, `group`, `sheets`, each node, `rules_hash`.

    `NODE.panel` is what the panel gave, where a factor or an adjustment follows; `NODE.exact` the value before the
    node's rounding, where a tie-break asks for it.
    """
    adjusted = {adjustment.criterion for adjustment in rules.adjustments}
    before = [node for node in tally.panels if rules.by_id[node].factor is not None or node in adjusted]
    exact = list(dict.fromkeys(step.criterion for step in rules.tie_breaks if step.exact and step.criterion))
    named = [(node, tally.values[node]) for node in tally.nodes]
    named += [(f"{node}{PANEL}", tally.panels[node]) for node in before]
    named += [(f"{node}{EXACT}", tally.unrounded[node]) for node in exact]
    header = ["entry", "name", "group", "sheets", *(name for name, _ in named), "rules_hash"]
    columns = [column.values() for _, column in named]
    rows = [
        [key, names[n], entries.group[n], str(tally.sheets_used[n]), *(_exact(c[n]) for c in columns), tally.rules_hash]
        for n, key in enumerate(entries.ids)
    ]
    return Table.of(header, rows, "tally")


def read_tally(path: str | Path, rules: Rules, entries: Entries) -> Tally:
    """A tally as `tally_table` wrote it. TableError if it is of other rules, or of other entries, or damaged."""
    table = read_table(path)
    if set(table.column("rules_hash")) - {rules.hash}:
        raise TableError(
            f"{table.source}: was made under other rules (hash {rules.hash[:12]}... expected); tally again"
        )
    row_of = {key or "": n for n, key in enumerate(table.column("entry"))}
    if set(row_of) != set(entries.ids) or len(table) != len(row_of) or table.malformed:
        raise TableError(f"{table.source}: its entries are not those of the round; tally again")
    order = [row_of[key] for key in entries.ids]
    if tuple(table.column("group")[n] for n in order) != entries.group:
        raise TableError(f"{table.source}: its groups are not those of the entries; tally again")
    needed = {rules.rank_by, *(t.criterion for t in rules.thresholds)}
    needed |= {step.criterion for step in rules.tie_breaks if step.criterion}
    values = {node: _column(table, node, order) for node in rules.by_id if node in table.header or node in needed}
    exact = {step.criterion for step in rules.tie_breaks if step.exact}
    unrounded = {n: _column(table, n + EXACT, order) if n in exact else c for n, c in values.items()}
    used = np.array([int(_number(table, "sheets", n, _COUNT, "is not a whole number")) for n in order], np.int64)
    return Tally(rules.hash, entries.ids, values, unrounded, {}, used, Column.from_values([]))


def calibration_table(
    calibration: Scores, entries: Entries, names: Sequence[str], exact: RoundedScores | None = None
) -> Table:
    """One row for each entry: `entry`, `name`, `group`, `calibrated`, `standard_error`, `sheets`.

    `exact`: the scores to the last place, where the model has them.
    """
    scores = [calibrated_cell(score) for score in calibration.score.tolist()]
    if exact is not None:
        places, column = exact.rounding.places, exact.score.values()
        scores = [None if score is None else decimal_text(score, places) for score in column]
    rows = [
        [
            key,
            names[n],
            entries.group[n],
            scores[n],
            calibrated_cell(calibration.standard_error[n]),
            str(calibration.sheets_per_entrant[n]),
        ]
        for n, key in enumerate(entries.ids)
    ]
    return Table.of(["entry", "name", "group", "calibrated", "standard_error", "sheets"], rows, "calibration")


def severity_table(calibration: Scores, reviewers: Sequence[str]) -> Table:
    """One row for each reviewer: severity (positive: scores lower), scale and noise, each with its error, and sheets.

    Scale or noise is empty where the sheets do not show that reviewers differ in it: all are then taken to be alike.
    """
    columns = {"severity": calibration.severity, "standard_error": calibration.severity_error}
    if isinstance(calibration, Calibration):
        scale = {"scale": calibration.scale, "scale_error": calibration.scale_error}
        noise = {"noise": calibration.noise, "noise_error": calibration.noise_error}
        columns |= _if_shown(calibration.scale_spread, scale) | _if_shown(calibration.noise_spread, noise)
    rows = [
        [key, *(calibrated_cell(column[n]) for column in columns.values()), str(calibration.sheets_per_reviewer[n])]
        for n, key in enumerate(reviewers)
    ]
    return Table.of(["reviewer", *columns, "sheets"], rows, "severity")


def selection_table(
    selection: Selection,
    names: Sequence[str],
    entries: Entries,
    reasons: Sequence[str],
    assurances: Sequence[str] | None = None,
    sure: Uncertainty | None = None,
    official: Rounding | None = None,
) -> Table:
    """One row for each entry in the order of the selection; `reasons` and `assurances` are sentences, in that order.

    `official`: the rounding of an official calibrated score, which is written with its places.
    """
    header = ["group", "rank", "entry", "name", "score", "outcome", "cause", "reserve", "reason"]
    header += ["chance", "expected_rank", "rank_low", "rank_high", "zone", "assurance"]
    rows: list[list[Cell]] = [
        [
            s.group,
            None if s.rank is None else str(s.rank),
            s.entry,
            names[entries.index[s.entry]],
            _exact(s.score) if official is None or s.score is None else decimal_text(s.score, official.places),
            s.outcome,
            s.reason.cause.value,
            None if s.reason.position is None else str(s.reason.position),
            reason,
            *_certainty(sure, entries.index[s.entry]),
            assurance or None,
        ]
        for s, reason, assurance in zip(
            selection.standings, reasons, assurances or [""] * len(selection.standings), strict=True
        )
    ]
    return Table.of(header, rows, "selection")


def sensitivity_table(found: Sensitivity, entries: Entries) -> Table:
    """One row for each node with weights and group: how far they may move, and what changes first.

    No move of a share of the weight below `safe` changes a winner. `share` of the weight that the told move takes
    (exact; empty where nothing that was tried changes the winners) and `largest` change of one weight; `exact` yes, or
    no where moves were tried on a grid; the weights after the move; ids apart by `; `.
    """
    header = ["group", "criterion", "exact", "safe", "share", "largest", "up", "down", "weights", "leaves", "enters"]
    rows: list[list[Cell]] = [
        [
            change.group,
            change.node,
            "yes" if change.exact else "no",
            _exact(change.safe),
            _exact(change.length),
            _exact(change.largest),
            change.up,
            _ids(change.down),
            weights_text(change) or None,
            _ids(entries.ids[n] for n in change.leaves),
            _ids(entries.ids[n] for n in change.enters),
        ]
        for change in found.changes
    ]
    return Table.of(header, rows, "sensitivity")


def stability_table(found: Stability, entries: Entries, reviewers: Sequence[str]) -> Table:
    """One row for each reviewer and group whose winners would be others without the reviewer; ids apart by `; `."""
    rows: list[list[Cell]] = [
        [
            reviewers[swap.reviewer],
            swap.group,
            _ids(entries.ids[n] for n in swap.leaves),
            _ids(entries.ids[n] for n in swap.enters),
        ]
        for swap in found.swaps
    ]
    return Table.of(["reviewer", "group", "leaves", "enters"], rows, "stability")


def _if_shown(spread: float, columns: dict[str, Floats]) -> dict[str, Floats]:
    return columns if spread > 0 else {name: np.full(len(column), np.nan) for name, column in columns.items()}


def _certainty(sure: Uncertainty | None, n: int) -> list[Cell]:
    if sure is None or sure.zone[n] is None:
        return [None] * 5
    numbers = (sure.chance[n], sure.expected_rank[n])
    ranks = [f"{rank:.0f}" for rank in (sure.rank_low[n], sure.rank_high[n])]
    return [*(calibrated_cell(number) for number in numbers), *ranks, str(sure.zone[n])]


def _ids(ids: Iterable[str]) -> Cell:
    return "; ".join(ids) or None


def _exact(value: Fraction | None) -> Cell:
    return None if value is None else exact_text(value)


def calibrated_cell(value: float) -> Cell:
    """A number of a calibration; empty where it is unknown."""
    return None if math.isnan(value) else f"{value:.6f}"


def _column(table: Table, name: str, order: list[int]) -> Column:
    cells = table.column(name)
    return Column.from_values(
        [None if cells[n] is None else _number(table, name, n, _EXACT, "is not an exact number") for n in order]
    )


def _number(table: Table, name: str, row: int, form: re.Pattern[str], what: str) -> Fraction:
    """The number of a cell in the form in which it was written; a longer one than any was not."""
    cell = table.column(name)[row] or ""
    if len(cell) > _LONGEST or not form.match(cell):
        where = RowError(table.source, table.lines[row], name, cell[:_LONGEST], what)
        raise TableError(f"{where}; tally again")
    return Fraction(cell)
