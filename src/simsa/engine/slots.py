"""From the rules to an assignment problem: which reviewer may score which entry, and how many of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Rules

from .assignment import Problem
from .inputs import Entries, InputError, Reviewers


@dataclass(frozen=True)
class ConflictPair:
    """A pair that must not meet: positions of entry and reviewer, and the id of the rule that says so."""

    entry: int
    reviewer: int
    rule: str


def conflicts(
    rules: Rules,
    entries: Entries,
    fields: Mapping[str, Sequence[str]],
    reviewers: Reviewers,
    declared: Sequence[tuple[int, int]] = (),
) -> tuple[ConflictPair, ...]:
    """Every conflict that the rules find, by entry and reviewer.

    `fields` are the entrants' fields by name, one value per entry; an empty value conflicts with nothing. `declared`
    are the pairs of the conflict register. InputError if there are some and no rule of kind `declared` counts them, or
    if a rule compares a field that entrants or reviewers do not have.
    """
    if len(declared) and not any(rule.kind == "declared" for rule in rules.conflicts):
        raise InputError("conflicts are declared, but the rules have no [[conflict]] of kind 'declared' to count them")
    found: dict[tuple[int, int], str] = {}
    for rule in rules.conflicts:
        if rule.kind == "declared":
            pairs = list(declared)
        else:
            assert rule.entrant is not None
            assert rule.reviewer is not None
            left = _field(fields, rule.entrant, rule.id, "entrants")
            right = _field(reviewers.fields, rule.reviewer, rule.id, "reviewers")
            pairs = [(e, r) for e, own in enumerate(left) if own for r, other in enumerate(right) if own == other]
        for pair in pairs:
            found.setdefault(pair, rule.id)
    return tuple(ConflictPair(entry, reviewer, found[entry, reviewer]) for entry, reviewer in sorted(found))


def assignment_problem(
    rules: Rules,
    entries: Entries,
    reviewers: Reviewers,
    affinity: NDArray[np.float64] | None,
    forbidden: Sequence[ConflictPair],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Problem:
    """The problem that the rules' panel limits pose.

    `affinity` of the candidate `pairs` (entry and reviewer positions), or, without `pairs`, shape (entries, reviewers);
    None makes every pair equally good. InputError where the rules do not say how many sheets an entry gets.
    """
    limits = rules.panel
    coverage = limits.sheets_per_entry.max if limits.sheets_per_entry.max is not None else limits.sheets_per_entry.min
    if coverage is None:
        raise InputError("the rules do not say how many sheets an entry gets: [panel] sheets_per_entry")
    size = limits.size
    if (size.min is not None and len(reviewers.ids) < size.min) or (
        size.max is not None and len(reviewers.ids) > size.max
    ):
        raise InputError(f"the panel has {len(reviewers.ids)} reviewers; the rules ask for {size.min} to {size.max}")
    if pairs is None:
        grid = np.indices((len(entries), len(reviewers.ids))).reshape(2, -1)
        pairs = (grid[0], grid[1])
    values = np.zeros(len(pairs[0])) if affinity is None else np.asarray(affinity, dtype=np.float64).reshape(-1)
    return Problem(
        pairs[0],
        pairs[1],
        values,
        len(entries),
        len(reviewers.ids),
        coverage,
        least=limits.load.min or 0,
        most=limits.load.max if limits.load.max is not None else len(entries),
        forbidden=[(pair.entry, pair.reviewer) for pair in forbidden],
    )


def _field(fields: Mapping[str, Sequence[str]], name: str, rule: str, whose: str) -> Sequence[str]:
    if name not in fields:
        known = ", ".join(fields) or "none"
        raise InputError(f"conflict rule {rule!r} compares {name!r}, which the {whose} do not have (fields: {known})")
    return fields[name]
