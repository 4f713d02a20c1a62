"""From the problem to an assignment that was drawn, with the probabilities, the measures and the seed, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.certificate import certify
from simsa.engine.assignment.kinds_transport import Choice
from simsa.engine.assignment.network import build_network
from simsa.engine.assignment.problem import Problem, UnmetError, pair_places
from simsa.engine.assignment.randomised.metrics import Metrics, metrics
from simsa.engine.assignment.randomised.result import Marginals
from simsa.engine.assignment.randomised.sampling import sample
from simsa.engine.assignment.randomised.solving import marginals
from simsa.engine.assignment.result import Assignment
from simsa.engine.assignment.solving import Progress, assign, assignment_of

SOLVER = "drawn from probabilities"


@dataclass(frozen=True, eq=False)
class RandomAssignment:
    """An assignment drawn from probabilities.

    Attributes:
        assignment: the pairs drawn. Its certificate says by how much their total is below the greatest, at most.
        marginals: the probabilities.
        metrics: what they bought and what they cost.
        optimum: the assignment with the greatest total, which is not drawn, with its proof.
        seed: equal probabilities and an equal seed give an equal draw.
    """

    assignment: Assignment
    marginals: Marginals
    metrics: Metrics
    optimum: Assignment
    seed: str


def assign_randomly(
    problem: Problem,
    seed: str | int,
    *,
    cap: Fraction | float | None = None,
    perturbation: float = 0.0,
    optimum: Assignment | None = None,
    progress: Progress | None = None,
) -> RandomAssignment:
    """Choose pairs at random, with the probabilities that are worth most within the cap: see `marginals`, `sample`.

    Args:
        seed: as for `sample`.
        cap, perturbation: as for `marginals`.
        optimum: `assign(problem)`, if it is known already.
        progress: told each step as it begins.

    Raises:
        AssignmentError: as for `marginals`.
        UnmetError: the limits cannot all be met, within the cap or at all: then nothing can be drawn.
    """
    tell = progress or (lambda _step, _share: None)
    best = optimum or assign(problem, progress=lambda _step, share: tell("greatest total", 0.2 * share))
    if not best.complete:
        raise UnmetError(f"the limits cannot all be met: {best.missing} slots are missing (see `assign`)")
    found = marginals(
        problem, cap=cap, perturbation=perturbation, progress=lambda step, share: tell(step, 0.2 + 0.6 * share)
    )
    tell("draw", 0.8)
    drawn = sample(found, seed)
    tell("certificate", 0.95)
    network = build_network(problem, best.scale)
    chosen = np.zeros(network.entry.size, dtype=np.bool_)
    pairs = np.column_stack([drawn.entry, drawn.reviewer])
    chosen[pair_places(network.entry, network.reviewer, pairs, problem.n_reviewers)] = True
    proof = best.certificate
    choice = Choice(chosen, proof.entry_price, proof.reviewer_price, proof.kind_price, SOLVER)
    stated = assignment_of(network, choice, best.scale, certify(problem, network, *choice.proof))
    tell("done", 1.0)
    return RandomAssignment(stated, found, metrics(problem, found, optimum=float(best.total)), best, drawn.seed)
