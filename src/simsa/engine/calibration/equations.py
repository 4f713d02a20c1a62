"""Henderson's mixed-model equations with the larger factor and the group means eliminated."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_array, diags_array, eye_array

from simsa.engine.calibration.arrays import Floats, gram_of, group_sums, quadratic_forms, scaled_rows
from simsa.engine.calibration.posterior import Posterior, Rooted
from simsa.engine.calibration.statistics import Data


class ReviewersKept:
    """The equations with entrants' qualities and group means eliminated, at a given ratio of the quality variance.

    H is the covariance over the residual variance without the kept term, P projects off the group means in its
    metric, Z and U are the indicators of the kept and of the eliminated factor.
    """

    kept, gone = 1, 0

    def __init__(self, data: Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        n, group = data.sheets, data.group
        self.weight = 1 / (1 + ratio * n)
        self.precision = np.bincount(group, self.weight * n)  # of the group means, diagonal
        self.by_group = group_sums(data.members, data.count, self.weight)
        self.log_determinant = float(np.sum(np.log1p(ratio * n)) + np.sum(np.log(self.precision)))

    def information(self) -> Floats:
        """Z'PZ."""
        eliminated = self.ratio * gram_of(self.data.count, self.weight) + gram_of(self.by_group, 1 / self.precision)
        return np.diag(self.data.sheets_by) - eliminated

    def coupling(self) -> tuple[Floats, float]:
        """Z'PUU'PZ and the trace of U'PU."""
        w, n, group = self.weight, self.data.sheets, self.data.group
        squares = np.bincount(group, (w * n) ** 2)
        twice = group_sums(self.data.members, self.data.count, w**2 * n)
        shift = scaled_rows(self.by_group, 1 / self.precision)
        half = (twice - scaled_rows(shift, squares / 2)).tocsr()
        small = half.shape[0] <= half.shape[1]
        cross = half.toarray().T @ shift.toarray() if small else (half.T.tocsr() @ shift).toarray()
        return gram_of(self.data.count, w**2) - cross - cross.T, float(np.sum(w * n) - np.sum(squares / self.precision))

    def right(self) -> Floats:
        """Z'Py."""
        weighted = self.weight * self.data.sums
        means = np.bincount(self.data.group, weighted) / self.precision
        alone = self.data.sums_by - self.ratio * (self.data.count.T @ weighted)
        return np.asarray(alone - self.by_group.T @ means)

    def rest(self, effect: Floats) -> tuple[Floats, Floats]:
        """Group means, and the sums of residuals per level of the eliminated factor, given the kept effects."""
        data = self.data
        mean = (np.bincount(data.group, self.weight * data.sums) - self.by_group @ effect) / self.precision
        return mean, self.weight * (data.sums - data.sheets * mean[data.group] - data.count @ effect)

    def towards(self, v: Floats) -> tuple[Floats, float]:
        """Z'PUv and v'U'PUv."""
        w, n, group = self.weight, self.data.sheets, self.data.group
        by_group = np.bincount(group, w * n * v)
        shift = self.by_group.T @ (by_group / self.precision)
        own = float(np.sum(n * w * v**2) - np.sum(by_group**2 / self.precision))
        return self.data.count.T @ (w * v) - shift, own

    def posterior(self, root: Floats, ratio: float, sigma: float) -> Posterior:
        shift = scaled_rows(self.by_group, 1 / self.precision)
        direct = scaled_rows(self.data.count, -self.ratio * self.weight)
        spread = diags_array(self.precision**-0.5).tocsr()
        own = self.ratio * self.weight
        return Posterior(
            self.data.entrants, self.data.group, Rooted(root, ratio), direct, self.weight, shift, spread, own, sigma
        )

    def severity_variances(self, posterior: Posterior, kept: Floats) -> Floats:
        return np.asarray(posterior.sigma**2 * np.diag(kept))


class EntrantsKept:
    """The same with reviewers' effects and group means eliminated, at a given ratio of the severity variance."""

    kept, gone = 0, 1

    def __init__(self, data: Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        self.weight = 1 / (1 + ratio * data.sheets_by)
        self.plain = np.diag(data.sheets) - ratio * gram_of(data.transposed, self.weight)  # before the group means
        self.by_group = np.asarray(data.members @ self.plain)
        self.root = cholesky(np.asarray(self.by_group @ data.members.T), lower=True)  # of the means' precision
        self.shift = np.asarray(cho_solve((self.root, True), self.by_group))
        determinant = np.sum(np.log1p(ratio * data.sheets_by)) + 2 * np.sum(np.log(np.diag(self.root)))
        self.log_determinant = float(determinant)

    def information(self) -> Floats:
        return np.asarray(self.plain - self.by_group.T @ self.shift)

    def coupling(self) -> tuple[Floats, float]:
        w, members = self.weight, self.data.members
        squares = gram_of(self.data.transposed, w**2)
        by_group = np.asarray(members @ squares)
        trace = np.sum(self.data.sheets_by * w) - np.trace(cho_solve((self.root, True), by_group @ members.T))
        half = squares - by_group.T @ self.shift
        return half - self.shift.T @ np.asarray(members @ half), float(trace)

    def right(self) -> Floats:
        plain = self._plain_right()
        return np.asarray(plain - self.shift.T @ (self.data.members @ plain))

    def rest(self, effect: Floats) -> tuple[Floats, Floats]:
        data = self.data
        mean = np.asarray(cho_solve((self.root, True), data.members @ self._plain_right() - self.by_group @ effect))
        return mean, self.weight * (data.sums_by - data.transposed @ (effect + mean[data.group]))

    def towards(self, v: Floats) -> tuple[Floats, float]:
        weighted = self.data.count @ (self.weight * v)
        by_group = self.data.members @ weighted
        own = np.sum(self.data.sheets_by * self.weight * v**2) - by_group @ cho_solve((self.root, True), by_group)
        return np.asarray(weighted - self.shift.T @ by_group), float(own)

    def posterior(self, root: Floats, ratio: float, sigma: float) -> Posterior:
        n = len(self.data.entrants)
        spread = csr_array(solve_triangular(self.root, np.eye(len(self.root)), lower=True).T)
        shift, direct = csr_array(self.shift), eye_array(n, format="csr")
        ones, none = np.ones(n), np.zeros(n)
        return Posterior(
            self.data.entrants, self.data.group, Rooted(root, ratio), direct, ones, shift, spread, none, sigma
        )

    def severity_variances(self, posterior: Posterior, kept: Floats) -> Floats:
        own = self.ratio * self.weight
        scores = posterior.covariance(np.arange(len(self.data.entrants)))
        return posterior.sigma**2 * own + own**2 * quadratic_forms(self.data.transposed, scores)

    def _plain_right(self) -> Floats:
        return np.asarray(self.data.sums - self.ratio * (self.data.count @ (self.weight * self.data.sums_by)))
