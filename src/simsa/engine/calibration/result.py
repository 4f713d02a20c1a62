"""What a calibration returns: scores, severities and variances with their errors, notes and blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsa.engine import native
from simsa.engine.calibration.arrays import Floats, Integers
from simsa.engine.calibration.components import Components
from simsa.engine.calibration.posterior import Posterior
from simsa.engine.calibration.sheets import CalibrationError, whole_numbers
from simsa.engine.calibration.solver import Solver
from simsa.engine.calibration.statistics import Data


class NoteCode(StrEnum):
    """What was special about the data or the fit; `Note.data` holds the numbers."""

    SINGLE_REVIEWER = "single_reviewer"
    """One reviewer wrote all sheets (`reviewer`): severity cannot be told from the group means."""
    NOT_ESTIMABLE = "not_estimable"
    """No comparison informs the variance of `component` ("entrant", "reviewer", "residual"): it is NaN, and that term
    is left out of the model. An entrant's score is then its group's mean; severities are NaN."""
    INSEPARABLE = "inseparable"
    """The sheets determine only a sum of the variances of `components` (one sheet per entrant, for instance, tells
    quality from noise nowhere). The split between them is a convention (the most even one), not an
    estimate, and the errors of the scores and their shrinkage to the mean rest on it."""
    ZERO_VARIANCE = "zero_variance"
    """The estimated variance of `component` is zero, a boundary of the model. The residual's is held at `variance`, a
    millionth of that of the scores about the means of their groups, because with none at all the equations have no
    solution; the others are estimated given that."""
    CONSTANT_SCORES = "constant_scores"
    """All scores within a group are equal: every variance is zero and there is nothing to tell entrants apart."""
    FEW_SHEETS = "few_sheets"
    """`entrants` entrants have a single sheet: they inform the residual only through their reviewers."""
    DISCONNECTED = "disconnected"
    """The graph of entrants and reviewers falls into `blocks` parts: entrants of different parts share no chain of
    reviewers, and are compared only through their group's mean. `groups` lists the groups cut in this way."""
    LONE_ENTRANT_GROUPS = "lone_entrant_groups"
    """`groups` have a single entrant with sheets, whose score is then the group's mean."""
    EMPTY_GROUPS = "empty_groups"
    """`groups` have no sheets at all: their means are NaN."""
    ENTRANTS_WITHOUT_SHEETS = "entrants_without_sheets"
    """`entrants` have no sheet: their scores are NaN, not the group's mean."""
    REVIEWERS_WITHOUT_SHEETS = "reviewers_without_sheets"
    """`reviewers` wrote no sheet: their severities are NaN, not zero."""
    EMPTY_CATEGORIES = "empty_categories"
    """`categories` of the scale occur on no sheet: nothing places the thresholds around them."""
    SEPARATED = "separated"
    """The variance of `component` is at its limit, a hundred times that of the noise: its levels tell the categories
    apart all but surely, and any larger variance would do as well."""
    NOT_CONVERGED = "not_converged"
    """The criterion could still fall by about `decrease` when the optimiser stopped."""


