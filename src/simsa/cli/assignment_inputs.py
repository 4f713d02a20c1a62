"""What one call of `simsa assign` asks for, and the affinities, constraints and limits that it names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsa.engine.loads import DEFAULT_COVERAGE, usual_most
from simsa.tables.affinities import (
    BidMeaning,
    Constraints,
    EntryLimits,
    ReviewerLimits,
    Scores,
    read_bids,
    read_constraints,
    read_scores,
    with_bids,
    with_others,
)
from simsa.tables.affinities.matrices import MOST_PAIRS

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """The options of one call, by their names."""

    affinities: str | None
    affinity_file: str | None
    shape: str | None
    rules_file: Path | None
    entries_file: str | None
    reviewers_file: str | None
    coverage: int | None
    most: int | None
    least: int | None
    others: float | None
    bids_file: str | None
    bid: tuple[str, ...]
    conflicts_file: str | None
    forbidden_file: str | None
    pinned_file: str | None
    previous_file: str | None
    first: str
    out: str | None
    out_format: str
    action: str
    round_name: str | None
    picture: Path | None
    as_json: bool

    @property
    def source(self) -> str | None:
        """The file of affinities."""
        return self.affinities or self.affinity_file

    @property
    def meaning(self) -> BidMeaning:
        """What bids are worth."""
        meaning = BidMeaning()
        for text in self.bid:
            meaning = meaning.changed(text)
        return meaning


@dataclass(frozen=True)
class Limits:
    """Coverage of each entry, least and greatest load of each reviewer, and which of them nobody asked for."""

    coverage: Ints
    least: Ints
    most: Ints
    said: tuple[str, ...]


def asked_scores(asked: Asked, entries: tuple[str, ...] | None, reviewers: tuple[str, ...] | None) -> Scores:
    """Affinities with what bids add, and the other pairs where they count too."""
    assert asked.source is not None
    scores = read_scores(asked.source, entries=entries, reviewers=reviewers, shape=asked.shape, meaning=asked.meaning)
    others = asked.others
    if others is None and scores.lists_opinions and len(scores.entries) * len(scores.reviewers) <= MOST_PAIRS:
        others = 0.0  # who gave no bid is a candidate like any other
        scores = replace(scores, notes=(*scores.notes, "a pair that is not listed counts 0; --others changes it"))
    if others is not None:
        scores = with_others(scores, others)
    if asked.bids_file:
        scores = with_bids(scores, read_bids(asked.bids_file, scores.entries, scores.reviewers, asked.meaning))
    return scores


def asked_constraints(asked: Asked, scores: Scores, *, register: bool = True) -> Constraints:
    """What --conflicts (unless the rules count it), --forbidden and --pinned say."""
    found = Constraints()
    for file in (asked.conflicts_file if register else None, asked.forbidden_file):
        if file:
            found = found.joined(read_constraints(file, scores.entries, scores.reviewers, "forbidden"))
    if asked.pinned_file:
        found = found.joined(read_constraints(asked.pinned_file, scores.entries, scores.reviewers, "pinned"))
    return found


def asked_limits(asked: Asked, scores: Scores, entries: EntryLimits | None, reviewers: ReviewerLimits | None) -> Limits:
    """The limits from options and tables."""
    nobody = np.full(len(scores.reviewers), -1, np.int64)
    own_coverage = entries.coverage if entries else np.full(len(scores.entries), -1, np.int64)
    own_least, own_most = (reviewers.least, reviewers.most) if reviewers else (nobody, nobody)
    said = []
    coverage = np.where(own_coverage < 0, asked.coverage or DEFAULT_COVERAGE, own_coverage)
    if asked.coverage is None and (own_coverage < 0).any():
        said.append(f"coverage {DEFAULT_COVERAGE}: the default; --coverage changes it")
    for_all = np.full(len(own_most), asked.least or 0)
    fitting = np.where(own_most < 0, for_all, np.minimum(for_all, own_most))  # who asked for less is not forced
    least = np.where(own_least < 0, fitting, own_least)
    greatest = asked.most
    if greatest is None and (own_most < 0).any():
        greatest = max(usual_most(coverage, own_most), int(least.max(initial=0)))
        said.append(f"load at most {greatest}: the default, half as much again as all need; --most changes it")
    most = np.where(own_most < 0, greatest or 0, own_most)
    return Limits(coverage, least, most, tuple(said))
