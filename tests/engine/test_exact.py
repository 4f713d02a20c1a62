from collections.abc import Callable
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.exact import LEFT_OUT, NO_RESULT, Column
from simsa.rules import Rounding

NUMBERS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000) | st.integers(-(2**80), 2**80).map(
    Fraction
)
CELLS = st.lists(st.none() | NUMBERS, min_size=1, max_size=6)


def each(values: list[Fraction | None], change: Callable[[Fraction], Fraction]) -> list[Fraction | None]:
    return [None if value is None else change(value) for value in values]


@given(CELLS, NUMBERS, st.integers(0, 5), st.sampled_from(["half_up", "half_even", "down"]))
def test_columns_compute_like_single_numbers(
    values: list[Fraction | None], number: Fraction, places: int, mode: str
) -> None:
    column = Column.from_values(values)
    rounding = Rounding(places, mode)  # type: ignore[arg-type]
    assert column.values() == values
    assert column.scaled(number).values() == each(values, lambda v: v * number)
    assert column.rounded(rounding).values() == each(values, rounding.apply)
    assert column.limited(number, None).values() == each(values, lambda v: max(v, number))
    assert column.limited(None, number).values() == each(values, lambda v: min(v, number))
    assert column.over(column.denominator * 6).values() == values


@given(st.lists(st.tuples(st.none() | NUMBERS, st.none() | NUMBERS), min_size=1, max_size=6))
def test_two_columns_meet_cell_by_cell(pairs: list[tuple[Fraction | None, Fraction | None]]) -> None:
    left, right = Column.from_values([a for a, _ in pairs]), Column.from_values([b for _, b in pairs])
    both = [None if a is None or b is None else (a, b) for a, b in pairs]
    assert left.plus(right).values() == [None if p is None else p[0] + p[1] for p in both]
    assert left.scaled_by(right).values() == [None if p is None else p[0] * p[1] for p in both]


def test_cells_without_a_number_hold_nothing_and_the_worse_state_wins() -> None:
    left = Column.from_values([Fraction(1), None, None], empty=LEFT_OUT)
    right = Column.from_values([None, Fraction(1), None], empty=NO_RESULT)
    assert left.plus(right).state.tolist() == [NO_RESULT, LEFT_OUT, NO_RESULT]
    assert Column.of(np.array([7, 7]), 1, np.array([0, NO_RESULT], np.int8)).numerator.tolist() == [7, 0]


def test_an_empty_column_is_a_column() -> None:
    assert Column.from_values([]).rounded(Rounding(2)).scaled(Fraction(3)).values() == []
