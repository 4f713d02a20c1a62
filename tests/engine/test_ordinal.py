"""Calibration on a short scale: against quadrature, a multivariate normal distribution, and simulated panels."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, norm

from simsa.engine.calibration import CalibrationError, NoteCode
from simsa.engine.calibration.crossed import Crossing
from simsa.engine.calibration.ordinal import OrdinalCalibration, calibrate_ordinal
from simsa.engine.calibration.ordinal.laplace import Mode
from simsa.engine.calibration.ordinal.probit import Cells, probabilities
from simsa.engine.calibration.statistics import collect
from tests.draws import draws

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def simulated(
    seed: int, entrants: int, reviewers: int, each: int, thresholds: list[float], *, groups: int = 1, sd: float = 1.0
) -> tuple[Integers, Integers, Integers, Integers, Floats]:
    """Categories, entrants, reviewers, the entrants' groups, and their latent levels."""
    rng = np.random.default_rng(seed)
    i = np.repeat(np.arange(entrants), each)
    j = np.concatenate([rng.permutation(reviewers)[:each] for _ in range(entrants)])
    g = np.arange(entrants) % groups
    level = sd * rng.normal(size=entrants) + 0.5 * g
    latent = level[i] - 0.6 * rng.normal(size=reviewers)[j] + rng.normal(size=len(i))
    return np.searchsorted(thresholds, latent), i, j, g, level


def fit(category: Any, entrant: Any, reviewer: Any, marks: Any = (1, 2, 3), **given: Any) -> OrdinalCalibration:
    sizes = {"n_entrants": max(entrant) + 1, "n_reviewers": max(reviewer) + 1, **given}
    return calibrate_ordinal(category, entrant, reviewer, marks=marks, **sizes)


def codes(found: OrdinalCalibration) -> set[NoteCode]:
    return {note.code for note in found.notes}


def mode(category: Integers, i: Integers, j: Integers, g: Integers, thresholds: Any, variance: Any) -> Mode:
    data = collect(category.astype(float), i, j, g, len(g), int(j.max()) + 1)
    crossing = Crossing.of(data, i, j, np.arange(len(data.groups)) - 1, 1)
    return Mode(crossing, category, np.array(thresholds), np.array(variance))


ends = st.floats(-8, 8) | st.just(-math.inf)


@given(ends, st.floats(0.01, 4) | st.just(math.inf))
@settings(max_examples=draws(100), deadline=None)
def test_derivatives_of_a_category_are_those_of_its_probability(low: float, width: float) -> None:
    high = low + width if math.isfinite(low) else width - 2
    if not (math.isfinite(low) or math.isfinite(high)):
        return

    def at(latent: float) -> Cells:
        return Cells.of(np.array([low - latent]), np.array([high - latent]))

    here, step = at(0.0), 1e-5
    if abs(low) < 5 and abs(high) < 5:
        assert_allclose(np.exp(here.log), norm.cdf(high) - norm.cdf(low), rtol=1e-9)
    rise = (at(step).log - at(-step).log) / (2 * step)
    assert_allclose(here.slope, rise, rtol=1e-5, atol=1e-5)
    bend = (at(step).slope - at(-step).slope) / (2 * step)
    assert_allclose(here.information, -bend, rtol=1e-4, atol=1e-5)
    third = (at(step).information - at(-step).information) / (2 * step)
    assert_allclose(-(here.information_ends[0] + here.information_ends[1]), third, rtol=1e-3, atol=1e-4)


