"""What one check found and the next ones build on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from simsa.engine.inputs import Entries, Reported
from simsa.record.ballots import BallotReceipt
from simsa.record.canonical import CanonicalError, parse_exact
from simsa.record.checkpoints import Checkpoint
from simsa.record.merkle import Nodes
from simsa.record.notes import VerifierKey
from simsa.record.outcome import entries_of
from simsa.record.policy import Policy
from simsa.record.receipts import Receipt
from simsa.record.shapes import Shape, ShapeError
from simsa.record.statements import Statement
from simsa.record.story import Story
from simsa.record.votes import CastBallot
from simsa.rules import Rules


class FailedError(ValueError):
    """A check that failed; the message says what is wrong, and where."""


class NothingError(Exception):
    """A receipt that proves nothing here, for or against the log; the message says why."""


class NotShownError(Exception):
    """A check that this bundle does not allow; the message says why."""


def fail(why: str) -> NoReturn:
    raise FailedError(why)


@dataclass
class Findings:
    """A bundle's `files`, what the user gave, and what the checks so far made of them."""

    files: Mapping[str, bytes]
    key: VerifierKey | None = None
    policy: Policy | None = None
    roots: bytes | None = None
    receipts: Sequence[tuple[str, Receipt | BallotReceipt]] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    checkpoints: Sequence[Checkpoint] = ()
    leaves: Sequence[bytes] = ()
    hashes: Sequence[bytes] = ()
    nodes: Nodes | None = None
    keys: Sequence[VerifierKey] = ()
    rules: Mapping[str, Rules] = field(default_factory=dict)
    closing: Mapping[str, Mapping[str, str]] | None = None
    ballots: Mapping[str, CastBallot] | None = None

    @property
    def round(self) -> str:
        return str(self.manifest["round"])

    @property
    def full(self) -> bool:
        return bool(self.manifest["tier"] == "full")

    @cached_property
    def story(self) -> Story:
        """The log's statements, read strictly. LeafError, StatementError."""
        documents = {
            path[len("statements/") : -len(".json")]: data
            for path, data in self.files.items()
            if path.startswith("statements/")
        }
        return Story.read(self.round, self.leaves, documents)

    @cached_property
    def closed(self) -> Statement | None:
        return self.story.last("close")

    @cached_property
    def there(self) -> frozenset[bytes]:
        """The hashes of all leaves."""
        return frozenset(self.hashes)

    @cached_property
    def rules_now(self) -> Rules:
        """The rules in force."""
        return self.rules[self.story.rules_in_force]

    def rules_at(self, index: int) -> Rules:
        """The rules in force at a leaf."""
        said = [one for at, one in self.story.statements if at <= index and one.kind in ("freeze", "amendment")]
        return self.rules[said[-1].content["rules_hash"]]

    @cached_property
    def taking_part(self) -> tuple[Entries, Reported]:
        """Entries and numbers that count. FailedError where there are none."""
        said = self.story.last("entries")
        if said is None:
            fail("nobody takes part: there is no statement of entries")
        return entries_of(said.content)

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Status at the close by slot."""
        assert self.closed is not None
        return {slot: status for slot, status, _hidden in self.closed.content["slots"]}

    @cached_property
    def hidden(self) -> dict[str, str]:
        """Commitment at the close by slot."""
        assert self.closed is not None
        return {slot: hidden for slot, _status, hidden in self.closed.content["slots"]}

    def json(self, path: str, shape: Shape) -> Any:
        """A file's content. FailedError if it is not there, not canonical, or of another shape."""
        if path not in self.files:
            fail(f"{path} is not there")
        try:
            content = parse_exact(self.files[path])
            shape(content, "")
        except (CanonicalError, ShapeError) as error:
            raise FailedError(f"{path}: {error}") from None
        return content
