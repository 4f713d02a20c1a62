"""The mixed-model equations of large panels, never formed: products for `solver`.

The kept factor's equations are S = I + ratio K'PK, as in `equations`, where K indicates the kept factor and P is the
inverse covariance without it, less the group means.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_array, diags_array, eye_array

from simsa.engine.calibration.arrays import Floats, Sparse, scaled_rows, times
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.solver import Solver, drawn_variances
from simsa.engine.calibration.statistics import Data


class Iterated:
    """The equations with the larger factor and the group means eliminated, at a given ratio of its variance.

    `kept`: 0 for entrants, 1 for reviewers. All products take vectors (kept,) or several at once (kept, k).
    """

    def __init__(self, data: Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        self.kept = kept = self.smaller(data)
        self.gone = 1 - kept
        own = (data.members @ diags_array(data.sheets)).tocsr()  # groups x entrants
        self.cross: Sparse = data.count if kept else data.transposed  # gone x kept
        self.back: Sparse = data.transposed if kept else data.count
        self.n_kept, self.n_gone = (data.sheets_by, data.sheets) if kept else (data.sheets, data.sheets_by)
        self.y_kept, self.y_gone = (data.sums_by, data.sums) if kept else (data.sums, data.sums_by)
        groups_kept, self.groups_gone = (data.by_group, own) if kept else (own, data.by_group)
        self.weight = 1 / (1 + ratio * self.n_gone)
        self.own = ratio * self.weight
        eliminated = (self.groups_gone @ diags_array(self.own)).tocsr()
        self.by_group: Sparse = csr_array(groups_kept - eliminated @ self.cross)  # X'H⁻¹K
        sheets = np.asarray(own.sum(axis=1), np.float64).ravel()
        self.root = cholesky(np.diag(sheets) - (eliminated @ self.groups_gone.T).toarray(), lower=True)
        self.log_determinant = float(np.sum(np.log1p(ratio * self.n_gone)) + 2 * np.sum(np.log(np.diag(self.root))))

    @staticmethod
    def smaller(data: Data) -> int:
        return 1 if data.count.shape[1] <= data.count.shape[0] else 0

    def means_of(self, by_group: Floats) -> Floats:
        """(X'H⁻¹X)⁻¹ times sums by group."""
        return np.asarray(cho_solve((self.root, True), by_group))

    def information(self, v: Floats) -> Floats:
        """K'PK v."""
        plain = times(self.n_kept, v) - self.back @ times(self.own, self.cross @ v)
        return np.asarray(plain - self.by_group.T @ self.means_of(self.by_group @ v))

    def across(self, v: Floats) -> Floats:
        """U'PK v, where U indicates the eliminated factor."""
        means = self.means_of(self.by_group @ v)
        return times(self.weight, self.cross @ v - self.groups_gone.T @ means)

    def towards(self, v: Floats) -> tuple[Floats, float]:
        """K'PU v and v'U'PU v."""
        weighted = self.weight * v
        by_group = self.groups_gone @ weighted
        own = float(self.n_gone @ (weighted * v)) - float(by_group @ self.means_of(by_group))
        return np.asarray(self.back @ weighted - self.by_group.T @ self.means_of(by_group)), own

    @cached_property
    def trace_alone(self) -> float:
        """The trace of U'PU."""
        squares = (self.groups_gone @ diags_array(self.weight**2) @ self.groups_gone.T).toarray()
        return float(self.weight @ self.n_gone) - float(np.trace(self.means_of(squares)))

    def right(self, y_kept: Floats, y_gone: Floats, y_group: Floats) -> tuple[Floats, Floats]:
        """K'Py and X'H⁻¹y, from the sums of scores by kept and eliminated level and by group."""
        eliminated = times(self.own, y_gone)
        by_group = y_group - self.groups_gone @ eliminated
        return np.asarray(y_kept - self.back @ eliminated - self.by_group.T @ self.means_of(by_group)), by_group

    def rest(self, effect: Floats, y_gone: Floats, by_group: Floats) -> tuple[Floats, Floats]:
        """Group means, and the residual sums of the eliminated levels, given kept effects and X'H⁻¹y."""
        means = self.means_of(by_group - self.by_group @ effect)
        return means, times(self.weight, y_gone - self.cross @ effect - self.groups_gone.T @ means)

    @property
    def diagonal(self) -> Floats:
        """Of K'H⁻¹K: what the group means take off is left out."""
        return np.asarray(self.n_kept - self.back.power(2) @ self.own)

    def posterior(self, solver: Solver, sigma: float) -> Posterior:
        """The joint posterior of the scores."""
        data, shift = self.data, csr_array(self.means_of(self.by_group.toarray()))
        spread = csr_array(solve_triangular(self.root, np.eye(len(self.root)), lower=True).T)
        if self.kept:
            direct, load, own = scaled_rows(self.cross, -self.own), self.weight, self.own
        else:
            size = len(self.n_kept)
            direct, load, own = eye_array(size, format="csr"), np.ones(size), np.zeros(size)
        return Posterior(data.entrants, data.group, solver, direct, load, shift, spread, own, sigma)

    def variances(self, posterior: Posterior, solver: Solver) -> tuple[Floats, Floats, Floats]:
        """Of the scores, the group means and the severities, over sigma squared."""
        if self.kept:
            return drawn_variances(posterior, solver, lambda kept, score: kept)
        own = self.own
        score, mean, gone = drawn_variances(posterior, solver, lambda kept, score: times(own, self.cross @ score))
        return score, mean, gone + own
