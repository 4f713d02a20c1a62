"""Numbers for people: exact, and never certain of what is only nearly so."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.rules import parse_decimal
from simsa.tables import words


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (None, 2, "–"),
        (Fraction(0), 2, "0.00"),
        (Fraction("87.6"), 2, "87.60"),
        (Fraction("1234567.5"), None, "1,234,567.5"),
        (Fraction("-0.25"), 1, "−0.25"),
        (Fraction(1, 3), None, "0.333333…"),
        (Fraction(2, 3), 2, "0.666666…"),
        (Fraction(5), None, "5"),
        (Fraction("0.12345678"), 8, "0.12345678"),
    ],
)
def test_a_score_is_shown_exactly(value: Fraction | None, places: int | None, text: str) -> None:
    assert words.format_score(value, places, "ko") == words.format_score(value, places, "en") == text


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_shown_score_is_the_score(units: int, places: int) -> None:
    value = Fraction(units, 10**places)
    text = words.format_score(value, places)
    assert parse_decimal(text.replace(",", "").replace("−", "-")) == value
    assert len(text.partition(".")[2]) == places


def test_points_and_ranks() -> None:
    assert (words.points(Fraction("87.5"), 2), words.points(Fraction("87.5"), 2, "en")) == ("87.50점", "87.50 points")
    assert (words.points(None, 2), words.points(None, 2, "en")) == ("결과 없음", "no result")
    assert [words.rank_words(n, "en") for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip
    assert words.rank_words(21) == "21위"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.005, "<1%"),
        (0.995, ">99%"),
        (0.0, "0%"),
        (1e-9, "<1%"),
        (0.004, "<1%"),
        (0.5, "50%"),
        (0.9949, "99%"),
        (0.996, ">99%"),
        (1.0, "100%"),
    ],
)
def test_a_chance_is_certain_only_if_it_is(share: float, text: str) -> None:
    assert words.percent(share) == text
