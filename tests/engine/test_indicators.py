from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.indicators import score
from simsa.rules import Indicator

NUMBERS = st.lists(st.none() | st.integers(-5, 5).map(Fraction), min_size=1, max_size=12)


def values(*numbers: str | None) -> list[Fraction | None]:
    return [None if number is None else Fraction(number) for number in numbers]


def test_rank_spreads_evenly_from_best_to_last() -> None:
    rule = Indicator("rank", "x")
    assert score(rule, values("1.1", "3", None, "2"), ["g"] * 4) == values("0", "100", None, "50")


def test_ties_share_the_mean_or_the_best_rank() -> None:
    numbers = values("1", "2", "2", "3")
    assert score(Indicator("rank", "x"), numbers, ["g"] * 4) == values("0", "50", "50", "100")
    best = score(Indicator("rank", "x", ties="best"), numbers, ["g"] * 4)
    assert best == [Fraction(0), Fraction(200, 3), Fraction(200, 3), Fraction(100)]


def test_ranks_are_within_the_group_or_the_round() -> None:
    numbers, groups = values("1", "2", "3", "4"), ["a", "a", "b", "b"]
    assert score(Indicator("rank", "x"), numbers, groups) == values("0", "100", "0", "100")
    whole = score(Indicator("rank", "x", within="round", better="lower", points_max=Fraction(3)), numbers, groups)
    assert whole == values("3", "2", "1", "0")


def test_a_single_body_gets_full_points() -> None:
    assert score(Indicator("rank", "x"), values("-7"), ["g"]) == values("100")


@pytest.mark.parametrize(("number", "points"), [("10", "0"), ("20", "50"), ("30", "100"), ("0", "0"), ("99", "100")])
def test_line(number: str, points: str) -> None:
    rule = Indicator("linear", "x", worst=Fraction(10), best=Fraction(30))
    falling = Indicator("linear", "x", worst=Fraction(30), best=Fraction(10))
    assert score(rule, values(number), ["g"]) == values(points)
    assert score(falling, values(number), ["g"]) == [100 - Fraction(points)]


@given(NUMBERS)
def test_order_is_kept_and_missing_stays_missing(numbers: list[Fraction | None]) -> None:
    scores = score(Indicator("rank", "x"), numbers, ["g"] * len(numbers))
    pairs = [(n, s) for n, s in zip(numbers, scores, strict=True) if n is not None and s is not None]
    assert [s is None for s in scores] == [n is None for n in numbers]
    for number, points in pairs:
        for other, more in pairs:
            assert (number < other) == (points < more)
    if pairs:
        assert sum(points for _, points in pairs) == (100 if len(pairs) == 1 else 50 * len(pairs))
