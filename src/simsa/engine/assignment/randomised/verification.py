"""Verification of marginals from scratch: every limit in whole units, and the bound from the stored prices."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment.certificate import exact_sum
from simsa.engine.assignment.kinds import Family
from simsa.engine.assignment.network import COST_ROOM, fitting_scale, in_units
from simsa.engine.assignment.problem import (
    BoolArray,
    IntArray,
    Problem,
    expect,
    in_range,
    pair_keys,
    pair_places,
    refuse,
)
from simsa.engine.assignment.randomised.result import Marginals
from simsa.engine.assignment.randomised.trees import build_trees

# More than rounding errors of sums can be, as a share of what is added up.
_ROUNDING = 2.0**-40


def verify_marginals(problem: Problem, marginals: Marginals) -> None:
    """Check marginals with nothing but the problem: every limit in whole units, the value, and the bound they state.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    m = marginals
    expect(type(m.whole) is int and m.whole > 0 and (m.cap * m.whole).denominator == 1, "cap must be whole in units")
    expect(0 < m.cap <= 1 and m.perturbation >= 0, "cap or perturbation is out of range")
    sizes = (problem.n_entries, problem.n_reviewers)
    expect((m.n_entries, m.n_reviewers) == sizes, "marginals of another problem")
    expect((m.entry_price.shape, m.reviewer_price.shape) == ((sizes[0],), (sizes[1],)), "a price for each is needed")
    groups = len(problem.kinds.names) if problem.kinds else 0
    expect(m.priced.shape == (m.kind_price.size, 2), "priced must be (entry, group) rows")
    in_range(m.priced[:, 0], sizes[0], "entry in priced")
    in_range(m.priced[:, 1], groups, "group in priced")
    pinned = _verify_pairs(problem, m)
    _verify_counts(problem, m)
    _verify_tree(problem, m)
    free = np.ones(problem.entry.size, dtype=np.bool_)
    free[pinned] = False
    forbidden = pair_places(problem.entry, problem.reviewer, problem.forbidden, problem.n_reviewers)
    free[forbidden[forbidden >= 0]] = False
    value, bound, size = (_linear if m.scale is not None else _perturbed)(problem, m, free, pinned)
    near = _ROUNDING * size
    expect(abs(value - m.value) <= near, f"the value is {float(value)}, not {m.value}")
    expect(abs(bound - m.bound) <= near, f"the bound that prices prove is {float(bound)}, not {m.bound}")


def _verify_pairs(problem: Problem, m: Marginals) -> IntArray:
    """Check each pair by itself. The places of the pinned ones."""
    expect(m.entry.shape == m.reviewer.shape == m.units.shape == (m.entry.size,), "pairs of unequal length")
    in_range(m.entry, problem.n_entries, "entry")
    in_range(m.reviewer, problem.n_reviewers, "reviewer")
    pairs = np.column_stack([m.entry, m.reviewer])
    keys = pair_keys(pairs, problem.n_reviewers)
    expect(bool((np.diff(keys) > 0).all()), "pairs are not sorted by entry, then reviewer, each once")
    place = pair_places(problem.entry, problem.reviewer, pairs, problem.n_reviewers)
    barred = np.isin(keys, pair_keys(problem.forbidden, problem.n_reviewers)) | (place < 0)

    def pair(i: int) -> str:
        return f"entry {m.entry[i]}, reviewer {m.reviewer[i]}"

    refuse(barred, "pair is forbidden or no candidate", pair)
    refuse(m.affinity != problem.affinity[place], "wrong affinity", pair)
    settled = np.isin(keys, pair_keys(problem.pinned, problem.n_reviewers))
    expect(int(settled.sum()) == len(problem.pinned), "a pinned pair is left out")
    refuse(settled & (m.units != m.whole), "pinned pair is not certain", pair)
    refuse(~settled & ((m.units <= 0) | (m.units > int(m.cap * m.whole))), "probability not above 0, up to cap", pair)
    places: IntArray = place[settled]
    return places


def _verify_counts(problem: Problem, m: Marginals) -> None:
    whole = m.whole
    given, load = _sums(m.entry, m.units, problem.n_entries), _sums(m.reviewer, m.units, problem.n_reviewers)
    refuse(given != problem.coverage * whole, "an entry has not its coverage", lambda i: f"entry {i}")
    wrong = (load < problem.least * whole) | (load > problem.most * whole)
    refuse(wrong, "a load is not within its limits", lambda i: f"reviewer {i}")
    for family in problem.kinds.families if problem.kinds else ():
        entry, group, units = _of_groups(problem, family, m.entry, m.reviewer, m.units)
        least, most, _ = family.limits(entry, group)
        refuse(
            (units < least * whole) | (units > most * whole),
            "reviewers of a kind are not within its limits",
            lambda i, entry=entry, group=group, family=family: (  # type: ignore[misc]
                f"entry {entry[i]}, {family.names[group[i]]}"
            ),
        )


def _sums(index: IntArray, units: IntArray, n: int) -> IntArray:
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, index, units)
    return sums


