"""The rules in plain sentences: the whole of them, in both languages."""

from __future__ import annotations

import re

import pytest

from simsa.rules import Missing, Rules, load, parse
from simsa.tables import words
from tests.rules.complete import LEVELLED
from tests.rules.small import OFFICIAL, changed
from tests.tables.words.forms import BOTH_FORMS, EXAMPLES, LANGUAGES


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
        "Abstained: counts as 2.5 points, as the rules declare.",
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


def test_levels_and_what_marks_mean_have_their_sentences() -> None:
    rules = parse(LEVELLED)
    assert lines(rules, "en")[2:6] == [
        "idea: marked by the panel from 0 to 10 in steps of 0.5.",
        "work: marked by the panel with one of these levels: 수 (95), A+ Good (87.5), 가 (−1).",
        "idea: the marks mean: 2.5 미흡; 10 Outstanding: 모든 기관이 따라 할 만하다.",
        "work: the marks mean: 수: Without a flaw.",
    ]
    assert "work: 평가단이 다음 등급 가운데 하나를 부여합니다: 수 (95), A+ 우 (87.5), 가 (−1)." in lines(rules, "ko")
    assert not BOTH_FORMS.search("\n".join(lines(rules, "ko")))


def test_what_missing_values_are_called() -> None:
    assert [words.missing_words(missing) for missing in Missing] == ["미제출", "해당 없음", "기권", "회피"]


HELD_BACK = """[panel]
sheets_per_entry = 3
load = { max = 10 }
[adaptive]
held_back = "0.6"
"""


def test_an_adaptive_round_is_told_whole() -> None:
    rules = parse(changed("[missing]", HELD_BACK + 'most_per_entry = 9\nleast_gain = "0.25"\n[missing]'))
    panel = {section.key: section.lines for section in words.rules_words(rules, "en")}["panel"]
    assert panel == (
        "Reviewers who score an entry in the first round: 3.",
        "Entries that a reviewer scores in the first round: at most 4.",
        "Entries that a reviewer scores in all: at most 10.",
        "Of all reviews 60% are held back. After the first round they go, in up to 3 batches, to the entries of which "
        "the sheets leave open whether they are selected: the more open, the more reviews.",
        "No entry is scored by more than 9 reviewers.",
        "No more reviews are given out when a batch is expected to better the selection by less than 0.25 points for "
        "each place.",
        "Reviewers are not told why an entry comes to them.",
    )
    korean = "\n".join(lines(rules, "ko"))
    assert not BOTH_FORMS.search(korean)
    assert "전체 채점의 60%는 남겨 둡니다." in korean
    plain = parse(changed("[missing]", HELD_BACK + "[missing]"))
    said = "\n".join(lines(plain, "en"))
    assert "more than" not in said
    assert "expected to better" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reviewers", ["own", "alike"])
def test_an_official_calibrated_score_is_said(language: str, reviewers: str) -> None:
    text = OFFICIAL.replace("official", f'reviewers = "{reviewers}"\ndigits = 5\nofficial', 1)
    said = next(s for s in words.rules_words(parse(changed("[missing]", text)), language) if s.key == "selection")
    assert ("보정 점수" if language == "ko" else "calibrated score") in said.lines[0]
    assert ("잡음" in said.lines[0] or "noise" in said.lines[0]) is (reviewers == "own")
    assert "5" in said.lines[0]
    assert "2" in said.lines[1]
    assert not BOTH_FORMS.search(" ".join(said.lines))
