"""Kinds of reviewers from the fields of a panel: who is of which, what an assignment keeps, and what is refused."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import Problem, assign, verify
from simsa.engine.inputs import Entries, InputError, Reviewers
from simsa.engine.panel_kinds import kinds_left, members, panel_kinds
from simsa.engine.slots import pose_slots
from simsa.rules import Name, PanelKind, Range, parse
from tests.rules.small import changed

PANEL = Reviewers(
    ("r0", "r1", "r2", "r3", "r4"),
    {"rank": ("senior", "junior", "junior", "senior", ""), "home": ("a", "a;b", "b", "", "c")},
)


def kind(field: str, *values: str, least: int | None = None, most: int | None = None) -> PanelKind:
    return PanelKind(" ".join([field, *values]), Name((("", field),)), field, Range(least, most), values)


def test_members_are_those_with_a_value_or_by_each_value() -> None:
    assert {name: who.tolist() for name, who in members(kind("rank", "senior"), PANEL).items()} == {
        "rank senior": [0, 3]
    }
    assert {name: who.tolist() for name, who in members(kind("home"), PANEL).items()} == {
        "home a": [0, 1],
        "home b": [1, 2],
        "home c": [4],
    }


@pytest.mark.parametrize(
    ("kinds", "coverage", "expected"),
    [
        ([kind("grade", "x", least=1)], 3, r"kind 'grade x' is by 'grade', .* \(fields: rank, home\)"),
        ([kind("rank", "snr", least=1)], 3, r"counts rank 'snr', and no reviewer has it \(there are: senior, junior\)"),
        ([kind("rank", "senior", least=2)], 1, r"need 2 reviewers of each entry \(rank senior 2\), and an entry has"),
        ([kind("rank", "senior", least=2), kind("rank", "senior", "junior", most=1)], 3, "the kinds are at odds"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(kinds: list[PanelKind], coverage: int, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        panel_kinds(kinds, PANEL, np.full(2, coverage))


def test_an_entry_that_needs_nobody_needs_no_kind() -> None:
    kinds = panel_kinds([kind("rank", "senior", least=1)], PANEL, np.array([0, 2]))
    solved = assign(Problem.dense(np.ones((2, 5)), [0, 2], most=2, kinds=kinds))
    assert solved.complete
    assert set(solved.reviewer.tolist()) & {0, 3}
    assert panel_kinds([], PANEL, np.array([1])) is None


def test_what_kinds_leave_beside_those_who_were_there() -> None:
    """The first entry has one of home a, the second two where one is allowed, the third nobody."""
    senior, homes = kind("rank", "senior", least=1), kind("home", most=1)
    had = np.array([0, 1, 1]), np.array([1, 0, 1])
    left = kinds_left([senior, homes], PANEL, 3, had)
    assert left.allowed is not None
    assert left.allowed.names == ("home a", "home c", "home b")
    most = np.concatenate([family.most for family in left.allowed.families], axis=1)
    assert most.tolist() == [[0, 1, 0], [0, 1, 0], [1, 1, 1]]
    assert [np.flatnonzero(row).tolist() for row in left.lacking] == [[0, 3], [], [0, 3]]
    assert kinds_left([senior], PANEL, 3, had).allowed is None


FIELD = st.lists(st.sampled_from(["", "x", "y", "x;y", "z"]), min_size=5, max_size=5)


@given(
    FIELD,
    FIELD,
    st.lists(st.integers(0, 9), min_size=10, max_size=10),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
)
@settings(deadline=None)
def test_the_best_panels_keep_their_kinds(
    rank: list[str], home: list[str], marks: list[int], least: int, most: int, each: bool
) -> None:
    """Against every panel of three: loads do not bind, so each entry has its own best one."""
    panel = Reviewers(PANEL.ids, {"rank": tuple(rank), "home": tuple(home)})
    homes = kind("home", most=1) if each else kind("home", *(["z"] if "z" in home else []), most=most)
    kinds = [homes] if any(home) else []
    kinds += [kind("rank", "x", least=least)] if any("x" in field for field in rank) else []
    affinity = np.array(marks).reshape(2, 5)
    groups = [(one.per_entry, set(who.tolist())) for one in kinds for who in members(one, panel).values()]

    def kept(chosen: tuple[int, ...]) -> bool:
        return all(
            (limit.min or 0) <= len(who & set(chosen)) <= (5 if limit.max is None else limit.max)
            for limit, who in groups
        )

    best = [
        max((sum(row[j] for j in chosen) for chosen in combinations(range(5), 3) if kept(chosen)), default=None)
        for row in affinity.tolist()
    ]
    try:
        problem = Problem.dense(affinity, 3, most=2, kinds=panel_kinds(kinds, panel, np.full(2, 3)))
    except InputError:
        assert None in best  # kinds that are at odds, or need more than the coverage
        return
    solved = assign(problem)
    if None in best:
        assert not solved.complete
        return
    assert solved.complete
    for entry in range(2):
        assert kept(tuple(solved.reviewer[solved.entry == entry].tolist()))
    assert solved.total_units + solved.certificate.gap >= sum(value for value in best if value is not None)
    if solved.certificate.optimal:
        verify(problem, solved)
        assert solved.total_units == sum(value for value in best if value is not None)


def test_rules_with_kinds_make_panels_that_keep_them() -> None:
    rules = parse(
        changed(
            "[missing]",
            '[panel]\nsheets_per_entry = 3\n[[panel.kind]]\nid = "senior"\nreviewer = "rank"\nvalues = ["senior"]\n'
            'per_entry = 1\n[[panel.kind]]\nid = "home"\nreviewer = "home"\nper_entry = { max = 1 }\n\n[missing]',
        )
    )
    entries = Entries(("e1", "e2"), ("a", "b"))
    solved = pose_slots(rules, entries, PANEL, np.array([[9.0, 8, 7, 1, 0], [9, 0, 5, 8, 1]]), ()).assignment
    panels = [set(solved.reviewer[solved.entry == entry].tolist()) for entry in range(2)]
    assert panels == [{0, 2, 4}, {0, 2, 4}]  # one senior each; r1 shares a home with r0 and with r2
