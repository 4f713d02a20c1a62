"""`simsa assign`: reviewers to entries, by the rules of a round or straight from a file of affinities."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Assignment, AssignmentError
from simsa.engine.assignment import assign as solve
from simsa.engine.inputs import InputError
from simsa.engine.loads import DEFAULT_COVERAGE, usual_most
from simsa.engine.slots import ConflictPair, assign_slots, conflicts
from simsa.rules import Rules, load
from simsa.tables import results
from simsa.tables.affinities import (
    SHAPES,
    BidMeaning,
    Constraints,
    EntryLimits,
    ReviewerLimits,
    Scores,
    check_pinned,
    pose,
    read_bids,
    read_constraints,
    read_entry_limits,
    read_reviewer_limits,
    read_scores,
    with_bids,
    with_others,
    with_pinned,
)
from simsa.tables.affinities.matrices import MOST_PAIRS
from simsa.tables.affinities.scores import NO_PAIRS
from simsa.tables.figures import assignment_figures
from simsa.tables.files import check_ending, write_bytes, write_table
from simsa.tables.pictures import assignment_picture
from simsa.tables.shapes import read_reviewers
from simsa.tables.table import TableError
from simsa.tables.uploads import HOTCRP_ACTIONS, check_upload, hotcrp_table, openreview_table, write_upload

from .assignment_words import Outcome, say_outcome
from .output import as_json, command, emit, notes, progress
from .steps import conflicts_option, declared_pairs, out_option, rounds_entries

_path = click.Path(path_type=Path)
_table = click.Path(allow_dash=True)
_count = click.IntRange(0, 2**31 - 1)
_IN_RULES = {
    "coverage": "[panel] sheets_per_entry",
    "least": "[panel] load",
    "most": "[panel] load",
}
_FORMATS = ("simsa", "hotcrp", "openreview")


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


@click.command(
    epilog="Examples: simsa assign affinity.csv --coverage 4 --most 6 -o assignment.csv    "
    "simsa assign --rules rules.toml --entries entries.csv --reviewers panel.csv -o assignment.csv"
)
@click.argument("affinities", required=False, type=_table)
@click.option("--shape", type=click.Choice(list(SHAPES)), help="Shape of AFFINITIES; by default its content tells.")
@click.option("--coverage", type=click.IntRange(1, 2**31 - 1), help="Reviewers of each entry (default: 3).")
@click.option("--most", type=_count, help="Entries of each reviewer at most (default: half as much again as needed).")
@click.option("--least", type=_count, help="Entries of each reviewer at least (default: 0).")
@click.option("--entries", "entries_file", type=_table, help="Table: id, optionally coverage (with --rules: group).")
@click.option("--reviewers", "reviewers_file", type=_table, help="Table: id, optionally least and most of their own.")
@conflicts_option
@click.option("--forbidden", "forbidden_file", type=_table, help="Table: entry, reviewer; pairs that may not meet.")
@click.option("--pinned", "pinned_file", type=_table, help="Table: entry, reviewer; pairs that must meet.")
@click.option("--bids", "bids_file", type=_table, help="Table: entry, reviewer, bid; added to the affinity.")
@click.option(
    "--bid", multiple=True, metavar="WORD=NUMBER,...", help="What a bid adds: yes=1,maybe=0.5,no=-1,point=0.01."
)
@click.option(
    "--others", type=float, help="Affinity of pairs that are not listed (default: they may not meet; with bids 0)."
)
@click.option("--rules", "rules_file", type=_path, help="The round's rules (TOML), which give coverage and loads.")
@click.option("--affinity", "affinity_file", type=_table, help="The same as AFFINITIES.")
@out_option
@click.option(
    "--as", "out_format", type=click.Choice(_FORMATS), default="simsa", help="Columns of the result: whose they are."
)
@click.option(
    "--action",
    type=click.Choice(HOTCRP_ACTIONS),
    default="primaryreview",
    show_default=True,
    help="Kind of review, with --as hotcrp.",
)
@click.option("--round", "round_name", help="Review round, with --as hotcrp.")
@click.option("--picture", type=_path, help="Draw loads and affinities here (.svg).")
@as_json
@command
def assign(**options: Any) -> None:
    """Assign reviewers to entries: the greatest total affinity within loads and conflicts, with its proof.

    AFFINITIES says how well reviewers suit entries: a table of entry, reviewer and affinity, a table with a column for
    each reviewer, a NumPy or SciPy matrix, scores or edges of OpenReview, preferences of HotCRP, or bids. With --rules
    the rules of a round give coverage, loads and conflicts, and AFFINITIES may be left out.

    Where there are not enough reviewers the entries that stay short are named, with the reviewers they compete for and
    what would help, and the exit status is 1.
    """
    asked = Asked(**options)
    _check_call(asked)
    if asked.out is not None:
        (check_ending if asked.out_format == "simsa" else check_upload)(asked.out)
    with progress("reading") as report:
        outcome = (_by_rules if asked.rules_file else _straight)(asked, partial(_share, report))
    _write(outcome, asked)
    if asked.picture:
        _draw(outcome, asked.picture)
    if asked.as_json:
        emit(outcome.as_json())
    else:
        say_outcome(outcome, aside=asked.out == "-")
        if asked.out is None:
            notes.print("nothing is saved: give a file with -o assignment.csv")
    if not outcome.solved.complete:
        raise click.exceptions.Exit(1)


def _share(report: Callable[..., None], step: str, share: float) -> None:
    """The engine tells shares from 0 to 1, the progress line shows whole numbers."""
    report(step, round(share * 100), 100)


def _check_call(asked: Asked) -> None:
    if asked.affinities and asked.affinity_file:
        raise click.UsageError("AFFINITIES and --affinity are the same; give one of them")
    if asked.rules_file is None and asked.source is None:
        raise click.UsageError("give a file of affinities, or the rules of a round with --rules")
    if asked.rules_file is not None:
        for option, key in _IN_RULES.items():
            if getattr(asked, option) is not None:
                raise click.UsageError(f"--{option}: with --rules the rules say this ({key}); leave it out")
        if asked.entries_file is None or asked.reviewers_file is None:
            raise click.UsageError("--rules needs --entries and --reviewers too")
        if asked.source is None and (asked.bids_file or asked.others is not None):
            raise click.UsageError("--bids and --others add to affinities; give a file of affinities too")
    if asked.others is not None and not math.isfinite(asked.others):
        raise click.UsageError(f"--others: {asked.others} is no number; for example 0")
    if asked.picture and asked.picture.suffix.lower() != ".svg":
        raise click.UsageError(f"--picture: {asked.picture.name} must end in .svg; any browser opens it")


def _straight(asked: Asked, report: Callable[[str, float], None]) -> Outcome:
    """From a file of affinities, with limits from options and tables."""
    entries = read_entry_limits(asked.entries_file) if asked.entries_file else None
    reviewers = read_reviewer_limits(asked.reviewers_file) if asked.reviewers_file else None
    scores = _scores(asked, entries.ids if entries else None, reviewers.ids if reviewers else None)
    constraints = _constraints(asked, scores)
    coverage, least, most, said = _limits(asked, scores, entries, reviewers)
    problem = pose(scores, constraints, coverage, least, most)
    solved = _solved(scores.source, lambda: solve(problem, progress=report))
    return _outcome(solved, scores.entries, scores.reviewers, len(problem.entry), most, scores, said)


def _by_rules(asked: Asked, report: Callable[[str, float], None]) -> Outcome:
    """From the rules of a round, with affinities if there are any."""
    assert asked.rules_file is not None
    assert asked.entries_file is not None
    assert asked.reviewers_file is not None
    rules = load(asked.rules_file)
    table, reviewers = rounds_entries(asked.entries_file, rules), read_reviewers(asked.reviewers_file)
    entries = table.entries
    declared = declared_pairs(asked.conflicts_file, entries, reviewers)
    found = list(conflicts(rules, entries, table.fields, reviewers, declared))
    scores = _scores(asked, entries.ids, reviewers.ids) if asked.source else None
    everybody = _nobody(entries.ids, reviewers.ids)
    constraints = _constraints(asked, scores or everybody, register=False)
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
    return _outcome(solved, entries.ids, reviewers.ids, count, most, scores, (), rules_hash=rules.hash)


def _outcome(
    solved: Assignment,
    entries: tuple[str, ...],
    reviewers: tuple[str, ...],
    pairs: int,
    most: NDArray[np.int64],
    scores: Scores | None,
    said: tuple[str, ...],
    rules_hash: str | None = None,
) -> Outcome:
    figures = assignment_figures(solved, entries, reviewers, pairs=pairs, most=most)
    return Outcome(solved, entries, reviewers, figures, most, scores, said, rules_hash)


def _solved(source: str, run: Callable[[], Assignment]) -> Assignment:
    try:
        return run()
    except AssignmentError as error:
        raise InputError(f"{source}: {error}" if source else str(error)) from None


def _check_pinned(
    rules: Rules, scores: Scores, pinned: NDArray[np.int64], found: list[ConflictPair], most: NDArray[np.int64]
) -> None:
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


def _scores(asked: Asked, entries: tuple[str, ...] | None, reviewers: tuple[str, ...] | None) -> Scores:
    """Affinities with what bids add, and the other pairs where they count too."""
    assert asked.source is not None
    scores = read_scores(asked.source, entries=entries, reviewers=reviewers, shape=asked.shape, meaning=asked.meaning)
    others = asked.others
    if others is None and scores.lists_opinions and len(scores.entries) * len(scores.reviewers) <= MOST_PAIRS:
        others = 0.0  # who gave no bid is a candidate like any other
    if others is not None:
        scores = with_others(scores, others)
    if asked.bids_file:
        scores = with_bids(scores, read_bids(asked.bids_file, scores.entries, scores.reviewers, asked.meaning))
    return scores


def _constraints(asked: Asked, scores: Scores, *, register: bool = True) -> Constraints:
    """What --conflicts (unless the rules count it), --forbidden and --pinned say."""
    found = Constraints()
    for file in (asked.conflicts_file if register else None, asked.forbidden_file):
        if file:
            found = found.joined(read_constraints(file, scores.entries, scores.reviewers, "forbidden"))
    if asked.pinned_file:
        found = found.joined(read_constraints(asked.pinned_file, scores.entries, scores.reviewers, "pinned"))
    return found


def _limits(
    asked: Asked, scores: Scores, entries: EntryLimits | None, reviewers: ReviewerLimits | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    """Coverage, least and greatest loads, and which of them nobody asked for."""
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
    return coverage, least, most, tuple(said)


def _write(outcome: Outcome, asked: Asked) -> None:
    if asked.out is None:
        return
    solved, entries, reviewers = outcome.solved, outcome.entries, outcome.reviewers
    if asked.out_format == "hotcrp":
        write_upload(hotcrp_table(solved, entries, reviewers, asked.action, asked.round_name), asked.out)
    elif asked.out_format == "openreview":
        write_upload(openreview_table(solved, entries, reviewers), asked.out)
    else:
        write_table(results.assignment_table(solved, entries, reviewers), asked.out)


def _draw(outcome: Outcome, path: Path) -> None:
    svg = assignment_picture(outcome.figures, title="Loads and affinities of the assignment", language="en")
    try:
        write_bytes(path, svg.encode())
    except OSError as error:
        raise TableError(f"{path.name}: cannot be written: {error.strerror or error}") from None
