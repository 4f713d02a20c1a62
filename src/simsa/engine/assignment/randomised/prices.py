"""The convex dual: prices of nodes and reviewers at which the perturbed probabilities come out, and what they bound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from simsa.engine.assignment.randomised.result import FloatArray
from simsa.engine.assignment.randomised.trees import Trees
from simsa.engine.native import call

FLATTEST = 2.0**-10
"""Pairs of less affinity than this share of the mean are at first priced as if they had so much: their demand would
jump from nothing to the cap at one price."""

_SHARPEST = 2.0**-40

# More than the rounding errors of the terms of a bound, each a few of 2**-53 of its parts, added with compensation.
_ERROR = 2.0**-46


@dataclass(frozen=True, eq=False)
class Gains:
    """What free pairs are worth at probability x: affinity x - curvature x**2.

    Prices go by `slope`, which is 1 / (2 curvature), or less where a pair's curvature is below a share of the mean.
    """

    affinity: FloatArray
    curvature: FloatArray
    slope: FloatArray
    cap: float
    flattest: float

    def value(self, x: FloatArray) -> float:
        return float(np.dot(self.affinity - self.curvature * x, x))

    def blur(self, x: FloatArray) -> float:
        """What prices miss of that, because of slopes that are not as steep as they should be."""
        return float(np.dot(0.5 / self.slope - self.curvature, x * x))

    def sharper(self) -> Gains:
        flattest = max(self.flattest / 8, _SHARPEST)
        return replace(self, slope=_slope(self.curvature, flattest), flattest=flattest)


def gains(affinity: FloatArray, perturbation: float, cap: Fraction) -> Gains:
    curvature = perturbation * np.abs(affinity)
    # Rounded up, the float is no smaller than the fraction: what is a bound with it, is one without.
    most = float(cap) if Fraction(float(cap)) >= cap else float(np.nextafter(float(cap), 2.0))
    return Gains(affinity, curvature, _slope(curvature, FLATTEST), most, FLATTEST)


def _slope(curvature: FloatArray, flattest: float) -> FloatArray:
    mean = float(curvature.mean()) if curvature.size else 0.0
    return 0.5 / np.maximum(curvature, flattest * mean if mean else 1.0)


class Prices:
    """Prices being raised and lowered, one side after the other, to the least bound.

    Alternating minimisation with Nesterov's momentum on the reviewers' prices, started again whenever the bound rises
    (O'Donoghue and Candes 2015; for alternating minimisation, Guminov et al. 2021). Where loads are tight that takes a
    tenth of the rounds. `x` are the probabilities at the reviewers' prices that the entries were last solved at, `best`
    the prices of nodes and reviewers that gave the least bound.
    """

    def __init__(self, trees: Trees, pairs: Gains) -> None:
        self.trees, self.pairs = trees, pairs
        self.limits = tuple(
            values.astype(np.float64) for values in (trees.least, trees.most, trees.least_load, trees.most_load)
        )
        self.column_affinity = pairs.affinity[trees.column_pair]
        self.column_slope = pairs.slope[trees.column_pair]
        self.node = np.zeros(trees.parent.size)
        self.reviewer = np.zeros(trees.least_load.size)
        self.x = np.zeros(trees.node.size)
        self._last_bound = np.inf
        # Without prices: where nothing is worth anything, no others bound as well.
        self.least_bound, self.best = self.bound(), (self.node.copy(), self.reviewer.copy())
        self._before, self._momentum = self.reviewer.copy(), 1.0
        self.solve_entries()

    def sharpen(self) -> None:
        self.pairs = self.pairs.sharper()
        self.column_slope = self.pairs.slope[self.trees.column_pair]
        self._momentum = 1.0

    def improve(self) -> None:
        """One round: the reviewers' prices, a step further in the same direction, the entries' prices."""
        self.solve_reviewers()
        solved = self.reviewer.copy()
        grown = (1 + np.sqrt(1 + 4 * self._momentum**2)) / 2
        self.reviewer += (self._momentum - 1) / grown * (solved - self._before)
        self._before, self._momentum = solved, grown
        self.solve_entries()

    def solve_entries(self) -> None:
        """Give every entry what is worth most to it at the reviewers' prices, within all its own limits; take stock."""
        t, pairs, (least, most, _, _) = self.trees, self.pairs, self.limits
        call(
            "simsa_perturbed_entries",
            *(t.n_entries, t.root, t.end, t.first, t.reviewer, pairs.affinity, pairs.slope, pairs.cap),
            *(least, most, self.reviewer, self.node, self.x),
        )
        bound = self.bound()
        if bound > self._last_bound:
            self._momentum = 1.0
        if bound < self.least_bound:
            self.least_bound, self.best = bound, (self.node.copy(), self.reviewer.copy())
        self._last_bound = bound

    def solve_reviewers(self) -> None:
        """Price every reviewer so that the load is within its limits at what the nodes pay."""
        t, (_, _, least, most) = self.trees, self.limits
        call(
            "simsa_perturbed_reviewers",
            *(least.size, t.at, t.column_node, self.column_affinity, self.column_slope, self.pairs.cap),
            *(least, most, self.node, self.reviewer),
        )

    def distance(self) -> float:
        """About how far the probabilities will be from the bound once loads are brought within their limits."""
        load, (_, _, least, most) = self._load(), self.limits
        excess = np.maximum(load - most, 0) + np.maximum(least - load, 0)
        return abs(self.least_bound - self.pairs.value(self.x)) + float(np.dot(np.abs(self.reviewer), excess))

    def _load(self) -> FloatArray:
        return np.bincount(self.trees.reviewer, self.x, minlength=self.reviewer.size).astype(np.float64)

    def bound(self) -> float:
        """What no probabilities within the limits can be worth more than."""
        t, pairs, (least, most, least_load, most_load) = self.trees, self.pairs, self.limits
        out = np.zeros(2)
        call(
            "simsa_perturbed_bound",
            *(t.n_entries, t.root, t.end, t.first, t.reviewer, pairs.affinity, pairs.curvature, pairs.cap),
            *(least, most, self.node, least_load.size, least_load, most_load, self.reviewer, out),
        )
        return float(out[0] + _ERROR * out[1])
