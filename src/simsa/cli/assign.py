"""`simsa assign`: reviewers to entries, by the rules of a round or straight from a file of affinities."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from simsa.tables import results
from simsa.tables.affinities import SHAPES
from simsa.tables.files import check_ending, write_bytes, write_table
from simsa.tables.pictures import assignment_picture
from simsa.tables.table import TableError
from simsa.tables.uploads import HOTCRP_ACTIONS, check_upload, hotcrp_table, openreview_table, write_upload

from .assignment_inputs import Asked
from .assignment_ways import by_rules, straight
from .assignment_words import Outcome, say_outcome
from .output import as_json, command, emit, notes, progress
from .steps import conflicts_option, out_option

_path = click.Path(path_type=Path)
_table = click.Path(allow_dash=True)
_count = click.IntRange(0, 2**31 - 1)
_IN_RULES = {
    "coverage": "[panel] sheets_per_entry",
    "least": "[panel] load",
    "most": "[panel] load",
}
_FORMATS = ("simsa", "hotcrp", "openreview")


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
@click.option(
    "--previous",
    "previous_file",
    type=_table,
    help="An earlier assignment: change as little of it as can be (after a drop-out, a new conflict, a new entry).",
)
@click.option(
    "--first",
    type=click.Choice(["total", "worst-off"]),
    default="total",
    show_default=True,
    help="What comes first: the greatest total affinity, or the affinity of the worst-off entry and then the total.",
)
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
        outcome = (by_rules if asked.rules_file else straight)(asked, partial(_share, report))
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
        _check_rules_call(asked)
    if asked.previous_file is not None and asked.first != "total":
        raise click.UsageError("--previous keeps what there is, --first worst-off makes anew; give one of them")
    if asked.others is not None and not math.isfinite(asked.others):
        raise click.UsageError(f"--others: {asked.others} is no number; for example 0")
    if asked.picture and asked.picture.suffix.lower() != ".svg":
        raise click.UsageError(f"--picture: {asked.picture.name} must end in .svg; any browser opens it")


def _check_rules_call(asked: Asked) -> None:
    """What goes with the rules of a round, and what does not."""
    for option, key in _IN_RULES.items():
        if getattr(asked, option) is not None:
            raise click.UsageError(f"--{option}: with --rules the rules say this ({key}); leave it out")
    if asked.entries_file is None or asked.reviewers_file is None:
        raise click.UsageError("--rules needs --entries and --reviewers too")
    if asked.first != "total":
        raise click.UsageError("--first goes with an assignment straight from affinities; leave --rules out")
    if asked.previous_file is not None:
        raise click.UsageError("--previous changes an assignment made straight from affinities; leave --rules out")
    if asked.source is None and (asked.bids_file or asked.others is not None):
        raise click.UsageError("--bids and --others add to affinities; give a file of affinities too")


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
