"""What a layout is judged by: which places and regions are neighbours, and in which direction they lie."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from simsa.engine.tilemap.layout import Flags, Floats, Ints

ALONE = 3
"""Up to so many Gabriel pairs between two regions count as alone."""

DIRECTIONS = 32


@dataclass(frozen=True, slots=True)
class Atlas:
    """Regions 0..k-1, capitals, places projected and equalised, regions across the sea, neighbours."""

    label: Ints
    heads: Flags
    near: Floats
    target: Floats
    apart: tuple[int, ...]
    pairs: list[tuple[int, int, bool]]

    def contacts(self) -> tuple[Flags, Flags]:
        """(k, k) which regions are neighbours, and which may touch: across the sea none.

        Neighbours are joined by a Gabriel pair; where only fainter pairs join them, either is right.
        """
        count = int(self.label.max()) + 1
        wanted, allowed = np.zeros((2, count, count), dtype=np.bool_)
        for a, b, gabriel in self.pairs:
            r, s = self.label[a], self.label[b]
            wanted[r, s] = wanted[s, r] = wanted[r, s] or (gabriel and r != s)
            allowed[r, s] = allowed[s, r] = True
        for flags in (wanted, allowed):
            flags[list(self.apart)] = False
            flags[:, list(self.apart)] = False
        return wanted, allowed

    def arcs(self) -> Ints:
        """(m, 3) neighbours both ways, sorted: from, to, and the row of the table of costs: weight and direction."""
        count: Counter[tuple[int, ...]] = Counter(self._regions_of(a, b) for a, b, gabriel in self.pairs if gabriel)
        out: list[tuple[int, int, int]] = []
        for a, b, gabriel in self.pairs:
            regions = self._regions_of(a, b)
            alone = len(regions) == 2 and count[regions] <= ALONE
            weight = (2 if alone else 0) if gabriel else 1
            for i, j in ((a, b), (b, a)):
                right, up = self.near[j] - self.near[i]
                turn = round(math.atan2(-up, right) / (2 * math.pi) * DIRECTIONS) % DIRECTIONS
                out.append((i, j, weight * DIRECTIONS + turn))
        return np.array(sorted(out), dtype=np.int64).reshape(-1, 3)

    def _regions_of(self, a: int, b: int) -> tuple[int, ...]:
        return tuple(sorted({int(self.label[a]), int(self.label[b])}))


def toward(turn: int) -> tuple[float, float]:
    """The step to the next tile in a direction, (right, down): on the unit square, not the unit circle."""
    angle = 2 * math.pi * (turn % DIRECTIONS) / DIRECTIONS
    right, down = math.cos(angle), math.sin(angle)
    longer = max(abs(right), abs(down))
    return right / longer, down / longer
