"""Solving: from the problem through prices to exact marginals with their bound."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.certificate import exact_sum
from simsa.engine.assignment.network import fitting_scale, in_units
from simsa.engine.assignment.problem import AssignmentError, Problem
from simsa.engine.assignment.randomised.linear import linear_bound, solve_units, solver
from simsa.engine.assignment.randomised.prices import Prices, gains
from simsa.engine.assignment.randomised.result import Marginals
from simsa.engine.assignment.randomised.trees import Trees, build_trees
from simsa.engine.assignment.randomised.units import FINEST, Units, fitting_whole, round_to_units
from simsa.engine.assignment.result import read_only
from simsa.engine.assignment.solving import Progress

MOST_ROUNDS = 2000
"""Both sides' prices are solved so often at most; then the marginals are returned with the gap that they have."""


FINEST_CAP = 100
"""The largest denominator of a cap without perturbation."""

SETTLED = 50
"""After so many rounds prices have come near enough to tell what the first, flatter slopes of demand cost."""


def marginals(
    problem: Problem,
    *,
    cap: Fraction | float | None = None,
    perturbation: float = 0.0,
    tolerance: float = 0.001,
    progress: Progress | None = None,
) -> Marginals:
    """The probabilities of all pairs that are worth most, none above the cap, as exact whole numbers of units.

    Without perturbation the expected affinity is as large as the cap allows, and exactly so (Jecmen et al. 2020). With
    perturbation beta, a pair at probability x is worth affinity x - beta abs(affinity) x**2, which spreads probability
    over pairs that are nearly as good (Xu et al. 2023, quadratic), and the value is within `tolerance` of the bound.

    Args:
        cap: the largest probability of a pair that is not pinned, above 0 and at most 1 (None). A float is taken as the
            decimal that it prints as: 0.1 is one tenth. Without perturbation time and memory grow with its denominator,
            which is at most `FINEST_CAP`.
        perturbation: beta, not negative.
        tolerance: the largest gap; see `Marginals.gap` for the one that was reached.
        progress: told each step as it begins, and while prices are solved.

    Raises:
        AssignmentError: a cap, perturbation or tolerance out of range; kinds that cross; affinities too large for exact
            arithmetic.
        UnmetError: limits that no probabilities meet.
    """
    tell = progress or (lambda _step, _share: None)
    largest = _cap(cap)
    if not (math.isfinite(perturbation) and perturbation >= 0):
        raise AssignmentError(f"perturbation must not be negative, and it is {perturbation!r}")
    if not tolerance > 0:
        raise AssignmentError(f"tolerance must be positive, and it is {tolerance!r}")
    tell("network", 0.0)
    trees = build_trees(problem, largest)
    if not perturbation and largest.denominator > FINEST_CAP:
        raise AssignmentError(
            f"cap {largest}: without perturbation the exact optimum takes time and memory in proportion to its "
            f"denominator; take one of at most {FINEST_CAP}, or a small perturbation"
        )
    if perturbation:
        return _perturbed(problem, trees, largest, perturbation, tolerance, tell)
    return _linear(problem, trees, largest, tell)


def _cap(cap: Fraction | float | None) -> Fraction:
    try:
        largest = Fraction(1) if cap is None else Fraction(cap if isinstance(cap, Fraction | int) else repr(float(cap)))
    except ValueError:
        largest = Fraction(0)
    if not 0 < largest <= 1:
        raise AssignmentError(f"cap must be above 0 and at most 1, and it is {cap!r}")
    return largest


def _linear(problem: Problem, trees: Trees, cap: Fraction, tell: Progress) -> Marginals:
    scale = fitting_scale(problem, None)
    units_of = in_units(problem.affinity[trees.place], scale)
    pinned = sum(round(v * scale) for v in problem.affinity[trees.pinned].tolist())
    whole = fitting_whole(cap, problem.coverage, 1)
    if units_of.size and whole * int(np.abs(units_of).max()) >= 2**62:
        raise AssignmentError(f"affinities are too large for exact arithmetic with cap {cap}: divide them all")
    tell("limits", 0.1)
    units = round_to_units(trees, np.zeros(trees.node.size), cap, whole)
    tell("flow", 0.3)
    if trees.node.size:
        units = solve_units(problem, trees, units_of, cap, whole, lambda *done: tell(*_flow(*done)))
    tell("certificate", 0.8)
    value = exact_sum(units.pairs * units_of) + pinned * whole
    proof = linear_bound(trees, units_of, cap, units)
    if proof is None:
        raise AssignmentError(f"{solver(problem)} returned units that no prices prove optimal")
    tell("done", 1.0)
    worth = tuple(float(Fraction(total, whole * scale)) for total in (value, proof[0] + pinned * whole))
    return _marginals(problem, trees, units, cap, 0.0, worth, (0, scale, solver(problem)), proof[1:])


