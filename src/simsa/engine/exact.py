"""Columns of exact numbers: integer numerators over one common denominator, and a state per cell.

The tally computes on whole columns at once. Numerators are int64 while every result provably fits, and Python integers
(an object array) beyond; both give the same numbers. There is no float.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Rounding

THERE, LEFT_OUT, NO_RESULT = 0, 1, 2
_SAFE = 2**62


@dataclass(frozen=True)
class Column:
    """`numerator / denominator` per cell, where `state` is THERE; LEFT_OUT and NO_RESULT cells hold no number."""

    numerator: NDArray[Any]
    denominator: int
    state: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.state)

    @classmethod
    def of(cls, numerator: NDArray[Any], denominator: int, state: NDArray[np.int8]) -> Column:
        """A column whose cells without a number hold 0, so that they can never overflow or leak into a result."""
        return cls(np.where(state == THERE, numerator, 0), denominator, state)

    @classmethod
    def from_values(cls, values: Sequence[Fraction | None], empty: int = NO_RESULT) -> Column:
        """From fractions; None becomes a cell in state `empty`."""
        denominator = reduce(lcm, (v.denominator for v in values if v is not None), 1)
        numerators = [0 if v is None else v.numerator * (denominator // v.denominator) for v in values]
        state = np.array([empty if v is None else THERE for v in values], dtype=np.int8)
        return cls(_integers(numerators), denominator, state)

    def value(self, cell: int) -> Fraction | None:
        """The number in one cell, None where there is none."""
        return Fraction(int(self.numerator[cell]), self.denominator) if self.state[cell] == THERE else None

    def values(self) -> list[Fraction | None]:
        return [self.value(cell) for cell in range(len(self))]

    def floats(self) -> NDArray[np.float64]:
        """The nearest floating-point numbers, for estimates alone; 0 where there is no number."""
        if self.numerator.dtype == object or self.denominator >= _SAFE:
            return np.array([int(n) / self.denominator for n in self.numerator], dtype=np.float64)
        return np.asarray(self.numerator / self.denominator, dtype=np.float64)

    def largest(self) -> int:
        return max((abs(int(n)) for n in (self.numerator.min(), self.numerator.max())), default=0) if len(self) else 0

    def over(self, denominator: int) -> Column:
        """The same numbers over a multiple of the denominator."""
        times = denominator // self.denominator
        return self if times == 1 else Column(_times(self, times), denominator, self.state)

    def scaled(self, factor: Fraction) -> Column:
        numerators = _times(self, factor.numerator)
        return Column(numerators, self.denominator * factor.denominator, self.state)

    def scaled_by(self, factors: Column) -> Column:
        """Cell by cell; a cell without a factor has no result."""
        product = _wide(self, max(1, self.largest()) * max(1, factors.largest())) * factors.numerator
        state = np.where(self.state != THERE, self.state, factors.state).astype(np.int8)
        return Column.of(product, self.denominator * factors.denominator, state)

    def plus(self, other: Column) -> Column:
        """Cell by cell; the state is the worse of the two."""
        denominator = lcm(self.denominator, other.denominator)
        left, right = self.over(denominator), other.over(denominator)
        room = left.largest() + right.largest()
        state = np.maximum(left.state, right.state)
        return Column.of(_wide(left, room) + _wide(right, room), denominator, state)

    def rounded(self, rounding: Rounding | None) -> Column:
        """Rounded as declared; unchanged for None."""
        if rounding is None:
            return self
        unit = 10**rounding.places
        scaled = _wide(self, max(self.largest() * unit, self.denominator) * 2)
        magnitude = np.abs(scaled) * unit
        whole, rest = magnitude // self.denominator, magnitude % self.denominator
        if rounding.mode == "half_up":
            whole = whole + (2 * rest >= self.denominator)
        elif rounding.mode == "half_even":
            over = (2 * rest > self.denominator) | ((2 * rest == self.denominator) & (whole % 2 == 1))
            whole = whole + over
        return Column(np.where(self.numerator < 0, -whole, whole), unit, self.state)

    def limited(self, least: Fraction | None, most: Fraction | None) -> Column:
        """Values outside `least`..`most` set to the limit."""
        column = self
        for limit, cut in ((least, np.maximum), (most, np.minimum)):
            if limit is None:
                continue
            denominator = lcm(column.denominator, limit.denominator)
            column = column.over(denominator)
            bound = limit.numerator * (denominator // limit.denominator)
            wide = _wide(column, max(abs(bound), denominator))
            column = Column.of(cut(wide, bound), denominator, column.state)
        return column

    def where(self, keep: NDArray[np.bool_], state: int) -> Column:
        """The same column with the cells not in `keep` set to `state`."""
        return Column.of(self.numerator, self.denominator, np.where(keep, self.state, state).astype(np.int8))


def _integers(numbers: Sequence[int]) -> NDArray[Any]:
    fits = all(abs(n) < _SAFE for n in numbers)
    return np.array(numbers, dtype=np.int64 if fits else object)


def _wide(column: Column, largest: int) -> NDArray[Any]:
    """The numerators, as Python integers if a result up to `largest` would not fit 64 bits."""
    if largest >= _SAFE and column.numerator.dtype != object:
        return column.numerator.astype(object)
    return column.numerator


def _times(column: Column, times: int) -> NDArray[Any]:
    return _wide(column, max(1, column.largest()) * max(1, abs(times))) * times
