"""Solving: from the problem through flow and prices to an assignment with its proof."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simsa.engine.assignment.certificate import certify, exact_sum
from simsa.engine.assignment.network import Network, build_network, fitting_scale
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.result import Assignment, read_only
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
    network = build_network(problem, scale)
    chosen, flow = choose_pairs(network, tell=lambda step, share: tell(*_STEPS[step](share)))
    tell("certificate", 0.9)
    result = assignment_of(problem, network, chosen, scale, flow.entry_price, flow.reviewer_price)
    tell("done", 1.0)
    return result


def assignment_of(
    problem: Problem,
    network: Network,
    chosen: BoolArray,
    scale: int,
    entry_price: IntArray,
    reviewer_price: IntArray,
) -> Assignment:
    """State the chosen pairs in full, with the proof that the prices give."""
    entry, reviewer, units = network.entry[chosen], network.reviewer[chosen], network.units[chosen]
    short, under = shortfalls(problem, entry, reviewer)
    per_entry = np.zeros(problem.n_entries, dtype=np.int64)
    np.add.at(per_entry, entry, units)
    certificate = certify(problem, network, chosen, entry_price, reviewer_price)
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
        infeasibility=violators(network, chosen, "coverage", short) + violators(network, chosen, "least", under),
        solver=SOLVER,
        certificate=certificate,
    )