@dataclass(frozen=True)
class Note:
    """One thing that a reader of the result must know: a code and the numbers that go with it."""

    code: NoteCode
    data: Mapping[str, int | float | str | tuple[int, ...] | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Connected components of the graph of who scored whom. Block 0 holds the first entrant with a sheet.

    `entrant` (n_entrants,), `reviewer` (n_reviewers,): block of each, -1 without sheets. Entrants in different blocks
    have no chain of common reviewers between them and can be compared only through the means of their groups.
    """

    entrant: Integers
    reviewer: Integers
    count: int


@dataclass(frozen=True)
class Places:
    """Where the entrants, reviewers and groups with sheets stand among all; what is nowhere is NaN, or 0 sheets."""

    data: Data

    def entrants(self, values: NDArray[Any], empty: float = math.nan) -> NDArray[Any]:
        return _filled(values, self.data.entrants, len(self.data.all_groups), empty)

    def reviewers(self, values: NDArray[Any], empty: float = math.nan) -> NDArray[Any]:
        return _filled(values, self.data.reviewers, self.data.n_reviewers, empty)

    def groups(self, values: NDArray[Any]) -> NDArray[Any]:
        return _filled(values, self.data.groups, int(self.data.all_groups.max()) + 1, math.nan)

    @property
    def sheets_per_entrant(self) -> Integers:
        return self.entrants(self.data.sheets.astype(np.int64), 0)

    @property
    def sheets_per_reviewer(self) -> Integers:
        return self.reviewers(self.data.sheets_by.astype(np.int64), 0)


def _filled(values: NDArray[Any], where: Integers, size: int, empty: float) -> NDArray[Any]:
    """`values` at the positions `where`, `empty` elsewhere; read-only."""
    result = np.full((size, *values.shape[1:]), empty, values.dtype)
    result[where] = values
    result.flags.writeable = False
    return result


def blocks_of(data: Data) -> Blocks:
    entrants, reviewers = data.count.shape
    of_entrant, of_reviewer = np.empty(entrants, np.int64), np.empty(reviewers, np.int64)
    count = np.zeros(1, np.int64)
    pairs = data.count.indptr, data.count.indices
    native.call("simsa_blocks", entrants, reviewers, *pairs, of_entrant, of_reviewer, count)
    places = Places(data)
    return Blocks(places.entrants(of_entrant, -1), places.reviewers(of_reviewer, -1), int(count[0]))


@dataclass(frozen=True, eq=False)
class Scores:
    """What every model of calibration tells. NaN means unknown (no sheets, or not estimable).

    Errors are prediction errors given the variance components: they hold the uncertainty of the group means and of the
    severities, but not that of the components themselves.

    - `score`, `standard_error` (n_entrants,): mean of the group plus quality, shrunk as far as the data ask.
    - `severity`, `severity_error` (n_reviewers,): how much lower than the panel the reviewer scores.
    - `sheets_per_entrant`, `sheets_per_reviewer`: counts.
    - `group_mean`, `group_mean_error` (groups,).
    - `entrant_variance`, `reviewer_variance`, `residual_variance`: of quality, severity and a sheet's noise.
    - `criterion`: -2 log of the likelihood that was maximised. `iterations`: steps of the optimiser; `converged`:
      whether the criterion could fall no further than rounding.
    - `notes`, `blocks`, `method`: what was special, what can be compared, how the result was obtained.
    """

    score: Floats
    standard_error: Floats
    severity: Floats
    severity_error: Floats
    sheets_per_entrant: Integers
    sheets_per_reviewer: Integers
    group_mean: Floats
    group_mean_error: Floats
    entrant_variance: float
    reviewer_variance: float
    residual_variance: float
    criterion: float
    iterations: int
    converged: bool
    notes: tuple[Note, ...]
    blocks: Blocks
    method: str
    _posterior: Posterior = field(repr=False)

    @property
    def by_steps(self) -> bool:
        """Whether draws come from equations that were solved by steps: another machine may stop a step earlier."""
        return isinstance(self._posterior.kept, Solver)

    def covariance(self, entrants: ArrayLike | None = None) -> Floats:
        """Posterior covariance of the scores of `entrants` (positions; all when None), shape (k, k).

        The diagonal is `standard_error` squared. Rows and columns of entrants without sheets are NaN.
        """
        rows, known = self._rows(entrants)
        result = np.full((len(rows), len(rows)), np.nan)
        result[np.ix_(known, known)] = self._posterior.covariance(rows[known])
        return result

    def draws(self, n: int, seed: int, entrants: ArrayLike | None = None) -> Floats:
        """`n` draws from the joint posterior of the scores of `entrants` (positions; all when None), shape (n, k).

        The same seed (0 <= seed < 2**128) gives the same draws: the columns of a subset are those of the whole, and
        the first draws of many are those of few. Columns of entrants without sheets are NaN. Normal deviates are
        inverted from the raw stream of Philox (Salmon et al., SC11, doi:10.1145/2063384.2063405), the only part of
        NumPy's generators that is promised not to change. CalibrationError when `n` or `seed` is out of range.
        """
        if n < 0 or not 0 <= seed < 2**128:
            raise CalibrationError(f"draws: n is {n} and seed {seed}; give n >= 0 and 0 <= seed < 2**128")
        rows, known = self._rows(entrants)
        result = np.full((n, len(rows)), np.nan)
        result[:, known] = self.score[self._posterior.entrants[rows[known]]]
        for start, deviations in self._posterior.deviations(n, seed, rows[known]):
            result[start : start + len(deviations), known] += deviations
        return result

    def _rows(self, entrants: ArrayLike | None) -> tuple[Integers, NDArray[np.bool_]]:
        """Positions among the entrants with sheets (-1 without), and whether there is one."""
        count = len(self.score)
        wanted = np.arange(count) if entrants is None else whole_numbers("entrants", entrants, count, "n_entrants")
        place = np.full(count, -1, np.int64)
        place[self._posterior.entrants] = np.arange(len(self._posterior.entrants))
        return place[wanted], place[wanted] >= 0


@dataclass(frozen=True, eq=False)
class Calibration(Scores):
    """Calibrated scores by sheets' totals; in the unit of the sheets, variances in its square.

    The errors hold the uncertainty of reviewers' own scales and noises too; group means are generalised least squares.

    - `scale`, `scale_error` (n_reviewers,): by how much the reviewer stretches differences of quality, about one; 1 and
      an error of 0 where the reviewers are alike.
    - `noise`, `noise_error` (n_reviewers,): standard deviation of the reviewer's residuals; that of all, with an error
      of 0, where the reviewers are alike. `residual_variance` is the geometric mean over reviewers where it is their
      own.
    - `scale_spread`, `noise_spread`: standard deviations over reviewers of the log scale and of the log noise variance;
      exactly 0 where the sheets do not ask for more.
    - `criterion`: -2 restricted log-likelihood with one indicator column per group, the convention of lme4's REMLcrit
      (with reviewers' own scale or noise the marginal one, these integrated out by Laplace's method);
      -inf when the scores are constant, and without degrees of freedom only its determinants.
    - `components`: what the scores are given, as exact numbers; None where they are the estimates themselves.
    """

    scale: Floats
    scale_error: Floats
    noise: Floats
    noise_error: Floats
    scale_spread: float
    noise_spread: float
    components: Components | None = None
