"""An alternative as a grid of entries and reviewers, and every pair of it as a file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.tables.pictures import Matrix
from simsa.tables.table import Table
from simsa.web.panel.inputs import affinities_of
from simsa.web.panel.models import Alternative
from simsa.web.panel.seating import Pair
from simsa.web.programmes.models import Round

MOST_ROWS, MOST_COLUMNS = 40, 36


def matrix_of(
    round_: Round, alternative: Alternative, barred: Collection[Pair], *, group: str = "", language: str
) -> Matrix:
    """Entries (of a group, if named), the worst off first, beside the reviewers who have most to do with them; of more
    than `MOST_ROWS` and `MOST_COLUMNS` the first."""
    there = round_.entries.select_related("entrant").order_by("position")
    names = {one.entrant.code: one.entrant.name(language) for one in (there.filter(group=group) if group else there)}
    panel = dict(round_.reviewers.order_by("position").values_list("code", "name"))
    worth, counts = dict.fromkeys(names, 0.0), dict.fromkeys(panel, 0)
    for entry, _code, text in alternative.rows:
        if entry in worth:
            worth[entry] += float(Fraction(text))
    rows = sorted(names, key=lambda code: worth[code])[:MOST_ROWS]
    shown = set(rows)
    for entry, code in [*alternative.by_pair, *barred]:
        if entry in shown and code in counts:
            counts[code] += 1
    kept = set(sorted(panel, key=lambda code: -counts[code])[:MOST_COLUMNS])
    columns = [code for code in panel if code in kept]
    return _matrix(round_, alternative, barred, {code: names[code] for code in rows}, columns, len(names), panel)


def _matrix(
    round_: Round,
    alternative: Alternative,
    barred: Collection[Pair],
    rows: dict[str, str],
    columns: list[str],
    of_rows: int,
    panel: dict[str, str],
) -> Matrix:
    row, column = ({code: n for n, code in enumerate(codes)} for codes in (rows, columns))
    shape = len(rows), len(columns)
    affinity, chosen, refused = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool)
    kept = affinities_of(round_)
    for entry, by_reviewer in ({} if kept is None else kept.by_entry).items():
        for code, text in by_reviewer.items() if entry in row else ():
            if code in column:
                affinity[row[entry], column[code]] = float(text)
    for pairs, grid in ((alternative.by_pair, chosen), (barred, refused)):
        for entry, code in pairs:
            if entry in row and code in column:
                grid[row[entry], column[code]] = True
    named = tuple(panel[code] for code in columns)
    return Matrix(tuple(rows.values()), named, affinity, chosen, refused, of_rows, len(panel))


@dataclass(frozen=True)
class GridCell:
    """A cell of the grid as it is read out: the affinity ("" for none), and what else there is to say."""

    affinity: str
    chosen: bool
    barred: bool


def cells_of(grid: Matrix, row: int) -> list[GridCell]:
    """The cells of a row."""
    return [
        GridCell("" if np.isnan(value) else f"{value:.2f}", bool(chosen), bool(barred))
        for value, chosen, barred in zip(grid.affinity[row], grid.chosen[row], grid.barred[row], strict=True)
    ]


def pairs_table(round_: Round, alternative: Alternative, barred: Collection[Pair]) -> Table:
    """Every pair that has an affinity, was chosen, or must not meet."""
    kept = affinities_of(round_)
    worth = {
        (entry, code): text
        for entry, by_reviewer in ({} if kept is None else kept.by_entry).items()
        for code, text in by_reviewer.items()
    }
    chosen = alternative.by_pair
    rows = [
        [*pair, worth.get(pair), "1" if pair in chosen else "0", "1" if pair in barred else "0"]
        for pair in sorted({*worth, *chosen, *barred})
    ]
    return Table.of(["entry", "reviewer", "affinity", "assigned", "barred"], rows, "pairs")
