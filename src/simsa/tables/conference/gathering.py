"""What the files of a conference say together, and what of it does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from simsa.tables.affinities import BidMeaning
from simsa.tables.affinities.bids import worth_of
from simsa.tables.conference.scores import ScoreField, score_fields
from simsa.tables.table import RowError, RowsError, TableError, has_control, known_some

MOST_PAIRS = 4_000_000
"""Where files list opinions, all other pairs are candidates too; more of them than this are not written out."""


@dataclass(frozen=True)
class Where:
    """A row of a file: its line, or its number in a file without lines."""

    file: str
    line: int

    def fault(self, field: str, value: object, what: str, hint: str = "") -> RowError:
        return RowError(self.file, self.line, field, "" if value is None else str(value)[:200], what, hint)


@dataclass(frozen=True)
class Submission:
    """A submission: its id, title and further fields (topics, area)."""

    id: str
    title: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    """A reviewer: the code by which the round knows them, name, and what they are called where they come from."""

    code: str
    name: str
    account: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Conference:
    """The inputs of a round, reviewers by code.

    `conflicts`: (submission, reviewer) -> reason; `affinity`: candidate pairs with their affinity, None where all may
    meet and nothing is said; `assignment`: pairs in the order of the files; `marks`: (submission, reviewer, id of the
    score) -> mark as text; `notes`: what was left out and why, with how often.
    """

    source: str
    submissions: tuple[Submission, ...]
    members: tuple[Member, ...]
    conflicts: Mapping[tuple[str, str], str]
    affinity: Mapping[tuple[str, str], float] | None
    assignment: tuple[tuple[str, str], ...]
    scores: tuple[ScoreField, ...]
    marks: Mapping[tuple[str, str, str], str]
    notes: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and texts, from which `of_json` makes the same again."""
        return {
            "source": self.source,
            "submissions": [[one.id, one.title, dict(one.fields)] for one in self.submissions],
            "members": [[one.code, one.name, one.account, dict(one.fields)] for one in self.members],
            "conflicts": [[*pair, reason] for pair, reason in self.conflicts.items()],
            "affinity": None if self.affinity is None else [[*pair, value] for pair, value in self.affinity.items()],
            "assignment": [list(pair) for pair in self.assignment],
            "scores": [[one.id, one.name, *map(str, (one.least, one.most, one.step))] for one in self.scores],
            "marks": [[*cell, mark] for cell, mark in self.marks.items()],
            "notes": dict(self.notes),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Conference:
        return cls(
            source=kept["source"],
            submissions=tuple(Submission(*row) for row in kept["submissions"]),
            members=tuple(Member(*row) for row in kept["members"]),
            conflicts={(entry, code): reason for entry, code, reason in kept["conflicts"]},
            affinity=None if kept["affinity"] is None else {(entry, code): n for entry, code, n in kept["affinity"]},
            assignment=tuple((entry, code) for entry, code in kept["assignment"]),
            scores=tuple(ScoreField(row[0], row[1], *map(Fraction, row[2:])) for row in kept["scores"]),
            marks={(entry, code, key): mark for entry, code, key, mark in kept["marks"]},
            notes=kept["notes"],
        )


Pair = tuple[str, str]
_T = TypeVar("_T")


@dataclass
class Gathered:
    """What was read so far; reviewers by account.

    `mentioned`: submissions that a table about pairs names, which count where no file lists them; `gone`: those that
    were withdrawn. `profiles`: what is known of people who may or may not be on the panel. `listed`: a file lists the
    panel. `opinions`: pairs that no file lists may meet all the same.
    """

    source: str
    submissions: dict[str, Submission] = field(default_factory=dict)
    mentioned: dict[str, Submission] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    people: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    profiles: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    listed: bool = False
    opinions: bool = True
    authors: set[Pair] = field(default_factory=set)
    conflicts: dict[Pair, tuple[str, Where]] = field(default_factory=dict)
    affinity: dict[Pair, tuple[float, Where]] = field(default_factory=dict)
    bids: dict[Pair, tuple[float, Where]] = field(default_factory=dict)
    assigned: dict[Pair, Where] = field(default_factory=dict)
    reviews: dict[Pair, tuple[Mapping[str, str], Where]] = field(default_factory=dict)
    faults: list[RowError] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)

    def submission(self, where: Where, key: str, title: str, fields: Mapping[str, str]) -> None:
        """A submission; what several files say of it adds up."""
        if not key or has_control(key):
            self.faults.append(where.fault("id", key, "is no id of a submission"))
            return
        known = self.submissions.get(key)
        if known and title and known.title and known.title != title:
            self.faults.append(where.fault("title", title, f"is another title than {known.title!r} of {key}"))
        more = {**(known.fields if known else {}), **fields}
        self.submissions[key] = Submission(key, title or (known.title if known else ""), more)

    def mention(self, key: str, title: str) -> None:
        if key and not has_control(key):
            self.mentioned.setdefault(key, Submission(key, title))

    def leave_out(self, key: str) -> None:
        """A submission that is withdrawn, with all that is said of it."""
        self.gone.add(key)
        self.note("a submission is withdrawn or was never finished; it was left out with all that is said of it")

    def person(self, account: str, name: str = "", fields: Mapping[str, str] | None = None) -> None:
        """Somebody on the panel; what several files say of them adds up."""
        before, more = self.people.get(account, ("", {}))
        self.people[account] = (name or before, {**more, **(fields or {})})

    def conflict(self, where: Where, pair: Pair, reason: str) -> None:
        self.conflicts.setdefault(pair, (reason, where))

    def number(self, where: Where, pair: Pair, value: float, *, bid: bool = False) -> None:
        """How well a pair fits, or what a bid adds to it; twice the same is the same."""
        kept = self.bids if bid else self.affinity
        if pair in kept and kept[pair][0] != value:
            what = f"says {value:g} of {pair[1]}, another row {kept[pair][0]:g}"
            self.faults.append(where.fault("submission", pair[0], what, "one row for each pair"))
        kept.setdefault(pair, (value, where))

    def bid(self, where: Where, pair: Pair, text: str, field: str) -> None:
        """A bid in words or points: a conflict, or what it adds."""
        worth, refused, _kind = worth_of(text, BidMeaning())
        if refused:
            self.conflict(where, pair, "bid: conflict")
        elif worth != worth:  # not a number
            self.faults.append(where.fault(field, text, "is not a bid", "yes, maybe, no, conflict, or -100 to 100"))
        elif text.strip():
            self.number(where, pair, worth, bid=True)

    def review(self, where: Where, pair: Pair, scores: Mapping[str, str]) -> None:
        if pair in self.reviews:
            self.faults.append(where.fault("reviewer", pair[1], f"reviews {pair[0]} twice", "one row for each review"))
        self.reviews.setdefault(pair, (scores, where))

    def note(self, what: str, count: int = 1) -> None:
        self.notes[what] = self.notes.get(what, 0) + count

    def conference(self) -> Conference:
        """All of it, by code.

        RowsError names every row that does not fit; TableError if nobody reviews or nothing is submitted.
        """
        self._drop_gone()
        for account in (pair[1] for pair in (*self.assigned, *self.reviews)):
            self.person(account)  # who reviews is on the panel, whatever list they are missing from
        if not self.listed:
            for pair in (*self.affinity, *self.bids, *self.conflicts):
                self.person(pair[1])
        self._check()
        members = self._members()
        codes = {member.account: member.code for member in members}
        scores = score_fields([found for found, _where in self.reviews.values()])
        for name in scores.texts:
            self.note(f"the review field {name!r} is text and no score; it was left out")
        return Conference(
            source=self.source,
            submissions=tuple(self.submissions.values()),
            members=members,
            conflicts=self._conflicts(codes),
            affinity=self._affinity(codes),
            assignment=tuple((entry, codes[account]) for entry, account in {**self.assigned, **self.reviews}),
            scores=scores.fields,
            marks={
                (entry, codes[account], one.id): mark
                for (entry, account), (found, _where) in self.reviews.items()
                for one in scores.fields
                if (mark := scores.mark(one, found))
            },
            notes=self.notes,
        )

    def _drop_gone(self) -> None:
        self.submissions = {
            key: one for key, one in (self.submissions or self.mentioned).items() if key not in self.gone
        }
        for told in (self.conflicts, self.affinity, self.bids, self.assigned, self.reviews):
            for pair in [pair for pair in told if pair[0] in self.gone]:
                del told[pair]

    def _check(self) -> None:
        if self.submissions:
            known = f"known: {known_some(self.submissions)}"
            for pair, where in self._pairs():
                if pair[0] not in self.submissions:
                    self.faults.append(where.fault("submission", pair[0], "is no submission of these files", known))
        if self.faults:
            order = sorted(self.faults, key=lambda fault: (fault.file, fault.line))
            raise RowsError(list(dict.fromkeys(order)))
        if not self.submissions:
            raise TableError("none of the files lists the submissions; add the export that does")
        if not self.people:
            raise TableError("none of the files says who reviews; add the export of the panel")

    def _pairs(self) -> Iterable[tuple[Pair, Where]]:
        yield from ((pair, where) for pair, (_reason, where) in self.conflicts.items())
        yield from ((pair, where) for pair, (_value, where) in (*self.affinity.items(), *self.bids.items()))
        yield from self.assigned.items()
        yield from ((pair, where) for pair, (_scores, where) in self.reviews.items())

    def _members(self) -> tuple[Member, ...]:
        for account in self.people:
            self.person(account, *self.profiles.get(account, ()))
        width = max(3, len(str(len(self.people))))
        return tuple(
            Member(f"R{n:0{width}d}", name or account, account, fields)
            for n, (account, (name, fields)) in enumerate(self.people.items(), start=1)
        )

    def _conflicts(self, codes: Mapping[str, str]) -> dict[Pair, str]:
        told = {pair: reason for pair, (reason, _where) in self.conflicts.items()}
        told |= {pair: "author" for pair in sorted(self.authors) if pair[1] in codes}
        return {
            (entry, codes[account]): reason for (entry, account), reason in self._of_panel(told, codes, "a conflict")
        }

    def _affinity(self, codes: Mapping[str, str]) -> dict[Pair, float] | None:
        if not self.affinity and not self.bids:
            return None
        found = {pair: value for pair, (value, _where) in self.affinity.items()}
        if not self.opinions:
            idle = [pair for pair in self.bids if pair not in found]
            if idle:
                self.note("a bid is on a pair without an affinity and does not count", len(idle))
        for pair, (value, _where) in self.bids.items():
            if pair in found or self.opinions:
                found[pair] = found.get(pair, 0.0) + value
        listed = dict(self._of_panel(found, codes, "an affinity or bid"))
        if self.opinions:
            size = len(self.submissions) * len(codes)
            if size > MOST_PAIRS:
                raise TableError(f"all pairs would be {size:,}, more than {MOST_PAIRS:,}; add a file of affinities")
            listed = {(e, a): listed.get((e, a), 0.0) for e in self.submissions for a in codes}
        return {(entry, codes[account]): value for (entry, account), value in listed.items()}

    def _of_panel(self, told: Mapping[Pair, _T], codes: Mapping[str, str], what: str) -> Sequence[tuple[Pair, _T]]:
        kept = [(pair, value) for pair, value in told.items() if pair[1] in codes]
        if len(kept) < len(told):
            self.note(f"{what} of somebody who is not on the panel was left out", len(told) - len(kept))
        return kept
