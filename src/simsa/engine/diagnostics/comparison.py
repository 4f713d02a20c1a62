"""Sheets compared within entries: what is left when entry and reviewer effects, both fixed, are taken off.

Only differences between reviewers of the same entry count, so that good entries are never taken for mild reviewers.
Reviewers' normal equations with the entries eliminated are a Laplacian of the graph of common entries; it is solved
densely up to `DENSE` reviewers and by conjugate gradients beyond.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components

from simsa.engine.diagnostics.conjugate import solved
from simsa.engine.diagnostics.discovery import Floats, Integers

DENSE = 3000
"""Reviewers up to whom matrices of reviewers by reviewers are held whole."""


class Comparison:
    """Who scored what, with a weight for each sheet. `entrant`, `reviewer`: int64 (n,), positions; `weight`: (n,)."""

    def __init__(self, entrant: Integers, reviewer: Integers, n_reviewers: int, weight: Floats | None = None) -> None:
        self.entrant, self.reviewer, self.n_reviewers = entrant, reviewer, n_reviewers
        self.weight = np.ones(len(entrant)) if weight is None else weight
        self.n_entrants = int(entrant.max(initial=-1)) + 1
        shape = (self.n_entrants, n_reviewers)
        self.count = csr_array((self.weight, (entrant, reviewer)), shape=shape)
        total = np.bincount(entrant, self.weight, self.n_entrants)
        self.inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        self.by_reviewer = np.bincount(reviewer, self.weight, n_reviewers)
        graph = self.count.T.tocsr() @ self.count
        self.parts, self.part = connected_components(graph, directed=False)
        size = np.bincount(self.part, minlength=self.parts)
        self._same = csr_array(
            (1 / np.sqrt(size[self.part]), (np.arange(n_reviewers), self.part)), shape=(n_reviewers, self.parts)
        )
        scale = float(self.by_reviewer.mean()) if n_reviewers else 1.0
        self._scale = scale or 1.0
        self._factor = None
        if n_reviewers <= DENSE:
            # The constants of each part, which the Laplacian does not see, get a unit of their own.
            filled = self.laplacian.toarray() + self._scale * (self._same @ self._same.T).toarray()
            self._factor = cho_factor(filled, lower=True)

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the residuals."""
        used = int((self.inverse > 0).sum())
        with_sheets = int((self.by_reviewer > 0).sum())
        empty = self.n_reviewers - with_sheets
        return len(self.entrant) - used - with_sheets + (self.parts - empty)

    @cached_property
    def laplacian(self) -> csr_array:
        """Reviewers' normal equations, shape (reviewers, reviewers)."""
        eliminated = self.count.T.tocsr() @ diags_array(self.inverse) @ self.count
        return csr_array(diags_array(self.by_reviewer) - eliminated)

    def solve(self, right: Floats) -> Floats:
        """Reviewers' effects for right-hand sides (reviewers,) or (reviewers, k); each part's effects sum to zero."""
        right = right - self._same @ (self._same.T @ right)
        if self._factor is not None:
            found = cho_solve(self._factor, right)
        else:
            matrix, columns = self.laplacian, right.reshape(len(right), -1)
            found = solved(lambda x: matrix @ x, matrix.diagonal(), columns).reshape(right.shape)
        return np.asarray(found - self._same @ (self._same.T @ found))

    def fit(self, values: Floats) -> tuple[Floats, Floats]:
        """Residuals (n,) of `values` (n,) off entries and reviewers, and the reviewers' effects (reviewers,)."""
        weighted = self.weight * (values - self._means(values)[self.entrant])
        sums = np.bincount(self.reviewer, weighted, self.n_reviewers).astype(np.float64, copy=False)
        effect = self.solve(sums)
        own = values - effect[self.reviewer]
        return own - self._means(own)[self.entrant], effect

    def _means(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.entrant, self.weight * values, self.n_entrants) * self.inverse, np.float64)
