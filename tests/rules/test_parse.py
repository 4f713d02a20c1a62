import os
import subprocess
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import CalibrationRule, Lottery, Quota, Range, Rounding, RulesError, load, parse
from simsa.rules.validate import DEEPEST
from tests.rules.small import OFFICIAL, SMALL, changed

SMALL_HASH = "ac3c3b4df77ab34240a06188e665a05291413c88a859c6387b02ff14583d35cb"
EXAMPLES = Path(__file__).parents[2] / "examples"


def problem(text: str) -> str:
    with pytest.raises(RulesError) as caught:
        parse(text)
    return str(caught.value)


def test_numbers_are_exact_however_they_are_written() -> None:
    rules = parse(SMALL)
    assert rules.by_id["idea"].weight == Fraction(2, 5)
    assert rules.by_id["work"].weight == Fraction(3, 5)
    assert rules.mark_places == 1


def test_tree_and_leaves_keep_the_order_of_the_file() -> None:
    rules = parse(SMALL)
    assert [node.id for _, node in rules.walk()] == ["total", "idea", "work"]
    assert [leaf.id for leaf in rules.leaves] == ["idea", "work"]
    assert rules.name.text("ko") == "작은 평가"
    assert rules.name.text("en") == "Small round"


KIND = """[panel]
sheets_per_entry = 3
[[panel.kind]]
id = "s"
reviewer = "rank"
values = ["senior"]
per_entry = 1
"""


VOTE = """[vote]
voters = "public"
ballot = "ranked"
choices = 2
opens = 2024-02-01T09:00:00
closes = 2024-02-08T18:00:00

[missing]"""


@pytest.mark.parametrize("name", ["proactive", "skating", "fiscal-efforts"])
def test_example_rules_are_valid(name: str) -> None:
    assert len(load(EXAMPLES / name / "rules.toml").hash) == 64


@pytest.mark.parametrize(
    ("quota", "size", "places"),
    [
        (Quota(count=2), 5, 2),
        (Quota(count=9), 5, 5),
        (Quota(count=0), 5, 0),
        (Quota(best=True), 5, 1),
        (Quota(best=True), 0, 0),
        (Quota(share=Fraction(1, 10), rounding="down"), 75, 7),
        (Quota(share=Fraction(1, 10), rounding="half_up"), 75, 8),
        (Quota(share=Fraction(1, 10), rounding="up"), 71, 8),
        (Quota(share=Fraction(1, 10), rounding="half_up"), 74, 7),
    ],
)
def test_quota_places(quota: Quota, size: int, places: int) -> None:
    assert quota.places(size) == places


