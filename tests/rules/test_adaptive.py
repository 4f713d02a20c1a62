"""[adaptive]: what is read, what is refused and where, and what it makes of the panel's limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import Adaptive, Range, Rules, RulesError, parse
from tests.rules.small import SMALL, changed

ADAPTIVE = """[panel]
sheets_per_entry = 3
load = { min = 10, max = 25 }
[adaptive]
held_back = "0.6"
[missing]"""


def with_adaptive(more: str = "", text: str = ADAPTIVE) -> Rules:
    return parse(changed("[missing]", text.replace("[missing]", f"{more}\n[missing]")))


def test_what_is_said_is_read_and_the_rest_has_its_default() -> None:
    assert parse(SMALL).adaptive is None
    assert with_adaptive().adaptive == Adaptive(Fraction(3, 5), 3, None, Fraction(0))
    full = with_adaptive('batches = 2\nmost_per_entry = 9\nleast_gain = "0.25"').adaptive
    assert full == Adaptive(Fraction(3, 5), 2, 9, Fraction(1, 4))


def test_the_hash_knows_it_and_defaults_do_not_change_it() -> None:
    plain = with_adaptive()
    assert with_adaptive("batches = 3\nleast_gain = 0").hash == plain.hash
    others = ("batches = 4", "most_per_entry = 7", "least_gain = 1")
    assert len({plain.hash, parse(SMALL).hash, *(with_adaptive(more).hash for more in others)}) == 5
    assert b'"adaptive":{"held_back":"0.6"}' in plain.canonical


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('held_back = "0.6"', "", "line 22, adaptive.held_back: is missing"),
        ('"0.6"', "0", "line 23, adaptive.held_back: is 0 (more than 0 and less than 1)"),
        ('"0.6"', "1", "line 23, adaptive.held_back: is 1 (more than 0 and less than 1)"),
        ('"0.6"', '"much"', "line 23, adaptive.held_back"),
        ('"0.6"', '"0.6"\nbatches = 0', "line 24, adaptive.batches"),
        ('"0.6"', '"0.6"\nbatches = 21', "line 24, adaptive.batches"),
        ('"0.6"', '"0.6"\nleast_gain = -1', "line 24, adaptive.least_gain"),
        ('"0.6"', '"0.6"\nmost = 5', "known here: batches, held_back, least_gain, most_per_entry"),
        ('"0.6"', '"0.6"\nmost_per_entry = 3', "line 24, adaptive.most_per_entry: is 3, and every entry has 3 after"),
        (
            "= 3",
            "= { min = 2, max = 3 }",
            "line 22, adaptive: holds back a share of the reviews beside the first round's",
        ),
        ("sheets_per_entry = 3", "", "sheets_per_entry is no single number"),
    ],
)
def test_each_fault_is_named_with_its_line(old: str, new: str, expected: str) -> None:
    assert old in ADAPTIVE
    with pytest.raises(RulesError) as caught:
        with_adaptive(text=ADAPTIVE.replace(old, new, 1))
    assert expected in str(caught.value)


def test_ranks_must_be_made_of_marks_alone() -> None:
    late = '[[adjustment]]\nid = "late"\nkind = "deduction"\neach = 1\ncap = 3\n'
    with pytest.raises(RulesError, match="ranks are made with the deduction 'late'"):
        with_adaptive(text=late + ADAPTIVE)


def test_the_first_round_must_have_a_result() -> None:
    two = ADAPTIVE.replace("= 3", "= 2")
    with pytest.raises(RulesError, match=r"criterion\[3\].panel: has no value of fewer than 3 sheets, and the first"):
        with_adaptive(text=two)
    fewer = changed("drop_low = 1 }", 'drop_low = 1, below_minimum = "mean" }')
    assert parse(fewer.replace("[missing]", two, 1)).adaptive is not None


def test_a_minimum_above_the_first_round_is_not_above_all_rounds() -> None:
    two = ADAPTIVE.replace("= 3", "= 2")
    text = changed("drop_low = 1 }", 'drop_low = 1, minimum = 5, below_minimum = "median" }')
    assert parse(text.replace("[missing]", two, 1))
    with pytest.raises(RulesError, match=r"needs 5 marks, but an entry gets at most 4 sheets \(at most adaptive.most"):
        parse(text.replace("[missing]", two.replace("[missing]", "most_per_entry = 4\n[missing]"), 1))


def test_the_first_round_has_its_share_of_the_load_and_the_whole_the_rest() -> None:
    rules = with_adaptive("most_per_entry = 9")
    assert (rules.first_panel.sheets_per_entry, rules.first_panel.load) == (Range(3, 3), Range(4, 10))
    assert (rules.whole_panel.sheets_per_entry, rules.whole_panel.load) == (Range(3, 9), Range(4, 25))
    plain = parse(SMALL)
    assert plain.first_panel is plain.whole_panel is plain.panel


@settings(deadline=None)
@given(st.fractions("0.01", "0.99", max_denominator=100), st.integers(1, 60), st.integers(0, 60))
def test_the_first_rounds_load_is_never_more_than_the_whole(share: Fraction, most: int, least: int) -> None:
    low = min(least, most)
    text = ADAPTIVE.replace("min = 10, max = 25", f"min = {low}, max = {most}")
    try:
        held = format(float(share), ".2f")
        rules = with_adaptive(text=text.replace("0.6", held))
    except RulesError:
        return
    first = rules.first_panel.load
    assert first.min is not None
    assert first.max is not None
    assert 0 <= first.min <= first.max <= most
    kept = 1 - Fraction(held)
    assert first.min <= kept * low < first.min + 1
    assert first.max - 1 < kept * most <= first.max
