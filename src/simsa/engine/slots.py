"""From the rules to slots: which reviewer may score which entry, how many of each, and what sheets must keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Range, Rules

from .assignment import Assignment, Problem, Progress, assign
from .inputs import Entries, InputError, Reviewers, Sheets, Status, values_of
from .panel_kinds import members, needed_of_kinds, panel_kinds


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

    `fields` are the entrants' fields by name, one per entry; a field may list several values apart by `;`, and an empty
    one conflicts with nothing. `declared` are the pairs of the conflict register. InputError if there are some and no
    rule of kind `declared` counts them, or if a rule compares a field that entrants or reviewers do not have.
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
            pairs = _sharing(left, right)
        for pair in pairs:
            found.setdefault(pair, rule.id)
    return tuple(ConflictPair(entry, reviewer, found[entry, reviewer]) for entry, reviewer in sorted(found))


@dataclass(frozen=True)
class SolvedSlots:
    """The problem that the rules come to, and its assignment with the greatest total affinity."""

    problem: Problem
    assignment: Assignment


def pose_slots(
    rules: Rules,
    entries: Entries,
    reviewers: Reviewers,
    affinity: NDArray[np.float64] | None,
    forbidden: Sequence[ConflictPair],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    *,
    pinned: NDArray[np.int64] | None = None,
    most: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> SolvedSlots:
    """The problem within the rules' panel limits (those of the first round), with its assignment.

    Every entry gets the same number of sheets: the greatest within `sheets_per_entry` that every entry can get, and
    where not even the least can be had, the least with the entries that stay short. The least is what the kinds need,
    if that is more; a seat that a kind needs and nobody can take is missing whatever the number, and lowers none.
    `affinity` of the candidate `pairs` (entry and reviewer positions), or, without `pairs`, shape (entries, reviewers);
    None makes every pair equally good. `pinned`: (entry, reviewer) positions that must meet, shape (k, 2). `most`: how
    many each reviewer takes at most of their own accord, shape (reviewers,); below the rules' least load, it is theirs.
    InputError where the rules do not say how many sheets an entry gets, ask for another size of panel, or for kinds of
    reviewers by a field or a value that the panel does not have.
    """
    limits = rules.first_panel.sheets_per_entry
    highest = limits.max if limits.max is not None else limits.min
    if highest is None:
        raise InputError("the rules do not say how many sheets an entry gets: [panel] sheets_per_entry")
    least = limits.min if limits.min is not None else highest
    if not _within(len(reviewers.ids), rules.panel.size):
        wanted = _range_text(rules.panel.size)
        raise InputError(f"the panel has {len(reviewers.ids)} reviewers; the rules ask for {wanted}")

    fixed = np.zeros((0, 2), np.int64) if pinned is None else pinned
    pinned_most = int(np.bincount(fixed[:, 0], minlength=1).max())
    least = min(max(least, pinned_most, needed_of_kinds(rules.panel.kinds, reviewers)), highest)

    def solved(coverage: int) -> SolvedSlots:
        posed = _problem(rules, entries, reviewers, affinity, forbidden, pairs, fixed, coverage, most)
        return SolvedSlots(posed, assign(posed, progress=progress))

    fullest = solved(highest)
    if not _short(fullest) or least == highest:
        return fullest
    kinds = fullest.problem.kinds
    if kinds is not None and len(kinds.families) > 1:
        return _fullest_of_crossing(solved, least, highest, fullest)
    best = solved(least)
    unavoidable = _short(best)
    if unavoidable > int(best.assignment.missed[:, 2].sum()):
        return best
    if _short(fullest) <= unavoidable:
        return fullest
    highest -= 1  # `least` is solved, and what is above `highest` leaves an entry short
    while least < highest:
        middle = (least + highest + 1) // 2
        found = solved(middle)
        if _short(found) > unavoidable:
            highest = middle - 1
        else:
            best, least = found, middle
    return best


def _fullest_of_crossing(
    solved: Callable[[int], SolvedSlots], least: int, most: int, fullest: SolvedSlots
) -> SolvedSlots:
    """The greatest number with the fewest empty slots: where kinds cross, these need not grow with the number."""
    best = fullest
    for coverage in range(most - 1, least - 1, -1):
        found = solved(coverage)
        if _short(found) < _short(best):
            best = found
        if not _short(best):
            break
    return best


def _short(found: SolvedSlots) -> int:
    """How many slots stay empty."""
    return int(found.assignment.short[:, 1].sum())


def marked_conflicts(sheets: Sheets, found: Iterable[ConflictPair]) -> tuple[ConflictPair, ...]:
    """The conflicts among those `found` whose reviewer gave a mark all the same."""
    marked = (sheets.status == Status.MARK).any(axis=1) if sheets.leaves else np.zeros(len(sheets), bool)
    slots = set(zip(sheets.entry[marked].tolist(), sheets.reviewer[marked].tolist(), strict=True))
    return tuple(pair for pair in found if (pair.entry, pair.reviewer) in slots)


@dataclass(frozen=True)
class LimitMissed:
    """A panel limit that the sheets do not keep: which (`size`, `sheets_per_entry`, `load`, `kind ...`), of whom, how
    many."""

    limit: str
    who: str
    count: int
    wanted: str


def limits_missed(
    rules: Rules, entries: Entries, sheets: Sheets, reviewers: Reviewers | None = None
) -> tuple[LimitMissed, ...]:
    """Where sheets that carry a mark are fewer or more than [panel] says. `who` is an id, "" for the panel.

    `reviewers`: the panel with its fields, for the kinds; those of a field that they do not have are not looked at.
    """
    marked = (sheets.status == Status.MARK).any(axis=1) if sheets.leaves else np.zeros(len(sheets), bool)
    per_entry = np.bincount(sheets.entry[marked], minlength=len(entries))
    load = np.bincount(sheets.reviewer[marked], minlength=len(sheets.reviewers))
    found = []
    for name, limit, who, counts in (
        ("size", rules.whole_panel.size, ("",), [int((load > 0).sum())]),
        ("sheets_per_entry", rules.whole_panel.sheets_per_entry, entries.ids, per_entry.tolist()),
        ("load", rules.whole_panel.load, sheets.reviewers, load.tolist()),
        *_kind_counts(rules, entries, sheets, marked, reviewers or Reviewers(())),
    ):
        wanted = _range_text(limit)
        found += [
            LimitMissed(name, one, n, wanted) for one, n in zip(who, counts, strict=True) if not _within(n, limit)
        ]
    return tuple(found)


def _kind_counts(
    rules: Rules, entries: Entries, sheets: Sheets, marked: NDArray[np.bool_], reviewers: Reviewers
) -> Iterator[tuple[str, Range, tuple[str, ...], list[int]]]:
    """For each kind its name, its limit, and how many of it gave each entry a mark."""
    position = {key: n for n, key in enumerate(sheets.reviewers)}
    for kind in rules.panel.kinds:
        if kind.reviewer not in reviewers.fields:
            continue
        for name, who in members(kind, reviewers).items():
            there = [position[key] for n in who.tolist() if (key := reviewers.ids[n]) in position]
            of_kind = marked & np.isin(sheets.reviewer, there)
            counts = np.bincount(sheets.entry[of_kind], minlength=len(entries))
            yield f"kind {name}", kind.per_entry, entries.ids, counts.tolist()


def _within(count: int, limit: Range) -> bool:
    return (limit.min is None or count >= limit.min) and (limit.max is None or count <= limit.max)


def _range_text(limit: Range) -> str:
    if limit.min == limit.max:
        return str(limit.min)
    if limit.max is None:
        return f"{limit.min} or more"
    return f"{limit.min} to {limit.max}" if limit.min is not None else f"at most {limit.max}"


def _problem(
    rules: Rules,
    entries: Entries,
    reviewers: Reviewers,
    affinity: NDArray[np.float64] | None,
    forbidden: Sequence[ConflictPair],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    pinned: NDArray[np.int64],
    coverage: int,
    own: NDArray[np.int64] | None,
) -> Problem:
    load = rules.first_panel.load
    most = np.full(len(reviewers.ids), load.max if load.max is not None else len(entries))
    most = most if own is None else np.minimum(most, own)
    if pairs is None:
        grid = np.indices((len(entries), len(reviewers.ids))).reshape(2, -1)
        pairs = (grid[0], grid[1])
    each = np.full(len(entries), coverage)
    kinds = panel_kinds(rules.panel.kinds, reviewers, each)
    for entry, name, seats, room in kinds.crowded(each, pinned) if kinds else ():
        raise InputError(
            f"entry {entries.ids[entry]!r}, {name}: {seats} pinned or kept for other kinds, at most {room}; "
            "take a pinned pair out, or change [[panel.kind]]"
        )
    values = np.zeros(len(pairs[0])) if affinity is None else np.asarray(affinity, dtype=np.float64).reshape(-1)
    return Problem(
        pairs[0],
        pairs[1],
        values,
        len(entries),
        len(reviewers.ids),
        each,
        least=np.minimum(load.min or 0, most),
        most=most,
        forbidden=[(pair.entry, pair.reviewer) for pair in forbidden],
        pinned=pinned,
        kinds=kinds,
    )


def comparable(rules: Rules, fields: Mapping[str, Sequence[str]], reviewers: Reviewers) -> Rules:
    """The rules without the conflict rules and kinds that compare a field which entrants or reviewers do not have.

    For sheets and assignments made elsewhere, where such a rule cannot be checked any more.
    """
    kept = [
        rule
        for rule in rules.conflicts
        if rule.kind == "declared" or (rule.entrant in fields and rule.reviewer in reviewers.fields)
    ]
    kinds = tuple(kind for kind in rules.panel.kinds if kind.reviewer in reviewers.fields)
    return replace(rules, conflicts=tuple(kept), panel=replace(rules.panel, kinds=kinds))


def _sharing(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the fields that have a value in common."""
    having: dict[str, list[int]] = {}
    for position, field in enumerate(right):
        for value in values_of(field):
            having.setdefault(value, []).append(position)
    return [
        (own, other)
        for own, field in enumerate(left)
        for other in sorted({other for value in values_of(field) for other in having.get(value, ())})
    ]


def _field(fields: Mapping[str, Sequence[str]], name: str, rule: str, whose: str) -> Sequence[str]:
    if name not in fields:
        known = ", ".join(fields) or "none"
        raise InputError(f"conflict rule {rule!r} compares {name!r}, which the {whose} do not have (fields: {known})")
    return fields[name]
