"""Solving: from the problem through flow and prices to an assignment with its proof."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simsa.engine import native
from simsa.engine.assignment.certificate import certify, exact_sum
from simsa.engine.assignment.kinds_shortfall import missed_kinds
from simsa.engine.assignment.kinds_transport import Choice, choose_of_kinds
from simsa.engine.assignment.network import Network, build_network, fitting_scale
from simsa.engine.assignment.problem import IntArray, Problem
from simsa.engine.assignment.result import Assignment, Certificate, read_only
from simsa.engine.assignment.shortfall import listed, shortfalls, violators
from simsa.engine.assignment.transport import SOLVER, choose_pairs

Progress = Callable[[str, float], None]
"""Told the name of the step that begins and the share of the steps that is done, from 0 to 1."""


_STEPS: tuple[Callable[[float], tuple[str, float]], ...] = (
    lambda share: ("auction", 0.1 + 0.4 * share),
    lambda share: ("shortest paths", 0.5 + 0.3 * share),
    lambda share: ("least loads", 0.8 + 0.1 * share),
)


def assign(problem: Problem, *, scale: int | None = None, progress: Progress | None = None) -> Assignment:
    """Choose the pairs with the largest total affinity within the limits.

    Limits that cannot all be met are no error: first as many slots as possible are filled and as few least loads as
    possible missed, then the affinity is maximised (see `Assignment.short`, `under`, `infeasibility`).

    Args:
        scale: units in one of the problem's affinity. By default 1 for integer affinities and 10**6 for others, or the
            largest smaller power of ten with which nothing can overflow.
        progress: told each step as it begins.

    Raises:
        AssignmentError: the affinities are too large for exact arithmetic at this scale, or at any.
    """
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    scale = fitting_scale(problem, scale)
    result = solve(build_network(problem, scale), scale, tell=tell)
    tell("done", 1.0)
    return result


def solve(
    network: Network,
    scale: int,
    *,
    objective: Network | None = None,
    price: IntArray | None = None,
    tell: Progress = lambda _step, _share: None,
) -> Assignment:
    """Choose the network's pairs that are best by the units and the penalty of `objective`, by default its own.

    Args:
        objective: the same network with other units and a penalty that goes with them; the certificate is in them.
        price: of the reviewers, to start from (not where kinds cross).
    """
    aim, furthest = objective or network, 0.0

    def told(step: int, share: float) -> None:
        """The kernel goes back to its auction where that will get further; what is done stays done."""
        nonlocal furthest
        name, now = _STEPS[step](share)
        furthest = max(furthest, now)
        tell(name, furthest)

    choice = _choose(aim, price, told)
    tell("certificate", 0.9)
    return assignment_of(network, choice, scale, certify(network.problem, aim, *choice.proof))


def _choose(network: Network, price: IntArray | None, tell: native.Tell) -> Choice:
    kinds = network.problem.kinds
    if kinds is None:
        chosen, flow = choose_pairs(network, price, tell=tell)
        return Choice(chosen, flow.entry_price, flow.reviewer_price, np.zeros((0, 3), dtype=np.int64), SOLVER)
    if len(kinds.families) == 1:
        return choose_of_kinds(network, kinds.families[0], price, tell)
    from simsa.engine.assignment.crossing import (  # noqa: PLC0415 (it loads an optimiser)
        choose_of_crossing_kinds,
    )

    return choose_of_crossing_kinds(network, kinds, tell)


def assignment_of(network: Network, choice: Choice, scale: int, certificate: Certificate) -> Assignment:
    """State a choice of pairs in full."""
    problem, chosen = network.problem, choice.chosen
    places = np.flatnonzero(chosen)
    entry, reviewer, units = network.entry[places], network.reviewer[places], network.units[places]
    short, under = shortfalls(problem, entry, reviewer)
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    return Assignment(
        entry=read_only(entry),
        reviewer=read_only(reviewer),
        affinity_units=read_only(units),
        total_units=exact_sum(units),
        scale=scale,
        load=read_only(np.bincount(reviewer, minlength=problem.n_reviewers)),
        per_entry=read_only(per_entry),
        short=read_only(listed(short)),
        under=read_only(listed(under)),
        missed=read_only(missed_kinds(problem, entry, reviewer)),
        infeasibility=violators(network, chosen, "coverage", short) + violators(network, chosen, "least", under),
        solver=choice.solver,
        certificate=certificate,
    )