def _of_groups(
    problem: Problem, family: Family, entry: IntArray, reviewer: IntArray, units: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """(entry, group, units) of every group that has any, or of which some entry must have somebody."""
    asked = np.arange(problem.n_entries)[:, None] * family.n_groups + family.kept
    keys, amounts = [asked.ravel()], [np.zeros(asked.size, dtype=np.int64)]
    group = family.group[reviewer]
    while (within := group >= 0).any():
        entry, group, units = entry[within], group[within], units[within]
        keys.append(entry * family.n_groups + group)
        amounts.append(units)
        group = family.parent[group]
    key, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    groups = max(family.n_groups, 1)
    return key // groups, key % groups, _sums(inverse, np.concatenate(amounts), key.size)


def _verify_tree(problem: Problem, m: Marginals) -> None:
    """That draws keep to the kinds: pairs hang where a tree made anew has them."""
    trees = build_trees(problem, m.cap)
    node = np.full(problem.entry.size, -1)
    node[trees.place], node[trees.pinned] = trees.node, trees.root[problem.entry[trees.pinned]]
    place = pair_places(problem.entry, problem.reviewer, np.column_stack([m.entry, m.reviewer]), problem.n_reviewers)
    same = np.array_equal(node[place], m.node) and np.array_equal(trees.parent, m.parent)
    expect(same, "pairs do not hang in the tree of their entry's kinds")


def _linear(problem: Problem, m: Marginals, free: BoolArray, pinned: IntArray) -> tuple[Any, Any, float]:
    """Value and bound exactly, and about how large what is added up for them is."""
    assert m.scale is not None
    prices = (m.entry_price, m.reviewer_price, m.kind_price)
    whole = all(price.dtype == np.int64 for price in prices)
    expect(m.perturbation == 0 and m.scale == fitting_scale(problem, m.scale) and whole, "prices must be whole")
    highest = max(max(abs(int(price.max(initial=0))), abs(int(price.min(initial=0)))) for price in prices)
    depth = int(problem.kinds.families[0].depth.max(initial=0)) if problem.kinds else 0
    expect((depth + 2) * highest <= 4 * COST_ROOM, "a price is beyond all bounds")
    scaled = [in_units(values, m.scale) for values in (problem.affinity, m.affinity)]
    value = Fraction(exact_sum(m.units * scaled[1]), m.whole * m.scale)
    net = scaled[0][free] - _charged(problem, m, free)
    gain = np.maximum(net, 0)
    total = sum(a * b for a, b in zip(*_owed(problem, m, pinned), strict=True))
    bound = (total + m.cap * exact_sum(gain) + exact_sum(scaled[0][pinned])) / m.scale
    return value, bound, float(abs(bound))


def _perturbed(problem: Problem, m: Marginals, free: BoolArray, pinned: IntArray) -> tuple[Any, Any, float]:
    expect(bool(np.isfinite(m.entry_price).all() and np.isfinite(m.reviewer_price).all()), "prices must be finite")
    affinity = problem.affinity.astype(np.float64)
    bend, x = m.perturbation * np.abs(affinity), m.units / m.whole
    value = math.fsum((m.affinity - m.perturbation * np.abs(m.affinity) * x) * x)
    net, curve, cap = affinity[free] - _charged(problem, m, free), bend[free], float(m.cap)
    best = np.where(net > 0, cap, 0.0)
    bent = curve > 0
    best[bent] = np.clip(net[bent] / (2 * curve[bent]), 0, cap)
    prices, counts = _owed(problem, m, pinned)
    terms = np.concatenate([np.multiply(prices, counts), (net - curve * best) * best, (affinity - bend)[pinned]])
    return value, math.fsum(terms), float(np.abs(terms).sum()) + float(np.abs(m.affinity * x).sum())


def _charged(problem: Problem, m: Marginals, at: BoolArray) -> NDArray[Any]:
    """What pairs pay: the prices of their entry, their reviewer and all kinds that the reviewer is of."""
    entry, reviewer = problem.entry[at], problem.reviewer[at]
    price = m.entry_price[entry] + m.reviewer_price[reviewer]
    if problem.kinds is None:
        return price
    family = problem.kinds.families[0]
    keys = m.priced[:, 0] * family.n_groups + m.priced[:, 1]
    expect(bool((np.diff(np.sort(keys)) > 0).all()), "a kind is priced twice")
    order = np.argsort(keys)
    keys, prices = np.append(keys[order], -1), np.append(m.kind_price[order], 0)
    group = family.group[reviewer]
    while (group >= 0).any():
        key = entry * family.n_groups + group
        found = np.searchsorted(keys[:-1], key)
        price = price + np.where((group >= 0) & (keys[found] == key), prices[found], 0)
        group = np.where(group >= 0, np.append(family.parent, -1)[group], -1)
    return price


def _owed(problem: Problem, m: Marginals, pinned: IntArray) -> tuple[list[Any], list[int]]:
    """All prices, and the counts that they are paid for: the limit that binds, less the pinned pairs."""
    entry, reviewer = problem.entry[pinned], problem.reviewer[pinned]
    taken = np.bincount(reviewer, minlength=problem.n_reviewers)
    need = problem.coverage - np.bincount(entry, minlength=problem.n_entries)
    load = np.where(m.reviewer_price > 0, problem.most - taken, np.maximum(problem.least - taken, 0))
    prices, counts = [m.entry_price, m.reviewer_price], [need, load]
    if problem.kinds is not None:
        family = problem.kinds.families[0]
        who, group, held = _of_groups(problem, family, entry, reviewer, np.ones(pinned.size, dtype=np.int64))
        done = dict(zip(zip(who.tolist(), group.tolist(), strict=True), held.tolist(), strict=True))
        less = np.array([done.get((i, g), 0) for i, g in m.priced.tolist()], dtype=np.int64)
        least, most, _ = family.limits(m.priced[:, 0], m.priced[:, 1])
        prices.append(m.kind_price)
        counts.append(np.where(m.kind_price > 0, most - less, np.maximum(least - less, 0)))
    return np.concatenate(prices).tolist(), np.concatenate(counts).tolist()
