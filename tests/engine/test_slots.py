import numpy as np
import pytest

from simsa.engine.inputs import Entries, InputError, Reviewers, Sheets, Status
from simsa.engine.slots import ConflictPair, LimitMissed, conflicts, limits_missed, marked_conflicts, pose_slots
from simsa.rules import parse
from tests.engine.sheets import sheets as written
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


def test_one_of_several_values_in_common_is_a_conflict() -> None:
    panel = Reviewers(("r1", "r2", "r3"), {"region": ("11; 26", "27;;28", " ; ")})
    found = conflicts(RULES, ENTRIES, {"region": ("26", "28;11", "", ";")}, panel)
    assert [(pair.entry, pair.reviewer) for pair in found] == [(0, 0), (1, 0), (1, 1)]


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
    solved = pose_slots(RULES, ENTRIES, REVIEWERS, affinity, found).assignment
    assert solved.complete
    assert np.bincount(solved.entry).tolist() == [3, 3, 3, 3]
    assert solved.load.min() >= 1
    assert solved.load.max() <= 4
    pairs = set(zip(solved.entry.tolist(), solved.reviewer.tolist(), strict=True))
    assert not pairs & {(pair.entry, pair.reviewer) for pair in found}


def test_rules_without_coverage_or_with_another_panel_size_are_named() -> None:
    with pytest.raises(InputError, match="do not say how many sheets an entry gets"):
        pose_slots(parse(SMALL), ENTRIES, REVIEWERS, None, ())
    sized = parse(changed("[missing]", PANEL.replace("sheets_per_entry", "size = 7\nsheets_per_entry")))
    with pytest.raises(InputError, match=r"the panel has 5 reviewers; the rules ask for 7$"):
        pose_slots(sized, ENTRIES, REVIEWERS, None, ())


def sheets(*marked: tuple[int, int, bool]) -> Sheets:
    """Sheets of (entry, reviewer, whether marked); a sheet without marks was recused."""
    entry, reviewer, given = (np.array(column) for column in zip(*marked, strict=True))
    status = np.where(given, Status.MARK, Status.RECUSED).astype(np.int8)
    cells = (len(marked), len(RULES.leaves))
    leaves = tuple(leaf.id for leaf in RULES.leaves)
    return Sheets(
        REVIEWERS.ids,
        leaves,
        entry.astype(np.int64),
        reviewer.astype(np.int64),
        np.zeros(cells, np.int64),
        np.broadcast_to(status[:, None], cells).copy(),
        RULES.mark_places,
    )


@pytest.mark.parametrize(
    ("reviewers", "coverage", "short"),
    [(5, 4, 0), (4, 4, 0), (3, 3, 0), (2, 2, 0), (1, 2, 4)],  # panels of so many, each of whom may take everything
)
def test_every_entry_gets_as_many_sheets_as_all_can_get(reviewers: int, coverage: int, short: int) -> None:
    rules = parse(changed("[missing]", "[panel]\nsheets_per_entry = { min = 2, max = 4 }\n\n[missing]"))
    panel = Reviewers(REVIEWERS.ids[:reviewers])
    solved = pose_slots(rules, ENTRIES, panel, None, ()).assignment
    assert np.bincount(solved.entry, minlength=4).tolist() == [min(coverage, reviewers)] * 4
    assert int(solved.short[:, 1].sum()) == short


def test_one_entry_in_conflict_lowers_the_number_for_all_but_never_below_the_least() -> None:
    rules = parse(changed("[missing]", "[panel]\nsheets_per_entry = { min = 2, max = 5 }\n\n[missing]"))
    blocked = [ConflictPair(0, reviewer, "told") for reviewer in (0, 1)]
    solved = pose_slots(rules, ENTRIES, REVIEWERS, None, blocked).assignment
    assert np.bincount(solved.entry).tolist() == [3, 3, 3, 3]
    assert solved.complete
    alone = [ConflictPair(0, reviewer, "told") for reviewer in range(4)]
    short = pose_slots(rules, ENTRIES, REVIEWERS, None, alone).assignment
    assert np.bincount(short.entry).tolist() == [1, 2, 2, 2]
    assert short.short.tolist() == [[0, 1]]


def test_marks_in_spite_of_a_conflict_are_found_and_recusals_are_none() -> None:
    found = conflicts(RULES, ENTRIES, REGIONS, REVIEWERS)
    given = sheets((0, 0, True), (0, 1, True), (3, 0, False))
    assert marked_conflicts(given, found) == (ConflictPair(0, 0, "home"),)


def test_limits_are_compared_with_the_sheets_that_have_marks() -> None:
    given = sheets((0, 0, True), (0, 1, True), (0, 2, True), (1, 0, True), (2, 0, False))
    missed = limits_missed(RULES, ENTRIES, given)
    assert [(one.limit, one.who, one.count, one.wanted) for one in missed] == [
        ("sheets_per_entry", "e2", 1, "3"),
        ("sheets_per_entry", "e3", 0, "3"),
        ("sheets_per_entry", "e4", 0, "3"),
        ("load", "r4", 0, "1 to 4"),
        ("load", "r5", 0, "1 to 4"),
    ]
    sized = parse(changed("[missing]", "[panel]\nsize = { min = 4 }\n\n[missing]"))
    assert limits_missed(sized, ENTRIES, given) == (LimitMissed("size", "", 3, "4 or more"),)


