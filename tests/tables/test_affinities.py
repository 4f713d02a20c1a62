"""Affinities, bids, constraints and limits in every shape, and what is wrong with them."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.engine.assignment import assign
from simsa.tables.affinities import (
    BidMeaning,
    Constraints,
    Scores,
    bid_affinity,
    matrices,
    pose,
    read_bids,
    read_constraints,
    read_entry_limits,
    read_reviewer_limits,
    read_scores,
    with_bids,
    with_others,
)
from simsa.tables.files import write_table
from simsa.tables.table import RowsError, Table, TableError

NAN = float("nan")


def put(tmp_path: Path, name: str, content: str | bytes) -> Path:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path / name


def listed(scores: Scores) -> set[tuple[str, str, float]]:
    pairs = zip(scores.entry.tolist(), scores.reviewer.tolist(), scores.value.tolist(), strict=True)
    return {(scores.entries[e], scores.reviewers[r], value) for e, r, value in pairs}


def forbidden(scores: Scores) -> set[tuple[str, str]]:
    return {(scores.entries[e], scores.reviewers[r]) for e, r in scores.forbidden.tolist()}


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("a.csv", "entry,reviewer,affinity\np1,~A_B1,0.5\np2,~A_B1,0.25\np1,~C1,1\n", "long"),
        ("a.csv", "Paper ID;User;Score\np1;~A_B1;0.5\np2;~A_B1;0.25\np1;~C1;1\n", "long"),
        ("a.csv", ",~A_B1,~C1\np1,0.5,1\np2,0.25,\n", "dense"),
        ("a.csv", "p1,~A_B1,0.5\np2,~A_B1,0.25\np1,~C1,1\n", "openreview"),
        ("a.csv", "head,tail,weight,label\np1,~A_B1,0.5,x\np2,~A_B1,0.25,\np1,~C1,1,\n", "edges"),
        ("a.csv", "head,tail,weight\n~A_B1,p1,0.5\n~A_B1,p2,0.25\n~C1,p1,1\n", "edges"),
    ],
)
def test_tables_of_every_shape_say_the_same(tmp_path: Path, name: str, content: str, shape: str) -> None:
    file = put(tmp_path, name, content)
    scores = read_scores(file)
    assert scores.shape == shape
    assert listed(scores) == {("p1", "~A_B1", 0.5), ("p2", "~A_B1", 0.25), ("p1", "~C1", 1.0)}
    again = read_scores(file, entries=["p0", "p2", "p1"], reviewers=["~C1", "~A_B1"], shape=shape)
    assert listed(again) == listed(scores)
    assert again.entries == ("p0", "p2", "p1")


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "json"])
def test_a_long_table_in_other_formats(tmp_path: Path, ending: str) -> None:
    table = Table.of(["entry", "reviewer", "affinity"], [["1", "r", "0.5"], ["2", "r", "-1"]])
    write_table(table, tmp_path / f"a.{ending}")
    assert listed(read_scores(tmp_path / f"a.{ending}")) == {("1", "r", 0.5), ("2", "r", -1.0)}


def test_matrices_without_names(tmp_path: Path) -> None:
    matrix = np.array([[0.5, NAN, 1.0], [0.0, 2.0, NAN]])
    np.save(tmp_path / "a.npy", matrix)
    wanted = {("e1", "r1", 0.5), ("e1", "r3", 1.0), ("e2", "r1", 0.0), ("e2", "r2", 2.0)}
    assert listed(read_scores(tmp_path / "a.npy")) == wanted
    stored = scipy.sparse.coo_matrix(([0.5, 1.0, 0.0, 2.0], ([0, 0, 1, 1], [0, 2, 0, 1])), shape=(2, 3))
    for kind in ("csr", "csc", "coo"):
        scipy.sparse.save_npz(tmp_path / "a.npz", stored.asformat(kind))
        assert listed(read_scores(tmp_path / "a.npz")) == wanted
    text = put(tmp_path, "a.in", "2 3\n0.5 nan 1 \n0 2 nan\n")
    assert listed(read_scores(text)) == wanted
    assert read_scores(put(tmp_path, "a.txt", text.read_bytes())).shape == "matrix"
    named = read_scores(text, entries=["x", "y"], reviewers=["a", "b", "c"])
    assert ("y", "b", 2.0) in listed(named)
    with pytest.raises(TableError, match="has 2 rows, but --entries lists 3"):
        read_scores(text, entries=["x", "y", "z"])


def test_hotcrp_preferences_with_conflicts_and_topics(tmp_path: Path) -> None:
    text = (
        "paper,title,given_name,family_name,email,conflict,preference,expertise,topic_score\n"
        "1,T,A,B,a@x.org,,20,X,\n1,T,C,D,c@x.org,conflict,,,\n2,U,A,B,a@x.org,,-100,,3\n2,U,C,D,c@x.org,,,,-2\n"
    )
    scores = read_scores(put(tmp_path, "allprefs.csv", text))
    assert scores.shape == "hotcrp"
    assert listed(scores) == {("1", "a@x.org", 20.0), ("2", "c@x.org", -0.02)}
    assert forbidden(scores) == {("1", "c@x.org"), ("2", "a@x.org")}
    filled = with_others(scores, 0.0)
    assert len(filled.value) == 4
    assert listed(scores) < listed(filled)


def test_bids_are_worth_what_is_declared(tmp_path: Path) -> None:
    text = "Bidder,Submission,Bid\nr1,1,yes\nr1,2,Maybe\nr2,1,conflict\nr2,2,no\nr3,1,\nr3,2,40\nr4,1,-7Y\nr4,2,-100\n"
    file = put(tmp_path, "b.csv", text)
    scores = read_scores(file)
    assert scores.shape == "bids"
    assert listed(scores) == {
        ("1", "r1", 1.0),
        ("2", "r1", 0.5),
        ("2", "r2", -1.0),
        ("1", "r3", 0.0),
        ("2", "r3", 0.4),
        ("1", "r4", -0.07),
    }
    assert forbidden(scores) == {("1", "r2"), ("2", "r4")}
    assert scores.notes == (
        "yes +1, maybe +0.5, no -1, conflict never meets, each point +0.01, from -100 down a conflict",
    )
    other = BidMeaning().changed("yes=3, no=conflict").changed("point=1")
    again = read_scores(file, meaning=other)
    assert {("1", "r1", 3.0), ("2", "r3", 40.0)} < listed(again)
    assert ("2", "r2") in forbidden(again)


def test_bids_are_added_to_affinities(tmp_path: Path) -> None:
    scores = read_scores(put(tmp_path, "a.csv", "entry,reviewer,affinity\n1,r1,0.5\n2,r2,0.25\n2,r1,1\n"))
    bids = put(tmp_path, "b.csv", "paper,email,preference\n1,r1,50\n1,r2,10\n2,r1,-100\n2,r2,\n")
    added = with_bids(scores, read_bids(bids, scores.entries, scores.reviewers, BidMeaning()))
    assert listed(added) == {("1", "r1", 1.0), ("2", "r2", 0.25), ("2", "r1", 1.0)}
    assert forbidden(added) == {("2", "r1")}
    assert any("1 bids are on pairs without an affinity" in note for note in added.notes)
    edges = put(tmp_path, "e.csv", "head,tail,label\n1,r1,Very High\n")
    assert read_bids(edges, scores.entries, scores.reviewers, BidMeaning()).value.tolist() == [1.0]
    with pytest.raises(TableError, match="has no bids"):
        read_bids(tmp_path / "a.csv", scores.entries, scores.reviewers, BidMeaning())


@pytest.mark.parametrize("text", ["yes", "=1", "yes=", "yes=much", "yes=nan", "yes=1_0", "yes=1,,"])
def test_a_bid_that_declares_nothing_is_refused(text: str) -> None:
    with pytest.raises(TableError, match="--bid"):
        BidMeaning().changed(text)


@given(points=st.integers(-99, 100), point=st.sampled_from([0.01, 0.5, 1.0]))
def test_points_are_worth_their_number(points: int, point: float) -> None:
    found = bid_affinity(pl.Series([str(points), f"{points}X"]), BidMeaning(point=point))
    assert found.value.tolist() == [points * point] * 2
    assert not found.conflict.any()


LONG = "entry,reviewer,affinity\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "a.csv",
            LONG + "e1,r1,1\ne1,r1,2\n",
            "line 3, reviewer 'r1': stands twice beside entry 'e1' (one row for each",
        ),
        ("a.csv", LONG + "e1,r1,nan\n", "line 2, affinity 'nan': is not a number (a decimal such as 0.75)"),
        ("a.csv", LONG + "e1,r1,-inf\n", "line 2, affinity '-inf': is not a number"),
        ("a.csv", LONG + "e1,r1,1e999\n", "line 2, affinity '1e999': is not a number"),
        ("a.csv", LONG + "e1,r1,\n", "line 2, affinity: is not a number"),
        ("a.csv", LONG + "e1,,1\n", "line 2, reviewer: is empty"),
        ("a.csv", LONG + "e1,r1\n", "line 2 'e1': has 2 fields, the header has 3"),
        ("a.csv", LONG + "e1,r\x01,1\n", "has a control character"),
        ("a.csv", LONG, "has no pair with an affinity"),
        ("a.csv", "", "the file is empty"),
        ("a.csv", b"entry,reviewer,affinity\ne,\xff\xff,1\n", "line 2 is not text"),
        ("a.csv", "entry,reviewer,afinity\ne,r,1\n", "there is no column 'affinity' (the columns are entry, reviewer"),
        ("a.csv", "one\n1\n", "there is no column 'entry'"),
        ("a.csv", ",r1,r2\ne1,1,x\ne1,2,3\n", "line 2, r2 'x': is not a number"),
        ("a.csv", ",r1,r2\ne1,1,\ne1,2,3\n", "line 3, column 1 'e1': is there twice"),
        ("a.csv", ",r1,r1\ne1,1,\n", "are all called 'r1'"),
        ("a.csv", "paper,email,preference\n1,a,often\n", "preference 'often': is not a preference"),
        ("a.csv", "entry,reviewer,bid\n1,a,often\n", "bid 'often': is not a bid (yes, maybe, no, conflict"),
        ("a.docx", "x", "the ending .docx is not known here"),
        ("a.in", "2 2\n1 2\n3\n", "line 3: has 1 numbers, but the first line says 2"),
        ("a.in", "2 2\n1 2\n3 x\n", "line 3, number 2 'x': is not a number"),
        ("a.in", "2 2\n1 2\n", "has 1 rows, but its first line says 2"),
        ("a.in", "2 2\n1 2\n3 inf\n", "row 2, column 2 is inf; write NaN where there is no candidate"),
        ("a.in", "a b\n1 2\n", "line 1 must say how many rows and columns there are"),
        ("a.in", "", "the file is empty"),
        ("a.in", "2 2\n1 é\n", "line 2 is not plain text"),
        ("a.in", "99999 99999\n1\n", "more than the 100,000,000 that are held at once"),
        ("a.npy", b"no matrix", "a.npy: is no file of numpy.save; np.save writes one"),
        ("a.npy", b"\x93NUMPY\x01\x00", "is no matrix of numpy.save that can be read"),
        ("a.npz", b"PK\x03\x04", "is no sparse matrix of scipy.sparse.save_npz"),
    ],
)
def test_faults_are_told_with_row_field_and_advice(
    tmp_path: Path, name: str, content: str | bytes, expected: str
) -> None:
    with pytest.raises(TableError) as caught:
        read_scores(put(tmp_path, name, content))
    assert expected in str(caught.value)


def test_unknown_ids_are_named_with_the_known_ones(tmp_path: Path) -> None:
    file = put(tmp_path, "a.csv", LONG + "e1,r1,1\ne2,r9,1\n")
    with pytest.raises(RowsError, match=r"line 3, reviewer 'r9': is not known here \(known: r1, r2\)"):
        read_scores(file, entries=["e1", "e2"], reviewers=["r1", "r2"])
    dense = put(tmp_path, "d.csv", "x,r1,r9\ne1,1,2\n")
    with pytest.raises(TableError, match="the header names r9, not among the reviewers that are known"):
        read_scores(dense, reviewers=["r1"])


def test_a_shape_that_is_forced_but_does_not_fit(tmp_path: Path) -> None:
    file = put(tmp_path, "a.csv", LONG + "e1,r1,1\n")
    with pytest.raises(TableError, match="is not OpenReview's edges"):
        read_scores(file, shape="edges")
    with pytest.raises(TableError, match="has a header"):
        read_scores(file, shape="openreview")
    np.save(tmp_path / "a.npy", np.ones((1, 1)))
    with pytest.raises(TableError, match="leave --shape out"):
        read_scores(tmp_path / "a.npy", shape="sparse")
    with pytest.raises(TableError, match="no sparse matrix"):
        read_scores(file, shape="sparse")


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.ones(3), "has 1 dimensions"),
        (np.array([["a"]]), "not numbers"),
        (np.array([[1j]]), "not numbers"),
        (np.array([[np.inf]]), "row 1, column 1 is inf"),
        (np.array([[NAN]]), "has no pair with an affinity"),
    ],
)
def test_arrays_that_are_no_affinities(tmp_path: Path, array: np.ndarray[Any, Any], expected: str) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(TableError, match=expected):
        read_scores(tmp_path / "a.npy")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    np.save(tmp_path / "a.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", format=np.array(Trap(), dtype=object), data=np.ones(1))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(TableError, match="that can be read"):
            read_scores(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format": np.array("bsr")}, "its format is bsr"),
        ({"indices": np.array([0, 9])}, "outside of its size"),
        ({"indptr": np.array([0, 3, 2])}, "do not start where they should"),
        ({"indices": np.array([0])}, "differ in length"),
        ({"indices": np.array([1, 1]), "indptr": np.array([0, 2, 2])}, "row 1, column 2 is stored twice"),
        ({"data": np.array([1.0, np.inf])}, "row 2, column 2 is inf"),
        ({"data": np.array(["a", "b"])}, "not numbers"),
        ({"shape": None}, "that can be read"),
    ],
)
def test_sparse_files_that_contradict_themselves(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    parts: dict[str, Any] = {
        "format": np.array("csr"),
        "shape": np.array([2, 2]),
        "data": np.ones(2),
        "indices": np.array([0, 1]),
        "indptr": np.array([0, 1, 2]),
    }
    target = io.BytesIO()
    np.savez(target, **{name: part for name, part in (parts | changes).items() if part is not None})
    with pytest.raises(TableError, match=expected):
        read_scores(put(tmp_path, "a.npz", target.getvalue()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([b"", LONG.encode(), b"p,r,1\n", b"2 2\n", b",r1,r2\n", b"\x93NUMPY\x01\x00", b"PK\x03\x04"]),
    data=st.binary(max_size=40) | st.text(st.sampled_from('e1,.\n"\r \0-n'), max_size=40).map(str.encode),
    name=st.sampled_from(["a.csv", "a.npy", "a.npz", "a.in", "a.txt", "a.tsv", "a.json"]),
)
def test_no_file_makes_the_reader_fall_over(tmp_path: Path, start: bytes, data: bytes, name: str) -> None:
    """Read or refused, but never anything else."""
    try:
        scores = read_scores(put(tmp_path, name, start + data))
    except TableError:
        return
    assert np.isfinite(scores.value).all()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 600), flip=st.integers(0, 600), kind=st.sampled_from(["a.npz", "a.npy"]))
def test_no_damage_makes_the_reader_fall_over(tmp_path: Path, cut: int, flip: int, kind: str) -> None:
    whole = tmp_path / f"whole-{kind}"
    if kind == "a.npz":
        scipy.sparse.save_npz(whole, scipy.sparse.csr_matrix(np.eye(3)))
    else:
        np.save(whole, np.eye(3))
    data = bytearray(whole.read_bytes())
    data[flip % len(data)] ^= 0x55
    try:
        read_scores(put(tmp_path, kind, bytes(data[: max(len(data) - cut, 0)])))
    except TableError:
        return


def test_constraints_of_every_shape(tmp_path: Path) -> None:
    ids = (("1", "2"), ("~A1", "~B1"))
    wanted = [[0, 1]]
    for content in (
        "entry,reviewer,reason\n1,~B1,family\n",
        "1,~B1,-1\n2,~A1,0\n",
        "paper,user,constraint\n1,~B1,-1\n",
        "head,tail,weight,label\n1,~B1,-1,Conflict\n",
        "paper,action,email\n1,conflict,~B1\n1,clearreview,#pc\n2,primaryreview,~A1\n",
        "paper,title,email,conflict,preference\n1,T,~B1,conflict,\n2,T,~A1,,20\n",
        "paper,title,email,preference,notes\n1,T,~B1,,conflict\n2,T,~A1,20,\n",
        "entry,reviewer,bid\n1,~B1,conflict\n2,~A1,yes\n",
    ):
        found = read_constraints(put(tmp_path, "c.csv", content), *ids, "forbidden")
        assert found.forbidden.tolist() == wanted, content
        assert not len(found.pinned)
    both = read_constraints(put(tmp_path, "c.csv", "1,~B1,-1\n2,~A1,1\n"), *ids, "forbidden")
    assert both.pinned.tolist() == [[1, 0]]
    hotcrp = put(tmp_path, "p.csv", "paper,action,email,round\n1,clearreview,#pc,any\n2,primaryreview,~A1,R1\n")
    found = read_constraints(hotcrp, *ids, "pinned")
    assert (found.pinned.tolist(), found.ignored) == ([[1, 0]], 1)
    assert "1 rows of the constraints" in found.notes[0]
    np.save(tmp_path / "c.npy", np.array([[0, 1], [0, 0]]))
    assert read_constraints(tmp_path / "c.npy", *ids, "forbidden").forbidden.tolist() == wanted


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("entry,reviewer\n9,~B1\n", "line 2, entry '9': is not known here (known: 1, 2)"),
        ("entry,reviewer\n1,\n", "line 2, reviewer: is empty"),
        ("1,~B1,-2\n", "is no constraint (-1 forbidden, 1 pinned, 0 neither)"),
        ("who,what\n1,~B1\n", "a table of pairs has the columns entry and reviewer"),
    ],
)
def test_faulty_constraints(tmp_path: Path, content: str, expected: str) -> None:
    with pytest.raises(TableError) as caught:
        read_constraints(put(tmp_path, "c.csv", content), ("1", "2"), ("~A1", "~B1"), "forbidden")
    assert expected in str(caught.value)


def test_limits_of_single_ones(tmp_path: Path) -> None:
    entries = read_entry_limits(put(tmp_path, "e.csv", "id,coverage\na,2\nb,\n"))
    assert (entries.ids, entries.coverage.tolist()) == (("a", "b"), [2, -1])
    for header in ("id,least,most", "email,min,load"):
        reviewers = read_reviewer_limits(put(tmp_path, "r.csv", f"{header}\nx,1,4\ny,,0\n"))
        assert (reviewers.least.tolist(), reviewers.most.tolist()) == ([1, -1], [4, 0])
    bare = read_reviewer_limits(put(tmp_path, "r.csv", "~A1,3\n~B1,5\n"))
    assert (bare.ids, bare.most.tolist()) == (("~A1", "~B1"), [3, 5])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,most\nx,-1\n", "line 2, most '-1': is not a whole number from 0 (for example 6; empty: as for everybody)"),
        ("id,most\nx,2.5\n", "most '2.5': is not a whole number"),
        ("id,most\nx,1e30\n", "most '1e30': is not a whole number"),
        ("id,least,most\nx,3,2\n", "least '3': is above the greatest load"),
        ("id,most\nx,2\nx,3\n", "line 3, id 'x': is there twice"),
        ("id,most\n,2\n", "line 2, id: is empty"),
        ("id,most\n", "has no reviewer"),
        ("name,most\nx,2\n", "there is no column 'id'"),
    ],
)
def test_faulty_limits(tmp_path: Path, content: str, expected: str) -> None:
    with pytest.raises(TableError) as caught:
        read_reviewer_limits(put(tmp_path, "r.csv", content))
    assert expected in str(caught.value)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(["", "id,most\n", "entry,reviewer\n", "paper,action,email\n", "head,tail\n", "~A1,"]),
    text=st.text(st.sampled_from('1,~AB\n"\r -.'), max_size=30),
)
def test_no_table_of_pairs_or_limits_makes_the_reader_fall_over(tmp_path: Path, start: str, text: str) -> None:
    file = put(tmp_path, "t.csv", start + text)
    readers: list[Callable[[], object]] = [
        lambda: read_constraints(file, ("1", "2"), ("~A1", "~B1"), "forbidden"),
        lambda: read_constraints(file, ("1", "2"), ("~A1", "~B1"), "pinned"),
        lambda: read_bids(file, ("1", "2"), ("~A1", "~B1"), BidMeaning()),
        lambda: read_entry_limits(file),
        lambda: read_reviewer_limits(file),
    ]
    for read in readers:
        with suppress(TableError):
            read()


def test_numbered_reviewers_are_a_header(tmp_path: Path) -> None:
    scores = read_scores(put(tmp_path, "a.csv", "entry by reviewer,1,2\ne1,0.5,0.25\n"))
    assert (scores.shape, scores.reviewers) == ("dense", ("1", "2"))


def test_contradictions_are_named_by_id(tmp_path: Path) -> None:
    scores = read_scores(put(tmp_path, "a.csv", LONG + "e1,r1,1\ne1,r2,2\ne2,r1,3\n"))
    pair, ones, zeros = np.array([[0, 1]]), np.ones(2, np.int64), np.zeros(2, np.int64)
    with pytest.raises(TableError, match="both pinned and forbidden: entry 'e1' with reviewer 'r2'"):
        pose(scores, Constraints(pair, pair), ones, zeros, ones)
    with pytest.raises(TableError, match="reviewer 'r2': pinned entries 1, load at most 0"):
        pose(scores, Constraints(pinned=pair), ones, zeros, zeros)
    with pytest.raises(TableError, match="entry 'e1': pinned reviewers 1, coverage 0"):
        pose(scores, Constraints(pinned=pair), zeros, zeros, ones)
    with pytest.raises(TableError, match="reviewer 'r1': load at least 1, load at most 0"):
        pose(scores, Constraints(), ones, ones, zeros)


def test_a_pinned_pair_without_an_affinity_is_worth_nothing(tmp_path: Path) -> None:
    scores = read_scores(put(tmp_path, "a.csv", LONG + "e1,r1,1\ne1,r2,2\ne2,r1,3\n"))
    ones = np.ones(2, np.int64)
    solved = assign(pose(scores, Constraints(pinned=np.array([[1, 1]])), ones, 0 * ones, ones))
    assert list(zip(solved.entry.tolist(), solved.reviewer.tolist(), strict=True)) == [(0, 0), (1, 1)]
    assert solved.total == 1


def test_too_many_pairs_are_refused_before_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = read_scores(put(tmp_path, "a.csv", LONG + "e1,r1,1\n"))
    wide = replace(scores, entries=("e",) * 20_000, reviewers=("r",) * 20_000)
    with pytest.raises(TableError, match="leave --others out"):
        with_others(wide, 0.0)
    monkeypatch.setattr(matrices, "MOST_PAIRS", 3)
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    with pytest.raises(TableError, match="has 4 pairs, more than the 3"):
        read_scores(tmp_path / "a.npy")
