"""Outcomes: a sentence for each and every cause."""

from __future__ import annotations

from fractions import Fraction

import pytest

from simsa.engine.selection import Cause, GroupResult, Reason
from simsa.rules import parse
from simsa.tables import words
from tests.rules.small import OFFICIAL, changed
from tests.tables.words.forms import BOTH_FORMS, LANGUAGES, RULES

NAMES = {"a": "가평군", "b": "나주시", "c": "다사읍", "d": "라산면", "e": "마포구"}


def reason(cause: Cause, **more: object) -> Reason:
    facts: dict[str, object] = {"rank": 2, "size": 17, "places": 1, "score": Fraction("85.1"), "line": Fraction(86)}
    return Reason(cause, **{**facts, **more})  # type: ignore[arg-type]


SENTENCES = [
    (
        reason(Cause.RANK, rank=1, score=Fraction("87.67"), line=Fraction("87.67")),
        "selected",
        "17개 기관 중 1위(87.67점)로 선정되었습니다(선정 1곳).",
        "Selected: 1st of 17 with 87.67 points; the group has 1 place.",
    ),
    (
        reason(Cause.RANK, position=1),
        "reserve",
        "17개 기관 중 2위(85.10점)로 예비 1순위입니다. 선정 점수선 86.00점보다 0.90점 낮습니다.",
        "Ranked 2nd of 17 with 85.10 points: reserve no. 1, 0.90 points below the last selected (86.00 points).",
    ),
    (
        reason(Cause.RANK),
        "not_selected",
        "17개 기관 중 2위(85.10점)로 선정되지 않았습니다. 선정 점수선 86.00점보다 0.90점 낮습니다.",
        "Ranked 2nd of 17 with 85.10 points: not selected, 0.90 points below the last selected (86.00 points).",
    ),
    (
        reason(Cause.RANK, line=None, places=0),
        "not_selected",
        "17개 기관 중 2위(85.10점)이지만 선정할 자리가 없어 선정되지 않았습니다.",
        "Ranked 2nd of 17 with 85.10 points: not selected, there is no place to fill.",
    ),
    (
        reason(Cause.TIE_BREAK, rank=1, line=Fraction("85.1"), criterion="work", tied_with=("b",)),
        "selected",
        "17개 기관 중 1위(85.10점)로, 점수가 같은 나주시와는 ‘work’가 높은 쪽을 우선하는 규칙에 따라 선정되었습니다.",
        "Ranked 1st of 17 with 85.10 points, level with 나주시: selected by the higher “work”.",
    ),
    (
        reason(Cause.LOT, line=Fraction("85.1"), tied_with=("a", "c"), position=1),
        "reserve",
        "17개 기관 중 2위(85.10점)로, 점수가 같은 가평군, 다사읍과의 추첨에서 밀려 예비 1순위입니다.",
        "Ranked 2nd of 17 with 85.10 points, level with 가평군 and 다사읍: reserve no. 1 by lot.",
    ),
    (
        reason(Cause.LOT, line=Fraction("85.1"), tied_with=("a", "b", "c", "d", "e")),
        "not_selected",
        "17개 기관 중 2위(85.10점)로, 점수가 같은 가평군, 나주시, 다사읍 외 2개와의 추첨에서 선정되지 않았습니다.",
        "Ranked 2nd of 17 with 85.10 points, level with 가평군, 나주시, 다사읍 and 2 more: not selected by lot.",
    ),
    (
        reason(Cause.CERTAIN, line=None, drawn=2),
        "selected",
        "17개 기관 중 2위(85.10점)이고 채점에서 우열이 뚜렷하여 추첨 없이 선정되었습니다.",
        "Ranked 2nd of 17 with 85.10 points, and certain by the panel's sheets: selected without a lot.",
    ),
    (
        reason(Cause.LOTTERY, line=None, drawn=2, tied=4, tied_with=("a", "b", "c", "d")),
        "selected",
        "17개 기관 중 2위(85.10점)로, 채점만으로 우열을 가릴 수 없는 5개 기관이 2곳을 두고 한 추첨에서 선정되었습니다.",
        "Ranked 2nd of 17 with 85.10 points, one of 5 that drew lots because the sheets cannot tell them apart (2 "
        "won): "
        "selected by lot.",
    ),
    (
        reason(Cause.LOTTERY, line=None, drawn=1, tied=2, position=1),
        "reserve",
        "17개 기관 중 2위(85.10점)로, 채점만으로 우열을 가릴 수 없는 3개 기관이 1곳을 두고 한 추첨에서 밀려 예비 "
        "1순위입니다.",
        "Ranked 2nd of 17 with 85.10 points, one of 3 that drew lots because the sheets cannot tell them apart (1 "
        "won): "
        "reserve no. 1 by lot.",
    ),
    (
        reason(Cause.LOTTERY, line=None, drawn=1, tied=2),
        "not_selected",
        "17개 기관 중 2위(85.10점)로, 채점만으로 우열을 가릴 수 없는 3개 기관이 1곳을 두고 한 추첨에서 선정되지 "
        "않았습니다.",
        "Ranked 2nd of 17 with 85.10 points, one of 3 that drew lots because the sheets cannot tell them apart (1 "
        "won): "
        "not selected by lot.",
    ),
    (
        reason(Cause.OUT, line=None, drawn=1),
        "not_selected",
        "17개 기관 중 2위(85.10점)로, 추첨 대상 구간에 들지 못하여 선정되지 않았습니다.",
        "Ranked 2nd of 17 with 85.10 points, behind the tie zone: not selected, and no lot drawn.",
    ),
    (
        reason(Cause.OUT, line=None, drawn=1, position=3),
        "reserve",
        "17개 기관 중 2위(85.10점)로, 추첨 대상 구간보다 뒤에 있어 예비 3순위입니다.",
        "Ranked 2nd of 17 with 85.10 points, behind the tie zone: reserve no. 3.",
    ),
    (
        reason(Cause.AWARD_FLOOR, limit=Fraction(90)),
        "not_selected",
        "17개 기관 중 2위(85.10점)이지만, 선정 하한 90점에 이르지 못하여 선정되지 않았습니다.",
        "Ranked 2nd of 17 with 85.10 points, but not selected: below the award floor of 90 points.",
    ),
    (
        reason(Cause.THRESHOLD, criterion="work", limit=Fraction(6)),
        "not_selected",
        "17개 기관 중 2위(85.10점)이지만, ‘work’가 기준 6점에 이르지 못하여 선정되지 않았습니다.",
        "Ranked 2nd of 17 with 85.10 points, but not selected: “work” does not reach the threshold of 6 points.",
    ),
    (
        reason(Cause.NO_RESULT, rank=None, score=None, criterion="total"),
        "not_selected",
        "채점이나 보고된 수치가 빠져 ‘total’의 결과가 없으므로 순위를 매기지 않았습니다.",
        "Not ranked: there is no result for “total”, because marks or reported numbers are missing.",
    ),
]