def test_every_problem_is_named_at_once_with_its_line() -> None:
    text = changed('time_zone = "Asia/Seoul"', 'time_zone = "Seoul!"')
    text = changed("quota = 1", "quota = true", text)
    text = changed('step = "0.5" }\npanel = { method = "mean" }', 'step = 3 }\npanel = { method = "average" }', text)
    message = problem(text)
    assert message.startswith("rules: 4 problems")
    assert "line 7, round.time_zone: 'Seoul!' is not a time zone (an IANA name, e.g. Asia/Seoul)" in message
    assert "line 12, group[1].quota: is true" in message
    assert "line 33, criterion[2].scale.step: does not lead from 0 to 10" in message
    assert "line 34, criterion[2].panel.method: is 'average' (one of mean, median, trimmed_mean, consensus)" in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("simsa_rules = 1", "", "simsa_rules: is missing"),
        ("simsa_rules = 1", "simsa_rules = 2", "is 2 (simsa_rules = 1)"),
        ('id = "small"', 'id = "two words"', "is not an identifier"),
        ('id = "small"', 'id = "a–b"', "line 5, round.id: 'a–b' is not an identifier"),
        ('"Asia/Seoul"', '"Mars/Base"', "line 7, round.time_zone: 'Mars/Base' is not a time zone"),
        ("size = 4", 'sise = "4"', "did you mean size?"),
        ("quota = 1", "quota = { count = 1, share = 0.5 }", "has count and share at once"),
        ("quota = 1", "quota = { share = 1.5 }", "more than 0 and at most 1"),
        ("quota = 1", "quota = 5", "is 5, but the group has 4"),
        ("quota = 1", "quota = 3\nreserve = 2", "2 behind 3 exceed the group's 4"),
        ("quota = 1", "quota = 1\naward_floor = 5", "no_award = true, or remove the floor"),
        ("quota = 1", "quota = 1\nno_award = true", "says that a place may stay empty, but not when"),
        ('id = "b"', 'id = "a"', "'a' is used 2 times"),
        ('recused = "leave_out"', "", "missing.recused: is missing"),
        ('recused = "leave_out"', "recused = 0", 'or { value = "0" } where a number is really meant'),
        ('weight = "0.4"', 'weight = "0.3"', "add up to 0.9 (idea 0.3 + work 0.6) (weights_sum is 1)"),
        ('weight = "0.4"', "", "weight: is missing"),
        ('weight = "0.4"', 'weight = "2/5"', "is '2/5' (a decimal"),
        ('weight = "0.4"', "weight = nan", "criterion[2].weight"),
        ('id = "work"', 'id = "work"\nparent = "nowhere"', "'nowhere' is no criterion"),
        ('id = "work"', 'id = "work"\nparent = "work"', "is among its own ancestors"),
        ("drop_low = 1 }", "drop_low = 1, minimum = 2 }", "2 marks are not enough to drop 1 + 1"),
        ("drop_high = 1, drop_low = 1 }", "drop_high = 0 }", "drops nothing"),
        ("[missing]", KIND.replace("per_entry = 1\n", "") + "[missing]", "panel.kind[1].per_entry: sets no limit"),
        (
            "[missing]",
            KIND.replace("= 1", "= {min = 4}") + "[missing]",
            "asks for 4 of the 3 sheets that an entry gets",
        ),
        ("[missing]", KIND.replace('["senior"]', "[]") + "[missing]", "panel.kind[1].values: names none"),
        ("[missing]", KIND + KIND.partition("3\n")[2] + "[missing]", "'s' is used 2 times"),
        ("[missing]", KIND.replace("reviewer", "field") + "[missing]", "panel.kind[1].reviewer: is missing"),
        ('panel = { method = "mean" }', "", "the marks at 'idea' are never aggregated over the panel"),
        (
            'combine = { method = "weighted_sum" }',
            'combine = { method = "weighted_sum" }\npanel = { method = "mean" }',
            "the marks at 'idea' are aggregated over the panel at idea and at total",
        ),
        ('criterion = "work"\n', 'criterion = "wrok"\n', "'wrok' is no criterion (known: total, idea, work)"),
        ("quota = 1", "quota = { best = false }", "best = true, or leave it out"),
        ("[[tie_break]]\nlot = true", "[[tie_break]]\nlot = false", "lot = true, or leave it out"),
        ("lot = true", 'lot = true\ncriterion = "work"', "criterion: is not a known key"),
        ("weight = 0.6", "weight = 0.6\nfactor = { by_group = {} }", "names no group"),
        ("weight = 0.6", 'weight = 0.6\nfactor = { field = "f", allowed = "1.5" }', "is not a list"),
        ("quota = 1", "quota = 1\nno_award = true\naward_floor = 1e99999999", "a decimal, e.g. 0.25"),
        ('recused = "leave_out"', 'recused = { value = "500" }', "missing.recused: 500 is outside the scale of 'idea'"),
        ('max = 10, step = "0.5"', 'max = 10, step = "0.00000000000000000005"', "is too fine for its length"),
        ('id = "idea"', 'id = "group"', "'group' is the name of another column in the tally"),
        ("[missing]", "[panel]\nsize = 2\n\n[missing]", "needs 3 marks from a panel of at most 2"),
        ("[[tie_break]]\nlot = true", "", "does not end in a lot"),
        ('[[tie_break]]\ncriterion = "work"', "[[tie_break]]\nlot = true", "is not the last"),
        ("min = 0, max = 10", "min = 10, max = 0", "not above min"),
        ("places = 2", "places = 99", "from 0 to 12"),
        ('mode = "half_up"', 'mode = "bankers"', "one of half_up, half_even, down"),
        (
            "[missing]",
            "[panel]\nsize = 3\nsheets_per_entry = 5\n\n[missing]",
            "asks for 5 sheets per entry from a panel",
        ),
        ("[missing]", "[panel]\nsheets_per_entry = 2\n\n[missing]", "needs 3 marks, but an entry gets at most 2"),
        ("[missing]", "[panel]\nload = { min = 5, max = 2 }\n\n[missing]", "is 5, above max 2"),
        (
            "[missing]",
            "[schedule]\ncall = 2023-06-02T00:00:00\ndeadline = 2023-06-01T00:00:00\n\n[missing]",
            "is before call",
        ),
        (
            "[missing]",
            "[schedule]\ngrace_until = 2023-06-02T00:00:00\n\n[missing]",
            "is a time of grace after no deadline",
        ),
        (
            "[missing]",
            "[schedule]\ndeadline = 2023-06-02T00:00:00\ngrace_until = 2023-06-01T00:00:00\n\n[missing]",
            "is before deadline",
        ),
        (
            "[missing]",
            "[[threshold]]\ncriterion = 'idea'\nat_least = 5\ngroups = ['z']\n\n[missing]",
            "'z' is no group",
        ),
        (
            "[missing]",
            "[[threshold]]\ncriterion = 'idea'\nat_least = 10.5\n\n[missing]",
            "threshold[1].at_least: is 10.5, and 'idea' comes to 10 at most: nobody could be selected",
        ),
        ("quota = 1", "quota = 1\nno_award = true\naward_floor = 11", "group[1].award_floor: is 11, and 'total' comes"),
        ('id = "work"\n', 'id = "work"\nat_least = 12\n', "criterion[3].at_least: is 12, and no value comes up to it"),
        ('id = "work"\n', 'id = "work"\nat_most = -1\n', "criterion[3].at_most: is -1, and every value is above it"),
        ("[missing]", "[lottery]\n\n[missing]", "lottery.confidence: is missing"),
        ("[missing]", '[lottery]\nconfidence = "0.4"\n\n[missing]', "is 0.4 (from 0.5 to less than 1)"),
        ("[missing]", "[lottery]\nconfidence = 1\n\n[missing]", "is 1 (from 0.5 to less than 1)"),
        ("[missing]", "[lottery]\nconfidence = 0.9\ndraws = 10\n\n[missing]", "from 1000 to 1000000"),
        ("[missing]", "[lottery]\nconfidence = 0.9\nlots = 3\n\n[missing]", "lottery.lots: is not a known key"),
        (
            'zone = "Asia/Seoul"',
            'zone = "Asia/Seoul"\nrank_by = "work"\n[lottery]\nconfidence = 0.9',
            "rank_by = 'work'",
        ),
        (
            "[missing]",
            '[lottery]\nconfidence = 0.9\n\n[[adjustment]]\nid = "late"\nkind = "bonus"\n\n[missing]',
            "but ranks are made with the bonus 'late'",
        ),
        ("[missing]", "[calibration]\nofficial = 1\n[missing]", "calibration.official: is a whole number"),
        ("[missing]", "[calibration]\nofficial = true\n[missing]", "calibration.round: is missing"),
        ("[missing]", "[calibration]\nround = { places = 2 }\n[missing]", "calibration.round: has no effect"),
        ("[missing]", "[calibration]\ndigits = 1\n[missing]", "calibration.digits: is 1 (from 2 to 12)"),
        ("[missing]", '[calibration]\nreviewers = "all"\n[missing]', "(one of own, alike)"),
        ("[missing]", "[calibration]\nofficially = true\n[missing]", "did you mean official?"),
        (
            'zone = "Asia/Seoul"',
            'zone = "Asia/Seoul"\nrank_by = "work"\n[calibration]\nofficial = true\nround = { places = 2 }',
            "the calibrated score is of the sheets alone, but ranks are made with rank_by = 'work'",
        ),
        (
            "[missing]",
            OFFICIAL.replace("[missing]", '[[adjustment]]\nid = "late"\nkind = "bonus"\n\n[missing]'),
            "but ranks are made with the bonus 'late'",
        ),
        (
            'id = "work"\n',
            'id = "work"\nat_most = 9\n[calibration]\nofficial = true\nround.places = 2\n[[criterion]]\nid = "x"\n',
            "criterion[3].at_most: limits 'work', and the official calibrated score knows no limits",
        ),
        ("[missing]", "[adjustment_caps]\nbonus = 5\n\n[missing]", "adjustment_caps.bonus: has no effect"),
        ("[[tie_break]]\nlot", '[[tie_break]]\ncriterion = "work"\n\n[[tie_break]]\nlot', "asks for 'work' again"),
        (
            'criterion = "work"\n\n[[tie',
            'criterion = "total"\n\n[[tie',
            "tie_break[1].criterion: is 'total', by which the ranks are made",
        ),
        (
            "quota = 1",
            "quota = 0x" + "f" * 5000,
            "quota.count: is a whole number of too many digits (from 0 to 1000000000)",
        ),
        ("drop_low = 1", "drop_low = 99999999999999999999", "drop_low: is 99999999999999999999"),
        ("quota = 1", "quota = 2023-07-01", "quota: is 2023-07-01"),
        ("quota = 1", "quota = 1.5", "quota: is 1.5"),
        ('step = "0.5"', 'step = "-0.5"', "step: is -0.5 (more than 0)"),
        ("[missing]", "[schedule]\ncall = 2023-07-01\n\n[missing]", "call: is 2023-07-01 (a local date and time"),
        ("[missing]", '[entries]\ncurrency = "won"\n\n[missing]', "entries.currency: is 'won' (three capital letters"),
        (
            "[missing]",
            '[[entries.exchange]]\ncurrency = "USD"\nrate = 0\ndate = 1\n\n[missing]',
            "exchange[1].rate: is 0",
        ),
        ("[missing]", "[entries]\ntext_limit = 0\n\n[missing]", "entries.text_limit: is 0"),
        ("[missing]", '[entries]\npeers = "all"\n\n[missing]', "entries.peers: is 'all' (one of none, view, object)"),
        ("[missing]", VOTE, "vote: gives points that no indicator"),
        ("[missing]", VOTE.replace("2024-02-08", "2024-01-01"), "vote.closes: is 2024-01-01T18:00:00, not after"),
        ("[missing]", VOTE.replace("choices = 2", "choices = 0"), "vote.choices: lets a ballot name nobody"),
        ("[missing]", VOTE.replace("choices = 2", "choices = { min = 1 }"), "vote.choices: does not say how many"),
        ("[missing]", VOTE.replace("choices = 2", "points = [2, 1]"), "vote.points: are 2 for 3 places"),
        ("[missing]", VOTE.replace("choices = 2", "points = [1, 2, 3]"), "vote.points: are below 0, or rise"),
        ("[missing]", VOTE.replace('"ranked"', '"score"'), "vote.scale: is missing"),
        (
            "[missing]",
            VOTE.replace("[vote]", "[schedule]\nscoring_until = 2024-02-01T00:00:00\n\n[vote]"),
            "vote.closes: is after scoring_until",
        ),
        ("[missing]", "[meeting]\nspread = 0\n\n[missing]", "meeting.spread: is 0 (more than 0"),
        ("[missing]", '[meeting]\nmarks = "vary"\n\n[missing]', "meeting.marks: is 'vary' (one of stay, change)"),
        ("[missing]", '[meeting]\ncriterion = "cost"\n\n[missing]', "meeting.criterion: 'cost' is no criterion that"),
        ("[missing]", "[meeting]\nvotes = 1\n\n[missing]", "meeting.votes"),
        ("[[tie_break]]", "[each_group]\nquota = 1\n\n[[tie_break]]", "stands beside [[group]]"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(old: str, new: str, expected: str) -> None:
    assert expected in problem(changed(old, new))


def test_a_bonus_and_a_factor_carry_a_value_above_its_scale() -> None:
    """What a threshold can ask for is what can be reached, not the scale."""
    floor = changed("[missing]", "[[threshold]]\ncriterion = 'total'\nat_least = 14\n\n[missing]")
    bonus = '[[adjustment]]\nid = "extra"\nkind = "bonus"\ncap = {}\n\n[missing]'
    assert "comes to 13 at most" in problem(changed("[missing]", bonus.format(3), floor))
    parse(changed("[missing]", bonus.format(4), floor))
    parse(changed("cap = 3\n", "", changed("[missing]", bonus.format(3), floor)))
    parse(changed('round = { places = 2, mode = "half_up" }', 'factor = "1.4"', floor))
    by_group = 'factor = { by_group = { a = "1.4", b = "1.3" } }'
    assert "comes to 13 at most" in problem(changed('round = { places = 2, mode = "half_up" }', by_group, floor))
    assert parse(
        changed("14\n", "14\ngroups = ['a']\n", changed('round = { places = 2, mode = "half_up" }', by_group, floor))
    )


def test_a_sheet_level_node_cannot_rank_or_break_ties() -> None:
    text = changed(
        'combine = { method = "weighted_sum" }', 'combine = { method = "weighted_sum" }\npanel = { method = "mean" }'
    )
    text = changed('panel = { method = "mean" }\n\n[[criterion]]\nid = "work"', '\n[[criterion]]\nid = "work"', text)
    text = changed('panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }', "", text)
    assert "'work' belongs to each sheet, not to the entry" in problem(text)


def test_leaving_out_in_a_sum_would_count_as_zero() -> None:
    text = changed('combine = { method = "weighted_sum" }', 'combine = { method = "sum" }\npanel = { method = "mean" }')
    text = changed('weight = "0.4"', "", text).replace("weight = 0.6", "")
    text = changed('panel = { method = "mean" }\n\n[[criterion]]\nid = "work"', '\n[[criterion]]\nid = "work"', text)
    text = changed('panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }', "", text)
    text = changed('[[tie_break]]\ncriterion = "work"\n', "", text)
    assert "in a sum that counts as zero" in problem(text)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b"[round", b"a = " + b"9" * 5000, b"a = " + b"[" * 3000, b"a = 1\na = 2\n", "가 = 나".encode()],
)
def test_what_is_not_toml_is_refused_in_one_line(data: bytes) -> None:
    assert "file:" in problem(data)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_never_crashes(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    position = data.draw(st.integers(0, len(lines) - 1))
    lines[position] = data.draw(st.sampled_from(["", "x = 1", "quota = []", "combine = 3", "weight = {}", "[[group]]"]))
    try:
        parse("\n".join(lines))
    except RulesError as error:
        problems = error.problems
    else:
        problems = ()
    assert all(found.what for found in problems)


def test_hash_is_the_same_for_any_formatting_and_order_of_keys() -> None:
    wanted = parse(SMALL).hash
    assert parse("# a comment\n" + SMALL.replace(" = ", "=")).hash == wanted
    assert (
        parse(
            changed('name = { ko = "작은 평가", en = "Small round" }', 'name.en = "Small round"\nname.ko = "작은 평가"')
        ).hash
        == wanted
    )
    assert parse(changed('weight = "0.4"', "weight = 0.40")).hash == wanted
    assert parse(changed("quota = 1", "reserve = 0\nquota = { count = 1 }")).hash == wanted  # a default said aloud
    decomposed = unicodedata.normalize("NFD", SMALL)  # the same syllables as separate letters
    assert decomposed != SMALL
    assert parse(decomposed).hash == wanted
    blocks = SMALL.replace("\n[missing]", "\x00[missing]").split("\x00")
    head, tail = blocks[0], blocks[1]
    missing, rest = tail.split("\n[[criterion]]", 1)
    assert parse(head + "\n[[criterion]]" + rest + "\n" + missing).hash == wanted


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quota = 1", "quota = 2"),
        ('mode = "half_up"', 'mode = "half_even"'),
        ("Small round", "Small  round"),
        ("0.6", "0.60\nfactor = 1"),
    ],
)
def test_hash_changes_with_what_is_said(old: str, new: str) -> None:
    assert parse(changed(old, new)).hash != parse(SMALL).hash