def test_kinds_are_compared_with_the_sheets_too() -> None:
    rules = parse(
        changed(
            "[missing]",
            '[panel]\n[[panel.kind]]\nid = "home"\nreviewer = "region"\nper_entry = { max = 1 }\n'
            '[[panel.kind]]\nid = "north"\nreviewer = "region"\nvalues = ["26", "99"]\nper_entry = { min = 1 }\n'
            "\n[missing]",
        )
    )
    panel = Reviewers(REVIEWERS.ids, {"region": ("11", "11", "26", "27", "28")})
    given = sheets((0, 0, True), (0, 1, True), (1, 0, True), (1, 2, True), (2, 2, True), (3, 2, True), (3, 1, False))
    missed = limits_missed(rules, ENTRIES, given, panel)
    assert [(one.limit, one.who, one.count, one.wanted) for one in missed] == [
        ("kind home 11", "e1", 2, "at most 1"),
        ("kind north", "e1", 0, "1 or more"),
    ]
    assert limits_missed(rules, ENTRIES, given) == ()  # a panel without fields: nothing is known


CROSSING = """[panel]
sheets_per_entry = { min = 1, max = 3 }
load = { max = 2 }
[[panel.kind]]
id = "senior"
reviewer = "rank"
values = ["senior"]
per_entry = { min = 1 }
[[panel.kind]]
id = "women"
reviewer = "sex"
values = ["f"]
per_entry = { min = 1 }

[missing]"""


def test_where_kinds_cross_fewer_sheets_may_be_needed_or_more() -> None:
    """One sheet cannot be of a senior and a woman, as the senior woman has a conflict; three there are not."""
    rules = parse(changed("[missing]", CROSSING, changed("drop_high = 1, drop_low = 1", "drop_high = 1", SMALL)))
    panel = Reviewers(("m", "f", "s"), {"rank": ("senior", "junior", "senior"), "sex": ("m", "f", "f")})
    entries = Entries(("e1", "e2"), ("a", "b"))
    blocked = [ConflictPair(entry, 2, "told") for entry in (0, 1)]
    solved = pose_slots(rules, entries, panel, None, blocked).assignment
    assert solved.complete
    assert np.bincount(solved.entry).tolist() == [2, 2]


def test_pinned_pairs_raise_the_least_number_of_sheets() -> None:
    rules = parse(changed("[missing]", "[panel]\nsheets_per_entry = { min = 1, max = 3 }\n\n[missing]"))
    entries, panel = Entries(("e1", "e2"), ("a", "b")), Reviewers(("r1", "r2"))
    solved = pose_slots(rules, entries, panel, None, (), pinned=np.array([[0, 0], [0, 1]])).assignment
    assert solved.complete
    assert np.bincount(solved.entry).tolist() == [2, 2]


ADAPTIVE = """[panel]
sheets_per_entry = 3
load = { max = 5 }
[adaptive]
held_back = "0.6"
most_per_entry = 5
[missing]"""


def test_nobody_gets_more_than_they_take_of_their_own_accord() -> None:
    """Also below the least load of the rules, which is theirs no more."""
    own = np.array([0, 1, 9, 9, 9])
    found = pose_slots(RULES, ENTRIES, REVIEWERS, None, (), most=own)
    load = np.bincount(found.assignment.reviewer, minlength=5)
    assert found.assignment.complete
    assert (load <= np.minimum(own, 4)).all()
    assert load.sum() == 12
    short = pose_slots(RULES, ENTRIES, REVIEWERS, None, (), most=np.array([0, 1, 1, 9, 9]))
    assert int(short.assignment.short[:, 1].sum()) == 2


def test_sheets_of_an_adaptive_round_are_compared_with_the_whole_of_it() -> None:
    """The first round is assigned within its share; afterwards some entries have more, up to what the rules allow."""
    text = changed("[missing]", ADAPTIVE)
    rules = parse(text)
    entries = Entries(("x", "y", "z"), ("a", "b", "b"))
    panel = Reviewers(tuple(f"r{n}" for n in range(6)))
    first = pose_slots(rules, entries, panel, None, []).assignment
    assert np.bincount(first.entry).tolist() == [3, 3, 3]
    assert np.bincount(first.reviewer, minlength=6).max() <= 2  # 0.4 of 5
    marks = {("x", f"r{n}"): ["5", "5"] for n in range(6)} | {("y", f"r{n}"): ["5", "5"] for n in range(3)}
    missed = limits_missed(rules, entries, written(rules, entries, marks))
    assert missed == (
        LimitMissed("sheets_per_entry", "x", 6, "3 to 5"),
        LimitMissed("sheets_per_entry", "z", 0, "3 to 5"),
    )
