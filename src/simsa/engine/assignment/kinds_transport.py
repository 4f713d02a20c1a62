"""The transport kernel with one family of kinds, and the prices that prove its choice: kinds.c and kind_prices.c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine import native
from simsa.engine.assignment.kinds import UNLIMITED, Family
from simsa.engine.assignment.network import Network
from simsa.engine.assignment.problem import BoolArray, IntArray, Problem
from simsa.engine.assignment.transport import Work

SOLVER = "exact auction and shortest augmenting paths within kinds"


@dataclass(frozen=True, eq=False)
class Choice:
    """Which of a network's pairs are chosen, the prices that prove it, and what found them."""

    chosen: BoolArray
    entry_price: IntArray
    reviewer_price: IntArray
    kind_price: IntArray
    solver: str

    @property
    def proof(self) -> tuple[BoolArray, IntArray, IntArray, IntArray]:
        return self.chosen, self.entry_price, self.reviewer_price, self.kind_price


def choose_of_kinds(
    network: Network, family: Family, price: IntArray | None = None, tell: native.Tell | None = None
) -> Choice:
    """The best choice of pairs within the limits of a family, from prices of the reviewers if some are known."""
    chosen, reviewer_price = choose_pairs_of_kinds(network, family, network.units, price, tell=tell)
    entry_price, kind_price = kind_prices(network, family, network.units, chosen, reviewer_price)
    return Choice(chosen, entry_price, reviewer_price, kind_price, SOLVER)


def choose_pairs_of_kinds(
    network: Network,
    family: Family,
    units: IntArray,
    price: IntArray | None = None,
    tell: native.Tell | None = None,
) -> tuple[BoolArray, IntArray]:
    """Which of the network's pairs are chosen within the limits of a family, and the prices of the reviewers.

    Args:
        units: what each of the network's pairs is worth.
        price: as for `transport`.
    """
    problem, pinned = network.problem, network.pinned
    free = ~pinned
    entry, reviewer = network.entry[free], network.reviewer[free]
    by_reviewer = np.bincount(network.reviewer[pinned], minlength=problem.n_reviewers)
    group, parent, *limits = _tree(family)
    taken = np.zeros(entry.size, dtype=np.int32)
    reviewer_price = np.zeros(problem.n_reviewers, dtype=np.int64) if price is None else price.astype(np.int64)
    native.call(
        "simsa_kinds",
        problem.n_entries,
        problem.n_reviewers,
        _starts(entry, problem.n_entries),
        reviewer,
        np.ascontiguousarray(units[free]),
        None,
        _small(problem.coverage - np.bincount(network.entry[pinned], minlength=problem.n_entries)),
        _small(np.maximum(problem.least - by_reviewer, 0)),
        _small(problem.most - by_reviewer),
        network.penalty,
        family.n_groups,
        group,
        parent,
        *limits,
        _starts(network.entry[pinned], problem.n_entries),
        group[network.reviewer[pinned]],
        taken,
        reviewer_price,
        Work(),
        tell=tell,
    )
    chosen = pinned.copy()
    chosen[free] = taken > 0
    return chosen, reviewer_price


def units_of_kinds(
    problem: Problem,
    family: Family,
    free: IntArray,
    pinned: IntArray,
    units: IntArray,
    cap: int,
    whole: int,
    penalty: int,
    tell: native.Tell | None = None,
) -> NDArray[np.int32]:
    """How many units of each free pair are best, where each count of the problem is `whole` units and a pair has `cap`.

    A unit that is to be had is an element of a matroid, as a pair is, so this is as exact; time grows with `cap`.

    Args:
        free, pinned: places of the pairs that are open, in order, and of those that are settled.
        units: what one unit of each free pair is worth.
        penalty: more than any exchange along a path can cost.
    """
    n, m = problem.n_entries, problem.n_reviewers
    in_entry = np.bincount(problem.entry[pinned], minlength=n)
    in_reviewer = np.bincount(problem.reviewer[pinned], minlength=m)
    group, parent, *limits = _tree(family, whole)
    taken = np.zeros(free.size, dtype=np.int32)
    native.call(
        "simsa_kinds",
        n,
        m,
        _starts(problem.entry[free], n),
        problem.reviewer[free],
        np.ascontiguousarray(units),
        np.full(free.size, cap, dtype=np.int32),
        _times(problem.coverage - in_entry, whole),
        _times(np.maximum(problem.least - in_reviewer, 0), whole),
        _times(problem.most - in_reviewer, whole),
        penalty,
        family.n_groups,
        group,
        parent,
        *limits,
        _starts(problem.entry[pinned], n) * whole,
        np.repeat(group[problem.reviewer[pinned]], whole),
        taken,
        np.zeros(m, dtype=np.int64),
        Work(),
        tell=tell,
    )
    return taken


