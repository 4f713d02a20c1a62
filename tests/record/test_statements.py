"""Statements: each kind is made, read back to the same bytes, and refused in every other shape."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from simsa.engine.inputs import Entries, Reported
from simsa.record import statements
from simsa.record.canonical import canonical_bytes
from simsa.record.notes import COSIGNATURE, SigningKey
from simsa.record.statements import ClosingRow, Member, SlotOpening, Statement, StatementError, parse_statement

ROUND, HASH, OTHER = "r-2026", "ab" * 32, "cd" * 32
KEY = SigningKey("simsa.example/r-2026", 1, bytes(32)).verifier
AUDITORS = [str(SigningKey(f"audit.example/{n}", COSIGNATURE, bytes([n]) * 32).verifier) for n in (2, 1)]
SLOTS = [SlotOpening(c * 32, "e1", "reviewer", bytes(32)) for c in "20"]
NEW = SlotOpening("3" * 32, "e1", "other", bytes(32), "2" * 32, "병가")
REASON = {
    **dict.fromkeys(("rank", "score", "line", "criterion", "limit", "position", "tally", "tally_rank")),
    "cause": "no_result",
    "size": 1,
    "places": 1,
    "tied_with": ["e2"],
    "tied": 0,
    "shared": 0,
    "drawn": 0,
}
STANDING = {
    "entry": "e1",
    "group": "a",
    "outcome": "selected",
    "rank": 1,
    "score": "1/3",
    "reason": REASON,
    "values": {"total": "-1.5"},
    "exact": {"total": None},
    "calibrated": None,
    "zone": "tie",
}
RESULT = {
    "rules_hash": HASH,
    "seed": None,
    "standings": [STANDING],
    "lots": [["e1", "e2"]],
    "components": None,
    "groups": [{"group": "a", "size": 2, "places": 1, "empty": 0, "line": None}],
}
EVERY = [
    statements.freeze(ROUND, HASH, statements.NO_SEED, auditors=AUDITORS),
    statements.freeze(ROUND, HASH, statements.given("seed"), synthetic="invented"),
    statements.freeze(ROUND, HASH, statements.beacon("drand round 5")),
    statements.entries_statement(
        ROUND,
        Entries(("e2", "e1"), ("b", "a")),
        {"e1": {"ko": "하나", "en": "one"}, "e2": {"en": "two"}},
        Reported({("e1", "", "n"): Fraction(1, 3), ("e1", "c", "n"): Fraction(-3, 2)}),
    ),
    statements.panel_statement(ROUND, [Member("r1", bytes(32)), Member("r2", bytes(32))], [Member("x", bytes(32))]),
    statements.slots_statement(ROUND, [*SLOTS, NEW]),
    statements.close_statement(
        ROUND,
        7,
        bytes(32),
        2,
        [
            ClosingRow("2" * 32, "replaced"),
            ClosingRow("0" * 32, "submitted", {"c": "1"}, bytes(32)),
            ClosingRow("3" * 32, "missing"),
        ],
    ),
    statements.seed_statement(ROUND, bytes(32), "7 12 23"),
    statements.amendment(ROUND, "a mistake", HASH, OTHER),
    statements.result_statement(ROUND, RESULT),
    statements.key_statement(ROUND, KEY),
    statements.forgotten(ROUND, "the time is over"),
]
NAMES = [f"{n}-{one.kind}" for n, one in enumerate(EVERY)]


@pytest.mark.parametrize("one", EVERY, ids=NAMES)
def test_what_is_made_is_read_back(one: Statement) -> None:
    again = parse_statement(bytes(one), one.kind, ROUND)
    assert bytes(again) == bytes(one)
    assert again.sha256 == one.sha256
    for kind in {other.kind for other in EVERY} - {one.kind}:
        with pytest.raises(StatementError):
            parse_statement(bytes(one), kind, ROUND)
    with pytest.raises(StatementError, match="/round"):
        parse_statement(bytes(one), one.kind, "another")


def spoilt(content: Any) -> Iterator[Any]:
    """The content with one thing of another shape: a key more or less, an item more, a value of another kind."""
    if isinstance(content, dict):
        yield {**content, "strange": 1}
        for key, value in content.items():
            if key not in MAPPED:
                yield {name: own for name, own in content.items() if name != key}
            yield from ({**content, key: other} for other in spoilt(value))
    elif isinstance(content, list):
        yield [*content, 1]
        for n, item in enumerate(content):
            yield from ([*content[:n], other, *content[n + 1 :]] for other in spoilt(item))
    else:
        yield from ([], {}, True)
        if isinstance(content, str):
            yield 1
        if isinstance(content, int):
            yield from ("1", -1)


MAPPED = {"ko", "en", "total"}
"""Keys of objects that may have any."""


@pytest.mark.parametrize("one", EVERY, ids=NAMES)
def test_no_other_shape_is_read(one: Statement) -> None:
    for other in spoilt(json.loads(bytes(one))):
        with pytest.raises(StatementError):
            parse_statement(canonical_bytes(other), one.kind, ROUND)


def changed(content: Any, path: str, value: Any) -> Any:
    """The content with another value at `/a/0/b`."""
    head, _, rest = path.removeprefix("/").partition("/")
    own = list(content) if isinstance(content, list) else dict(content)
    key = int(head) if isinstance(own, list) else head
    own[key] = changed(own[key], rest, value) if rest else value
    return own


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("freeze", "/engine", ""),
        ("freeze", "/rules_hash", HASH.upper()),
        ("freeze", "/seed", {"kind": "none", "value": "x"}),
        ("freeze", "/seed", {"kind": "given", "value": ""}),
        ("freeze", "/seed", {"kind": "given", "source": "x"}),
        ("freeze", "/seed", {"kind": ["given"], "value": "x"}),
        ("freeze", "/auditors", sorted(AUDITORS, reverse=True)),
        ("freeze", "/auditors", [AUDITORS[0], AUDITORS[0]]),
        ("freeze", "/auditors", ["strange"]),
        ("entries", "/entries", []),
        ("entries", "/entries/0/id", "e3"),
        ("entries", "/entries/1/id", "e1"),
        ("entries", "/entries/0/name", {}),
        ("entries", "/entries/0/name", {"ko": ""}),
        ("entries", "/reported/0/3", "1.50"),
        ("entries", "/reported/0/3", "2/4"),
        ("entries", "/reported/0/3", "-0"),
        ("entries", "/reported/0/3", "+1"),
        ("entries", "/reported/0/3", ".5"),
        ("entries", "/reported/0/3", "1e3"),
        ("entries", "/reported/0/3", "1/0"),
        ("entries", "/reported/0/3", "1/2"),
        ("entries", "/reported/0/3", "٣"),
        ("entries", "/reported/0/3", "9" * 3000),
        ("entries", "/reported/0", ["e2", "", "n", "1"]),
        ("entries", "/reported/0", ["e1", "c", "n", "1"]),
        ("panel", "/reviewers", [OTHER, HASH]),
        ("panel", "/conflicts", [HASH, HASH]),
        ("slots", "/slots/0/0", "x" * 32),
        ("slots", "/slots/0/0", "4" * 32),
        ("slots", "/slots/0/1", ""),
        ("slots", "/replaces/0/2", ""),
        ("close", "/slots/0/1", "lost"),
        ("close", "/slots/0/2", ""),
        ("close", "/slots/1/2", HASH),
        ("close", "/slots/1/1", "submitted"),
        ("close", "/slots/0/0", "2" * 32),
        ("close", "/root", ""),
        ("close", "/size", None),
        ("entries", "/reported", None),
        ("seed", "/value", ""),
        ("amendment", "/reason", ""),
        ("result", "/standings/0/outcome", "won"),
        ("result", "/standings/0/score", "0.50"),
        ("result", "/standings/0/zone", ""),
        ("result", "/standings/0/reason/cause", "luck"),
        ("result", "/components", ""),
        ("key", "/key", "strange"),
        ("forgotten", "/what", "everything"),
        ("forgotten", "/simsa_statement", 2),
    ],
)
def test_what_is_of_the_shape_and_still_wrong_is_refused(kind: str, path: str, value: Any) -> None:
    whole = json.loads(bytes(next(one for one in EVERY if one.kind == kind)))
    with pytest.raises(StatementError):
        parse_statement(canonical_bytes(changed(whole, path, value)), kind, ROUND)


def test_bytes_must_be_canonical() -> None:
    data = bytes(EVERY[-1])
    for other in (data + b"\n", data.replace(b":", b": "), data[:-1], b"\xff", b"[]", b"null", b""):
        with pytest.raises(StatementError):
            parse_statement(other, "forgotten", ROUND)


def test_what_cannot_be_read_back_is_not_made() -> None:
    with pytest.raises(StatementError, match="/reason"):
        statements.amendment(ROUND, "", HASH, OTHER)
    with pytest.raises(StatementError, match="nobody takes part"):
        statements.entries_statement(ROUND, Entries((), ()), {}, Reported({}))


def test_statuses_follow_from_marks() -> None:
    assert statements.status_of(None) == "missing"
    assert statements.status_of({"a": "recused", "b": "recused"}) == "recused"
    assert statements.status_of({"a": "recused", "b": "not_submitted"}) == "submitted"
