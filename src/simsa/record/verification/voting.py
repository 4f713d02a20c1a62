"""Checks of a vote: its ballots are those that the record names, the rules allow them, and the count follows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction

from simsa.engine.votes import Count, allowed, count
from simsa.record import shapes
from simsa.record.statements import Statement
from simsa.record.verification.findings import Findings, NotShownError, fail
from simsa.record.votes import BALLOTS, CastBallot
from simsa.rules.votes import BALLOTS as COUNTED
from simsa.rules.votes import FIELDS, NAMED, POINTS

BATCHES = "openings/ballots.json"
_SAYS = shapes.listed(shapes.row(shapes.filled, shapes.number))
_BALLOTS = shapes.listed(shapes.row(shapes.hash256, shapes.truth, _SAYS), ordered=True)


def check_ballots(found: Findings) -> str:
    """What the record reports of every entry is the sum of the ballots that count."""
    counted = found.story.of("vote")
    for path, wanted in ((BALLOTS, bool(counted)), (BATCHES, bool(counted) and found.full)):
        if (path in found.files and not wanted) or (found.full and wanted and path not in found.files):
            fail(f"{path} {'is missing' if wanted else 'is there, and no vote was counted'}")
    if found.rules_now.vote is None:
        if counted:
            fail(f"leaf {counted[0][0]}: a vote was counted, and the rules have none")
        raise NotShownError("the rules have no vote")
    if not counted:
        if any(field in FIELDS for _entry, _criterion, field in _reported(found)):
            fail("numbers of a vote are reported, which was not counted")
        raise NotShownError("the vote was not counted yet")
    [(index, said)] = counted
    then = found.rules_at(index)
    if then.vote != found.rules_now.vote:
        fail("the rules of the vote were changed after it was counted")
    content = said.content
    if content["ballots"] - content["counted"] != sum(n for _kind, n, counts in content["asides"] if not counts):
        fail(f"leaf {index}: {content['ballots'] - content['counted']} ballots do not count, and others were put aside")
    if BALLOTS not in found.files:
        raise NotShownError("the ballots are not in this file")
    found.ballots = _ballots(found, index, said)
    again = count(content["entries"], (one.ballot for one in found.ballots.values() if one.counts))
    _check_reported(found, again)
    return f"{content['counted']} of {content['ballots']} ballots count"


def _ballots(found: Findings, index: int, said: Statement) -> dict[str, CastBallot]:
    """By commitment."""
    content = said.content
    if hashlib.sha256(found.files[BALLOTS]).hexdigest() != content["sha256"]:
        fail(f"{BALLOTS}: these are not the ballots of leaf {index}")
    rows = found.json(BALLOTS, _BALLOTS)
    ballots = {one: CastBallot(one, counts, tuple((e, points) for e, points in says)) for one, counts, says in rows}
    if (len(ballots), sum(one.counts for one in ballots.values())) != (content["ballots"], content["counted"]):
        fail(f"leaf {index}: {content['counted']} of {content['ballots']} ballots are to count; here are others")
    vote, entries = found.rules_now.vote, set(content["entries"])
    assert vote is not None
    known = {one.rows for one in ballots.values()}
    wrong = {one for one in known if not allowed(vote, entries, CastBallot("", True, one).ballot)}
    for one in ballots.values():
        if one.rows in wrong:
            fail(f"{BALLOTS}: the ballot {one.commitment} is not one that the rules allow")
    return ballots


def _check_reported(found: Findings, again: Count) -> None:
    """The numbers of everybody who takes part; who was not on the ballot got nothing."""
    if found.story.last("entries") is None:
        return
    entries, _ = found.taking_part
    for entry in again.entries:
        if entry not in entries.index:
            fail(f"{entry!r} was on the ballot, and does not take part")
    wanted: dict[tuple[str, str, str], Fraction] = {}
    given = dict(zip(again.entries, zip(again.points, again.named, strict=True), strict=True))
    for entry in entries.ids:
        points, named = given.get(entry, (Fraction(0), 0))
        numbers = {POINTS: points, NAMED: Fraction(named), COUNTED: Fraction(again.ballots)}
        wanted |= {(entry, "", field): number for field, number in numbers.items()}
    _, reported = found.taking_part
    stated = {key: number for key, number in reported.values.items() if key[2] in FIELDS}
    for key in sorted(wanted.keys() | stated.keys()):
        if stated.get(key) != wanted.get(key):
            fail(f"{key[0]!r}: {key[2]} is reported as {stated.get(key)}, and the ballots give {wanted.get(key)}")


def _reported(found: Findings) -> Iterable[tuple[str, str, str]]:
    if found.story.last("entries") is None:
        return ()
    _, reported = found.taking_part
    return reported.values
