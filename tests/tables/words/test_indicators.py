"""What is computed from reported numbers in sentences, and how numbers lie to their points."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from simsa.engine.indicators import distribution
from simsa.engine.inputs import Entries, Reported
from simsa.rules import parse
from simsa.tables.words import rules_words
from simsa.tables.words.distribution import distribution_lines, quartiles_lead
from tests.rules.complete import BY_NUMBERS
from tests.rules.small import changed
from tests.tables.words.forms import BOTH_FORMS, LANGUAGES


def lines(text: str, language: str) -> list[str]:
    return [line for section in rules_words(parse(text), language) for line in section.lines]


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        (
            "place: scored by percentile among all entrants (lower is better): from 0 to 100 by the share of numbers "
            "that are worse, with half of the equal ones, its own among them.",
            "place: 전체 기관의 백분위로 점수를 매깁니다(낮을수록 좋음). 수치가 있는 기관 가운데 "
            "자기보다 못한 기관과 동점 기관(자기 포함) 절반의 비율에 따라 0점에서 100점까지 줍니다.",
        ),
        (
            "goal: 98.5 or less gives 5; more gives −1 to 5, by the share that it is of it. Who goes beyond it gets "
            "up to 6.2. Rounded half to even to 3 decimal places.",
            "goal: 98.5 이하이면 5점이고, 그보다 많으면 목표÷실적의 비율에 따라 −1점에서 5점까지 줍니다. "
            "목표를 넘어서면 6.2점까지 더 줍니다. 소수점 아래 3자리까지 반올림하되, 꼭 절반이면 짝수 쪽으로 합니다.",
        ),
        (
            "steps: points in steps: up to −1: 10; above −1: 5; above 0.5: −3; above 8: 4.",
            "steps: 구간별 점수: −1 이하 10점; −1 초과 5점; 0.5 초과 −3점; 8 초과 4점.",
        ),
        ("other: points in steps: below 0: 0; from 0: 1.", "other: 구간별 점수: 0 미만 0점; 0 이상 1점."),
        (
            "money: the score is usd * rate / 100 + (1 - days) * 2 / 7.",
            "money: 점수는 산식 usd * rate / 100 + (1 - days) * 2 / 7의 값입니다.",
        ),
        ("goal is computed: round(spent / planned * 100, 1).", "goal의 산식: round(spent / planned * 100, 1)."),
        ("Constants: rate = 1,300.5, 기준 = 3.", "상수: rate = 1,300.5, 기준 = 3."),
        ("What divides by zero counts as not applicable.", "0으로 나누게 되는 산식은 ‘해당 없음’으로 봅니다."),
    ],
)
def test_each_method_has_its_sentence(english: str, korean: str) -> None:
    assert english in lines(BY_NUMBERS, "en")
    assert korean in lines(BY_NUMBERS, "ko")


def test_a_target_that_is_to_be_passed_and_a_bonus_by_formula() -> None:
    text = changed('better = "lower"\npoints = { min = -1', "points = { min = -1", BY_NUMBERS)
    text = changed('cap = "1.2"\n', "", changed('"deduction"', '"bonus"', text))
    found = "\n".join(lines(text, "en"))
    assert "goal: 98.5 or more gives 5; less gives −1 to 5, by the share of it reached. Rounded" in found
    assert "Bonus “late”: max(0, days - 3) / planned, × 0.5, is added. Rounded half up" in found
    assert "가점 ‘late’: 산식 max(0, days - 3) / planned의 값 × 0.5를 더합니다." in "\n".join(lines(text, "ko"))


def test_grades_by_place() -> None:
    grades = 'steps = [{ at = 80, points = 3 }, { at = 90, points = 5 }], boundary = "above", counts = "worse"'
    text = changed('counts = "middle"', grades, BY_NUMBERS)
    assert (
        "place: points by percentile among all entrants (lower is better), in steps of the share of numbers that are "
        "worse, in per cent: below 80: 0; from 80: 3; from 90: 5."
    ) in lines(text, "en")
    assert (
        "place: 전체 기관의 백분위(자기보다 못한 기관의 비율, %)에 따라 구간별 점수를 줍니다(낮을수록 좋음): "
        "80 미만 0점; 80 이상 3점; 90 이상 5점."
    ) in lines(text, "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_distributions_in_sentences(language: str) -> None:
    rules = parse(BY_NUMBERS)
    entries, names = Entries(("x", "y", "z"), ("a",) * 3), ["갑시", "을군", "병구"]
    numbers = {("x", "", "days"): Fraction("0.5"), ("y", "", "days"): Fraction("7.9")}
    found = distribution(rules, rules.by_id["steps"], entries, Reported(numbers), within=Fraction("0.2"))
    said = distribution_lines(found, rules, names, language)
    assert not BOTH_FORMS.search("\n".join(said))
    assert quartiles_lead(language)
    if language == "ko":
        assert not re.search(r"[A-Za-z]{2,}", "".join(said).replace("days", ""))
        return
    assert said == [
        "a: 2 of 3 have a number. Numbers 0.5 · 2.35 · 4.2 · 6.05 · 7.9. Points −3 · −1 · 1 · 3 · 5. Not submitted: 1.",
        "Exactly at −1: nobody. Within 0.2 of it: nobody.",
        "Exactly at 0.5: 갑시. Within 0.2 of it: nobody.",
        "Exactly at 8: nobody. Within 0.2 of it: 을군.",
        "0.1 more of “days” would change the points of 1 entrant. Most: 갑시, 5 → −3.",
        "0.1 less of “days” would change the points of 0 entrants.",
    ]
