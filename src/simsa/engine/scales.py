"""Scales in integers: which marks they allow, which of them is nearest, and where a mark lies among them.

Marks are in units of 1 / `unit` (see `inputs.Sheets`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Levels, Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def allowed(scale: Scale | Levels, mark: Integers, unit: int) -> NDArray[np.bool_]:
    """Whether each mark is on the scale."""
    if isinstance(scale, Levels):
        return np.isin(mark, _values(scale, unit))
    low, high, step = _ends(scale, unit)
    return np.asarray((mark >= low) & (mark <= high) & ((mark - low) % step == 0))


def nearest(scale: Scale | Levels, share: Floats, unit: int) -> Integers:
    """The marks nearest to so much of the way from the least mark to the greatest; beyond them, these."""
    if isinstance(scale, Levels):
        values = _values(scale, unit)
        between = (values[1:] + values[:-1]) / 2
        return np.asarray(values[np.searchsorted(between, values[0] + share * (values[-1] - values[0]))])
    low, high, step = _ends(scale, unit)
    wanted = share * (high - low) / step
    return np.asarray(low + step * np.clip(np.rint(wanted), 0, (high - low) // step).astype(np.int64))


def position(scale: Scale | Levels, mark: Integers, unit: int) -> Integers:
    """How many marks of the scale lie below each mark that is on it."""
    if isinstance(scale, Levels):
        return np.asarray(np.searchsorted(_values(scale, unit), mark), dtype=np.int64)
    low, _high, step = _ends(scale, unit)
    return np.asarray((mark - low) // step)


def _ends(scale: Scale, unit: int) -> tuple[int, int, int]:
    return int(scale.min * unit), int(scale.max * unit), int(scale.step * unit)


def _values(scale: Levels, unit: int) -> Integers:
    return np.array([int(value * unit) for value in scale.marks], np.int64)
