"""All diagnoses of a round in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration import calibrate
from simsa.engine.diagnostics.discovery import Flags, Floats
from simsa.engine.diagnostics.habits import Habits, find_habits
from simsa.engine.diagnostics.order import Drift, Timing, find_drift, find_session
from simsa.engine.diagnostics.origin import Origin, find_origin
from simsa.engine.diagnostics.outliers import Outliers, find_outliers
from simsa.engine.diagnostics.pairs import Pairs, identical_pairs
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why
from simsa.engine.diagnostics.sizes import Sizes, panel_sizes
from simsa.engine.exact import THERE
from simsa.engine.inputs import Entries, InputError, Sheets, Status
from simsa.engine.scales import position
from simsa.engine.tally import Tally
from simsa.rules import Rules

LEVEL = 0.05
"""Of all that stands out, this share is by chance on average."""


@dataclass(frozen=True, eq=False)
class Diagnostics:
    """What was found in a round; what could not be looked at is a `NotMade`. Reviewers by position in the sheets."""

    reviewers: tuple[str, ...]
    level: float
    outliers: Outliers | NotMade
    origins: tuple[Origin | NotMade, ...]
    order: Drift | NotMade
    session: Drift | NotMade
    pairs: Pairs | NotMade
    habits: Habits | NotMade
    sizes: Sizes | NotMade

    @property
    def not_made(self) -> tuple[NotMade, ...]:
        """Every diagnosis that is missing."""
        parts = (self.outliers, *self.origins, self.order, self.session, self.pairs, self.habits, self.sizes)
        return tuple(part for part in parts if isinstance(part, NotMade))


def diagnose(
    rules: Rules,
    entries: Entries,
    sheets: Sheets,
    official: Tally,
    *,
    origins: Mapping[str, tuple[Sequence[str], Sequence[str]]] | None = None,
    timing: Timing | None = None,
    weights: Mapping[str, Fraction] | None = None,
    level: float = LEVEL,
) -> Diagnostics:
    """Every diagnosis that the data allow.

    Scores are the sheets' totals by the rules (`official`), or, with `weights` (leaf -> weight), the weighted sums of
    these leaves, of sheets that have a mark at each. `origins`: by field, its values of the entrants, in the order of
    `entries`, and of the reviewers, in the order of `sheets.reviewers`. `timing`: of the sheets. InputError for a
    weight of an unknown leaf and for lengths that do not fit.
    """
    _check(entries, sheets, origins or {}, timing)
    marked = (sheets.status == Status.MARK).any(axis=1) if sheets.leaves else np.zeros(len(sheets), bool)
    if not marked.any():
        return _nothing(sheets, level)
    score, there = _totals(official) if weights is None else _weighted(sheets, weights)
    rows = np.flatnonzero(there & marked)
    y, i, j = score[rows], sheets.entry[rows], sheets.reviewer[rows]
    m, group = len(sheets.reviewers), entries.group_index
    when = (timing or Timing.none(len(sheets))).of(rows)
    filled = np.flatnonzero(marked)
    entry, reviewer = sheets.entry[filled], sheets.reviewer[filled]
    cells = np.column_stack([np.where(sheets.status == Status.MARK, sheets.mark, 0), sheets.status])[filled]
    share = _shares(rules, sheets)[filled]
    return Diagnostics(
        sheets.reviewers,
        level,
        _outliers(y, i, j, len(entries), m, group, level),
        tuple(find_origin(name, *fields, y, i, j, level) for name, fields in (origins or {}).items())
        or (NotMade(Diagnosis.ORIGIN, Why.NO_FIELD),),
        find_drift(when, y, i, j, m, group[i], level),
        find_session(when, y, i, j, m, group[i], level),
        identical_pairs(cells, entry, reviewer, m, level),
        find_habits(cells, share, reviewer, group[entry], m, level),
        panel_sizes(entry, len(entries), group, rules.first_panel.sheets_per_entry.min if rules.adaptive else None),
    )


def _outliers(
    y: Floats, i: NDArray[np.int64], j: NDArray[np.int64], n: int, m: int, group: NDArray[np.int64], level: float
) -> Outliers | NotMade:
    if len(y) == 0:
        return NotMade(Diagnosis.OUTLIERS, Why.NO_SHEETS)
    calibration = calibrate(y, i, j, n_entrants=n, n_reviewers=m, group=group)
    return find_outliers(calibration, y, i, j, level, group[i])


def _nothing(sheets: Sheets, level: float) -> Diagnostics:
    def missing(diagnosis: Diagnosis) -> NotMade:
        return NotMade(diagnosis, Why.NO_SHEETS)

    return Diagnostics(
        sheets.reviewers,
        level,
        missing(Diagnosis.OUTLIERS),
        (missing(Diagnosis.ORIGIN),),
        missing(Diagnosis.ORDER),
        missing(Diagnosis.SESSION),
        missing(Diagnosis.PAIRS),
        missing(Diagnosis.HABITS),
        missing(Diagnosis.SIZES),
    )


def _totals(official: Tally) -> tuple[Floats, Flags]:
    there = official.sheet_totals.state == THERE
    return np.where(there, official.sheet_totals.floats(), 0.0), there


def _weighted(sheets: Sheets, weights: Mapping[str, Fraction]) -> tuple[Floats, Flags]:
    unknown = [leaf for leaf in weights if leaf not in sheets.leaves]
    if unknown or not weights:
        known = ", ".join(sheets.leaves)
        raise InputError(f"criterion {unknown[0]!r} has no marks (known: {known})" if unknown else "no criterion given")
    columns = [sheets.leaves.index(leaf) for leaf in weights]
    there = (sheets.status[:, columns] == Status.MARK).all(axis=1)
    factor = np.array([float(weight) for weight in weights.values()]) / 10.0**sheets.places
    return np.where(there, sheets.mark[:, columns] @ factor, 0.0), there


def _shares(rules: Rules, sheets: Sheets) -> Floats:
    """Each mark's place on its scale, 0 to 1; NaN without a mark."""
    result = np.full(sheets.mark.shape, np.nan)
    unit = 10**sheets.places
    for column, leaf in enumerate(rules.leaves):
        assert leaf.scale is not None
        marked = sheets.status[:, column] == Status.MARK
        result[marked, column] = position(leaf.scale, sheets.mark[marked, column], unit) / (leaf.scale.size - 1)
    return result


def _check(
    entries: Entries,
    sheets: Sheets,
    origins: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    timing: Timing | None,
) -> None:
    for name, (ours, theirs) in origins.items():
        if len(ours) != len(entries) or len(theirs) != len(sheets.reviewers):
            raise InputError(
                f"field {name!r}: {len(ours)} values for {len(entries)} entries and {len(theirs)} for "
                f"{len(sheets.reviewers)} reviewers"
            )
    if timing is not None and not len(timing.order) == len(timing.block) == len(timing.afternoon) == len(sheets):
        raise InputError(f"times of {len(timing.order)} sheets, but there are {len(sheets)}")
