"""Questions about an assignment: why a pair, why not, what if; what one more of each would be worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import click

from simsa.engine.assignment import (
    Assignment,
    AssignmentError,
    Change,
    ConflictLifted,
    Exchange,
    OneMoreReview,
    OneMoreReviewer,
    OneMoreSlot,
    Prepared,
    Repair,
    Why,
    WhyNot,
    margins,
    prepare,
    what_if,
    why,
    why_not,
)
from simsa.engine.inputs import InputError
from simsa.rules import exact_text
from simsa.tables.table import Table, known_some, tidy

from .inputs import Asked
from .listing import NAMED, listed
from .posing import Posed, refusing

WHAT_IF = (
    "review=ENTRY, review=* (every entry), load=REVIEWER, reviewer=REVIEWER (one more like them), pair=ENTRY,REVIEWER"
)

_REASONS = {
    "conflict": "it is a conflict",
    "no candidate": "it is no candidate: the pair has no affinity",
    "entry needs nobody": "the entry needs nobody",
    "reviewer takes nobody": "the reviewer takes nobody",
    "pinned pairs": "pinned pairs leave no slot of the entry or of the reviewer",
    "equal": "it could have been, at the same total",
    "entry has better": "the entry has better reviewers",
    "reviewer has better uses": "the reviewer is worth more to others",
    "kinds": "limits of kinds stand in the way",
    "previous pairs": "it would cost some of the pairs before",
}


@dataclass(frozen=True)
class Answer:
    """What was asked, the answer in words, and in the types that JSON has."""

    said: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Questions:
    """What is asked about an assignment, understood before it is made: faults are told before anything is solved.

    Attributes:
        why: (entry, reviewer).
        changes: each as it was written, and what it means.
    """

    why: tuple[tuple[int, int], ...]
    changes: tuple[tuple[str, Change], ...]

    @classmethod
    def of(cls, asked: Asked, posed: Posed) -> Questions:
        """InputError for who is not there and a change that makes no sense."""
        reader = _Reader(posed)
        return cls(
            tuple((reader.entry(entry, "--why"), reader.reviewer(reviewer, "--why")) for entry, reviewer in asked.why),
            tuple((text, reader.change(text)) for text in asked.what_if),
        )


@dataclass(frozen=True)
class Asker:
    """Puts questions to an assignment with the greatest total, or to one that was changed as little as could be."""

    posed: Posed
    solved: Assignment
    repaired: Repair | None = None

    def answers(self, questions: Questions) -> tuple[Answer, ...]:
        """The answers, in the order of the questions; to one that has no exact answer, why not."""
        posed = self.posed
        asked: list[tuple[str, Callable[[], Answer]]] = [
            (f"why {posed.entries[e]} {posed.reviewers[r]}", partial(self._why, e, r)) for e, r in questions.why
        ]
        asked += [(f"what if {text}", partial(self._what_if, text, change)) for text, change in questions.changes]
        return tuple(_answered(question, answer) for question, answer in asked)

    def margins_table(self) -> Table:
        """What one more slot of each reviewer and one more review of each entry would change the total by."""
        posed, scale = self.posed, self.solved.scale
        found = refusing(posed.source, lambda: margins(posed.problem, self.solved, prepared=self.prepared))
        rows = [
            [what, key, exact_text(Fraction(units, scale)), str(filled)]
            for what, ids, worth, slots in (
                ("load", posed.reviewers, found.slot_units, found.slot_filled),
                ("review", posed.entries, found.review_units, found.review_filled),
            )
            for key, units, filled in zip(ids, worth.tolist(), slots.tolist(), strict=True)
        ]
        return Table.of(["one_more", "id", "total_changes_by", "slots_filled"], rows, "margins")

    @cached_property
    def prepared(self) -> Prepared:
        """Made once for all questions."""
        return refusing(self.posed.source, lambda: prepare(self.posed.problem, self.repaired or self.solved))

    def _why(self, entry: int, reviewer: int) -> Answer:
        problem, solved, posed = self.posed.problem, self.solved, self.posed
        asked = self.repaired or solved
        chosen = bool(((solved.entry == entry) & (solved.reviewer == reviewer)).any())
        names = f"{posed.entries[entry]} {posed.reviewers[reviewer]}"
        if chosen:
            found = refusing(posed.source, lambda: why(problem, asked, entry, reviewer, prepared=self.prepared))
            said = f"why {names}: {_chosen(found)}{self._of_kinds(found, '; it is kept for')}"
            return Answer((said, *self._exchange(found.exchange)), self._why_facts(found))
        missed = refusing(posed.source, lambda: why_not(problem, asked, entry, reviewer, prepared=self.prepared))
        moves = self._exchange(missed.exchange) if missed.exchange else ()
        said = f"why not {names}: {_not_chosen(missed)}{self._of_kinds(missed, '; the kinds are')}"
        return Answer((said, *moves), self._why_facts(missed))

    def _of_kinds(self, found: Why | WhyNot, start: str) -> str:
        names = [self.posed.kind_names[group] for group in found.kinds.tolist()]
        return f"{start} {listed(names)}" if names else ""

    def _why_facts(self, found: Why | WhyNot) -> dict[str, Any]:
        posed = self.posed
        reason = {"reason": found.reason} if isinstance(found, WhyNot) else {"pinned": found.pinned}
        return {
            "question": "why" if isinstance(found, Why) else "why not",
            "entry": posed.entries[found.entry],
            "reviewer": posed.reviewers[found.reviewer],
            **reason,
            "affinity": _text(found.affinity),
            "rank": found.rank,
            "total_loses": _text(found.loss),
            "slots_lost": found.slots_lost,
            "kinds": [posed.kind_names[group] for group in found.kinds.tolist()],
            "exchange": self._exchange_facts(found.exchange),
        }

    def _what_if(self, text: str, change: Change) -> Answer:
        posed = self.posed
        found = refusing(
            posed.source, lambda: what_if(posed.problem, self.repaired or self.solved, change, prepared=self.prepared)
        )
        missing = found.missing - found.missing_before
        said = [f"total {_signed(found.gain)} (to {exact_text(found.total)})"]
        if missing:
            said.append(f"{_slots(abs(missing), 'more' if missing > 0 else 'fewer')} missing")
        if found.exchange.kept:
            said.append(_pairs_before(found.exchange.kept))
        if found.worst is not None and found.worst != found.worst_before:
            assert found.worst_before is not None
            said.append(f"the worst-off entry goes from {exact_text(found.worst_before)} to {exact_text(found.worst)}")
        facts = {
            "question": "what if",
            "change": text,
            "total": exact_text(found.total),
            "total_changes_by": exact_text(found.gain),
            "worst": _text(found.worst),
            "worst_before": _text(found.worst_before),
            "missing": found.missing,
            "missing_before": found.missing_before,
            "exchange": self._exchange_facts(found.exchange),
        }
        return Answer((f"what if {text}: {'; '.join(said)}", *self._exchange(found.exchange)), facts)

    def _exchange(self, exchange: Exchange) -> tuple[str, ...]:
        """Who would change hands, entry by entry."""
        moves: dict[int, tuple[list[str], list[str]]] = {}
        for at, pairs in enumerate((exchange.added, exchange.removed)):
            for entry, reviewer in pairs.tolist():
                moves.setdefault(entry, ([], []))[at].append(self._name(reviewer))
        lines = [
            f"  {self.posed.entries[entry]}:"
            + (f" gets {', '.join(added)}" if added else "")
            + (f"{',' if added else ''} loses {', '.join(removed)}" if removed else "")
            for entry, (added, removed) in sorted(moves.items())
        ]
        return (*lines[:NAMED], *([f"  and {len(lines) - NAMED} more entries"] if len(lines) > NAMED else []))

    def _exchange_facts(self, exchange: Exchange | None) -> dict[str, Any] | None:
        if exchange is None:
            return None
        pairs = {
            name: [[self.posed.entries[e], self._name(r)] for e, r in pairs.tolist()]
            for name, pairs in (("added", exchange.added), ("removed", exchange.removed))
        }
        return {**pairs, "pairs_before_kept": exchange.kept} if self.repaired else {**pairs}

    def _name(self, reviewer: int) -> str:
        """A reviewer who is not there yet has the next number."""
        return self.posed.reviewers[reviewer] if reviewer < len(self.posed.reviewers) else "the new reviewer"


def _answered(question: str, answer: Callable[[], Answer]) -> Answer:
    """The answer, or why there is none: the others are told all the same."""
    try:
        return answer()
    except (AssignmentError, InputError) as error:
        return Answer((f"{question}: {error}",), {"question": question, "no_answer": str(error)})


@dataclass(frozen=True)
class _Reader:
    """Reads questions by the ids of a problem."""

    posed: Posed

    def change(self, text: str) -> Change:
        what, equals, whom = text.partition("=")
        readers: Mapping[str, Callable[[str], Change]] = {
            "review": self._review,
            "load": lambda key: OneMoreSlot(self.reviewer(key, "--what-if")),
            "reviewer": lambda key: OneMoreReviewer(like=self.reviewer(key, "--what-if")),
            "pair": self._pair,
        }
        if not equals or what.strip() not in readers:
            raise click.UsageError(f"--what-if {text!r}: is no change that is known; one of {WHAT_IF}")
        return readers[what.strip()](whom.strip())

    def _review(self, key: str) -> Change:
        coverage, kinds = self.posed.problem.coverage, self.posed.problem.kinds
        entry = None if key == "*" else self.entry(key, "--what-if")
        if kinds is not None and not (coverage if entry is None else coverage[entry]).all():
            who = "some entries need" if entry is None else "this entry needs"
            raise InputError(
                f"--what-if 'review={key}': {who} nobody now, and so no kinds; give the coverage with --entries instead"
            )
        return OneMoreReview(entry)

    def _pair(self, text: str) -> Change:
        """ENTRY,REVIEWER and, where the pair has no affinity yet, =NUMBER. An id may have a comma in it."""
        affinity = None
        found = self._split(text)
        if found is None and "=" in text:
            head, _, number = text.rpartition("=")
            found = self._split(head)
            affinity = _number(number) if found else None
        if found is None:
            raise InputError(
                f"--what-if 'pair={text}': names no entry and reviewer that are known; such as pair=ENTRY,REVIEWER "
                f"(entries: {known_some(self._entries)}; reviewers: {known_some(self._reviewers)})"
            )
        entry, reviewer = found
        problem = self.posed.problem
        known = ((problem.entry == entry) & (problem.reviewer == reviewer)).any()
        forbidden = (problem.forbidden == (entry, reviewer)).all(axis=1).any()
        if known and not forbidden:
            raise InputError(f"--what-if 'pair={text}': this pair may meet already; ask --why")
        if not known and affinity is None:
            raise InputError(f"--what-if 'pair={text}': this pair has no affinity; give it one: pair={text}=0.5")
        return ConflictLifted(entry, reviewer, affinity)

    def _split(self, text: str) -> tuple[int, int] | None:
        parts = text.split(",")
        for at in range(1, len(parts)):
            entry, reviewer = (tidy(",".join(piece)) for piece in (parts[:at], parts[at:]))
            if entry in self._entries and reviewer in self._reviewers:
                return self._entries[entry], self._reviewers[reviewer]
        return None

    @cached_property
    def _entries(self) -> dict[str, int]:
        return {key: n for n, key in enumerate(self.posed.entries)}

    @cached_property
    def _reviewers(self) -> dict[str, int]:
        return {key: n for n, key in enumerate(self.posed.reviewers)}

    def entry(self, key: str, option: str) -> int:
        return _known(key, self._entries, option, "entry")

    def reviewer(self, key: str, option: str) -> int:
        return _known(key, self._reviewers, option, "reviewer")


def _known(key: str, index: Mapping[str, int], option: str, what: str) -> int:
    if tidy(key) not in index:
        raise InputError(f"{option}: there is no {what} {key!r} (known: {known_some(index)})")
    return index[tidy(key)]


def _number(text: str) -> float:
    try:
        number = math.nan if "_" in text else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise click.UsageError(f"--what-if: {text!r} is no affinity; a number such as 0.5")
    return number


def _chosen(found: Why) -> str:
    if found.pinned:
        return "it is pinned"
    said = f"affinity {exact_text(found.affinity)}, {_ordinal(found.rank)} of the entry's candidates"
    if found.slots_lost:
        return f"{said}; without it {_slots(found.slots_lost, 'more')} would be missing"
    without = [f"the total would be {_compared(found.loss)}"]
    if found.exchange.kept:
        without.append(_pairs_before(found.exchange.kept))
    return f"{said}; without it {', and '.join(without)}"


def _not_chosen(found: WhyNot) -> str:
    said = [_REASONS.get(found.reason, found.reason)]
    if found.affinity is not None:
        said.append(f"affinity {exact_text(found.affinity)}, {_ordinal(found.rank or 1)} of the entry's candidates")
    said.append(f"the reviewer has {found.load} of at most {found.most}")
    if found.loss is None:
        return "; ".join(said)
    if found.slots_lost > 0:
        said.append(f"with it {_slots(found.slots_lost, 'more')} would be missing")
    elif found.slots_lost < 0:
        said.append(f"with it {_slots(-found.slots_lost, 'fewer')} would be missing")
    elif found.loss:
        said.append(f"with it the total would be {_compared(found.loss)}")
    if found.exchange is not None and found.exchange.kept:
        said.append(_pairs_before(found.exchange.kept))
    return "; ".join(said)


def _compared(loss: Fraction) -> str:
    return f"{exact_text(abs(loss))} {'less' if loss > 0 else 'more'}" if loss else "the same"


def _pairs_before(kept: int) -> str:
    """What becomes of the pairs of an earlier assignment."""
    pairs = f"{abs(kept)} {'pair' if abs(kept) == 1 else 'pairs'}"
    return f"{pairs} {'more' if kept > 0 else 'fewer'} of those before would stay"


def _slots(count: int, how: str) -> str:
    return f"{count} {how} {'slot' if count == 1 else 'slots'}"


def _ordinal(rank: int) -> str:
    ending = "th" if 10 < rank % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def _signed(number: Fraction) -> str:
    return exact_text(number) if number < 0 else f"+{exact_text(number)}"


def _text(number: Fraction | None) -> str | None:
    return None if number is None else exact_text(number)
