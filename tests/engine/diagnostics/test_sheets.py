"""Identical, flat and repeated sheets: copies are found, and independent reviewers hardly ever."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from simsa.engine.diagnostics import Habits, NotMade, Pairs, Why, find_habits, identical_pairs
from simsa.engine.diagnostics.counting import Moments, upper_tails
from tests.engine.diagnostics.panels import Floats, Integers, Panel, marks

TRIALS = 200


def pairs(cells: Integers, of: Panel) -> Pairs:
    found = identical_pairs(cells, of.entrant, of.reviewer, of.reviewers, 0.05)
    assert isinstance(found, Pairs)
    return found


def habits(cells: Integers, of: Panel) -> Habits:
    share: Floats = (cells - 1) / 9
    found = find_habits(cells, share, of.reviewer, np.zeros(len(cells), np.int64), of.reviewers, 0.05)
    assert isinstance(found, Habits)
    return found


@pytest.mark.parametrize("criteria", [2, 3, 6])
def test_independent_reviewers_hardly_ever_stand_out(criteria: int) -> None:
    """Identical sheets are frequent with two criteria and rare with six."""
    alarms = np.zeros(3)
    for seed in range(TRIALS):
        cells, of = marks(seed, criteria=criteria)
        own = habits(cells, of)
        screenings = (pairs(cells, of).screening, own.flat.screening, own.repeated.screening)
        alarms += [bool(one.found.any()) for one in screenings]
    # 0.05 and three binomial standard errors
    assert (alarms / TRIALS < 0.096).all()


def test_the_expected_number_of_identical_sheets_is_right_on_average() -> None:
    counted = due = 0.0
    for seed in range(20):
        cells, of = marks(seed, entrants=600, criteria=1)  # so coarse that nearly every pair has an identical sheet
        found = pairs(cells, of)
        assert len(found.first) > 0.8 * found.screening.tests
        counted += found.identical.sum()
        due += found.expected.sum()
    assert due == pytest.approx(counted, rel=0.03)


def test_a_copied_reviewer_is_found_and_nobody_else() -> None:
    hits = others = 0
    for seed in range(60):
        cells, of = marks(seed)
        for entry in range(120):
            first = np.flatnonzero((of.entrant == entry) & (of.reviewer == 0))
            second = np.flatnonzero((of.entrant == entry) & (of.reviewer == 1))
            if len(first) and len(second):
                cells[second] = cells[first]
        found = pairs(cells, of)
        listed = [(int(found.first[n]), int(found.second[n])) for n in np.flatnonzero(found.screening.found)]
        hits += (0, 1) in listed
        others += len(listed) - ((0, 1) in listed)
    assert hits > 48
    assert others / 60 < 0.1


def test_entries_that_everyone_gives_full_marks_are_no_copies() -> None:
    cells, of = marks(1)
    cells[of.entrant < 40] = 10
    assert not pairs(cells, of).screening.found.any()
    cells[:] = 10
    assert not pairs(cells, of).screening.found.any()


def test_the_reviewer_of_flat_and_of_constant_sheets_is_found() -> None:
    flat = repeated = 0
    for seed in range(40):
        cells, of = marks(seed)
        level, constant = of.reviewer == 4, of.reviewer == 9
        found = habits(np.where(level[:, None], cells[:, :1], cells), of)
        flat += bool(found.flat.screening.found[4])
        assert found.spread[4] == pytest.approx(0)
        assert found.flat.count[4] == found.flat.trials[4]
        found = habits(np.where(constant[:, None], [7, 8, 6], cells), of)
        repeated += bool(found.repeated.screening.found[9]) and bool(found.constant[9])
        assert found.constant.sum() == 1
    assert flat > 36
    assert repeated == 40


def test_order_of_rows_does_not_matter_and_missing_marks_are_compared_as_such() -> None:
    cells, of = marks(3)
    rows = np.random.default_rng(1).permutation(len(cells))
    other = Panel(of.score[rows], of.entrant[rows], of.reviewer[rows], of.reviewers)
    one, two = pairs(cells, of), pairs(cells[rows], other)
    assert sorted(zip(one.first, one.second, one.identical, one.expected.round(9), strict=True)) == sorted(
        zip(two.first, two.second, two.identical, two.expected.round(9), strict=True)
    )
    share = np.where(np.arange(cells.size).reshape(cells.shape) % 4 == 0, np.nan, (cells - 1) / 9)
    found = find_habits(cells, share, of.reviewer, np.zeros(len(cells), np.int64), of.reviewers, 0.05)
    assert isinstance(found, Habits)
    assert (found.flat.count <= found.flat.trials).all()
    single = find_habits(cells[:, :1], share[:, :1], of.reviewer, np.zeros(len(cells), np.int64), of.reviewers, 0.05)
    assert isinstance(single, Habits)
    assert single.flat.screening.tests == 0


def test_where_nothing_can_be_compared() -> None:
    cells, n = np.ones((4, 2), np.int64), np.arange(4)
    none = identical_pairs(cells, n, n % 2, 2, 0.05)
    assert isinstance(none, NotMade)
    assert none.why is Why.NO_COMMON_ENTRIES
    alone = find_habits(cells, cells / 1.0, np.zeros(4, np.int64), np.zeros(4, np.int64), 1, 0.05)
    assert isinstance(alone, NotMade)
    assert alone.why is Why.FEW_REVIEWERS


def test_tails_are_those_of_the_beta_binomial_with_the_others_spread() -> None:
    count, trials = np.array([6, 0, 3, 9, 1]), np.full(5, 20)
    rate = np.full(5, 0.2)
    moments = Moments.of(count, trials, rate)
    tail = upper_tails(count, trials, rate, np.arange(5), moments)
    for n in range(5):
        rest = np.delete(np.arange(5), n)
        excess = np.sum((count[rest] - 4) ** 2 - 3.2)
        spread = max(0.0, excess / (4 * 3.2 * 19))
        size = 1 / spread - 1
        assert tail[n] == pytest.approx(betabinom.sf(count[n] - 1, 20, 0.2 * size, 0.8 * size), rel=1e-9)


def test_a_hundred_thousand_sheets() -> None:
    cells, of = marks(5, entrants=20_000, reviewers=500, criteria=5)
    found = pairs(cells, of)
    assert found.screening.tests > 90_000
    assert not found.screening.found.any()
