"""What a log tells: its statements in order, each with the document behind it, and where sheets and events stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .leaves import SHEET, Leaf, LeafError, parse_leaf
from .statements import Statement, StatementError, parse_statement


@dataclass(frozen=True)
class Story:
    """The statements of a log in its order, and where its sheets are.

    `statements`: (index, statement); `sheets`: (index, leaf); `events`: indices and leaves of what was done.
    """

    round: str
    statements: tuple[tuple[int, Statement], ...]
    sheets: tuple[tuple[int, Leaf], ...]
    events: tuple[tuple[int, Leaf], ...]

    @classmethod
    def read(cls, round_: str, leaves: Sequence[bytes], documents: Mapping[str, bytes]) -> Story:
        """LeafError and StatementError where a leaf or a document is malformed or missing; both say which."""
        statements, sheets, events = [], [], []
        for index, data in enumerate(leaves):
            leaf = _placed(index, data, round_)
            if leaf.sha256 is not None:
                if leaf.index != index or isinstance(leaf.index, bool):
                    raise LeafError(f"leaf {index} is to stand at {str(leaf.index)[:20]}")
                statements.append((index, _document(index, leaf, round_, documents)))
            elif leaf.kind == SHEET:
                sheets.append((index, leaf))
            else:
                events.append((index, leaf))
        return cls(round_, tuple(statements), tuple(sheets), tuple(events))

    def of(self, kind: str) -> list[tuple[int, Statement]]:
        """Index and statement of one kind, in the order of the log."""
        return [(index, one) for index, one in self.statements if one.kind == kind]

    def last(self, kind: str) -> Statement | None:
        found = self.of(kind)
        return found[-1][1] if found else None

    @property
    def result(self) -> Statement | None:
        """The result that counts: the last one, unless an amendment comes after it."""
        kinds = [one for _, one in self.statements if one.kind in ("result", "amendment")]
        return kinds[-1] if kinds and kinds[-1].kind == "result" else None

    @property
    def seed(self) -> str | None:
        """The seed of lots that the log leads to; None as long as there is none."""
        freeze, drawn = self.last("freeze"), self.last("seed")
        if freeze is not None and freeze.content["seed"]["kind"] == "given":
            return str(freeze.content["seed"]["value"])
        return None if drawn is None else str(drawn.content["seed"])

    @property
    def awaits_beacon(self) -> bool:
        """Whether lots wait for the value of the beacon that the freeze names."""
        freeze = self.last("freeze")
        return freeze is not None and freeze.content["seed"]["kind"] == "beacon" and self.last("seed") is None

    @property
    def rules_in_force(self) -> str:
        """The hash of the rules that are in force at the end; "" before the freeze."""
        return self.rules_hashes[-1] if self.rules_hashes else ""

    @property
    def rules_hashes(self) -> list[str]:
        """The hashes of all rules that are or were in force, in order."""
        return [one.content["rules_hash"] for _, one in self.statements if one.kind in ("freeze", "amendment")]

    @cached_property
    def replaced(self) -> dict[str, str]:
        """Old slots and those that took their place."""
        return {old: new for _, one in self.of("slots") for new, old, _reason in one.content["replaces"]}

    @cached_property
    def slots(self) -> dict[str, tuple[str, str]]:
        """Entry and commitment of every slot that was ever opened."""
        return {slot: (entry, hidden) for _, one in self.of("slots") for slot, entry, hidden in one.content["slots"]}


def _placed(index: int, data: bytes, round_: str) -> Leaf:
    try:
        leaf = parse_leaf(data, round_)
    except LeafError as error:
        raise LeafError(f"leaf {index} {error}") from None
    if leaf.index not in (None, index):
        raise LeafError(f"leaf {index} says that it is leaf {leaf.index}")
    return leaf


def _document(index: int, leaf: Leaf, round_: str, documents: Mapping[str, bytes]) -> Statement:
    assert leaf.sha256 is not None
    if leaf.sha256 not in documents:
        raise StatementError(f"leaf {index}: its statement ({leaf.kind}) is not there")
    if hashlib.sha256(documents[leaf.sha256]).hexdigest() != leaf.sha256:
        raise StatementError(f"leaf {index}: its statement ({leaf.kind}) is another document than the log names")
    try:
        return parse_statement(documents[leaf.sha256], leaf.kind, round_)
    except StatementError as error:
        raise StatementError(f"leaf {index} ({leaf.kind}): {error}") from None
