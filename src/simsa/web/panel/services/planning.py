"""The verbs of the assignment desk: fix pairs by hand, compute alternatives in the background, adopt one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from simsa.engine.assignment import (
    Assignment,
    Problem,
    Progress,
    UnmetError,
    assign_fairly,
    assign_randomly,
)
from simsa.engine.inputs import InputError
from simsa.record import canonical_text
from simsa.rules import digest, exact_text
from simsa.tables.figures import assignment_figures
from simsa.web.entries.models import Entry
from simsa.web.panel.models import Alternative, FixedPair, Reviewer, Slot
from simsa.web.panel.services.assigning import AssignmentShortError, rows_of, seat_panel, short_words
from simsa.web.panel.services.computing import compute
from simsa.web.panel.services.posing import Posed, pose
from simsa.web.panel.texts import storable
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import lock, record

CAPS = (Fraction(1, 2), Fraction(3, 4), Fraction(1))
"""Greatest probabilities of a pair in a draw, of which the first counts that the limits allow."""


def fix_pair(entry: Entry, reviewer: Reviewer, kind: str, reason: str, *, actor: str) -> FixedPair:
    """Have a pair meet, or not meet, in the assignment, with a reason; in the place of what was fixed of it before.

    Once the panel is assigned, reviewers can only be kept from reviews that the rules hold back. ValidationError
    without a reason, for a pair to be pinned that has a conflict of interest, and one to be kept apart that has met.
    """
    said = storable(reason).strip()
    if kind not in FixedPair.Kind.values or entry.round_id != reviewer.round_id:
        raise ValidationError(_("Choose an entry and a member of the panel."))
    if not said or len(said) > 200:
        raise ValidationError(_("Say why, in at most %(most)d characters.") % {"most": 200})
    with transaction.atomic():
        round_ = lock(entry.round, *_fixable(entry.round))
        if round_.stage == Stage.SCORING:
            if kind == FixedPair.Kind.PINNED or Slot.objects.filter(entry=entry, reviewer=reviewer).exists():
                raise ValidationError(_("The panel is assigned; only who has not met can still be kept apart."))
        elif kind == FixedPair.Kind.PINNED and _barred(round_, entry, reviewer):
            raise ValidationError(_("There is a conflict of interest between them; they cannot meet."))
        facts = {"kind": kind, "reason": said, "actor": actor}
        fixed, _new = FixedPair.objects.update_or_create(entry=entry, reviewer=reviewer, defaults=facts)
        told = {"entry": entry.entrant.code, "reviewer": reviewer.code, "kind": kind}
        told["sha256"] = digest(said.encode())
        record(round_, "pair.fixed", actor, told)
    return fixed


def free_pair(fixed: FixedPair, *, actor: str) -> None:
    """Leave a pair to the assignment again."""
    with transaction.atomic():
        round_ = lock(fixed.entry.round, *_fixable(fixed.entry.round))
        if FixedPair.objects.filter(pk=fixed.pk).delete()[0]:
            record(round_, "pair.freed", actor, {"entry": fixed.entry.entrant.code, "reviewer": fixed.reviewer.code})


def _posed(round_: Round) -> Posed:
    """The round as it is now. ValidationError where nothing can be assigned: rules do not count what was declared."""
    try:
        return pose(round_)
    except InputError as error:
        raise ValidationError(str(error)) from error


def _fixable(round_: Round) -> tuple[Stage, ...]:
    """In which stages pairs are fixed by hand."""
    return (Stage.PREPARING,) if round_.rules.adaptive is None else (Stage.PREPARING, Stage.SCORING)


def _barred(round_: Round, entry: Entry, reviewer: Reviewer) -> bool:
    posed = _posed(round_)
    place = (posed.entries.index[entry.entrant.code], posed.reviewers.index[reviewer.code])
    return place in {(pair.entry, pair.reviewer) for pair in posed.found}


def start_alternative(round_: Round, way: str, *, actor: str) -> Alternative:
    """Have an assignment computed. ValidationError for an unknown way, or while another is being computed.

    What is drawn at random is drawn with the round's seed and the alternative's number; without a seed, with a new one.
    """
    if way not in Alternative.Way.values:
        raise ValidationError(_("Choose how to assign."))
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        if Alternative.objects.filter(round=round_, state__in=["waiting", "running"]).exists():
            raise ValidationError(_("An assignment is being computed already."))
        number = (Alternative.objects.filter(round=round_).aggregate(last=Max("number"))["last"] or 0) + 1
        seed = f"{round_.seed or secrets.token_hex(16)}/{number}" if way == Alternative.Way.RANDOM else ""
        made = Alternative.objects.create(round=round_, number=number, way=way, seed=seed, actor=actor)
        record(round_, "alternative.started", actor, {"number": number, "way": way, "seed": seed})
        transaction.on_commit(lambda: _enqueue(made.pk))
    return made


def compute_alternative(alternative: Alternative) -> Alternative:
    """Compute what `start_alternative` asked for; what goes wrong, or cannot be met, is kept in it."""

    def work() -> dict[str, str]:
        with transaction.atomic():
            posed = pose(lock(alternative.round, Stage.PREPARING))
        told, rows = _computed(alternative, posed)
        pairs = canonical_text([list(row) for row in rows])
        return {"inputs": posed.fingerprint, "facts": canonical_text(told), "pairs": pairs}

    return compute(alternative, work)


def adopt(alternative: Alternative, *, actor: str) -> list[Slot]:
    """Assign the panel as an alternative has it; the evaluation begins.

    ValidationError if it is not done, or something that it follows from has changed since.
    """
    with transaction.atomic():
        round_ = lock(alternative.round, Stage.PREPARING)
        alternative = Alternative.objects.get(pk=alternative.pk)
        if alternative.state != Alternative.State.DONE:
            raise ValidationError(_("This assignment is not computed."))
        posed = _posed(round_)
        if posed.fingerprint != alternative.inputs:
            raise ValidationError(_("Conflicts, affinities, the panel or entries have changed since; compute it anew."))
        told = alternative.told
        facts = {"way": alternative.way, "alternative": alternative.number, "seed": alternative.seed}
        facts |= {"solver": told["solver"], "total": told["total"]}
        return seat_panel(round_, posed, alternative.rows, facts, actor=actor)


@dataclass(frozen=True)
class Changed:
    """How one alternative differs from another: pairs that are new, and those that are gone with the reason.

    `barred`: gone because they must not meet (any more); the others because that is worth more.
    """

    kept: int
    added: tuple[tuple[str, str], ...]
    gone: tuple[tuple[str, str], ...]
    barred: frozenset[tuple[str, str]]


def changed_since(alternative: Alternative, before: Alternative, barred: frozenset[tuple[str, str]]) -> Changed:
    """What changed between two alternatives; `barred`: pairs that must not meet now."""
    now, then = alternative.by_pair, before.by_pair
    gone = sorted(then - now)
    return Changed(len(now & then), tuple(sorted(now - then)), tuple(gone), frozenset(gone) & barred)


def _computed(alternative: Alternative, posed: Posed) -> tuple[Mapping[str, Any], Any]:
    tell = _teller(alternative)
    found = posed.solved(tell)
    if not found.assignment.complete:
        raise AssignmentShortError(short_words(found.assignment, posed, found.problem.kinds))
    solved, more = found.assignment, dict[str, Any]()
    if alternative.way == Alternative.Way.FAIR:
        fair = assign_fairly(found.problem, progress=tell)
        solved, more = fair.assignment, {"bound": exact_text(Fraction(fair.bound, fair.assignment.scale))}
    elif alternative.way == Alternative.Way.RANDOM:
        solved, cap = _drawn(found.problem, alternative.seed, found.assignment, tell)
        more = {"cap": exact_text(cap)}
    ids = (posed.entries.ids, posed.reviewers.ids)
    figures = assignment_figures(solved, *ids, pairs=len(found.problem.entry), most=found.problem.most)
    told = {"figures": _texts(figures.as_json()), "solver": solved.solver, "total": exact_text(solved.total), **more}
    told["greatest"] = exact_text(found.assignment.total)
    return told, rows_of(posed, solved)


def _drawn(problem: Problem, seed: str, optimum: Assignment, tell: Progress) -> tuple[Assignment, Fraction]:
    for cap in CAPS:
        try:
            return assign_randomly(problem, seed, cap=cap, optimum=optimum, progress=tell).assignment, cap
        except UnmetError:
            if cap == CAPS[-1]:
                raise
    raise AssertionError


def _teller(alternative: Alternative) -> Progress:
    last = ["", -1.0]

    def tell(step: str, share: float) -> None:
        if step != last[0] or share >= float(last[1]) + 0.05:
            last[:] = [step, share]
            Alternative.objects.filter(pk=alternative.pk).update(step=step[:100], share=share)

    return tell


def _texts(value: Any) -> Any:
    """Figures in what canonical JSON has: numbers that are not whole as text."""
    if isinstance(value, Mapping):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(one) for one in value]
    return repr(value) if isinstance(value, float) else value


def _enqueue(pk: int) -> None:
    from simsa.web.panel.tasks import run_alternative  # noqa: PLC0415 (the task calls back into this module)

    run_alternative.enqueue(pk)
