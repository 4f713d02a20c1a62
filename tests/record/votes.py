"""The vote of a drawn round: ballots of every kind, sealed in batches, some put aside, and what their voters keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

from simsa.engine.inputs import Entries, Reported
from simsa.engine.votes import Ballot, ballot_of, ballot_rows, count
from simsa.record.ballots import SEALED, BallotReceipt, Place, ballot_commitment, path_of, sealed
from simsa.record.bundle import Contents
from simsa.record.commitments import new_secret
from simsa.record.folder import Record
from simsa.record.receipts import Receipt
from simsa.record.statements import vote_statement
from simsa.record.votes import Aside, CastBallot, ballots_file, vote_content
from simsa.rules import Vote
from simsa.rules.votes import BALLOTS, NAMED, POINTS


def drawn_ballot(rng: Random, vote: Vote, entries: Sequence[str]) -> Ballot:
    """One that the rules allow."""
    chosen = rng.sample(entries, rng.randint(vote.choices.min or 1, min(vote.choices.max or 3, len(entries))))
    return ballot_of(vote, entries, chosen, {one: rng.choice(vote.worth) for one in chosen})


@dataclass
class Votes:
    """`cast`: all ballots, once they were counted; `secrets` by commitment; `batches`: commitments by root."""

    cast: list[CastBallot] = field(default_factory=list)
    secrets: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, list[str]] = field(default_factory=dict)
    counted: bool = False

    def hold(self, record: Record, rng: Random, entries: Entries) -> None:
        """From the first ballot to the count."""
        rules = record.rules.vote
        assert rules is not None
        on_ballot = [one for one in entries.ids if rng.random() < 0.9] or list(entries.ids)
        for _ in range(rng.randint(0, 3)):
            new = [self._ballot(record, rng, rules, on_ballot) for _ in range(rng.randint(1, 6))]
            root = sealed(new).hex()
            self.batches[root] = new
            payload = {"ballots": len(new), "root": root}
            record.note({"actor": "system", "at": "2026-01-02T09:00:00Z", "verb": SEALED, "payload": payload})
        content = vote_content(on_ballot, self.cast, self._asides(rng))
        record._append(lambda _head: vote_statement(record.round, content))
        self.counted = True
        self.number = count(on_ballot, [one.ballot for one in self.cast if one.counts])

    def with_numbers(self, reported: Reported, entries: Entries) -> Reported:
        """What the count reports, beside the rest."""
        if not self.counted:
            return reported
        found = dict(reported.values)
        given = dict(zip(self.number.entries, zip(self.number.points, self.number.named, strict=True), strict=True))
        for entry in entries.ids:
            points, named = given.get(entry, (Fraction(0), 0))
            numbers = {POINTS: points, NAMED: Fraction(named), BALLOTS: Fraction(self.number.ballots)}
            found |= {(entry, "", name): number for name, number in numbers.items()}
        return Reported(found)

    def shown(self, contents: Contents, record: Record) -> Contents:
        """With the ballots; in the full tier with what sealed them."""
        if not self.counted:
            return contents
        openings = contents.openings
        if openings is not None:
            sealing = [(index, event) for index, _secret, event in openings.events if event["verb"] == SEALED]
            roots = [(index, event["payload"]["root"]) for index, event in sealing]
            openings = replace(openings, batches=[(index, self.batches[root]) for index, root in roots])
        return replace(contents, ballots=ballots_file(self.cast), openings=openings)

    def receipts(self, record: Record, events: Sequence[Receipt]) -> list[BallotReceipt]:
        """Of every ballot; `events`: receipts of what was done."""
        found = []
        for event in events:
            told = json.loads(event.opening.values["event"])
            sealed_here = self.batches[told["payload"]["root"]] if told["verb"] == SEALED else []
            for index, own in enumerate(sealed_here):
                place = Place(index, len(sealed_here), path_of(sealed_here, index), event)
                rows = next(one.rows for one in self.cast if one.commitment == own)
                signed = BallotReceipt.signed(
                    record.origin, record.round, rows, self.secrets[own], record.key, place if index % 3 else None
                )
                found.append(signed)
        return found

    def _ballot(self, record: Record, rng: Random, rules: Vote, entries: Sequence[str]) -> str:
        rows = tuple((entry, points) for entry, points in ballot_rows(drawn_ballot(rng, rules, entries)))
        secret = new_secret()
        own = ballot_commitment(record.round, rows, secret)
        self.cast.append(CastBallot(own, rng.random() < 0.8, rows))
        self.secrets[own] = secret
        return own

    def _asides(self, rng: Random) -> list[Aside]:
        out = sum(not one.counts for one in self.cast)
        released = [Aside("burst", 2, True)] if rng.random() < 0.3 and len(self.cast) - out > 2 else []
        return [*([Aside("device", out, False)] if out else []), *released]
