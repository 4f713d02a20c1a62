"""Kinds of reviewer: how many of a kind an entry has, at least and at most, where kinds lie within one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.assignment.problem import AssignmentError, IntArray, refuse

UNLIMITED = 2**31 - 1
"""A most that never holds anybody back."""


@dataclass(frozen=True, eq=False, init=False)
class Kinds:
    """Kinds that lie within one another (region > institution), or apart: a forest. Checked when made, read-only.

    Each reviewer is of one deepest kind, and thereby of all kinds that this one lies in. Two ways to part the reviewers
    that cross each other (region and seniority) are one forest as well where one is asked for within the other.

    Attributes:
        parent: int64, shape (kinds,): the kind that each one lies in, -1 for none.
        of_reviewer: int64, shape (n_reviewers,): each reviewer's deepest kind, -1 for none.
        least, most: int64, shape (kinds,) or (n_entries, kinds): reviewers of the kind that an entry has.
    """

    parent: IntArray
    of_reviewer: IntArray
    least: IntArray
    most: IntArray

    def __init__(
        self, parent: ArrayLike, of_reviewer: ArrayLike, least: ArrayLike = 0, most: ArrayLike = UNLIMITED
    ) -> None:
        """Take limits for all kinds (one number), for each kind, or for each entry and kind.

        Raises:
            AssignmentError: a kind that does not exist or lies in itself, a limit that is negative or not whole, least
                above most.
        """
        kinds, reviewers = _whole(parent, "parent"), _whole(of_reviewer, "of_reviewer")
        if kinds.ndim != 1 or reviewers.ndim != 1:
            raise AssignmentError("parent and of_reviewer must have one dimension")
        for name, values in (("parent", kinds), ("of_reviewer", reviewers)):
            refuse(
                (values < -1) | (values >= kinds.size),
                f"{name} names a kind that does not exist (there are {kinds.size})",
                lambda i, values=values: f"position {i} is {values[i]}",  # type: ignore[misc]
            )
        _refuse_circles(kinds)
        low, high = (_limits(values, kinds.size, name) for values, name in ((least, "least"), (most, "most")))
        if (low > high).any():
            where = np.argwhere(np.broadcast_to(low > high, np.broadcast_shapes(low.shape, high.shape)))[0]
            raise AssignmentError(f"least above most: kind {where[-1]}")
        for name, values in (("parent", kinds), ("of_reviewer", reviewers), ("least", low), ("most", high)):
            values.setflags(write=False)
            object.__setattr__(self, name, values)


def _whole(values: ArrayLike, name: str) -> IntArray:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    return np.array(array, dtype=np.int64)


def _limits(values: ArrayLike, n_kinds: int, name: str) -> IntArray:
    array = _whole(values, name)
    if array.ndim == 0:
        array = np.full(n_kinds, array)
    if array.ndim > 2 or array.shape[-1] != n_kinds:
        raise AssignmentError(f"{name} must be of shape ({n_kinds},) or (entries, {n_kinds}), not {array.shape}")
    if (array < 0).any():
        raise AssignmentError(f"{name} must not be negative: kind {np.argwhere(array < 0)[0][-1]}")
    return np.minimum(array, UNLIMITED)


def _refuse_circles(parent: IntArray) -> None:
    """Follow every kind upwards: after as many steps as there are kinds all must be out."""
    above, steps = np.arange(parent.size), 0
    while (above >= 0).any():
        above = np.where(above >= 0, parent[above], -1)
        steps += 1
        if steps > parent.size:
            raise AssignmentError(f"kind {int(above[above >= 0][0])} lies in itself")
