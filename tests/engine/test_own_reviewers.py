"""Reviewers' own scale and noise: against a dense likelihood, a long chain, and what must not change them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from simsa.engine.calibration import Calibration, CalibrationError, NoteCode, calibrate
from simsa.engine.calibration.own import GAIN, _State, fit_own
from simsa.engine.calibration.statistics import collect
from simsa.engine.calibration.weighted import Own, Weighted
from tests.draws import draws

Floats = NDArray[np.float64]


@dataclasses.dataclass
class Panel:
    """Sheets, with the reviewers' true scales and noises."""

    score: Floats
    entrant: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    group: NDArray[np.int64]
    scale: Floats
    noise: Floats

    def fit(self, reviewers: Any = "own", **changed: Any) -> Calibration:
        sheets = {"score": self.score, "entrant": self.entrant, "reviewer": self.reviewer, "group": self.group}
        sizes = {"n_entrants": len(self.group), "n_reviewers": len(self.scale)}
        return calibrate(**{**sheets, **sizes, **changed}, reviewers=reviewers)  # type: ignore[arg-type]


def panel(
    seed: int, entrants: int, reviewers: int, each: int, *, erratic: float = 2.5, scale_sd: float = 0.25
) -> Panel:
    """`each` sheets per entrant by different reviewers; the first tenth of these is erratic."""
    rng = np.random.default_rng(seed)
    i = np.repeat(np.arange(entrants), each)
    j = np.concatenate([rng.permutation(reviewers)[:each] for _ in range(entrants)])
    group = np.arange(entrants) % 2
    scale = np.exp(scale_sd * rng.normal(size=reviewers))
    noise = np.where(np.arange(reviewers) < math.ceil(reviewers / 10), erratic, 1.0) * 6
    quality, severity = rng.normal(0, 8, entrants), rng.normal(0, 4, reviewers)
    y = 70 + 5 * group[i] + scale[j] * quality[i] - severity[j] + noise[j] * rng.normal(size=len(i))
    return Panel(y, i, j, group, scale, noise)


PLAIN = ("score", "standard_error", "severity", "severity_error", "group_mean", "group_mean_error")


def same(one: Calibration, other: Calibration) -> None:
    for name in (*PLAIN, "scale", "scale_error", "noise", "noise_error"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in ("entrant_variance", "reviewer_variance", "residual_variance", "criterion", "scale_spread"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.notes == other.notes
    assert_array_equal(one.draws(3, 5), other.draws(3, 5))


@pytest.mark.parametrize("seed", range(4))
def test_where_reviewers_are_alike_the_result_is_exactly_the_plain_one(seed: int) -> None:
    alike = panel(seed, 60, 12, 4, erratic=1.0, scale_sd=0.0)
    result = alike.fit()
    assert result.scale_spread == result.noise_spread == 0
    same(result, alike.fit("alike"))
    assert_array_equal(result.scale, np.ones(12))
    assert_array_equal(result.noise, np.full(12, math.sqrt(result.residual_variance)))
    assert_array_equal(result.noise_error, np.zeros(12))
    assert "not supported" in result.method


small_panels = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 20)), min_size=1, max_size=24)


@given(small_panels)
@settings(max_examples=draws(60), deadline=None)
def test_any_sheets_get_a_finite_result_that_is_plain_or_better(sheets: list[tuple[int, int, int]]) -> None:
    i, j, y = zip(*sheets, strict=True)
    of = {"n_entrants": 6, "n_reviewers": 5, "group": [0, 0, 1, 1, 2, 2]}
    one, plain = calibrate(y, i, j, **of, reviewers="own"), calibrate(y, i, j, **of)  # type: ignore[arg-type]
    if one.scale_spread == one.noise_spread == 0:
        same(one, plain)
        return
    kept = (one.scale_spread > 0) + (one.noise_spread > 0)
    assert one.criterion + kept * GAIN < plain.criterion
    seen = np.isin(np.arange(6), i)
    assert np.isfinite(one.score[seen]).all()
    assert (one.standard_error[seen] >= 0).all()
    assert_allclose(np.diag(one.covariance(np.flatnonzero(seen))), one.standard_error[seen] ** 2, rtol=1e-8)
    assert np.isnan(one.score[~seen]).all()
    assert_array_equal(np.isnan(one.noise), np.isnan(plain.severity))


