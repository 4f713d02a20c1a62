"""Late change: a reviewer drops out, a conflict appears, an entry comes in; as few sheets as possible change hands.

Three goals in this order: fill as many slots as there can be, keep as many of the previous pairs as there can be, and
of all ways to do that the one with the largest total affinity. One solution of one transport problem reaches all three:
a previous pair is worth a bonus that no gain in affinity along an exchange makes up for, and an empty slot costs more
than any exchange of bonuses and affinity (the weights of Sherali and Soyster, "Preemptive and nonpreemptive
multi-objective programming", 1983, with the bounds that a simple cycle has). Its prices prove all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.assignment.network import Network, build_network, fitting_scale, has_room_to_prefer, preferring
from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, Problem, pair_places
from simsa.engine.assignment.result import Assignment, read_only
from simsa.engine.assignment.solving import Progress, assign, solve
from simsa.engine.assignment.verification import verified_pairs, verify, verify_optimum


@dataclass(frozen=True, eq=False)
class Repair:
    """The repaired assignment and what changed. Pairs are int64, shape (k, 2): (entry, reviewer), sorted.

    Attributes:
        assignment: the new assignment. Its certificate is in units of the three goals together: affinity units, a bonus
            for each previous pair kept, and a penalty for each slot missing.
        kept: previous pairs that stay.
        released: previous pairs gone by force: forbidden now, no candidates any more, or more than the entry, the
            reviewer or the entry's kinds have room for.
        dropped: previous pairs given up though they might have stayed, so that more slots are filled.
        added: pairs that are new.
        anew: the assignment with the largest total, whatever it changes; None if it was not asked for.
        minimal: whether it is proven that no assignment that fills as many slots keeps more of the previous pairs.
    """

    assignment: Assignment
    kept: IntArray
    released: IntArray
    dropped: IntArray
    added: IntArray
    anew: Assignment | None
    minimal: bool

    @property
    def previous(self) -> IntArray:
        """The pairs that were to be kept."""
        pairs = np.concatenate([self.kept, self.released, self.dropped])
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    @property
    def ratio(self) -> Fraction | None:
        """New pairs for each one that was released; None if none was."""
        return Fraction(len(self.added), len(self.released)) if len(self.released) else None

    @property
    def share(self) -> Fraction | None:
        """The total as a share of the largest one; None if that was not asked for, or is not above nothing."""
        if self.anew is None or self.anew.total_units <= 0:
            return None
        return Fraction(self.assignment.total_units, self.anew.total_units)


def repair(
    problem: Problem,
    previous: Assignment | ArrayLike,
    *,
    scale: int | None = None,
    compare: bool = True,
    progress: Progress | None = None,
) -> Repair:
    """Change a previous assignment as little as the problem, as it is now, allows.

    A reviewer who dropped out has a `most` of 0, a withdrawn entry a coverage of 0; numbers mean the same entries and
    reviewers as before, and new ones come after them.

    Args:
        previous: an assignment, or its pairs, shape (k, 2): (entry, reviewer).
        scale: as for `assign`, which without kinds has room for the other goals as well. By default, where kinds need
            it, a smaller power of ten.
        compare: solve the problem anew as well, to say what the small change costs (`Repair.share`).
        progress: told each step as it begins.

    Raises:
        AssignmentError: the affinities are too large for exact arithmetic at this scale, or at any; previous pairs that
            are not pairs of whole numbers, or negative, or given twice.
    """
    tell = progress or (lambda _step, _share: None)
    tell("network", 0.0)
    before = _previous_pairs(previous)
    network, scale = _fitting_network(problem, scale)
    objective = preferring(network, among_pairs(network, before))
    result = solve(network, scale, objective=objective, tell=lambda step, share: tell(step, share / 2))
    after = np.column_stack([result.entry, result.reviewer])
    kept, gone, added = _common(before, after), _without(before, after), _without(after, before)
    released = _released(network, before, kept)
    anew = None
    if compare:
        price = previous.certificate.reviewer_price if isinstance(previous, Assignment) else None
        start = price if price is not None and price.size == problem.n_reviewers else None
        anew = solve(network, scale, price=start, tell=lambda step, share: tell(f"anew: {step}", (1 + share) / 2))
    tell("done", 1.0)
    return Repair(
        assignment=result,
        kept=read_only(kept),
        released=read_only(released),
        dropped=read_only(_without(gone, released)),
        added=read_only(added),
        anew=anew,
        minimal=result.certificate.optimal,
    )


def _fitting_network(problem: Problem, scale: int | None) -> tuple[Network, int]:
    """The network at the scale asked for, or at the largest up to the default that has room for all three goals."""
    fitting = fitting_scale(problem, scale)
    network = build_network(problem, fitting)
    while scale is None and fitting > 1 and not has_room_to_prefer(network):
        fitting //= 10
        network = build_network(problem, fitting)
    return network, fitting


def verify_repair(problem: Problem, previous: Assignment | ArrayLike, repaired: Repair) -> None:
    """Check a repair from scratch: feasible, as stated, as many slots and previous pairs as can be, the best of those.

    All is added up anew, as by `verify`, but for the pairs that had to be released: they are found by the kernel again.

    Raises:
        AssignmentError: naming the first thing that is not as it must be.
    """
    before, result = _previous_pairs(previous), repaired.assignment
    if type(result.scale) is not int or result.scale != fitting_scale(problem, result.scale):
        raise AssignmentError(f"scale {result.scale!r} cannot be used")
    network = build_network(problem, result.scale)
    chosen = verified_pairs(network, result)
    verify_optimum(preferring(network, among_pairs(network, before)), chosen, result.certificate)
    after = np.column_stack([result.entry, result.reviewer])
    kept = _common(before, after)
    released = _released(network, before, kept)
    for stated, counted, name in (
        (repaired.kept, kept, "kept"),
        (repaired.released, released, "released"),
        (repaired.dropped, _without(_without(before, after), released), "dropped"),
        (repaired.added, _without(after, before), "added"),
        (np.array(repaired.minimal), np.array(True), "minimal"),
    ):
        if not np.array_equal(stated, counted):
            raise AssignmentError(f"{name} is not what the pairs add up to")
    if repaired.anew is not None:
        verify(problem, repaired.anew)


def _previous_pairs(previous: Assignment | ArrayLike) -> IntArray:
    """The previous pairs in order. They need not be possible any more."""
    if isinstance(previous, Assignment):
        return np.column_stack([previous.entry, previous.reviewer])
    array = np.asarray(previous)
    if not array.size:
        return np.zeros((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise AssignmentError(
            f"previous must hold (entry, reviewer) pairs of whole numbers, but it is {array.dtype} of {array.shape}"
        )
    pairs: IntArray = np.unique(array.astype(np.int64), axis=0)
    if pairs.min() < 0 or pairs.max() >= 2**31 or len(pairs) < len(array):
        raise AssignmentError("previous has a pair twice, or a number that is below 0 or above 2**31 - 1")
    return pairs


def among_pairs(network: Network, pairs: IntArray) -> BoolArray:
    """Which of the network's pairs are in a list."""
    places = _places(network.entry, network.reviewer, pairs)
    among = np.zeros(network.entry.size, dtype=np.bool_)
    among[places[places >= 0]] = True
    return among


