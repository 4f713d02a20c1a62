"""The exchange: pairs that come and go together, which is what all answers about an assignment are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsa.engine.assignment.problem import IntArray
from simsa.engine.assignment.result import read_only

PairUnits = dict[tuple[int, int], int]
"""Affinity units by (entry, reviewer)."""


@dataclass(frozen=True, eq=False)
class Exchange:
    """Pairs that come and go together, and what the assignment then has more (or, where negative, less).

    Attributes:
        added, removed: int64, shape (k, 2): (entry, reviewer), sorted.
        added_units, removed_units: int64, shape (k,): their affinity units.
        filled: entries' slots filled in addition.
        met: slots of least loads met in addition.
        kept: where the assignment is a repair, pairs of the previous one kept in addition.
    """

    added: IntArray
    removed: IntArray
    added_units: IntArray
    removed_units: IntArray
    filled: int = 0
    met: int = 0
    kept: int = 0

    @classmethod
    def of(cls, added: PairUnits, removed: PairUnits, filled: int = 0, met: int = 0, kept: int = 0) -> Exchange:
        """Take the pairs with their units in any order."""
        return cls(_pairs(added), _pairs(removed), _units(added), _units(removed), filled, met, kept)

    @property
    def gains(self) -> PairUnits:
        return _worth(self.added, self.added_units)

    @property
    def losses(self) -> PairUnits:
        return _worth(self.removed, self.removed_units)

    @property
    def units(self) -> int:
        """What the total changes by."""
        return int(self.added_units.sum()) - int(self.removed_units.sum())

    @property
    def slots(self) -> int:
        """Slots filled and least loads met in addition: what counts before any affinity."""
        return self.filled + self.met

    @property
    def value(self) -> tuple[int, int, int]:
        """What counts first, second and third."""
        return self.slots, self.kept, self.units


def _pairs(worth: PairUnits) -> IntArray:
    return read_only(np.array(sorted(worth), dtype=np.int64).reshape(-1, 2))


def _worth(pairs: IntArray, units: IntArray) -> PairUnits:
    return {(e, r): u for (e, r), u in zip(pairs.tolist(), units.tolist(), strict=True)}


def _units(worth: PairUnits) -> IntArray:
    return read_only(np.array([worth[pair] for pair in sorted(worth)], dtype=np.int64))