def test_a_lottery_is_part_of_what_is_said_and_none_leaves_the_hash_as_it_was() -> None:
    plain = parse(SMALL)
    assert plain.lottery is None
    assert b"lottery" not in plain.canonical
    assert plain.hash == SMALL_HASH
    one = parse(changed("[missing]", '[lottery]\nconfidence = "0.90"\n\n[missing]'))
    assert one.lottery == Lottery(Fraction(9, 10), 4000)
    assert b'"lottery":{"confidence":"0.9"}' in one.canonical
    same = parse(changed("[missing]", "[lottery]\ndraws = 4000\nconfidence = 0.9\n\n[missing]"))
    other = parse(changed("[missing]", "[lottery]\ndraws = 5000\nconfidence = 0.9\n\n[missing]"))
    assert len({plain.hash, one.hash, other.hash}) == 3
    assert same.hash == one.hash


def test_an_official_calibration_is_part_of_what_is_said_and_none_leaves_the_hash_as_it_was() -> None:
    plain = parse(SMALL)
    assert plain.calibration == CalibrationRule()
    assert b"calibration" not in plain.canonical
    as_it_is = '[calibration]\nofficial = false\nreviewers = "own"\ndigits = 4\n\n[missing]'
    assert parse(changed("[missing]", as_it_is)).hash == plain.hash == SMALL_HASH
    one = parse(changed("[missing]", OFFICIAL))
    assert one.calibration == CalibrationRule(official=True, round=Rounding(2))
    assert b'"calibration":{"official":true,"round":{"places":2}}' in one.canonical
    other = parse(changed("[missing]", OFFICIAL.replace("official", "digits = 5\nofficial", 1)))
    assert len({plain.hash, one.hash, other.hash}) == 3