def reached_by_exchanges(
    network: Network, family: Family, chosen: BoolArray, wanting: IntArray, *, back: bool
) -> BoolArray:
    """Which reviewers the wanting entries can come to by exchanges; if `back`, who can be left for the wanting ones."""
    problem, pinned = network.problem, network.pinned
    free = ~pinned
    reached = np.zeros(problem.n_reviewers, dtype=np.int32)
    group, parent, *limits = _tree(family)
    native.call(
        "simsa_kinds_reached",
        problem.n_entries,
        problem.n_reviewers,
        _starts(network.entry[free], problem.n_entries),
        network.reviewer[free],
        _small(problem.coverage - np.bincount(network.entry[pinned], minlength=problem.n_entries)),
        family.n_groups,
        group,
        parent,
        *limits,
        _starts(network.entry[pinned], problem.n_entries),
        group[network.reviewer[pinned]],
        chosen[free].astype(np.int32),
        int(back),
        _small(wanting),
        wanting.size,
        reached,
    )
    return reached > 0


def kind_prices(
    network: Network, family: Family, units: IntArray, chosen: BoolArray, reviewer_price: IntArray
) -> tuple[IntArray, IntArray]:
    """The prices of the entries, and (entry, group, price) of the groups that have one, to go with the reviewers'."""
    problem = network.problem
    group, parent, *limits = _tree(family)
    entry_price, found = np.zeros(problem.n_entries, dtype=np.int64), np.zeros(1, dtype=np.int64)

    def call(priced: IntArray) -> None:
        native.call(
            "simsa_kind_prices",
            problem.n_entries,
            _starts(network.entry, problem.n_entries),
            network.reviewer,
            np.ascontiguousarray(units),
            np.where(network.pinned, 2, chosen).astype(np.int32),
            _small(problem.coverage),
            network.penalty,
            family.n_groups,
            group,
            parent,
            _small(np.append(family.depth, 0)),
            *limits,
            _small(family.kept),
            family.kept.size,
            reviewer_price,
            entry_price,
            found,
            priced,
            len(priced),
        )

    priced = np.zeros((2 * problem.n_entries + 1, 3), dtype=np.int64)
    call(priced)
    if found[0] > len(priced):
        priced = np.zeros((int(found[0]), 3), dtype=np.int64)
        call(priced)
    priced = priced[: found[0]]
    return entry_price, priced[np.lexsort((priced[:, 1], priced[:, 0]))]


def tree_of(network: Network, family: Family) -> tuple[Any, ...]:
    """What the chains of fair.c read of kinds: groups, pinned reviewers and coverage."""
    group, parent, *limits = _tree(family)
    starts = _starts(network.entry[network.pinned], network.problem.n_entries)
    in_group = np.ascontiguousarray(group[network.reviewer[network.pinned]])
    return family.n_groups, group, parent, *limits, starts, in_group, _small(network.problem.coverage)


def _tree(family: Family, whole: int = 1) -> tuple[Any, ...]:
    """Group of each reviewer, parent of each group, least, most, reserved, and whether each entry has its own limits.

    Limits are times `whole`.

    Whoever is in no group, and whatever group is in no other, is in the one above all.
    """
    top = family.n_groups
    return (
        _small(np.where(family.group < 0, top, family.group)),
        _small(np.where(family.parent < 0, top, family.parent)),
        _times(family.least, whole),
        _times(family.most, whole),
        _times(family.reserved, whole),
        int(family.least.ndim == 2),
    )


def _starts(entry: IntArray, n: int) -> IntArray:
    return np.searchsorted(entry, np.arange(n + 1)).astype(np.int64)


def _times(limits: IntArray, whole: int) -> NDArray[np.int32]:
    return _small(np.minimum(limits * whole, UNLIMITED))


def _small(array: IntArray) -> NDArray[np.int32]:
    return np.ascontiguousarray(array, dtype=np.int32)
