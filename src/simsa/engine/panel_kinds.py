"""Kinds of reviewers as the rules declare them: from fields of the panel to groups that the assignment keeps to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.rules import PanelKind

from .assignment import AssignmentError, Kinds
from .assignment.kinds import UNLIMITED
from .inputs import InputError, Reviewers, values_of

_LISTED = 8


def members(kind: PanelKind, reviewers: Reviewers) -> Mapping[str, NDArray[np.int64]]:
    """Positions of the reviewers of a kind, ascending; without `values` by each value that the field has.

    A reviewer whose field lists several values is of each. InputError if reviewers have no such field.
    """
    if kind.reviewer not in reviewers.fields:
        known = ", ".join(reviewers.fields) or "none"
        raise InputError(
            f"kind {kind.id!r} is by {kind.reviewer!r}, which the reviewers do not have (fields: {known}); give the "
            "table of reviewers this column"
        )
    having: dict[str, list[int]] = {}
    for position, field in enumerate(reviewers.fields[kind.reviewer]):
        for value in values_of(field):
            having.setdefault(value, []).append(position)
    if not kind.values:
        return {f"{kind.id} {value}": np.array(who, np.int64) for value, who in having.items()}
    return {kind.id: np.unique([who for value in kind.values for who in having.get(value, ())]).astype(np.int64)}


def panel_kinds(kinds: Sequence[PanelKind], reviewers: Reviewers, coverage: NDArray[np.int64]) -> Kinds | None:
    """What the kinds ask of an assignment; None if there are none. An entry that needs nobody needs no kind either.

    `coverage`: int64, shape (entries,). InputError as for `members`, for a value that no reviewer has, or if kinds need
    more reviewers than an entry has, or are at odds with each other.
    """
    together = _together(kinds, reviewers, coverage > 0)
    if together is None:
        return None
    needed, fewest = _needed(together), int(coverage[coverage > 0].min(initial=UNLIMITED))
    if needed > fewest:
        asked = ", ".join(f"{kind.id} {kind.per_entry.min}" for kind in kinds if kind.per_entry.min)
        raise InputError(
            f"the kinds need {needed} reviewers of each entry ({asked}), and an entry has only {fewest}; "
            "ask for fewer of a kind, or for more reviewers of each entry"
        )
    return together


def needed_of_kinds(kinds: Sequence[PanelKind], reviewers: Reviewers) -> int:
    """How many reviewers an entry must have at least for its kinds. InputError as for `panel_kinds`."""
    together = _together(kinds, reviewers, np.ones(1, np.bool_))
    return 0 if together is None else _needed(together)


@dataclass(frozen=True, eq=False)
class KindsLeft:
    """What kinds still ask beside the reviewers that entries have.

    `allowed`: at most so many more of each kind to each entry; None if no kind has a most. `lacking` (entries,
    reviewers): who is of a kind of which the entry has too few.
    """

    allowed: Kinds | None
    lacking: NDArray[np.bool_]


def kinds_left(
    kinds: Sequence[PanelKind],
    reviewers: Reviewers,
    n_entries: int,
    had: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> KindsLeft:
    """`had`: pairs (entry, reviewer) that have been given out, whether or not they keep to the kinds.

    InputError as for `members`.
    """
    lacking = np.zeros((n_entries, len(reviewers.ids)), bool)
    limited: list[_Group] = []
    room: dict[str, NDArray[np.int64]] = {}
    for kind in kinds:
        for name, who in members(kind, reviewers).items():
            count = np.bincount(had[0][np.isin(had[1], who)], minlength=n_entries)
            lacking[np.ix_(count < (kind.per_entry.min or 0), who)] = True
            if kind.per_entry.max is not None:
                limited.append(_Group(name, who, 0, kind.per_entry.max))
                room[name] = np.maximum(kind.per_entry.max - count, 0)
    layers = _layers(limited, len(reviewers.ids))
    parts = [
        _family(layer, len(reviewers.ids), most=np.column_stack([room[one.name] for one in layer])) for layer in layers
    ]
    return KindsLeft(Kinds.together(*parts) if parts else None, lacking)


def _needed(kinds: Kinds) -> int:
    return max(int(family.reserved[..., -1].max(initial=0)) for family in kinds.families)


def _together(kinds: Sequence[PanelKind], reviewers: Reviewers, wanted: NDArray[np.bool_]) -> Kinds | None:
    """`wanted`: bool, shape (entries,): the entries that need somebody."""
    for kind in kinds:
        _refuse_unknown(kind, reviewers)
    groups = [
        _Group(name, who, kind.per_entry.min or 0, UNLIMITED if kind.per_entry.max is None else kind.per_entry.max)
        for kind in kinds
        for name, who in members(kind, reviewers).items()
    ]
    if not groups:
        return None
    _refuse_contradictions(groups)
    n = len(reviewers.ids)
    try:
        return Kinds.together(*(_family(layer, n, wanted) for layer in _layers(groups, n)))
    except AssignmentError as error:
        raise InputError(f"the kinds are at odds: {error}") from None


def _refuse_unknown(kind: PanelKind, reviewers: Reviewers) -> None:
    if kind.reviewer not in reviewers.fields:
        return  # `members` says so
    there = dict.fromkeys(value for field in reviewers.fields[kind.reviewer] for value in values_of(field))
    if not there:
        raise InputError(f"kind {kind.id!r} counts {kind.reviewer}, which no reviewer has a value of; fill the column")
    for value in kind.values:
        if value not in there:
            known = ", ".join(list(there)[:_LISTED]) + (" ..." if len(there) > _LISTED else "")
            raise InputError(
                f"kind {kind.id!r} counts {kind.reviewer} {value!r}, and no reviewer has it (there are: {known})"
            )


@dataclass(frozen=True)
class _Group:
    name: str
    who: NDArray[np.int64]
    least: int
    most: int


def _refuse_contradictions(groups: Sequence[_Group]) -> None:
    """Refuses kinds of the same reviewers of which one asks for more than another allows."""
    same: dict[bytes, list[_Group]] = {}
    for group in groups:
        same.setdefault(group.who.tobytes(), []).append(group)
    for alike in same.values():
        most, least = min(alike, key=lambda one: one.most), max(alike, key=lambda one: one.least)
        if least.least > most.most:
            raise InputError(
                f"the kinds are at odds: {least.name} asks for at least {least.least} and {most.name} for at most "
                f"{most.most} of the same reviewers"
            )


def _family(
    groups: Sequence[_Group],
    n: int,
    wanted: NDArray[np.bool_] | None = None,
    *,
    most: NDArray[np.int64] | None = None,
) -> Kinds:
    """Groups of which nobody is in two. `n`: reviewers; `wanted`: the entries that need somebody (None: all); `most`
    (entries, groups): instead of the groups' own."""
    deepest = np.full(n, -1, np.int64)
    for at, group in enumerate(groups):
        deepest[group.who] = at
    least = np.array([group.least for group in groups], np.int64)
    return Kinds(
        deepest,
        parent=np.full(len(groups), -1, np.int64),
        least=least if wanted is None or wanted.all() or not least.any() else wanted[:, None] * least,
        most=np.array([group.most for group in groups], np.int64) if most is None else most,
        names=[group.name for group in groups],
    )


def _layers(groups: Sequence[_Group], n: int) -> list[list[_Group]]:
    """The groups in as few layers as come about in their order, in each of which nobody is in two groups."""
    layers: list[tuple[list[_Group], NDArray[np.bool_]]] = []
    for group in groups:
        free = (one for one in layers if not one[1][group.who].any())
        layer, taken = next(free, ([], np.zeros(n, np.bool_)))
        if not layer:
            layers.append((layer, taken))
        layer.append(group)
        taken[group.who] = True
    return [layer for layer, _ in layers]
