"""What a bundle is made of, wherever the record is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simsa.record.canonical import canonical_bytes
from simsa.record.checkpoints import Checkpoint
from simsa.record.notes import VerifierKey
from simsa.record.story import Story
from simsa.rules import Rules

Tier = Literal["public", "full"]
FORMAT = 1


@dataclass(frozen=True)
class Openings:
    """What is behind the commitments, for auditors.

    `sheets`: (index, secret, slot, version, marks); `slots`: (slot, secret, reviewer); `reviewers`: (secret, reviewer);
    `conflicts`: (secret, entry, reviewer); `events`: (index, secret, event). Secrets are 32 bytes. `components`: those
    that a calibrated score follows from, with their secret, as they are in the file. `batches`: (index of the event,
    commitments of the ballots that it sealed, in their order), once a vote was counted.
    """

    sheets: Sequence[tuple[int, bytes, str, int, Mapping[str, str]]] = ()
    slots: Sequence[tuple[str, bytes, str]] = ()
    reviewers: Sequence[tuple[bytes, str]] = ()
    conflicts: Sequence[tuple[bytes, str, str]] = ()
    events: Sequence[tuple[int, bytes, Mapping[str, Any]]] = ()
    components: Mapping[str, Any] | None = None
    batches: Sequence[tuple[int, Sequence[str]]] | None = None

    def files(self) -> dict[str, bytes]:
        """The files of `openings/`."""
        panel = {
            "reviewers": sorted([secret.hex(), code] for secret, code in self.reviewers),
            "conflicts": sorted([secret.hex(), entry, code] for secret, entry, code in self.conflicts),
        }
        sheets = sorted(self.sheets, key=lambda row: row[0])
        found: dict[str, Any] = {
            "sheets": [[n, secret.hex(), slot, version, dict(marks)] for n, secret, slot, version, marks in sheets],
            "slots": sorted([slot, secret.hex(), code] for slot, secret, code in self.slots),
            "panel": panel,
            "events": [[n, s.hex(), dict(event)] for n, s, event in sorted(self.events, key=lambda row: row[0])],
        }
        if self.components is not None:
            found["components"] = dict(self.components)
        if self.batches is not None:
            found["ballots"] = sorted([index, list(commitments)] for index, commitments in self.batches)
        return {f"openings/{name}.json": canonical_bytes(content) for name, content in found.items()}


@dataclass(frozen=True)
class Contents:
    """A round's record as a bundle shows it.

    `leaves` of the whole log, `checkpoint` of exactly these and earlier `checkpoints`; `rules` (canonical bytes by
    hash), `statements` (bytes by SHA-256); `closing`: opened rows of the close (slot, secret, marks), None where they
    stay closed; `ballots` of a vote that was counted (`simsa.record.votes.ballots_file`), None where they are not
    shown; `openings` in the full tier alone; `stamps`: RFC 3161 responses by the size of their checkpoint.
    """

    round: str
    first_key: VerifierKey
    leaves: Sequence[bytes]
    checkpoint: Checkpoint
    rules: Mapping[str, bytes]
    statements: Mapping[str, bytes]
    checkpoints: Sequence[Checkpoint] = ()
    closing: Sequence[tuple[str, bytes, Mapping[str, str]]] | None = None
    ballots: bytes | None = None
    openings: Openings | None = None
    stamps: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def tier(self) -> Tier:
        return "public" if self.openings is None else "full"


def linkless(rules: Rules) -> bool:
    """Whether the result follows from sheets of which nobody knows who wrote them."""
    return not rules.calibration.official and rules.lottery is None


def shows_sheets(story: Story, rules: Rules, tier: Tier) -> bool:
    """Whether a bundle opens the closing rows. `rules`: those in force."""
    if story.last("close") is None or story.last("forgotten") is not None:
        return False
    return tier == "full" or linkless(rules)


def shows_ballots(story: Story, tier: Tier) -> bool:
    """Whether a bundle has the ballots of a vote: the public gets them once no sheet can be filled in by them."""
    return story.last("vote") is not None and (tier == "full" or story.last("close") is not None)


def earlier(checkpoints: Iterable[Checkpoint], last: Checkpoint, stamped: Collection[int] = ()) -> list[Checkpoint]:
    """Those that a bundle shows beside the last one: signed by more than one key, or with a time stamp."""
    return [
        one for one in checkpoints if one.size < last.size and (one.size in stamped or len(one.note.signatures) > 1)
    ]