def _flow(step: int, share: float) -> tuple[str, float]:
    """The kernel's steps, an auction and two of shortest paths, on the way from 0.3 to 0.8."""
    return "flow", 0.3 + 0.5 * (step + share) / 3


def _perturbed(
    problem: Problem, trees: Trees, cap: Fraction, perturbation: float, tolerance: float, tell: Progress
) -> Marginals:
    affinity = problem.affinity.astype(np.float64)
    fixed = affinity[trees.pinned]
    base = math.fsum(fixed - perturbation * np.abs(fixed))
    whole = fitting_whole(cap, problem.coverage, FINEST)
    prices = Prices(trees, gains(affinity[trees.place], perturbation, cap))
    rounds, wanted = 1, tolerance / 2
    while True:
        allowed = wanted * abs(prices.least_bound + base)
        near = prices.distance()
        if near <= allowed or rounds == MOST_ROUNDS:
            tell("units", 0.8)
            units = round_to_units(trees, prices.x, cap, whole)
            value = prices.pairs.value(units.pairs / whole)
            if prices.least_bound - value <= tolerance * abs(prices.least_bound + base) or rounds == MOST_ROUNDS:
                break
            wanted /= 4
        if rounds % SETTLED == 0 and prices.pairs.blur(prices.x) > tolerance / 4 * abs(prices.least_bound + base):
            prices.sharpen()
        tell("prices", 0.1 + 0.7 * min(1.0, allowed / near) if near else 0.8)
        prices.improve()
        rounds += 1
    tell("done", 1.0)
    worth = (value + base, prices.least_bound + base)
    how = (rounds, None, "coordinate descent on prices")
    return _marginals(problem, trees, units, cap, perturbation, worth, how, prices.best)


def _marginals(
    problem: Problem,
    trees: Trees,
    units: Units,
    cap: Fraction,
    perturbation: float,
    worth: tuple[float, ...],
    how: tuple[int, int | None, str],
    prices: tuple[NDArray[Any], NDArray[Any]],
) -> Marginals:
    used = np.flatnonzero(units.pairs)
    place = np.concatenate([trees.place[used], trees.pinned])
    node = np.concatenate([trees.node[used], trees.root[problem.entry[trees.pinned]]])
    amount = np.concatenate([units.pairs[used], np.full(trees.pinned.size, units.whole)])
    rise = np.argsort(place)
    level, reviewer_price = prices
    own = level - np.where(trees.parent >= 0, level[trees.parent], 0)
    priced = np.flatnonzero((trees.parent >= 0) & (own != 0))
    place = place[rise]
    arrays: dict[str, NDArray[Any]] = {
        "entry": problem.entry[place],
        "reviewer": problem.reviewer[place],
        "units": amount[rise].astype(np.int64),
        "node": node[rise].astype(np.int64),
        "parent": trees.parent,
        "entry_price": level[trees.root[:-1]],
        "reviewer_price": reviewer_price,
        "priced": np.column_stack([trees.entry[priced], trees.group[priced]]),
        "kind_price": own[priced],
    }
    values = problem.affinity[place].astype(np.float64)
    values.setflags(write=False)
    return Marginals(
        **{name: read_only(array) for name, array in arrays.items()},
        affinity=values,
        whole=units.whole,
        cap=cap,
        perturbation=perturbation,
        value=worth[0],
        bound=worth[1],
        rounds=how[0],
        scale=how[1],
        solver=how[2],
        n_entries=problem.n_entries,
        n_reviewers=problem.n_reviewers,
    )