def _released(network: Network, before: IntArray, kept: IntArray) -> IntArray:
    """The previous pairs that must go whatever else is done: what is left out of the largest part that can stay.

    Of the parts that are equally large, one that has as many as possible of the pairs that are kept.
    """
    problem = network.problem
    part = among_pairs(network, before) | network.pinned
    pairs = np.column_stack([network.entry[part], network.reviewer[part]])
    stays = assign(
        Problem(
            pairs[:, 0],
            pairs[:, 1],
            _are_in(kept, pairs).astype(np.int64),
            problem.n_entries,
            problem.n_reviewers,
            problem.coverage,
            most=problem.most,
            pinned=problem.pinned,
            kinds=problem.kinds,
        )
    )
    return _without(before, np.column_stack([stays.entry, stays.reviewer]))


def _places(entry: IntArray, reviewer: IntArray, pairs: IntArray) -> IntArray:
    """As `pair_places`, for pairs that need not be of this problem: numbers are below 2**31."""
    return pair_places(entry, reviewer, pairs, 2**31)


def _are_in(others: IntArray, pairs: IntArray) -> BoolArray:
    found: BoolArray = _places(others[:, 0], others[:, 1], pairs) >= 0
    return found


def _common(pairs: IntArray, others: IntArray) -> IntArray:
    return pairs[_are_in(others, pairs)]


def _without(pairs: IntArray, others: IntArray) -> IntArray:
    return pairs[~_are_in(others, pairs)]
