"""What the engine is handed: the entries of a round, the sheets of its panel, and reported numbers.

Marks are integers in units of 10**-places (exact), each with a status; a status other than `MARK` means that there is
no mark and why (glossary: not submitted, not applicable, abstained, recused). Missing is never a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Missing, Rules

from .scales import allowed


class InputError(ValueError):
    """Inputs that do not fit each other or the rules; the message names entry, reviewer or criterion."""


class Status(IntEnum):
    """Whether there is a mark in a cell of a sheet, and if not, why."""

    MARK = 0
    NOT_SUBMITTED = 1
    NOT_APPLICABLE = 2
    ABSTAINED = 3
    RECUSED = 4

    @property
    def missing(self) -> Missing | None:
        return None if self is Status.MARK else Missing(self.name.lower())


def values_of(field: str) -> tuple[str, ...]:
    """The values that a field of an entrant or a reviewer lists, apart by `;`."""
    return tuple(dict.fromkeys(value for part in field.split(";") if (value := part.strip())))


@dataclass(frozen=True)
class Entries:
    """The entries of a round: `ids` and, for each, the id of its group."""

    ids: tuple[str, ...]
    group: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.group):
            raise InputError(f"{len(self.ids)} entries but {len(self.group)} groups")
        if len(set(self.ids)) != len(self.ids):
            twice = next(key for key, times in Counter(self.ids).items() if times > 1)
            raise InputError(f"entry {twice!r} is there more than once")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {key: position for position, key in enumerate(self.ids)}

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups in the order in which they first appear."""
        return tuple(dict.fromkeys(self.group))

    @cached_property
    def group_index(self) -> NDArray[np.int64]:
        """Position in `groups` per entry, shape (n,)."""
        position = {key: n for n, key in enumerate(self.groups)}
        return np.array([position[key] for key in self.group], dtype=np.int64)

    def check(self, rules: Rules) -> None:
        """InputError if an entry names a group that the rules do not know."""
        for key, group in zip(self.ids, self.group, strict=True):
            if rules.group(group) is None:
                known = ", ".join(known.id for known in rules.groups)
                raise InputError(f"entry {key!r}: group {group!r} is not in the rules (known: {known})")


@dataclass(frozen=True)
class Sheets:
    """Score sheets, one row per slot (an entry and a reviewer), one column per leaf of the rules.

    `entry`, `reviewer`: int64 (n,), positions in the entries and in `reviewers`. `mark`: int64 (n, leaves) in units of
    10**-`places`; `status`: int8 (n, leaves) of `Status`; a mark counts only where the status is `MARK`.
    """

    reviewers: tuple[str, ...]
    leaves: tuple[str, ...]
    entry: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    mark: NDArray[np.int64]
    status: NDArray[np.int8]
    places: int

    def __post_init__(self) -> None:
        rows = len(self.entry)
        for name, shape in (("reviewer", (rows,)), ("mark", (rows, len(self.leaves))), ("status", self.mark.shape)):
            if getattr(self, name).shape != shape:
                raise InputError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")

    def __len__(self) -> int:
        return len(self.entry)

    @classmethod
    def none(cls, rules: Rules) -> Sheets:
        """No sheets at all: a round of indicators alone."""
        leaves = tuple(leaf.id for leaf in rules.leaves)
        empty = np.zeros(0, np.int64)
        cells = (0, len(leaves))
        return cls((), leaves, empty, empty, np.zeros(cells, np.int64), np.zeros(cells, np.int8), rules.mark_places)

    def joined(self, more: Sheets) -> Sheets:
        """These sheets and further ones of the same panel and rules."""
        if (self.reviewers, self.leaves, self.places) != (more.reviewers, more.leaves, more.places):
            raise InputError("sheets of another panel or other rules cannot be joined")
        return replace(
            self,
            entry=np.concatenate([self.entry, more.entry]),
            reviewer=np.concatenate([self.reviewer, more.reviewer]),
            mark=np.concatenate([self.mark, more.mark]),
            status=np.concatenate([self.status, more.status]),
        )

    def check(self, rules: Rules, entries: Entries) -> None:
        """InputError if the columns are not the rules' leaves, a slot appears twice, or a mark is off its scale."""
        wanted = tuple(leaf.id for leaf in rules.leaves)
        if self.leaves != wanted or self.places != rules.mark_places:
            raise InputError(f"sheets have the columns {self.leaves}, the rules {wanted}")
        if len(self) == 0:
            return
        if self.entry.min() < 0 or self.entry.max() >= len(entries):
            raise InputError("a sheet belongs to an entry that is not in the round")
        slot = self.entry * len(self.reviewers) + self.reviewer
        values, counts = np.unique(slot, return_counts=True)
        if (counts > 1).any():
            entry, reviewer = divmod(int(values[counts > 1][0]), len(self.reviewers))
            raise InputError(f"two sheets of {self.reviewers[reviewer]!r} on entry {entries.ids[entry]!r}")
        for column, leaf in enumerate(rules.leaves):
            assert leaf.scale is not None
            unit, mark = 10**self.places, self.mark[:, column]
            bad = (self.status[:, column] == Status.MARK) & ~allowed(leaf.scale, mark, unit)
            if bad.any():
                row = int(np.flatnonzero(bad)[0])
                raise InputError(
                    f"mark {Fraction(int(mark[row]), unit)} of {self.reviewers[self.reviewer[row]]!r} on entry "
                    f"{entries.ids[self.entry[row]]!r} is not on the scale of {leaf.id!r}"
                )


@dataclass(frozen=True)
class Reported:
    """Numbers that entries report, by (entry id, criterion id or "", field): indicators, factors, deductions, bonus."""

    values: Mapping[tuple[str, str, str], Fraction] = field(default_factory=dict)

    def get(self, entry: str, criterion: str, name: str) -> Fraction | None:
        """The number reported for this criterion, else for the entry as a whole, else None."""
        found = self.values.get((entry, criterion, name))
        return self.values.get((entry, "", name)) if found is None else found


@dataclass(frozen=True)
class Reviewers:
    """The panel: `ids`, and the fields that conflict rules compare (`fields["region"][i]`, "" where unknown)."""

    ids: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {key: position for position, key in enumerate(self.ids)}