def test_an_official_calibrated_score_may_ask_the_tally_among_equals_and_lie_beyond_the_scale() -> None:
    text = changed('criterion = "work"\n\n[[tie', 'criterion = "total"\n\n[[tie')
    text = text.replace("quota = 1", "quota = 1\nno_award = true\naward_floor = 11")
    assert parse(text.replace("[missing]", OFFICIAL)).tie_breaks[0].criterion == "total"


def test_kinds_are_part_of_what_is_said_and_their_values_have_no_order() -> None:
    two = KIND.replace('["senior"]', '["senior", "head"]')
    rules = parse(changed("[missing]", two + "[missing]"))
    (kind,) = rules.panel.kinds
    assert (kind.id, kind.reviewer, kind.values) == ("s", "rank", ("head", "senior"))
    assert kind.per_entry == Range(1, 1)
    turned = parse(changed("[missing]", KIND.replace('["senior"]', '["head", "senior", "head"]') + "[missing]"))
    assert rules.hash == turned.hash != parse(changed("[missing]", KIND + "[missing]")).hash
    faulty = problem(changed("[missing]", KIND.replace('"rank"', "3") + "[missing]"))
    assert "line 23, panel.kind[1].reviewer: is a whole number" in faulty


def test_hash_does_not_depend_on_the_process() -> None:
    script = "import sys; from simsa.rules import parse; print(parse(sys.stdin.read()).hash)"
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=SMALL,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {parse(SMALL).hash}


