"""How far weights may move: nothing changes just inside, and what is told changes just outside."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.selection import GRID, WeightChange, select, sensitivity
from simsa.engine.selection.linear import shortest
from simsa.engine.tally import tally
from simsa.rules import Missing, Rules, exact_text, parse
from tests.draws import draws
from tests.engine.sheets import sheets
from tests.rules.small import SMALL

ENTRIES = Entries(("a", "b", "c", "d", "e", "f"), ("g", "g", "g", "g", "h", "h"))
LEAVES = ("p", "q", "r")
SCALE = "scale = { min = 0, max = 9, step = 1 }"
TINY = Fraction(1, 10**9)


def weighted(weights: list[Fraction], *, root: str = "", exact: bool = True, group: str = "", leaf: str = "") -> Rules:
    """Three leaves under `total`, marked by a panel; `root`, `group` and `leaf` are more of what rules say there."""
    nodes = "".join(
        f'[[criterion]]\nid = "{name}"\nweight = "{exact_text(weight)}"\n{SCALE}\n{leaf}\n'
        for name, weight in zip(LEAVES, weights, strict=True)
    )
    parted = '[[tie_break]]\ncriterion = "total"\nexact = true' if exact else ""
    return parse(f"""
simsa_rules = 1
round = {{ id = "r", name = "r", time_zone = "UTC" }}
missing = {{ not_submitted = "leave_out", not_applicable = "leave_out", abstained = "leave_out", recused = "refuse" }}
[each_group]
quota = 1
{group}
[[criterion]]
id = "total"
combine = {{ method = "weighted_sum" }}
{root}
{nodes}
{parted}
[[tie_break]]
lot = true
""")


def reweighed(rules: Rules, weights: dict[str, Fraction]) -> Rules:
    criteria = tuple(replace(c, weight=weights[c.id]) if c.id in weights else c for c in rules.criteria)
    return replace(rules, criteria=criteria)


def winners(rules: Rules, given: Sheets, group: str, reported: Reported | None = None) -> set[int]:
    chosen = select(rules, ENTRIES, tally(rules, ENTRIES, given, reported), seed="s").winners
    return {ENTRIES.index[s.entry] for s in chosen if s.group == group}


def marked(rules: Rules, rows: list[list[list[int]]]) -> Sheets:
    """Sheets from rows[entry][reviewer][leaf]."""
    return sheets(
        rules,
        ENTRIES,
        {
            (entry, f"r{n}"): [str(mark) for mark in row]
            for entry, own in zip(ENTRIES.ids, rows, strict=True)
            for n, row in enumerate(own)
        },
    )


def beyond(change: WeightChange, more: Fraction) -> dict[str, Fraction]:
    """The weights a little further on."""
    weights = dict(change.weights)
    assert change.up is not None
    if more > 0 and not weights[change.down[-1]]:
        return weights  # nothing is left to take
    weights[change.up] += more
    weights[change.down[-1]] -= more
    return weights


shares = (
    st.lists(st.integers(0, 6), min_size=3, max_size=3)
    .filter(any)
    .map(lambda parts: [Fraction(part, sum(parts)) for part in parts])
)
decimals = (
    st.tuples(st.integers(0, 20), st.integers(0, 20))
    .filter(lambda ends: sum(ends) <= 20)
    .map(lambda ends: [Fraction(ends[0], 20), Fraction(ends[1], 20), Fraction(20 - sum(ends), 20)])
)
rows = st.lists(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=2), min_size=6, max_size=6
)
ROOTS = {
    "sheets": 'panel = { method = "mean" }\nround = { places = 2 }',
    "floor": 'panel = { method = "mean" }\nround = { places = 1, mode = "half_even" }',
    "leaves": "",
}


@settings(max_examples=draws(50), deadline=None)
@given(decimals, rows, st.sampled_from(sorted(ROOTS)), st.lists(st.tuples(shares, st.fractions(0, 1)), max_size=8))
def test_linear_tallies_are_answered_exactly(
    weights: list[Fraction], marks: list[list[list[int]]], kind: str, moves: list[tuple[list[Fraction], Fraction]]
) -> None:
    leaf = 'panel = { method = "mean" }' if kind == "leaves" else ""
    group = 'award_floor = "4.5"\nno_award = true' if kind == "floor" else ""
    rules = weighted(weights, root=ROOTS[kind], leaf=leaf, group=group)
    given_sheets = marked(rules, marks)
    found = sensitivity(rules, ENTRIES, given_sheets, seed="s")
    assert [(c.group, c.node, c.exact) for c in found.changes] == [("g", "total", True), ("h", "total", True)]
    for change in found.changes:
        before = winners(rules, given_sheets, change.group)
        for target, share in moves:  # any move that is shorter
            distance = sum(abs(t - w) for t, w in zip(target, weights, strict=True)) / 2
            if change.length is not None and distance:
                share = min(share, change.length * Fraction(999_999, 1_000_000) / distance)
            inside = {n: w + share * (t - w) for n, t, w in zip(LEAVES, target, weights, strict=True)}
            if change.length is None or change.length > 0:
                assert winners(reweighed(rules, inside), given_sheets, change.group) == before
        if change.length is None:
            continue
        assert dict(change.weights).keys() == set(LEAVES)
        assert sum(dict(change.weights).values()) == 1
        moved = [after - was for (_, after), was in zip(change.weights, change.before, strict=True)]
        assert sum(abs(m) for m in moved) / 2 == change.length
        assert change.largest == max(abs(m) for m in moved)
        after = winners(reweighed(rules, beyond(change, TINY)), given_sheets, change.group)
        assert after != before
        assert set(change.leaves) <= before - after
        if change.leaves and change.enters and len(before - after) == 1:
            assert len(after) == 1


@settings(max_examples=draws(25), deadline=None)
@given(decimals, rows, st.booleans())
def test_piecewise_tallies_are_tried_on_the_grid(
    weights: list[Fraction], marks: list[list[list[int]]], trimmed: bool
) -> None:
    root = (
        'panel = { method = "trimmed_mean", drop_low = 1 }'
        if trimmed
        else 'panel = { method = "mean" }\nround = { places = 0 }'
    )
    rules = weighted(weights, root=root, exact=trimmed)
    given_sheets = marked(rules, marks)
    for change in sensitivity(rules, ENTRIES, given_sheets, seed="s").changes:
        assert not change.exact
        before = winners(rules, given_sheets, change.group)
        if change.length is None:
            continue
        steps = change.length * GRID
        assert steps.denominator == 1
        assert steps >= 1
        after = winners(reweighed(rules, dict(change.weights)), given_sheets, change.group)
        assert (before - after, after - before) == (set(change.leaves), set(change.enters))
        less = winners(reweighed(rules, beyond(change, Fraction(-1, GRID))), given_sheets, change.group)
        assert less == before


@settings(max_examples=draws(20), deadline=None)
@given(decimals, rows)
def test_the_grid_finds_what_is_exact_to_a_step(weights: list[Fraction], marks: list[list[list[int]]]) -> None:
    """A limit that never binds sends a linear tally to the grid: its step is the first after the exact length."""
    linear = weighted(weights, root='panel = { method = "mean" }')
    piecewise = weighted(weights, root='panel = { method = "mean" }\nat_most = "9"')
    one = sensitivity(linear, ENTRIES, marked(linear, marks), seed="s")
    other = sensitivity(piecewise, ENTRIES, marked(piecewise, marks), seed="s")
    for exact, tried in zip(one.changes, other.changes, strict=True):
        assert exact.exact
        assert not tried.exact
        if exact.length is None:
            assert tried.length is None
        elif len(exact.down) == 1 and tried.length is not None:
            assert 0 <= tried.length - exact.length <= Fraction(1, GRID)
        elif tried.length is not None:
            assert tried.length >= exact.length  # as long where a tie-break among equals changes them already


@settings(max_examples=draws(50), deadline=None)
@given(
    decimals,
    rows,
    st.sampled_from(['"median"', '"trimmed_mean", drop_low = 1', '"mean"']),
    st.sets(st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 2)), max_size=6),
    st.lists(st.tuples(shares, st.fractions(0, 1)), min_size=3, max_size=8),
    st.booleans(),
)
def test_what_is_safe_is(
    weights: list[Fraction],
    marks: list[list[list[int]]],
    panel: str,
    absent: set[tuple[int, int, int]],
    moves: list[tuple[list[Fraction], Fraction]],
    floor: bool,
) -> None:
    """No move below the bound changes a winner, whatever marks are left out."""
    group = 'award_floor = "4.5"\nno_award = true' if floor else ""
    rules = weighted(weights, root=f"panel = {{ method = {panel} }}\nround = {{ places = 1 }}", group=group)
    cells: dict[tuple[str, str], list[str | Missing]] = {
        (entry, f"r{n}"): [
            Missing.ABSTAINED if (at, n, leaf) in absent else str(mark) for leaf, mark in enumerate(marks[at][n])
        ]
        for at, entry in enumerate(ENTRIES.ids)
        for n in range(2)
    }
    given_sheets = sheets(rules, ENTRIES, cells)
    for change in sensitivity(rules, ENTRIES, given_sheets, seed="s").changes:
        assert 0 <= change.safe <= (1 if change.length is None else change.length)
        assert change.exact is (panel == '"mean"' and not absent) or len({leaf for *_, leaf in absent}) == 3
        before = winners(rules, given_sheets, change.group)
        for target, share in moves:
            distance = sum(abs(t - w) for t, w in zip(target, weights, strict=True)) / 2
            if not change.safe or not distance:
                continue
            share = min(share, Fraction(1), change.safe * Fraction(999_999, 1_000_000) / distance)
            inside = {n: w + share * (t - w) for n, t, w in zip(LEAVES, target, weights, strict=True)}
            assert winners(reweighed(rules, inside), given_sheets, change.group) == before


def test_the_bound_is_something() -> None:
    """By hand: a has 6 with a range of 9, b 4.25 with a range of 5; p to r brings b nearer by 5 times the move."""
    rules = weighted([Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)], root='panel = { method = "median" }')
    own = {"a": ["9", "6", "0"], "b": ["5", "6", "1"], "c": ["0", "0", "0"], "d": ["0", "0", "0"]}
    cells = {(entry, "r"): own.get(entry, ["1", "1", "1"]) for entry in ENTRIES.ids}
    change = sensitivity(rules, ENTRIES, sheets(rules, ENTRIES, cells), seed="s").changes[0]  # type: ignore[arg-type]
    assert not change.exact
    assert change.safe == Fraction("1.75") / (9 + 5)
    assert change.length in (Fraction("0.35"), Fraction("0.351"))


def test_marks_left_out_make_it_piecewise() -> None:
    rules = weighted([Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)], root='panel = { method = "mean" }')
    marks = {(entry, "r"): ["5", "4", str(n)] for n, entry in enumerate(ENTRIES.ids)}
    assert all(c.exact for c in sensitivity(rules, ENTRIES, sheets(rules, ENTRIES, marks)).changes)
    marks["a", "r"] = ["5", Missing.ABSTAINED, "4"]  # type: ignore[list-item]
    assert not any(c.exact for c in sensitivity(rules, ENTRIES, sheets(rules, ENTRIES, marks)).changes)


NESTED = """
simsa_rules = 1
round = { id = "r", name = "r", time_zone = "UTC" }
missing = { not_submitted = "no_result", not_applicable = "leave_out", abstained = "leave_out", recused = "leave_out" }
each_group = { quota = 1 }
criterion = [
  { id = "total", combine = { method = "sum" } },
  { id = "left", combine = { method = "weighted_sum", weights_sum = 10 }, factor = "1.5" },
  { id = "u", parent = "left", weight = 6, indicator = { method = "reported", field = "u" } },
  { id = "v", parent = "left", weight = 4, indicator = { method = "reported", field = "v" } },
  { id = "w", indicator = { method = "reported", field = "w" } },
]
tie_break = [{ lot = true }]
"""


def reported(table: dict[str, str]) -> Reported:
    return Reported(
        {
            (entry, "", field): Fraction(n)
            for entry, row in table.items()
            for field, n in zip("uvw", row.split(), strict=True)
        }
    )


def test_who_replaces_whom_is_told() -> None:
    """By hand: a has 1.5 (6 x 4 + 4 x 2) + 1 = 49 and b 1.5 (6 x 3 + 4 x 3) + 0 = 45. Each unit of weight that
    moves from u to v takes 1.5 x 2 from a and nothing from b: after 4/3 of 10 they are equal."""
    rules = parse(NESTED)
    rows = {"a": "4 2 1", "b": "3 3 0", "c": "1 1 0", "d": "1 1 0", "e": "9 9 9", "f": "1 1 1"}
    found = sensitivity(rules, ENTRIES, Sheets.none(rules), reported(rows))
    change = found.first("g")
    assert change == WeightChange(
        "g", "left", True, Fraction(2, 15), (("u", Fraction(14, 3)), ("v", Fraction(16, 3))), "v", ("u",), (0,), (1,),
        (Fraction(6), Fraction(4)), Fraction(2, 15),
    )  # fmt: skip
    assert change.largest == Fraction(4, 3)
    assert found.first("h") is None  # e is better in everything
    assert [(c.group, c.length) for c in found.changes] == [("g", Fraction(2, 15)), ("h", None)]


def test_a_tie_that_a_lot_decided_ends_with_any_move() -> None:
    rules = parse(NESTED)
    rows = {"a": "5 0 0", "b": "3 3 0", "c": "1 1 0", "d": "1 1 0", "e": "3 3 3", "f": "3 3 3"}
    found = sensitivity(rules, ENTRIES, Sheets.none(rules), reported(rows), seed="s")
    change = found.first("g")
    assert change is not None
    assert change.length == 0
    winner = change.leaves[0]
    assert {winner, *change.enters} == {0, 1}
    assert (change.up, change.down) == (("v", ("u",)) if winner == 0 else ("u", ("v",)))
    assert found.first("h") is None  # equal in everything: no weight parts them


@settings(max_examples=draws(200), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-4, 4)), min_size=2, max_size=4), st.fractions(0, 3), st.data()
)
def test_the_shortest_move_is_the_shortest(parts: list[tuple[int, int]], need: Fraction, data: st.DataObject) -> None:
    whole = sum(part for part, _ in parts)
    assume(whole)
    before, gains = [Fraction(part, whole) for part, _ in parts], [gain for _, gain in parts]
    base = sum(share * gain for share, gain in zip(before, gains, strict=True))
    found = shortest(before, gains, need)
    reachable = max(gains) - base
    if found is None:
        assert reachable < need or reachable == 0
        return
    move, top, away = found
    grown = sum(share * gain for share, gain in zip(move.weights, gains, strict=True)) - base
    assert grown == need <= reachable
    assert (move.weights[away[-1]] > 0) is (need < reachable)
    assert min(move.weights) >= 0
    assert sum(move.weights) == 1
    assert gains[top] == max(gains)
    other = data.draw(st.lists(st.integers(0, 5), min_size=len(parts), max_size=len(parts)).filter(any))
    target = [Fraction(n, sum(other)) for n in other]
    if sum(share * gain for share, gain in zip(target, gains, strict=True)) - base >= need:
        assert sum(abs(t - b) for t, b in zip(target, before, strict=True)) / 2 >= move.length


def test_the_names_of_the_entries_do_not_matter() -> None:
    rules = parse(NESTED)
    rows = {"a": "4 2 1", "b": "3 3 0", "c": "1 8 0", "d": "2 1 0", "e": "5 9 9", "f": "9 1 1"}
    one = sensitivity(rules, ENTRIES, Sheets.none(rules), reported(rows))
    turned = Entries(ENTRIES.ids[::-1], ENTRIES.group[::-1])
    other = sensitivity(rules, turned, Sheets.none(rules), reported(rows))
    for group in ENTRIES.groups:
        mine, theirs = one.first(group), other.first(group)
        assert mine is not None
        assert theirs is not None
        assert (mine.length, mine.up, mine.down) == (theirs.length, theirs.up, theirs.down)
        assert [ENTRIES.ids[n] for n in mine.leaves + mine.enters] == [
            turned.ids[n] for n in theirs.leaves + theirs.enters
        ]


def test_bad_input_is_refused() -> None:
    rules = parse(SMALL)
    with pytest.raises(InputError, match="is not in the rules"):
        sensitivity(rules, ENTRIES, Sheets.none(rules))
