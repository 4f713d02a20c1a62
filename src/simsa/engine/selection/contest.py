"""The contest for a group's places over many draws of the true scores: who wins how often, and the smallest zone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
_CELLS = 2**23  # of the table of ranks: 64 MB


@dataclass(frozen=True, eq=False)
class ZoneFound:
    """`tied` (m,): who is in the zone; in `held` draws the rest is as it should be; `certified` as at `GroupZone`."""

    tied: Flags
    held: int
    certified: bool


class Contest:
    """Draws of the scores of m entrants for `places` places, handed in block by block.

    `columns` are their columns in a draw; two scores at most `margin` apart may be in another order elsewhere.
    """

    def __init__(self, columns: NDArray[np.int64], places: int, margin: float) -> None:
        self.columns, self.places, self.margin = columns, min(places, len(columns)), margin
        size = len(columns)
        self.draws = 0
        self.wins: Counts = np.zeros(size, np.int64)
        self.class_size = -(-size // max(1, min(size, _CELLS // size)))
        self.table: Counts = np.zeros((size, -(-size // self.class_size)), np.int64)
        self.rank_sum: Counts = np.zeros(size, np.int64)
        self.won: list[NDArray[np.uint8]] = []  # per draw, packed
        self.unsure: list[NDArray[np.int64]] = []  # (draw, entrant) that might be on the other side of the line

    def add(self, sample: NDArray[np.float64]) -> None:
        """More draws, shape (draws, m)."""
        count, size = sample.shape
        order = np.argsort(-sample, axis=1, kind="stable")
        rank = np.empty((count, size), np.int32)
        np.put_along_axis(rank, order, np.arange(size, dtype=np.int32)[None, :], axis=1)
        won = rank < self.places
        self.wins += won.sum(axis=0)
        self.rank_sum += rank.sum(axis=0, dtype=np.int64)
        cells = (np.arange(size, dtype=np.int64) * self.table.shape[1])[None, :] + rank // self.class_size
        self.table += np.bincount(cells.ravel(), minlength=self.table.size).reshape(self.table.shape)
        self.won.append(np.packbits(won, axis=1))
        if 0 < self.places < size:
            rows = np.arange(count)
            last, first = sample[rows, order[:, self.places - 1]], sample[rows, order[:, self.places]]
            away = np.where(won, sample - first[:, None], last[:, None] - sample)
            near = np.argwhere(away <= self.margin)
            near[:, 0] += self.draws
            self.unsure.append(near)
        self.draws += count

    def ranks(self, share: Fraction) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Expected rank (1 is best) and both ends of the interval with `share` of the draws, each (m,)."""
        running = np.cumsum(self.table, axis=1)
        tail = (1 - share) / 2
        low = (running * tail.denominator > tail.numerator * self.draws).argmax(axis=1) * self.class_size
        rest = 1 - tail
        high = (running * rest.denominator >= rest.numerator * self.draws).argmax(axis=1) * self.class_size
        last = np.minimum(high + self.class_size, len(self.wins))
        return self.rank_sum / self.draws + 1, low + 1.0, last.astype(np.float64)

    def zone(self, confidence: Fraction) -> ZoneFound:
        """The smallest zone that takes entrants in the order of their doubt, equals together."""
        need = ceil(confidence * self.draws)
        doubt = np.minimum(self.wins, self.draws - self.wins)
        _, level = np.unique(-doubt, return_inverse=True)  # 0: the greatest doubt
        level = level.reshape(-1)
        wrong = self._last_wrong(level)
        wanted = int(np.sort(wrong)[need - 1])
        tied = level < wanted
        certified = self._certified(tied, wrong <= wanted, need)
        if not certified:
            tied = level < wanted + 1
            wanted += 1
        return ZoneFound(tied, int((wrong <= wanted).sum()), certified)

    def side(self) -> Flags:
        """Who wins in most draws."""
        return 2 * self.wins > self.draws

    def _last_wrong(self, level: Counts) -> Counts:
        """Per draw, how many levels must be in the zone: 1 more than the last that holds someone on the wrong side."""
        side, found = self.side(), []
        for packed in self.won:
            wrong = self._unpacked(packed) != side
            found.append(np.where(wrong, level + 1, 0).max(axis=1))
        return np.concatenate(found)

    def _unpacked(self, packed: NDArray[np.uint8]) -> Flags:
        return np.unpackbits(packed, axis=1, count=len(self.wins)).astype(bool)

    def _certified(self, tied: Flags, held: Flags, need: int) -> bool:
        """Whether no computation within the margin comes to another zone.

        It finds win counts between those of sure wins and those with unsure ones added, and each draw as it is here but
        for the unsure pairs. So it comes to this zone if, for all such counts and draws, (a) everybody in the zone
        stays in more doubt than everybody outside, who stay on their side; (b) the zone holds often enough; (c) it does
        not without any of those who might be in the least doubt of it.
        """
        unsure = np.concatenate(self.unsure) if self.unsure else np.zeros((0, 2), np.int64)
        if not len(unsure):
            return True
        draw, who = unsure[:, 0], unsure[:, 1]
        won = np.concatenate(
            [self._unpacked(packed)[draw[mine] - first, who[mine]] for packed, first, mine in self._blocks(draw)]
        )
        low = self.wins - np.bincount(who[won], minlength=len(self.wins))
        high = self.wins + np.bincount(who[~won], minlength=len(self.wins))
        half = (2 * low <= self.draws) & (2 * high >= self.draws)
        ends = np.minimum(low, self.draws - low), np.minimum(high, self.draws - high)
        least, most = np.minimum(*ends), np.where(half, self.draws // 2, np.maximum(*ends))
        if (half & ~tied).any() or (tied.any() and not tied.all() and least[tied].min() <= most[~tied].max()):
            return False
        side = self.side()
        outside = ~tied[who]
        surely = held.copy()
        surely[draw[outside]] = False
        if surely.sum() < need:
            return False
        maybe = held.copy()
        for number in np.unique(draw[outside]).tolist():
            wrong = (self._draw(number) != side) & ~tied
            wrong[who[draw == number]] = False
            maybe[number] = not wrong.any()
        last = np.flatnonzero(tied & (least <= (most[tied].min() if tied.any() else 0)))
        for entrant in last.tolist():
            right = np.concatenate([self._unpacked(packed)[:, entrant] for packed in self.won]) == side[entrant]
            right[draw[who == entrant]] = True
            if half[entrant] or (maybe & right).sum() >= need:
                return False
        return True

    def _blocks(self, draw: Counts) -> list[tuple[NDArray[np.uint8], int, Flags]]:
        """Each block of draws with the number of its first, and which of `draw` (ascending) are in it."""
        found, first = [], 0
        for packed in self.won:
            found.append((packed, first, (draw >= first) & (draw < first + len(packed))))
            first += len(packed)
        return found

    def _draw(self, number: int) -> Flags:
        for packed, first, mine in self._blocks(np.array([number])):
            if mine[0]:
                return np.asarray(self._unpacked(packed[number - first : number - first + 1])[0])
        raise IndexError(number)
