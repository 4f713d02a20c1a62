"""Dense affinities: every reviewer a candidate of every entry, in bounded memory.

The matrix is never held. It is read in blocks of rows; the best candidates of each entry are kept and assigned, and the
prices that prove that assignment tell which of all other pairs would be worth adding (column generation: Dantzig and
Wolfe, 1960). When none is, the assignment is optimal over all pairs. An entry whose kept candidates end above its price
has none to add and need not be read again; at last every pair is priced once more, so that the proof rests on nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsa.engine import native
from simsa.engine.assignment.network import DEFAULT_SCALE
from simsa.engine.assignment.problem import AssignmentError, IntArray, Problem
from simsa.engine.assignment.result import Assignment
from simsa.engine.assignment.solving import Progress, assign

FloatArray = NDArray[np.float32]

KEPT = 64
"""Candidates of each entry that are kept at first (at least four times its coverage)."""

BLOCK = 2**22
"""Affinities that are held at a time."""

_ADDED = 16  # candidates of an entry that are added after one reading


class Affinities(Protocol):
    """A matrix that can be read by rows. The same rows read the same each time.

    A row may read a little differently among other rows, as matrix products do in floating point: what counts is how
    the whole matrix reads in blocks from the first row to the last.
    """

    @property
    def shape(self) -> tuple[int, int]:
        """Entries and reviewers."""
        ...

    def rows(self, which: IntArray) -> FloatArray:
        """The rows asked for, in that order, shape (rows, reviewers); NaN: no candidate."""
        ...


@dataclass(frozen=True, eq=False)
class Embeddings:
    """The affinity of a pair is the product of two vectors.

    Attributes:
        entries, reviewers: float32, shapes (entries, dimensions) and (reviewers, dimensions).
    """

    entries: FloatArray
    reviewers: FloatArray

    def __post_init__(self) -> None:
        if self.entries.ndim != 2 or self.reviewers.ndim != 2 or self.entries.shape[1] != self.reviewers.shape[1]:
            raise AssignmentError(
                f"embeddings must be two matrices of as many columns, not {self.entries.shape}, {self.reviewers.shape}"
            )
        for name in ("entries", "reviewers"):
            if not np.isfinite(getattr(self, name)).all():
                raise AssignmentError(f"embeddings of {name} must be finite")

    @property
    def shape(self) -> tuple[int, int]:
        return self.entries.shape[0], self.reviewers.shape[0]

    def rows(self, which: IntArray) -> FloatArray:
        product: FloatArray = self.entries[which] @ self.reviewers.T
        return product


@dataclass(frozen=True, eq=False)
class Matrix:
    """Affinities that stand in a matrix, for example one mapped from a file: shape (entries, reviewers)."""

    values: NDArray[np.floating]

    @property
    def shape(self) -> tuple[int, int]:
        return self.values.shape[0], self.values.shape[1]

    def rows(self, which: IntArray) -> FloatArray:
        return np.ascontiguousarray(self.values[which], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class DenseAssignment:
    """An assignment that is optimal over all pairs of a dense matrix.

    Attributes:
        assignment: with its certificate over the pairs kept, whose prices hold for all others too; its `infeasibility`
            names groups among the pairs kept.
        problem: those pairs.
        priced: pairs whose affinity was compared with the final prices: all of them.
        sweeps: how often the matrix was read, in whole readings.
        rounds: how often pairs were added.
    """

    assignment: Assignment
    problem: Problem
    priced: int
    sweeps: float
    rounds: int


def assign_dense(
    affinities: Affinities,
    coverage: ArrayLike,
    *,
    most: ArrayLike,
    least: ArrayLike = 0,
    forbidden: ArrayLike = (),
    scale: int = DEFAULT_SCALE,
    kept: int | None = None,
    progress: Progress | None = None,
) -> DenseAssignment:
    """Choose the pairs with the largest total affinity of all entries and reviewers.

    Affinities are read as 32-bit floats. Limits and `forbidden` are as for `Problem`.

    Args:
        scale: units in one of affinity.
        kept: candidates of each entry to begin with; the result does not depend on it, only the time does.
        progress: told each reading of the matrix and its share.

    Raises:
        AssignmentError: as for `Problem`, or the affinities are too large for the scale.
    """
    search = _Search(affinities, coverage, most, least, forbidden, scale, progress)
    search.keep_best(kept)
    rounds = 0
    while True:
        found = search.solve()
        if not search.add(found, everything=False) and not search.add(found, everything=True):
            break
        rounds += 1
    return DenseAssignment(found, search.problem, search.priced, search.read / max(search.n, 1), rounds)


class _Search:
    """The pairs kept so far, by entry, and what is known of all others."""

    def __init__(
        self,
        affinities: Affinities,
        coverage: ArrayLike,
        most: ArrayLike,
        least: ArrayLike,
        forbidden: ArrayLike,
        scale: int,
        progress: Progress | None,
    ) -> None:
        self.affinities, self.scale, self.progress = affinities, scale, progress
        self.n, self.m = affinities.shape
        self.problem = Problem([], [], [], self.n, self.m, coverage, most=most, least=least, forbidden=forbidden)
        self.never = self.problem.forbidden[:, 1].astype(np.int32)
        self.never_start = np.searchsorted(self.problem.forbidden[:, 0], np.arange(self.n + 1))
        self.entry, self.reviewer = np.zeros((2, 0), dtype=np.int64)
        self.affinity = np.zeros(0, dtype=np.float32)
        self.rest = np.full(self.n, -np.inf, dtype=np.float32)
        self.lowest = -1, -1, float("inf")
        self.read = self.priced = 0

    def _blocks(self, wanted: IntArray, step: str) -> Iterator[tuple[IntArray, FloatArray]]:
        """The wanted rows in blocks."""
        size = max(1, BLOCK // max(self.m, 1))
        for at in range(0, wanted.size, size):
            if self.progress:
                self.progress(step, at / wanted.size)
            rows = wanted[at : at + size]
            block = self.affinities.rows(rows)
            if block.shape != (rows.size, self.m) or block.dtype != np.float32:
                raise AssignmentError(f"rows must be float32, shape {(rows.size, self.m)}, not {block.shape}")
            self.read += rows.size
            yield rows, np.ascontiguousarray(block)

    def _never(self, rows: IntArray) -> tuple[IntArray, NDArray[np.int32]]:
        return _gathered(self.never_start, self.never, rows)

    def keep_best(self, kept: int | None) -> None:
        most = int(self.problem.coverage.max(initial=0))
        keep = max(1, min(self.m, kept or max(KEPT, 4 * most)))
        parts = []
        for rows, block in self._blocks(np.arange(self.n), "best candidates"):
            start, never = self._never(rows)
            column = np.zeros((rows.size, keep), dtype=np.int32)
            count, rest = np.zeros(rows.size, dtype=np.int32), np.zeros(rows.size, dtype=np.float32)
            native.call("simsa_best", block, rows.size, self.m, start, never, keep, column, count, rest)
            self.rest[rows] = rest
            parts.append(_chosen(rows, block, column, count))
            self._note_lowest(rows, block, start, never)
        self._take(parts)
        self._keep_lowest()

    def _note_lowest(self, rows: IntArray, block: FloatArray, start: IntArray, never: NDArray[np.int32]) -> None:
        """Note the pair with the lowest affinity that is possible at all."""
        if not block.size or not np.fmin.reduce(block, axis=None) < self.lowest[2]:
            return
        possible = np.isfinite(block)
        possible[np.repeat(np.arange(rows.size), np.diff(start)), never] = False
        at, column = np.divmod(int(np.where(possible, block, np.inf).argmin()), self.m)
        if possible[at, column] and block[at, column] < self.lowest[2]:
            self.lowest = int(rows[at]), int(column), float(block[at, column])

    def _keep_lowest(self) -> None:
        """An empty slot costs more than any affinities differ by: of all pairs, not only of those kept."""
        entry, reviewer, affinity = self.lowest
        if entry >= 0 and not ((self.entry == entry) & (self.reviewer == reviewer)).any():
            self._take([(np.array([entry]), np.array([reviewer]), np.array([affinity], dtype=np.float32))])

    def _take(self, parts: list[tuple[IntArray, IntArray, FloatArray]]) -> None:
        if not parts:
            return
        entry, reviewer, affinity = (np.concatenate(column) for column in zip(*parts, strict=True))
        entry, reviewer = np.concatenate([self.entry, entry]), np.concatenate([self.reviewer, reviewer])
        order = np.argsort(entry * self.m + reviewer, kind="stable")
        self.entry, self.reviewer = entry[order], reviewer[order]
        self.affinity = np.concatenate([self.affinity, affinity])[order]

    def solve(self) -> Assignment:
        if self.progress:
            self.progress("assigning", 0.0)
        self.problem = Problem(
            self.entry,
            self.reviewer,
            self.affinity.astype(np.float64),
            self.n,
            self.m,
            self.problem.coverage,
            most=self.problem.most,
            least=self.problem.least,
            forbidden=self.problem.forbidden,
        )
        return assign(self.problem, scale=self.scale)

    def add(self, found: Assignment, *, everything: bool) -> bool:
        """Keep pairs that are worth more than both prices. False: there are none.

        Unless everything is to be priced, entries are left out whose other candidates cannot be worth enough.
        """
        entry_price, price = found.certificate.entry_price, found.certificate.reviewer_price
        lowest = int(price.min()) if price.size else 0
        rows = np.arange(self.n)
        if not everything:
            rows = np.flatnonzero(np.float64(self.rest) * self.scale + 1 > entry_price + lowest)
        rough = np.nextafter((price / self.scale).astype(np.float32), np.float32(-np.inf))
        slack = 2.0 / self.scale + 1e-6 * float(np.abs(rough).max(initial=0))
        kept, kept_start = self.reviewer.astype(np.int32), np.searchsorted(self.entry, np.arange(self.n + 1))
        parts, found_more = [], False
        self.priced = 0
        for some, block in self._blocks(rows, "pricing all pairs" if everything else "pricing"):
            column = np.zeros((some.size, _ADDED), dtype=np.int32)
            gain, count = np.zeros((some.size, _ADDED), dtype=np.int64), np.zeros(some.size, dtype=np.int32)
            total = np.zeros(1, dtype=np.int64)
            native.call(
                "simsa_price",
                block,
                some.size,
                self.m,
                float(self.scale),
                np.ascontiguousarray(entry_price[some]),
                price,
                rough,
                *self._never(some),
                *_gathered(kept_start, kept, some),
                _ADDED,
                slack,
                column,
                gain,
                count,
                total,
            )
            self.priced += some.size * self.m
            found_more |= bool(total[0])
            if everything:
                found_more |= self._read_again(some, block)
            parts.append(_chosen(some, block, column, count))
        if found_more:
            self._take(parts)
        return found_more

    def _read_again(self, rows: IntArray, block: FloatArray) -> bool:
        """Put affinities that were read among other rows right; whether there was one. `rows` are consecutive."""
        first, last = np.searchsorted(self.entry, [rows[0], rows[-1] + 1])
        value = block[self.entry[first:last] - rows[0], self.reviewer[first:last]]
        differs = bool((value != self.affinity[first:last]).any())
        self.affinity[first:last] = value
        return differs


def _gathered(start: IntArray, item: NDArray[np.int32], rows: IntArray) -> tuple[IntArray, NDArray[np.int32]]:
    """The items of some rows: where each row's begin, and the items."""
    length = start[rows + 1] - start[rows]
    ends = np.cumsum(length)
    at = np.repeat(start[rows] - ends + length, length) + np.arange(int(ends[-1]) if ends.size else 0)
    return np.concatenate([[0], ends]).astype(np.int64), item[at]


def _chosen(
    rows: IntArray, block: FloatArray, column: NDArray[np.int32], count: NDArray[np.int32]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Entry, reviewer and affinity of the candidates that were written for some rows."""
    written = np.arange(column.shape[1]) < count[:, None]
    at, _ = np.nonzero(written)
    reviewer = column[written].astype(np.int64)
    return rows[at], reviewer, block[at, reviewer]