def test_canonical_form_is_strings_and_integers_alone() -> None:
    canonical = parse(SMALL).canonical
    assert canonical.startswith(b'{"criteria":[{"combine":{"method":"weighted_sum"},"id":"total"')
    assert b"0.4" in canonical
    assert b'"weight":"0.6"' in canonical
    assert "작은 평가".encode() in canonical


def test_lines_are_counted_as_toml_counts_them() -> None:
    damaged = changed('method = "weighted_sum"', 'method = "weigh"')
    line = damaged[: damaged.index('method = "weigh"')].count("\n") + 1
    assert f"line {line}, criterion[1].combine.method" in problem(damaged)
    for other in "\u2028\u0085":  # line separators elsewhere, but not in TOML
        assert f"line {line}, criterion[1].combine.method" in problem(changed('"Small', f'"{other}Small', damaged))


def test_a_tree_of_too_many_levels_is_refused_and_of_twenty_is_not() -> None:
    def deep(levels: int) -> str:
        nodes = [
            f'[[criterion]]\nid = "n{n}"\nparent = "n{n - 1}"\ncombine = {{ method = "mean" }}'
            for n in range(1, levels)
        ]
        chain = "\n\n".join(['[[criterion]]\nid = "n0"\ncombine = { method = "mean" }', *nodes])
        leaf = f'\n\n[[criterion]]\nid = "leaf"\nparent = "n{levels - 1}"\n'
        leaf += (
            'scale = { min = 0, max = 1, step = 1 }\npanel = { method = "mean" }\n\n[[tie_break]]\ncriterion = "work"'
        )
        text = (
            changed('method = "weighted_sum"', 'method = "mean"')
            .replace('weight = "0.4"\n', "")
            .replace("weight = 0.6\n", "")
        )
        return changed('[[tie_break]]\ncriterion = "work"', chain + leaf, text)

    parse(deep(DEEPEST - 1))
    assert f"'leaf' lies more than {DEEPEST} levels below total" in problem(deep(DEEPEST))
    assert "levels below total" in problem(deep(1200))