@given(st.integers(0, 2**20), st.integers(2, 4), st.integers(1, 3), st.sampled_from([5, 12]))
@settings(max_examples=draws(15), deadline=None)
def test_the_slope_is_that_of_the_criterion(seed: int, categories: int, groups: int, reviewers: int) -> None:
    places = np.linspace(-1, 1, categories - 1) if categories > 2 else np.zeros(1)
    category, i, j, g, _ = simulated(seed, 8, reviewers, 3, places.tolist(), groups=groups)
    category[:categories] = np.arange(categories)
    variance = np.array([0.8, 0.3])
    thresholds, variances = mode(category, i, j, g, places, variance).slope()
    for n in range(categories - 1):
        step = np.eye(categories - 1)[n] * 1e-4
        rise = [mode(category, i, j, g, places + sign * step, variance).criterion for sign in (1, -1)]
        assert_allclose(thresholds[n], (rise[0] - rise[1]) / 2e-4, rtol=1e-4, atol=1e-4)
    for n in range(2):
        step = np.eye(2)[n] * 1e-4
        rise = [mode(category, i, j, g, places, variance * np.exp(sign * step)).criterion for sign in (1, -1)]
        assert_allclose(variances[n], (rise[0] - rise[1]) / 2e-4, rtol=1e-4, atol=1e-4)


