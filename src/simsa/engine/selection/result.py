"""What a selection returns: every entrant's standing with the reason, and the groups' results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from simsa.engine.inputs import InputError

Outcome = Literal["selected", "reserve", "not_selected"]
TIED_NAMED = 20
"""So many of those who were equal are named in a reason; how many there were is always told."""


class SelectionError(InputError):
    """A selection that the rules leave open: a lot without a seed."""


class Cause(StrEnum):
    """Why an entrant has its outcome."""

    RANK = "rank"
    TIE_BREAK = "tie_break"
    LOT = "lot"
    NO_RESULT = "no_result"
    THRESHOLD = "threshold"
    AWARD_FLOOR = "award_floor"
    CERTAIN = "certain"
    LOTTERY = "lottery"
    OUT = "out"
    """The last three where the rules draw lots in the tie zone: a winner without a lot, one who drew, one outside."""


@dataclass(frozen=True)
class Reason:
    """Why, with the numbers needed to say it in words.

    `rank` of `size` ranked entrants for `places` places; `score` official; `line` the score of the last selected;
    `criterion` the tie-break or threshold that decided, `limit` its threshold; `position` in the reserve list;
    `tied` others had an equal score around the line before the tie-break or lot told them apart, and `tied_with` names
    the best of them, at most `TIED_NAMED`; `shared`: how many others have the same rank, because nothing needed to tell
    them apart; `drawn`: how many places of the group were filled by lot in the tie zone; `tally`, `tally_rank`: where
    the calibrated score is the official one, the exact tally and the rank in it (equals share it).
    """

    cause: Cause
    rank: int | None
    size: int
    places: int
    score: Fraction | None = None
    line: Fraction | None = None
    criterion: str | None = None
    limit: Fraction | None = None
    position: int | None = None
    tied_with: tuple[str, ...] = ()
    tied: int = 0
    shared: int = 0
    drawn: int = 0
    tally: Fraction | None = None
    tally_rank: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where one entrant ended: entry id, group, official score, rank in its group (None without a result), outcome."""

    entry: str
    group: str
    score: Fraction | None
    rank: int | None
    outcome: Outcome
    reason: Reason

    @property
    def selected(self) -> bool:
        return self.outcome == "selected"


@dataclass(frozen=True)
class GroupResult:
    """One group: its size, the places of its quota, how many stay empty, and the score of the last selected.

    There is no such score (None) where nobody is selected or lots filled places in the tie zone.
    """

    group: str
    size: int
    places: int
    empty: int
    line: Fraction | None


@dataclass(frozen=True)
class Selection:
    """The selection of a round under `rules_hash`; standings by group in the order of the rules, then by rank."""

    rules_hash: str
    seed: str | None
    standings: tuple[Standing, ...]
    groups: tuple[GroupResult, ...]
    lots_drawn: tuple[tuple[str, ...], ...]
    method: str = "official tally, tie-breaks of the rules, lots by SHA-256 of the seed"

    @property
    def winners(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if standing.selected)
