"""How sure an outcome is and what would change it: a sentence for each case, in both languages."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from simsa.engine.inputs import Entries
from simsa.engine.selection import (
    Cause,
    GroupZone,
    Reason,
    Stability,
    Standing,
    Swap,
    Uncertainty,
    WeightChange,
    Zone,
)
from simsa.rules import parse
from simsa.tables import words
from simsa.tables.words import Assurance
from tests.rules.small import SMALL, changed

SENTENCES = [
    (
        Assurance(True, Zone.CERTAIN, 0.999, 1.2, 1, 2, 3, 1, 0),
        "평가단의 채점으로 볼 때 선정이 확실합니다(선정 확률 >99%). 평가단의 판단으로 본 순위는 평균 1.2위이며, 95% "
        "확률로 1위에서 "
        "2위 사이입니다. 어느 평가위원 한 명의 채점표가 없었더라도 선정되었을 것입니다.",
        "By the panel's sheets its place is certain (chance of selection >99%). Its rank in the panel's judgement is "
        "1.2 "
        "on average, with 95% from 1st to 2nd. It would be selected without any single reviewer's sheets, too.",
    ),
    (
        Assurance(True, Zone.TIE, 0.45, 2.0, 2, 2, 5, 2, 1),
        "경계 구간에 있습니다. 이 구간의 5개 기관 가운데 어느 2곳이 선정되어야 하는지는 채점만으로 가릴 수 "
        "없습니다(선정 확률 45%). "
        "평가단의 판단으로 본 순위는 2위입니다. 평가위원 한 명의 채점표가 없었다면 선정되지 않았을 것입니다.",
        "It stands in the tie zone: for 2 places the sheets cannot tell these 5 entrants apart (chance of selection "
        "45%). "
        "Its rank in the panel's judgement is 2nd. Without the sheets of one of the reviewers it would not be "
        "selected.",
    ),
    (
        Assurance(False, Zone.TIE, 0.3, None, None, None, 3, 1, 2),
        "경계 구간에 있습니다. 이 구간의 3개 기관 가운데 어느 1곳이 선정되어야 하는지는 채점만으로 가릴 수 "
        "없습니다(선정 확률 30%). "
        "평가위원 2명 중 누구든 한 명의 채점표가 없었다면 선정되었을 것입니다.",
        "It stands in the tie zone: for 1 place the sheets cannot tell these 3 entrants apart (chance of selection "
        "30%). "
        "Without the sheets of any single one of 2 reviewers it would be selected.",
    ),
    (
        Assurance(False, Zone.OUT, 0.0, None, None, None, 3, 1, 0),
        "평가단의 채점으로 볼 때 선정권에서 벗어나 있습니다(선정 확률 0%).",
        "By the panel's sheets a place is out of reach (chance of selection 0%).",
    ),
    (Assurance(False), "", ""),
]


@pytest.mark.parametrize(("known", "korean", "english"), SENTENCES)
def test_every_case_has_its_sentences(known: Assurance, korean: str, english: str) -> None:
    assert words.assurance_words(known, "ko") == korean
    assert words.assurance_words(known, "en") == english


def test_what_is_known_of_an_entrant_is_gathered() -> None:
    entries = Entries(("a", "b", "c"), ("g",) * 3)
    chance = np.array([0.75, 0.25, np.nan])
    sure = Uncertainty(
        Fraction(9, 10), 100, chance, chance + 1, chance, chance, (Zone.TIE, Zone.TIE, None),
        (GroupZone("g", 1, 2, 0, 2, 0, 0.95, True),), "told by the test",
    )  # fmt: skip
    stability = Stability(3, (Swap(1, "g", (0,), (1,)), Swap(2, "g", (0,), (1,))))
    first, second, third = (
        Standing(entry, "g", Fraction(1), 1, outcome, Reason(Cause.RANK, 1, 3, 1))  # type: ignore[arg-type]
        for entry, outcome in zip("abc", ("selected", "not_selected", "not_selected"), strict=True)
    )
    found = words.assurance_of(first, entries, sure, stability)
    assert (found.zone, found.chance, found.tied, found.open_places, found.reviewers) == (Zone.TIE, 0.75, 2, 1, 2)
    assert words.assurance_of(second, entries, sure, stability).reviewers == 2
    assert words.assurance_of(third, entries, sure, stability) == Assurance(False, reviewers=0)
    assert words.assurance_of(first, entries, None, None) == Assurance(True)


RULES = parse(SMALL)
NAMES = ["가평군", "나주시"]


def change(length: Fraction | None, exact: bool, safe: Fraction = Fraction(0)) -> WeightChange:
    weights = (("idea", Fraction("0.5")), ("work", Fraction("0.5")))
    return WeightChange("g", "total", exact, length, weights, "idea", ("work",), (0,), (1,), (), safe)


@pytest.mark.parametrize(
    ("found", "korean", "english"),
    [
        (
            change(Fraction(2, 15), True),
            "‘total’의 가중치를 어떻게 옮기든 13.3%까지는 선정 기관이 그대로입니다. ‘idea’의 가중치를 늘리고 "
            "‘work’의 가중치를 "
            "줄이면 가평군 대신 나주시가 선정됩니다.",
            "Up to 13.3% of the weight of “total” may move, whichever way, and nobody changes places. More for "
            "“idea” and "
            "less for “work”: 가평군 loses a place to 나주시.",
        ),
        (
            change(Fraction(7, 1000), False),
            "‘total’에서 찾은 가장 작은 변화는 가중치의 0.7%입니다. ‘idea’의 가중치를 늘리고 ‘work’의 가중치를 "
            "줄이면 가평군 대신 "
            "나주시가 선정됩니다.",
            "The shortest move found at “total” is 0.7% of the weight. More for “idea” and less for “work”: 가평군 "
            "loses "
            "a place to 나주시.",
        ),
        (
            change(Fraction(0), True),
            "‘total’의 가중치는 아주 조금만 옮겨도 선정 기관이 달라집니다. ‘idea’의 가중치를 늘리고 ‘work’의 "
            "가중치를 줄이면 가평군 "
            "대신 나주시가 선정됩니다.",
            "A move of weight at “total”, however small, changes who is selected. More for “idea” and less for “work”: "
            "가평군 loses a place to 나주시.",
        ),
        (
            change(None, False),
            "시험한 범위에서는 가중치를 옮겨도 선정 기관이 달라지지 않습니다.",
            "No move of weight that was tried changes who is selected.",
        ),
    ],
)
def test_moves_of_weight_are_told(found: WeightChange, korean: str, english: str) -> None:
    assert words.weight_words(found, RULES, NAMES, "ko") == korean
    assert words.weight_words(found, RULES, NAMES, "en") == english


def test_what_is_safe_is_told_where_it_is_something() -> None:
    found = change(Fraction(7, 1000), False, Fraction(1, 300))
    assert "Below 0.3% none does it, whichever way." in words.weight_words(found, RULES, NAMES, "en")
    assert "0.3%보다 작으면 어떻게 옮기든" in words.weight_words(found, RULES, NAMES, "ko")


def test_a_share_is_never_told_larger_than_it_is() -> None:
    assert "up to <0.1%" in words.weight_words(change(Fraction(1, 2000), True), RULES, NAMES, "en").lower()
    assert "13.6%" in words.weight_words(change(Fraction(13699, 100000), True), RULES, NAMES, "en")


def test_who_only_loses_or_only_gains() -> None:
    assert words.swap_words(["a"], [], "en") == "a loses a place."
    assert words.swap_words([], ["나주시"], "ko") == "나주시가 더 선정됩니다."


def test_a_lottery_is_among_the_rules_in_words() -> None:
    rules = parse(changed("[missing]", '[lottery]\nconfidence = "0.9"\n\n[missing]'))
    for language, said in (("ko", "경계 구간, 신뢰도 90%"), ("en", "the tie zone, 90% sure")):
        lines = [line for section in words.rules_words(rules, language) for line in section.lines]
        assert sum(said in line for line in lines) == 1
