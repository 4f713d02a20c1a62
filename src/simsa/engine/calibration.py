"""Calibration: every entrant's quality net of its reviewers' severity, with its uncertainty.

Crossed random effects: a sheet's score is the mean of the entrant's group, plus the entrant's quality, minus the
reviewer's severity, plus noise; quality, severity and noise are normal with variances estimated by restricted maximum
likelihood (Patterson & Thompson, Biometrika 1971, doi:10.1093/biomet/58.3.545). The larger of the two factors is
eliminated analytically from Henderson's mixed-model equations (Henderson, Biometrics 1975, doi:10.2307/2529430); the
smaller one is factorised densely. The criterion is minimised by average-information Newton steps (Gilmour, Thompson &
Cullis, Biometrics 1995, doi:10.2307/2533274) over the three components' shares of their sum, where a share of zero is
an ordinary point of the boundary.

Memory is linear in the sheets plus a few squares of the smaller factor.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import brentq, nnls
from scipy.sparse import csr_array, diags_array, eye_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri

if TYPE_CHECKING:
    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


class CalibrationError(ValueError):
    """Sheets that cannot be calibrated; the message says what is wrong, where, and what to do."""


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


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibrated scores with their uncertainty; scores in the unit of the sheets, variances in its square.

    Errors are prediction errors given the variance components: they hold the uncertainty of the group means and of
    the severities, but not that of the components themselves. NaN means unknown (no sheets, or not estimable).

    - `score`, `standard_error` (n_entrants,): mean of the group plus quality, shrunk as far as the data ask.
    - `severity`, `severity_error` (n_reviewers,): how much lower than the panel the reviewer scores.
    - `sheets_per_entrant`, `sheets_per_reviewer`: counts.
    - `group_mean`, `group_mean_error` (groups,): generalised least squares.
    - `entrant_variance`, `reviewer_variance`, `residual_variance`.
    - `criterion`: -2 restricted log-likelihood with one indicator column per group, the convention of lme4's REMLcrit;
      -inf when the scores are constant, and without degrees of freedom only its determinants. `iterations`: Newton
      steps; `converged`: whether the criterion could fall no further than rounding.
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
    _posterior: _Posterior = field(repr=False)

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
        wanted = np.arange(count) if entrants is None else _integers("entrants", entrants, count, "n_entrants")
        place = np.full(count, -1, np.int64)
        place[self._posterior.entrants] = np.arange(len(self._posterior.entrants))
        return place[wanted], place[wanted] >= 0


def calibrate(
    score: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    *,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Estimate every entrant's quality and every reviewer's severity from `n` sheets.

    `score` float (n,), any unit; `entrant`, `reviewer` int (n,), positions below `n_entrants` and `n_reviewers`;
    `group` int (n_entrants,), the group of each entrant from 0, or None for a single one. A pair may occur more than
    once. A missing sheet is simply not passed. `progress(iteration, criterion)` is called after each step of the
    optimiser. Nothing else is chosen: the variances are estimated, and `notes` says where they could not be.

    CalibrationError when shapes differ, positions are out of range, a score is not finite, or there is no sheet.
    The order of the sheets does not matter (beyond rounding).
    """
    data = _collect(*_checked(score, entrant, reviewer, n_entrants, n_reviewers, group))
    design = _Design.of(data)
    if data.constant or data.freedom == 0:
        fit = _Fit(_evaluate(data, np.array([0.0, 0.0, 1.0])), 0, True, 0.0)
    else:
        fit = _minimise(data, design, progress or (lambda iteration, criterion: None))
    return _result(data, design, fit)


