"""Many tests at once: adjusted p-values that keep the share of false alarms among all alarms in hand.

Benjamini-Hochberg (JRSS B 1995, doi:10.1111/j.2517-6161.1995.tb02031.x) where the tests are of different reviewers,
which depend on each other only through the entries that they share; Benjamini-Yekutieli (Annals of Statistics 2001,
doi:10.1214/aos/1013699998) where they are of pairs of reviewers, in which every reviewer is many times: its bound holds
whatever the dependence, at the price of fewer alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Control(StrEnum):
    """How the false discovery rate is held."""

    BENJAMINI_HOCHBERG = "benjamini-hochberg"
    BENJAMINI_YEKUTIELI = "benjamini-yekutieli"


@dataclass(frozen=True, eq=False)
class Screening:
    """Tests of one kind. `p`, `q` (n,): raw and adjusted p-values, NaN where there was nothing to test.

    `tests` counts those made, also ones that are not among `p` because they could not stand out. `level`: of all that
    stand out, this share is by chance on average.
    """

    p: Floats
    q: Floats
    tests: int
    level: float
    control: Control

    @property
    def found(self) -> Flags:
        """What stands out, shape (n,)."""
        return np.nan_to_num(self.q, nan=1.0) <= self.level

    @property
    def false_alarms(self) -> float:
        """At most how many of those that stand out are chance, on average."""
        return self.level * int(self.found.sum())

    @property
    def uncorrected(self) -> float:
        """How many would stand out by chance alone, were each test read by itself at the same level."""
        return self.level * self.tests


def screen(
    p: Floats, level: float, control: Control = Control.BENJAMINI_HOCHBERG, tests: int | None = None
) -> Screening:
    """Adjust p-values (n,), NaN where nothing was tested. `tests`: how many there were, if more than are handed in."""
    known = np.flatnonzero(~np.isnan(p))
    count = len(known) if tests is None else tests
    order = known[np.argsort(p[known], kind="stable")]
    factor = float(np.sum(1 / np.arange(1, count + 1))) if control is Control.BENJAMINI_YEKUTIELI else 1.0
    stepped = p[order] * count * factor / np.arange(1, len(order) + 1)
    q = np.full(len(p), np.nan)
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return Screening(p, q, count, level, control)
