"""Rows that could not be used, in Korean."""

from __future__ import annotations

from simsa.tables import words


def test_what_readers_say_of_a_row_in_korean() -> None:
    said = words.fault_words("has 12 fields, the header has 11", "ko")
    assert said == "칸이 12개인데 머리행은 11개임"
    assert words.fault_words("2014: gone", "ko") == "2014: gone"
    assert words.fault_words("is empty", "en") == "is empty"
