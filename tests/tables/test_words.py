"""Words: particles, exact numbers, a sentence for every outcome and cause, the whole of the rules in both languages."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.engine.calibration import Note, NoteCode
from simsa.engine.selection import Cause, GroupResult, Reason
from simsa.rules import Missing, Rules, load, parse, parse_decimal
from simsa.tables import words
from tests.rules.small import SMALL, changed

EXAMPLES = Path(__file__).parents[2] / "examples"
LANGUAGES = words.LANGUAGES
RULES = parse(SMALL)
NAMES = {"a": "가평군", "b": "나주시", "c": "다사읍", "d": "라산면", "e": "마포구"}
BOTH_FORMS = re.compile(r"은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|%\(\w+\)[sd]|%%")


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


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(words.LanguageError, match="'fr': choose one of ko, en"):
        words.translator("fr")


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


def test_places_are_those_that_the_rules_round_to() -> None:
    skating, proactive = load(EXAMPLES / "skating/rules.toml"), load(EXAMPLES / "proactive/rules.toml")
    assert words.score_places(skating) == 2  # a sum of components, each rounded to 0.01
    assert words.score_places(proactive) == 2
    assert words.score_places(RULES, "idea") is None  # a mean that is not rounded
    assert words.format_score(Fraction(7), RULES) == "7.00"
    at_the_root = 'combine = { method = "weighted_sum" }\nround = { places = 2, mode = "half_up" }'
    rounded_before = 'combine = { method = "weighted_sum", round = { places = 1 } }\nfactor = "0.25"'
    with_factor = parse(changed(at_the_root, rounded_before))
    assert words.score_places(with_factor) == 3


def test_points_and_ranks() -> None:
    assert (words.points(Fraction("87.5"), 2), words.points(Fraction("87.5"), 2, "en")) == ("87.50점", "87.50 points")
    assert (words.points(None, 2), words.points(None, 2, "en")) == ("결과 없음", "no result")
    assert [words.rank_words(n, "en") for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip
    assert words.rank_words(21) == "21위"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (1e-9, "<1%"), (0.004, "<1%"), (0.5, "50%"), (0.9949, "99%"), (0.996, ">99%"), (1.0, "100%")],
)
def test_a_chance_is_certain_only_if_it_is(share: float, text: str) -> None:
    assert words.percent(share) == text


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(NoteCode))
def test_every_note_of_the_calibration_is_said(language: str, code: NoteCode) -> None:
    data = {
        "component": "reviewer", "components": ("entrant", "residual"), "entrants": (0, 1), "blocks": 3,
        "groups": (1,), "reviewers": (5,), "reviewer": 0, "share": 0.1, "decrease": 1.5,
    }  # fmt: skip
    said = words.note_words(Note(code, data), language, groups=["가군", "나군"], entries=["가", "나"])
    assert said.endswith(".")
    assert not BOTH_FORMS.search(said)
    if code is NoteCode.EMPTY_GROUPS:
        assert "나군" in said
    if code is NoteCode.REVIEWERS_WITHOUT_SHEETS:
        assert "6" in said  # no name is known: counted from 1


def test_severity_and_missing_values() -> None:
    assert [words.severity_words(x) for x in (2.31, -0.46, 0.04)] == ["2.3점 엄격", "0.5점 관대", "평가단 평균 수준"]
    assert [words.missing_words(missing) for missing in Missing] == ["미제출", "해당 없음", "기권", "회피"]


def lines(rules: Rules, language: str) -> list[str]:
    return [line for section in words.rules_words(rules, language) for line in section.lines]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", ["proactive", "skating", "fiscal-efforts"])
def test_the_rules_of_the_examples_are_said_whole(example: str, language: str) -> None:
    rules = load(EXAMPLES / example / "rules.toml")
    said = "\n".join(lines(rules, language))
    assert not BOTH_FORMS.search(said)
    for node in rules.criteria:
        assert node.name.text(language) in said
    for group in rules.groups:
        assert group.id == "*" or group.name.text(language) in said
    if language == "ko":
        foreign = set(re.findall(r"[A-Za-z]{2,}", said))
        assert foreign <= {"SHA", "Asia", "Seoul", "factor"}


def test_the_reference_programme_in_words() -> None:
    rules = load(EXAMPLES / "proactive/rules.toml")
    korean = {section.key: section.lines for section in words.rules_words(rules)}
    assert korean["groups"][1] == (
        "시(75개 기관): 2곳을 선정합니다. 예비로 2곳을 순서대로 둡니다. 60점 미만은 선정하지 않습니다. "
        "자리를 비워 둘 수 있습니다."
    )
    assert korean["score"][-1] == (
        "종합점수: 적극행정 활용·홍보 20%, 적극행정 공무원 보호 20%, 적극행정 공무원 우대 20%, 우수사례 40%의 "
        "가중치로 더합니다. 한 실적의 채점표 가운데 높은 쪽 1개와 낮은 쪽 1개를 빼고 나머지를 평균합니다. "
        "채점표가 4개보다 적으면 모두 평균합니다. 소수점 아래 2자리까지 반올림합니다."
    )
    assert korean["missing"] == (
        "미제출, 해당 없음, 기권, 회피: 빼고 나머지로 계산합니다.",
        "빠진 값이 저절로 0점이 되는 일은 없습니다.",
    )
    assert korean["schedule"][0] == "공고: 2023년 6월 1일 09:00 (Asia/Seoul)"
    english = {section.key: section.lines for section in words.rules_words(rules, "en")}
    assert english["panel"] == (
        "Reviewers on the panel: 33.", "Reviewers who score an entry: 5.", "Entries that a reviewer scores: 30 to 40.",
    )  # fmt: skip


MEAN = 'panel = { method = "mean" }'
TIES = '[[tie_break]]\ncriterion = "work"'
LATE = '[[adjustment]]\nid = "late"\nkind = "deduction"\neach = "0.5"\ncap = 3\n\n'
FLOOR = '[[threshold]]\ncriterion = "work"\nat_least = 5\ngroups = ["a"]\n\n'
PARTS = [
    (
        "quota = 2",
        'quota = { share = "0.25", rounding = "half_up" }',
        "b: 25% of the entrants, rounded half up, are selected. 1 more is kept in reserve.",
    ),
    (
        MEAN,
        'panel = { method = "median", minimum = 2, below_minimum = "refuse" }',
        "idea: The median of the sheets of an entry is taken. With fewer than 2 sheets the tally stops.",
    ),
    (
        MEAN,
        'panel = { method = "consensus", spread = "1.5", otherwise = "median" }',
        "idea: The mean of the sheets of an entry is taken if they lie at most 1.5 points apart. "
        "Otherwise their median is taken.",
    ),
    (
        MEAN,
        MEAN + '\nfactor = { by_group = { a = 2, b = "1.5" } }',
        "idea: The mean of the sheets of an entry is taken. Multiplied by group: a × 2, b × 1.5.",
    ),
    (
        "drop_low = 1 }",
        'drop_low = 1, ties = "all" }\nat_most = 9',
        "work: Of the sheets of an entry the 1 highest and 1 lowest are dropped; the rest is averaged. "
        "Values equal to a dropped one are dropped too. With fewer than 3 sheets there is no result. "
        "More than 9 points counts as 9 points.",
    ),
    (
        'mode = "half_up"',
        'mode = "down"',
        "total: The weighted sum of idea 40% and work 60%. Cut off after 2 decimal places.",
    ),
    (
        'abstained = "leave_out"',
        'abstained = { value = "2.5" }',
        "abstained: counts as 2.5 points, as the rules declare.",
    ),
    (
        TIES,
        FLOOR + TIES,
        "In a, whoever has less than 5 points at “work” is not selected, whatever the rank.",
    ),
    (
        TIES,
        LATE + TIES,
        "total: The weighted sum of idea 40% and work 60%. Deduction “late”: the reported “late” × 0.5 is taken off. "
        "At most 3 points. Nothing reported: the tally stops. Rounded half up to 2 decimal places.",
    ),
    (
        TIES,
        TIES + '\nprefer = "lower"',
        "Among equals decide, in this order: (1) the lower “work”, (2) the lot.",
    ),
]


@pytest.mark.parametrize(("old", "new", "english"), PARTS)
def test_each_part_of_the_rules_has_its_sentence(old: str, new: str, english: str) -> None:
    rules = parse(changed(old, new))
    assert english in lines(rules, "en")
    assert not BOTH_FORMS.search("\n".join(lines(rules, "ko")))


@pytest.mark.parametrize(
    ("method", "english"),
    [
        ("max", "total: The highest of idea and work."),
        ("min", "total: The lowest of idea and work."),
        ("mean", "total: The mean of idea and work."),
        ("median", "total: The median of idea and work."),
        ("sum", "total: The sum of idea and work."),
    ],
)
def test_each_way_to_combine_has_its_sentence(method: str, english: str) -> None:
    text = changed('weight = "0.4"\n', "", changed("weight = 0.6\n", "", changed("weighted_sum", method)))
    rules = parse(changed('round = { places = 2, mode = "half_up" }\n', "", text))
    assert english in lines(rules, "en")
    assert not BOTH_FORMS.search("\n".join(lines(rules, "ko")))


def test_what_readers_say_of_a_row_in_korean() -> None:
    said = words.fault_words("has 12 fields, the header has 11", "ko")
    assert said == "칸이 12개인데 머리행은 11개임"
    assert words.fault_words("2014: gone", "ko") == "2014: gone"
    assert words.fault_words("is empty", "en") == "is empty"


def test_moments() -> None:
    assert words.moment_words("2023-07-07T18:00:00", "en") == "7 July 2023, 18:00"
