"""The integer programme of kinds that cross, over some of the pairs, for HiGHS (Huangfu and Hall 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from simsa.engine.assignment.kinds import UNLIMITED, Family, Kinds
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray

_NODES = 2_000
"""Nodes of the search tree at most: a limit on time would give different results on different machines."""

_Rows = tuple[IntArray, IntArray, NDArray[np.int64 | np.float64], NDArray[np.int64 | np.float64]]
"""The entries of a matrix by row and variable, and the lower and upper limit of each row."""


_Built = tuple[csr_array, NDArray[np.float64], NDArray[np.float64], list[tuple[IntArray, IntArray]]]


@dataclass(eq=False)
class Programme:
    """The integer programme: units of the pairs, then seats short by entry, units under by reviewer, and seats kept.

    A seat that is short may be kept for a group in each family. Only pairs `among` these can be chosen, and those
    that are `fixed` must be. Where the limits of groups are `loose`, each can be relaxed by any number.
    """

    network: Network
    kinds: Kinds
    among: BoolArray
    fixed: BoolArray
    loose: bool = False

    def best(self, missing: int) -> BoolArray | None:
        """The pairs of the greatest sum with so many seats short and units under; None if that cannot be."""
        cost = np.zeros(self._limits[0].shape[1])
        cost[: self._pairs] = -self.network.units[self.among]
        row = self._missing_row
        return self._solved(cost, [LinearConstraint(*self._limits), LinearConstraint(row[None, :], 0, missing)])

    def fullest(self) -> BoolArray:
        """Pairs with the fewest seats short and units under: none but the fixed ones if none were found."""
        chosen = self._solved(self._missing_row, [LinearConstraint(*self._limits)])
        return self.fixed if chosen is None else chosen

    def relaxed(self, missing: int) -> tuple[IntArray, IntArray, bool]:
        """The fewest relaxations with so many seats short and units under, which must be possible.

        Returns:
            (entry, group, number) of least and of most limits, as numbered in results, none if nothing was found in
            time; whether there are no fewer.
        """
        cost, row = np.zeros(self._limits[0].shape[1]), self._missing_row
        for variables, _ in self._relaxations:
            cost[variables] = 1
        constraints = [LinearConstraint(*self._limits), LinearConstraint(row[None, :], 0, missing)]
        # HiGHS has been seen to simplify such a programme to one without a solution.
        x, proven = self._found(cost, constraints, simplified=False)
        if x is None:
            return np.zeros((0, 3), dtype=np.int64), np.zeros((0, 3), dtype=np.int64), False
        by = np.rint(x).astype(np.int64)
        rows = [(np.column_stack([whom, by[v[0]]]), np.column_stack([whom, by[v[1]]])) for v, whom in self._relaxations]
        lowered, raised = (np.concatenate(part) for part in zip(*rows, strict=True))
        return lowered[lowered[:, 2] > 0], raised[raised[:, 2] > 0], proven

    @property
    def _missing_row(self) -> NDArray[np.float64]:
        row = np.zeros(self._limits[0].shape[1])
        row[self._pairs : self._pairs + self.network.problem.n_entries + self.network.problem.n_reviewers] = 1
        return row

    def _solved(self, cost: NDArray[np.float64], constraints: list[LinearConstraint]) -> BoolArray | None:
        x, _ = self._found(cost, constraints)
        if x is None:
            return None
        chosen = np.zeros(self.among.size, dtype=np.bool_)
        chosen[np.flatnonzero(self.among)[x[: self._pairs] > 0.5]] = True
        return chosen

    def _found(
        self, cost: NDArray[np.float64], constraints: list[LinearConstraint], *, simplified: bool = True
    ) -> tuple[NDArray[np.float64] | None, bool]:
        """The variables of the solution of the least cost that was found, and whether there is none of less."""
        lower, upper = np.zeros(cost.size), np.full(cost.size, np.inf)
        lower[: self._pairs], upper[: self._pairs] = self.fixed[self.among], 1
        found = milp(
            cost,
            constraints=constraints,
            bounds=Bounds(lower, upper),
            integrality=np.ones(cost.size, dtype=np.int64),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES, "presolve": simplified},
        )
        return found.x, found.status == 0

    @property
    def _pairs(self) -> int:
        return int(np.count_nonzero(self.among))

    @cached_property
    def _limits(self) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Rows over the variables and their limits: entries, reviewers, least loads, groups, seats kept."""
        return self._built[:3]

    @cached_property
    def _relaxations(self) -> list[tuple[IntArray, IntArray]]:
        """For each family the variables that lower and raise limits, (2, k), and whose: (entry, group) rows."""
        return self._built[3]

    @cached_property
    def _built(self) -> _Built:
        problem = self.network.problem
        entry, reviewer = self.network.entry[self.among], self.network.reviewer[self.among]
        n, m, pairs = problem.n_entries, problem.n_reviewers, entry.size
        which = np.arange(pairs)
        short, under = pairs + np.arange(n), pairs + n + np.arange(m)
        everyone = np.arange(m)
        parts: list[_Rows] = [
            (np.concatenate([entry, np.arange(n)]), np.concatenate([which, short]), problem.coverage, problem.coverage),
            (reviewer, which, np.zeros(m), problem.most),
            (np.concatenate([reviewer, everyone]), np.concatenate([which, under]), problem.least, np.full(m, np.inf)),
        ]
        variables, relaxations = pairs + n + m, []
        for family, first in zip(self.kinds.families, self.kinds.first, strict=True):
            who, group, variable, kept = _members(family, entry, reviewer, np.arange(n), variables)
            key, row = np.unique(who * family.n_groups + group, return_inverse=True)
            least, most, _ = family.limits(key // family.n_groups, key % family.n_groups)
            seats = variables + np.arange(kept.size)
            variables += kept.size
            if self.loose:
                lower, raise_ = variables + np.arange(2 * key.size).reshape(2, -1)
                variables += 2 * key.size
                where = np.column_stack([key // family.n_groups, key % family.n_groups + first])
                relaxations.append((np.stack([lower, raise_]), where))
                row = np.concatenate([row, np.arange(key.size), np.arange(key.size)])
                variable = np.concatenate([variable, lower, -raise_ - 1])
            parts.append((row, variable, least, most))
            rows = np.concatenate([kept, np.arange(n)])
            parts.append((rows, np.concatenate([seats, -short - 1]), np.full(n, -np.inf), np.zeros(n)))
        return *_stacked(parts, variables), relaxations


def _members(
    family: Family, entry: IntArray, reviewer: IntArray, entries: IntArray, first: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """(entry, group, variable) of all that counts in a group: pairs, and seats kept for groups of which some must be;
    and the entry of each of those seats, which are numbered from `first`."""
    kept = family.kept
    kept_entry, kept_group = np.repeat(entries, kept.size), np.tile(kept, entries.size)
    who = np.concatenate([entry, kept_entry])
    group = np.concatenate([family.group[reviewer], kept_group])
    variable = np.concatenate([np.arange(entry.size), first + np.arange(kept_entry.size)])
    found = []
    while who.size:
        inside = group >= 0
        who, group, variable = who[inside], group[inside], variable[inside]
        found.append(np.column_stack([who, group, variable]))
        group = family.parent[group]
    rows = np.concatenate(found) if found else np.zeros((0, 3), dtype=np.int64)
    return rows[:, 0], rows[:, 1], rows[:, 2], kept_entry


def _stacked(parts: list[_Rows], variables: int) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """One matrix of all rows; a variable counted down stands there as -number - 1."""
    first = np.cumsum([0] + [part[3].size for part in parts])
    row = np.concatenate([part[0] + at for part, at in zip(parts, first, strict=False)])
    column = np.concatenate([part[1] for part in parts])
    sign = np.where(column < 0, -1.0, 1.0)
    column = np.where(column < 0, -column - 1, column)
    matrix = csr_array((sign, (row, column)), shape=(int(first[-1]), variables))
    low = np.concatenate([part[2] for part in parts]).astype(np.float64)
    high = np.concatenate([part[3] for part in parts]).astype(np.float64)
    return matrix, low, np.where(high < UNLIMITED, high, np.inf)
