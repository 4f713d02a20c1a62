"""Leaves of a round's log: canonical JSON that says no more than what kind it is of, and commitments or a digest.

A sheet's leaf is bound to round, slot and version, so that it can stand for nothing else; whoever has no secret cannot
tell one from another. A statement's leaf holds the SHA-256 of a document that everybody may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .canonical import CanonicalError, canonical_text, encoded, parse_exact
from .commitments import committed, is_hash
from .merkle import leaf_hash
from .tiles import LONGEST_ENTRY

FORMAT = 1
SHEET, EVENT = "sheet", "event"
STATEMENTS = (
    "freeze", "entries", "panel", "slots", "close", "seed", "amendment", "result", "key", "forgotten", "vote",
)  # fmt: skip


class LeafError(ValueError):
    """Bytes that are no leaf of the round's log; the message says what is wrong."""


@dataclass(frozen=True)
class Leaf:
    """What a leaf says: its kind, and `fields` (commitments by name), or of a statement its `sha256` and `index`."""

    kind: str
    fields: Mapping[str, str] | None = None
    sha256: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class Opening:
    """What is behind the commitments of one leaf: the `secret` (32 bytes) and the values by field."""

    kind: str
    round: str
    secret: bytes
    values: Mapping[str, str]

    @cached_property
    def leaf(self) -> bytes:
        """The leaf that this opens. LeafError if it would be too long for a log."""
        return _bytes(self.round, self.kind, fields=committed(self.round, self.values, self.secret))

    @cached_property
    def leaf_hash(self) -> bytes:
        return leaf_hash(self.leaf)


def sheet_opening(round_: str, slot: str, version: int, marks: Mapping[str, str], secret: bytes) -> Opening:
    """One version of a sheet: `marks` by leaf of the criteria tree."""
    marked = {f"mark/{leaf}": mark for leaf, mark in marks.items()}
    return Opening(SHEET, round_, secret, {"slot": slot, "version": str(version), **marked})


def event_opening(round_: str, event: Mapping[str, Any], secret: bytes) -> Opening:
    """Something that was done to a round: `actor`, `at`, `payload`, `verb`."""
    return Opening(EVENT, round_, secret, {"event": canonical_text(dict(event))})


def statement_leaf(round_: str, kind: str, index: int, sha256: str) -> bytes:
    """The leaf of a statement at `index` of the log. It says where it stands: no two are the same, though they may say
    the same, and none can be moved."""
    return _bytes(round_, kind, index=index, sha256=sha256)


def parse_leaf(data: bytes, round_: str) -> Leaf:
    """LeafError for anything that is not the canonical form of a leaf of this round."""
    try:
        content = parse_exact(data)
    except CanonicalError as error:
        raise LeafError(str(error)) from None
    if not isinstance(content, dict) or content.get("simsa_leaf") != FORMAT or content["simsa_leaf"] is True:
        raise LeafError("is no leaf of this format")
    if content.get("round") != round_:
        raise LeafError("is of another round")
    kind = content.get("kind")
    if kind in STATEMENTS:
        index = content.get("index")
        named = set(content) == {"simsa_leaf", "round", "kind", "sha256", "index"} and is_hash(content["sha256"])
        if not named or not isinstance(index, int) or isinstance(index, bool):
            raise LeafError(f"is no leaf of a statement {kind!r}")
        return Leaf(kind, sha256=content["sha256"], index=index)
    if kind not in (SHEET, EVENT):
        raise LeafError(f"is of the kind {str(kind)[:40]!r}, which nobody knows")
    fields = content.get("fields")
    if set(content) != {"simsa_leaf", "round", "kind", "fields"} or not isinstance(fields, dict):
        raise LeafError(f"is no {kind}")
    if not all(is_hash(value) for value in fields.values()):
        raise LeafError("holds a field that is no commitment")
    return Leaf(kind, fields=fields)


def _bytes(round_: str, kind: str, **content: Any) -> bytes:
    data = encoded({"simsa_leaf": FORMAT, "round": round_, "kind": kind, **content})
    if len(data) > LONGEST_ENTRY:
        raise LeafError(f"a {kind} of {len(data):,} bytes does not fit into a log; at most {LONGEST_ENTRY:,}")
    return data