def _checked(
    score: ArrayLike,
    entrant: ArrayLike,
    reviewer: ArrayLike,
    n_entrants: int,
    n_reviewers: int,
    group: ArrayLike | None,
) -> tuple[Floats, Integers, Integers, Integers, int, int]:
    try:
        y = np.asarray(score, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CalibrationError(f"score: {error}; pass one number per sheet") from error
    if y.ndim != 1:
        raise CalibrationError(f"score has shape {y.shape}; pass one number per sheet")
    i = _integers("entrant", entrant, n_entrants, "n_entrants")
    j = _integers("reviewer", reviewer, n_reviewers, "n_reviewers")
    if not len(y) == len(i) == len(j):
        raise CalibrationError(f"{len(y)} scores, {len(i)} entrants, {len(j)} reviewers; pass one of each per sheet")
    if len(y) == 0:
        raise CalibrationError("there is no sheet to calibrate; wait for the first, or leave calibration out")
    if not np.isfinite(y).all():
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise CalibrationError(
            f"score of sheet {row} (entrant {i[row]}, reviewer {j[row]}) is {y[row]}; leave sheets without a score out"
        )
    most = n_entrants + _EMPTY_GROUPS
    g = np.zeros(n_entrants, np.int64) if group is None else _integers("group", group, most, "n_entrants + 10000")
    if len(g) != n_entrants:
        raise CalibrationError(f"group has {len(g)} values for {n_entrants} entrants; pass the group of each entrant")
    return y, i, j, g, n_entrants, n_reviewers


_EMPTY_GROUPS = 10_000  # groups are numbered from 0; a number far beyond them is a mistake


def _integers(name: str, values: ArrayLike, limit: int, limit_name: str) -> Integers:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise CalibrationError(f"{name} has type {array.dtype} and shape {array.shape}; pass a list of whole numbers")
    wrong = (array < 0) | (array >= limit)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CalibrationError(f"{name}[{row}] is {array[row]}; it must be 0 or more and below {limit_name} = {limit}")
    return array.astype(np.int64, copy=False)


@dataclass(frozen=True)
class _Data:
    """Sufficient statistics, of entrants, reviewers and groups with sheets only.

    Scores are centred on the plain mean of their group and divided by a power of two near their spread, so that
    neither a large offset nor the unit costs digits.
    """

    count: Sparse  # sheets per pair, entrants x reviewers
    transposed: Sparse
    mean: Floats  # mean score per stored pair
    row: Integers
    within: float  # sum of squares within pairs
    total: float  # sum of squares of all scores
    sheets: Floats  # per entrant
    sheets_by: Floats  # per reviewer
    sums: Floats
    sums_by: Floats
    group: Integers  # per entrant
    members: Sparse  # groups x entrants, ones
    entrants: Integers
    reviewers: Integers
    groups: Integers
    all_groups: Integers  # per entrant, with or without sheets, as it was passed
    n_reviewers: int
    centre: Floats
    unit: float
    held: float | None = None  # residual variance, where it is not estimated

    @property
    def freedom(self) -> int:
        """Degrees of freedom: sheets minus group means."""
        return int(self.sheets.sum()) - len(self.groups)

    @property
    def constant(self) -> bool:
        return self.freedom > 0 and self.total == 0

    @property
    def least_residual(self) -> float:
        """The least residual variance: with none at all the equations could not be solved."""
        return _LEAST_RESIDUAL * self.total / self.freedom

    def scale(self, squares: float) -> float:
        """Residual variance that goes with a sum of squares; NaN without degrees of freedom."""
        if self.held is not None:
            return self.held
        return squares / self.freedom if self.freedom else math.nan


def _collect(y: Floats, i: Integers, j: Integers, g: Integers, n_entrants: int, n_reviewers: int) -> _Data:
    entrants, i = _compressed(i, n_entrants)
    reviewers, j = _compressed(j, n_reviewers)
    groups, group = _compressed(g[entrants], int(g[entrants].max()) + 1)
    z, centre, unit = _standardised(y, group[i], len(groups))
    shape = (len(entrants), len(reviewers))
    # One conversion per array keeps the two in step: both have the same pairs in the same order.
    count = csr_array((np.ones(len(z)), (i, j)), shape=shape)
    total = csr_array((z, (i, j)), shape=shape)
    row = np.repeat(np.arange(shape[0]), np.diff(count.indptr))
    mean = total.data / count.data
    within = 0.0
    if len(mean) < len(z):
        cell = np.searchsorted(row * shape[1] + count.indices, i * shape[1] + j)
        within = float(np.sum((z - mean[cell]) ** 2))
    members = csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=(len(groups), len(group)))
    return _Data(
        count=count,
        transposed=count.T.tocsr(),
        mean=mean,
        row=row,
        within=within,
        total=float(z @ z),
        sheets=np.bincount(i, minlength=shape[0]).astype(np.float64),
        sheets_by=np.bincount(j, minlength=shape[1]).astype(np.float64),
        sums=_summed(i, z, shape[0]),
        sums_by=_summed(j, z, shape[1]),
        group=group,
        members=members,
        entrants=entrants,
        reviewers=reviewers,
        groups=groups,
        all_groups=g,
        n_reviewers=n_reviewers,
        centre=centre,
        unit=unit,
    )


def _summed(position: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(position, values, size).astype(np.float64, copy=False)


def _compressed(values: Integers, limit: int) -> tuple[Integers, Integers]:
    """The values that occur, ascending, and the rank of each value among them."""
    occurs = np.bincount(values, minlength=limit) > 0
    rank = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs), rank[values]


def _standardised(y: Floats, group: Integers, n_groups: int) -> tuple[Floats, Floats, float]:
    """Scores about the mean of their group in units of a power of two near their spread; the means; the unit."""
    sheets = np.bincount(group, minlength=n_groups)
    # The first score of a group is subtracted before summing: an offset then costs no digits.
    first = np.zeros(n_groups)
    first[group[::-1]] = y[::-1]
    centre = first + np.bincount(group, y - first[group], n_groups) / sheets
    z = y - centre[group]
    spread = float(np.abs(z).max())
    if spread <= 4 * np.finfo(np.float64).eps * float(np.abs(y).max()):
        return np.zeros(len(y)), centre, 1.0
    unit = 2.0 ** math.frexp(spread)[1]
    return z / unit, centre, unit


@dataclass(frozen=True)
class _Design:
    """What the design of the panel lets one estimate, whatever the scores are.

    `estimable` (3,): entrant, reviewer, residual. `gram` (3, 3): inner products of the three covariance patterns off
    the group means; its null vectors (columns of `confounded`) are the directions along which variance can move from
    one component to another without any change of the likelihood. Components in order entrant, reviewer, residual.
    """

    estimable: NDArray[np.bool_]
    gram: Floats
    confounded: Floats

    @classmethod
    def of(cls, data: _Data) -> _Design:
        lone = bool((np.bincount(data.group) == 1).all())
        by_group = data.members @ data.count
        alone = bool((np.diff(by_group.indptr) == 1).all())
        free = data.freedom > 0
        estimable = np.array([free and not lone, free and not alone, free])
        gram = _pattern_gram(data, by_group)
        return cls(estimable, gram, _null_vectors(gram, estimable))


