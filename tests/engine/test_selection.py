from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError
from simsa.engine.lots import lot
from simsa.engine.selection import TIED_NAMED, Cause, SelectionError, select
from simsa.engine.tally import Tally
from simsa.rules import Rules, parse
from tests.rules.small import SMALL, changed

ENTRIES = Entries(("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"), ("a",) * 4 + ("b",) * 4)


def tallied(rules: Rules, entries: Entries, **nodes: list[str | None]) -> Tally:
    """A tally with these values at these nodes (unrounded the same unless given as NODE_exact)."""
    columns = {key: Column.from_values([None if v is None else Fraction(v) for v in row]) for key, row in nodes.items()}
    values = {key: column for key, column in columns.items() if not key.endswith("_exact")}
    return Tally(
        rules_hash=rules.hash,
        entries=entries.ids,
        values=values,
        unrounded={key: columns.get(f"{key}_exact", column) for key, column in values.items()},
        panels={},
        sheets_used=np.zeros(len(entries), np.int64),
        sheet_totals=Column.from_values([]),
    )


def outcome(
    rules: Rules, seed: str | None = None, entries: Entries = ENTRIES, **nodes: list[str | None]
) -> dict[str, str]:
    found = select(rules, entries, tallied(rules, entries, **nodes), seed=seed)
    return {
        s.entry: f"{s.rank} {s.outcome} {s.reason.cause}" + (f" {s.reason.position}" if s.reason.position else "")
        for s in found.standings
    }


def test_quota_reserve_and_rank() -> None:
    rules = parse(SMALL)
    found = outcome(rules, total=["5", "9", None, "7", "1", "4", "3", "2"], work=["0"] * 8)
    assert found == {
        "a2": "1 selected rank",
        "a4": "2 not_selected rank",
        "a1": "3 not_selected rank",
        "a3": "None not_selected no_result",
        "b2": "1 selected rank",
        "b3": "2 selected rank",
        "b4": "3 reserve rank 1",
        "b1": "4 not_selected rank",
    }


def test_tie_breaks_are_asked_in_order_and_named() -> None:
    rules = parse(SMALL)
    selection = select(
        rules,
        ENTRIES,
        tallied(rules, ENTRIES, total=["5", "5", "5", "1", "9", "8", "7", "6"], work=["1", "3", "2", "9", *"0000"]),
    )
    standing = {standing.entry: standing for standing in selection.standings}["a2"]
    assert standing.selected
    assert standing.reason.cause is Cause.TIE_BREAK
    assert standing.reason.criterion == "work"
    assert standing.reason.tied_with == ("a3", "a1")
    assert standing.reason.tied == 2
    assert [s.rank for s in selection.standings if s.group == "a"] == [1, 2, 3, 4]
    assert selection.lots_drawn == ()


def test_a_lot_is_drawn_only_where_it_decides() -> None:
    rules = parse(SMALL)
    equal_below = {"total": ["9", "5", "5", "5", "9", "9", "1", "0"], "work": ["0"] * 8}
    found = outcome(rules, None, **equal_below)  # no seed and none needed
    assert [found[key] for key in ("a2", "a3", "a4")] == ["2 not_selected rank"] * 3
    assert [found[key] for key in ("b1", "b2")] == ["1 selected rank"] * 2
    shared = {
        s.entry: s.reason.shared for s in select(rules, ENTRIES, tallied(rules, ENTRIES, **equal_below)).standings
    }
    assert [shared[key] for key in ("a1", "a2", "a3", "a4", "b1", "b2", "b3")] == [0, 2, 2, 2, 1, 1, 0]
    with pytest.raises(SelectionError, match="group 'b': a lot must decide between b1, b2, b3; give the round's seed"):
        outcome(rules, None, total=["9", "5", "4", "3", "9", "9", "9", "0"], work=["0"] * 8)


def test_lots_can_be_drawn_again_by_anyone() -> None:
    rules = parse(SMALL)
    nodes: dict[str, list[str | None]] = {"total": ["9", "5", "4", "3", "9", "9", "9", "0"], "work": ["0"] * 8}
    selection = select(rules, ENTRIES, tallied(rules, ENTRIES, **nodes), seed="2023-09-01")
    wanted = tuple(sorted(("b1", "b2", "b3"), key=lambda entry: lot("2023-09-01", "b", entry)))
    assert selection.lots_drawn == (wanted,)
    assert [s.entry for s in selection.standings if s.group == "b" and s.selected] == list(wanted[:2])
    assert {standing.entry: standing for standing in selection.standings}[wanted[2]].reason.cause is Cause.LOT
    assert lot("2023-09-01", "b", "b1").hex() == "".join(f"{byte:02x}" for byte in lot("2023-09-01", "b", "b1"))


