"""Large panels: equations solved by steps say the same as those formed, within what their random signs allow."""

from __future__ import annotations

import numpy as np
import pytest

from simsa.engine.calibration import Calibration, NoteCode, calibrate, criterion
from simsa.engine.calibration.criterion import evaluate
from simsa.engine.calibration.iterative import Iterated
from simsa.engine.calibration.sheets import checked_sheets
from simsa.engine.calibration.solver import Solver
from simsa.engine.calibration.statistics import collect

SHAPES = [(900, 700, 4000), (500, 1200, 4000)]  # reviewers kept, entrants kept


def sheets(entrants: int, reviewers: int, count: int, *, spread: float = 1.2, severity: float = 0.5, groups: int = 3):
    rng = np.random.default_rng(entrants)
    entrant, reviewer = rng.integers(0, entrants, count), rng.integers(0, reviewers, count)
    group = rng.integers(0, groups, entrants)
    quality, lower = spread * rng.normal(size=entrants), severity * rng.normal(size=reviewers)
    score = 70 + group[entrant] + quality[entrant] - lower[reviewer] + rng.normal(size=count)
    return score, entrant, reviewer, entrants, reviewers, group


def calibrated(given) -> Calibration:
    score, entrant, reviewer, entrants, reviewers, group = given
    return calibrate(score, entrant, reviewer, n_entrants=entrants, n_reviewers=reviewers, group=group)


@pytest.fixture(params=SHAPES, ids=["reviewers kept", "entrants kept"])
def both(request, monkeypatch) -> tuple[Calibration, Calibration]:
    """The same sheets with equations formed, and solved by steps."""
    given = sheets(*request.param)
    formed = calibrated(given)
    monkeypatch.setattr(criterion, "FORMED", 10)
    return formed, calibrated(given)


def test_variances_scores_and_errors_agree(both):
    formed, stepped = both
    for name, near in (("entrant_variance", 0.005), ("reviewer_variance", 0.01), ("residual_variance", 0.005)):
        assert getattr(stepped, name) == pytest.approx(getattr(formed, name), rel=near)
    assert stepped.converged
    assert "conjugate gradients" in stepped.method
    assert "conjugate gradients" not in formed.method
    assert np.allclose(stepped.score, formed.score, atol=0.005, equal_nan=True)
    assert np.allclose(stepped.severity, formed.severity, atol=0.01, equal_nan=True)
    assert np.allclose(stepped.standard_error, formed.standard_error, rtol=0.05, equal_nan=True)
    assert np.allclose(stepped.severity_error, formed.severity_error, rtol=0.05, equal_nan=True)
    assert np.allclose(stepped.group_mean_error, formed.group_mean_error, rtol=0.25)
    assert stepped.criterion == pytest.approx(formed.criterion, rel=5e-4)


def test_covariances_are_exact_and_draws_have_them(both):
    formed, stepped = both
    some = np.flatnonzero(formed.sheets_per_entrant)[:6]
    assert np.allclose(stepped.covariance(some), formed.covariance(some), rtol=0.02, atol=0.001)
    draws = stepped.draws(6000, 7, some)
    assert np.allclose(np.cov(draws.T), stepped.covariance(some), atol=0.03)
    assert np.allclose(draws.mean(axis=0), stepped.score[some], atol=0.04)
    assert np.array_equal(stepped.draws(40, 7, some[:2]), draws[:40, :2])


@pytest.mark.parametrize("ratio", [(0.3, 2.0), (5.0, 0.01)])
@pytest.mark.parametrize("shape", [(60, 40, 300), (40, 60, 300)])
def test_equations_at_given_shares_are_those_that_are_formed(monkeypatch, shape, ratio):
    score, entrant, reviewer, entrants, reviewers, group = sheets(*shape)
    data = collect(*checked_sheets(score, entrant, reviewer, entrants, reviewers, group))
    shares = np.array([*ratio, 1.0]) / (1 + sum(ratio))
    formed = evaluate(data, shares)
    monkeypatch.setattr(criterion, "FORMED", 0)
    stepped = evaluate(data, shares)
    assert stepped.kept == formed.kept
    for own, other in zip((*stepped.v, stepped.mean), (*formed.v, formed.mean), strict=True):
        assert np.allclose(own, other, atol=1e-8)
    assert stepped.squares == pytest.approx(formed.squares, rel=1e-9)
    assert np.allclose(stepped.average_information(), formed.average_information(), rtol=1e-7)
    assert np.allclose(stepped.traces(), formed.traces(), rtol=0.15)
    system = Iterated(data, ratio[1 - stepped.kept])
    size = len(system.n_kept)
    matrix = np.eye(size) + ratio[stepped.kept] * system.information(np.eye(size))
    solver = Solver(system, ratio[stepped.kept])
    assert np.allclose(solver.solve(np.eye(size)), np.linalg.inv(matrix), atol=1e-8)
    root = solver.rooted(np.eye(size))  # columns of the inverse root in the preconditioner's metric
    assert np.allclose(root @ root.T, np.linalg.inv(matrix), atol=1e-5)
    assert solver.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1], rel=0.1)


def test_reviewers_who_do_not_differ_have_no_variance(monkeypatch):
    monkeypatch.setattr(criterion, "FORMED", 10)
    score, entrant, reviewer, entrants, reviewers, group = sheets(400, 300, 3000, severity=0.0)
    found = calibrated((score, entrant, reviewer, entrants, reviewers, group))
    assert found.reviewer_variance < 0.02
    assert found.converged
    still = calibrated((np.full(3000, 5.0), entrant, reviewer, entrants, reviewers, group))
    assert NoteCode.CONSTANT_SCORES in {note.code for note in still.notes}


def test_a_conference_is_calibrated_without_a_matrix_of_its_reviewers():
    given = sheets(4000, 3500, 16000)
    found = calibrated(given)
    again = calibrated(given)
    assert found.converged
    assert found.entrant_variance == pytest.approx(1.44, rel=0.15)
    assert np.array_equal(found.score, again.score, equal_nan=True)  # nothing is left to chance
    assert np.array_equal(found.standard_error, again.standard_error, equal_nan=True)
    order = np.random.default_rng(1).permutation(16000)
    turned = calibrated((given[0][order], given[1][order], given[2][order], *given[3:]))
    assert np.allclose(turned.score, found.score, atol=1e-6, equal_nan=True)
