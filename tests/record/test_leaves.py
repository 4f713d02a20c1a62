"""Leaves: what they say, what they hide, and what is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.record.canonical import canonical_bytes
from simsa.record.commitments import commitment
from simsa.record.leaves import (
    EVENT,
    SHEET,
    STATEMENTS,
    Leaf,
    LeafError,
    event_opening,
    parse_leaf,
    sheet_opening,
    statement_leaf,
)
from simsa.record.merkle import leaf_hash
from simsa.record.tiles import LONGEST_ENTRY

ROUND, SECRET, HASH = "r-2026", bytes(range(32)), "ab" * 32
MARKS = {"merit": "8.5", "reach": "recused"}
SHEET_LEAF: dict[str, Any] = {"simsa_leaf": 1, "round": ROUND, "kind": SHEET, "fields": {"slot": HASH}}
STATEMENT_LEAF: dict[str, Any] = {"simsa_leaf": 1, "round": ROUND, "kind": "close", "sha256": HASH}


def test_a_sheet_says_nothing_but_commitments() -> None:
    opening = sheet_opening(ROUND, "0" * 32, 2, MARKS, SECRET)
    values = {"slot": "0" * 32, "version": "2", "mark/merit": "8.5", "mark/reach": "recused"}
    fields = {name: commitment(ROUND, name, value, SECRET) for name, value in values.items()}
    assert opening.leaf == canonical_bytes({"simsa_leaf": 1, "round": ROUND, "kind": "sheet", "fields": fields})
    assert opening.leaf_hash == leaf_hash(opening.leaf)
    assert parse_leaf(opening.leaf, ROUND) == Leaf(SHEET, fields=fields)


@given(st.sampled_from(["round", "slot", "version", "mark", "secret"]))
def test_each_part_of_a_sheet_changes_its_leaf(part: str) -> None:
    own: dict[str, Any] = {"round_": ROUND, "slot": "0" * 32, "version": 1, "marks": MARKS, "secret": SECRET}
    other = {
        "round": {"round_": "r"},
        "slot": {"slot": "1" * 32},
        "version": {"version": 2},
        "mark": {"marks": {**MARKS, "merit": "9"}},
        "secret": {"secret": bytes(32)},
    }[part]
    assert sheet_opening(**own).leaf != sheet_opening(**{**own, **other}).leaf


def test_an_event_is_committed_to_as_a_whole() -> None:
    event = {"verb": "open", "actor": "김", "at": "2026-11-28", "payload": {"n": [1, None]}}
    opening = event_opening(ROUND, event, SECRET)
    [(name, hidden)] = (parse_leaf(opening.leaf, ROUND).fields or {}).items()
    assert (name, hidden) == ("event", commitment(ROUND, "event", canonical_bytes(event).decode(), SECRET))
    assert parse_leaf(opening.leaf, ROUND).kind == EVENT


@pytest.mark.parametrize("kind", STATEMENTS)
def test_the_leaf_of_a_statement_names_its_document(kind: str) -> None:
    assert parse_leaf(statement_leaf(ROUND, kind, 7, HASH), ROUND) == Leaf(kind, sha256=HASH, index=7)


def test_a_leaf_has_a_longest() -> None:
    marks = {f"c{n}": "1" for n in range(900)}
    with pytest.raises(LeafError, match="does not fit"):
        assert sheet_opening(ROUND, "0" * 32, 1, marks, SECRET).leaf
    fits = {f"c{n}": "1" for n in range(800)}
    assert len(sheet_opening(ROUND, "0" * 32, 1, fits, SECRET).leaf) <= LONGEST_ENTRY


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ([], "no leaf of this format"),
        ("sheet", "no leaf of this format"),
        ({**SHEET_LEAF, "simsa_leaf": 2}, "no leaf of this format"),
        ({**SHEET_LEAF, "simsa_leaf": True}, "no leaf of this format"),
        ({**SHEET_LEAF, "simsa_leaf": "1"}, "no leaf of this format"),
        ({**SHEET_LEAF, "round": "other"}, "another round"),
        ({**SHEET_LEAF, "round": None}, "another round"),
        ({**SHEET_LEAF, "kind": "note"}, "nobody knows"),
        ({**SHEET_LEAF, "kind": ["sheet"]}, "nobody knows"),
        ({**SHEET_LEAF, "kind": None}, "nobody knows"),
        ({**SHEET_LEAF, "more": 1}, "is no sheet"),
        ({**SHEET_LEAF, "fields": [HASH]}, "is no sheet"),
        ({**SHEET_LEAF, "fields": None}, "is no sheet"),
        ({**SHEET_LEAF, "sha256": HASH}, "is no sheet"),
        ({**SHEET_LEAF, "fields": {"slot": HASH.upper()}}, "no commitment"),
        ({**SHEET_LEAF, "fields": {"slot": {"slot": HASH}}}, "no commitment"),
        ({**STATEMENT_LEAF, "sha256": HASH[:-1]}, "statement 'close'"),
        ({**STATEMENT_LEAF, "sha256": None}, "statement 'close'"),
        ({**STATEMENT_LEAF, "fields": {}}, "statement 'close'"),
        ({**STATEMENT_LEAF, "kind": SHEET}, "is no sheet"),
        ({key: value for key, value in STATEMENT_LEAF.items() if key != "sha256"}, "statement 'close'"),
    ],
)
def test_what_is_no_leaf_is_refused(content: Any, why: str) -> None:
    with pytest.raises(LeafError, match=why):
        parse_leaf(canonical_bytes(content), ROUND)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"{", canonical_bytes(SHEET_LEAF) + b" ", b" " + canonical_bytes(SHEET_LEAF)]
)
def test_bytes_that_are_not_canonical_are_no_leaf(data: bytes) -> None:
    with pytest.raises(LeafError):
        parse_leaf(data, ROUND)
