"""Dates and times for people."""

from __future__ import annotations

from simsa.tables import words


def test_moments() -> None:
    assert words.moment_words("2023-07-07T18:00:00", "en") == "7 July 2023, 18:00"
