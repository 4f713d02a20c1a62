"""Own scales and noises of large panels: levels solved for by steps say what those that are formed say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simsa.engine.calibration import Calibration, calibrate, criterion, weighted
from simsa.engine.calibration.solver import Solver
from simsa.engine.calibration.weighted import Own, Weighted
from tests.engine.test_own_reviewers import Panel, data_of, panel, same


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighted, "FORMED", 4)
    monkeypatch.setattr(criterion, "FORMED", 4)


def test_the_equations_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sheets, rng = panel(1, 300, 150, 4), np.random.default_rng(1)
    data, own = data_of(sheets), Own(rng.normal(0, 0.3, 150), rng.normal(0, 0.6, 150), 0.05, 0.02, 0.03)
    formed = Weighted(data, own)
    monkeypatch.setattr(weighted, "FORMED", 4)
    other = Weighted(data, own)
    assert isinstance(other.levels, Solver)
    for name in ("mean", "quality", "level", "residual", "squares"):
        assert_allclose(getattr(other, name), getattr(formed, name), rtol=1e-7, atol=1e-9)
    information = other.information(np.eye(150))
    assert_allclose(information, formed._formed(), atol=1e-8)
    assert_allclose(other.diagonal, np.diag(information), rtol=1e-9)
    assert other.criterion == pytest.approx(formed.criterion, abs=3)
    exact, about = formed.uncertainty(), other.uncertainty()
    assert_allclose(about.level, exact.level, rtol=0.3)
    assert about.level.sum() == pytest.approx(exact.level.sum(), rel=0.05)
    for name in ("quality", "residual"):
        assert_allclose(getattr(about, name), getattr(exact, name), rtol=0.1, atol=0.001)


def test_the_fit_is_near_the_one_with_equations_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    sheets = panel(3, 1200, 250, 5)
    formed = sheets.fit()
    monkeypatch.setattr(weighted, "FORMED", 4)
    other = sheets.fit()
    assert other.converged
    assert "conjugate gradients" in other.method
    assert "conjugate gradients" not in formed.method
    assert min(formed.noise_spread, formed.scale_spread) > 0
    for name in ("noise_spread", "scale_spread", "entrant_variance", "reviewer_variance", "residual_variance"):
        assert getattr(other, name) == pytest.approx(getattr(formed, name), rel=0.02)
    assert_allclose(other.score, formed.score, atol=0.15)
    assert_allclose(other.noise, formed.noise, rtol=0.02)
    assert_allclose(other.standard_error, formed.standard_error, rtol=0.15)
    assert_allclose(other.standard_error.mean(), formed.standard_error.mean(), rtol=0.01)
    assert_allclose(other.severity_error.mean(), formed.severity_error.mean(), rtol=0.03)
    some = np.arange(5)
    assert_allclose(other.covariance(some), formed.covariance(some), rtol=0.03, atol=0.03)
    drawn = other.draws(4000, 3, some)
    assert_allclose(np.cov(drawn.T), other.covariance(some), rtol=0.15, atol=0.6)


@pytest.mark.usefixtures("stepped")
@pytest.mark.parametrize("seed", range(2))
def test_where_reviewers_are_alike_the_result_is_exactly_the_plain_one(seed: int) -> None:
    alike = panel(seed, 200, 40, 4, erratic=1.0, scale_sd=0.0)
    same(alike.fit(), alike.fit("alike"))


def conference(erratic: float) -> Panel:
    """1,000 entries x 850 reviewers, four sheets an entry."""
    rng = np.random.default_rng(2)
    i = np.repeat(np.arange(1000), 4)
    j = rng.permuted(np.tile(np.arange(850), 5))[: len(i)]
    noise = 6 * np.where(np.arange(850) % 8 == 0, erratic, 1.0)
    y = rng.normal(0, 8, 1000)[i] - rng.normal(0, 4, 850)[j] + noise[j] * rng.normal(size=len(i))
    return Panel(y, i, j, np.zeros(1000, np.int64), np.ones(850), noise)


@pytest.mark.usefixtures("stepped")
def test_a_conference_is_the_plain_one_unless_its_noises_differ() -> None:
    alike = conference(1.0)
    same(alike.fit(), alike.fit("alike"))
    sheets = conference(4.0)
    found, again = sheets.fit(), sheets.fit()
    assert found.noise_spread > 0.3
    assert found.scale_spread < 0.2
    erratic = sheets.noise > 6
    assert found.noise[erratic].mean() > 1.5 * found.noise[~erratic].mean()
    assert 6 < found.noise[erratic].mean() < 20  # shrunk: a reviewer has five sheets
    assert_array_equal(found.score, again.score)  # nothing is left to chance


def test_a_large_panel_recovers_its_noises() -> None:
    rng, n = np.random.default_rng(5), 60_000
    i, j = rng.integers(0, 12_000, n), rng.integers(0, 2_100, n)
    noise = np.where(np.arange(2_100) % 10 == 0, 20.0, 8.0)
    y = rng.normal(0, 8, 12_000)[i] - rng.normal(0, 4, 2_100)[j] + noise[j] * rng.normal(size=n)
    found: Calibration = calibrate(y, i, j, n_entrants=12_000, n_reviewers=2_100, reviewers="own")
    assert found.converged
    order = np.argsort(-found.noise)
    assert np.mean(noise[order[:210]] > 8) > 0.95
    assert_allclose(np.exp(np.log(found.noise[noise < 9]).mean()), 8, rtol=0.06)