extreme_marks = st.sampled_from([0, 1, 2, 10, 99, 100, 10**6])
extreme_panels = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 4)), extreme_marks, min_size=3, max_size=30
)


@given(extreme_panels, st.sampled_from([1.0, 1e-3]))
@settings(max_examples=draws(60), deadline=None)
def test_the_fit_of_extreme_marks_ends_or_is_left_out(marks: dict[tuple[int, int], int], step: float) -> None:
    i, j = zip(*marks, strict=True)
    y = [step * mark for mark in marks.values()]
    of = {"n_entrants": 6, "n_reviewers": 5, "group": [0, 0, 0, 1, 1, 1]}
    one, plain = calibrate(y, i, j, **of, reviewers="own"), calibrate(y, i, j, **of)  # type: ignore[arg-type]
    if one.scale_spread == one.noise_spread == 0:
        same(one, plain)
        return
    assert one.converged
    assert max(one.scale_spread, one.noise_spread) < 3
    noise = one.noise[~np.isnan(one.noise)]
    assert noise.min() > 1.4e-3 * np.std(y)


@pytest.mark.parametrize("seed", range(3))
def test_a_reviewer_whose_marks_are_met_exactly_does_not_decide_alone(seed: int) -> None:
    """All but one reviewer agree to the last digit: the likelihood has no greatest value."""
    rng = np.random.default_rng(seed)
    i, j = np.divmod(np.arange(18), 6)
    y = 10.0 * i + np.where(j == 0, rng.integers(0, 9, len(i)), 0)
    one = calibrate(y, i, j, n_entrants=3, n_reviewers=6, reviewers="own")
    same(one, calibrate(y, i, j, n_entrants=3, n_reviewers=6))
    assert "without a lower bound" in one.method


@pytest.mark.parametrize(
    "sheets",
    [
        [(0, 0, 7)],
        [(0, 0, 3), (0, 0, 5), (1, 0, 9), (1, 0, 8), (2, 0, 1)],
        [(i, j, 4) for i in range(3) for j in range(3)],
        [(i, i % 3, 3 * i % 7) for i in range(12)],
        [(i, j, 2 * i - j) for i in range(5) for j in range(4)],
    ],
    ids=["one sheet", "one reviewer", "constant", "one sheet per entrant", "no noise"],
)
def test_sheets_that_cannot_tell_leave_the_plain_result(sheets: list[tuple[int, int, int]]) -> None:
    i, j, y = zip(*sheets, strict=True)
    of = {"n_entrants": max(i) + 1, "n_reviewers": max(j) + 1}
    same(calibrate(y, i, j, **of, reviewers="own"), calibrate(y, i, j, **of))  # type: ignore[arg-type]


def test_noisy_reviewers_and_their_scales_are_recovered_with_honest_errors() -> None:
    sheets = panel(3, 1500, 40, 6)
    result = sheets.fit()
    assert_array_equal(np.argsort(-result.noise)[:4] < 4, [True] * 4)
    for found, error, truth in (
        (result.noise, result.noise_error, sheets.noise),
        (result.scale, result.scale_error, sheets.scale / np.exp(np.log(sheets.scale).mean())),
    ):
        assert np.abs(found - truth).max() < 5 * error.max()
        assert 0.6 < np.std((found - truth) / error) < 1.5
    assert_allclose(result.scale_spread, np.std(np.log(sheets.scale)), rtol=0.15)
    assert_allclose(math.sqrt(result.entrant_variance), 8, rtol=0.15)


def test_a_reviewer_of_few_sheets_is_shrunk_to_the_common_values() -> None:
    sheets = panel(5, 400, 20, 5)
    many = sheets.fit()
    rows = np.flatnonzero((sheets.reviewer != 0) | (np.cumsum(sheets.reviewer == 0) <= 2))
    few = sheets.fit(score=sheets.score[rows], entrant=sheets.entrant[rows], reviewer=sheets.reviewer[rows])
    common = math.sqrt(few.residual_variance)
    assert many.noise[0] > 1.8 * common > 0
    assert common * 0.6 < few.noise[0] < many.noise[0]
    assert few.noise_error[0] / few.noise[0] > 2 * many.noise_error[0] / many.noise[0]