def test_each_is_told_the_step_that_decided_about_it() -> None:
    rules = parse(SMALL)
    found = select(
        rules,
        ENTRIES,
        tallied(rules, ENTRIES, total=["5", "5", "5", "1", "9", "8", "7", "6"], work=["6", "6", "4", "1", *"0000"]),
        seed="seed",
    )
    told = {standing.entry: standing for standing in found.standings}
    assert {told["a1"].reason.cause, told["a2"].reason.cause} == {Cause.LOT}
    assert told["a1"].reason.tied_with == ("a2",)
    assert (told["a3"].reason.cause, told["a3"].reason.criterion) == (Cause.TIE_BREAK, "work")


def test_a_lot_in_the_reserve_is_named() -> None:
    rules = parse(SMALL)
    nodes: dict[str, list[str | None]] = {"total": ["9", "5", "4", "3", "9", "8", "7", "7"], "work": ["0"] * 8}
    found = outcome(rules, "seed", **nodes)
    first, second = sorted(("b3", "b4"), key=lambda entry: lot("seed", "b", entry))
    assert found[first] == "3 reserve lot 1"
    assert found[second] == "4 not_selected lot"


def test_the_lot_is_pinned_down() -> None:
    """The draw must be the same for ever and in every language: fixed bytes, not only fixed in this run."""
    import hashlib

    parts = [b"simsa lot v1", b"seed", "군".encode(), b"4717000000"]
    wanted = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
    assert lot("seed", "군", "4717000000") == wanted


def test_every_entry_wins_lots_equally_often() -> None:
    first = Counter(min("abcd", key=lambda entry: lot(f"seed {n}", "group", entry)) for n in range(4000))
    assert all(abs(count - 1000) < 150 for count in first.values())


def test_thresholds_and_floors_bar_without_changing_ranks() -> None:
    text = changed("quota = 1", 'quota = 2\naward_floor = "6"\nno_award = true')
    text = changed("[missing]", '[[threshold]]\ncriterion = "work"\nat_least = 3\ngroups = ["a"]\n\n[missing]', text)
    rules = parse(text)
    found = outcome(
        rules, total=["9", "8", "7", "5", "9", "8", "7", "6"], work=["1", "3", None, "9", "0", "0", "0", "0"]
    )
    assert found["a1"] == "1 not_selected threshold"
    assert found["a2"] == "2 selected rank"
    assert found["a3"] == "3 not_selected threshold"
    assert found["a4"] == "4 not_selected award_floor"
    assert found["b1"] == "1 selected rank"
    result = select(rules, ENTRIES, tallied(rules, ENTRIES, total=["1"] * 8, work=["5"] * 8), seed="s").groups[0]
    assert (result.places, result.empty, result.line) == (2, 2, None)


def test_another_round_s_tally_is_refused() -> None:
    rules, other = parse(SMALL), parse(changed("quota = 1", "quota = 2"))
    with pytest.raises(InputError, match="other rules"):
        select(other, ENTRIES, tallied(rules, ENTRIES, total=["1"] * 8, work=["1"] * 8))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 4), st.integers(0, 2)), min_size=8, max_size=8), st.text(max_size=5)
)
def test_invariants(scores: list[tuple[int | None, int]], seed: str) -> None:
    rules = parse(SMALL)
    nodes: dict[str, list[str | None]] = {
        "total": [None if total is None else str(total) for total, _ in scores],
        "work": [str(work) for _, work in scores],
    }
    selection = select(rules, ENTRIES, tallied(rules, ENTRIES, **nodes), seed=seed)
    assert {s.entry for s in selection.standings} == set(ENTRIES.ids)
    for group in selection.groups:
        here = [s for s in selection.standings if s.group == group.group]
        selected = [s for s in here if s.selected]
        ranked = [s for s in here if s.score is not None]
        assert len(selected) + group.empty == group.places
        assert group.empty == max(0, group.places - len(ranked))
        assert all(s.score is None for s in here if s.reason.cause is Cause.NO_RESULT)
        worst = min((s.score for s in selected if s.score is not None), default=None)
        assert worst == group.line
        assert all(worst is None or s.score is None or s.score <= worst for s in here if not s.selected)
        drawn = {entry for lots in selection.lots_drawn for entry in lots}
        told = {s.entry for s in here if s.reason.cause is Cause.LOT}
        assert told == drawn & {s.entry for s in here}  # whoever a lot concerned is told so, and nobody else
        assert [s.rank for s in ranked] == sorted(s.rank for s in ranked if s.rank is not None)


def test_of_many_equals_some_are_named_and_all_are_counted() -> None:
    rules = parse(SMALL.replace("size = 4\n", ""))
    entries = Entries(tuple(f"e{n}" for n in range(500)), ("a",) * 500)
    found = select(rules, entries, tallied(rules, entries, total=["5"] * 500, work=["1"] * 500), seed="s")
    assert {s.reason.tied for s in found.standings} == {499}
    assert {len(s.reason.tied_with) for s in found.standings} == {TIED_NAMED}
    assert all(s.entry not in s.reason.tied_with for s in found.standings)
