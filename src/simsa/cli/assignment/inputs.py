"""What one call of `simsa assign` asks for, and the affinities, constraints and limits that it names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from simsa.engine.loads import DEFAULT_COVERAGE, usual_most
from simsa.rules import Name, PanelKind, Range
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
from simsa.tables.table import TableError

Ints = NDArray[np.int64]
_KIND = re.compile(
    r"(?P<field>[^=]*?)(=(?P<values>.*))?:\s*(?P<least>[0-9]{1,9})?\s*((?P<to>\.\.)\s*(?P<most>[0-9]{1,9})?)?\s*"
)
_KIND_HELP = (
    "such as seniority=senior:1.. (at least one), region=north|east:..2 (at most two), institution:..1 (no two)"
)


@dataclass(frozen=True)
class Asked:
    """The options of one call, by their names."""

    affinities: str | None
    affinity_file: str | None
    shape: str | None
    entry_vectors: Path | None
    reviewer_vectors: Path | None
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
    kind: tuple[str, ...]
    previous_file: str | None
    first: str
    cap: Fraction | None
    perturbation: float | None
    seed: str | None
    why: tuple[tuple[str, str], ...]
    what_if: tuple[str, ...]
    margins_file: str | None
    out: str | None
    out_format: str
    action: str
    round_name: str | None
    picture: Path | None
    probabilities_file: str | None
    as_json: bool

    @property
    def source(self) -> str | None:
        """The file of affinities."""
        return self.affinities or self.affinity_file

    @property
    def sources(self) -> tuple[str, ...]:
        """Every file that is read."""
        files = (
            self.source,
            self.entry_vectors,
            self.reviewer_vectors,
            self.rules_file,
            self.entries_file,
            self.reviewers_file,
            self.bids_file,
            self.conflicts_file,
            self.forbidden_file,
            self.pinned_file,
        )
        return tuple(str(file) for file in files if file is not None)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every file that is written."""
        files = (self.out, self.margins_file, self.probabilities_file, self.picture)
        return tuple(str(file) for file in files if file is not None)

    @property
    def at_random(self) -> bool:
        """Whether the assignment is drawn."""
        return self.cap is not None or self.perturbation is not None

    @property
    def meaning(self) -> BidMeaning:
        """What bids are worth."""
        meaning = BidMeaning()
        try:
            for text in self.bid:
                meaning = meaning.changed(text)
        except TableError as error:
            raise click.UsageError(str(error)) from None
        return meaning

    @property
    def kinds(self) -> tuple[PanelKind, ...]:
        """What --kind says."""
        return tuple(_kind(text) for text in self.kind)


@dataclass(frozen=True)
class Limits:
    """Coverage of each entry, least and greatest load of each reviewer, and which of them nobody asked for."""

    coverage: Ints
    least: Ints
    most: Ints
    said: tuple[str, ...]


def _kind(text: str) -> PanelKind:
    found = _KIND.fullmatch(unicodedata.normalize("NFC", text))
    field = found["field"].strip() if found else ""
    if not found or not field or not (found["least"] or found["most"]):
        raise click.UsageError(f"--kind {text!r}: is no FIELD=VALUE:LIMIT, {_KIND_HELP}")
    low, high = (int(found[name]) if found[name] else None for name in ("least", "most"))
    if not found["to"]:
        high = low
    if low is not None and high is not None and low > high:
        raise click.UsageError(
            f"--kind {text!r}: at least {low} is more than at most {high}; write the smaller number first"
        )
    values = tuple(dict.fromkeys(value.strip() for value in (found["values"] or "").split("|")))
    if found["values"] is not None and not all(values):
        raise click.UsageError(f"--kind {text!r}: names an empty value; {_KIND_HELP}")
    named = " ".join([field, "|".join(values)]).strip()
    return PanelKind(named, Name((("", named),)), field, Range(low, high), tuple(sorted(values)) if all(values) else ())


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


def asked_constraints(
    asked: Asked, entries: tuple[str, ...], reviewers: tuple[str, ...], *, register: bool = True
) -> Constraints:
    """What --conflicts (unless the rules count it), --forbidden and --pinned say."""
    found = Constraints()
    for file in (asked.conflicts_file if register else None, asked.forbidden_file):
        if file:
            found = found.joined(read_constraints(file, entries, reviewers, "forbidden"))
    if asked.pinned_file:
        found = found.joined(read_constraints(asked.pinned_file, entries, reviewers, "pinned"))
    return found


def asked_limits(
    asked: Asked, sizes: tuple[int, int], entries: EntryLimits | None, reviewers: ReviewerLimits | None
) -> Limits:
    """The limits from options and tables. `sizes`: how many entries and reviewers there are."""
    nobody = np.full(sizes[1], -1, np.int64)
    own_coverage = entries.coverage if entries else np.full(sizes[0], -1, np.int64)
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
