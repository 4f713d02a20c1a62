"""Tables of the further models of calibration: those of the totals with the columns that the model adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simsa.engine.calibration import Scores
from simsa.engine.calibration.criteria import CriteriaCalibration
from simsa.engine.calibration.ordinal import OrdinalCalibration
from simsa.engine.inputs import Entries

from .results import calibrated_cell, calibration_table, severity_table
from .table import Table

Named: TypeAlias = list[tuple[str, NDArray[np.float64]]]


def entrants_table(found: Scores, entries: Entries, names: Sequence[str], criteria: Sequence[str]) -> Table:
    """`calibration_table`, and for each of the `criteria` its score and error, or the expected mark and its error."""
    more: Named = []
    if isinstance(found, CriteriaCalibration):
        more = _paired(criteria, ("", ".error"), found.criterion_score, found.criterion_error)
    elif isinstance(found, OrdinalCalibration):
        more = [("expected_mark", found.expected_mark), ("mark_error", found.mark_error)]
    return _widened(calibration_table(found, entries, names), more)


def reviewers_table(found: Scores, reviewers: Sequence[str], criteria: Sequence[str]) -> Table:
    """`severity_table`, and for each of the `criteria` the severity there and its error."""
    more: Named = []
    if isinstance(found, CriteriaCalibration):
        more = _paired(criteria, ("", ".error"), found.criterion_severity, found.criterion_severity_error)
    return _widened(severity_table(found, reviewers), more)


def thresholds_table(found: OrdinalCalibration) -> Table:
    """One row for each threshold: its number, where it is on the latent scale, and its error."""
    rows = [
        [str(n), calibrated_cell(value if np.isfinite(value) else np.nan), calibrated_cell(error)]
        for n, (value, error) in enumerate(zip(found.thresholds, found.threshold_error, strict=True), 1)
    ]
    return Table.of(["threshold", "latent", "standard_error"], rows, "thresholds")


def _paired(criteria: Sequence[str], endings: tuple[str, str], *values: NDArray[np.float64]) -> Named:
    return [
        (f"{criterion}{ending}", one[:, n])
        for n, criterion in enumerate(criteria)
        for ending, one in zip(endings, values, strict=True)
    ]


def _widened(table: Table, more: Named) -> Table:
    columns = [[calibrated_cell(float(value)) for value in values] for _, values in more]
    rows = [[*row, *(column[n] for column in columns)] for n, row in enumerate(table.rows())]
    return Table.of([*table.header, *(name for name, _ in more)], rows, table.source)
