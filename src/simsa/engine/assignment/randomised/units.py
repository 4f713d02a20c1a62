"""Exact marginals: probabilities as whole units that meet every limit, or the refusal that says that none do."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.problem import NAMED, AssignmentError, IntArray, UnmetError
from simsa.engine.assignment.randomised.result import FloatArray
from simsa.engine.assignment.randomised.trees import Int32Array, Trees
from simsa.engine.native import call

FINEST = 2**16
"""Units in probability 1, at least, where probabilities are rounded."""

_MOST_UNITS = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Units:
    """Units of the free pairs, and those below each node. `whole` units are probability 1."""

    pairs: Int32Array
    nodes: IntArray
    whole: int


def fitting_whole(cap: Fraction, coverage: IntArray, finest: int) -> int:
    """The cap's denominator times the power of two that makes it `finest` or more, or as much as fits.

    Raises:
        AssignmentError: the denominator alone is too large.
    """
    whole, most = cap.denominator, _MOST_UNITS // max(int(coverage.max(initial=0)), 1)
    if whole > most:
        raise AssignmentError(f"cap {cap} has too large a denominator: {most} is the most")
    while whole < finest and 2 * whole <= most:
        whole *= 2
    return whole


def round_to_units(trees: Trees, x: FloatArray, cap: Fraction, whole: int) -> Units:
    """Round probabilities, shape (free pairs,), that meet every entry's limits, and move what reviewers cannot take.

    Raises:
        UnmetError: no probabilities meet all limits.
    """
    units = Units(np.zeros(x.size, dtype=np.int32), np.zeros(trees.parent.size, dtype=np.int64), whole)
    least, most, off = trees.least * whole, trees.most * whole, np.zeros(1, dtype=np.int64)
    call(
        "simsa_units_round",
        *(trees.n_entries, trees.root, trees.end, trees.first, x, whole, int(cap * whole)),
        *(least, most, units.pairs, units.nodes, off),
    )
    assert not off[0], "build_trees refuses entries that cannot have their coverage"
    _even_out(trees, units, cap)
    return units


def _even_out(trees: Trees, units: Units, cap: Fraction) -> None:
    """Bring loads within their limits, through pairs that are strictly between 0 and the cap as far as possible."""
    low, high = trees.least_load * units.whole, trees.most_load * units.whole
    for above, below in ((high, high), (low, low)):
        for inner in (True, False):
            load = loads(trees, units.pairs)
            # First what is above the most, to where there is room; then from above the least to what is under it.
            supply, room = np.maximum(load - above, 0), np.maximum(below - load, 0)
            needed = supply if above is high else room
            if needed.any():
                _move(trees, units, cap, supply, room, inner)
        if needed.any():
            _refuse_loads(needed, units.whole, "above the most" if above is high else "under the least")


def _move(
    trees: Trees, units: Units, cap: Fraction, supply: NDArray[np.int64], room: NDArray[np.int64], inner: bool
) -> None:
    call(
        "simsa_units_move",
        *(trees.parent.size, trees.end, trees.first, trees.parent, trees.reviewer, room.size, trees.at),
        *(trees.column_node, trees.column_pair, int(cap * units.whole), trees.least * units.whole),
        *(trees.most * units.whole, units.pairs, units.nodes, supply, room, int(inner)),
    )


def loads(trees: Trees, units: Int32Array) -> IntArray:
    """Units of each reviewer."""
    before = np.concatenate([[0], np.cumsum(units[trees.column_pair], dtype=np.int64)])
    load: IntArray = np.diff(before[trees.at])
    return load


def _refuse_loads(missing: IntArray, whole: int, what: str) -> None:
    named = ", ".join(str(j) for j in np.flatnonzero(missing)[:NAMED])
    raise UnmetError(
        f"coverage, loads, kinds and the cap cannot all be met: {missing.sum() / whole:g} slots stay {what} "
        f"(for example of reviewers {named}); `assign` names who cannot be satisfied without a cap"
    )
