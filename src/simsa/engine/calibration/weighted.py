"""The mixed-model equations where every reviewer has a scale and a noise of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cholesky
from scipy.sparse import csr_array, diags_array

from simsa.engine.calibration.arrays import (
    Floats,
    Sparse,
    at_pairs,
    column_sums,
    gram_of,
    inverse_of,
    row_sums,
    rows_of,
    scaled_rows,
    times,
)
from simsa.engine.calibration.criterion import FORMED
from simsa.engine.calibration.posterior import Posterior, Rooted
from simsa.engine.calibration.solver import Solver, drawn_variances
from simsa.engine.calibration.statistics import Data


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


def formed(data: Data) -> bool:
    """Whether the equations of the reviewers' levels are formed and factorised."""
    return len(data.reviewers) <= FORMED


class Weighted:
    """Group means, entrants' qualities and reviewers' levels, given scales, noises and variances.

    A sheet is mean + scale x quality + level + noise; a level is a severity with its sign turned. Qualities and group
    means are eliminated, both diagonal; the equations of the levels are factorised, or of more than `FORMED` reviewers
    solved by steps.

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
        shared = np.bincount(data.place, self.weight - self.slope * self.pull[self.row])
        self.by_group: Sparse = csr_array((shared, data.by_group.indices, data.by_group.indptr), data.by_group.shape)
        self.shift = scaled_rows(self.by_group, 1 / self.means)
        self.half = self._sparse(np.sqrt(self.given)[self.row] * self.slope)  # half' half: what the qualities take up
        if formed(data):
            self.levels: Formed | Solver = Formed(self._formed(), own.reviewer)
        else:
            self.levels = Solver(self, own.reviewer)
        self._predict()
        self.criterion = self._criterion(information)

    def by_entrant(self, values: Floats) -> Floats:
        """Sums over an entrant's pairs."""
        return row_sums(self.data.count, values)

    def by_reviewer(self, values: Floats) -> Floats:
        """Sums over a reviewer's pairs."""
        return column_sums(self.data.count, values)

    def _sparse(self, values: Floats) -> Sparse:
        return csr_array((values, self.column, self.data.count.indptr), shape=self.data.count.shape)

    def _formed(self) -> Floats:
        """Information on the levels, without their own variance."""
        eliminated = gram_of(self.half) + gram_of(self.by_group, 1 / self.means)
        return np.diag(self.by_reviewer(self.weight)) - eliminated

    def information(self, v: Floats) -> Floats:
        """The same times vectors (reviewers,) or (reviewers, k)."""
        plain = times(self._alone, v) - self.half.T @ (self.half @ v)
        return np.asarray(plain - self.by_group.T @ (self.shift @ v))

    @cached_property
    def _alone(self) -> Floats:
        return self.by_reviewer(self.weight)

    @cached_property
    def diagonal(self) -> Floats:
        """Of the same."""
        own = self.by_reviewer(self.weight - self.given[self.row] * self.slope**2)
        return own - column_sums(self.by_group, self.by_group.data * self.shift.data)

    def _predict(self) -> None:
        data, own = self.data, self.own
        weighted, sums = self.weight * data.mean, self.by_entrant(self.slope * data.mean)
        of_mean = np.bincount(data.group, self.by_entrant(weighted) - self.pull * sums)
        right = self.by_reviewer(weighted - self.slope * (self.given * sums)[self.row])
        self._level = self.levels.solve(right - self.shift.T @ of_mean)  # over its variance, which may be zero
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
        effects = np.sum(np.log1p(own.entrant * information)) + self.levels.log_determinant
        penalty = own.entrant * (self._quality @ self._quality) + own.reviewer * (self._level @ self._level)
        constant = data.freedom * (math.log(2 * math.pi) + 2 * math.log(data.unit))
        return float(constant + spread + effects + self.squares @ self.precision + penalty)

    def uncertainty(self) -> Uncertainty:
        """Variances of qualities and residuals and the covariances of the two, given scales and noises.

        Where the levels are solved for by steps, their covariances, which are smaller by the number of a reviewer's
        sheets than the variances that they stand beside, are left out.
        """
        data, row, column, pull, stretch = self.data, self.row, self.column, self.pull[self.row], self.stretch
        group, shift, levels = data.group[row], self.shift, self.levels
        level = self.own.reviewer * levels.inverse_diagonal
        share = self._sparse(self.given[row] * self.slope)
        if isinstance(levels, Formed):
            moved = self.own.reviewer * np.asarray(shift @ levels.inverse)[rows_of(shift), shift.indices]
            with_share = self.own.reviewer * at_pairs(share, levels.inverse)
        else:
            moved, with_share = shift.data * level[shift.indices], share.data * level[column]
        of_mean, with_level = row_sums(shift, shift.data * moved), moved[data.place]
        across = self.by_entrant(share.data * with_level)
        # The quality moves by -(share - pull x shift) of the levels, a residual by -(level - shift - stretch x that).
        square = self.by_entrant(share.data * with_share) - 2 * self.pull * across + self.pull**2 * of_mean[data.group]
        towards = with_share - pull * with_level - (across - self.pull * of_mean[data.group])[row]
        alone = level[column] - 2 * with_level + of_mean[group]
        given, free, off = self.given[row], (1 / self.means)[group], 1 - stretch * pull
        return Uncertainty(
            quality=self.given + self.pull**2 / self.means[data.group] + square,
            level=level,
            residual=stretch**2 * (given + square[row]) + off**2 * free + alone - 2 * stretch * towards,
            both=pull * off * free + towards - stretch * (given + square[row]),
        )

    def errors(self, sway: Sparse) -> tuple[Posterior, Floats, Floats, Floats]:
        """The joint posterior of the scores; the variances of the scores, of the group means and of the levels, in the
        unit of the scores. `sway` is what the scores move with the scales and noises (see `Posterior`)."""
        posterior, levels, unit = self._posterior(sway), self.levels, self.data.unit
        if isinstance(levels, Formed):
            kept = self.own.reviewer * levels.inverse
            return posterior, *posterior.variances(kept), unit**2 * np.diag(kept)
        score, mean, level = drawn_variances(posterior, levels, lambda kept, score: kept)
        return posterior, unit**2 * (score + row_sums(sway, sway.data**2)), unit**2 * mean, unit**2 * level

    def _posterior(self, sway: Sparse) -> Posterior:
        data, kept = self.data, self.levels
        direct, spread = self._sparse(-self.given[self.row] * self.slope), diags_array(self.means**-0.5).tocsr()
        return Posterior(
            data.entrants,
            data.group,
            Rooted(kept.root, kept.ratio) if isinstance(kept, Formed) else kept,
            direct,
            1 - self.pull,
            self.shift,
            spread,
            self.given,
            data.unit,
            sway,
        )


class Formed:
    """S = I + ratio x information, factorised; `inverse` is that of S."""

    def __init__(self, information: Floats, ratio: float) -> None:
        self.ratio = ratio
        self.root = cholesky(np.eye(len(information)) + ratio * information, lower=True)
        self.inverse = inverse_of(self.root)

    def solve(self, b: Floats) -> Floats:
        return np.asarray(self.inverse @ b)

    @property
    def inverse_diagonal(self) -> Floats:
        return np.diag(self.inverse)

    @property
    def log_determinant(self) -> float:
        return 2 * float(np.sum(np.log(np.diag(self.root))))


@dataclass(frozen=True)
class Uncertainty:
    """Posterior variances given scales and noises: of a `quality`, a `level`, a pair's `residual`; `both` (pairs,):
    covariance of the pair's quality with its residual."""

    quality: Floats
    level: Floats
    residual: Floats
    both: Floats
