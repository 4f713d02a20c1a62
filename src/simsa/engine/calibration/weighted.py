"""The mixed-model equations where every reviewer has a scale and a noise of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri
from scipy.sparse import csr_array, diags_array

from simsa.engine.calibration.arrays import Floats, Sparse, gram_of, scaled_rows
from simsa.engine.calibration.posterior import Posterior, Rooted
from simsa.engine.calibration.statistics import Data

_EXACT = 200


@dataclass(frozen=True)
class Own:
    """Reviewers' scales and noises and the common variances, in standardised units.

    `log_scale`, `log_noise` (reviewers,): logarithms of the scale, and of the noise variance over `residual`.
    """

    log_scale: Floats
    log_noise: Floats
    entrant: float
    reviewer: float
    residual: float


class Weighted:
    """Group means, entrants' qualities and reviewers' levels, given scales, noises and variances.

    A sheet is mean + scale x quality + level + noise; a level is a severity with its sign turned. Qualities and group
    means are eliminated, both diagonal; the levels are solved for densely.

    - `mean`, `quality`, `level`: predictions; `residual` (pairs,): what they leave of the mean of each pair.
    - `squares` (reviewers,): sums of squared residuals over a reviewer's sheets.
    - `criterion`: -2 restricted log-likelihood in the unit of the scores.
    """

    def __init__(self, data: Data, own: Own) -> None:
        self.data, self.own = data, own
        self.row, self.column = data.row, data.count.indices
        self.scale = np.exp(own.log_scale)
        self.precision = np.exp(-own.log_noise) / own.residual  # of one sheet
        self.stretch = self.scale[self.column]
        self.weight = data.count.data * self.precision[self.column]
        self.slope = self.weight * self.stretch
        information = self.by_entrant(self.slope * self.stretch)
        self.kept = 1 / (1 + own.entrant * information)
        self.given = own.entrant * self.kept  # variance of a quality, given all else
        self.pull = self.given * self.by_entrant(self.slope)  # how far a quality falls as the group's mean rises
        self.means = np.bincount(data.group, self.by_entrant(self.weight * (1 - self.stretch * self.pull[self.row])))
        self.by_group = (data.members @ self._sparse(self.weight - self.slope * self.pull[self.row])).tocsr()
        self.shift = scaled_rows(self.by_group, 1 / self.means)
        self._factorise()
        self._predict()
        self.criterion = self._criterion(information)

    def by_entrant(self, values: Floats) -> Floats:
        """Sums over an entrant's pairs."""
        return np.bincount(self.row, values, self.data.count.shape[0]).astype(np.float64, copy=False)

    def by_reviewer(self, values: Floats) -> Floats:
        """Sums over a reviewer's pairs."""
        return np.bincount(self.column, values, self.data.count.shape[1]).astype(np.float64, copy=False)

    def _sparse(self, values: Floats) -> Sparse:
        return csr_array((values, self.column, self.data.count.indptr), shape=self.data.count.shape)

    def _factorise(self) -> None:
        eliminated = gram_of(self._sparse(self.slope), self.given) + gram_of(self.by_group, 1 / self.means)
        information = np.diag(self.by_reviewer(self.weight)) - eliminated
        self.root = cholesky(np.eye(len(information)) + self.own.reviewer * information, lower=True)
        lower, _ = dpotri(self.root, lower=1)
        self.inverse = np.tril(lower) + np.tril(lower, -1).T

    def _predict(self) -> None:
        data, own = self.data, self.own
        weighted, sums = self.weight * data.mean, self.by_entrant(self.slope * data.mean)
        of_mean = np.bincount(data.group, self.by_entrant(weighted) - self.pull * sums)
        right = self.by_reviewer(weighted - self.slope * (self.given * sums)[self.row])
        self._level = self.inverse @ (right - self.shift.T @ of_mean)  # over its variance, which may be zero
        self.level = own.reviewer * self._level
        self.mean = (of_mean - self.by_group @ self.level) / self.means
        base = data.mean - self.mean[data.group][self.row] - self.level[self.column]
        self._quality = self.kept * self.by_entrant(self.slope * base)
        self.quality = own.entrant * self._quality
        self.residual = base - self.stretch * self.quality[self.row]
        self.squares = self.by_reviewer(data.count.data * self.residual**2) + data.within_by

    def _criterion(self, information: Floats) -> float:
        data, own = self.data, self.own
        spread = data.sheets_by @ (math.log(own.residual) + own.log_noise) + np.sum(np.log(self.means))
        effects = np.sum(np.log1p(own.entrant * information)) + 2 * np.sum(np.log(np.diag(self.root)))
        penalty = own.entrant * (self._quality @ self._quality) + own.reviewer * (self._level @ self._level)
        constant = data.freedom * (math.log(2 * math.pi) + 2 * math.log(data.unit))
        return float(constant + spread + effects + self.squares @ self.precision + penalty)

    def uncertainty(self) -> Uncertainty:
        """Variances of qualities and residuals and the covariances of the two, given scales and noises.

        Of more than `_EXACT` reviewers the covariances between levels, which are smaller by the number of a reviewer's
        sheets than what they stand beside, are left out.
        """
        data, row, pull, stretch = self.data, self.row, self.pull[self.row], self.stretch
        group, levels = data.group[row], self.own.reviewer * self.inverse
        share = self._sparse(self.given[row] * self.slope)
        exact = len(levels) <= _EXACT
        moved = np.asarray(self.shift @ levels) if exact else self.shift.toarray() * np.diag(levels)
        of_mean = np.asarray(self.shift.multiply(moved).sum(axis=1)).ravel()
        with_level, with_share = moved[group, self.column], share.data * np.diag(levels)[self.column]
        if exact:
            with_share = self._at_pairs(share, levels)
        across = self.by_entrant(share.data * with_level)
        # The quality moves by -(share - pull x shift) of the levels, a residual by -(level - shift - stretch x that).
        square = self.by_entrant(share.data * with_share) - 2 * self.pull * across + self.pull**2 * of_mean[data.group]
        towards = with_share - pull * with_level - (across - self.pull * of_mean[data.group])[row]
        alone = np.diag(levels)[self.column] - 2 * with_level + of_mean[group]
        given, free, off = self.given[row], (1 / self.means)[group], 1 - stretch * pull
        return Uncertainty(
            quality=self.given + self.pull**2 / self.means[data.group] + square,
            level=np.diag(levels).copy(),
            residual=stretch**2 * (given + square[row]) + off**2 * free + alone - 2 * stretch * towards,
            both=pull * off * free + towards - stretch * (given + square[row]),
        )

    def _at_pairs(self, rows: Sparse, matrix: Floats) -> Floats:
        """rows matrix at the places of the pairs, in blocks of entrants."""
        result = np.empty(len(rows.data))
        step = max(1, 2**21 // rows.shape[1])
        for start in range(0, rows.shape[0], step):
            part = slice(rows.indptr[start], rows.indptr[min(start + step, rows.shape[0])])
            block = rows[start : start + step] @ matrix
            result[part] = block[self.row[part] - start, self.column[part]]
        return result

    def posterior(self, sway: Sparse) -> Posterior:
        """Of the scores; `sway` is what they move with the scales and noises (see `Posterior`)."""
        data = self.data
        direct, spread = self._sparse(-self.given[self.row] * self.slope), diags_array(self.means**-0.5).tocsr()
        load, ratio = 1 - self.pull, self.own.reviewer
        kept = Rooted(self.root, ratio)
        return Posterior(data.entrants, data.group, kept, direct, load, self.shift, spread, self.given, data.unit, sway)


@dataclass(frozen=True)
class Uncertainty:
    """Posterior variances given scales and noises: of a `quality`, a `level`, a pair's `residual`; `both` (pairs,):
    covariance of the pair's quality with its residual."""

    quality: Floats
    level: Floats
    residual: Floats
    both: Floats
