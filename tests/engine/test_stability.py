"""The selection without each reviewer, against doing it all again without the reviewer's sheets."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.selection import select, stability
from simsa.engine.tally import tally
from simsa.rules import Missing, Rules, parse
from tests.draws import draws
from tests.engine.sheets import sheets
from tests.rules.drawn import MARKS, rules_texts
from tests.rules.small import SMALL, changed

ENTRIES = Entries(("a", "b", "c", "d", "e"), ("g", "g", "g", "h", "h"))
REVIEWERS = ("r1", "r2", "r3", "r4")


def winners(rules: Rules, given: Sheets, reported: Reported | None = None) -> dict[str, set[str]]:
    chosen = select(rules, ENTRIES, tally(rules, ENTRIES, given, reported), seed="s").winners
    return {group: {s.entry for s in chosen if s.group == group} for group in ENTRIES.groups}


def by_hand(rules: Rules, given: Sheets, reported: Reported | None = None) -> set[tuple[object, ...]]:
    """(reviewer, group, who leaves, who enters), by tallying everything again."""
    before, found = winners(rules, given, reported), set()
    for reviewer in range(len(given.reviewers)):
        keep = given.reviewer != reviewer
        rest = replace(
            given,
            entry=given.entry[keep],
            reviewer=given.reviewer[keep],
            mark=given.mark[keep],
            status=given.status[keep],
        )
        for group, after in winners(rules, rest, reported).items():
            if after != before[group]:
                found.add((reviewer, group, frozenset(before[group] - after), frozenset(after - before[group])))
    return found


def told(rules: Rules, given: Sheets, reported: Reported | None = None) -> set[tuple[object, ...]]:
    ids = ENTRIES.ids
    return {
        (s.reviewer, s.group, frozenset(ids[n] for n in s.leaves), frozenset(ids[n] for n in s.enters))
        for s in stability(rules, ENTRIES, given, reported, seed="s").swaps
    }


@settings(max_examples=draws(100), deadline=None)
@given(st.data(), rules_texts(), st.integers(1, 2), st.booleans())
def test_it_is_the_tally_again_without_the_sheets(data: st.DataObject, text: str, quota: int, floor: bool) -> None:
    group = f"[each_group]\nquota = {quota}\n" + ('award_floor = "4"\nno_award = true\n' if floor else "")
    text = text.replace('[[group]]\nid = "a"\nquota = 1\n', group)
    rules = parse(text.replace('"refuse"', '"no_result"'))
    slots = data.draw(st.sets(st.tuples(st.sampled_from(ENTRIES.ids), st.sampled_from(REVIEWERS)), min_size=1))
    cell = MARKS.filter(lambda mark: not isinstance(mark, Missing)) if ' "sum"' in text else MARKS
    marks: dict[tuple[str, str], list[str | Missing]] = {
        slot: [data.draw(cell) for _ in rules.leaves] for slot in sorted(slots)
    }
    given = sheets(rules, ENTRIES, marks)
    assert told(rules, given) == by_hand(rules, given)


def test_many_at_a_time_or_few_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = parse(
        changed('[[group]]\nid = "a"\nsize = 4\nquota = 1\n\n[[group]]\nid = "b"', "[each_group]").replace(
            "quota = 2", "quota = 1"
        )
    )
    random = np.random.default_rng(4)
    marks = {
        (entry, reviewer): [str(Fraction(int(n), 2)) for n in random.integers(8, 14, 2)]
        for entry in ENTRIES.ids
        for reviewer in REVIEWERS
    }
    given = sheets(rules, ENTRIES, marks)  # type: ignore[arg-type]
    once = told(rules, given)
    assert once
    monkeypatch.setattr(sys.modules["simsa.engine.selection.stability"], "_ROWS", 1)
    assert told(rules, given) == once == by_hand(rules, given)


RANKED = """
simsa_rules = 1
round = { id = "r", name = "r", time_zone = "UTC" }
missing = { not_submitted = "leave_out", not_applicable = "leave_out", abstained = "leave_out", recused = "leave_out" }
each_group = { quota = 1 }
criterion = [
  { id = "total", combine = { method = "sum" } },
  { id = "panel", scale = { min = 0, max = 10, step = 1 }, \
    panel = { method = "mean", minimum = 2, below_minimum = "refuse" } },
  { id = "place", indicator = { method = "rank", field = "sales", points = { max = 4 } }, \
    missing = { not_submitted = "no_result" }, factor = { field = "size" } },
]
adjustment = [{ id = "late", kind = "deduction" }]
tie_break = [{ lot = true }]
"""


def test_what_entries_reported_stays_theirs_and_a_panel_too_small_gives_no_result() -> None:
    rules = parse(RANKED)
    numbers = {}
    for n, entry in enumerate(ENTRIES.ids):
        numbers |= {
            (entry, "", "sales"): Fraction(n),
            (entry, "", "size"): Fraction(1),
            (entry, "", "late"): Fraction(n, 9),
        }
    marks: dict[tuple[str, str], list[str | Missing]] = {
        (entry, reviewer): [mark]
        for entry, row in zip(ENTRIES.ids, ("999-", "95--", "6666", "87--", "7-77"), strict=True)
        for reviewer, mark in zip(REVIEWERS, row, strict=True)
        if mark != "-"
    }
    given = sheets(rules, ENTRIES, marks)
    reported = Reported(numbers)
    found = stability(rules, ENTRIES, given, reported, seed="s")
    assert found.reviewers == 4
    assert found.swaps == ()
    four = {key: marks[key] for key in marks if key[0] != "e"} | {("e", "r1"): ["9"], ("e", "r2"): ["9"]}
    found = stability(rules, ENTRIES, sheets(rules, ENTRIES, four), reported, seed="s")
    assert [(s.group, s.leaves, s.enters) for s in found.swaps] == [("h", (4,), ())] * 2  # nor d has a panel then
    assert found.needs == {4: (0, 1)}
    assert found.hindered == {}


def test_bad_input_is_refused() -> None:
    rules = parse(SMALL)
    with pytest.raises(InputError, match="is not in the rules"):
        stability(rules, ENTRIES, Sheets.none(rules))
