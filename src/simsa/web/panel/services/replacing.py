"""Another reviewer for a slot that is vacant (recused, or missed): what is proposed, and the verb that does it.

The proposal changes as little of the assignment as can be (`simsa.engine.assignment.repair`): places with a sheet stay,
limits, kinds and conflicts are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.engine.assignment import AssignmentError
from simsa.engine.inputs import InputError
from simsa.web.panel.models import Slot
from simsa.web.panel.seating import Seating, pair_of
from simsa.web.panel.services.placing import Place, place
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import lock, record


@dataclass(frozen=True)
class Candidate:
    """A reviewer who may take a slot: how many they have, of how many at most (None: as many as there are), and how
    well they fit ("" where that is not known)."""

    code: str
    name: str
    load: int
    most: int | None
    affinity: str


@dataclass(frozen=True)
class Move:
    """A slot, who is to take it (None: nobody can), and who could, the best first.

    `missed`: it is vacant because its entry was discussed before there was a sheet.
    """

    slot: Slot
    proposed: Candidate | None
    candidates: tuple[Candidate, ...]
    vacant: bool
    missed: bool


@dataclass(frozen=True)
class Proposal:
    """Who is to take which slot. Where others than the vacant are among the moves, they must change hands, too.

    `fault`: why nothing can be proposed.
    """

    moves: tuple[Move, ...] = ()
    fault: str = ""

    @property
    def filled(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.proposed is not None)

    @property
    def others(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if not move.vacant)


def propose(round_: Round) -> Proposal:
    """Who is to take each vacant slot, with as few changes elsewhere as can be."""
    seating = Seating.of(round_)
    if not seating.vacant:
        return Proposal()
    found, fault = dict[int, str](), ""
    try:
        found = seating.repaired()
    except (AssignmentError, InputError) as error:
        fault = str(error)
    names = dict(round_.reviewers.values_list("code", "name"))
    moved = [*seating.vacant, *(slot for slot in seating.held if slot.pk in found)]
    return Proposal(tuple(_move(seating, slot, found.get(slot.pk), names) for slot in moved), fault)


def replace(round_: Round, moves: Sequence[tuple[int, str]], *, actor: str) -> list[Slot]:
    """Seat reviewers (by code) in new slots, each in the place of one (by primary key) that counts no more.

    They get a letter. ValidationError for a slot that has a sheet with marks or was replaced before, and for a reviewer
    who has a conflict, had the entry before, or would have more than the rules or they allow, and where an adaptive
    round would have more reviews than in all; StageError unless the round is being scored.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.SCORING)
        seating = Seating.of(round_)
        there = {slot.pk: slot for slot in seating.slots if slot.status != Slot.Status.SUBMITTED}
        panel = {reviewer.code: reviewer for reviewer in round_.reviewers.all()}
        if not moves or len({pk for pk, _code in moves}) < len(moves):
            raise ValidationError(_("Name each place once."))
        if any(pk not in there for pk, _code in moves):
            raise ValidationError(
                _("Somebody has taken a place meanwhile, or there is a sheet for it now; look again.")
            )
        pairs = [(there[pk], code) for pk, code in moves]
        _check(seating, pairs)
        told = [[*pair_of(slot), code] for slot, code in pairs]
        record(round_, "slots.replaced", actor, {"slots": told})
        return place(round_, [Place(slot.entry, panel[code], slot) for slot, code in pairs], seating)


def _check(seating: Seating, pairs: Sequence[tuple[Slot, str]]) -> None:
    """ValidationError unless these reviewers may take these slots."""
    budget = seating.budget
    if budget is not None and sum(seating.is_vacant(slot) for slot, _code in pairs) > budget.left:
        raise ValidationError(_("The rules have no reviews left for this place: they went to other entries."))
    panel = set(seating.round.reviewers.values_list("code", flat=True))
    taken = set(seating.closed)
    loads = Counter(seating.loads)
    loads.subtract(slot.reviewer.code for slot, _code in pairs if not seating.is_vacant(slot))
    for slot, code in pairs:
        pair = (slot.entry.entrant.code, code)
        if code not in panel or pair in taken:
            raise ValidationError(_("%(code)s cannot take this place.") % {"code": code})
        taken.add(pair)
        loads[code] += 1
        most = seating.most(code)
        if most is not None and loads[code] > most:
            raise ValidationError(_("%(code)s would have more entries than the rules or they allow.") % {"code": code})


def _move(seating: Seating, slot: Slot, code: str | None, names: dict[str, str]) -> Move:
    worth = seating.affinities.get(slot.entry.entrant.code, {})

    def candidate(code: str) -> Candidate:
        return Candidate(code, names[code], seating.loads[code], seating.most(code), worth.get(code, ""))

    proposed = None if code is None else candidate(code)
    able = tuple(candidate(one) for one in seating.fitting(slot))
    return Move(slot, proposed, able, seating.is_vacant(slot), slot.pk in seating.missed)