@pytest.mark.parametrize(("shift", "factor"), [(1e6, 1.0), (0.0, 1e-5), (-70.0, 3e4)])
def test_shifting_and_scaling_the_scores_shifts_and_scales_the_result(shift: float, factor: float) -> None:
    sheets = panel(7, 120, 15, 5)
    one, other = sheets.fit(), sheets.fit(score=sheets.score * factor + shift)
    assert one.noise_spread > 0
    assert_allclose((other.score - shift) / factor, one.score, rtol=1e-6)
    assert_allclose(other.standard_error / factor, one.standard_error, rtol=1e-4)
    assert_allclose(other.noise / factor, one.noise, rtol=1e-4)
    assert_allclose(other.scale, one.scale, rtol=1e-4)
    assert_allclose([other.scale_spread, other.noise_spread], [one.scale_spread, one.noise_spread], rtol=1e-3)


def test_a_shift_of_one_group_moves_nothing_else() -> None:
    sheets = panel(7, 120, 15, 5)
    one, other = sheets.fit(), sheets.fit(score=sheets.score + 1000 * sheets.group[sheets.entrant])
    assert_allclose(other.score - 1000 * sheets.group, one.score, rtol=1e-6)
    assert_allclose(other.noise, one.noise, rtol=1e-4)


@given(st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_names_and_the_order_of_the_sheets_do_not_matter(seed: int) -> None:
    sheets, rng = panel(8, 100, 12, 5), np.random.default_rng(seed)
    order, entrants, reviewers = rng.permutation(500), rng.permutation(100), rng.permutation(12)
    group = np.empty(100, np.int64)
    group[entrants] = sheets.group
    one = sheets.fit()
    other = sheets.fit(
        score=sheets.score[order],
        entrant=entrants[sheets.entrant[order]],
        reviewer=reviewers[sheets.reviewer[order]],
        group=group,
    )
    assert one.noise_spread > 0
    assert_allclose(other.score[entrants], one.score, rtol=1e-6)
    assert_allclose(other.noise[reviewers], one.noise, rtol=1e-5)
    assert_allclose(other.scale[reviewers], one.scale, rtol=1e-5)


def test_missing_sheets_absent_entrants_and_reviewers_are_unknown() -> None:
    sheets = panel(9, 120, 15, 5)
    rows = np.flatnonzero((sheets.entrant != 4) & (sheets.reviewer != 2))
    result = sheets.fit(score=sheets.score[rows], entrant=sheets.entrant[rows], reviewer=sheets.reviewer[rows])
    assert result.noise_spread > 0
    for values in (result.scale, result.scale_error, result.noise, result.noise_error, result.severity):
        assert_array_equal(np.flatnonzero(np.isnan(values)), [2])
    assert_array_equal(np.flatnonzero(np.isnan(result.score)), [4])
    assert {NoteCode.ENTRANTS_WITHOUT_SHEETS, NoteCode.REVIEWERS_WITHOUT_SHEETS} <= {n.code for n in result.notes}
    assert_array_equal(np.isnan(result.draws(2, 1)).all(axis=0), np.isnan(result.score))


def test_panels_without_a_common_reviewer_are_still_fitted_and_said_to_be_apart() -> None:
    one, two = panel(10, 100, 12, 5), panel(11, 100, 12, 5)
    result = calibrate(
        np.concatenate([one.score, two.score]),
        np.concatenate([one.entrant, two.entrant + 100]),
        np.concatenate([one.reviewer, two.reviewer + 12]),
        n_entrants=200,
        n_reviewers=24,
        reviewers="own",
    )
    assert result.blocks.count == 2
    assert NoteCode.DISCONNECTED in {note.code for note in result.notes}
    assert result.noise_spread > 0
    assert set(np.argsort(-result.noise)[:4]) == {0, 1, 12, 13}


def dense_criterion(sheets: Panel, own: Own, unit: float) -> float:
    """-2 restricted log-likelihood given scales and noises, every matrix of the size of the sheets."""
    i, j = np.eye(len(sheets.group))[sheets.entrant], np.eye(len(sheets.scale))[sheets.reviewer]
    stretched = np.exp(own.log_scale)[sheets.reviewer][:, None] * i
    noise = own.residual * np.exp(own.log_noise)[sheets.reviewer]
    v = unit**2 * (own.entrant * stretched @ stretched.T + own.reviewer * j @ j.T + np.diag(noise))
    x = i @ np.eye(2)[sheets.group]
    inverse = np.linalg.inv(v)
    within = x.T @ inverse @ x
    rest = sheets.score - x @ np.linalg.solve(within, x.T @ inverse @ sheets.score)
    determinant = np.linalg.slogdet(v)[1] + np.linalg.slogdet(within)[1]
    return float((len(rest) - 2) * math.log(2 * math.pi) + determinant + rest @ inverse @ rest)


def data_of(sheets: Panel) -> Any:
    return collect(sheets.score, sheets.entrant, sheets.reviewer, sheets.group, len(sheets.group), len(sheets.scale))


@pytest.mark.parametrize("seed", range(3))
def test_likelihood_and_slopes_are_those_of_the_dense_model(seed: int) -> None:
    sheets, rng = panel(seed, 16, 6, 4), np.random.default_rng(seed)
    # A pair that occurs twice, so that the spread within pairs counts too.
    sheets.entrant[1], sheets.reviewer[1] = sheets.entrant[0], sheets.reviewer[0]
    data = data_of(sheets)
    own = Own(rng.normal(0, 0.3, 6), rng.normal(0, 0.6, 6), 0.05, 0.02, 0.03)
    assert_allclose(Weighted(data, own).criterion, dense_criterion(sheets, own, data.unit), rtol=1e-9)
    slope, h = _State(data, own).slope, 1e-5
    for column, name in enumerate(("log_scale", "log_noise")):
        for reviewer in range(6):
            step = h * (np.arange(6) == reviewer)
            up, down = (dataclasses.replace(own, **{name: getattr(own, name) + s}) for s in (step, -step))
            numeric = -(dense_criterion(sheets, up, data.unit) - dense_criterion(sheets, down, data.unit)) / (4 * h)
            assert_allclose(slope[reviewer, column], numeric, rtol=1e-4, atol=1e-5)


def test_with_common_scale_and_noise_the_criterion_is_that_of_the_plain_model() -> None:
    sheets = panel(1, 60, 12, 4)
    plain, data = sheets.fit("alike"), data_of(sheets)
    parts = np.array([plain.entrant_variance, plain.reviewer_variance, plain.residual_variance]) / data.unit**2
    assert_allclose(Weighted(data, Own(np.zeros(12), np.zeros(12), *parts)).criterion, plain.criterion, rtol=1e-10)


def test_the_fit_is_a_maximum_of_the_marginal_likelihood() -> None:
    """No variance and no scale or noise can be moved so that the dense likelihood with its priors rises."""
    sheets = panel(2, 40, 8, 5)
    data, start = data_of(sheets), Own(np.zeros(8), np.zeros(8), 0.05, 0.02, 0.03)
    fit = fit_own(data, start, math.inf, lambda step, criterion: None)
    assert fit is not None
    own = fit.system.own

    def penalised(own: Own) -> float:
        pairs = zip((own.log_scale, own.log_noise), fit.spread, strict=True)
        penalty = sum(float(values @ values) / spread**2 for values, spread in pairs if spread > 0)
        return dense_criterion(sheets, own, data.unit) + penalty

    least = penalised(own)
    rng = np.random.default_rng(0)
    for size in (0.03, 0.1):
        for name in ("entrant", "reviewer", "residual"):
            for factor in (1 - size, 1 + size):
                assert penalised(dataclasses.replace(own, **{name: getattr(own, name) * factor})) > least
        for _ in range(20):
            noise = own.log_noise + size * rng.normal(size=8) * (fit.spread[1] > 0)
            scale = own.log_scale + size * rng.normal(size=8) * (fit.spread[0] > 0)
            assert penalised(dataclasses.replace(own, log_noise=noise, log_scale=scale)) > least


def chain(sheets: Panel, found: Calibration, sweeps: int) -> tuple[Floats, Floats]:
    """Means and standard deviations of the scores by Gibbs and Metropolis steps, at the spreads that were found."""
    rng, i, j, g = np.random.default_rng(5), sheets.entrant, sheets.reviewer, sheets.group
    n, m = len(g), len(sheets.scale)
    mean, quality, level = found.group_mean.copy(), found.score - found.group_mean[g], -found.severity
    log_scale, log_noise = np.zeros(m), np.full(m, math.log(found.residual_variance))
    kept = np.empty((sweeps, n))

    def density(log_scale: Floats, log_noise: Floats) -> Floats:
        rest = sheets.score - mean[g[i]] - np.exp(log_scale)[j] * quality[i] - level[j]
        each = -(log_noise[j] + rest**2 * np.exp(-log_noise[j])) / 2
        prior = (log_scale / found.scale_spread) ** 2
        prior += ((log_noise - math.log(found.residual_variance)) / found.noise_spread) ** 2
        return np.asarray(np.bincount(j, each, m) - prior / 2)

    for sweep in range(sweeps):
        b, w = np.exp(log_scale)[j], np.exp(-log_noise)[j]
        rest = sheets.score - mean[g[i]] - level[j]
        precision = 1 / found.entrant_variance + np.bincount(i, w * b**2, n)
        quality = np.bincount(i, w * b * rest, n) / precision + rng.normal(size=n) / np.sqrt(precision)
        rest = sheets.score - mean[g[i]] - b * quality[i]
        precision = 1 / found.reviewer_variance + np.bincount(j, w, m)
        level = np.bincount(j, w * rest, m) / precision + rng.normal(size=m) / np.sqrt(precision)
        rest = sheets.score - b * quality[i] - level[j]
        precision = np.bincount(g[i], w)
        mean = np.bincount(g[i], w * rest) / precision + rng.normal(size=2) / np.sqrt(precision)
        for size in (0.1, 0.3):
            new = log_scale + size * rng.normal(size=m), log_noise + 2 * size * rng.normal(size=m)
            accepted = np.log(rng.random(m)) < density(*new) - density(log_scale, log_noise)
            log_scale, log_noise = np.where(accepted, new[0], log_scale), np.where(accepted, new[1], log_noise)
        kept[sweep] = mean[g] + quality
    kept = kept[sweeps // 10 :]
    return kept.mean(axis=0), kept.std(axis=0)


def test_scores_and_errors_are_near_those_of_a_long_chain() -> None:
    sheets = panel(4, 60, 10, 5, scale_sd=0.6)
    result = sheets.fit()
    assert min(result.scale_spread, result.noise_spread) > 0
    mean, sd = chain(sheets, result, 20_000)
    assert np.abs((result.score - mean) / sd).max() < 0.35
    assert np.sqrt(np.mean(((result.score - mean) / sd) ** 2)) < 0.15
    assert_allclose(result.standard_error, sd, rtol=0.25)
    assert_allclose(result.standard_error.mean(), sd.mean(), rtol=0.08)


def test_draws_have_the_mean_and_the_covariance_of_the_posterior() -> None:
    sheets = panel(6, 30, 10, 5)
    result, n = sheets.fit(), 40_000
    assert result.noise_spread > 0
    drawn, covariance = result.draws(n, 12), result.covariance()
    spread = np.diag(covariance)
    assert np.abs((drawn.mean(axis=0) - result.score) / np.sqrt(spread / n)).max() < 4
    error = np.sqrt((covariance**2 + np.outer(spread, spread)) / n)
    assert np.abs((np.cov(drawn.T) - covariance) / error).max() < 5
    assert_allclose(result.draws(20, 12, entrants=[7, 0, 23]), drawn[:20][:, [7, 0, 23]], rtol=1e-9)


@pytest.mark.long
def test_a_million_sheets_are_fitted() -> None:
    rng, n = np.random.default_rng(1), 10**6
    i, j = rng.integers(0, 200_000, n), rng.integers(0, 300, n)
    noise = np.where(np.arange(300) < 30, 20.0, 8.0)
    y = rng.normal(0, 8, 200_000)[i] - rng.normal(0, 4, 300)[j] + noise[j] * rng.normal(size=n)
    result = calibrate(y, i, j, n_entrants=200_000, n_reviewers=300, reviewers="own")
    assert_allclose(result.noise, noise, rtol=0.08)
    assert result.converged


def test_an_unknown_kind_of_reviewers_is_refused() -> None:
    with pytest.raises(CalibrationError, match="alike"):
        calibrate([1.0], [0], [0], n_entrants=1, n_reviewers=1, reviewers="other")  # type: ignore[arg-type]
