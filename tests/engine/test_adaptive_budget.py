"""How reviews are shared out: Webster's method against all other ways, and batches that add up to the total."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.adaptive import Budget, budget
from simsa.engine.adaptive.allotment import allot
from simsa.engine.inputs import InputError
from tests.draws import draws
from tests.engine.adaptive_rounds import adaptive_rules, drawn, first_round, recused

STAKES = st.lists(st.sampled_from([0.0, 0.125, 0.25, 0.3, 0.5, 1.0, 7.0]), min_size=1, max_size=4)


@given(STAKES, st.integers(0, 6), st.data())
@settings(max_examples=draws(100), deadline=None)
def test_no_other_way_is_nearer_to_proportion(stakes: list[float], total: int, data: st.DataObject) -> None:
    """Webster's method makes the sum of given^2 / stake least (Sainte-Lague 1910), also where there are limits."""
    room = [data.draw(st.integers(0, 4)) for _ in stakes]
    given_out = allot(np.array(stakes), total, np.array(room))
    most = [space if stake else 0 for stake, space in zip(stakes, room, strict=True)]
    assert given_out.sum() == min(total, sum(most))
    assert all(0 <= n <= limit for n, limit in zip(given_out.tolist(), most, strict=True))

    def unevenness(ways: tuple[int, ...]) -> Fraction:
        return sum((n * n / Fraction(stake) for n, stake in zip(ways, stakes, strict=True) if n), Fraction(0))

    others = product(*(range(limit + 1) for limit in most))
    least = min(unevenness(ways) for ways in others if sum(ways) == given_out.sum())
    assert unevenness(tuple(given_out.tolist())) == least


def test_of_equals_the_first_is_served_first() -> None:
    assert allot(np.array([1.0, 1.0, 1.0]), 4, np.full(3, 9)).tolist() == [2, 1, 1]


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(1, 6), st.fractions("0.01", "0.95", max_denominator=100), st.integers(1, 20))
def test_batches_end_exactly_at_the_total(entries: int, each: int, held_back: Fraction, batches: int) -> None:
    first = entries * each
    total = int(first / (1 - held_back))
    plan, number = Budget(total, first, batches, first), 0
    while plan.left:
        assert plan.batch > number
        assert 0 < plan.size <= plan.left
        number = plan.batch
        plan = Budget(total, first, batches, plan.given + plan.size)
    assert plan.given == total
    assert plan.size == 0
    assert total <= first / (1 - held_back) < total + 1


def test_a_batch_is_what_is_left_shared_evenly() -> None:
    plan = Budget(total=30, first=20, batches=3, given=20)
    assert [(plan.batch, plan.size)] == [(1, 4)]
    assert [(one.batch, one.size) for one in (Budget(30, 20, 3, 24), Budget(30, 20, 3, 27))] == [(2, 3), (3, 3)]
    assert Budget(30, 20, 3, 22).batch == 1, "a batch that could not be filled goes on"
    assert Budget(30, 20, 3, 19).batch == 1
    assert Budget(30, 20, 3, 33).left == 0


def test_withdrawn_slots_do_not_count_and_others_do() -> None:
    rules = adaptive_rules('"0.6"')
    sheets = drawn(rules, 10, 5, first_round(10, 5))
    assert budget(rules, 10, sheets) == Budget(50, 20, 3, 20)
    assert budget(rules, 10, recused(sheets, [3, 8])).given == 18
    status = sheets.status.copy()
    status[:] = 1  # not submitted
    assert budget(rules, 10, type(sheets)(**{**sheets.__dict__, "status": status})).given == 20


def test_rules_that_hold_nothing_back_have_no_budget() -> None:
    rules = adaptive_rules()
    plain = type(rules)(**{**{name: getattr(rules, name) for name in rules.__dataclass_fields__}, "adaptive": None})
    with pytest.raises(InputError, match="hold no reviews back"):
        budget(plain, 3, drawn(rules, 3, 5, first_round(3, 5)))