def quadrature(
    category: Integers, i: Integers, j: Integers, thresholds: Any, variance: Any
) -> tuple[float, Floats, Floats]:
    """-2 log of the marginal likelihood, and the posterior means and deviations of the qualities, on a grid.

    Reviewers' effects on a product grid; given these the entrants are independent, on a grid each.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights = weights / weights.sum()
    cut = np.concatenate([[-np.inf], thresholds, [np.inf]])
    quality, entrants = math.sqrt(variance[0]) * nodes, int(i.max()) + 1
    total, first, second = 0.0, np.zeros(entrants), np.zeros(entrants)
    for places in itertools.product(range(len(nodes)), repeat=int(j.max()) + 1):
        severity = math.sqrt(variance[1]) * nodes[list(places)]
        chance = np.ones((entrants, len(nodes)))
        for k, entrant, reviewer in zip(category, i, j, strict=True):
            latent = quality - severity[reviewer]
            chance[entrant] *= norm.cdf(cut[k + 1] - latent) - norm.cdf(cut[k] - latent)
        each = chance @ weights
        joint = float(np.prod(weights[list(places)])) * float(np.prod(each))
        total += joint
        first += joint * (chance @ (weights * quality)) / each
        second += joint * (chance @ (weights * quality**2)) / each
    mean = first / total
    return -2 * math.log(total), mean, np.sqrt(second / total - mean**2)


@pytest.mark.parametrize("seed", range(2))
def test_laplaces_method_is_near_quadrature(seed: int) -> None:
    thresholds, variance = [-0.8, 0.1, 0.9], [0.8, 0.4]
    category, i, j, g, _ = simulated(seed, 6, 2, 2, thresholds)
    found = mode(category, i, j, g, thresholds, variance)
    exact, mean, deviation = quadrature(category, i, j, thresholds, variance)
    assert abs(found.criterion - exact) < 0.02 * len(category)
    assert np.abs(found.effects[0][0][:, 0] - mean).max() < 0.08
    error = np.sqrt(found.equations.variances(*found.equations.lines(0))[:, 0])
    assert_allclose(error, deviation, rtol=0.08)


def test_probabilities_are_those_of_a_multivariate_normal_distribution() -> None:
    """Three sheets of one entrant by one reviewer each: their latent values have a covariance that is known."""
    thresholds, variance = np.array([-0.5, 0.7]), [0.6, 0.3]
    i, j, g = np.zeros(3, np.int64), np.arange(3), np.zeros(1, np.int64)
    covariance = 0.6 * np.ones((3, 3)) + (0.3 + 1) * np.eye(3)
    cut = np.concatenate([[-20.0], thresholds, [20.0]])
    whole = 0.0
    for category in itertools.product(range(3), repeat=3):
        lower, upper = cut[list(category)], cut[np.array(category) + 1]
        exact = multivariate_normal.cdf(upper, cov=covariance, lower_limit=lower, abseps=1e-7, rng=1)
        found = math.exp(-mode(np.array(category), i, j, g, thresholds, variance).criterion / 2)
        assert_allclose(found, exact, rtol=0.06)
        whole += found
    assert whole == pytest.approx(1, abs=0.03)


def test_expected_probabilities_are_means_over_the_posterior() -> None:
    thresholds, nodes = np.array([-1.0, 0.2, 0.9]), np.linspace(-8, 8, 4001)
    weights = norm.pdf(nodes) / norm.pdf(nodes).sum()
    at = probabilities(thresholds, 0.4 + 0.7 * nodes, np.zeros(len(nodes)))
    assert_allclose(probabilities(thresholds, np.array([0.4]), np.array([0.49]))[0], weights @ at, atol=1e-9)


@pytest.mark.parametrize("groups", [1, 3])
def test_a_panel_is_recovered_with_honest_errors(groups: int) -> None:
    thresholds = [-1.2, -0.3, 0.5, 1.4]
    category, i, j, g, level = simulated(4, 300, 40, 5, thresholds, groups=groups)
    found = fit(category, i, j, marks=[1, 2, 3, 4, 5], group=g)
    assert found.converged
    assert_allclose(found.entrant_variance, 1.0, rtol=0.2)
    assert_allclose(found.reviewer_variance, 0.36, rtol=0.4)
    origin = found.group_mean[0]
    assert np.abs((found.thresholds - origin - thresholds) / found.threshold_error).max() < 3.5
    assert 0.85 < np.std((found.score - origin - level) / found.standard_error) < 1.15
    assert_allclose(found.group_mean - origin, 0.5 * np.arange(groups), atol=0.3)
    mean = np.bincount(i, category + 1.0) / 5
    assert np.corrcoef(found.expected_mark, mean)[0, 1] > 0.95
    assert abs(found.expected_mark.mean() - mean.mean()) < 0.1
    assert ((found.expected_mark >= 1) & (found.expected_mark <= 5) & (found.mark_error > 0)).all()


def test_draws_are_joint_and_the_same_for_a_seed() -> None:
    category, i, j, g, _ = simulated(5, 10, 6, 3, [-0.5, 0.5], groups=2)
    found = fit(category, i, j, group=g)
    drawn = found.draws(20_000, 3)
    assert_array_equal(found.draws(5, 3, entrants=[4, 0]), drawn[:5, [4, 0]])
    assert_allclose(np.cov(drawn.T), found.covariance(), atol=0.05 * float(found.standard_error.max() ** 2))
    assert_allclose(np.diag(found.covariance()), found.standard_error**2, rtol=1e-9)


def test_order_names_and_marks_do_not_matter_and_a_turned_scale_turns_all() -> None:
    category, i, j, g, _ = simulated(6, 40, 8, 4, [-0.6, 0.3, 1.0], groups=2)
    found, order = fit(category, i, j, marks=[0, 1, 2, 3], group=g), np.random.default_rng(1).permutation(len(i))
    other = fit(category[order], i[order], j[order], marks=[10, 12, 14, 16], group=g)
    assert_allclose(other.score, found.score, atol=1e-4)
    assert_allclose(other.expected_mark, 10 + 2 * found.expected_mark, atol=1e-4)
    turned = fit(3 - category, i, j, marks=[0, 1, 2, 3], group=g)
    assert_allclose(turned.score, -found.score, atol=1e-3)
    assert_allclose(turned.thresholds, -found.thresholds[::-1], atol=1e-3)
    assert_allclose(turned.severity, -found.severity, atol=1e-3)
    # Steps that nobody uses are between the others and leave these where they are.
    spread = fit(2 * category, i, j, marks=np.arange(8), group=g)
    assert_allclose(spread.score, found.score, atol=1e-4)
    assert_allclose(spread.thresholds, [*np.repeat(found.thresholds, 2), math.inf], atol=1e-4)
    assert codes(spread) == {NoteCode.EMPTY_CATEGORIES}
    assert_allclose(spread.expected_mark, 2 * found.expected_mark, atol=1e-4)


def test_one_category_and_single_reviewers_and_entrants_are_answered() -> None:
    equal = fit([1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1])
    assert_array_equal(equal.expected_mark, [2, 2])
    assert_array_equal(equal.standard_error, [0, 0])
    assert_array_equal(equal.thresholds, [-math.inf, math.inf])
    assert {NoteCode.CONSTANT_SCORES, NoteCode.EMPTY_CATEGORIES} <= codes(equal)
    alone = fit([0, 2, 1, 2, 2, 1], [0, 0, 1, 1, 2, 2], [0] * 6)
    assert np.isnan([alone.reviewer_variance, *alone.severity]).all()
    assert np.isfinite(alone.score).all()
    assert NoteCode.SINGLE_REVIEWER in codes(alone)
    single = fit([0, 1, 2], [0, 0, 0], [0, 1, 2])
    assert np.isnan(single.entrant_variance)
    assert np.isfinite([*single.score, *single.expected_mark]).all()
    once = fit([0, 1, 2, 1], [0, 1, 2, 3], [0, 1, 0, 1])
    assert NoteCode.INSEPARABLE in codes(once)
    assert once.entrant_variance == 1.0
    absent = fit([0, 1, 2, 1], [0, 0, 2, 2], [0, 2, 0, 2], n_entrants=4)
    assert_array_equal(np.isnan(absent.expected_mark), [False, True, False, True])
    assert_array_equal(np.isnan(absent.severity), [False, True, False])


def test_separated_entrants_and_groups_stay_finite() -> None:
    entrant, reviewer = np.repeat(np.arange(6), 6), np.tile(np.arange(6), 6)
    apart = fit(np.repeat([0, 0, 1, 1, 2, 2], 6), entrant, reviewer)
    assert NoteCode.SEPARATED in codes(apart)
    assert np.isfinite([*apart.score, *apart.standard_error, *apart.thresholds]).all()
    assert (np.diff(apart.score[::2]) > 0).all()
    groups = fit(np.repeat([0, 0, 0, 2, 2, 2], 6), entrant, reviewer, group=[0, 0, 0, 1, 1, 1])
    assert np.isfinite([*groups.score, *groups.standard_error]).all()
    assert groups.expected_mark[:3].max() < 1.5 < 2.5 < groups.expected_mark[3:].min()


any_sheets = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=14)


@given(any_sheets, st.integers(1, 3))
@settings(max_examples=draws(30), deadline=None)
def test_any_sheets_get_finite_scores(sheets: list[tuple[int, int, int]], groups: int) -> None:
    entrant, reviewer, category = (list(part) for part in zip(*sheets, strict=True))
    given_sizes = {"n_entrants": 5, "n_reviewers": 4, "group": np.arange(5) % groups}
    found = fit(category, entrant, reviewer, marks=[1, 2, 3, 4], **given_sizes)
    seen = np.isin(np.arange(5), entrant)
    for values in (found.score, found.standard_error, found.expected_mark, found.mark_error):
        assert_array_equal(np.isfinite(values), seen)
    assert (found.standard_error[seen] >= 0).all()
    assert np.isfinite(found.draws(2, 1)[:, seen]).all()
    assert (np.diff(found.thresholds[np.isfinite(found.thresholds)]) >= 0).all()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"marks": [1, 1, 2]}, "marks are [1.0, 1.0, 2.0]; pass at most 20, increasing"),
        ({"marks": np.arange(21)}, "pass at most 20, increasing"),
        ({"marks": [1.0]}, "category[0] is 1; it must be 0 or more and below the number of marks = 1"),
        ({"category": [0.5, 1]}, "pass a list of whole numbers"),
        ({"category": [0]}, "1 categories, 2 entrants"),
        ({"category": [], "entrant": [], "reviewer": []}, "there is no sheet"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(changed: dict[str, Any], expected: str) -> None:
    whole = {"category": [1, 0], "entrant": [0, 1], "reviewer": [0, 0], "n_entrants": 2, "n_reviewers": 1}
    with pytest.raises(CalibrationError) as told:
        calibrate_ordinal(**{**whole, "marks": [1, 2], **changed})
    assert expected in str(told.value)
