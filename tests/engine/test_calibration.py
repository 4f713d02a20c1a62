"""Calibration against dense brute force, closed forms, published figures, and what must not change it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.optimize import minimize

from simsa.engine.calibration import Calibration, CalibrationError, NoteCode, calibrate
from tests.draws import draws

# Diameters of the zones of 24 plates (words) for 6 samples of penicillin (pairs of digits). O. L. Davies &
# P. L. Goldsmith (eds.), Statistical Methods in Research and Production, 4th ed., 1972, section 6.6.
PENICILLIN = """
272326232321 272326232321 252125242420 262325232320 252226222320 242225232219
242023212219 262226242421 242124222220 242124232219 262326242421 252226242420
262426242522 262326232320 262325242422 252225232320 252124232320 252224232319
242123212119 262326242421 252124222218 252225222220 242124222419 242124222118
"""
DRAWN = [[24.89474, 22.06755, 24.89731], [25.06121, 21.95963, 24.84174]]
LEAST_RESIDUAL = 1e-6  # of the variance about the means of the groups: where a residual variance of zero is held

Floats = NDArray[np.float64]
Sheet = tuple[int, int, int]


def fit(sheets: Sequence[Sequence[float]], group: Sequence[int] | None = None, **sizes: int) -> Calibration:
    entrant, reviewer = ([int(sheet[part]) for sheet in sheets] for part in (0, 1))
    sizes = {"n_entrants": max(entrant, default=0) + 1, "n_reviewers": max(reviewer, default=0) + 1, **sizes}
    if group is not None:
        sizes["n_entrants"] = len(group)
    return calibrate([sheet[2] for sheet in sheets], entrant, reviewer, group=group, **sizes)


def codes(result: Calibration) -> set[NoteCode]:
    return {note.code for note in result.notes}


def data_of(result: Calibration, code: NoteCode) -> Any:
    return next(dict(note.data) for note in result.notes if note.code == code)


def simulated(n: int, entrants: int, reviewers: int, groups: int, seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    i, j, g = rng.integers(0, entrants, n), rng.integers(0, reviewers, n), rng.integers(0, groups, entrants)
    g[:groups] = np.arange(groups)
    y = 70 + 5 * g[i] + rng.normal(0, 8, entrants)[i] - rng.normal(0, 4, reviewers)[j] + rng.normal(0, 6, n)
    return y, i, j, g


class Dense:
    """The model written out: every matrix of the size of the sheets."""

    def __init__(self, y: Any, i: Any, j: Any, group: Any, n_reviewers: int) -> None:
        self.y, i, j, group = (np.asarray(values) for values in (y, i, j, group))
        self.entrants, self.reviewers = np.eye(len(group))[i], np.eye(n_reviewers)[j]
        self.groups = np.eye(int(group.max()) + 1)[group]
        self.groups = self.groups[:, (self.entrants @ self.groups).any(axis=0)]
        self.fixed = self.entrants @ self.groups
        self.freedom = len(self.y) - self.fixed.shape[1]
        centred = self.y - self.fixed @ np.linalg.lstsq(self.fixed, self.y, rcond=None)[0]
        self.least_residual = LEAST_RESIDUAL * float(centred @ centred) / max(self.freedom, 1)

    def variance(self, parts: Sequence[float]) -> Floats:
        a, b = self.entrants @ self.entrants.T, self.reviewers @ self.reviewers.T
        return np.asarray(parts[0] * a + parts[1] * b + parts[2] * np.eye(len(self.y)))

    def criterion(self, parts: Sequence[float]) -> float:
        """-2 restricted log-likelihood at these variances."""
        determinant, squares = self.terms(parts)
        return determinant + self.freedom * math.log(2 * math.pi) + squares

    def terms(self, parts: Sequence[float]) -> tuple[float, float]:
        root = np.linalg.cholesky(self.variance(parts))
        fixed, y = np.linalg.solve(root, self.fixed), np.linalg.solve(root, self.y - self.y.mean())
        q, r = np.linalg.qr(fixed)
        determinant = 2 * np.sum(np.log(np.diag(root))) + 2 * np.sum(np.log(np.abs(np.diag(r))))
        return float(determinant), float(np.sum((y - q @ (q.T @ y)) ** 2))

    def least_criterion(self, free: tuple[bool, bool]) -> float:
        """By a grid of proportions at their best scale, then Nelder-Mead on standard deviations from the best two."""

        def at(deviations: Floats) -> float:
            parts = [*(deviations[:2] ** 2 * free), max(deviations[2] ** 2, self.least_residual)]
            return self.criterion(parts)

        axes = [(0.0, 0.1, 0.5, 2.0, 30.0, 1e3, 1e6) if part else (0.0,) for part in free]
        proportions = (np.array([a, b, 1.0]) for a in axes[0] for b in axes[1])
        scaled = (np.sqrt(parts * self.terms(list(parts))[1] / self.freedom) for parts in proportions)
        grid = sorted(scaled, key=at)
        options = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 600}
        starts = (np.maximum(start, 0.1 * start.max()) for start in grid[:2])
        found = (minimize(at, start, method="Nelder-Mead", options=options) for start in starts)
        return min(at(grid[0]), *(float(result.fun) for result in found))

    def predictions(self, parts: Sequence[float]) -> dict[str, Floats]:
        """Best linear unbiased predictions and the covariances of their errors, from the covariance of the sheets."""
        inverse = np.linalg.inv(self.variance(parts))
        means = np.linalg.solve(self.fixed.T @ inverse @ self.fixed, self.fixed.T @ inverse)
        projected = inverse @ (np.eye(len(self.y)) - self.fixed @ means)
        score = self.groups @ means + parts[0] * self.entrants.T @ projected
        severity = -parts[1] * self.reviewers.T @ projected
        prior = parts[0] * np.eye(len(self.groups)), parts[1] * np.eye(self.reviewers.shape[1])
        with_sheets = parts[0] * self.entrants.T, -parts[1] * self.reviewers.T
        v = self.variance(parts)
        errors = [
            weight @ v @ weight.T - weight @ c.T - c @ weight.T + own
            for weight, c, own in zip((score, severity), with_sheets, prior, strict=True)
        ]
        y = self.y - self.y.mean()
        return {
            "score": score @ y + self.y.mean(),
            "severity": severity @ y,
            "covariance": errors[0],
            "severity_error": np.sqrt(np.maximum(np.diag(errors[1]), 0)),
            "group_mean": means @ y + self.y.mean(),
            "group_mean_error": np.sqrt(np.diag(means @ v @ means.T)),
        }


def estimates(result: Calibration) -> Floats:
    return np.nan_to_num([result.entrant_variance, result.reviewer_variance, result.residual_variance])


small_panels = st.tuples(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 20)), min_size=3, max_size=20),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.booleans(),
)


def turned(panel: tuple[list[Sheet], list[int], bool]) -> tuple[list[Sheet], list[int]]:
    """Half of the panels with the two roles swapped, so that either factor is the larger one."""
    sheets, group, swap = panel
    return ([(j, i, y) for i, j, y in sheets] if swap else sheets), group


def both(sheets: list[Sheet], group: list[int]) -> tuple[Calibration, Dense]:
    result = fit(sheets, group, n_reviewers=6)
    i, j, y = zip(*sheets, strict=True)
    assume(len(y) > len(set(np.array(group)[list(i)])) and NoteCode.CONSTANT_SCORES not in codes(result))
    return result, Dense(y, i, j, group, 6)


@given(small_panels)
@settings(max_examples=draws(30), deadline=None)
def test_the_criterion_is_the_least_that_brute_force_finds(panel: tuple[list[Sheet], list[int], bool]) -> None:
    result, dense = both(*turned(panel))
    free = not math.isnan(result.entrant_variance), not math.isnan(result.reviewer_variance)
    assert result.converged
    assert_allclose(result.criterion, dense.criterion(list(estimates(result))), atol=1e-5)
    assert result.criterion <= dense.least_criterion(free) + 1e-5


def test_of_several_minima_the_least_is_found() -> None:
    # From the moments alone the descent ends at 26.02.
    sheets = [(3, 2, 7), (0, 3, 7), (0, 0, 6), (1, 0, 0), (3, 3, 3), (1, 2, 5)]
    i, j, y = zip(*sheets, strict=True)
    result, dense = fit(sheets), Dense(y, i, j, [0] * 4, 4)
    assert result.criterion < dense.least_criterion((True, True)) + 1e-5 < 14


@given(small_panels)
@settings(max_examples=draws(60), deadline=None)
def test_predictions_and_their_errors_are_those_of_the_dense_model(panel: tuple[list[Sheet], list[int], bool]) -> None:
    result, dense = both(*turned(panel))
    assert_predictions(result, dense)


def assert_predictions(result: Calibration, dense: Dense) -> None:
    wanted = dense.predictions(list(estimates(result)))
    seen, heard = dense.entrants.any(axis=0), dense.reviewers.any(axis=0)
    near = {"rtol": 1e-5, "atol": 1e-5}
    assert_allclose(result.score[seen], wanted["score"][seen], **near)
    assert_allclose(result.covariance(np.flatnonzero(seen)), wanted["covariance"][np.ix_(seen, seen)], **near)
    assert_allclose(result.standard_error[seen] ** 2, np.diag(wanted["covariance"])[seen], **near)
    assert np.isnan(result.score[~seen]).all()
    known = ~np.isnan(result.group_mean)
    assert_allclose(result.group_mean[known], wanted["group_mean"], **near)
    assert_allclose(result.group_mean_error[known], wanted["group_mean_error"], **near)
    assert np.isnan(result.severity[~heard]).all()
    if not math.isnan(result.reviewer_variance):
        assert_allclose(result.severity[heard], wanted["severity"][heard], **near)
        assert_allclose(result.severity_error[heard], wanted["severity_error"][heard], **near)


@pytest.mark.parametrize(
    ("n", "entrants", "reviewers", "groups"),
    [
        pytest.param(200, 90, 70, 3, id="sparse, entrants eliminated"),
        pytest.param(200, 70, 90, 3, id="sparse, reviewers eliminated"),
        pytest.param(150, 40, 6, 20, id="more groups than reviewers"),
        pytest.param(150, 40, 50, 20, id="many groups, reviewers eliminated"),
        pytest.param(300, 12, 9, 2, id="every pair several times"),
    ],
)
def test_larger_panels_agree_with_the_dense_model(n: int, entrants: int, reviewers: int, groups: int) -> None:
    y, i, j, g = simulated(n, entrants, reviewers, groups, 7)
    result = calibrate(y, i, j, n_entrants=entrants, n_reviewers=reviewers, group=g)
    dense = Dense(y, i, j, g, reviewers)
    assert result.converged
    assert_allclose(result.criterion, dense.criterion(list(estimates(result))), rtol=1e-10)
    # No direction leads down: one per cent more or less of any component is worse.
    for part in np.repeat(np.eye(3), 2, axis=0) * np.array([0.01, -0.01] * 3)[:, None]:
        assert dense.criterion(list(estimates(result) * (1 + part))) > result.criterion
    assert_predictions(result, dense)


@pytest.mark.parametrize(("entrants", "reviewers"), [(9, 5), (5, 9)])
def test_balanced_panels_give_the_estimates_of_the_analysis_of_variance(entrants: int, reviewers: int) -> None:
    rng = np.random.default_rng(4)
    table = rng.normal(0, 3, entrants)[:, None] - rng.normal(0, 2, reviewers) + rng.normal(0, 1, (entrants, reviewers))
    result = fit([(i, j, table[i, j]) for i in range(entrants) for j in range(reviewers)])
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    residual = table - rows[:, None] - columns + table.mean()
    noise = np.sum(residual**2) / ((entrants - 1) * (reviewers - 1))
    quality, severity = np.var(rows, ddof=1) - noise / reviewers, np.var(columns, ddof=1) - noise / entrants
    assert_allclose(estimates(result), [quality, severity, noise], rtol=1e-7)
    shrunk = reviewers * quality / (reviewers * quality + noise)
    assert_allclose(result.score, table.mean() + shrunk * (rows - table.mean()), rtol=1e-7)
    shrunk = entrants * severity / (entrants * severity + noise)
    assert_allclose(result.severity, shrunk * (table.mean() - columns), rtol=1e-7, atol=1e-9)
    error = np.sqrt((quality / entrants) + severity / reviewers + noise / (entrants * reviewers))
    assert_allclose(result.group_mean_error, [error], rtol=1e-7)


def test_a_variance_of_zero_is_exactly_zero_and_reported() -> None:
    # Every entrant has the same mean: between entrants there is less variance than noise alone would make.
    table = np.array([[1.0, 5, 3], [5, 3, 1], [3, 1, 5], [1, 5, 3]])
    result = fit([(i, j, table[i, j]) for i in range(4) for j in range(3)])
    assert result.entrant_variance == 0.0
    assert result.converged
    assert {"component": "entrant"} in [dict(note.data) for note in result.notes]
    assert_allclose(result.score, 3.0)
    assert_allclose(result.covariance(), result.group_mean_error[0] ** 2)


def penicillin(sample_is_entrant: bool = True) -> Calibration:
    plates = PENICILLIN.split()
    sheets = [(s, p, int(plate[2 * s : 2 * s + 2])) for p, plate in enumerate(plates) for s in range(6)]
    return fit(sheets if sample_is_entrant else [(p, s, y) for s, p, y in sheets])


def test_penicillin_gives_the_published_figures() -> None:
    """Bates, Maechler, Bolker & Walker, Journal of Statistical Software 67(1), 2015, and lme4 1.1-31."""
    result = penicillin()
    assert round(result.criterion, 4) == 330.8606
    assert_allclose(np.sqrt(estimates(result)), [1.9316, 0.8467, 0.5499], atol=5e-5)
    assert_allclose(result.group_mean, [22.97222222], atol=1e-8)
    assert_allclose(result.group_mean_error, [0.8086], atol=5e-5)
    effects = [2.18705840, -1.01047635, 1.93789985, -0.09689499, -0.01384214, -3.00374477]
    assert_allclose(result.score - result.group_mean, effects, atol=1e-6)


def test_the_two_roles_are_mirror_images() -> None:
    one, other = penicillin(), penicillin(sample_is_entrant=False)
    assert_allclose(estimates(one)[[1, 0, 2]], estimates(other), rtol=1e-9)
    assert_allclose(other.severity, one.group_mean - one.score, atol=1e-9)
    assert_allclose(one.severity, other.group_mean - other.score, atol=1e-9)


def test_a_severe_reviewer_has_positive_severity_and_does_not_cost_an_entrant() -> None:
    quality, severity = [10, 20, 30, 40], [0, 0, 12]
    slots = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0), (3, 0), (3, 2), (0, 2), (1, 0)]
    result = fit([(i, j, quality[i] - severity[j] + (i * j) % 2) for i, j in slots])
    assert result.severity[2] > 5 > abs(result.severity[0])
    assert list(np.argsort(result.score)) == [0, 1, 2, 3]
    assert_allclose(np.diff(result.score), 10, atol=1.5)


def panel_of_90() -> tuple[Any, ...]:
    return simulated(90, 20, 8, 2, 11)


def arrays_of(result: Calibration) -> dict[str, Any]:
    names = [f.name for f in dataclasses.fields(result) if isinstance(getattr(result, f.name), np.ndarray)]
    return {name: getattr(result, name) for name in names}


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_the_order_of_the_sheets_does_not_matter(random: Any) -> None:
    y, i, j, g = panel_of_90()
    order = list(range(90))
    random.shuffle(order)
    one = calibrate(y, i, j, n_entrants=20, n_reviewers=8, group=g)
    other = calibrate(y[order], i[order], j[order], n_entrants=20, n_reviewers=8, group=g)
    assert_allclose(other.criterion, one.criterion, rtol=1e-12)
    for name, values in arrays_of(one).items():
        assert_allclose(getattr(other, name), values, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(("shift", "scale"), [(1e9, 1.0), (-70.0, 1.0), (0.0, 1e-6), (0.0, 3e7), (-5.0, 0.01)])
def test_shifting_and_scaling_the_scores_shifts_and_scales_the_result(shift: float, scale: float) -> None:
    y, i, j, g = panel_of_90()
    one = calibrate(y, i, j, n_entrants=20, n_reviewers=8, group=g)
    other = calibrate(y * scale + shift, i, j, n_entrants=20, n_reviewers=8, group=g)
    assert_allclose((other.score - shift) / scale, one.score, rtol=1e-6)
    assert_allclose(other.severity / scale, one.severity, rtol=1e-5, atol=1e-6)
    assert_allclose(other.standard_error / scale, one.standard_error, rtol=1e-6)
    assert_allclose(estimates(other) / scale**2, estimates(one), rtol=1e-5)
    assert_allclose(other.criterion - 2 * (90 - 2) * math.log(scale), one.criterion, rtol=1e-8)


def test_a_shift_of_one_group_moves_nothing_else() -> None:
    y, i, j, g = panel_of_90()
    one = calibrate(y, i, j, n_entrants=20, n_reviewers=8, group=g)
    other = calibrate(y + 1000 * g[i], i, j, n_entrants=20, n_reviewers=8, group=g)
    assert_allclose(other.score - 1000 * g, one.score, rtol=1e-7)
    assert_allclose(other.severity, one.severity, rtol=1e-6, atol=1e-7)


def test_entrants_reviewers_and_groups_without_sheets_are_unknown_and_change_nothing() -> None:
    plain = fit([(0, 0, 3), (0, 1, 5), (1, 0, 4), (1, 1, 9), (2, 0, 1)])
    result = fit([(1, 2, 3), (1, 0, 5), (2, 2, 4), (2, 0, 9), (4, 2, 1)], [0, 2, 2, 0, 2], n_reviewers=4)
    assert_array_equal(np.isnan(result.score), [True, False, False, True, False])
    assert_array_equal(np.isnan(result.standard_error), np.isnan(result.score))
    assert_allclose(result.score[[1, 2, 4]], plain.score, rtol=1e-6)
    assert_array_equal(np.isnan(result.severity), [False, True, False, True])
    assert_array_equal(np.isnan(result.group_mean), [True, True, False])
    assert_array_equal(result.sheets_per_entrant, [0, 2, 2, 0, 1])
    assert_array_equal(result.sheets_per_reviewer, [2, 0, 3, 0])
    assert_array_equal(result.blocks.entrant, [-1, 0, 0, -1, 0])
    assert_array_equal(np.isnan(np.diag(result.covariance())), np.isnan(result.score))
    assert_array_equal(np.isnan(result.draws(2, 1)).all(axis=0), np.isnan(result.score))
    assert data_of(result, NoteCode.ENTRANTS_WITHOUT_SHEETS) == {"entrants": (0, 3)}
    assert data_of(result, NoteCode.REVIEWERS_WITHOUT_SHEETS) == {"reviewers": (1, 3)}
    assert data_of(result, NoteCode.EMPTY_GROUPS) == {"groups": (0, 1)}


def test_one_sheet_is_its_own_score_of_unknown_error() -> None:
    result = fit([(0, 0, 7)])
    assert_array_equal(result.score, [7.0])
    assert np.isnan(result.standard_error).all()
    assert np.isnan([result.entrant_variance, result.reviewer_variance, result.residual_variance]).all()
    assert np.isnan(result.severity).all()
    assert np.isnan(result.draws(3, 1)).all()
    assert {dict(note.data).get("component") for note in result.notes} >= {"entrant", "reviewer", "residual"}


def test_a_single_reviewer_has_no_severity() -> None:
    result = fit([(0, 0, 3), (0, 0, 5), (1, 0, 9), (1, 0, 8), (2, 0, 1)])
    assert data_of(result, NoteCode.SINGLE_REVIEWER) == {"reviewer": 0}
    assert math.isnan(result.reviewer_variance)
    assert np.isnan(result.severity).all()
    assert result.entrant_variance > 0
    assert list(np.argsort(result.score)) == [2, 0, 1]


def test_a_single_entrant_scores_the_mean_of_its_group() -> None:
    result = fit([(0, 0, 3), (0, 0, 4), (0, 1, 8), (0, 1, 7)])
    assert math.isnan(result.entrant_variance)
    assert_allclose(result.score, [5.5])
    assert_allclose(result.score, result.group_mean)
    assert data_of(result, NoteCode.LONE_ENTRANT_GROUPS) == {"groups": (0,)}


@pytest.mark.parametrize("score", [0.0, 0.1, 1e15])
def test_constant_scores_have_no_variance(score: float) -> None:
    result = fit([(i, j, score) for i in range(3) for j in range(3)])
    assert NoteCode.CONSTANT_SCORES in codes(result)
    assert_array_equal(result.score, [score] * 3)
    assert_array_equal(estimates(result), [0, 0, 0])
    assert_array_equal(result.standard_error, [0, 0, 0])
    assert result.criterion == -math.inf
    assert_array_equal(result.draws(2, 1), np.full((2, 3), score))


def test_scores_that_differ_by_rounding_alone_are_constant() -> None:
    result = fit([(i, j, 0.3 if i == j else 0.1 + 0.2) for i in range(3) for j in range(3)])
    assert NoteCode.CONSTANT_SCORES in codes(result)
    assert_allclose(result.score, 0.3)


def test_one_sheet_per_entrant_splits_what_cannot_be_told_apart_evenly() -> None:
    rng = np.random.default_rng(2)
    result = fit([(i, i % 3, score) for i, score in enumerate(rng.normal(0, 5, 12) + 10 * (np.arange(12) % 3))])
    assert data_of(result, NoteCode.INSEPARABLE) == {"components": ("entrant", "residual")}
    assert_allclose(result.entrant_variance, result.residual_variance)
    assert data_of(result, NoteCode.FEW_SHEETS) == {"entrants": 12}
    assert result.converged
    assert result.reviewer_variance > result.residual_variance


def test_a_reviewer_for_each_sheet_leaves_the_scores_of_the_one_way_model() -> None:
    table = np.random.default_rng(3).normal(0, 1, (6, 4)) + 3 * np.arange(6)[:, None]
    result = fit([(i, 4 * i + j, table[i, j]) for i in range(6) for j in range(4)])
    assert data_of(result, NoteCode.INSEPARABLE) == {"components": ("reviewer", "residual")}
    noise = np.mean(np.var(table, axis=1, ddof=1))
    quality = np.var(table.mean(axis=1), ddof=1) - noise / 4
    assert_allclose(estimates(result), [quality, noise / 2, noise / 2], rtol=1e-6)
    assert_allclose(result.score, table.mean() + quality / (quality + noise / 4) * (table.mean(axis=1) - table.mean()))


def test_scores_without_noise_are_told_apart_exactly() -> None:
    quality, severity = np.array([1.0, 4, 2, 9, 5]), np.array([0.0, 3, -2, 1])
    result = fit([(i, j, quality[i] - severity[j]) for i in range(5) for j in range(4) if i != j])
    assert data_of(result, NoteCode.ZERO_VARIANCE) == {"component": "residual", "variance": result.residual_variance}
    assert 0 < result.residual_variance < 1e-4
    assert_allclose(np.diff(result.score), np.diff(quality), atol=1e-4)
    assert_allclose(np.diff(result.severity), np.diff(severity), atol=1e-4)
    assert_allclose(estimates(result)[:2], [np.var(quality, ddof=1), np.var(severity, ddof=1)], rtol=1e-4)


def test_entrants_without_a_chain_of_common_reviewers_lie_in_different_blocks() -> None:
    sheets = [(0, 3, 5), (1, 3, 6), (1, 0, 8), (3, 1, 2), (2, 1, 4), (4, 2, 9)]
    result = fit(sheets, [0, 0, 2, 2, 2])
    assert_array_equal(result.blocks.entrant, [0, 0, 1, 1, 2])
    assert_array_equal(result.blocks.reviewer, [0, 1, 2, 0])
    assert result.blocks.count == 3
    assert data_of(result, NoteCode.DISCONNECTED) == {"blocks": 3, "groups": (2,)}
    assert NoteCode.DISCONNECTED not in codes(fit([*sheets, (4, 1, 8), (0, 1, 5)], [0, 0, 2, 2, 2]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], [], 3, 3, None), "there is no sheet"),
        (([1, math.nan], [0, 1], [0, 0], 2, 1, None), "sheet 1 (entrant 1, reviewer 0) is nan; leave sheets without"),
        (([1, math.inf], [0, 1], [0, 0], 2, 1, None), "sheet 1 (entrant 1, reviewer 0) is inf"),
        ((["a"], [0], [0], 1, 1, None), "score: could not convert"),
        (([[1.0]], [0], [0], 1, 1, None), "score has shape (1, 1)"),
        (([1, 2], [0, 2], [0, 0], 2, 1, None), "entrant[1] is 2; it must be 0 or more and below n_entrants = 2"),
        (([1, 2], [0, 1], [0, -1], 2, 1, None), "reviewer[1] is -1"),
        (([1, 2], [0.5, 1], [0, 0], 2, 1, None), "entrant has type float64"),
        (([1, 2], [0], [0, 0], 2, 1, None), "2 scores, 1 entrants, 2 reviewers"),
        (([1, 2], [0, 1], [0, 0], 2, 1, [0]), "group has 1 values for 2 entrants"),
        (([1, 2], [0, 1], [0, 0], 2, 1, [0, 10**9]), "group[1] is 1000000000"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_the_reason(arguments: tuple[Any, ...], message: str) -> None:
    score, entrant, reviewer, n_entrants, n_reviewers, group = arguments
    with pytest.raises(CalibrationError) as caught:
        calibrate(score, entrant, reviewer, n_entrants=n_entrants, n_reviewers=n_reviewers, group=group)
    assert message in str(caught.value)


@pytest.mark.parametrize("shape", [(30, 12), (12, 30)], ids=["reviewers kept", "entrants kept"])
def test_draws_have_the_mean_and_the_covariance_of_the_posterior(shape: tuple[int, int]) -> None:
    y, i, j, g = simulated(130, *shape, 3, 5)
    result = calibrate(y, i, j, n_entrants=shape[0], n_reviewers=shape[1], group=g)
    n = 40_000
    draws, covariance = result.draws(n, 12), result.covariance()
    error = np.sqrt(np.diag(covariance) / n)
    assert np.abs((draws.mean(axis=0) - result.score) / error).max() < 4
    spread = np.diag(covariance)
    error = np.sqrt((covariance**2 + np.outer(spread, spread)) / n)
    assert np.abs((np.cov(draws.T) - covariance) / error).max() < 5


def test_draws_of_some_entrants_are_columns_of_the_draws_of_all() -> None:
    result = penicillin(sample_is_entrant=False)
    draws = result.draws(50, 3)
    assert_allclose(result.draws(20, 3, entrants=[7, 0, 23]), draws[:20][:, [7, 0, 23]], rtol=1e-12)
    assert_allclose(result.covariance([7, 0]), result.covariance()[np.ix_([7, 0], [7, 0])], rtol=1e-12)
    assert_array_equal(result.draws(50, 3), draws)
    assert not np.isclose(result.draws(50, 4), draws).any()


def test_the_draws_of_a_seed_are_the_same_everywhere() -> None:
    """Only the raw stream of the generator is promised by NumPy: these figures must hold on every version."""
    assert_allclose(penicillin().draws(2, 2023)[:, :3], DRAWN, atol=1e-5)


@pytest.mark.parametrize(("n", "seed"), [(-1, 0), (1, -1), (1, 2**128)])
def test_draws_out_of_range_are_refused(n: int, seed: int) -> None:
    with pytest.raises(CalibrationError, match="0 <= seed"):
        penicillin().draws(n, seed)


def test_positions_of_no_entrant_are_refused() -> None:
    with pytest.raises(CalibrationError, match=r"entrants\[1\] is 6"):
        penicillin().covariance([0, 6])


def test_progress_hears_every_step_and_the_result_cannot_be_written_to() -> None:
    heard: list[tuple[int, float]] = []
    y, i, j, g = panel_of_90()
    result = calibrate(
        y, i, j, n_entrants=20, n_reviewers=8, group=g, progress=lambda step, criterion: heard.append((step, criterion))
    )
    assert (result.iterations, result.criterion) in heard
    with pytest.raises(ValueError, match="read-only"):
        result.score[0] = 0
    assert "reviewers 8" in result.method
