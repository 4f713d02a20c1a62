"""From files to a problem: straight from affinities, from vectors or a large matrix, and by the rules of a round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from simsa.engine.assignment import Affinities, Assignment, AssignmentError, Problem, UnmetError, assign_dense
from simsa.engine.inputs import InputError, Reviewers
from simsa.engine.panel_kinds import panel_kinds
from simsa.engine.slots import ConflictPair, conflicts, pose_slots
from simsa.rules import Rules, load
from simsa.tables.affinities import (
    Scores,
    check_pinned,
    large_matrix,
    pose,
    read_entry_limits,
    read_reviewer_limits,
    read_vectors,
    with_pinned,
)
from simsa.tables.affinities.limits import EntryLimits, ReviewerLimits
from simsa.tables.affinities.scores import NO_PAIRS
from simsa.tables.frames import source_name
from simsa.tables.shapes import read_reviewers

from ..steps import declared_pairs, rounds_entries
from .checks import ways_that_need_pairs
from .inputs import Asked, Ints, asked_constraints, asked_limits, asked_scores

_Solved = TypeVar("_Solved")
Report = Callable[[str, float], None]
"""Told each step as it begins and the share that is done, as the engine does."""


@dataclass(frozen=True)
class Posed:
    """A problem with the names of what it numbers.

    Attributes:
        entries, reviewers: ids.
        pairs: how many candidates there are; more than the problem has where it was found among all pairs.
        most: greatest load of each reviewer.
        source, shape: the file of affinities and how it was read; "" without affinities.
        notes, defaults: what to know of the files, and which limits nobody asked for.
        rules_hash: None without rules.
        optimum: the assignment with the greatest total, where posing the problem has found it.
    """

    problem: Problem
    entries: tuple[str, ...]
    reviewers: tuple[str, ...]
    pairs: int
    most: Ints
    source: str = ""
    shape: str = ""
    notes: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    rules_hash: str | None = None
    optimum: Assignment | None = None

    @property
    def partial(self) -> bool:
        """Whether the problem holds only those of the pairs that could be chosen."""
        return self.pairs > len(self.problem.entry)

    @property
    def kind_names(self) -> tuple[str, ...]:
        """What the kinds are called, by their numbers in results."""
        return self.problem.kinds.names if self.problem.kinds else ()


def posed(asked: Asked, report: Report) -> Posed:
    """The problem that the call asks for."""
    if asked.rules_file:
        return _by_rules(asked, report)
    entries = read_entry_limits(asked.entries_file) if asked.entries_file else None
    reviewers = read_reviewer_limits(asked.reviewers_file) if asked.reviewers_file else None
    dense = _dense_affinities(asked, entries, reviewers)
    if dense is not None:
        return _dense(asked, *dense, entries, reviewers, report)
    return _straight(asked, entries, reviewers)


def refusing(source: str, run: Callable[[], _Solved]) -> _Solved:
    """What the engine refuses is told with the file that it comes from; UnmetError the caller puts in words."""
    try:
        return run()
    except UnmetError:
        raise
    except AssignmentError as error:
        raise InputError(f"{source}: {error}" if source else str(error)) from None


def candidates(problem: Problem) -> int:
    """How many pairs may meet: those that are not forbidden."""
    width = problem.n_reviewers
    forbidden = problem.forbidden[:, 0] * width + problem.forbidden[:, 1]
    return len(problem.entry) - int(np.isin(forbidden, problem.entry * width + problem.reviewer).sum())


def _straight(asked: Asked, entries: EntryLimits | None, reviewers: ReviewerLimits | None) -> Posed:
    """From a file of affinities, with limits from options and tables."""
    scores = asked_scores(asked, entries.ids if entries else None, reviewers.ids if reviewers else None)
    constraints = asked_constraints(asked, scores.entries, scores.reviewers)
    limits = asked_limits(asked, (len(scores.entries), len(scores.reviewers)), entries, reviewers)
    panel = Reviewers(scores.reviewers, reviewers.fields if reviewers else {})
    kinds = panel_kinds(asked.kinds, panel, limits.coverage)
    problem = refusing(
        scores.source, lambda: pose(scores, constraints, limits.coverage, limits.least, limits.most, kinds)
    )
    return Posed(
        problem,
        scores.entries,
        scores.reviewers,
        candidates(problem),
        limits.most,
        scores.source,
        scores.shape,
        scores.notes,
        (*limits.said, *constraints.notes),
    )


def _dense_affinities(
    asked: Asked, entries: EntryLimits | None, reviewers: ReviewerLimits | None
) -> tuple[Affinities, str, str] | None:
    """Affinities of every pair that are not held, the file they come from, and its shape."""
    if asked.entry_vectors and asked.reviewer_vectors:
        ids = [known.ids if known else None for known in (entries, reviewers)]
        return (
            read_vectors(asked.entry_vectors, asked.reviewer_vectors, *ids),
            source_name(asked.entry_vectors),
            "vectors",
        )
    matrix = large_matrix(asked.source) if asked.source and asked.source != "-" else None
    return None if matrix is None else (matrix, source_name(str(asked.source)), "matrix")


def _dense(
    asked: Asked,
    affinities: Affinities,
    source: str,
    shape: str,
    entries: EntryLimits | None,
    reviewers: ReviewerLimits | None,
    report: Report,
) -> Posed:
    """All pairs, of which only those that could be chosen are ever held."""
    refused = ways_that_need_pairs(asked)
    if refused:
        raise InputError(
            f"{source}: has too many pairs to be held, which {refused[0]} needs; give the best few hundred reviewers "
            "of each entry as a table or a sparse matrix"
        )
    height, width = affinities.shape
    entry_ids = entries.ids if entries else tuple(f"e{n}" for n in range(1, height + 1))
    reviewer_ids = reviewers.ids if reviewers else tuple(f"r{n}" for n in range(1, width + 1))
    for ids, count, what, option in (
        (entry_ids, height, "rows", "--entries"),
        (reviewer_ids, width, "columns", "--reviewers"),
    ):
        if len(ids) != count:
            raise InputError(f"{source}: has {count} {what}, but {option} lists {len(ids)}; one for each, in order")
    constraints = asked_constraints(asked, entry_ids, reviewer_ids)
    limits = asked_limits(asked, (height, width), entries, reviewers)
    found = refusing(
        source,
        lambda: assign_dense(
            affinities,
            limits.coverage,
            most=limits.most,
            least=limits.least,
            forbidden=constraints.forbidden,
            progress=report,
        ),
    )
    notes = [f"every pair was looked at, {len(found.problem.entry):,} were held; affinities are 32-bit numbers"]
    named = [
        *(["entries are named e1, e2, ..."] if entries is None else []),
        *(["reviewers are named r1, r2, ..."] if reviewers is None else []),
    ]
    if named:
        notes.append(f"{' and '.join(named)} by position")
    said = (*limits.said, *constraints.notes)
    most = limits.most
    return Posed(
        found.problem,
        entry_ids,
        reviewer_ids,
        height * width,
        most,
        source,
        shape,
        tuple(notes),
        said,
        optimum=found.assignment,
    )


def _by_rules(asked: Asked, report: Report) -> Posed:
    """From the rules of a round, with affinities if there are any."""
    assert asked.rules_file is not None
    assert asked.entries_file is not None
    assert asked.reviewers_file is not None
    rules = load(asked.rules_file)
    table, reviewers = rounds_entries(asked.entries_file, rules), read_reviewers(asked.reviewers_file)
    entries = table.entries
    declared = declared_pairs(asked.conflicts_file, entries, reviewers) or ()
    found = list(conflicts(rules, entries, table.fields, reviewers, declared))
    scores = asked_scores(asked, entries.ids, reviewers.ids) if asked.source else None
    constraints = asked_constraints(asked, entries.ids, reviewers.ids, register=False)
    forbidden = np.concatenate([constraints.forbidden, scores.forbidden if scores else NO_PAIRS])
    found += [ConflictPair(e, r, "forbidden") for e, r in np.unique(forbidden, axis=0).tolist()]
    limit = rules.first_panel.load.max
    most = np.full(len(reviewers.ids), len(entries) if limit is None else limit, np.int64)
    _check_pinned(rules, scores or _nobody(entries.ids, reviewers.ids), constraints.pinned, found, most)
    if scores is not None:
        scores = with_pinned(scores, constraints.pinned)
    pairs, affinity = ((scores.entry, scores.reviewer), scores.value) if scores else (None, None)
    made = refusing(
        scores.source if scores else "",
        lambda: pose_slots(
            rules, entries, reviewers, affinity, found, pairs, pinned=constraints.pinned, progress=report
        ),
    )
    return Posed(
        made.problem,
        entries.ids,
        reviewers.ids,
        candidates(made.problem),
        most,
        scores.source if scores else "",
        scores.shape if scores else "",
        scores.notes if scores else (),
        constraints.notes,
        rules.hash,
        made.assignment,
    )


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
