"""Kinds of reviewers: at least and at most so many of a group to an entry.

Kinds are groups of reviewers: seniors, a region, the people of one institution. Groups of which any two are nested or
apart make a family, a forest, and a family costs little more than no kinds at all: the assignment stays exact and
proven. Groups that cross (seniors of all institutions, and institutions with seniors and others) make more families
than one; what that costs is said at `Kinds.together`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsa.engine.assignment.problem import AssignmentError, BoolArray, IntArray, expect, refuse, whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

UNLIMITED = 2**31 - 1
"""What `most` holds where there is no limit."""


@dataclass(frozen=True, eq=False)
class Family:
    """Groups of reviewers that are nested or apart. Arrays are read-only.

    Attributes:
        group: int64, shape (reviewers,): the deepest group of each reviewer, -1 for none.
        parent: int64, shape (groups,): the group around each, -1 for none.
        least, most: int64, shape (groups,) or (entries, groups): how many of a group an entry must and may have.
        names: what the groups are called in messages.
        depth: int64, shape (groups,): 1 for groups that are in no other.
        reserved: int64, shape (groups + 1,) or (entries, groups + 1): how many seats of a group are kept for groups
            within it while nobody is chosen; last, how many of the whole entry.
    """

    group: IntArray
    parent: IntArray
    least: IntArray
    most: IntArray
    names: tuple[str, ...]
    depth: IntArray
    reserved: IntArray

    @property
    def n_groups(self) -> int:
        return self.parent.size

    @property
    def kept(self) -> IntArray:
        """The groups of which some entry must have somebody."""
        return np.flatnonzero(self.least.any(axis=0) if self.least.ndim == 2 else self.least)

    def limits(self, entry: IntArray, group: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Least, most and reserved of (entry, group) pairs; the group may be `n_groups`, the whole entry."""
        own = self.least.ndim == 2
        at = (entry, group) if own else (group,)
        inside = group < self.n_groups
        within = tuple(index[inside] for index in at)
        least, most = np.zeros(group.size, dtype=np.int64), np.full(group.size, UNLIMITED, dtype=np.int64)
        least[inside], most[inside] = self.least[within], self.most[within]
        return least, most, self.reserved[at]

    def seated(self, entry: IntArray, reviewer: IntArray, entries: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Seats taken or kept for groups within, if entries have these reviewers: (entry, group, seats), each once.

        Listed are the groups that anybody is of, for each of `entries` also those of which it must have somebody, and
        group `n_groups`, the whole entry.
        """
        groups, kept = self.n_groups, np.append(self.kept, self.n_groups)
        depth, parent = np.append(self.depth, 0), np.where(self.parent < 0, groups, self.parent)
        deepest = np.where(self.group < 0, groups, self.group)[reviewer]
        listed = (entries[:, None] * (groups + 1) + kept).ravel()
        keys = np.concatenate([entry * (groups + 1) + deepest, listed])
        more = np.repeat(np.array([1, 0]), [entry.size, listed.size])
        found: list[tuple[IntArray, IntArray, IntArray]] = []
        for level in range(int(depth.max()), -1, -1):
            here = depth[keys % (groups + 1)] == level
            key, inverse = np.unique(keys[here], return_inverse=True)
            added = np.zeros(key.size, dtype=np.int64)
            np.add.at(added, inverse, more[here])
            who, group = key // (groups + 1), key % (groups + 1)
            least, _, reserved = self.limits(who, group)
            found.append((who, group, reserved + added))
            if level:
                passed = np.maximum(least, reserved + added) - np.maximum(least, reserved)
                keys = np.concatenate([keys[~here], who * (groups + 1) + parent[group]])
                more = np.concatenate([more[~here], passed])
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


@dataclass(frozen=True, eq=False, init=False)
class Kinds:
    """How many of which kinds of reviewers an entry must and may have. Checked when made.

    Attributes:
        families: groups that are nested or apart within each. Groups are numbered through all of them, in this order:
            so results name them, and `names` says what they are called.
    """

    families: tuple[Family, ...]

    def __init__(
        self,
        group: ArrayLike,
        *,
        parent: ArrayLike | None = None,
        least: ArrayLike = 0,
        most: ArrayLike | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        """One family.

        Args:
            group: shape (reviewers,): the deepest group of each reviewer, -1 for none.
            parent: shape (groups,): the group around each, -1 for none; not given: as many groups as `group` names,
                none within another.
            least, most: one number for all, shape (groups,), or shape (entries, groups), which takes memory and time
                by entries x groups; `most` not given: no limit.
            names: what the groups are called in messages; not given: their numbers.

        Raises:
            AssignmentError: shapes that do not fit, a group that is not there, groups around each other in a circle, a
                limit that is negative or not whole, least above most, or groups that need more than the group around
                them may have.
        """
        deepest = whole(group, "group").copy()
        groups = max(int(deepest.max(initial=-1)) + 1, 0)
        around = np.full(groups, -1) if parent is None else whole(parent, "parent").copy()
        n = around.size
        called = tuple(str(name) for name in (range(n) if names is None else names))
        if len(called) != n:
            raise AssignmentError(f"there are {len(called)} names, but {n} groups")
        _known_groups(deepest, n, "reviewer")
        _known_groups(around, n, "group")
        depth = _depths(around, called)
        low, high = _bounds(least, n, "least"), _bounds(UNLIMITED if most is None else most, n, "most")
        if low.ndim == high.ndim == 2 and low.shape != high.shape:
            raise AssignmentError(f"least is for {low.shape[0]} entries and most for {high.shape[0]}")
        low, high = (array.copy() for array in np.broadcast_arrays(low, high))
        _refuse_bounds(low > high, called, "least above most", lambda at: f"at least {low[at]}, at most {high[at]}")
        reserved = _reserved(around, depth, low)
        within = reserved[..., :n]
        _refuse_bounds(
            within > high,
            called,
            "groups need more than the group around them may have",
            lambda at: f"at most {high[at]}, those within it at least {within[at]}",
        )
        self._set((Family(deepest, around, low, high, called, depth, reserved),))

    def _set(self, families: tuple[Family, ...]) -> None:
        for family in families:
            for array in (family.group, family.parent, family.least, family.most, family.depth, family.reserved):
                array.setflags(write=False)
        object.__setattr__(self, "families", families)

    @classmethod
    def at_most_one(cls, labels: Sequence[Hashable]) -> Kinds:
        """No two reviewers with one label (institution, research group). None: a reviewer that no limit is for."""
        return cls.between(labels, {label: (0, 1) for label in labels if label is not None})

    @classmethod
    def between(cls, labels: Sequence[Hashable], limits: Mapping[Hashable, tuple[int, int | None]]) -> Kinds:
        """At least and at most (None: no limit) so many with each label, as {"senior": (1, None)}.

        Labels without a limit are no group. A label with a limit that nobody has is a group of nobody.
        """
        number = {label: at for at, label in enumerate(limits)}
        return cls(
            [number.get(label, -1) for label in labels],
            parent=[-1] * len(number),
            least=[low for low, _ in limits.values()],
            most=[UNLIMITED if high is None else high for _, high in limits.values()],
            names=[str(label) for label in limits],
        )

    @classmethod
    def together(cls, *parts: Kinds) -> Kinds:
        """All the limits at once. Parts that nest become one family; those that cross stay apart (see `crossing`).

        One family is solved exactly, whatever its size. More than one cannot be in general (already three-dimensional
        matching is such a problem): the answer is proven optimal where prices on the groups can prove it, otherwise it
        is the best that was found, and its certificate states the bound and the gap. That takes seconds for 3,000
        entries and minutes for 30,000.

        Raises:
            AssignmentError: parts of different numbers of reviewers or entries, or that need more than a group that
                they nest in may have.
        """
        if not parts:
            raise AssignmentError("no kinds are given")
        merged: list[Family] = []
        for family in (family for part in parts for family in part.families):
            for at, other in enumerate(merged):
                _refuse_unlike(other, family)
                if _crossing(other, family) is None:
                    merged[at] = _merged(other, family)
                    break
            else:
                merged.append(family)
        kinds = cls.__new__(cls)
        kinds._set(tuple(merged))
        return kinds

    @property
    def crossing(self) -> str:
        """Two groups of each two families that cross, in words; empty if there is but one family."""
        pairs = [(a, b) for at, b in enumerate(self.families) for a in self.families[:at]]
        found = [(a, b, _crossing(a, b)) for a, b in pairs]
        return "; ".join(f"{a.names[at[0]]} crosses {b.names[at[1]]}" for a, b, at in found if at is not None)

    def groups_of(self, reviewer: int) -> tuple[int, ...]:
        """The deepest group of a reviewer in each family in which there is one, as numbered in results."""
        own = [(int(family.group[reviewer]), first) for family, first in zip(self.families, self.first, strict=True)]
        return tuple(group + first for group, first in own if group >= 0)

    def with_reviewer(self, groups: Sequence[int]) -> Kinds:
        """The same kinds with one more reviewer, who has the next number and is in these groups and those around them.

        Raises:
            AssignmentError: a group that is not there, or two in one family.
        """
        named = whole(groups, "groups")
        _known_groups(named, len(self.names), "the new reviewer")
        family = np.searchsorted(self.first, named, side="right") - 1
        expect(np.unique(family).size == named.size, "the new reviewer is in two groups of one family: name the deeper")
        deepest = np.full(len(self.families), -1)
        deepest[family] = named - np.array(self.first, dtype=np.int64)[family]
        kinds = Kinds.__new__(Kinds)
        parts = zip(self.families, deepest, strict=True)
        kinds._set(tuple(replace(part, group=np.append(part.group, group)) for part, group in parts))
        return kinds

    def for_entries(self, entries: IntArray) -> Kinds:
        """The same kinds for some of the entries alone, in this order."""
        kinds = Kinds.__new__(Kinds)
        kinds._set(tuple(_for_entries(family, entries) for family in self.families))
        return kinds

    def relaxed(self, n_entries: int, lowered: IntArray, raised: IntArray) -> Kinds:
        """The same kinds with (entry, group, number) by which least limits are lowered and most limits raised.

        Every entry has limits of its own then.
        """
        kinds = Kinds.__new__(Kinds)
        parts = zip(self.families, self.first, strict=True)
        kinds._set(tuple(_relaxed(family, first, n_entries, lowered, raised) for family, first in parts))
        return kinds

    def check(self, n_reviewers: int, coverage: IntArray, pinned: IntArray) -> None:
        """Refuse what these kinds may not say beside the rest of a problem.

        Raises:
            AssignmentError: other numbers of reviewers or entries, an entry whose kinds need more than its coverage, or
                whose pinned pairs leave them no room.
        """
        if self.n_reviewers != n_reviewers:
            raise AssignmentError(f"kinds are of {self.n_reviewers} reviewers, but there are {n_reviewers}")
        if self.n_entries not in (None, coverage.size):
            raise AssignmentError(f"kinds have limits for {self.n_entries} entries, but there are {coverage.size}")
        for family in self.families:
            _check_coverage(family, coverage)
        crowded = self.crowded(coverage, pinned)
        refuse(
            np.ones(len(crowded), dtype=np.bool_),
            "pinned pairs and seats kept for kinds are more than there may be",
            lambda i: "entry {}, {}: {}, at most {}".format(*crowded[i]),
        )

    def crowded(self, coverage: IntArray, pinned: IntArray) -> list[tuple[int, str, int, int]]:
        """Where pinned pairs leave kinds no room: entry, which group ("the entry": all), seats taken or kept, the most.

        `coverage`: shape (entries,); `pinned`: shape (k, 2), (entry, reviewer).
        """
        found: list[tuple[int, str, int, int]] = []
        for family in self.families:
            entry, group, seats = family.seated(pinned[:, 0], pinned[:, 1], np.unique(pinned[:, 0]))
            most = np.where(group == family.n_groups, coverage[entry], family.limits(entry, group)[1])
            called = (*family.names, "the entry")
            found += [
                (int(entry[i]), called[group[i]], int(seats[i]), int(most[i])) for i in np.flatnonzero(seats > most)
            ]
        return found

    @property
    def n_reviewers(self) -> int:
        return self.families[0].group.size

    @property
    def n_entries(self) -> int | None:
        """For how many entries there are limits of their own; None if all have the same."""
        return next((family.least.shape[0] for family in self.families if family.least.ndim == 2), None)

    @property
    def names(self) -> tuple[str, ...]:
        """What the groups are called, by their number in results."""
        return tuple(name for family in self.families for name in family.names)

    @property
    def first(self) -> tuple[int, ...]:
        """The number in results of the first group of each family."""
        return tuple(int(n) for n in np.cumsum([0] + [family.n_groups for family in self.families])[:-1])


def _for_entries(family: Family, entries: IntArray) -> Family:
    if family.least.ndim == 1:
        return family
    return replace(family, least=family.least[entries], most=family.most[entries], reserved=family.reserved[entries])


def _relaxed(family: Family, first: int, n_entries: int, lowered: IntArray, raised: IntArray) -> Family:
    least, most = (np.broadcast_to(part, (n_entries, family.n_groups)).copy() for part in (family.least, family.most))
    for limits, rows, sign in ((least, lowered, -1), (most, raised, 1)):
        own = (rows[:, 1] >= first) & (rows[:, 1] < first + family.n_groups)
        np.add.at(limits, (rows[own, 0], rows[own, 1] - first), sign * rows[own, 2])
    return replace(family, least=least, most=most, reserved=_reserved(family.parent, family.depth, least))


def _check_coverage(family: Family, coverage: IntArray) -> None:
    needed = np.broadcast_to(family.reserved[..., -1], coverage.shape)
    refuse(
        needed > coverage,
        "kinds need more than the coverage (limits can be given for each entry)",
        lambda i: f"entry {i} needs {needed[i]} and its coverage is {coverage[i]}",
    )


def _known_groups(values: IntArray, n: int, whose: str) -> None:
    refuse(
        (values < -1) | (values >= n),
        f"group out of range (there are {n}, numbered from 0; -1 for none)",
        lambda i: f"{whose} {i} is in {values[i]}",
    )


def _bounds(values: ArrayLike, n: int, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim > 2 or (array.ndim and array.shape[-1] != n):
        raise AssignmentError(
            f"{name} must be one number, or have shape ({n},) or (entries, {n}), but its shape is {array.shape}"
        )
    if array.size and array.dtype.kind not in "iu":
        raise AssignmentError(f"{name} must hold whole numbers, not {array.dtype}")
    refuse((array < 0).ravel(), f"{name} must not be negative", lambda i: f"it is {array.ravel()[i]}")
    return np.broadcast_to(np.minimum(array, UNLIMITED).astype(np.int64), array.shape or (n,))


def _refuse_bounds(
    wrong: BoolArray, names: tuple[str, ...], why: str, describe: Callable[[tuple[int, ...]], str]
) -> None:
    places = np.argwhere(wrong)

    def place(i: int) -> str:
        at = tuple(places[i].tolist())
        who = f"entry {at[0]}, " if len(at) == 2 else ""
        return f"{who}group {names[at[-1]]}: {describe(at)}"

    refuse(np.ones(len(places), dtype=np.bool_), why, place)


def _depths(parent: IntArray, names: tuple[str, ...]) -> IntArray:
    depth = np.ones(parent.size, dtype=np.int64)
    above = parent.copy()
    for _ in range(parent.size):
        inner = above >= 0
        if not inner.any():
            break
        depth[inner] += 1
        above[inner] = parent[above[inner]]
    refuse(above >= 0, "groups around each other in a circle", lambda i: f"group {names[i]}")
    return depth


def _reserved(parent: IntArray, depth: IntArray, least: IntArray) -> IntArray:
    n = parent.size
    reserved = np.zeros((*least.shape[:-1], n + 1), dtype=np.int64)
    for level in range(int(depth.max(initial=0)), 0, -1):
        here = np.flatnonzero(depth == level)
        needed = np.maximum(least[..., here], reserved[..., here])
        np.add.at(reserved.T, np.where(parent[here] < 0, n, parent[here]), needed.T)
    return reserved


def _members(family: Family) -> csr_array:
    """Who is in which group, reviewers by groups."""
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    who, group = np.flatnonzero(family.group >= 0), family.group[family.group >= 0]
    while who.size:
        rows.append(who)
        columns.append(group)
        above = family.parent[group]
        who, group = who[above >= 0], above[above >= 0]
    from scipy.sparse import csr_array  # noqa: PLC0415 (35 MB, for kinds alone)

    row, column = (np.concatenate(part) if part else np.zeros(0, dtype=np.int64) for part in (rows, columns))
    return csr_array((np.ones(row.size, dtype=np.int64), (row, column)), shape=(family.group.size, family.n_groups))


def _shared(a: Family, b: Family) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Pairs of groups that share reviewers, how many, and the sizes of all groups of both."""
    one, other = _members(a), _members(b)
    shared = (one.T @ other).tocoo()
    sizes = (np.asarray(one.sum(axis=0)).ravel(), np.asarray(other.sum(axis=0)).ravel())
    return shared.row.astype(np.int64), shared.col.astype(np.int64), shared.data, *sizes


def _crossing(a: Family, b: Family) -> tuple[int, int] | None:
    """A group of each that neither hold each other nor are apart."""
    row, column, both, size_a, size_b = _shared(a, b)
    cross = np.flatnonzero((both < size_a[row]) & (both < size_b[column]))
    return min(zip(row[cross].tolist(), column[cross].tolist(), strict=True), default=None)


def _refuse_unlike(a: Family, b: Family) -> None:
    if a.group.size != b.group.size:
        raise AssignmentError(f"kinds of {a.group.size} and of {b.group.size} reviewers")
    entries = {family.least.shape[0] for family in (a, b) if family.least.ndim == 2}
    if len(entries) > 1:
        raise AssignmentError(f"kinds with limits for different numbers of entries: {sorted(entries)}")


def _merged(a: Family, b: Family) -> Family:
    """One family of two that nest: every group in the smallest that holds it, of equals the later in the earlier.

    A group of nobody stays where it was.
    """
    n = a.n_groups
    size = np.concatenate(_shared(a, b)[3:])
    from scipy.sparse import csr_array, hstack  # noqa: PLC0415 (35 MB, for kinds alone)

    inside = csr_array(hstack([_members(a), _members(b)], format="csr"))
    parent = np.concatenate([a.parent, np.where(b.parent < 0, -1, b.parent + n)])
    depth = np.concatenate([a.depth, b.depth])
    order = np.lexsort((-np.arange(size.size), -depth, size))  # the innermost first
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    group = np.full(a.group.size, -1, dtype=np.int64)
    for reviewer in range(group.size):
        chain = inside.indices[inside.indptr[reviewer] : inside.indptr[reviewer + 1]]
        chain = chain[np.argsort(rank[chain])]
        if chain.size:
            group[reviewer] = chain[0]
            parent[chain] = np.append(chain[1:], -1)
    shape = max(a.least.shape[:-1], b.least.shape[:-1], key=len)

    def both(x: IntArray, y: IntArray) -> IntArray:
        return np.concatenate([np.broadcast_to(part, (*shape, part.shape[-1])) for part in (x, y)], axis=-1)

    least, most = both(a.least, b.least), both(a.most, b.most)
    return Kinds(group, parent=parent, least=least, most=most, names=a.names + b.names).families[0]
