"""From affinities, constraints and limits to a problem that can be solved; contradictions are named by id."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simsa.engine.assignment import Kinds, Problem
from simsa.tables.affinities.constraints import Constraints
from simsa.tables.affinities.scores import Scores
from simsa.tables.frames import Bools, Ints
from simsa.tables.table import TableError

_NAMED = 8


def pose(
    scores: Scores, constraints: Constraints, coverage: Ints, least: Ints, most: Ints, kinds: Kinds | None = None
) -> Problem:
    """The problem of these candidates. A pinned pair without an affinity becomes a candidate that is worth 0.

    `coverage`: shape (entries,); `least`, `most`: shape (reviewers,). TableError names pairs that are both pinned and
    forbidden, entries and reviewers with more pinned pairs than their limits, entries whose pinned reviewers leave the
    kinds no room, and a least load above the greatest.
    """
    forbidden = np.concatenate([scores.forbidden, constraints.forbidden])
    pinned = np.unique(constraints.pinned, axis=0)
    check_pinned(scores, pinned, forbidden, coverage, most)
    if kinds is not None:
        _refuse_crowded(scores, kinds.crowded(coverage, pinned))
    _refuse(least > most, scores.reviewers, least, most, "reviewer", "load at least", "load at most")
    scores = with_pinned(scores, pinned)
    return Problem(
        scores.entry,
        scores.reviewer,
        scores.value,
        len(scores.entries),
        len(scores.reviewers),
        coverage,
        least=least,
        most=most,
        forbidden=forbidden,
        pinned=pinned,
        kinds=kinds,
    )


def with_pinned(scores: Scores, pinned: Ints) -> Scores:
    """The affinities with pinned pairs that have none as candidates worth 0."""
    if not len(pinned):
        return scores
    lacking = pinned[~np.isin(_keys(scores, pinned), scores.entry * len(scores.reviewers) + scores.reviewer)]
    if not len(lacking):
        return scores
    return replace(
        scores,
        entry=np.concatenate([scores.entry, lacking[:, 0]]),
        reviewer=np.concatenate([scores.reviewer, lacking[:, 1]]),
        value=np.concatenate([scores.value, np.zeros(len(lacking))]),
    )


def check_pinned(scores: Scores, pinned: Ints, forbidden: Ints, coverage: Ints, most: Ints) -> None:
    """TableError if pinned pairs are forbidden, or more than an entry needs or a reviewer may take."""
    both = pinned[np.isin(_keys(scores, pinned), _keys(scores, forbidden))]
    if len(both):
        pairs = [
            f"entry {scores.entries[e]!r} with reviewer {scores.reviewers[r]!r}" for e, r in both[:_NAMED].tolist()
        ]
        raise TableError(f"both pinned and forbidden: {_listed(pairs, len(both))}; take one of the two rows out")
    per_entry = np.bincount(pinned[:, 0], minlength=len(coverage))
    load = np.bincount(pinned[:, 1], minlength=len(most))
    _refuse(per_entry > coverage, scores.entries, per_entry, coverage, "entry", "pinned reviewers", "coverage")
    _refuse(load > most, scores.reviewers, load, most, "reviewer", "pinned entries", "load at most")


def _refuse(wrong: Bools, ids: tuple[str, ...], count: Ints, limit: Ints, *names: str) -> None:
    who, counted, limited = names
    places = np.flatnonzero(wrong)
    if len(places):
        said = [f"{who} {ids[n]!r}: {counted} {count[n]}, {limited} {limit[n]}" for n in places[:_NAMED].tolist()]
        raise TableError(f"{_listed(said, len(places))}; change one of the two numbers")


def _refuse_crowded(scores: Scores, crowded: list[tuple[int, str, int, int]]) -> None:
    if crowded:
        said = [
            f"entry {scores.entries[entry]!r}, {name}: {seats} pinned or kept for other kinds, at most {most}"
            for entry, name, seats, most in crowded[:_NAMED]
        ]
        raise TableError(f"{_listed(said, len(crowded))}; take a pinned pair out, or change what --kind says")


def _listed(said: list[str], count: int) -> str:
    return "; ".join(said) + (f"; and {count - len(said)} more" if count > len(said) else "")


def _keys(scores: Scores, pairs: Ints) -> Ints:
    keys: Ints = pairs[:, 0] * len(scores.reviewers) + pairs[:, 1]
    return keys
