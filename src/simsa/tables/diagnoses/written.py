"""Diagnostics as tables. Numbers have six decimal places; a cell without a number is empty."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simsa.engine.diagnostics import Diagnostics, Drift, Habits, NotMade, Origin, Outliers, Pairs, Sizes, Slopes
from simsa.engine.inputs import Entries
from simsa.tables.intervals import plus_minus
from simsa.tables.table import Cell, Table

_REVIEWERS = [
    "reviewer", "sheets", "severity", "severity_error", "severity_standing", "severity_q", "noise", "noise_ratio",
    "noise_q", "flat", "flat_expected", "flat_q", "repeated", "repeated_expected", "repeated_q",
]  # fmt: skip
_DIFFERENCES = [
    "diagnosis", "field", "reviewer", "estimate", "standard_error", "low", "high", "p", "q", "own", "own_error",
    "same_origin",
]  # fmt: skip


def diagnosis_tables(found: Diagnostics, entries: Entries) -> list[tuple[str, Table]]:
    """The tables of the diagnoses that were made, each with its name."""
    tables = []
    if isinstance(found.outliers, Outliers) or isinstance(found.habits, Habits):
        tables.append(("diagnosis-reviewers", reviewers_table(found)))
    rows = [row for part in (*found.origins, found.order, found.session) for row in _differences(found, part)]
    if rows:
        tables.append(("diagnosis-differences", Table.of(_DIFFERENCES, rows, "diagnosis-differences")))
    if isinstance(found.pairs, Pairs):
        tables.append(("diagnosis-pairs", pairs_table(found, found.pairs)))
    if isinstance(found.sizes, Sizes):
        tables.append(("diagnosis-panels", sizes_table(found.sizes, entries)))
    return tables


def reviewers_table(found: Diagnostics) -> Table:
    """One row for each reviewer: severity, noise, flat and repeated sheets, each with its adjusted p-value."""
    outliers, habits = found.outliers, found.habits
    rows = []
    for n, key in enumerate(found.reviewers):
        row: list[Cell] = [key]
        if isinstance(outliers, Outliers):
            numbers = (
                outliers.severity, outliers.severity_error, outliers.standing, outliers.severe.q,
                outliers.noise, outliers.noise_ratio, outliers.noisy.q,
            )  # fmt: skip
            row += [str(outliers.sheets[n]), *(_six(column[n]) for column in numbers)]
        else:
            row += [None] * 8
        for counted in (habits.flat, habits.repeated) if isinstance(habits, Habits) else ():
            row += [str(counted.count[n]), _six(counted.expected[n]), _six(counted.screening.q[n])]
        rows.append(row + [None] * (len(_REVIEWERS) - len(row)))
    return Table.of(_REVIEWERS, rows, "diagnosis-reviewers")


def pairs_table(found: Diagnostics, pairs: Pairs) -> Table:
    """One row for each pair of reviewers with an identical sheet, the least probable first."""
    rows = [
        [
            found.reviewers[pairs.first[n]],
            found.reviewers[pairs.second[n]],
            str(pairs.common[n]),
            str(pairs.identical[n]),
            _six(pairs.expected[n]),
            _small(pairs.screening.p[n]),
            _small(pairs.screening.q[n]),
        ]
        for n in range(len(pairs.first))
    ]
    header = ["reviewer", "other", "common", "identical", "expected", "p", "q"]
    return Table.of(header, rows, "diagnosis-pairs")


def sizes_table(sizes: Sizes, entries: Entries) -> Table:
    """One row for each entry whose panel has another size than is usual in its group."""
    rows = [
        [entries.ids[n], entries.group[n], str(sizes.size[n]), str(sizes.usual[sizes.group[n]])]
        for n in sizes.changed.tolist()
    ]
    return Table.of(["entry", "group", "reviewers", "usual"], rows, "diagnosis-panels")


def _differences(found: Diagnostics, part: Origin | Drift | NotMade) -> Iterator[list[Cell]]:
    """The panel first (no reviewer), then each reviewer."""
    if isinstance(part, NotMade):
        return
    kind, field = ("origin", part.field) if isinstance(part, Origin) else (part.diagnosis.value, "")
    slopes: Slopes = part.slopes
    for one, name in ((slopes.overall, kind), (part.trend if isinstance(part, Drift) else None, "trend")):
        if one is not None:
            numbers = (one.value, one.error, one.low, one.high)
            count = str(part.same) if isinstance(part, Origin) else None
            yield [name, field, None, *(_six(x) for x in numbers), _small(one.p), None, None, None, count]
    for n, reviewer in enumerate(slopes.reviewers.tolist()):
        value, error = float(slopes.shrunken[n]), float(slopes.shrunken_error[n])
        yield [
            kind,
            field,
            found.reviewers[reviewer],
            *(_six(x) for x in (value, error, *plus_minus(value, error))),
            _small(slopes.screening.p[n]),
            _small(slopes.screening.q[n]),
            _six(slopes.own[n]),
            _six(slopes.own_error[n]),
            str(part.same_by[reviewer]) if isinstance(part, Origin) else None,
        ]


def _six(value: float) -> Cell:
    return None if math.isnan(value) else f"{value:.6f}"


def _small(value: float) -> Cell:
    return None if math.isnan(value) else f"{value:.3g}"
