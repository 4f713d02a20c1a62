"""The sheets as they were handed in: one score, entrant and reviewer each, checked before anything is computed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.calibration.arrays import Floats, Integers


class CalibrationError(ValueError):
    """Sheets that cannot be calibrated; the message says what is wrong, where, and what to do."""


def checked_sheets(
    score: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None,
) -> tuple[Floats, Integers, Integers, Integers, int, int]:
    y = numbers("score", score, 1, "one number per sheet")
    i, j, g = checked_panel(len(y), "scores", entrant, reviewer, n_entrants, n_reviewers, group)
    if not np.isfinite(y).all():
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise CalibrationError(
            f"score of sheet {row} (entrant {i[row]}, reviewer {j[row]}) is {y[row]}; leave sheets without a score out"
        )
    return y, i, j, g, n_entrants, n_reviewers


def numbers(name: str, values: ArrayLike, dimensions: int, wanted: str) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CalibrationError(f"{name}: {error}; pass {wanted}") from error
    if array.ndim != dimensions:
        raise CalibrationError(f"{name} has shape {array.shape}; pass {wanted}")
    return array


def checked_panel(
    sheets: int,
    name: str,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None,
) -> tuple[Integers, Integers, Integers]:
    """Entrant and reviewer of every sheet and the group of every entrant."""
    i = whole_numbers("entrant", entrant, n_entrants, "n_entrants")
    j = whole_numbers("reviewer", reviewer, n_reviewers, "n_reviewers")
    if not sheets == len(i) == len(j):
        raise CalibrationError(f"{sheets} {name}, {len(i)} entrants, {len(j)} reviewers; pass one of each per sheet")
    if sheets == 0:
        raise CalibrationError("there is no sheet to calibrate; wait for the first, or leave calibration out")
    if max(sheets, n_entrants, n_reviewers) >= _MOST:
        raise CalibrationError(
            f"{sheets} {name} of {n_entrants} entrants by {n_reviewers} reviewers; pass below {_MOST}"
        )
    most = n_entrants + _EMPTY_GROUPS
    g = np.zeros(n_entrants, np.int64) if group is None else whole_numbers("group", group, most, "n_entrants + 10000")
    if len(g) != n_entrants:
        raise CalibrationError(f"group has {len(g)} values for {n_entrants} entrants; pass the group of each entrant")
    return i, j, g


_MOST = 2**31  # positions are kept in 32 bits
_EMPTY_GROUPS = 10_000  # groups are numbered from 0; a number far beyond them is a mistake


def whole_numbers(name: str, values: ArrayLike, limit: int, limit_name: str) -> Integers:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise CalibrationError(f"{name} has type {array.dtype} and shape {array.shape}; pass a list of whole numbers")
    if len(array) and (array.min() < 0 or array.max() >= limit):
        row = int(np.flatnonzero((array < 0) | (array >= limit))[0])
        raise CalibrationError(f"{name}[{row}] is {array[row]}; it must be 0 or more and below {limit_name} = {limit}")
    return array.astype(np.int64, copy=False)
