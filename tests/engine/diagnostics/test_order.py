"""Drift along the order and between halves of the day, and what one common order leaves unsaid."""

from __future__ import annotations

import numpy as np
import pytest

from simsa.engine.diagnostics import Drift, NotMade, Timing, Why, find_drift, find_session, panel_sizes
from simsa.engine.diagnostics.order import place_in_block
from tests.engine.diagnostics.panels import Floats, Panel, panel


def timed(seed: int, of: Panel) -> Timing:
    """Each reviewer in an order of its own; after noon in the second half of it."""
    order = np.random.default_rng(30_000 + seed).random(len(of.score))
    return Timing(order, of.reviewer, (place_in_block(order, of.reviewer) > 0.5).astype(np.float64))


def drift(of: Panel, timing: Timing) -> Drift:
    found = look(of, timing)
    assert isinstance(found, Drift)
    return found


def look(of: Panel, timing: Timing, *, session: bool = False) -> Drift | NotMade:
    find = find_session if session else find_drift
    group = np.zeros(len(of.score), np.int64)
    return find(timing, of.score, of.entrant, of.reviewer, of.reviewers, group, 0.05)


@pytest.mark.repeats
@pytest.mark.parametrize("session", [False, True])
@pytest.mark.long
def test_a_planted_drift_is_inside_its_interval(session: bool) -> None:
    inside = 0
    for seed in range(150):
        of = panel(seed)
        timing = timed(seed, of)
        x: Floats = timing.afternoon if session else place_in_block(timing.order, timing.block)
        found = look(of.plus(-6 * x), timing, session=session)
        assert isinstance(found, Drift)
        assert found.slopes.overall is not None
        inside += found.slopes.overall.low <= -6 <= found.slopes.overall.high
    assert 0.89 < inside / 150 < 1


def test_one_common_order_tells_no_drift_but_the_trend_and_single_reviewers() -> None:
    of = panel(1)
    order = of.entrant.astype(np.float64)
    timing = Timing(order, np.zeros(len(order), np.int64), np.full(len(order), np.nan))
    found = drift(of.plus(20 * order / 79), timing)
    assert found.common
    assert found.trend is not None
    assert found.trend.low < 20 < found.trend.high
    assert drift(of, timing).slopes.shrunken == pytest.approx(found.slopes.shrunken, abs=1e-6)


def test_only_the_order_counts() -> None:
    of = panel(2)
    timing = timed(2, of)
    stretched = Timing(np.exp(5 * timing.order), timing.block, timing.afternoon)
    one, two = drift(of, timing).slopes.overall, drift(of, stretched).slopes.overall
    assert one is not None
    assert two is not None
    assert (two.value, two.error) == pytest.approx((one.value, one.error))


def test_places_run_from_the_first_to_the_last_of_each_block() -> None:
    order = np.array([3.0, 1.0, 2.0, 5.0, 5.0, 9.0, 4.0])
    block = np.array([0, 0, 0, 2, 2, 2, 1])
    assert place_in_block(order, block).tolist() == [1.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.5]


def test_sheets_without_a_time_are_left_out_and_without_any_it_says_so() -> None:
    of = panel(3)
    timing = timed(3, of)
    some = Timing(np.where(of.entrant < 40, timing.order, np.nan), timing.block, timing.afternoon)
    assert drift(of, some).slopes.sheets == 200
    none = Timing.none(len(of.score))
    for session, why in ((False, Why.NO_ORDER), (True, Why.NO_SESSIONS)):
        missing = look(of, none, session=session)
        assert isinstance(missing, NotMade)
        assert missing.why is why
    mornings = Timing(timing.order, timing.block, np.zeros(len(of.score)))
    missing = look(of, mornings, session=True)
    assert isinstance(missing, NotMade)
    assert missing.why is Why.NO_SESSIONS


def test_panels_that_changed_size() -> None:
    entrant = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4])
    found = panel_sizes(entrant, 6, np.array([0, 0, 0, 1, 1, 2]))
    assert found.size.tolist() == [3, 3, 2, 1, 2, 0]
    assert found.usual.tolist() == [3, 2, 0]
    assert found.changed.tolist() == [2, 3]
    assert found.groups.tolist() == [0, 1]


def test_more_than_the_first_round_is_no_change_where_the_rules_want_it() -> None:
    entrant = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3])
    found = panel_sizes(entrant, 5, np.array([0, 0, 0, 1, 1]), first=2)
    assert found.adaptive
    assert found.usual.tolist() == [2, 2]
    assert found.changed.tolist() == [2, 4], "fewer than the first round gives"
