import numpy as np
import pytest

from simsa.engine.assignment import assign
from simsa.engine.inputs import Entries, InputError, Reviewers
from simsa.engine.slots import assignment_problem, conflicts
from simsa.rules import parse
from tests.rules.small import SMALL, changed

PANEL = """
[panel]
sheets_per_entry = 3
load = { min = 1, max = 4 }

[[conflict]]
id = "home"
kind = "same"
reviewer = "region"
entrant = "region"

[[conflict]]
id = "told"
kind = "declared"

[missing]"""
RULES = parse(changed("[missing]", PANEL))
ENTRIES = Entries(("e1", "e2", "e3", "e4"), ("a", "a", "b", "b"))
REGIONS = {"region": ("11", "26", "", "11")}
REVIEWERS = Reviewers(("r1", "r2", "r3", "r4", "r5"), {"region": ("11", "", "26", "27", "28")})


def test_conflicts_are_those_of_the_rules() -> None:
    found = conflicts(RULES, ENTRIES, REGIONS, REVIEWERS, [(2, 4), (0, 0)])
    assert [(pair.entry, pair.reviewer, pair.rule) for pair in found] == [
        (0, 0, "home"),
        (1, 2, "home"),
        (2, 4, "told"),
        (3, 0, "home"),
    ]


def test_an_unknown_region_conflicts_with_nothing() -> None:
    assert all(pair.entry != 2 for pair in conflicts(RULES, ENTRIES, REGIONS, REVIEWERS))


def test_the_register_counts_only_if_the_rules_say_so() -> None:
    silent = parse(
        changed("[missing]", PANEL.replace('kind = "declared"', 'kind = "same"\nreviewer = "kin"\nentrant = "kin"'))
    )
    with pytest.raises(InputError, match=r"compares 'kin', which the entrants do not have \(fields: region\)"):
        conflicts(silent, ENTRIES, REGIONS, REVIEWERS)
    with pytest.raises(InputError, match="the rules have no"):
        conflicts(parse(SMALL), ENTRIES, {}, REVIEWERS, [(0, 1)])
    assert conflicts(parse(SMALL), ENTRIES, {}, REVIEWERS) == ()


def test_the_problem_has_the_rules_limits_and_no_conflict_is_assigned() -> None:
    found = conflicts(RULES, ENTRIES, REGIONS, REVIEWERS, [(2, 4)])
    affinity = np.arange(20, dtype=float).reshape(4, 5)
    solved = assign(assignment_problem(RULES, ENTRIES, REVIEWERS, affinity, found))
    assert solved.complete
    assert np.bincount(solved.entry).tolist() == [3, 3, 3, 3]
    assert solved.load.min() >= 1
    assert solved.load.max() <= 4
    pairs = set(zip(solved.entry.tolist(), solved.reviewer.tolist(), strict=True))
    assert not pairs & {(pair.entry, pair.reviewer) for pair in found}


def test_rules_without_coverage_or_with_another_panel_size_are_named() -> None:
    with pytest.raises(InputError, match="do not say how many sheets an entry gets"):
        assignment_problem(parse(SMALL), ENTRIES, REVIEWERS, None, ())
    sized = parse(changed("[missing]", PANEL.replace("sheets_per_entry", "size = 7\nsheets_per_entry")))
    with pytest.raises(InputError, match="the panel has 5 reviewers; the rules ask for 7 to 7"):
        assignment_problem(sized, ENTRIES, REVIEWERS, None, ())
