"""What the rules say of a public vote: who votes, on which ballot, when, and what a ballot gives to whom it names."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from .nodes import Range, Scale
from .parts import read_moment, read_range, read_scale
from .reader import Table

Voters = Literal["public", "invited"]
BallotKind = Literal["ranked", "approval", "score"]

POINTS, NAMED, BALLOTS = "vote_points", "vote_named", "vote_ballots"
FIELDS = (POINTS, NAMED, BALLOTS)
"""What the count reports for every entry, and no entrant: its points, how many ballots name it, how many count."""


@dataclass(frozen=True)
class Vote:
    """A vote of the public, or of those who are invited, from `opens` until before `closes` (as in the schedule).

    A ballot names as many entries as `choices` says. `ranked`: in order; the n-th gets the n-th of `points`, without
    them `choices.max` less the places before it (Borda). `approval`: each gets 1. `score`: each gets a mark of `scale`.
    """

    voters: Voters
    ballot: BallotKind
    opens: str
    closes: str
    choices: Range = Range(1, 3)
    points: tuple[Fraction, ...] = ()
    scale: Scale | None = None

    @property
    def worth(self) -> tuple[Fraction, ...]:
        """What can be given to one entry: by place, or by mark of the scale from the lowest on."""
        if self.ballot == "approval":
            return (Fraction(1),)
        if self.scale is not None:
            return self.scale.marks
        return self.points or tuple(Fraction(n) for n in range(self.choices.max or 0, 0, -1))


def read_vote(top: Table) -> Vote | None:
    table = top.table("vote")
    if table is None:
        return None
    kind: BallotKind = table.choice("ballot", get_args(BallotKind))
    vote = Vote(
        voters=table.choice("voters", get_args(Voters)),
        ballot=kind,
        opens=_moment(table, "opens"),
        closes=_moment(table, "closes"),
        choices=read_range(table, "choices") if table.has("choices") else Range(1, 3),
        points=_points(table) if kind == "ranked" else (),
        scale=read_scale(table.table("scale")) if kind == "score" else None,
    )
    table.close()
    _check(table, vote)
    return vote


def _moment(table: Table, key: str) -> str:
    if not table.has(key):
        table.note(key, "is missing", "a local date and time in the round's zone: 2023-07-01T18:00:00")
    return read_moment(table, key) or ""


def _points(table: Table) -> tuple[Fraction, ...]:
    value = table.take("points")
    if value is None:
        return ()
    if not isinstance(value, list) or not value:
        table.note("points", "is no list of numbers", "what each place is worth, e.g. points = [5, 3, 1]")
        return ()
    return tuple(number for item in value if (number := table.exact("points", item)) is not None)


MOST_MARKS = 101
"""Marks of a scale, or places that are ranked."""


def _check(table: Table, vote: Vote) -> None:
    if not vote.choices.min:
        table.note("choices", "lets a ballot name nobody", "at least 1 is named")
    if vote.ballot == "ranked" and not 1 <= (vote.choices.max or 0) <= MOST_MARKS:
        table.note("choices", "does not say how many places are ranked", f"a max from 1 to {MOST_MARKS}")
    elif vote.points and len(vote.points) != vote.choices.max:
        table.note("points", f"are {len(vote.points)} for {vote.choices.max} places", "one for each place")
    if any(one < 0 for one in vote.points) or list(vote.points) != sorted(vote.points, reverse=True):
        table.note("points", "are below 0, or rise", "the first place is worth most, and none below 0")
    if vote.ballot == "score" and vote.scale is None:
        table.note("scale", "is missing", "the marks of a ballot, e.g. scale = { min = 0, max = 10, step = 1 }")
    if vote.scale is not None and (vote.scale.max - vote.scale.min) / vote.scale.step >= MOST_MARKS:
        table.note("scale", f"has more than {MOST_MARKS} marks", "a larger step")
    if vote.opens and vote.closes and vote.opens >= vote.closes:
        table.note("closes", f"is {vote.closes}, not after it opens", "a moment after opens")
