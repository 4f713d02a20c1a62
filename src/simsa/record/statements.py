"""Statements: the documents of a round's log that everybody may read, each under its SHA-256 in one leaf.

The format, key by key, is in the reference ("The record's format"). Here each kind is made, and read back by its
shape (`statement_shapes`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from simsa.engine.inputs import Entries, Reported
from simsa.engine.lots import digest_of_parts
from simsa.rules import exact_text

from . import shapes
from .canonical import CanonicalError, canonical_bytes, canonical_text, parse_exact
from .commitments import commitment
from .notes import VerifierKey, encoded
from .statement_shapes import SHAPES

FORMAT = 1


class StatementError(ValueError):
    """A document that is no statement of its kind; the message names the place."""


@dataclass(frozen=True)
class Statement:
    """One document: its `kind`, the `round` it is of, and what it says (`content`, without these)."""

    kind: str
    round: str
    content: Mapping[str, Any]

    def __bytes__(self) -> bytes:
        whole = {"simsa_statement": FORMAT, "kind": self.kind, "round": self.round, **self.content}
        return canonical_bytes(whole)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(bytes(self)).hexdigest()


def freeze(
    round_: str, rules_hash: str, seed: Mapping[str, str], *, synthetic: str = "", auditors: Iterable[str] = ()
) -> Statement:
    """The rules that are in force from here on, and where the seed comes from (`given`, `beacon`, `no_seed`)."""
    content = {"engine": _engine(), "rules_hash": rules_hash, "seed": dict(seed), "synthetic": synthetic}
    return _made("freeze", round_, {**content, "auditors": sorted(auditors)})


NO_SEED = {"kind": "none"}


def given(value: str) -> dict[str, str]:
    """A seed that is fixed with the rules."""
    return {"kind": "given", "value": value}


def beacon(source: str) -> dict[str, str]:
    """A seed from a value that nobody knows yet, and where that will stand."""
    return {"kind": "beacon", "source": source}


def entries_statement(
    round_: str, entries: Entries, names: Mapping[str, Mapping[str, str]], reported: Reported
) -> Statement:
    """Who takes part, and what they reported. `names`: by entry and language."""
    rows = [
        {"id": key, "group": group, "name": dict(names[key])}
        for key, group in sorted(zip(entries.ids, entries.group, strict=True))
    ]
    numbers = sorted([*key, exact_text(number)] for key, number in reported.values.items())
    return _made("entries", round_, {"entries": rows, "reported": numbers})


@dataclass(frozen=True)
class Member:
    """A reviewer, or a conflict (`value` is canonical JSON of entry and reviewer), with its secret."""

    value: str
    secret: bytes


def conflict_value(entry: str, reviewer: str) -> str:
    """What a conflict's commitment is to."""
    return canonical_text([entry, reviewer])


def panel_statement(round_: str, reviewers: Iterable[Member], conflicts: Iterable[Member]) -> Statement:
    """Commitments to the panel and to the conflicts that are known."""
    content = {
        "reviewers": sorted(commitment(round_, "reviewer", one.value, one.secret) for one in reviewers),
        "conflicts": sorted(commitment(round_, "conflict", one.value, one.secret) for one in conflicts),
    }
    return _made("panel", round_, content)


@dataclass(frozen=True)
class SlotOpening:
    """A slot and who is to fill it; `replaces` and `reason` where it takes the place of another."""

    slot: str
    entry: str
    reviewer: str
    secret: bytes
    replaces: str = ""
    reason: str = ""

    def commitment(self, round_: str) -> str:
        return commitment(round_, "reviewer", self.reviewer, self.secret)


def new_slot() -> str:
    """An identifier that says nothing: 32 random hexadecimal digits."""
    return secrets.token_hex(16)


def slots_statement(round_: str, slots: Iterable[SlotOpening]) -> Statement:
    """Places for sheets, in the order of their random names."""
    ordered = sorted(slots, key=lambda one: one.slot)
    content = {
        "slots": [[one.slot, one.entry, one.commitment(round_)] for one in ordered],
        "replaces": [[one.slot, one.replaces, one.reason] for one in ordered if one.replaces],
    }
    return _made("slots", round_, content)


@dataclass(frozen=True)
class ClosingRow:
    """What counts of a slot at the close: its `status`, and the `marks` (by leaf) with a `secret` of their own."""

    slot: str
    status: str
    marks: Mapping[str, str] | None = None
    secret: bytes = b""

    def commitment(self, round_: str) -> str:
        if self.marks is None:
            return ""
        return commitment(round_, "sheet", canonical_text(dict(self.marks)), self.secret)


def status_of(marks: Mapping[str, str] | None) -> str:
    """The status of a slot that was not replaced, by the last version of its sheet."""
    if marks is None:
        return "missing"
    return "recused" if set(marks.values()) == {"recused"} else "submitted"


def close_statement(round_: str, size: int, root: bytes, sheets: int, rows: Iterable[ClosingRow]) -> Statement:
    """What counts: `sheets` leaves among the first `size`, whose root is `root`, and the status of every slot."""
    listed = sorted([row.slot, row.status, row.commitment(round_)] for row in rows)
    return _made("close", round_, {"size": size, "root": encoded(root), "sheets": sheets, "slots": listed})


def seed_of(root: bytes, value: str) -> str:
    """The seed that follows from the log up to the close, which is its last leaf there, and the value of the beacon."""
    return digest_of_parts("simsa seed v1", root, value).hex()


def seed_statement(round_: str, root: bytes, value: str) -> Statement:
    """What the beacon gave, and the seed."""
    return _made("seed", round_, {"value": value, "seed": seed_of(root, value)})


def amendment(round_: str, reason: str, previous: str, rules_hash: str) -> Statement:
    """Why rules or inputs change after the freeze."""
    return _made("amendment", round_, {"reason": reason, "previous": previous, "rules_hash": rules_hash})


def result_statement(round_: str, content: Mapping[str, Any]) -> Statement:
    """What `simsa.record.outcome` gives."""
    return _made("result", round_, dict(content))


def vote_statement(round_: str, content: Mapping[str, Any]) -> Statement:
    """What `simsa.record.votes` gives."""
    return _made("vote", round_, dict(content))


def key_statement(round_: str, key: VerifierKey) -> Statement:
    """The key that signs from here on."""
    return _made("key", round_, {"key": str(key)})


def forgotten(round_: str, reason: str) -> Statement:
    """That the secrets behind the commitments were destroyed."""
    return _made("forgotten", round_, {"what": "openings", "reason": reason})


def parse_statement(data: bytes, kind: str, round_: str) -> Statement:
    """StatementError unless it is the canonical form of a statement of this kind and round."""
    try:
        content = parse_exact(data)
        head = {"simsa_statement": shapes.constant(FORMAT), "kind": shapes.constant(kind)}
        shapes.record({**head, "round": shapes.constant(round_), **SHAPES[kind]})(content, "")
    except (CanonicalError, shapes.ShapeError) as error:
        raise StatementError(str(error)) from None
    del content["simsa_statement"], content["kind"], content["round"]
    return Statement(kind, round_, content)


def _made(kind: str, round_: str, content: Mapping[str, Any]) -> Statement:
    """A statement that can be read back: what is made is held to the same shape as what is read."""
    made = Statement(kind, round_, content)
    parse_statement(bytes(made), kind, round_)
    return made


def _engine() -> str:
    try:
        return f"simsa {version('simsa')}"
    except PackageNotFoundError:  # run from the source, not installed
        return "simsa"
