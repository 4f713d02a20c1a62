from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.rules import Rounding, decimal_places, decimal_text, exact_text, parse_decimal


@given(st.integers(-(10**12), 10**12), st.integers(0, 8))
def test_text_and_number_are_each_others_inverse(units: int, places: int) -> None:
    number = Fraction(units, 10**places)
    assert parse_decimal(decimal_text(number)) == number
    assert decimal_places(number) <= places


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Fraction(30), None, "30"),
        (Fraction(1, 4), None, "0.25"),
        (Fraction(-3, 2), None, "-1.5"),
        (Fraction(369, 10), 2, "36.90"),
        (Fraction(0), 2, "0.00"),
        (Fraction(-1, 8), 2, "-0.125"),
    ],
)
def test_decimal_text(number: Fraction, places: int | None, text: str) -> None:
    assert decimal_text(number, places) == text


def test_a_number_without_decimal_form_is_never_cut() -> None:
    with pytest.raises(ValueError, match="no exact decimal form"):
        decimal_text(Fraction(1, 3))
    assert exact_text(Fraction(1, 3)) == "1/3"


@pytest.mark.parametrize("text", ["", "1e3", "1,000", "nan", "inf", "0x10", "--1", "1.2.3", "٣", "1_000", "one"])
def test_what_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a decimal number"):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down"),
    [
        ("2.345", "2.35", "2.34", "2.34"),
        ("2.355", "2.36", "2.36", "2.35"),
        ("-2.345", "-2.35", "-2.34", "-2.34"),
        ("2.3449", "2.34", "2.34", "2.34"),
        ("2.3451", "2.35", "2.35", "2.34"),
        ("-0.004", "0", "0", "0"),
    ],
)
def test_rounding(value: str, half_up: str, half_even: str, down: str) -> None:
    number = Fraction(value)
    assert Rounding(2, "half_up").apply(number) == Fraction(half_up)
    assert Rounding(2, "half_even").apply(number) == Fraction(half_even)
    assert Rounding(2, "down").apply(number) == Fraction(down)


@given(st.fractions(), st.integers(0, 6), st.sampled_from(["half_up", "half_even", "down"]))
def test_rounding_stays_within_half_a_unit(number: Fraction, places: int, mode: str) -> None:
    rounded = Rounding(places, mode).apply(number)  # type: ignore[arg-type]
    unit = Fraction(1, 10**places)
    assert rounded % unit == 0
    assert abs(rounded - number) <= (unit if mode == "down" else unit / 2)
