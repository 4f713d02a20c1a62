"""From the problem to an assignment: the greatest total, the worst-off first, drawn at random, or changed little."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.engine.assignment import (
    Assignment,
    FairAssignment,
    Problem,
    RandomAssignment,
    Repair,
    UnmetError,
    assign,
    assign_fairly,
    assign_randomly,
    repair,
)
from simsa.engine.inputs import InputError
from simsa.rules import exact_text
from simsa.tables.affinities import read_previous

from .inputs import Asked, Ints
from .listing import NAMED, listed
from .posing import Posed, Report, refusing


@dataclass(frozen=True)
class Found:
    """An assignment and how it was found.

    Attributes:
        repaired: what an earlier assignment lost and gained; `gone` of its pairs name somebody who is no longer there.
        fair: where the worst-off entry comes first.
        drawn: where it was drawn.
        seed_given: whether the seed of the draw was.
        nothing_drawn: a draw was asked for and the limits cannot all be met: the assignment only says why.
    """

    solved: Assignment
    repaired: Repair | None = None
    gone: int = 0
    fair: FairAssignment | None = None
    drawn: RandomAssignment | None = None
    seed_given: bool = True
    nothing_drawn: bool = False


def assigned(asked: Asked, posed: Posed, report: Report) -> Found:
    """The assignment that the call asks for."""
    problem, source = posed.problem, posed.source
    if asked.previous_file:
        before = read_previous(asked.previous_file, posed.entries, posed.reviewers)
        repaired = refusing(source, lambda: repair(problem, before.pairs, progress=report))
        return Found(repaired.assignment, repaired=repaired, gone=before.gone)
    if asked.first == "worst-off":
        fair = refusing(source, lambda: assign_fairly(problem, progress=report))
        return Found(fair.assignment, fair=fair)
    optimum = posed.optimum or refusing(source, lambda: assign(problem, progress=report))
    return _drawn(asked, posed, optimum, report) if asked.at_random else Found(optimum)


def _drawn(asked: Asked, posed: Posed, optimum: Assignment, report: Report) -> Found:
    if not optimum.complete:
        return Found(optimum, nothing_drawn=True)
    _refuse_low_cap(asked.cap or Fraction(1), posed)
    seed = asked.seed or secrets.token_hex(16)
    cap, perturbation = asked.cap, asked.perturbation or 0.0
    try:
        drawn = refusing(
            posed.source,
            lambda: assign_randomly(
                posed.problem, seed, cap=cap, perturbation=perturbation, optimum=optimum, progress=report
            ),
        )
    except UnmetError as error:
        if len(error.entries):
            named = listed([repr(posed.entries[n]) for n in error.entries.tolist()])
            what = f"give its reviewers and kinds to entry {named}"
        else:
            what = "meet the loads"
        raise InputError(
            f"--cap {exact_text(asked.cap or Fraction(1))}: no probabilities within it {what}; "
            "raise it, or the greatest loads, or give entries more candidates"
        ) from None
    return Found(drawn.assignment, drawn=drawn, seed_given=asked.seed is not None)


def _refuse_low_cap(cap: Fraction, posed: Posed) -> None:
    """Refuses a cap under which an entry cannot have its coverage, or a reviewer the least load, of all candidates."""
    problem = posed.problem
    entry, reviewer = _free_pairs(problem)
    pinned = problem.pinned
    sides = (
        ("entry", posed.entries, problem.coverage, entry, pinned[:, 0]),
        ("reviewer", posed.reviewers, problem.least, reviewer, pinned[:, 1]),
    )
    for what, ids, needed, free, fixed in sides:
        wanted = np.maximum(needed - np.bincount(fixed, minlength=len(ids)), 0).tolist()
        candidates = np.bincount(free, minlength=len(ids)).tolist()
        low = [n for n, (want, there) in enumerate(zip(wanted, candidates, strict=True)) if want > there * cap]
        if not low:
            continue
        least = max(Fraction(wanted[n], candidates[n]) for n in low)  # the optimum is complete: there are so many
        named = [f"{what} {ids[n]!r} needs {wanted[n]} of {candidates[n]} candidates" for n in low[:NAMED]]
        raise InputError(
            f"--cap {exact_text(cap)}: is too low for these limits ({listed(named, len(low))}); it must be at least "
            f"{exact_text(least)}, or there must be more candidates"
        )


def _free_pairs(problem: Problem) -> tuple[Ints, Ints]:
    """Entries and reviewers of the pairs that are neither forbidden nor pinned."""
    width = problem.n_reviewers
    fixed = np.concatenate([problem.forbidden, problem.pinned])
    free = ~np.isin(problem.entry * width + problem.reviewer, fixed[:, 0] * width + fixed[:, 1])
    return problem.entry[free], problem.reviewer[free]
