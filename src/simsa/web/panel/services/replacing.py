"""Another reviewer for a slot whose reviewer was recused: what is proposed, and the verb that does it.

The proposal changes as little of the assignment as can be (`simsa.engine.assignment.repair`): places with a sheet stay,
limits, kinds and conflicts are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from simsa.engine.assignment import AssignmentError
from simsa.engine.inputs import InputError
from simsa.web.panel.models import Procedure, Reviewer, Slot
from simsa.web.panel.seating import Seating, pair_of
from simsa.web.panel.services.stating import state_slots
from simsa.web.programmes.letters import Letter, post
from simsa.web.programmes.models import Kind, Role, Round, Stage
from simsa.web.programmes.services import lock, record

RECUSED, REARRANGED = "recused", "rearranged"
"""Why a slot was replaced without a procedure: its sheet was recused; or so that another could be filled."""


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
    """A slot, who is to take it (None: nobody can), and who could, the best first."""

    slot: Slot
    proposed: Candidate | None
    candidates: tuple[Candidate, ...]

    @property
    def vacant(self) -> bool:
        return self.slot.status == Slot.Status.RECUSED


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
    who has a conflict, had the entry before, or would have more than the rules or they allow; StageError unless the
    round is being scored.
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
        made = _seat(round_, [(slot, panel[code]) for slot, code in pairs], seating)
        told = [[*pair_of(slot), code] for slot, code in pairs]
        record(round_, "slots.replaced", actor, {"slots": told})
        for slot in made:
            _tell_reviewer(round_, slot)
    return made


def _check(seating: Seating, pairs: Sequence[tuple[Slot, str]]) -> None:
    """ValidationError unless these reviewers may take these slots."""
    panel = set(seating.round.reviewers.values_list("code", flat=True))
    taken = set(seating.closed)
    loads = Counter(seating.loads)
    loads.subtract(slot.reviewer.code for slot, _code in pairs if slot.status != Slot.Status.RECUSED)
    for slot, code in pairs:
        pair = (slot.entry.entrant.code, code)
        if code not in panel or pair in taken:
            raise ValidationError(_("%(code)s cannot take this place.") % {"code": code})
        taken.add(pair)
        loads[code] += 1
        most = seating.most(code)
        if most is not None and loads[code] > most:
            raise ValidationError(_("%(code)s would have more entries than the rules or they allow.") % {"code": code})


def _seat(round_: Round, pairs: Sequence[tuple[Slot, Reviewer]], seating: Seating) -> list[Slot]:
    """New slots in the place of others, in the database and in the record."""
    last = Slot.objects.filter(entry__round=round_).aggregate(last=Max("position"))["last"]
    made = [
        Slot.objects.create(
            entry=slot.entry,
            reviewer=reviewer,
            affinity=seating.affinities.get(slot.entry.entrant.code, {}).get(reviewer.code, ""),
            position=last + n,
            replaces=slot,
        )
        for n, (slot, reviewer) in enumerate(pairs, start=1)
    ]
    state_slots(round_, made, {one.name: _reason(slot) for one, (slot, _reviewer) in zip(made, pairs, strict=True)})
    return made


def _reason(slot: Slot) -> str:
    """Why a slot is replaced, as everybody may read it."""
    if slot.status != Slot.Status.RECUSED:
        return REARRANGED
    granted = Procedure.objects.filter(entry=slot.entry, reviewer=slot.reviewer, state=Procedure.State.GRANTED)
    return granted.order_by("pk").values_list("kind", flat=True).first() or RECUSED


def _move(seating: Seating, slot: Slot, code: str | None, names: dict[str, str]) -> Move:
    worth = seating.affinities.get(slot.entry.entrant.code, {})

    def candidate(code: str) -> Candidate:
        return Candidate(code, names[code], seating.loads[code], seating.most(code), worth.get(code, ""))

    proposed = None if code is None else candidate(code)
    return Move(slot, proposed, tuple(candidate(one) for one in seating.fitting(slot)))


def _tell_reviewer(round_: Round, slot: Slot) -> None:
    """Write to those who act for a newly seated reviewer."""
    acting = Role.objects.filter(round=round_, kind=Kind.REVIEWER, code=slot.reviewer.code, until=None)
    for role in acting.select_related("person"):
        person = role.person
        with translation.override(person.language):
            link = settings.PUBLIC_URL + reverse("panel:declaration", args=[slot.reviewer_id])
            facts = {"round": round_.title, "link": link}
        post(Letter(f"seated/{slot.pk}/{person.pk}", person.email, person.language, "seated", facts), round_)
