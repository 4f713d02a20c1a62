"""Counting a public vote: exact points of every entry, from ballots that say what they give to whom.

A ballot is a tuple of pairs (entry, points), as `ballot_of` makes it of what a voter chose: `ranked` in the order of
the places, otherwise in the order of the entries' ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from simsa.rules import Vote, exact_text

Ballot = tuple[tuple[str, Fraction], ...]


class BallotError(ValueError):
    """A ballot that the rules do not allow; `key` says what is wrong."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Count:
    """Of each entry in `entries`: its `points`, and how many ballots name it (`named`); `ballots` that counted."""

    entries: tuple[str, ...]
    points: tuple[Fraction, ...]
    named: tuple[int, ...]
    ballots: int


def ballot_of(vote: Vote, entries: Collection[str], chosen: Sequence[str], marks: Mapping[str, Fraction]) -> Ballot:
    """The ballot of somebody who chose these entries (`ranked`: in this order), and gave them `marks` (`score`).

    BallotError: `unknown` or `twice` for an entry, `few` or `many` of them, `mark` for one that is not on the scale.
    """
    if any(one not in entries for one in chosen):
        raise BallotError("unknown")
    if len(set(chosen)) < len(chosen):
        raise BallotError("twice")
    if len(chosen) < (vote.choices.min or 1):
        raise BallotError("few")
    if vote.choices.max is not None and len(chosen) > vote.choices.max:
        raise BallotError("many")
    if vote.ballot == "ranked":
        return tuple(zip(chosen, vote.worth, strict=False))
    if vote.scale is None:
        return tuple((one, vote.worth[0]) for one in sorted(chosen))
    if any(one not in marks or not vote.scale.allows(marks[one]) for one in chosen):
        raise BallotError("mark")
    return tuple((one, marks[one]) for one in sorted(chosen))


def allowed(vote: Vote, entries: Collection[str], ballot: Ballot) -> bool:
    """Whether it is a ballot that somebody can fill in by these rules."""
    try:
        return ballot_of(vote, entries, [entry for entry, _points in ballot], dict(ballot)) == ballot
    except BallotError:
        return False


def count(entries: Sequence[str], ballots: Iterable[Ballot]) -> Count:
    """The sum of what the ballots give. BallotError (`unknown`) for one that names somebody else."""
    given: Counter[tuple[str, Fraction]] = Counter()
    number = 0
    for ballot in ballots:
        given.update(ballot)
        number += 1
    points, named = dict.fromkeys(entries, Fraction(0)), dict.fromkeys(entries, 0)
    for (entry, worth), times in given.items():
        if entry not in points:
            raise BallotError("unknown")
        points[entry] += worth * times
        named[entry] += times
    return Count(tuple(entries), tuple(points.values()), tuple(named.values()), number)


def ballot_rows(ballot: Ballot) -> list[list[str]]:
    """A ballot as texts, exact."""
    return [[entry, exact_text(points)] for entry, points in ballot]


def ballot_from(rows: Iterable[Sequence[str]]) -> Ballot:
    """The ballot that these texts say."""
    return tuple((entry, Fraction(points)) for entry, points in rows)
