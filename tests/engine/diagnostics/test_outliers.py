"""Severity and noise out of the ordinary: planted ones are found, and in ordinary panels hardly any."""

import numpy as np
import pytest

from simsa.engine.calibration import calibrate
from simsa.engine.diagnostics import NotMade, Outliers, Why, find_outliers
from tests.draws import draws
from tests.engine.diagnostics.panels import Panel, panel


def find(of: Panel, level: float = 0.05) -> Outliers:
    found = look(of, level)
    assert isinstance(found, Outliers)
    return found


def look(of: Panel, level: float = 0.05) -> Outliers | NotMade:
    n = int(of.entrant.max()) + 1
    calibration = calibrate(of.score, of.entrant, of.reviewer, n_entrants=n, n_reviewers=of.reviewers)
    return find_outliers(calibration, of.score, of.entrant, of.reviewer, level)


def test_ordinary_panels_have_hardly_any() -> None:
    severe, noisy, panels = 0, 0, draws(200)
    for seed in range(panels):
        found = find(panel(seed, entrants=100, reviewers=20))
        severe += bool(found.severe.found.any())
        noisy += bool(found.noisy.found.any())
    most = 0.05 + 3 * (0.05 * 0.95 / panels) ** 0.5  # three binomial standard errors
    assert severe / panels < most
    assert noisy / panels < most + 0.014


def test_the_harsh_and_the_erratic_are_found() -> None:
    harsh = erratic = wrong = 0
    for seed in range(60):
        noise = np.ones(24)
        noise[7] = 2.5
        of = panel(seed, entrants=150, reviewers=24, noise=noise)
        found = find(of.plus(-25.0 * (of.reviewer == 3)))
        harsh += bool(found.severe.found[3]) and found.standing[3] > 0
        erratic += bool(found.noisy.found[7])
        wrong += int(found.noisy.found.sum() - found.noisy.found[7]) + int(
            found.severe.found.sum() - found.severe.found[3]
        )
    assert harsh > 50
    assert erratic > 55
    assert wrong / 60 < 0.2


def test_noise_is_estimated_in_points() -> None:
    noise = np.ones(20)
    noise[:4] = 2.0
    found = [find(panel(seed, entrants=400, reviewers=20, noise=noise)) for seed in range(20)]
    own = np.mean([one.noise for one in found], axis=0)
    assert own[:4] == pytest.approx(16, rel=0.08)
    assert own[4:] == pytest.approx(8, rel=0.08)


@pytest.mark.long
def test_groups_with_another_scale_are_no_noise() -> None:
    alarms = 0
    for seed in range(60):
        of = panel(seed, entrants=100, reviewers=20)
        group = (of.entrant >= 50).astype(np.int64)
        # Each reviewer sits in one group only, and marks in the second spread three times as wide.
        reviewer = of.reviewer % 10 + 10 * group
        keep = np.unique(of.entrant * 20 + reviewer, return_index=True)[1]
        score = np.where(group == 1, 3 * of.score, of.score)[keep]
        entrant, reviewer, group = of.entrant[keep], reviewer[keep], group[keep]
        calibration = calibrate(score, entrant, reviewer, n_entrants=100, n_reviewers=20)
        found = find_outliers(calibration, score, entrant, reviewer, 0.05, group)
        assert isinstance(found, Outliers)
        alarms += bool(found.noisy.found.any())
    assert alarms / 60 < 0.14


def test_few_reviewers_and_constant_scores_say_so() -> None:
    few = look(panel(1, reviewers=3, each=3))
    assert isinstance(few, NotMade)
    assert (few.why, dict(few.data)) == (Why.FEW_REVIEWERS, {"reviewers": 3, "least": 4})
    of = panel(1)
    constant = look(Panel(np.full(len(of.score), 5.0), of.entrant, of.reviewer, of.reviewers))
    assert isinstance(constant, NotMade)
    assert constant.why is Why.CONSTANT


def test_reviewers_without_sheets_are_unknown_and_single_sheets_tell_nothing_of_noise() -> None:
    of = panel(2)
    found = find(Panel(of.score, of.entrant, of.reviewer, 18))
    assert np.isnan(found.noise[16:]).all()
    assert not found.noisy.found[16:].any()
    alone = Panel(np.arange(8.0) ** 2, np.arange(8), np.arange(8) % 4, 4)
    lonely = find(alone)
    assert lonely.noisy.tests == 0
    assert np.isnan(lonely.noise).all()


def test_order_of_rows_does_not_matter() -> None:
    of = panel(3)
    rows = np.random.default_rng(1).permutation(len(of.score))
    one, two = find(of), find(Panel(of.score[rows], of.entrant[rows], of.reviewer[rows], of.reviewers))
    assert two.noisy.p == pytest.approx(one.noisy.p, rel=1e-6)
    assert two.standing == pytest.approx(one.standing, rel=1e-6)