def _pattern_gram(data: _Data, by_group: Sparse) -> Floats:
    """Inner products of Q Z Z'Q (entrants), Q Z Z'Q (reviewers) and Q, where Q projects off the group means."""
    n, m, group = data.sheets, data.sheets_by, data.group
    size = np.asarray(by_group.sum(axis=1)).ravel()
    squares, cubes = np.bincount(group, n**2), np.bincount(group, n**3)
    length = np.asarray(by_group.power(2).sum(axis=1)).ravel()
    gram = np.empty((3, 3))
    gram[0, 0] = np.sum(squares - 2 * cubes / size + (squares / size) ** 2)
    scaled = _scaled(by_group, 1 / np.sqrt(size))
    overlap = _gram(scaled.T.tocsr() if scaled.shape[0] <= scaled.shape[1] else scaled)
    gram[1, 1] = np.sum(m**2) - 2 * np.sum((by_group.power(2) @ m) / size) + np.sum(overlap**2)
    weighted = data.members @ _scaled(data.count, n)
    cross = np.asarray(by_group.multiply(weighted).sum(axis=1)).ravel()
    gram[0, 1] = np.sum(data.count.data**2) - 2 * np.sum(cross / size) + np.sum(squares * length / size**2)
    gram[0, 2] = np.sum(n) - np.sum(squares / size)
    gram[1, 2] = np.sum(m) - np.sum(length / size)
    gram[2, 2] = data.freedom
    return np.triu(gram) + np.triu(gram, 1).T


def _null_vectors(gram: Floats, estimable: NDArray[np.bool_]) -> Floats:
    """Columns that span the confounded directions among the estimable components, shape (3, 0 to 2)."""
    rows = np.flatnonzero(estimable)
    length = np.sqrt(np.diag(gram)[rows])
    values, vectors = np.linalg.eigh(gram[np.ix_(rows, rows)] / np.outer(length, length))
    null = np.zeros((3, int(np.sum(values < _CONFOUNDED))))
    null[rows] = vectors[:, values < _CONFOUNDED] / length[:, None]
    null[np.abs(null) < 1e-6 * np.abs(null).max(initial=0)] = 0
    return null


_CONFOUNDED = 1e-10  # squared cosine distance below which covariance patterns count as equal
_LEAST_RESIDUAL = 1e-6  # of the variance of the scores about the means of their groups
_LEAST_SHARE = 1e-8  # of the residual in the sum of the components, during the search
_STEPS = 200
_SMALL = 64  # up to this size of the smaller factor a grid of starts is cheap, and several minima are likeliest


