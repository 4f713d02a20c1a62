"""The two ways to an assignment: straight from a file of affinities, and by the rules of a round."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from simsa.engine.assignment import Assignment, AssignmentError, FairAssignment, assign_fairly, repair
from simsa.engine.assignment import assign as solve
from simsa.engine.inputs import InputError
from simsa.engine.slots import ConflictPair, assign_slots, conflicts
from simsa.rules import Rules, load
from simsa.tables.affinities import (
    Scores,
    check_pinned,
    pose,
    read_entry_limits,
    read_previous,
    read_reviewer_limits,
    with_pinned,
)
from simsa.tables.affinities.scores import NO_PAIRS
from simsa.tables.figures import assignment_figures
from simsa.tables.shapes import read_reviewers

from .assignment_inputs import Asked, Ints, asked_constraints, asked_limits, asked_scores
from .assignment_words import Changes, Outcome
from .steps import declared_pairs, rounds_entries

_Solved = TypeVar("_Solved")
Report = Callable[[str, float], None]
"""Told each step as it begins and the share that is done, as the engine does."""


def straight(asked: Asked, report: Report) -> Outcome:
    """From a file of affinities, with limits from options and tables."""
    entries = read_entry_limits(asked.entries_file) if asked.entries_file else None
    reviewers = read_reviewer_limits(asked.reviewers_file) if asked.reviewers_file else None
    scores = asked_scores(asked, entries.ids if entries else None, reviewers.ids if reviewers else None)
    constraints = asked_constraints(asked, scores)
    limits = asked_limits(asked, scores, entries, reviewers)
    problem = pose(scores, constraints, limits.coverage, limits.least, limits.most)
    changes = fair = None
    if asked.previous_file:
        before = read_previous(asked.previous_file, scores.entries, scores.reviewers)
        repaired = _solved(scores.source, lambda: repair(problem, before.pairs, progress=report))
        solved, changes = repaired.assignment, Changes(repaired, before.gone)
    elif asked.first == "worst-off":
        fair = _solved(scores.source, lambda: assign_fairly(problem, progress=report))
        solved = fair.assignment
    else:
        solved = _solved(scores.source, lambda: solve(problem, progress=report))
    return _outcome(
        solved,
        scores.entries,
        scores.reviewers,
        len(problem.entry),
        limits.most,
        scores,
        (*limits.said, *constraints.notes),
        changes=changes,
        fair=fair,
    )


def by_rules(asked: Asked, report: Report) -> Outcome:
    """From the rules of a round, with affinities if there are any."""
    assert asked.rules_file is not None
    assert asked.entries_file is not None
    assert asked.reviewers_file is not None
    rules = load(asked.rules_file)
    table, reviewers = rounds_entries(asked.entries_file, rules), read_reviewers(asked.reviewers_file)
    entries = table.entries
    declared = declared_pairs(asked.conflicts_file, entries, reviewers)
    found = list(conflicts(rules, entries, table.fields, reviewers, declared))
    scores = asked_scores(asked, entries.ids, reviewers.ids) if asked.source else None
    everybody = _nobody(entries.ids, reviewers.ids)
    constraints = asked_constraints(asked, scores or everybody, register=False)
    forbidden = np.concatenate([constraints.forbidden, scores.forbidden if scores else NO_PAIRS])
    found += [ConflictPair(e, r, "forbidden") for e, r in np.unique(forbidden, axis=0).tolist()]
    limit = rules.panel.load.max
    most = np.full(len(reviewers.ids), len(entries) if limit is None else limit, np.int64)
    _check_pinned(rules, scores or everybody, constraints.pinned, found, most)
    if scores is not None:
        scores = with_pinned(scores, constraints.pinned)
    pairs, affinity = ((scores.entry, scores.reviewer), scores.value) if scores else (None, None)
    solved = _solved(
        scores.source if scores else "",
        lambda: assign_slots(
            rules, entries, reviewers, affinity, found, pairs, pinned=constraints.pinned, progress=report
        ),
    )
    count = len(scores.value) if scores else len(entries) * len(reviewers.ids)
    return _outcome(solved, entries.ids, reviewers.ids, count, most, scores, constraints.notes, rules_hash=rules.hash)


def _outcome(
    solved: Assignment,
    entries: tuple[str, ...],
    reviewers: tuple[str, ...],
    pairs: int,
    most: Ints,
    scores: Scores | None,
    said: tuple[str, ...],
    rules_hash: str | None = None,
    changes: Changes | None = None,
    fair: FairAssignment | None = None,
) -> Outcome:
    figures = assignment_figures(solved, entries, reviewers, pairs=pairs, most=most)
    return Outcome(solved, entries, reviewers, figures, most, scores, said, rules_hash, changes, fair)


def _solved(source: str, run: Callable[[], _Solved]) -> _Solved:
    try:
        return run()
    except AssignmentError as error:
        raise InputError(f"{source}: {error}" if source else str(error)) from None


def _check_pinned(rules: Rules, scores: Scores, pinned: Ints, found: list[ConflictPair], most: Ints) -> None:
    """Refuses pinned pairs that the rules cannot keep, by their ids."""
    sheets = rules.panel.sheets_per_entry
    greatest = sheets.max if sheets.max is not None else sheets.min or 0
    coverage = np.full(len(scores.entries), greatest, np.int64)
    conflicting = np.array([(pair.entry, pair.reviewer) for pair in found], np.int64).reshape(-1, 2)
    check_pinned(scores, np.unique(pinned, axis=0), conflicting, coverage, most)


def _nobody(entries: tuple[str, ...], reviewers: tuple[str, ...]) -> Scores:
    """Ids without affinities, for what only needs the ids."""
    none = np.zeros(0, np.int64)
    return Scores("", "long", entries, reviewers, none, none, np.zeros(0), NO_PAIRS)
