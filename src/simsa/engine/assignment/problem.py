"""The problem: entries, reviewers, the pairs that are possible and the limits, checked before anything is solved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsa.engine import native

if TYPE_CHECKING:
    from simsa.engine.assignment.kinds import Kinds

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NAMED = 5
"""So many places or numbers are named at most in a message."""

_MOST_INDEX = 2**30
_MOST_LIMIT = 2**31 - 1


class AssignmentError(ValueError):
    """The problem contradicts itself, or a result does not stand up to `verify`; the message names the places."""


class UnmetError(AssignmentError):
    """Limits that cannot all be met, where no part of them will do; `assign` says which.

    Attributes:
        entries: int64, shape (k,): of whom that is known; empty where it is not one entry by itself.
    """

    def __init__(self, message: str, entries: IntArray | None = None) -> None:
        super().__init__(message)
        self.entries = np.zeros(0, dtype=np.int64) if entries is None else entries


@dataclass(frozen=True, eq=False, init=False)
class Problem:
    """Entries, reviewers, the pairs that are possible, and the limits. Checked when made; arrays are read-only copies.

    Attributes:
        entry, reviewer: int64, shape (m,): the candidate pairs, kept sorted by entry, then reviewer.
        affinity: int64 or float64, shape (m,), same order; any unit, may be negative.
        n_entries, n_reviewers: how many there are; their numbers start at 0.
        coverage: int64, shape (n_entries,): slots that each entry needs.
        least, most: int64, shape (n_reviewers,): loads of each reviewer. A limit above 2**31 - 1 is kept as 2**31 - 1.
        forbidden: int64, shape (k, 2): (entry, reviewer) with a conflict; need not be candidates.
        pinned: int64, shape (k, 2): (entry, reviewer) that must be chosen; they count in coverage and load.
        kinds: at least and at most so many of which reviewers an entry has; None: as may be. Of kinds that nest the
            assignment takes a few times as long as without, and is as exact; of kinds that cross, see `Kinds.together`.
    """

    entry: IntArray
    reviewer: IntArray
    affinity: IntArray | NDArray[np.float64]
    n_entries: int
    n_reviewers: int
    coverage: IntArray
    least: IntArray
    most: IntArray
    forbidden: IntArray
    pinned: IntArray
    kinds: Kinds | None

    def __init__(
        self,
        entry: ArrayLike,
        reviewer: ArrayLike,
        affinity: ArrayLike,
        n_entries: int,
        n_reviewers: int,
        coverage: ArrayLike,
        *,
        most: ArrayLike,
        least: ArrayLike = 0,
        forbidden: ArrayLike = (),
        pinned: ArrayLike = (),
        kinds: Kinds | None = None,
    ) -> None:
        """Take sparse candidate pairs; `coverage`, `least` and `most` are one number for all or one for each.

        Raises:
            AssignmentError: an index out of range, a pair given twice, an affinity that is not finite, a limit that is
                negative or not whole, least above most, a pinned pair that is forbidden or no candidate, more
                pinned pairs than an entry needs or a reviewer may take, kinds that do not fit the rest.
        """
        sizes = (_size(n_entries, "n_entries"), _size(n_reviewers, "n_reviewers"))
        rows, columns, values = _copied(whole(entry, "entry"), whole(reviewer, "reviewer"), _affinities(affinity))
        order = slice(None) if _sound(rows, columns, values, sizes) else _order(rows, columns, values, sizes)
        fields: dict[str, IntArray | NDArray[np.float64]] = {
            "entry": rows[order],
            "reviewer": columns[order],
            "affinity": values[order],
            "coverage": _limits(coverage, sizes[0], "coverage", "entry"),
            "least": _limits(least, sizes[1], "least", "reviewer"),
            "most": _limits(most, sizes[1], "most", "reviewer"),
            "forbidden": _pair_list(forbidden, sizes, "forbidden"),
            "pinned": _pair_list(pinned, sizes, "pinned"),
        }
        object.__setattr__(self, "n_entries", sizes[0])
        object.__setattr__(self, "n_reviewers", sizes[1])
        object.__setattr__(self, "kinds", kinds)
        for name, array in fields.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check_limits(self)

    @classmethod
    def dense(
        cls,
        matrix: ArrayLike,
        coverage: ArrayLike,
        *,
        most: ArrayLike,
        least: ArrayLike = 0,
        forbidden: ArrayLike = (),
        pinned: ArrayLike = (),
        kinds: Kinds | None = None,
    ) -> Problem:
        """Take affinities as a matrix, shape (n_entries, n_reviewers); NaN means that the pair is no candidate.

        Raises:
            AssignmentError: as for `Problem`, or the matrix has not two dimensions.
        """
        values = np.asarray(matrix)
        if values.ndim != 2:
            raise AssignmentError(f"matrix must have two dimensions (entries, reviewers), but it has {values.ndim}")
        possible = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, dtype=np.bool_)
        rows, columns = np.nonzero(possible)
        return cls(
            rows,
            columns,
            values[rows, columns],
            n_entries=values.shape[0],
            n_reviewers=values.shape[1],
            coverage=coverage,
            most=most,
            least=least,
            forbidden=forbidden,
            pinned=pinned,
            kinds=kinds,
        )

    def changed(self, **parts: ArrayLike | Kinds | None) -> Problem:
        """The same problem with some of its parts (named as the attributes) replaced.

        Raises:
            AssignmentError: as for `Problem`.
        """
        own: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Problem(**(own | parts))


def _size(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= _MOST_INDEX:
        raise AssignmentError(f"{name} must be a whole number from 0 to {_MOST_INDEX}, not {value!r}")
    return int(value)


def whole(values: ArrayLike, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise AssignmentError(f"{name} must have one dimension, but it has {array.ndim}")
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    return array.astype(np.int64, copy=False)


def _affinities(values: ArrayLike) -> IntArray | NDArray[np.float64]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise AssignmentError(f"affinity must have one dimension, but it has {array.ndim}")
    if array.dtype.kind not in "biuf":
        raise AssignmentError(f"affinity must hold numbers, not {array.dtype}")
    if array.dtype.kind == "f":
        return array.astype(np.float64, copy=False)
    refuse(
        array > np.iinfo(np.int64).max, "affinity does not fit into 64 bits", lambda i: f"position {i} is {array[i]}"
    )
    return array.astype(np.int64, copy=False)


def _copied(
    rows: IntArray, columns: IntArray, values: IntArray | NDArray[np.float64]
) -> tuple[IntArray, IntArray, IntArray | NDArray[np.float64]]:
    """Copies side by side. In three parts their memory would go back to the system, and come anew, page by page, for
    every problem: that takes longer than all the rest."""
    if not rows.shape == columns.shape == values.shape:
        raise AssignmentError(
            "entry, reviewer and affinity must have one length, "
            f"but they have {rows.size}, {columns.size} and {values.size}"
        )
    kept = np.empty((3, rows.size), dtype=np.int64)
    copies = kept[0], kept[1], kept[2].view(values.dtype)
    for copy, given in zip(copies, (rows, columns, values), strict=True):
        copy[:] = given
    return copies


def refuse(wrong: BoolArray, why: str, describe: Callable[[int], str]) -> None:
    """Raise if anything is wrong, naming the first few places."""
    places = np.flatnonzero(wrong)
    if places.size:
        more = f" and {places.size - NAMED} more" if places.size > NAMED else ""
        raise AssignmentError(f"{why}: " + "; ".join(describe(int(i)) for i in places[:NAMED]) + more)


def expect(holds: bool, otherwise: str) -> None:
    """Raise unless something holds."""
    if not holds:
        raise AssignmentError(otherwise)


def in_range(index: IntArray, n: int, name: str) -> None:
    refuse(
        (index < 0) | (index >= n),
        f"{name} out of range (there are {n}, numbered from 0)",
        lambda i: f"position {i} is {index[i]}",
    )


def _finite(rows: IntArray, columns: IntArray, values: IntArray | NDArray[np.float64]) -> None:
    refuse(
        ~np.isfinite(values),
        "affinity must be finite (leave out a pair that is no candidate)",
        lambda i: f"position {i} (entry {rows[i]}, reviewer {columns[i]}) is {values[i]}",
    )


def _sound(rows: IntArray, columns: IntArray, values: IntArray | NDArray[np.float64], sizes: tuple[int, int]) -> bool:
    """Whether pairs are as they must be and in order already, as most are: one look at each."""
    found = np.zeros(1, dtype=np.int64)
    affinity = values if values.dtype.kind == "f" else None
    native.call("simsa_pairs_sound", rows.size, *sizes, rows, columns, affinity, found)
    return bool(found[0])


def _order(
    rows: IntArray, columns: IntArray, values: IntArray | NDArray[np.float64], sizes: tuple[int, int]
) -> IntArray:
    """The order by entry, then reviewer, once nothing else is wrong with the pairs."""
    in_range(rows, sizes[0], "entry")
    in_range(columns, sizes[1], "reviewer")
    _finite(rows, columns, values)
    keys = rows * sizes[1] + columns
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    refuse(
        ranked[1:] == ranked[:-1],
        "pair given twice",
        lambda i: f"entry {rows[order[i]]}, reviewer {columns[order[i]]} at positions {order[i]} and {order[i + 1]}",
    )
    return order


def _limits(values: ArrayLike, n: int, name: str, whose: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim > 1 or (array.ndim == 1 and array.size != n):
        raise AssignmentError(
            f"{name} must be one number or one for each {whose} ({n}), but its shape is {array.shape}"
        )
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    refuse(
        np.atleast_1d(array < 0),
        f"{name} must not be negative",
        lambda i: f"{whose} {i} has {array[i]}" if array.ndim else f"it is {array}",
    )
    return np.broadcast_to(np.minimum(array, _MOST_LIMIT).astype(np.int64), (n,)).copy()


def _pair_list(values: ArrayLike, sizes: tuple[int, int], name: str) -> IntArray:
    array = np.asarray(values)
    if not array.size:
        return np.zeros((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise AssignmentError(f"{name} must hold (entry, reviewer) pairs, shape (k, 2), but its shape is {array.shape}")
    for column, n, what in ((0, sizes[0], "entry"), (1, sizes[1], "reviewer")):
        in_range(whole(array[:, column], f"{what} in {name}"), n, f"{what} in {name}")
    return np.unique(array.astype(np.int64), axis=0)


def _check_limits(problem: Problem) -> None:
    """Refuse what the parts of a problem may not say together."""
    least, most, pinned, n = problem.least, problem.most, problem.pinned, problem.n_reviewers

    def pair(i: int) -> str:
        return f"entry {pinned[i, 0]}, reviewer {pinned[i, 1]}"

    refuse(
        least > most, "least above most", lambda i: f"reviewer {i} must take at least {least[i]} and at most {most[i]}"
    )
    forbidden = np.isin(pair_keys(pinned, n), pair_keys(problem.forbidden, n))
    refuse(forbidden, "pair both pinned and forbidden", pair)
    unknown = pair_places(problem.entry, problem.reviewer, pinned, n) < 0
    refuse(unknown, "pinned pair is not a candidate (give it an affinity)", pair)
    _check_pinned(pinned[:, 0], problem.coverage, "entry", "needs")
    _check_pinned(pinned[:, 1], most, "reviewer", "may take")
    if problem.kinds is not None:
        problem.kinds.check(n, problem.coverage, pinned)


def pair_keys(pairs: IntArray, n_reviewers: int) -> IntArray:
    keys: IntArray = pairs[:, 0] * n_reviewers + pairs[:, 1]
    return keys


def pair_places(entry: IntArray, reviewer: IntArray, pairs: IntArray, n_reviewers: int) -> IntArray:
    """Where (entry, reviewer) rows stand among sorted pairs; -1 where they do not."""
    if not pairs.size:
        return np.zeros(0, dtype=np.int64)
    ranked = entry * n_reviewers + reviewer
    keys = pair_keys(pairs, n_reviewers)
    place = np.searchsorted(ranked, keys)
    known = place < ranked.size
    known[known] = ranked[place[known]] == keys[known]
    return np.where(known, place, -1)


def _check_pinned(index: IntArray, limit: IntArray, who: str, verb: str) -> None:
    count = np.bincount(index, minlength=limit.size)
    refuse(
        count > limit,
        f"more pinned pairs than the {who} {verb}",
        lambda i: f"{who} {i} has {count[i]} and {verb} {limit[i]}",
    )
