"""Identical sheets of two reviewers on the same entries, beyond what independent reviewers would have in common.

The chance that two independent sheets of an entry are identical is taken from all other pairs of reviewers: from those
on the same entry (an entry that everybody gives full marks has many identical sheets), from the panel, and from how
often the two agree with third ones. Counts are compared with a beta-binomial that has the spread of the other pairs'.
Each reviewer is in many pairs, so that the tests depend on each other in no simple way: Benjamini-Yekutieli.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, triu

from simsa.engine.diagnostics.counting import Moments, upper_tails
from simsa.engine.diagnostics.discovery import Control, Floats, Integers, Screening, screen
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why

_DRAWN = 5.0  # pairs of the panel's rate that each entry's own rate is drawn with
_AGREEING = 2.0  # identical sheets, as expected, that a reviewer's own agreement is drawn with


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of reviewers with identical sheets, the least probable first; all arrays (k,).

    `first`, `second`: positions; `common`: entries that both scored; `identical`: with the same marks at every
    criterion; `expected`: by independence; `screening`: with as many tests as there are pairs with common entries.
    """

    first: Integers
    second: Integers
    common: Integers
    identical: Integers
    expected: Floats
    screening: Screening
    method: str = "identical sheets beside those of all other pairs, beta-binomial, Benjamini-Yekutieli"


def identical_pairs(
    cells: NDArray[np.int64], entrant: Integers, reviewer: Integers, n_reviewers: int, level: float
) -> Pairs | NotMade:
    """Pairs with identical sheets. `cells`: int64 (n, columns), what is compared of each sheet."""
    n_entrants = int(entrant.max(initial=-1)) + 1
    number = np.bincount(entrant, minlength=n_entrants)
    if not (number > 1).any():
        return NotMade(Diagnosis.PAIRS, Why.NO_COMMON_ENTRIES)
    _, kind = np.unique(np.column_stack([entrant, cells]), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    ones = np.ones(len(entrant))
    scored = csr_array((ones, (entrant, reviewer)), shape=(n_entrants, n_reviewers))
    alike = csr_array((ones, (kind, reviewer)), shape=(int(kind.max()) + 1, n_reviewers))
    run = np.bincount(kind)
    entry_of_kind = np.zeros(len(run), np.int64)
    entry_of_kind[kind] = entrant
    identical_on = np.bincount(entry_of_kind, run * (run - 1) / 2, n_entrants).astype(np.float64, copy=False)
    pairs_on = number * (number - 1) / 2
    drawn = np.where(number > 1, 1 / (pairs_on - 1 + _DRAWN), 0.0)
    counts = _Counts(
        _upper(alike, np.where(run > 1, 1.0, 0.0)),
        _upper(scored),
        _upper(scored, identical_on * drawn),
        _upper(scored, drawn),
        _upper(alike, np.where(run > 1, drawn[entry_of_kind], 0.0)),
        float(identical_on.sum()),
        float(pairs_on.sum()),
    )
    return counts.pairs(level)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Sums over the common entries of every pair, as upper triangles (reviewers, reviewers)."""

    identical: csr_array
    common: csr_array
    share: csr_array  # identical pairs of the entry over all of them, drawn
    panel: csr_array  # how much of the panel's rate that is drawn with
    own: csr_array  # what the pair's own identical sheets contribute to `share`
    all_identical: float
    all_pairs: float

    def pairs(self, level: float) -> Pairs:
        at = self.common.tocoo()
        first, second = at.coords[0].astype(np.int64), at.coords[1].astype(np.int64)
        common = np.rint(at.data).astype(np.int64)
        identical = _at(self.identical, first, second)
        rate = (self.all_identical - identical + 0.5) / (self.all_pairs - common + 1.0)
        plain = _at(self.share, first, second) + _DRAWN * rate * _at(self.panel, first, second)
        plain = np.maximum(plain - _at(self.own, first, second), 1e-12)
        m = self.common.shape[0]
        had = np.bincount(first, identical, m) + np.bincount(second, identical, m)
        due = np.bincount(first, plain, m) + np.bincount(second, plain, m)
        factor = np.ones(len(first))
        for who in (first, second):
            factor *= (had[who] - identical + _AGREEING) / (due[who] - plain + _AGREEING)
        expected = np.minimum(plain * factor, common * (1 - 1e-9))
        count = np.rint(identical).astype(np.int64)
        moments = Moments.of(count, common, expected / common)
        some = np.flatnonzero(count > 0)
        p = upper_tails(count, common, expected / common, some, moments)
        order = np.argsort(p, kind="stable")
        some, p = some[order], p[order]
        screening = screen(p, level, Control.BENJAMINI_YEKUTIELI, tests=len(first))
        return Pairs(first[some], second[some], common[some], count[some], expected[some], screening)


def _upper(rows: csr_array, weight: Floats | None = None) -> csr_array:
    """rows' diag(weight) rows above the diagonal."""
    weighted = rows if weight is None else csr_array(diags_array(weight) @ rows)
    return csr_array(triu(rows.T.tocsr() @ weighted, k=1, format="csr"))


def _at(matrix: csr_array, row: Integers, column: Integers) -> Floats:
    """The elements at these places, zero where none is stored."""
    coo = matrix.tocoo()
    width = matrix.shape[1]
    key = coo.coords[0].astype(np.int64) * width + coo.coords[1]
    order = np.argsort(key)
    key, data = key[order], np.asarray(coo.data, np.float64)[order]
    wanted = row * width + column
    place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    return np.where(key[place] == wanted, data[place], 0.0) if len(key) else np.zeros(len(row))
