"""Exports of HotCRP and OpenReview: what they say, in any order of files, and what is wrong with them by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.rules import RulesError
from simsa.tables.conference import Conference, read_hotcrp, read_openreview, write_folder
from simsa.tables.conference.scores import score_fields, score_of
from simsa.tables.round_folder import read_round
from simsa.tables.run import run_round
from simsa.tables.table import RowsError, TableError
from tests.draws import draws
from tests.tables.conference.exports import ANON, HOTCRP, OPENREVIEW, VENUE, edge, note, put, review

Read = Callable[[Sequence[Path]], Conference]


def hotcrp(folder: Path, files: Mapping[str, str] = HOTCRP) -> Conference:
    return read_hotcrp(put(folder, files))


def openreview(folder: Path, files: Mapping[str, str] = OPENREVIEW) -> Conference:
    return read_openreview(put(folder, files))


def by_account(found: Conference) -> dict[str, str]:
    return {member.code: member.account.partition("@")[0] for member in found.members}


def test_hotcrp(tmp_path):
    found = hotcrp(tmp_path)
    assert [(one.id, one.title) for one in found.submissions] == [
        ("1", "On marks"),
        ("2", "=On sums"),
        ("3", "On lots"),
    ]
    assert found.submissions[0].fields == {"topics": "Fairness; Panels"}
    assert [(one.code, one.name, one.account) for one in found.members] == [
        ("R001", "Ada Lovelace", "ada@example.org"),
        ("R002", "Bo Bae", "bo@example.org"),
        ("R003", "Cy Cho", "cy@example.org"),
        ("R004", "Dee", "dee@example.org"),  # a reviewer from outside the committee
    ]
    assert found.members[0].fields == {"affiliation": "North", "topics": "Fairness"}
    assert found.conflicts == {
        ("1", "R002"): "collaborator",
        ("3", "R002"): "conflict",
        ("2", "R001"): "conflict",
        ("1", "R001"): "author",
    }
    assert found.affinity is not None
    assert len(found.affinity) == 3 * 4  # whom nobody spoke of may meet all the same
    assert {pair: value for pair, value in found.affinity.items() if value} == {
        ("1", "R003"): 0.2,
        ("2", "R002"): -0.1,
        ("3", "R003"): 0.3,
    }
    assert found.assignment == (("3", "R001"), ("1", "R003"), ("2", "R002"), ("2", "R004"))
    assert [(one.id, one.least, one.most) for one in found.scores] == [("overall_merit", 1, 4), ("confidence", 2, 3)]
    assert found.marks == {
        ("1", "R003", "overall_merit"): "4",
        ("1", "R003", "confidence"): "2",
        ("2", "R002", "overall_merit"): "2",
        ("2", "R002", "confidence"): "3",
        ("2", "R004", "overall_merit"): "1",
    }
    assert any("withdrawn" in what for what in found.notes)
    assert any("Comments for authors" in what for what in found.notes)


def test_openreview(tmp_path):
    found = openreview(tmp_path)
    assert [(one.id, one.title) for one in found.submissions] == [
        ("nA1", "On marks"),
        ("nB2", "On sums"),
        ("nC3", "On lots"),
    ]
    assert found.submissions[1].fields == {"number": "2", "primary_area": "sums", "keywords": "a; b"}
    assert [(one.name, one.fields) for one in found.members] == [
        ("Ada Lovelace", {}),
        ("배보", {"affiliation": "South"}),
        ("Cy Cho", {}),
    ]
    assert found.conflicts == {("nB2", "R001"): "conflict", ("nA1", "R001"): "author"}
    assert found.affinity == {("nA1", "R003"): 0.75, ("nB2", "R002"): 0.5, ("nC3", "R002"): 1.25}
    assert found.assignment == (("nC3", "R001"), ("nA1", "R003"), ("nB2", "R002"))
    assert found.marks == {
        ("nA1", "R003", "rating"): "8",
        ("nA1", "R003", "confidence"): "4",
        ("nB2", "R002", "rating"): "3",
        ("nB2", "R002", "confidence"): "2",
    }
    told = " ".join(found.notes)
    for word in ("withdrawn", "Custom_Max_Papers", "strengths", "without an affinity", "neither"):
        assert word in told


@pytest.mark.parametrize(("read", "files"), [(read_hotcrp, HOTCRP), (read_openreview, OPENREVIEW)], ids=["h", "o"])
@settings(max_examples=draws(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_of_the_files_decides_nothing_but_the_order(tmp_path, read: Read, files, data):
    paths = put(tmp_path, files)
    expected, found = _by_name(read(paths)), _by_name(read(data.draw(st.permutations(paths))))
    assert found == expected


def _by_name(found: Conference) -> tuple[object, ...]:
    who = by_account(found)
    return (
        sorted((one.id, one.title, sorted(one.fields.items())) for one in found.submissions),
        sorted((one.account, one.name) for one in found.members),
        {(entry, who[code]) for entry, code in found.conflicts},
        {(entry, who[code]): value for (entry, code), value in (found.affinity or {}).items()},
        {(entry, who[code]) for entry, code in found.assignment},
        {(entry, who[code], key): mark for (entry, code, key), mark in found.marks.items()},
    )


@pytest.mark.parametrize(("read", "files"), [(hotcrp, HOTCRP), (openreview, OPENREVIEW)], ids=["hotcrp", "openreview"])
def test_written_folder_is_a_round_that_runs(tmp_path, read, files):
    (tmp_path / "in").mkdir()
    found = read(tmp_path / "in", files)
    written = write_folder(found, tmp_path / "round")
    inputs = read_round(tmp_path / "round")
    assert inputs.report.lines() == [] or all("no input" in line for line in inputs.report.lines())
    assert inputs.entries.ids == tuple(one.id for one in found.submissions)
    assert inputs.reviewers.ids == tuple(one.code for one in found.members)
    assert {
        (inputs.entries.ids[c.entry], inputs.reviewers.ids[c.reviewer]): c.reason for c in inputs.conflicts
    } == found.conflicts
    assert inputs.affinity is not None
    assert len(inputs.affinity.value) == len(found.affinity or {})
    run = run_round(inputs)
    winner = next(one for one in run.evaluation.selection.standings if one.selected)
    assert winner.entry == found.submissions[0].id  # both give it the better marks
    assert "account" not in inputs.reviewers.fields  # an address stays in the table alone
    assert "@" not in "".join(path.read_text() for path in written if path.name != "reviewers.csv")
    with pytest.raises(TableError, match="not empty"):
        write_folder(found, tmp_path / "round")


@pytest.mark.parametrize(("read", "files"), [(hotcrp, HOTCRP), (openreview, OPENREVIEW)], ids=["hotcrp", "openreview"])
def test_kept_as_json_it_is_the_same(tmp_path, read, files):
    found = read(tmp_path, files)
    assert Conference.of_json(json.loads(json.dumps(found.to_json()))) == found


def test_own_rules_are_used_or_refused(tmp_path):
    found = hotcrp(tmp_path)
    (rules, *_rest) = write_folder(found, tmp_path / "first")
    text = rules.read_text().replace('id = "all"', 'id = "papers"').replace('max = "4"', 'max = "5"')
    write_folder(found, tmp_path / "second", text)
    assert set(read_round(tmp_path / "second").entries.group) == {"papers"}
    with pytest.raises(RulesError):
        write_folder(found, tmp_path / "third", "nothing = 1")
    assert not (tmp_path / "third").exists()


def test_without_reviews_there_is_a_round_to_assign(tmp_path):
    found = hotcrp(tmp_path, {name: text for name, text in HOTCRP.items() if "reviews" not in name})
    write_folder(found, tmp_path / "round")
    inputs = read_round(tmp_path / "round")
    assert inputs.sheets is None
    assert [leaf.id for leaf in inputs.rules.leaves] == ["overall"]


HOTCRP_FAULTS = [
    (
        "small-allprefs.csv",
        "1,On marks,Cy,Cho,cy@example.org,,20,X,5",
        "9,x,Cy,Cho,cy@example.org,,20,X,5",
        2,
        "submission",
    ),
    ("small-allprefs.csv", ",20,X,", ",much,X,", 2, "preference"),
    ("small-allprefs.csv", ",,,,30", ",,,,many", 5, "topic_score"),
    ("small-data.json", '"pid": 3', '"pid": 2', 3, "title"),
    ("small-reviews.csv", "2B,Dee,dee@", "2B,Bo Bae,bo@", 4, "reviewer"),
    ("small-reviews.csv", ",cy@example.org,4", ",,4", 2, "email"),
    ("small-reviews.csv", "1A,Cy Cho", "1A,Cy,Cho", 2, ""),
    ("small-pcassignments.csv", "3,primary,ada@example.org", "3,primary,all", 2, "email"),
    ("small-data.json", '"pid": 2', '"pid": ""', 2, "id"),
    ("small-data.json", '"pid": 3, "title"', '"object": "user", "title"', 3, "email"),
    ("small-pcinfo.csv", "Bae,Bo@example.org", "Bae,", 3, "email"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "field"), HOTCRP_FAULTS)
def test_fault_of_hotcrp_is_told_with_file_row_and_field(tmp_path, file, old, new, line, field):
    assert old in HOTCRP[file]
    with pytest.raises(RowsError) as refused:
        hotcrp(tmp_path, {**HOTCRP, file: HOTCRP[file].replace(old, new, 1)})
    assert (file, line, field) in [(error.file, error.line, error.field) for error in refused.value.errors]


OPENREVIEW_FAULTS = [
    (note(5, "", {"title": "x"}), "id"),
    (review("r3", "nA1", 1, f"{VENUE}/Submission1/Reviewer_none", rating=1), "signatures"),
    (review("r3", "nA1", 1, ANON, rating=1), "reviewer"),
    (review("r3", "gone", 1, "~Bo_Bae2", rating=1), "submission"),
    (edge("Affinity_Score", "nA1", "~Bo_Bae2", weight="high"), "weight"),
    (edge("Affinity_Score", "nA1", "~Cy_Cho1", weight=1), "submission"),
    (edge("Bid", "nA1", "~Cy_Cho1", label="perhaps"), "label"),
    ({"id": "x", "members": "everybody"}, "members"),
    ({"what": 1}, "id"),
    ("text", ""),
]


@pytest.mark.parametrize(("item", "field"), OPENREVIEW_FAULTS)
def test_fault_of_openreview_is_told_with_file_row_and_field(tmp_path, item, field):
    with pytest.raises(RowsError) as refused:
        openreview(tmp_path, {**OPENREVIEW, "more.json": json.dumps([item])})
    assert [(error.file, error.line, error.field) for error in refused.value.errors] == [("more.json", 1, field)]


@pytest.mark.parametrize(
    ("read", "files", "what"),
    [
        (hotcrp, {"a.csv": "x,y\n1,2\n"}, "none of HotCRP's tables"),
        (hotcrp, {"a.json": "[" * 100_000}, "not JSON"),
        (hotcrp, {"a.json": '{"papers": []}'}, "lists the submissions"),
        (hotcrp, {"a.json": '[{"pid": 1, "title": "\\ud800"}]'}, "not JSON"),
        (hotcrp, {"small-data.json": HOTCRP["small-data.json"].replace("pc_conflicts", "x")}, "who reviews"),
        (openreview, {"a.json": "{"}, "not JSON"),
        (openreview, {"a.xyz": ""}, "ending"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, read, files, what):
    with pytest.raises(TableError, match=what):
        read(tmp_path, files)


NAMES = (
    *("object", "pid", "title", "topics", "authors", "email", "pc_conflicts", "reviewer_email", "status", "papers"),
    *(
        "id",
        "forum",
        "content",
        "invitations",
        "invitation",
        "signatures",
        "members",
        "head",
        "tail",
        "weight",
        "label",
    ),
    *("values", "names", "history", "institution", "value", "authorids", "notes", "edges"),
)
TEXTS = (
    "paper",
    "review",
    "user",
    "1",
    "~A_B1",
    f"{VENUE}/Reviewers",
    f"{VENUE}/-/Submission",
    f"{VENUE}/-/Official_Review",
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(TEXTS)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize(("read", "files"), [(hotcrp, HOTCRP), (openreview, OPENREVIEW)], ids=["hotcrp", "openreview"])
@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=ANYTHING)
def test_whatever_json_is_added_is_read_or_refused(tmp_path, read, files, more):
    try:
        read(tmp_path, {**files, "more.json": json.dumps(more)})
    except TableError:
        return


def test_accounts_as_json(tmp_path):
    accounts = [
        {"email": "ada@example.org", "given_name": "Ada", "roles": ["pc", "chair"]},
        {"email": "x@example.org", "roles": ["author"]},
    ]
    kept = {name: text for name, text in HOTCRP.items() if name in ("small-data.json", "small-allprefs.csv")}
    found = hotcrp(tmp_path, {**kept, "users.json": json.dumps({"users": accounts})})
    assert [(one.code, one.name) for one in found.members] == [("R001", "Ada")]


def test_scores_of_openreview_without_json(tmp_path):
    files = {**OPENREVIEW, "scores.csv": "nA1,~Bo_Bae2,0.125\nnA1,~Ada_Lovelace1,1\n"}
    found = openreview(tmp_path, files)
    assert found.affinity is not None
    assert found.affinity["nA1", "R002"] == 0.125


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("8: accept", 8),
        ("4", 4),
        ("2.5", Fraction(5, 2)),
        ("-1. weak", -1),
        ("3/5", 3),
        ("3rd place", None),
        ("", None),
    ],
)
def test_score_is_the_number_with_which_a_value_begins(text, score):
    assert score_of(text) == score


def test_field_is_a_score_only_if_all_of_its_values_are():
    found = score_fields([{"a": "1", "b": "2", "c": ""}, {"a": "2: fine", "b": "two"}, {"평점!": "3", "점수": "3"}])
    assert [(one.id, one.least, one.most, one.step) for one in found.fields] == [
        ("a", 1, 2, 1),
        ("평점", 2, 4, 1),
        ("점수", 2, 4, 1),
    ]
    assert found.texts == ("b",)
