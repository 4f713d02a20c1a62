"""The panel's aggregators: the sheets of one entry become one exact value (mean, median, trimmed mean, consensus).

Works on all entries at once: sheets are sorted by entry and value, so that a trimmed mean is a sum over the middle of
each run.
"""

from __future__ import annotations

from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.rules import PanelAggregate

from .exact import LEFT_OUT, NO_RESULT, THERE, Column

REFUSED = 3  # state of an entry for which the rules refuse to go on


def aggregate(sheets: Column, entry: NDArray[np.int64], n_entries: int, rule: PanelAggregate) -> Column:
    """One value per entry from the sheets' values, before any rounding.

    `entry` (n,) says to which entry each sheet belongs. Sheets in state LEFT_OUT are not there; one sheet in state
    NO_RESULT leaves its entry without a result. An entry with too few sheets gets what `rule.below_minimum` says; state
    `REFUSED` marks those for which the rules refuse.
    """
    runs = _Runs(sheets, entry, n_entries)
    enough = runs.count >= rule.minimum
    if rule.method == "mean":
        column = runs.mean()
    elif rule.method == "median":
        column = runs.median()
    elif rule.method == "trimmed_mean":
        column, left = runs.trimmed(rule)
        enough &= left > 0
    else:
        column = runs.mean()
        column = _either(column, ~runs.spread_over(rule), _instead(runs, rule.otherwise))
    column = _either(column, enough, _instead(runs, rule.below_minimum))
    nobody = (runs.count == 0) & (column.state != REFUSED)  # the mean of nothing is no result, whatever the rules say
    state = np.where(nobody, NO_RESULT, column.state)
    return Column.of(column.numerator, column.denominator, np.where(runs.spoilt, NO_RESULT, state).astype(np.int8))


class _Runs:
    """The values that are there, sorted by entry and, within an entry, by value."""

    def __init__(self, sheets: Column, entry: NDArray[np.int64], n_entries: int) -> None:
        there = np.flatnonzero(sheets.state == THERE)
        by_value = there[np.argsort(sheets.numerator[there], kind="stable")]
        order = by_value[np.argsort(entry[by_value], kind="stable")]
        self.value: NDArray[Any] = sheets.numerator[order]
        self.denominator = sheets.denominator
        self.count = np.bincount(entry[order], minlength=n_entries)
        self.start = np.cumsum(self.count) - self.count
        self.spoilt = np.bincount(entry[sheets.state == NO_RESULT], minlength=n_entries) > 0
        self.largest = sheets.largest()

    def mean(self) -> Column:
        return self._mean(self.start, self.count)

    def trimmed(self, rule: PanelAggregate) -> tuple[Column, NDArray[np.int64]]:
        """The mean of the middle, and how many values were left for it."""
        low = np.minimum(self.start + rule.drop_low, self.start + self.count)
        high = np.maximum(self.start + self.count - rule.drop_high, low)
        if rule.ties == "all":
            low, high = self._past_ties(low, high, rule)
        left = high - low
        return self._mean(low, left), left

    def _past_ties(
        self, low: NDArray[np.int64], high: NDArray[np.int64], rule: PanelAggregate
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Move both ends past every value equal to one that was dropped."""
        low, high = low.copy(), high.copy()
        for entry in np.flatnonzero(self.count > 0):
            start, end = int(self.start[entry]), int(self.start[entry] + self.count[entry])
            while rule.drop_low and low[entry] < end and self.value[low[entry]] == self.value[low[entry] - 1]:
                low[entry] += 1
            while (
                rule.drop_high
                and high[entry] > start
                and high[entry] < end
                and (self.value[high[entry] - 1] == self.value[high[entry]])
            ):
                high[entry] -= 1
        return low, np.maximum(high, low)

    def median(self) -> Column:
        """The middle value, or the mean of the two in the middle."""
        safe = np.maximum(self.count, 1)
        first = self.start + (safe - 1) // 2
        second = self.start + safe // 2
        padded = np.append(self.value, [0])
        last = len(padded) - 1
        total = self._room(2, padded)[np.minimum(first, last)] + self._room(2, padded)[np.minimum(second, last)]
        return Column.of(total, 2 * self.denominator, self._state(self.count))

    def spread_over(self, rule: PanelAggregate) -> NDArray[np.bool_]:
        """Entries whose values lie further apart than the rule allows."""
        times = 2 * max(rule.spread.denominator, rule.spread.numerator * self.denominator)
        padded = np.append(self._room(times, self.value), [0])
        last = len(padded) - 1
        low = padded[np.minimum(self.start, last)]
        high = padded[np.minimum(self.start + np.maximum(self.count, 1) - 1, last)]
        apart = (high - low) * rule.spread.denominator > rule.spread.numerator * self.denominator
        return np.asarray(apart, dtype=bool) & (self.count > 0)

    def _mean(self, low: NDArray[np.int64], count: NDArray[np.int64]) -> Column:
        common = reduce(lcm, (int(n) for n in np.unique(count) if n > 0), 1)
        most = int(count.max()) if len(count) else 1
        values = self._room(most * common, self.value)
        running = (
            np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)]) if len(values) else np.zeros(1, np.int64)
        )
        total = running[low + count] - running[low]
        share = np.array(
            [common // int(n) if n > 0 else 0 for n in count], dtype=values.dtype if common < 2**62 else object
        )
        return Column.of(total * share, self.denominator * common, self._state(count))

    def _room(self, times: int, values: NDArray[Any]) -> NDArray[Any]:
        """Room for the running sum of all values, and for one entry's sum times `times`."""
        most = max(1, self.largest)
        needed = most * max(1, len(self.value), times)
        return values.astype(object) if needed >= 2**62 else values

    def _state(self, count: NDArray[np.int64]) -> NDArray[np.int8]:
        return np.where(count > 0, THERE, LEFT_OUT).astype(np.int8)


def _instead(runs: _Runs, what: str) -> Column:
    if what == "mean":
        return runs.mean()
    if what == "median":
        return runs.median()
    state = np.full(len(runs.count), NO_RESULT if what == "no_result" else REFUSED, np.int8)
    return Column(np.zeros(len(state), np.int64), 1, state)


def _either(column: Column, keep: NDArray[np.bool_], other: Column) -> Column:
    """`column` where `keep`, else `other`."""
    denominator = lcm(column.denominator, other.denominator)
    left, right = column.over(denominator), other.over(denominator)
    numerator = np.where(keep, left.numerator, right.numerator)
    return Column.of(numerator, denominator, np.where(keep, left.state, right.state).astype(np.int8))
