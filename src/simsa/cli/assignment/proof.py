"""What is proven of an assignment, in one sentence."""

from __future__ import annotations

from fractions import Fraction

from simsa.engine.assignment import Assignment, FairAssignment, RandomAssignment

from .ways import Found

_LEAST_SHOWN = 1e-6
_HOW = "prices of entries and reviewers, which anyone can add up, come to the same total"


def proof_of(found: Found) -> str:
    """In one sentence, what is proven, or how far from the best it can be."""
    if found.fair:
        return _fair(found.fair)
    if found.drawn:
        return _drawn(found.drawn)
    return _greatest(found.solved, changed=found.repaired is not None)


def _greatest(solved: Assignment, *, changed: bool) -> str:
    proof = solved.certificate
    if not proof.optimal and changed:
        return "NOT proven: a smaller change, or one with a greater total affinity, may exist."
    if not proof.optimal:
        gap = Fraction(proof.gap, solved.scale)
        return f"Proven: no assignment within these limits is worth more than {float(gap):.6g} above this one."
    if changed:
        return f"Proven optimal: of all that change as little, none has a greater total affinity ({_HOW})."
    if solved.complete:
        return f"Proven optimal: no assignment within these limits has a greater total affinity ({_HOW})."
    return f"Proven optimal: none fills more slots, and none that fills as many has a greater total affinity ({_HOW})."


def _fair(fair: FairAssignment) -> str:
    scale = fair.assignment.scale
    worst, bound = fair.worst / scale, fair.bound / scale
    less = Fraction(fair.optimum.total_units - fair.assignment.total_units, scale)
    cost = f"the total is {float(less):.6g} below the greatest"
    if fair.kept is not None:
        cost = f"the total is {float(fair.kept):.4%} of the greatest"
    if not fair.gap:
        return f"Proven: no assignment leaves the worst-off entry with more than {worst:.6g}; {cost}."
    return f"The worst-off entry has {worst:.6g}; proven: none can give it more than {bound:.6g}; {cost}."


def _drawn(drawn: RandomAssignment) -> str:
    gap = drawn.marginals.gap
    if not gap:
        return "Proven: no probabilities within the cap and these limits have a greater expected affinity."
    most = f"{gap:.4%}" if gap >= _LEAST_SHOWN else f"{_LEAST_SHOWN:.4%}"
    return f"Proven: the best probabilities within these limits are worth at most {most} more than those drawn from."