@pytest.mark.parametrize(("why", "outcome", "korean", "english"), SENTENCES)
def test_every_cause_has_its_sentence(why: Reason, outcome: str, korean: str, english: str) -> None:
    said = [words.reason_words(why, RULES, language, outcome=outcome, names=NAMES) for language in LANGUAGES]  # type: ignore[arg-type]
    assert said == [korean, english]


def test_beside_an_official_calibrated_score_stands_the_tally() -> None:
    rules = parse(changed("[missing]", OFFICIAL.replace("places = 2", "places = 3")))
    why = reason(Cause.RANK, rank=1, score=Fraction("81.234"), tally=Fraction(80), tally_rank=4)
    said = [words.reason_words(why, rules, language, outcome="selected", names=NAMES) for language in LANGUAGES]
    assert said == [
        "17개 기관 중 1위(81.234점)로 선정되었습니다(선정 1곳). 점수는 보정 점수이며, 단순 집계(80.00점)로는 4위에 "
        "해당합니다.",
        "Selected: 1st of 17 with 81.234 points; the group has 1 place. The score is the calibrated one; by the plain "
        "tally, 80.00 points, it would rank 4th.",
    ]


def test_the_value_below_a_threshold_is_named_when_it_is_known() -> None:
    why = reason(Cause.THRESHOLD, criterion="work", limit=Fraction(6))
    said = words.reason_words(why, RULES, "ko", outcome="not_selected", value=Fraction("5.5"))
    assert "‘work’가 5.5점으로 기준 6점에 이르지 못하여" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("outcome", ["selected", "reserve", "not_selected"])
def test_no_combination_leaves_a_gap(language: str, cause: Cause, outcome: str) -> None:
    why = reason(cause, criterion="work", limit=Fraction(6), position=2, tied_with=("b",))
    said = words.reason_words(why, RULES, language, outcome=outcome, names=NAMES)  # type: ignore[arg-type]
    assert said.endswith(".")
    assert not BOTH_FORMS.search(said)


def test_outcomes_and_groups() -> None:
    said = [words.outcome_words(outcome, "ko", 3) for outcome in ("selected", "reserve", "not_selected")]  # type: ignore[arg-type]
    assert said == ["선정", "예비 3순위", "미선정"]
    result = GroupResult("b", 4, 2, 1, Fraction(7))
    assert words.group_summary(result, RULES, "en") == (
        "1 of 4 entrants selected. The last selected has 7.00 points. 1 of 2 places stay empty."
    )
    assert words.group_summary(result, RULES) == (
        "4개 기관 가운데 1곳을 선정했습니다. 선정 점수선은 7.00점입니다. 2개 자리 가운데 1개는 비워 두었습니다."
    )
    each = parse(changed('[[group]]\nid = "a"\nsize = 4\nquota = 1\n\n[[group]]\nid = "b"\nquota = 2\nreserve = 1',
                         "[each_group]\nquota = { best = true }"))  # fmt: skip
    assert words.group_name(each, "Men / Short") == "Men / Short"
