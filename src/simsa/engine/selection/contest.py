"""The contest for a group's places over many draws of the true scores: who wins how often, and the smallest zone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
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

    def zone(self, confidence: Fraction, *, certifiable: bool = True) -> ZoneFound:
        """The smallest zone that takes entrants in the order of their doubt, equals together.

        Not `certifiable`: scores may differ elsewhere by more than the margin.
        """
        need = ceil(confidence * self.draws)
        doubt = np.minimum(self.wins, self.draws - self.wins)
        _, level = np.unique(-doubt, return_inverse=True)  # 0: the greatest doubt
        level = level.reshape(-1)
        wrong = self._last_wrong(level)
        wanted = int(np.sort(wrong)[need - 1])
        tied = level < wanted
        least, most = self._doubts()
        if certifiable and self._certified(tied, wrong <= wanted, need, least, most):
            return ZoneFound(tied, int((wrong <= wanted).sum()), True)
        following = int(doubt[~tied].max(initial=0))
        tied = tied | (most >= max(1, following))
        return ZoneFound(tied, self._held(tied), False)

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

    @cached_property
    def near(self) -> tuple[Counts, Counts, Flags]:
        """The unsure pairs: draw, entrant, and whether the entrant won."""
        unsure = np.concatenate(self.unsure) if self.unsure else np.zeros((0, 2), np.int64)
        draw, who = unsure[:, 0], unsure[:, 1]
        won = [self._unpacked(packed)[draw[mine] - first, who[mine]] for packed, first, mine in self._blocks(draw)]
        return draw, who, np.concatenate(won)

    def _doubts(self) -> tuple[Counts, Counts]:
        """The least and the most doubt about each entrant: without the unsure wins, and with all that might be."""
        _, who, won = self.near
        low = self.wins - np.bincount(who[won], minlength=len(self.wins))
        high = self.wins + np.bincount(who[~won], minlength=len(self.wins))
        ends = np.minimum(low, self.draws - low), np.minimum(high, self.draws - high)
        half = (2 * low <= self.draws) & (2 * high >= self.draws)
        return np.minimum(*ends), np.where(half, self.draws // 2, np.maximum(*ends))

    def _certified(self, tied: Flags, held: Flags, need: int, least: Counts, most: Counts) -> bool:
        """Whether no computation within the margin comes to another zone.

        It finds win counts between those of sure wins and those with unsure ones added, and each draw as it is here but
        for the unsure pairs. So it comes to this zone if, for all such counts and draws, (a) everybody in the zone
        stays in more doubt than everybody outside, who stay on their side; (b) the zone holds often enough; (c) it does
        not without any of those who might be in the least doubt of it.
        """
        draw, who, _ = self.near
        if not len(draw):
            return True
        if (2 * most[~tied] >= self.draws - 1).any():
            return False
        if tied.any() and not tied.all() and least[tied].min() <= most[~tied].max():
            return False
        side, outside = self.side(), ~tied[who]
        surely, maybe = held.copy(), held.copy()
        surely[draw[outside]] = False
        if surely.sum() < need:
            return False
        for number in np.unique(draw[outside]).tolist():
            wrong = (self._draw(number) != side) & ~tied
            wrong[who[draw == number]] = False
            maybe[number] = not wrong.any()
        last = np.flatnonzero(tied & (least <= most[tied].min(initial=self.draws)))
        for entrant in last.tolist():
            right = self._column(entrant) == side[entrant]
            right[draw[who == entrant]] = True
            if 2 * most[entrant] >= self.draws - 1 or (maybe & right).sum() >= need:
                return False
        return True

    def _held(self, tied: Flags) -> int:
        """In how many draws everybody outside the zone is on the right side."""
        side = self.side()
        return sum(int((~((self._unpacked(packed) != side) & ~tied).any(axis=1)).sum()) for packed in self.won)

    def _column(self, entrant: int) -> Flags:
        """In which draws an entrant won."""
        byte, bit = divmod(entrant, 8)
        return np.concatenate([(packed[:, byte] >> np.uint8(7 - bit)) & 1 for packed in self.won]).astype(bool)

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
