"""The results: exact marginals with the bound that certifies them, and an assignment drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.problem import IntArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Marginals:
    """The probability of every pair, as whole numbers of units of 1/whole, and what proves that they are good.

    In these probabilities every entry has exactly its coverage, every reviewer a load within the limits, every entry
    its reviewers of each kind within the limits, every pinned pair probability 1 and no other pair more than `cap`.

    Attributes:
        entry, reviewer: int64, shape (pairs,): the pairs with a positive probability, by entry, then reviewer.
        affinity: float64, shape (pairs,): as the problem has it.
        units: int64, shape (pairs,): probabilities times `whole`.
        whole: units in probability 1.
        cap: the largest probability allowed.
        perturbation: beta; a pair is worth affinity x - beta abs(affinity) x**2 at probability x.
        value: what the probabilities are worth in all, in the problem's affinity.
        bound: no probabilities within the limits are worth more. Rounding errors of its evaluation are included; of
            affinities that are not whole at `scale`, where there is one, the rounded ones are meant.
        rounds: how often both sides' prices were solved; 0 where the optimum is exact.
        scale: units in one affinity where the optimum was found in whole numbers; else None.
        solver: what found the probabilities.
        n_entries, n_reviewers: of the problem.
        node: int64, shape (pairs,): where each pair hangs in its entry's tree of kinds.
        parent: int64, shape (nodes,): the node above, -1 for an entry itself.
        entry_price, reviewer_price: shapes (n_entries,) and (n_reviewers,): what proves the bound; int64 in affinity at
            `scale` where there is one, else float64 in affinity.
        priced: int64, shape (prices, 2): the (entry, group) of kinds that have a price of their own.
        kind_price: shape (prices,): that price, added to those of the entry and the groups around.
    """

    entry: IntArray
    reviewer: IntArray
    affinity: FloatArray
    units: IntArray
    whole: int
    cap: Fraction
    perturbation: float
    value: float
    bound: float
    rounds: int
    scale: int | None
    solver: str
    n_entries: int
    n_reviewers: int
    node: IntArray
    parent: IntArray
    entry_price: IntArray | FloatArray
    reviewer_price: IntArray | FloatArray
    priced: IntArray
    kind_price: IntArray | FloatArray

    @property
    def probability(self) -> FloatArray:
        """float64, shape (pairs,): `units` / `whole`, rounded to floating point."""
        return self.units / self.whole

    @property
    def gap(self) -> float:
        """By how much the bound is above the value, as a share of the bound; 0 if it is proven optimal."""
        if self.bound <= self.value:
            return 0.0
        return (self.bound - self.value) / abs(self.bound) if self.bound else float("inf")


@dataclass(frozen=True, eq=False)
class Draw:
    """An assignment drawn from marginals.

    Attributes:
        entry, reviewer: int64, shape (pairs,): the chosen pairs, by entry, then reviewer.
        affinity: float64, shape (pairs,).
        load: int64, shape (n_reviewers,): entries that each reviewer has.
        seed: equal marginals and an equal seed give an equal draw, on every machine.
    """

    entry: IntArray
    reviewer: IntArray
    affinity: FloatArray
    load: IntArray
    seed: str

    @property
    def total(self) -> float:
        """The sum of affinities."""
        return float(self.affinity.sum())
