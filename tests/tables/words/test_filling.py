"""Sentences filled in: particles follow the sound before them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.tables import words


@pytest.mark.parametrize(
    ("word", "both", "one"),
    [
        ("전라남도", "은(는)", "는"),
        ("강남", "이(가)", "이"),
        ("부산", "을(를)", "을"),
        ("충주시", "과(와)", "와"),
        ("서울", "(으)로", "로"),
        ("부산", "(으)로", "으로"),
        ("1위", "(으)로", "로"),
        ("10", "은(는)", "은"),
        ("0.3", "(으)로", "으로"),
        ("87", "(으)로", "로"),
        ("2", "을(를)", "를"),
        ("전라남도(87점)", "이(가)", "가"),
        ("‘강남’", "과(와)", "과"),
        ("(강남)", "은(는)", "은"),
        ("Seoul", "(으)로", "로"),
        ("Jeju", "이(가)", "가"),
        ("Busan", "을(를)", "을"),
        ("KBS", "은(는)", "는"),
        ("R", "(으)로", "로"),
        ("", "은(는)", "는"),
    ],
)
def test_a_particle_follows_the_sound_before_it(word: str, both: str, one: str) -> None:
    assert words.particle(word, both) == one


@given(st.integers(0, 11171))
def test_a_syllable_with_a_final_sound_takes_the_closed_form(n: int) -> None:
    syllable, final = chr(ord("가") + n), n % 28
    assert words.particle(syllable, "은(는)") == ("은" if final else "는")
    assert words.particle(syllable, "(으)로") == ("으로" if final not in (0, 8) else "로")


def test_fill_never_changes_what_is_filled_in() -> None:
    name = "을(를) 100%(은(는))"
    assert words.fill("%(name)s이(가) 있습니다.", name=name) == f"{name}이 있습니다."
