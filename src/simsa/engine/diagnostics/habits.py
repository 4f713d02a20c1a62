"""Habits of single reviewers: sheets without a difference between criteria, and the same sheet again and again.

A flat sheet has every criterion at the same share of its scale (halo in its plainest form, or a form filled in
without reading). A repeated sheet has the marks of an earlier one of the same reviewer in the same group. Both happen
by chance, more often on short scales: how often is taken from the other reviewers, and counts are compared with a
beta-binomial that has their spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.diagnostics.counting import Moments, tails
from simsa.engine.diagnostics.discovery import Flags, Floats, Integers, Screening, screen
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why

_LOOKED_AT = 2000  # reviewers with improbable counts whose others are looked at one by one
_CONSTANT = 3  # sheets from which on always the same one is worth a word


@dataclass(frozen=True, eq=False)
class Counted:
    """How often something happened, by reviewer: `count` of `trials`, `expected` by the others, and the screening."""

    count: Integers
    trials: Integers
    expected: Floats
    screening: Screening


@dataclass(frozen=True, eq=False)
class Habits:
    """`flat`: sheets without a difference between criteria, of those with two marks or more; `repeated`: sheets that
    repeat an earlier one. `constant` (reviewers,): all sheets are the same, three or more. `spread` (reviewers,): mean
    standard deviation between the criteria of a sheet, in hundredths of the scale, NaN without any."""

    flat: Counted
    repeated: Counted
    constant: Flags
    spread: Floats


def find_habits(
    cells: NDArray[np.int64],
    share: Floats,
    reviewer: Integers,
    group: Integers,
    n_reviewers: int,
    level: float,
) -> Habits | NotMade:
    """Habits from sheets. `cells` int64 (n, columns): what is compared of a sheet; `share` (n, leaves): each mark's
    place on its scale, 0 to 1, NaN without a mark; `group` (n,)."""
    there = int((np.bincount(reviewer, minlength=n_reviewers) > 0).sum())
    if there < 2:
        return NotMade(Diagnosis.HABITS, Why.FEW_REVIEWERS, data={"reviewers": there, "least": 2})
    marks = np.isfinite(share).sum(axis=1)
    several = marks > 1
    filled = np.where(np.isfinite(share), share, 0.0)
    mean = filled.sum(axis=1) / np.maximum(marks, 1)
    square = np.where(np.isfinite(share), (share - mean[:, None]) ** 2, 0.0).sum(axis=1)
    deviation = np.sqrt(square / np.maximum(marks - 1, 1))
    trials = np.bincount(reviewer[several], minlength=n_reviewers)
    spread = np.bincount(reviewer[several], 100 * deviation[several], n_reviewers)
    flat = several & (deviation < 1e-9)
    count = np.bincount(reviewer[flat], minlength=n_reviewers)
    repeated, constant = _repeats(cells, reviewer, group, n_reviewers, level)
    return Habits(
        _counted(count, trials, count, trials, lambda rate: rate * trials, level),
        repeated,
        constant,
        np.divide(spread, trials, out=np.full(n_reviewers, np.nan), where=trials > 0),
    )


def _repeats(
    cells: NDArray[np.int64], reviewer: Integers, group: Integers, m: int, level: float
) -> tuple[Counted, Flags]:
    block, of_block = np.unique(reviewer * (int(group.max(initial=0)) + 1) + group, return_inverse=True)
    of_block = of_block.reshape(-1)
    whose = np.zeros(len(block), np.int64)
    whose[of_block] = reviewer
    _, first, run = np.unique(np.column_stack([of_block, cells]), axis=0, return_index=True, return_counts=True)
    size = np.bincount(of_block)
    kinds = np.bincount(of_block[first], minlength=len(block))
    same = np.bincount(reviewer[first], run * (run - 1) / 2, m)
    pairs = np.bincount(whose, size * (size - 1) / 2, m)
    count = np.bincount(whose, size - kinds, m).astype(np.int64)
    trials = np.bincount(whose, size - 1, m).astype(np.int64)

    def expected(chance: Floats) -> Floats:
        """The t-th sheet of a block repeats one of the t - 1 before it, each with this chance."""
        fresh = (1 - np.minimum(chance, 1 - 1e-12))[whose]
        return np.bincount(whose, size - (1 - fresh**size) / (1 - fresh), m).astype(np.float64, copy=False)

    constant = (trials == count) & (trials >= _CONSTANT - 1)
    return _counted(count, trials, same, pairs, expected, level), constant


def _counted(
    count: Integers,
    trials: Integers,
    events: Floats | Integers,
    chances: Floats | Integers,
    expected: Callable[[Floats], Floats],
    level: float,
) -> Counted:
    """Counts beside those of the others. The rate is that of the others' `events` in `chances`; `expected` turns the
    rate for each reviewer into a count."""
    rate = np.minimum((events.sum() - events + 0.5) / (chances.sum() - chances + 1.0), 1.0)
    due = np.minimum(expected(rate), trials)
    share = np.divide(due, trials, out=np.zeros(len(count)), where=trials > 0)
    tested = np.flatnonzero(trials > 0)
    p = np.full(len(count), np.nan)
    p[tested] = tails(count[tested], trials[tested], share[tested], np.zeros(len(tested)))
    # The spread of the others about a rate of their own, without the reviewer in either; more spread, less surprise.
    unlikely = tested[p[tested] < level]
    for n in unlikely[np.argsort(p[unlikely], kind="stable")][:_LOOKED_AT]:
        others = tested[tested != n]
        due_of = np.minimum(expected(np.full(len(count), rate[n]))[others], trials[others])
        spread = Moments.of(count[others], trials[others], due_of / trials[others]).spread
        p[n] = tails(count[n : n + 1], trials[n : n + 1], share[n : n + 1], spread)[0]
    return Counted(count, trials, due, screen(p, level))
