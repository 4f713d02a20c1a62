"""What a verification comes to: every check with its outcome, and the verdict that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_SHOWN = "not shown"


class Answer(StrEnum):
    """Of all checks together."""

    VERIFIED = "verified"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"


NAMES = (
    "archive", "manifest", "log", "keys", "witnesses", "timestamps", "statements", "rules", "slots", "sheets",
    "ballots", "seed", "tally", "selection", "first-page", "openings", "calibration", "receipts",
)  # fmt: skip
"""The checks in their order."""


@dataclass(frozen=True)
class Check:
    """One check; `why` it failed or is not shown, or what it found."""

    name: str
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True)
class Winner:
    """One of the selected, as the bundle states it; `group_name` and `name` by language."""

    group: str
    group_name: Mapping[str, str]
    rank: int | None
    entry: str
    name: Mapping[str, str]
    score: str | None


@dataclass(frozen=True)
class Change:
    """What was changed on the way, at `leaf`.

    An `amendment` (its `reason`, and whether to the `rules`), a `replaced` slot (of `entry`), or the signing `key`.
    """

    kind: str
    leaf: int
    reason: str = ""
    entry: str = ""
    rules: bool = False


@dataclass(frozen=True)
class Verdict:
    """As the bundle states them ("" where it could not be read): `tier`, `round`, `names` (of the round by language),
    `language` (of its rules), `origin`, `key`, `size`, `root`, `synthetic`.
    """

    answer: Answer
    checks: tuple[Check, ...]
    tier: str = ""
    round: str = ""
    names: Mapping[str, str] | None = None
    language: str = "en"
    origin: str = ""
    key: str = ""
    size: int = 0
    root: str = ""
    synthetic: str = ""
    winners: tuple[Winner, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome is Outcome.FAILED)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "verdict": self.answer.value,
            "tier": self.tier,
            "round": self.round,
            "name": dict(self.names or {}),
            "origin": self.origin,
            "key": self.key,
            "size": self.size,
            "root": self.root,
            "synthetic": self.synthetic,
            "checks": [{"name": one.name, "outcome": one.outcome.value, "why": one.why} for one in self.checks],
            "changes": [
                {"kind": one.kind, "leaf": one.leaf, "reason": one.reason, "entry": one.entry, "rules": one.rules}
                for one in self.changes
            ],
            "winners": [
                {
                    "group": one.group,
                    "group_name": dict(one.group_name),
                    "rank": one.rank,
                    "entry": one.entry,
                    "name": dict(one.name),
                    "score": one.score,
                }
                for one in self.winners
            ],
        }
