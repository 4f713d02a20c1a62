"""Calibration by criteria: against the model written out densely, against totals, and what must not change it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from simsa.engine.calibration import CalibrationError, NoteCode, calibrate
from simsa.engine.calibration.criteria import CriteriaCalibration, calibrate_criteria
from simsa.engine.calibration.criteria.estimation import _prepared
from simsa.engine.calibration.criteria.reml import Point
from tests.draws import draws

Floats = NDArray[np.float64]


@dataclass
class Panel:
    mark: Floats
    entrant: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    group: NDArray[np.int64]
    reviewers: int
    weight: Floats
    unit: Floats
    true: Floats

    def fit(self) -> CriteriaCalibration:
        return calibrate_criteria(self.mark, self.entrant, self.reviewer, **self.given())

    def given(self) -> dict[str, Any]:
        sizes = {"n_entrants": len(self.group), "n_reviewers": self.reviewers}
        return {**sizes, "weight": self.weight, "unit": self.unit, "group": self.group}


def panel(
    seed: int,
    entrants: int,
    reviewers: int,
    each: int,
    *,
    criteria: int = 3,
    groups: int = 2,
    missing: float = 0.0,
    halo: float = 4.0,
) -> Panel:
    """`each` sheets per entrant; every group has every criterion."""
    rng = np.random.default_rng(seed)
    i = np.repeat(np.arange(entrants), each)
    j = np.concatenate([rng.permutation(reviewers)[:each] for _ in range(entrants)])
    g = np.arange(entrants) % groups
    weight, unit = rng.uniform(0.5, 2, criteria), rng.choice([1.0, 2.0, 5.0], criteria)
    share = weight * unit / (weight @ unit)
    shape, scattered = (len(i), criteria), 1 / np.sqrt(share)
    quality = rng.normal(0, 8, (entrants, 1)) + 3 * rng.normal(size=(entrants, criteria)) * scattered
    severity = rng.normal(0, 4, (reviewers, 1)) + 2 * rng.normal(size=(reviewers, criteria)) * scattered
    noise = rng.normal(0, halo, (len(i), 1)) + 3 * rng.normal(size=shape) * scattered
    level = 70 + 5 * g[:, None] + np.arange(criteria) + quality
    mark = (level[i] - severity[j] + noise) * unit
    gone = rng.random(shape) < missing
    gone[np.arange(len(i)), rng.integers(0, criteria, len(i))] = False
    gone[np.isin(i, np.arange(groups))] = False  # the first entrant of each group has all marks
    return Panel(np.where(gone, np.nan, mark), i, j, g, reviewers, weight, unit, (level * unit) @ weight)


class Dense:
    """The model written out in the unit of the marks: every matrix of the size of the marks.

    Variances are (2, 3) in the unit of a complete total: whole, and specific to criteria; of entrants, reviewers and
    sheets.
    """

    def __init__(self, of: Panel) -> None:
        sheet, c = np.nonzero(~np.isnan(of.mark))
        criteria, groups = len(of.weight), int(of.group.max()) + 1
        self.y, self.weight, self.share = of.mark[sheet, c], of.weight, of.weight * of.unit / (of.weight @ of.unit)
        self.unit = of.unit / (of.weight @ of.unit)  # of a mark, for one of the total
        self.sizes = len(of.group), of.reviewers, int(sheet.max()) + 1
        level = of.entrant[sheet], of.reviewer[sheet], sheet
        self.at = [np.eye(size * criteria)[at * criteria + c] for size, at in zip(self.sizes, level, strict=True)]
        self.cells = np.eye(groups * criteria)[(of.group[:, None] * criteria + np.arange(criteria)).ravel()]
        self.fixed = self.at[0] @ self.cells

    def effects(self, part: int, variances: Floats) -> Floats:
        common, specific = variances[0, part] - variances[1, part], variances[1, part]
        block = np.outer(self.unit, self.unit) * (common + np.diag(specific / self.share))
        return np.kron(np.eye(self.sizes[part]), block)

    def covariance(self, variances: Floats) -> Floats:
        return sum((at @ self.effects(part, variances) @ at.T for part, at in enumerate(self.at)), np.zeros(()))

    def criterion(self, variances: Floats) -> float:
        root = np.linalg.cholesky(self.covariance(variances))
        fixed, y = np.linalg.solve(root, self.fixed), np.linalg.solve(root, self.y)
        q, r = np.linalg.qr(fixed)
        rest = y - q @ (q.T @ y)
        determinant = 2 * np.sum(np.log(np.diag(root))) + 2 * np.sum(np.log(np.abs(np.diag(r))))
        return float(determinant + rest @ rest + (len(y) - len(r)) * math.log(2 * math.pi))

    def predictions(self, variances: Floats) -> dict[str, Floats]:
        """Best linear unbiased predictions and the errors of these, from the covariance of the marks."""
        v = self.covariance(variances)
        inverse = np.linalg.inv(v)
        means = np.linalg.solve(self.fixed.T @ inverse @ self.fixed, self.fixed.T @ inverse)
        projected = inverse @ (np.eye(len(self.y)) - self.fixed @ means)
        found = {}
        for part, name, sign in ((0, "score", 1), (1, "severity", -1)):
            prior = self.effects(part, variances)
            lines = sign * prior @ self.at[part].T @ projected + (self.cells @ means if part == 0 else 0)
            cross = sign * lines @ self.at[part] @ prior
            error = lines @ v @ lines.T - cross - cross.T + prior
            total = np.kron(np.eye(self.sizes[part]), self.weight[None, :])
            shape = self.sizes[part], len(self.weight)
            found[f"criterion_{name}"] = (lines @ self.y).reshape(shape)
            found[f"criterion_{name}_error"] = np.sqrt(np.maximum(np.diag(error), 0)).reshape(shape)
            found[name] = total @ lines @ self.y
            found[f"{name}_covariance"] = total @ error @ total.T
        return found


def variances(found: CriteriaCalibration) -> Floats:
    return np.array(
        [
            [found.entrant_variance, found.reviewer_variance, found.residual_variance],
            [found.entrant_specific, found.reviewer_specific, found.residual_specific],
        ]
    )


def codes(found: CriteriaCalibration) -> set[NoteCode]:
    return {note.code for note in found.notes}


panels = st.builds(
    panel,
    st.integers(0, 2**20),
    st.integers(4, 9),
    st.integers(3, 12),
    st.integers(2, 3),
    criteria=st.integers(2, 4),
    groups=st.integers(1, 2),
    missing=st.sampled_from([0.0, 0.3, 0.6]),
)


@given(panels)
@settings(max_examples=draws(25), deadline=None)
def test_predictions_are_those_of_the_model_written_out(of: Panel) -> None:
    found, dense = of.fit(), Dense(of)
    at = variances(found)
    assert_allclose(found.criterion, dense.criterion(at), rtol=1e-6)
    told = dense.predictions(at)
    seen = ~np.isnan(found.severity)  # a reviewer without sheets is not told
    for name in ("criterion_score", "score"):
        assert_allclose(getattr(found, name), told[name], rtol=1e-6, atol=1e-5, err_msg=name)
    for name in ("criterion_severity", "severity", "criterion_severity_error"):
        assert_allclose(getattr(found, name)[seen], told[name][seen], rtol=1e-4, atol=1e-4, err_msg=name)
    assert_allclose(found.criterion_error, told["criterion_score_error"], rtol=1e-4, atol=1e-4)
    assert_allclose(found.covariance(), told["score_covariance"], rtol=1e-4, atol=1e-4)
    assert_allclose(found.standard_error**2, np.diag(found.covariance()), rtol=1e-6, atol=1e-8)
    assert_allclose(found.severity_error[seen] ** 2, np.diag(told["severity_covariance"])[seen], rtol=1e-4, atol=1e-4)
    assert_allclose(found.criterion_score @ of.weight, found.score, rtol=1e-9)


@given(panels, st.integers(0, 2**20))
@settings(max_examples=draws(15), deadline=None)
def test_no_other_variances_are_likelier(of: Panel, seed: int) -> None:
    found, dense, rng = of.fit(), Dense(of), np.random.default_rng(seed)
    assert found.converged
    at, whole = variances(found), np.nanmax(variances(found))
    for spread in (0.01, 0.1, 1.0, 1.0):
        other = np.maximum(at, 1e-3 * spread * whole) * np.exp(spread * rng.normal(size=(2, 3)))
        assert dense.criterion(other) > found.criterion - 1e-6 * abs(found.criterion)


@given(panels, st.integers(0, 2**20))
@settings(max_examples=draws(15), deadline=None)
def test_the_slope_is_that_of_the_criterion(of: Panel, seed: int) -> None:
    marks, _ = _prepared(of.mark, of.entrant, of.reviewer, **of.given())
    at = np.random.default_rng(seed).uniform(0.2, 1.0, (2, 3))
    slope = Point(marks, at).slope()
    for part in np.ndindex(2, 3):
        step = np.zeros((2, 3))
        step[part] = 1e-4
        rise = (Point(marks, at + step).criterion - Point(marks, at - step).criterion) / 2e-4
        assert_allclose(slope[part], rise, rtol=1e-4, atol=1e-4)


complete = st.builds(
    panel,
    st.integers(0, 2**20),
    st.integers(14, 24),
    st.integers(5, 9),
    st.just(4),
    criteria=st.integers(2, 4),
    groups=st.integers(1, 2),
)


@given(complete)
@settings(max_examples=draws(15), deadline=None)
def test_complete_sheets_have_the_scores_of_their_totals(of: Panel) -> None:
    given_sizes = {name: value for name, value in of.given().items() if name not in ("weight", "unit")}
    found, plain = of.fit(), calibrate(of.mark @ of.weight, of.entrant, of.reviewer, **given_sizes)
    spread = float(np.std(of.mark @ of.weight))
    for name in ("score", "standard_error", "severity", "severity_error", "group_mean", "group_mean_error"):
        assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-4, atol=1e-4 * spread, err_msg=name)
    assert_allclose(found.covariance(), plain.covariance(), rtol=1e-3, atol=1e-4 * spread**2)
    for name in ("entrant_variance", "reviewer_variance", "residual_variance"):
        assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-3, atol=1e-4 * spread**2)


def test_missing_marks_cost_less_than_in_totals_of_what_is_there() -> None:
    """Criteria that stand 10 points apart and are missing at random: a total of the rest goes astray."""
    of = panel(1, 150, 20, 4, criteria=4, missing=0.4)
    seen, share = ~np.isnan(of.mark), of.weight * of.unit
    totals = np.nansum(of.mark * of.weight, axis=1) * share.sum() / (seen @ share)
    plain = calibrate(totals, of.entrant, of.reviewer, n_entrants=150, n_reviewers=20, group=of.group)
    found = of.fit()
    by_criteria, by_totals = (np.mean((one.score - of.true) ** 2) for one in (found, plain))
    assert by_criteria < 0.95 * by_totals
    assert 0.75 < np.std((found.score - of.true) / found.standard_error) < 1.3


def test_variances_and_halo_are_recovered() -> None:
    of = panel(2, 400, 60, 5, criteria=4, missing=0.2, groups=1)
    found = of.fit()
    whole = float(of.weight @ of.unit)
    expected = [[64 + 9, 16 + 4, 16 + 9], [9, 4, 9]]
    assert_allclose(variances(found) / whole**2, expected, rtol=0.35)
    assert_allclose(found.halo_share, 16 / 25, atol=0.05)
    none = panel(2, 400, 60, 5, criteria=4, missing=0.2, groups=1, halo=0.0).fit()
    assert abs(none.halo_share) < 0.1


def test_draws_are_joint_and_the_same_for_a_seed() -> None:
    of = panel(3, 12, 6, 3, missing=0.3)
    found = of.fit()
    drawn = found.draws(20_000, 7)
    assert_array_equal(found.draws(20, 7, entrants=[3, 1]), drawn[:20, [3, 1]])
    assert_allclose(drawn.mean(axis=0), found.score, atol=4 * float(found.standard_error.max()) / math.sqrt(20_000))
    spread = float(found.standard_error.max() ** 2)
    assert_allclose(np.cov(drawn.T), found.covariance(), atol=0.05 * spread)


def test_units_offsets_order_and_names_do_not_matter() -> None:
    of, rng = panel(4, 30, 8, 4, missing=0.3), np.random.default_rng(5)
    found, order = of.fit(), rng.permutation(len(of.entrant))
    shifted = replace(of, mark=(of.mark + np.array([1e4, -5.0, 0.0]))[order])
    shifted = replace(shifted, entrant=of.entrant[order], reviewer=of.reviewer[order])
    other = shifted.fit()
    assert_allclose(other.criterion_score - np.array([1e4, -5.0, 0.0]), found.criterion_score, rtol=1e-6)
    assert_allclose(other.standard_error, found.standard_error, rtol=1e-6)
    # A criterion in points of another size, with the weight that makes up for it.
    factor = np.array([100.0, 0.01, 1.0])
    scaled = replace(of, mark=of.mark * factor, weight=of.weight / factor, unit=of.unit * factor).fit()
    assert_allclose(scaled.score, found.score, rtol=1e-6)
    assert_allclose(scaled.criterion_error, found.criterion_error * factor, rtol=1e-5)
    assert_allclose(scaled.share, found.share)


def test_entrants_without_sheets_and_reviewers_without_are_unknown() -> None:
    of = panel(6, 30, 8, 4, missing=0.3)
    rows = (of.entrant != 4) & (of.reviewer != 2)
    found = replace(of, mark=of.mark[rows], entrant=of.entrant[rows], reviewer=of.reviewer[rows]).fit()
    assert_array_equal(np.flatnonzero(np.isnan(found.score)), [4])
    assert np.isnan(found.criterion_score[4]).all()
    assert_array_equal(np.flatnonzero(np.isnan(found.severity)), [2])
    assert {NoteCode.ENTRANTS_WITHOUT_SHEETS, NoteCode.REVIEWERS_WITHOUT_SHEETS} <= codes(found)


def small(marks: list[list[float]], entrant: list[int], reviewer: list[int], **sizes: Any) -> CriteriaCalibration:
    sizes = {"n_entrants": max(entrant) + 1, "n_reviewers": max(reviewer) + 1, **sizes}
    return calibrate_criteria(marks, entrant, reviewer, weight=np.ones(len(marks[0])), **sizes)


def test_what_the_sheets_cannot_tell_is_said() -> None:
    once = small([[1, 2], [4, 3], [5, 9], [3, 3]], [0, 1, 2, 3], [0, 1, 0, 1])
    told = {note.code: note.data for note in once.notes}
    assert told[NoteCode.INSEPARABLE]["components"] == (
        "entrant", "residual", "entrant_specific", "residual_specific",
    )  # fmt: skip
    assert once.entrant_variance == pytest.approx(once.residual_variance)
    alone = small([[1, 2], [4, 3], [5, 9], [3, 3]], [0, 0, 1, 1], [0, 0, 0, 0])
    assert np.isnan([*alone.severity, alone.reviewer_variance, alone.reviewer_specific]).all()
    assert {NoteCode.SINGLE_REVIEWER, NoteCode.NOT_ESTIMABLE} <= codes(alone)
    assert np.isfinite(alone.score).all()
    equal = small([[3, 5]] * 6, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1])
    assert_allclose(equal.score, [8.0, 8.0, 8.0])
    assert_array_equal(equal.standard_error, [0, 0, 0])
    assert codes(equal) == {NoteCode.CONSTANT_SCORES}
    nothing = small([[3, 5]], [0], [0])
    assert_allclose(nothing.score, [8.0])
    assert np.isnan(nothing.standard_error).all()


nan = math.nan
any_marks = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 3),
        st.lists(st.sampled_from([nan, nan, 0.0, 1, 2, 5]), min_size=3, max_size=3),
    ),
    min_size=1,
    max_size=14,
)


@given(any_marks)
@settings(max_examples=draws(30), deadline=None)
def test_any_marks_get_finite_scores_or_a_refusal(sheets: list[tuple[int, int, list[float]]]) -> None:
    entrant, reviewer, marks = (list(part) for part in zip(*sheets, strict=True))
    try:
        found = small(marks, entrant, reviewer, n_entrants=5, n_reviewers=4)
    except CalibrationError:
        assert not all(np.isfinite(np.array(marks)).any(axis=0)) or not all(np.isfinite(np.array(marks)).any(axis=1))
        return
    seen = np.isin(np.arange(5), entrant)
    assert_array_equal(np.isfinite(found.score), seen)
    told = found.standard_error[seen]
    assert np.isnan(told).all() or (np.isfinite(told) & (told >= 0)).all()
    assert np.isfinite(found.draws(3, 1)[:, seen]).all() or np.isnan(told).all()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"mark": [[nan, nan], [1, 2]]}, "sheet 0 (entrant 0, reviewer 0) has no mark"),
        ({"mark": [[1, nan], [2, nan]]}, "criterion 1 has no mark in group 0"),
        ({"mark": [[1, math.inf], [2, 3]]}, "mark of sheet 0, criterion 1 is inf"),
        ({"mark": [1, 2]}, "one row per sheet, one column per criterion"),
        ({"mark": [[1], [2]], "weight": [1]}, "1 criterion; calibrate its marks as totals"),
        ({"weight": [1, 0]}, "weight is [1.0, 0.0]; pass a number above zero for each of 2 criteria"),
        ({"unit": [1]}, "unit is [1.0]"),
        ({"entrant": [0]}, "2 rows of marks, 1 entrants"),
        ({"entrant": [0, 9]}, "entrant[1] is 9"),
        ({"mark": np.ones((0, 2)), "entrant": [], "reviewer": []}, "there is no sheet"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(changed: dict[str, Any], expected: str) -> None:
    whole = {"mark": [[1, 2], [3, 4]], "entrant": [0, 1], "reviewer": [0, 0], "n_entrants": 2, "n_reviewers": 1}
    with pytest.raises(CalibrationError) as told:
        calibrate_criteria(**{**whole, "weight": [1, 1], **changed})
    assert expected in str(told.value)


def test_more_equations_than_can_be_solved_are_refused() -> None:
    many = np.arange(1600)
    with pytest.raises(CalibrationError, match="make 3202 equations, more than 3000; calibrate totals instead"):
        calibrate_criteria(np.ones((1600, 2)), many, many, n_entrants=1600, n_reviewers=1600, weight=[1, 1])
