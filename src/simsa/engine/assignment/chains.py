"""Chains of exchanges: an assignment changed step by step while entries keep their floors; the method is in fair.c."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine import native
from simsa.engine.assignment.problem import BoolArray, IntArray

UNLIMITED = 2**62


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs that may be exchanged, and the limits, as the compiled loops read them.

    Attributes:
        start: int64, shape (entries + 1,): the pairs of entry i are start[i] to start[i + 1].
        reviewer, units: int32 and int64, shape (pairs,).
        need: int32, shape (entries,): pairs that each entry has, all of them taken.
        least, most: int32, shape (reviewers,).
        kinds: limits of kinds, as `tree_of` states them; by default none.
    """

    start: IntArray
    reviewer: NDArray[np.int32]
    units: IntArray
    need: NDArray[np.int32]
    least: NDArray[np.int32]
    most: NDArray[np.int32]
    kinds: tuple[Any, ...] = (-1, None, None, None, None, None, 0, None, None, None)


class Searched(ctypes.Structure):
    """What chains took: `Stats` of fair.c, name by name."""

    _fields_ = [
        ("searches", ctypes.c_int64),
        ("chains", ctypes.c_int64),
        ("refused", ctypes.c_int64),
        ("looked", ctypes.c_int64),
    ]


@dataclass(frozen=True, eq=False)
class Exchanged:
    """What chains made of an assignment.

    Attributes:
        taken: bool, shape (pairs,).
        welfare: int64, shape (entries,): units of each.
        complete: whether no entry is below its floor.
        work: pairs that were looked at.
    """

    taken: BoolArray
    welfare: IntArray
    complete: bool
    work: int


def exchange(
    pairs: Pairs,
    taken: BoolArray,
    welfare: IntArray,
    price: IntArray,
    floor: IntArray,
    *,
    gain: bool = False,
    work: int = UNLIMITED,
    tell: native.Tell | None = None,
) -> Exchanged:
    """Raise the entries below their floors, up to the first that cannot be; or gain in total while all keep theirs.

    Args:
        taken, welfare: an assignment within the limits.
        price: of each reviewer; chains are the shortest at these prices.
        work: look at no more than about so many pairs.
        tell: told 0 (raising) or 1 (gaining) and the share that is done.
    """
    pair, units = taken.astype(np.int32), welfare.copy()
    below, stats = np.zeros(1, dtype=np.int64), Searched()
    native.call(
        "simsa_fair",
        pairs.need.size,
        pairs.most.size,
        pairs.start,
        pairs.reviewer,
        pairs.units,
        pairs.need,
        pairs.least,
        pairs.most,
        price.copy(),
        floor,
        int(gain),
        max(0, min(work, UNLIMITED)),
        pair,
        units,
        below,
        stats,
        *pairs.kinds,
        tell=tell,
    )
    return Exchanged(pair > 0, units, not below[0], stats.looked)


def best(start: IntArray, units: IntArray, need: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    """Of each entry, the sum of `units` over its best candidates, as many as it needs, and the least of them."""
    total, last = np.zeros(need.size, dtype=np.int64), np.zeros(need.size, dtype=np.int64)
    native.call("simsa_best_of", need.size, start, np.ascontiguousarray(units), need, total, last)
    return total, last