def _gram(rows: Sparse, weight: Floats | None = None) -> Floats:
    """rows' diag(weight) rows, dense; the cheaper of a sparse product and dense ones in blocks of rows."""
    length, width = rows.shape
    pairs = float(np.sum(np.diff(rows.indptr).astype(np.float64) ** 2))
    if pairs * 64 < length * width**2:
        weighted = rows if weight is None else _scaled(rows, weight)
        return np.asarray((rows.T.tocsr() @ weighted).toarray())
    result = np.zeros((width, width))
    step = max(1, 2**21 // width)
    for start in range(0, length, step):
        block = rows[start : start + step].toarray()
        result += block.T @ (block if weight is None else block * weight[start : start + step, None])
    return result


def _scaled(rows: Sparse, factor: Floats) -> Sparse:
    """diag(factor) rows."""
    return csr_array((rows.data * np.repeat(factor, np.diff(rows.indptr)), rows.indices, rows.indptr), shape=rows.shape)


class _ReviewersKept:
    """The equations with entrants' qualities and group means eliminated, at a given ratio of the quality variance.

    H is the covariance over the residual variance without the kept term, P projects off the group means in its
    metric, Z and U are the indicators of the kept and of the eliminated factor.
    """

    kept, gone = 1, 0

    def __init__(self, data: _Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        n, group = data.sheets, data.group
        self.weight = 1 / (1 + ratio * n)
        self.precision = np.bincount(group, self.weight * n)  # of the group means, diagonal
        self.by_group = (data.members @ _scaled(data.count, self.weight)).tocsr()
        self.log_determinant = float(np.sum(np.log1p(ratio * n)) + np.sum(np.log(self.precision)))

    def information(self) -> Floats:
        """Z'PZ."""
        eliminated = self.ratio * _gram(self.data.count, self.weight) + _gram(self.by_group, 1 / self.precision)
        return np.diag(self.data.sheets_by) - eliminated

    def coupling(self) -> tuple[Floats, float]:
        """Z'PUU'PZ and the trace of U'PU."""
        w, n, group = self.weight, self.data.sheets, self.data.group
        squares = np.bincount(group, (w * n) ** 2)
        twice = self.data.members @ _scaled(self.data.count, w**2 * n)
        shift = _scaled(self.by_group, 1 / self.precision)
        half = (twice - _scaled(shift, squares / 2)).tocsr()
        small = half.shape[0] <= half.shape[1]
        cross = half.toarray().T @ shift.toarray() if small else (half.T.tocsr() @ shift).toarray()
        return _gram(self.data.count, w**2) - cross - cross.T, float(np.sum(w * n) - np.sum(squares / self.precision))

    def right(self) -> Floats:
        """Z'Py."""
        weighted = self.weight * self.data.sums
        means = np.bincount(self.data.group, weighted) / self.precision
        alone = self.data.sums_by - self.ratio * (self.data.transposed @ weighted)
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
        return self.data.transposed @ (w * v) - shift, own

    def posterior(self, root: Floats, ratio: float, sigma: float) -> _Posterior:
        shift = _scaled(self.by_group, 1 / self.precision)
        direct = _scaled(self.data.count, -self.ratio * self.weight)
        spread = diags_array(self.precision**-0.5).tocsr()
        own = self.ratio * self.weight
        return _Posterior(
            self.data.entrants, self.data.group, root, ratio, direct, self.weight, shift, spread, own, sigma
        )

    def severity_variances(self, posterior: _Posterior, kept: Floats) -> Floats:
        return np.asarray(posterior.sigma**2 * np.diag(kept))


class _EntrantsKept:
    """The same with reviewers' effects and group means eliminated, at a given ratio of the severity variance."""

    kept, gone = 0, 1

    def __init__(self, data: _Data, ratio: float) -> None:
        self.data, self.ratio = data, ratio
        self.weight = 1 / (1 + ratio * data.sheets_by)
        self.plain = np.diag(data.sheets) - ratio * _gram(data.transposed, self.weight)  # before the group means
        self.by_group = np.asarray(data.members @ self.plain)
        self.root = cholesky(np.asarray(self.by_group @ data.members.T), lower=True)  # of the means' precision
        self.shift = np.asarray(cho_solve((self.root, True), self.by_group))
        determinant = np.sum(np.log1p(ratio * data.sheets_by)) + 2 * np.sum(np.log(np.diag(self.root)))
        self.log_determinant = float(determinant)

    def information(self) -> Floats:
        return np.asarray(self.plain - self.by_group.T @ self.shift)

    def coupling(self) -> tuple[Floats, float]:
        w, members = self.weight, self.data.members
        squares = _gram(self.data.transposed, w**2)
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

    def posterior(self, root: Floats, ratio: float, sigma: float) -> _Posterior:
        n = len(self.data.entrants)
        spread = csr_array(solve_triangular(self.root, np.eye(len(self.root)), lower=True).T)
        shift, direct = csr_array(self.shift), eye_array(n, format="csr")
        ones, none = np.ones(n), np.zeros(n)
        return _Posterior(self.data.entrants, self.data.group, root, ratio, direct, ones, shift, spread, none, sigma)

    def severity_variances(self, posterior: _Posterior, kept: Floats) -> Floats:
        own = self.ratio * self.weight
        scores = posterior.covariance(np.arange(len(self.data.entrants)))
        return posterior.sigma**2 * own + own**2 * _quadratic(self.data.transposed, scores)

    def _plain_right(self) -> Floats:
        return np.asarray(self.data.sums - self.ratio * (self.data.count @ (self.weight * self.data.sums_by)))


@dataclass(frozen=True)
class _Posterior:
    """Joint posterior of the scores: group mean plus quality, given the kept effects x and independent remainders.

    score[i] = direct[i] x - load[i] shift[group[i]] x + load[i] (spread e)[group[i]] + own[i]**(1/2) e'[i], where x has
    covariance ratio (root root')**-1 and e, e' are standard normal, all times `sigma`.
    """

    entrants: Integers
    group: Integers
    root: Floats
    ratio: float
    direct: Sparse
    load: Floats
    shift: Sparse
    spread: Sparse
    own: Floats
    sigma: float

    def covariance(self, rows: Integers) -> Floats:
        group, load = self.group[rows], self.load[rows, None]
        slope = self.direct[rows].toarray() - load * self.shift[group].toarray()
        half = solve_triangular(self.root, slope.T, lower=True)
        remainder = load * self.spread[group].toarray()
        return np.asarray(
            self.sigma**2 * (self.ratio * half.T @ half + remainder @ remainder.T + np.diag(self.own[rows]))
        )

    def variances(self, kept: Floats) -> tuple[Floats, Floats]:
        """Variance of every score and of every group mean; `kept` is the covariance of x over `sigma` squared."""
        own_mean: Floats = np.asarray(self.spread.power(2).sum(axis=1), np.float64).ravel()
        of_mean, score = own_mean.copy(), self.own + self.load**2 * own_mean[self.group]
        # By group, so that a block of entrants meets few groups.
        for rows in _chunks(np.argsort(self.group, kind="stable"), len(kept)):
            groups, place = np.unique(self.group[rows], return_inverse=True)
            shift, direct, load = self.shift[groups], self.direct[rows], self.load[rows]
            moved = np.asarray(shift @ kept)
            squares = np.asarray(shift.multiply(moved).sum(axis=1)).ravel()
            cross = np.asarray(direct.multiply(moved[place]).sum(axis=1)).ravel()
            score[rows] += _quadratic(direct, kept) - 2 * load * cross + load**2 * squares[place]
            of_mean[groups] = own_mean[groups] + squares
        return self.sigma**2 * score, self.sigma**2 * of_mean

    def deviations(self, n: int, seed: int, rows: Integers) -> Iterator[tuple[int, Floats]]:
        """Draws minus the mean, in blocks of draws, each with the number of its first draw."""
        streams = [np.random.Philox(key=seed, counter=[0, 0, 0, stream]) for stream in range(3)]
        group, load = self.group[rows], self.load[rows]
        direct, shift, spread = self.direct[rows].T.tocsc(), self.shift.T.tocsr(), self.spread.T.tocsr()
        sizes = len(self.root), spread.shape[0], len(self.entrants)
        step = max(1, 2**22 // sum(sizes))
        for start in range(0, n, step):
            count = min(step, n - start)
            raw = [stream.random_raw((count, size)) for stream, size in zip(streams, sizes, strict=True)]
            kept, means, own = _normal(raw[0]), _normal(raw[1]), _normal(raw[2][:, rows])
            x = math.sqrt(self.ratio) * solve_triangular(self.root, kept.T, lower=True, trans="T").T
            common = np.asarray(means @ spread - x @ shift)[:, group]
            yield start, self.sigma * (x @ direct + load * common + np.sqrt(self.own[rows]) * own)


def _chunks(order: Integers, width: int) -> Iterator[Integers]:
    step = max(1, 2**20 // width)
    return (order[start : start + step] for start in range(0, len(order), step))


def _quadratic(rows: Sparse, matrix: Floats) -> Floats:
    """r matrix r' for every row r."""
    return np.asarray(rows.multiply(rows @ matrix).sum(axis=1), np.float64).ravel()


def _normal(raw: NDArray[np.uint64]) -> Floats:
    """Standard normal deviates: 52 bits in the middle of their cell, so that neither 0 nor 1 is ever inverted."""
    return np.asarray(ndtri(((raw >> np.uint64(12)) + 0.5) * 2.0**-52))


@dataclass(frozen=True)
class _Point:
    """The fit at given shares of the variance (entrant, reviewer, residual), in standardised units.

    `v`: for both factors, sums of residuals per level (times `ratio` the predicted effects); `squares`: residual sum of
    squares plus penalties; `information`, `root`, `inverse`: of the kept factor's equations.
    """

    shares: Floats
    criterion: float
    system: _ReviewersKept | _EntrantsKept
    v: tuple[Floats, Floats]
    mean: Floats
    squares: float
    information: Floats
    root: Floats
    inverse: Floats

    @property
    def ratio(self) -> Floats:
        return np.asarray(self.shares[:2] / self.shares[2])

    @property
    def effect(self) -> tuple[Floats, Floats]:
        return self.ratio[0] * self.v[0], self.ratio[1] * self.v[1]

    @property
    def variance(self) -> float:
        """Of the residual."""
        return self.system.data.scale(self.squares)


def _evaluate(data: _Data, shares: Floats) -> _Point:
    ratio = shares[:2] / shares[2]
    kind = _ReviewersKept if data.count.shape[1] <= data.count.shape[0] else _EntrantsKept
    system = kind(data, float(ratio[kind.gone]))
    information = system.information()
    root = cholesky(np.eye(len(information)) + ratio[kind.kept] * information, lower=True)
    inverse = _inverse(root)
    kept = inverse @ system.right()
    mean, gone = system.rest(ratio[kind.kept] * kept)
    v = (kept, gone) if kind.kept == 0 else (gone, kept)
    squares = _squares(data, (ratio[0] * v[0], ratio[1] * v[1]), mean) + float(ratio @ [v[0] @ v[0], v[1] @ v[1]])
    criterion = _criterion(data, system.log_determinant + 2 * float(np.sum(np.log(np.diag(root)))), squares)
    return _Point(shares, criterion, system, v, mean, squares, information, root, inverse)


def _inverse(root: Floats) -> Floats:
    lower, _ = dpotri(root, lower=1)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


def _squares(data: _Data, effect: tuple[Floats, Floats], mean: Floats) -> float:
    """Sum of squared residuals, as a sum of squares: nothing cancels."""
    level = mean[data.group] + effect[0]
    residual = data.mean - level[data.row] - effect[1][data.count.indices]
    return data.within + float(data.count.data @ residual**2)


def _criterion(data: _Data, log_determinant: float, squares: float) -> float:
    """-2 restricted log-likelihood in the unit of the scores, at the best scale unless the residual is held."""
    if data.freedom == 0:
        return log_determinant
    variance = data.scale(squares)
    if variance == 0:
        return -math.inf
    spread = math.log(2 * math.pi * variance) + 2 * math.log(data.unit)
    return log_determinant + data.freedom * spread + squares / variance


@dataclass(frozen=True)
class _Slope:
    """First and second derivatives of the profiled criterion in the three shares.

    The criterion depends on the shares' proportions only, so `slope` and `curvature` vanish along the shares
    themselves. `curvature` is the average information; `size` (3,) bounds the terms it is the difference of, and so
    tells curvature from rounding.
    """

    slope: Floats
    curvature: Floats
    size: Floats


def _derivatives(data: _Data, point: _Point) -> _Slope:
    ratio, residual, s2 = point.ratio, point.shares[2], point.variance
    trace, average = _traces(point), _average_information(point)
    squares = np.array([point.v[0] @ point.v[0], point.v[1] @ point.v[1]])
    slope = (trace - squares / s2) / residual
    curvature = average / s2
    if data.held is None:
        # The scale is profiled out, which takes the part of the information along it away.
        curvature -= np.outer(squares, squares) / (s2**2 * data.freedom)
    curvature /= residual**2
    across = -ratio @ curvature
    size = np.sqrt(np.append(np.maximum(np.diag(average), 0) / s2, data.freedom)) / residual
    size = np.maximum(size, 1e-12 * size.max())
    return _Slope(
        np.append(slope, -ratio @ slope),
        np.block([[curvature, across[:, None]], [across, np.array(-across @ ratio)]]),
        size,
    )


def _traces(point: _Point) -> Floats:
    """Traces of U'PU for both factors, P in the metric of the full covariance over the residual variance."""
    system = point.system
    coupling, alone = system.coupling()
    result = np.empty(2)
    result[system.kept] = np.sum(point.inverse * point.information)
    result[system.gone] = alone - point.ratio[system.kept] * np.sum(point.inverse * coupling)
    return result


def _average_information(point: _Point) -> Floats:
    """v'U'PUv for both factors and between them."""
    kept, gone, ratio = point.system.kept, point.system.gone, point.ratio[point.system.kept]
    towards, alone = point.system.towards(point.v[gone])
    solved = point.inverse @ point.v[kept]
    result = np.empty((2, 2))
    result[kept, kept] = solved @ point.information @ point.v[kept]
    result[kept, gone] = result[gone, kept] = towards @ solved
    result[gone, gone] = alone - ratio * (towards @ point.inverse @ towards)
    return result


@dataclass(frozen=True)
class _Fit:
    point: _Point
    iterations: int
    converged: bool
    decrease: float


def _minimise(data: _Data, design: _Design, progress: Callable[[int, float], None]) -> _Fit:
    """The best fit over the starts, moved to the middle of the confounded directions if there are any.

    Where that leaves no residual, its variance is held at the least one and the other two are estimated again.
    """
    fits = [_descend(data, design, start, progress) for start in _starts(data, design)]
    best = min(fits, key=lambda fit: fit.point.criterion)
    if design.confounded.shape[1] > 0:
        best = replace(best, point=_evaluate(data, _centred(best.point.shares, design)))
    if best.point.variance >= data.least_residual:
        return best
    held = replace(data, held=data.least_residual)
    plain = replace(design, confounded=np.zeros((3, 0)))
    again = _descend(held, plain, best.point.shares, progress)
    return replace(again, iterations=best.iterations + again.iterations)


def _starts(data: _Data, design: _Design) -> list[Floats]:
    """Shares from the method of moments; where it is cheap also the best of a grid."""
    moments = np.array([data.sums @ data.sums, data.sums_by @ data.sums_by, data.total])
    rows = np.flatnonzero(design.estimable)
    length = np.sqrt(np.diag(design.gram)[rows])
    scaled = design.gram[np.ix_(rows, rows)] / np.outer(length, length)
    solution, _ = nnls(scaled, moments[rows] / length / data.total)
    shares = np.zeros(3)
    shares[rows] = solution / length
    shares = np.where(design.estimable, np.maximum(shares / shares.sum(), 0.02), 0.0)
    starts = [shares / shares.sum()]
    if min(data.count.shape) <= _SMALL:
        axes = [(0.0, 0.03, 0.3, 3.0, 30.0, 1e3, 1e5) if free else (0.0,) for free in design.estimable[:2]]
        grid = [np.array([*ratio, 1.0]) / (1 + sum(ratio)) for ratio in itertools.product(*axes)]
        starts.append(min(grid, key=lambda shares: _evaluate(data, shares).criterion))
    return starts


def _descend(data: _Data, design: _Design, start: Floats, progress: Callable[[int, float], None]) -> _Fit:
    """Newton steps with average information on the triangle of shares, halved until the criterion falls."""
    point, decrease, least, iteration = _evaluate(data, start), math.inf, math.inf, 0
    while iteration < _STEPS:
        slope = _convex(_derivatives(data, point), point.shares, design.confounded)
        target, decrease = _newton(point.shares, slope, design)
        visible = 1e-11 * (abs(point.criterion) + data.freedom)
        if data.held is None and point.shares[2] == target[2] == _LEAST_SHARE:
            break  # no residual: the fit that holds it takes over
        # Near the least residual rounding keeps the promised decrease from falling further.
        if decrease <= min(1e-12 * data.freedom, 1e-10) or least / 2 < decrease <= visible:
            break
        least = min(least, decrease)
        better = _search(data, point, target, decrease)
        if better is None:
            break
        point, iteration = better, iteration + 1
        progress(iteration, point.criterion)
    # What is left to gain may be below what the criterion's own rounding lets one see.
    return _Fit(point, iteration, decrease <= 1e-9 * (abs(point.criterion) + data.freedom), decrease)


def _convex(at: _Slope, shares: Floats, confounded: Floats) -> _Slope:
    """The same without the rounding along confounded directions, where the criterion is known to be flat, and with as
    much curvature added as rounding may have taken off (felt only where the residual share is near its least).
    """
    flat = (confounded - np.outer(shares, confounded.sum(axis=0))) * at.size[:, None]
    span, values, _ = np.linalg.svd(flat, full_matrices=False)
    span = span[:, values > 1e-12 * values.max(initial=1e-300)]
    onto = (np.eye(3) - span @ span.T) / np.outer(at.size, 1 / at.size)
    return _Slope(at.slope @ onto, onto.T @ at.curvature @ onto + np.diag(_ROUNDING * at.size**2), at.size)


_ROUNDING = 1e-10  # of the curvature, relative to the terms it is the difference of


def _search(data: _Data, point: _Point, target: Floats, decrease: float) -> _Point | None:
    rounding = 1e-13 * (abs(point.criterion) + data.freedom)
    for halving in range(50):
        shares = target if halving == 0 else point.shares + (target - point.shares) / 2**halving
        trial = _evaluate(data, shares)
        if trial.criterion <= point.criterion - 1e-4 * decrease / 2**halving + rounding:
            return trial
    return None


def _newton(shares: Floats, at: _Slope, design: _Design) -> tuple[Floats, float]:
    """Minimum of the quadratic model over the triangle of shares, and by how much the model falls there.

    The triangle has seven faces (itself, edges, corners), each given by the shares that are held at their least; the
    minimum of a convex quadratic is the least of those on each face that lie in the triangle.
    """
    forced = {part for part in (0, 1) if not design.estimable[part]}
    best, least = shares, 0.0
    for number in range(len(forced), 3):
        for held in itertools.combinations(range(3), number):
            if not forced <= set(held):
                continue
            target = _on_face(shares, at, list(held))
            if (target < _LEAST).any():
                continue
            step = target - shares
            change = float(at.slope @ step + step @ at.curvature @ step / 2)
            if change < least:
                best, least = target, change
    return best, -least


_LEAST = np.array([0.0, 0.0, _LEAST_SHARE])


def _on_face(shares: Floats, at: _Slope, held: list[int]) -> Floats:
    free = [part for part in range(3) if part not in held]
    # The largest share makes up for the others: its curvature is the smallest, so nothing is lost in differences.
    pivot = free.pop(int(np.argmax(shares[free])))
    target = shares.copy()
    target[held] = _LEAST[held]
    target[pivot] = 1 - target[held].sum() - target[free].sum()
    if free:
        basis = np.eye(3)[:, free] - np.eye(3)[:, [pivot]]
        length = np.hypot(at.size[free], at.size[pivot])
        curvature = basis.T @ at.curvature @ basis / np.outer(length, length)
        slope = basis.T @ (at.slope + at.curvature @ (target - shares)) / length
        target[free] -= np.linalg.lstsq(curvature, slope, rcond=1e-14)[0] / length
        target[pivot] = 1 - target[held].sum() - target[free].sum()
    return target


def _centred(shares: Floats, design: _Design) -> Floats:
    """The most even point of equal likelihood: it maximises the product of the confounded components' variances."""
    variance, null = shares.copy(), design.confounded
    part = np.abs(null).max(axis=1) > 0
    if null.shape[1] == 2:
        length = np.sqrt(np.diag(design.gram))
        variance[part] = (length @ variance) / length[part] / part.sum()
    else:
        v, x = null[part, 0], variance[part]
        low, high = np.max(-x[v > 0] / v[v > 0]), np.min(x[v < 0] / -v[v < 0])
        if high - low > 1e-12:
            margin = 1e-9 * (high - low)
            variance[part] = x + v * brentq(lambda t: float(np.sum(v / (x + t * v))), low + margin, high - margin)
    return np.asarray(variance / variance.sum())


def _result(data: _Data, design: _Design, fit: _Fit) -> Calibration:
    point, system = fit.point, fit.point.system
    sigma, ratio = data.unit * math.sqrt(point.variance), point.ratio
    kept = ratio[system.kept] * point.inverse
    posterior = system.posterior(point.root, float(ratio[system.kept]), sigma)
    score_variance, mean_variance = posterior.variances(kept)
    mean = data.centre + data.unit * point.mean
    severity, severity_variance = -data.unit * point.effect[1], system.severity_variances(posterior, kept)
    if not design.estimable[1]:
        severity = severity_variance = np.full(len(data.reviewers), np.nan)
    variance = np.where(design.estimable, [*ratio, 1.0], np.nan) * sigma**2
    n_entrants, n_groups = len(data.all_groups), int(data.all_groups.max()) + 1
    blocks = _blocks(data)
    return Calibration(
        score=_filled(mean[data.group] + data.unit * point.effect[0], data.entrants, n_entrants),
        standard_error=_filled(np.sqrt(score_variance), data.entrants, n_entrants),
        severity=_filled(severity, data.reviewers, data.n_reviewers),
        severity_error=_filled(np.sqrt(severity_variance), data.reviewers, data.n_reviewers),
        sheets_per_entrant=_filled(data.sheets.astype(np.int64), data.entrants, n_entrants, 0),
        sheets_per_reviewer=_filled(data.sheets_by.astype(np.int64), data.reviewers, data.n_reviewers, 0),
        group_mean=_filled(mean, data.groups, n_groups),
        group_mean_error=_filled(np.sqrt(mean_variance), data.groups, n_groups),
        entrant_variance=float(variance[0]),
        reviewer_variance=float(variance[1]),
        residual_variance=float(variance[2]),
        criterion=point.criterion,
        iterations=fit.iterations,
        converged=fit.converged,
        notes=tuple(_notes(data, design, fit, blocks)),
        blocks=blocks,
        method=_method(data, system),
        _posterior=posterior,
    )


def _filled(values: NDArray[Any], where: Integers, size: int, empty: float = math.nan) -> NDArray[Any]:
    """`values` at the positions `where`, `empty` elsewhere; read-only."""
    result = np.full(size, empty, values.dtype)
    result[where] = values
    result.flags.writeable = False
    return result


def _blocks(data: _Data) -> Blocks:
    entrants, reviewers = data.count.shape
    pairs = data.count.tocoo()
    nodes = entrants + reviewers
    graph = csr_array((pairs.data, (pairs.row, pairs.col + entrants)), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=False)
    label = label.astype(np.int64)
    entrant = _filled(label[:entrants], data.entrants, len(data.all_groups), -1)
    reviewer = _filled(label[entrants:], data.reviewers, data.n_reviewers, -1)
    return Blocks(entrant, reviewer, int(count))


def _notes(data: _Data, design: _Design, fit: _Fit, blocks: Blocks) -> Iterator[Note]:
    if len(data.reviewers) == 1:
        yield Note(NoteCode.SINGLE_REVIEWER, {"reviewer": int(data.reviewers[0])})
    for name, free in zip(_COMPONENTS, design.estimable, strict=True):
        if not free:
            yield Note(NoteCode.NOT_ESTIMABLE, {"component": name})
    mixed = np.abs(design.confounded).max(axis=1, initial=0) > 0
    if mixed.any():
        yield Note(NoteCode.INSEPARABLE, {"components": tuple(itertools.compress(_COMPONENTS, mixed))})
    yield from _fit_notes(data, design, fit)
    once = int(np.sum(data.sheets == 1))
    if once:
        yield Note(NoteCode.FEW_SHEETS, {"entrants": once})
    if blocks.count > 1:
        yield Note(NoteCode.DISCONNECTED, {"blocks": blocks.count, "groups": _cut_groups(data, blocks)})
    yield from _absence_notes(data)


_COMPONENTS = ("entrant", "reviewer", "residual")


def _fit_notes(data: _Data, design: _Design, fit: _Fit) -> Iterator[Note]:
    if data.constant:
        yield Note(NoteCode.CONSTANT_SCORES)
        return
    shares = fit.point.shares
    for part, name in enumerate(_COMPONENTS[:2]):
        if design.estimable[part] and shares[part] == 0:
            yield Note(NoteCode.ZERO_VARIANCE, {"component": name})
    if fit.point.system.data.held is not None:
        variance = fit.point.variance * data.unit**2
        yield Note(NoteCode.ZERO_VARIANCE, {"component": "residual", "variance": variance})
    if not fit.converged:
        yield Note(NoteCode.NOT_CONVERGED, {"decrease": fit.decrease})


def _cut_groups(data: _Data, blocks: Blocks) -> tuple[int, ...]:
    """Groups whose entrants lie in more than one block."""
    label = blocks.entrant[data.entrants]
    groups = len(data.groups)
    low, high = np.full(groups, blocks.count), np.full(groups, -1)
    np.minimum.at(low, data.group, label)
    np.maximum.at(high, data.group, label)
    return tuple(data.groups[low < high].tolist())


def _absence_notes(data: _Data) -> Iterator[Note]:
    lone = data.groups[np.bincount(data.group) == 1]
    if len(lone):
        yield Note(NoteCode.LONE_ENTRANT_GROUPS, {"groups": tuple(lone.tolist())})
    empty = np.setdiff1d(np.arange(int(data.all_groups.max()) + 1), data.groups)
    if len(empty):
        yield Note(NoteCode.EMPTY_GROUPS, {"groups": tuple(empty.tolist())})
    for code, name, known, count in (
        (NoteCode.ENTRANTS_WITHOUT_SHEETS, "entrants", data.entrants, len(data.all_groups)),
        (NoteCode.REVIEWERS_WITHOUT_SHEETS, "reviewers", data.reviewers, data.n_reviewers),
    ):
        absent = np.setdiff1d(np.arange(count), known)
        if len(absent):
            yield Note(code, {name: tuple(absent.tolist())})


def _method(data: _Data, system: _ReviewersKept | _EntrantsKept) -> str:
    entrants, reviewers = data.count.shape
    gone = "entrants" if system.kept else "reviewers"
    return (
        f"crossed random effects with group means (entrants {entrants}, reviewers {reviewers}, groups "
        f"{len(data.groups)}, sheets {int(data.sheets.sum())}); variances by restricted maximum likelihood, "
        f"average-information Newton on their shares with {gone} eliminated; scores are best linear unbiased "
        "predictions, their errors are given the variances"
    )
