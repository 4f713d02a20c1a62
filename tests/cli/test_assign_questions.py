"""Questions to `simsa assign`: why, why not, what if, margins; and what would help where limits cannot be met."""

from __future__ import annotations

import csv
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest

from tests.cli.test_assign import call, table, told
from tests.cli.test_steps import read, write

__all__ = ["table"]  # a fixture

PAIRS = [("a", "x", "0.9"), ("a", "y", "0.8"), ("b", "x", "0.7"), ("b", "y", "0.1"), ("c", "z", "0.4")]
LIMITS = ("--coverage", "1", "--most", "1")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The best is a-y, b-x, c-z: 1.9."""
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), *PAIRS])
    return tmp_path / "a.csv"


def test_why_and_why_not_tell_the_cost_and_who_would_change(small: Path) -> None:
    said = call(small, *LIMITS, "--why", "b", "x", "--why", "a", "x", "--why", "c", "y").stdout
    assert "why b x: affinity 0.7, 1st of the entry's candidates; without it the total would be 0.5 less" in said
    assert "  a: gets x, loses y\n  b: gets y, loses x" in said
    assert (
        "why not a x: the reviewer is worth more to others; affinity 0.9, 1st of the entry's candidates; "
        "the reviewer has 1 of at most 1; with it the total would be 0.5 less" in said
    )
    assert "why not c y: it is no candidate: the pair has no affinity" in said
    facts = told(small, *LIMITS, "--why", "a", "x")["answers"][0]
    assert (facts["question"], facts["reason"], facts["total_loses"]) == ("why not", "reviewer has better uses", "0.5")
    assert facts["exchange"] == {"added": [["a", "x"], ["b", "y"]], "removed": [["a", "y"], ["b", "x"]]}


def test_a_pair_without_which_a_slot_would_be_empty(small: Path) -> None:
    said = call(small, *LIMITS, "--why", "c", "z").stdout
    assert "why c z: affinity 0.4, 1st of the entry's candidates; without it 1 more slot would be missing" in said


def test_what_one_change_would_bring(small: Path) -> None:
    changes = ["load=x", "review=b", "reviewer=x", "pair=c,y=0.95", "review=*"]
    said = call(small, *LIMITS, *(word for change in changes for word in ("--what-if", change))).stdout
    assert "what if load=x: total +0.1 (to 2)" in said
    assert "what if review=b: total +0 (to 1.9); 1 more slot missing" in said
    assert "what if reviewer=x: total +0.1 (to 2)" in said
    assert "a: gets the new reviewer, loses y" in said or "b: gets the new reviewer, loses x" in said
    assert "what if pair=c,y=0.95: total +0 (to 1.9)" in said  # c-y, a-x and b nobody would be less
    assert "what if review=*: total +0.2 (to 2.1); 3 more slots missing; the worst-off entry goes from 0.4 to 0" in said
    facts = told(small, *LIMITS, "--what-if", "load=x")["answers"][0]
    assert facts["total_changes_by"] == "0.1"
    assert facts["exchange"] == {"added": [["a", "x"]], "removed": [["a", "y"]]}


def test_a_conflict_that_is_lifted_has_its_own_affinity(small: Path) -> None:
    write(small.with_name("f.csv"), [("entry", "reviewer"), ("b", "x")])
    words = [small, *LIMITS, "--forbidden", small.with_name("f.csv")]
    said = call(*words, "--what-if", "pair=b,x", "--why", "b", "x").stdout
    assert "what if pair=b,x: total +0.5 (to 1.9)" in said
    assert "why not b x: it is a conflict" in said


def test_ids_with_commas_and_signs_are_understood(tmp_path: Path) -> None:
    rows = [("entry", "reviewer", "affinity"), ("a,1", "x=1", "1"), ("b", "y", "1"), ("b", "x=1", "3")]
    write(tmp_path / "a.csv", rows)
    done = call(
        tmp_path / "a.csv", *LIMITS, "--what-if", "pair=a,1,y=2", "--what-if", "load=x=1", "--why", "a,1", "x=1"
    )
    assert done.exit_code == 0, done.output
    assert "what if pair=a,1,y=2: total +3 (to 5)" in done.stdout  # b gets x=1
    assert "what if load=x=1: total +2 (to 4)" in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["--why", "q", "x"], 1, "--why: there is no entry 'q' (known: a, b, c)"),
        (["--why", "a", "q"], 1, "--why: there is no reviewer 'q' (known: x, y, z)"),
        (["--what-if", "more"], 2, "--what-if 'more': is no change that is known; one of review=ENTRY"),
        (["--what-if", "slot=x"], 2, "--what-if 'slot=x': is no change that is known"),
        (["--what-if", "load=q"], 1, "--what-if: there is no reviewer 'q'"),
        (["--what-if", "pair=a"], 1, "names no entry and reviewer that are known; such as pair=ENTRY,REVIEWER"),
        (["--what-if", "pair=a=1,q"], 1, "(entries: a, b, c; reviewers: x, y, z)"),
        (["--what-if", "pair=a,x"], 1, "this pair may meet already; ask --why"),
        (["--what-if", "pair=c,y"], 1, "this pair has no affinity; give it one: pair=c,y=0.5"),
        (["--what-if", "pair=c,y=much"], 2, "'much' is no affinity; a number such as 0.5"),
        (["--margins", "m.doc"], 1, "m.doc: the ending .doc says no format"),
    ],
)
def test_questions_that_make_no_sense_are_refused(small: Path, words: list[str], status: int, expected: str) -> None:
    done = call(small, *LIMITS, *words, "-o", small.with_name("out.csv"))
    assert done.exit_code == status
    assert expected in " ".join(done.stderr.split())
    assert not small.with_name("out.csv").exists()


def test_a_question_without_an_answer_costs_nothing_else(small: Path) -> None:
    words = [small, *LIMITS, "--what-if", "pair=c,y=1e300", "--what-if", "load=x", "-o", small.with_name("out.csv")]
    done = call(*words)
    assert done.exit_code == 0
    assert "what if pair=c,y=1e300: a.csv: affinity 1e+300 does not fit the scale" in done.stdout
    assert "what if load=x: total +0.1 (to 2)" in done.stdout
    assert len(read(small.with_name("out.csv"))) == 3
    answers = told(*words)["answers"]
    assert "does not fit" in answers[0]["no_answer"]
    assert answers[1]["total_changes_by"] == "0.1"


def test_ids_are_found_however_their_letters_are_composed(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), ("가", "김 철수", "1")])
    decomposed = [unicodedata.normalize("NFD", text) for text in ("가", "김 철수")]
    assert decomposed != ["가", "김 철수"]
    done = call(tmp_path / "a.csv", *LIMITS, "--why", *decomposed, "--what-if", f"load={decomposed[1]}")
    assert done.exit_code == 0, done.output
    assert "why 가 김 철수: affinity 1" in done.stdout


def test_a_table_alone_goes_to_standard_output(small: Path) -> None:
    done = call(small, *LIMITS, "--margins", "-")
    rows = list(csv.reader(done.stdout.splitlines()))
    assert rows[0] == ["one_more", "id", "total_changes_by", "slots_filled"]
    assert len(rows) == 7
    assert "Proven optimal" in done.stderr


def test_margins_are_what_each_question_alone_would_answer(small: Path) -> None:
    file = small.with_name("m.csv")
    assert call(small, *LIMITS, "--margins", file).exit_code == 0
    worth = {(row["one_more"], row["id"]): row for row in read(file)}
    assert len(worth) == 6
    for what, key in worth:
        asked = told(small, *LIMITS, "--what-if", f"{what}={key}")["answers"][0]
        assert Fraction(worth[what, key]["total_changes_by"]) == Fraction(asked["total_changes_by"])


def test_what_would_help_is_named_reviewer_by_reviewer(tmp_path: Path) -> None:
    rows = [(e, r, "1") for e in ("a", "b", "c") for r in ("x", "y")]
    rows += [("d", r, "1") for r in ("p", "q")]
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), *rows])
    words = (tmp_path / "a.csv", "--coverage", "1", "--most", "1")
    said = call(*words).stdout
    assert "why: the entries a, b, c need 3 slots, and the reviewers x, y can give 2" in said
    assert "what would help: raise the load of " in said
    assert "what would help: lower the coverage of " in said
    found = told(*words)
    assert found["reasons"] == [
        {"entries": ["a", "b", "c"], "reviewers": ["x", "y"], "kinds": [], "needed": 3, "available": 2, "part": False}
    ]
    fixes = {fix["fix"]: fix for fix in found["fixes"]}
    assert fixes["more_slots"]["changes"] == fixes["fewer_slots"]["changes"] == 1
    assert fixes["more_slots"]["missing_then"] == 0
    assert fixes["more_slots"]["slots"][0][0] in ("x", "y")


def test_a_conflict_that_stands_in_the_way_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [("entry", "reviewer", "affinity"), ("a", "x", "1"), ("b", "y", "1"), ("b", "x", "2")])
    write(tmp_path / "f.csv", [("entry", "reviewer"), ("a", "x")])
    words = (tmp_path / "a.csv", "--coverage", "1", "--most", "1", "--forbidden", tmp_path / "f.csv")
    said = call(*words).stdout
    assert "why: the entries a need 1 slots, and the reviewers without conflict (none) can give 0" in said
    assert "what would help: lift 1 conflict: a–x" in said
    lifted = {"fix": "lift_conflicts", "pairs": [["a", "x"]], "missing_then": 0, "changes": 1, "fewest": True}
    assert lifted in told(*words)["fixes"]


@pytest.fixture
def ranked(small: Path) -> Path:
    write(small.with_name("panel.csv"), [("id", "rank"), ("x", "senior"), ("y", "junior"), ("z", "junior")])
    return small


def test_kinds_are_named_in_the_answers(ranked: Path) -> None:
    rows = [("a", "x", "0.9"), ("a", "y", "0.8"), ("a", "z", "0.1"), ("b", "x", "0.2"), ("b", "y", "0.5")]
    write(ranked, [("entry", "reviewer", "affinity"), *rows, ("b", "z", "0.4")])
    words = [ranked, "--coverage", "2", "--most", "2", "--reviewers", ranked.with_name("panel.csv")]
    kinds = ["--kind", "rank=senior:1..", "--kind", "rank=junior:..1"]
    said = call(*words, *kinds, "--why", "b", "x", "--why", "b", "z", "--what-if", "load=y").stdout
    assert "why b x: affinity 0.2, 3rd of the entry's candidates; without it 1 more slot would be missing" in said
    assert "; it is kept for rank senior" in said
    assert "why not b z: " in said
    assert "what if load=y: total +0 (to " in said
    facts = told(*words, *kinds, "--why", "b", "x")["answers"][0]
    assert facts["kinds"] == ["rank senior", "rank junior"]  # no second junior could come instead
    refused = call(*words, *kinds, "--margins", ranked.with_name("m.csv"))
    assert refused.exit_code == 2
    assert "--margins does not go with --previous or with kinds" in " ".join(refused.stderr.split())


def test_limits_of_kinds_that_would_have_to_give_way_are_named(ranked: Path) -> None:
    words = [ranked, "--coverage", "1", "--most", "2", "--reviewers", ranked.with_name("panel.csv")]
    said = call(*words, "--kind", "rank=senior:1..").stdout
    assert "kind: entry c lacks 1 of rank senior" in said
    assert "within the kinds rank senior" in said
    assert "what would help: relax 1 limit of kinds: c rank senior 1 fewer" in said
    fixes = {fix["fix"]: fix for fix in told(*words, "--kind", "rank=senior:1..")["fixes"]}
    assert fixes["relax_kinds"]["least"] == [["c", "rank senior", 1]]
    assert fixes["relax_kinds"]["most"] == []
    assert fixes["relax_kinds"]["missing_then"] == 0


def test_a_changed_assignment_answers_by_what_it_kept(small: Path) -> None:
    before = small.with_name("before.csv")
    write(before, [("entry", "reviewer"), ("a", "x"), ("b", "y"), ("c", "z")])
    words = [small, *LIMITS, "--previous", before]
    said = call(*words, "--why", "a", "x", "--why", "a", "y", "--what-if", "load=x").stdout
    assert "why a x: affinity 0.9, 1st of the entry's candidates; without it the total would be 0.5 more" in said
    assert "and 2 pairs fewer of those before would stay" in said
    assert "why not a y: it would cost some of the pairs before" in said
    assert "what if load=x: " in said
    facts = told(*words, "--why", "a", "y")["answers"][0]
    assert facts["reason"] == "previous pairs"
    assert facts["exchange"]["pairs_before_kept"] == -2
