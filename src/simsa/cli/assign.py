"""`simsa assign`: reviewers to entries, by the rules of a round or straight from a file of affinities."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import click

from simsa.engine.inputs import InputError
from simsa.tables import results
from simsa.tables.affinities import SHAPES
from simsa.tables.figures import Figures, assignment_figures
from simsa.tables.files import check_ending, write_bytes, write_table
from simsa.tables.pictures import assignment_picture
from simsa.tables.table import TableError

from .assignment.advice import Help
from .assignment.checks import MARGINS_OF_KINDS, check_call
from .assignment.help import Sectioned
from .assignment.inputs import Asked
from .assignment.outcome import Outcome
from .assignment.posing import Posed, Report, posed
from .assignment.questions import WHAT_IF, Asker, Questions
from .assignment.ways import Found, assigned
from .assignment.words import say_outcome
from .output import as_json, command, emit, notes, progress, seed_option
from .steps import conflicts_option, out_option
from .uploads import check_pairs_file, upload_options, write_pairs

_path = click.Path(path_type=Path)
_table = click.Path(allow_dash=True)
_count = click.IntRange(0, 2**31 - 1)


_CAP = re.compile(r"(0|[1-9]\d?)?(\.\d{1,6})?|[1-9]\d{0,5}/[1-9]\d{0,5}", re.ASCII)


def _cap(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Fraction | None:
    if value is None:
        return None
    cap = Fraction(value) if value and _CAP.fullmatch(value) else Fraction(0)
    if not 0 < cap <= 1:
        raise click.BadParameter(
            f"{value!r} is no probability; a number above 0 and at most 1 with at most six digits, such as 0.5 or 1/3"
        )
    return cap


@click.command(
    cls=Sectioned,
    epilog="""\b
Examples:
  simsa assign affinity.csv --coverage 4 --most 6 -o assignment.csv
  simsa assign affinity.csv --reviewers panel.csv --kind institution:..1 --first worst-off -o assignment.csv
  simsa assign --rules rules.toml --entries entries.csv --reviewers panel.csv -o assignment.csv""",
)
@click.argument("affinities", required=False, type=_table)
@click.option("--shape", type=click.Choice(list(SHAPES)), help="Shape of AFFINITIES; by default its content tells.")
@click.option(
    "--entry-vectors",
    type=_path,
    help="Instead of AFFINITIES: a .npy matrix with the vector of each entry; a pair is worth the product of its two.",
)
@click.option("--reviewer-vectors", type=_path, help="The vector of each reviewer, from the same model.")
@click.option(
    "--coverage", type=click.IntRange(1, 2**31 - 1), metavar="NUMBER", help="Reviewers of each entry (default: 3)."
)
@click.option(
    "--most",
    type=_count,
    metavar="NUMBER",
    help="Entries of each reviewer at most (default: half as much again as needed).",
)
@click.option("--least", type=_count, metavar="NUMBER", help="Entries of each reviewer at least (default: 0).")
@click.option("--entries", "entries_file", type=_table, help="Table: id, optionally coverage (with --rules: group).")
@click.option(
    "--reviewers",
    "reviewers_file",
    type=_table,
    help="Table: id, optionally least and most of their own, and the fields that --kind counts.",
)
@conflicts_option
@click.option("--forbidden", "forbidden_file", type=_table, help="Table: entry, reviewer; pairs that may not meet.")
@click.option("--pinned", "pinned_file", type=_table, help="Table: entry, reviewer; pairs that must meet.")
@click.option(
    "--kind",
    multiple=True,
    metavar="FIELD=VALUE:LIMIT",
    help="How many of a kind of reviewers an entry has: seniority=senior:1.. (at least one), region=north|east:..2 (at "
    "most two), pool=academic:1..2, or institution:..1 (of each value at most one).",
)
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
@click.option(
    "--cap",
    callback=_cap,
    metavar="PROBABILITY",
    help="Draw the assignment at random, so that no pair is more likely than this (0.5, 1/3): nobody can be sure of an "
    "entry.",
)
@click.option(
    "--perturb",
    "perturbation",
    type=click.FloatRange(0, 1e6),
    metavar="NUMBER",
    help="Draw at random, spreading chances over pairs that are nearly as good; 0.1 is little, 1 much.",
)
@seed_option("What a random assignment is drawn from (default: a new one, which is told).")
@click.option(
    "--why",
    nargs=2,
    multiple=True,
    metavar="ENTRY REVIEWER",
    help="Why the two are together, or why not, and what the other way would cost.",
)
@click.option(
    "--what-if",
    multiple=True,
    metavar="CHANGE",
    help=f"What one change would bring: {WHAT_IF}.",
)
@click.option(
    "--margins",
    "margins_file",
    type=_table,
    help="Write here what one more review of each entry, and one more entry of each reviewer, would bring.",
)
@click.option("--bids", "bids_file", type=_table, help="Table: entry, reviewer, bid; added to the affinity.")
@click.option(
    "--bid", multiple=True, metavar="WORD=NUMBER,...", help="What a bid adds: yes=1,maybe=0.5,no=-1,point=0.01."
)
@click.option(
    "--others",
    type=float,
    metavar="NUMBER",
    help="Affinity of pairs that are not listed (default: they may not meet; with bids 0).",
)
@click.option(
    "--rules", "rules_file", type=_path, help="The round's rules (TOML), which give coverage, loads and kinds."
)
@click.option("--affinity", "affinity_file", type=_table, help="The same as AFFINITIES.")
@out_option
@upload_options
@click.option("--picture", type=_path, help="Draw loads and affinities here (.svg).")
@click.option(
    "--probabilities",
    "probabilities_file",
    type=_table,
    help="Write here the probability of each pair, exactly, with --cap or --perturb.",
)
@as_json
@command
def assign(**options: Any) -> None:
    """Assign reviewers to entries: the greatest total affinity within loads and conflicts, with its proof.

    AFFINITIES says how well reviewers suit entries: a table of entry, reviewer and affinity, a table with a column for
    each reviewer, a NumPy or SciPy matrix, scores or edges of OpenReview, preferences of HotCRP, or bids. With --rules
    the rules of a round give coverage, loads, kinds and conflicts, and AFFINITIES may be left out.

    Where there are not enough reviewers the entries that stay short are named, with the reviewers they compete for and
    what would help, and the exit status is 1.
    """
    asked = Asked(**options)
    check_call(asked)
    for file in (asked.margins_file, asked.probabilities_file):
        if file is not None:
            check_ending(file)
    if asked.out is not None:
        check_pairs_file(asked.out, asked.out_format)
    with progress("reading") as report:
        outcome = _outcome(asked, partial(_share, report))
    if asked.as_json:
        emit(outcome.as_json())
    else:
        say_outcome(outcome, aside="-" in asked.targets)
        if not asked.targets:
            notes.print("nothing is saved: give a file with -o assignment.csv")
    if not outcome.found.solved.complete:
        raise click.exceptions.Exit(1)


def _outcome(asked: Asked, report: Report) -> Outcome:
    """Pose, solve, save, and answer, in this order: what is found is not lost with a question."""
    problem = posed(asked, report)
    if asked.margins_file and problem.problem.kinds is not None:
        raise InputError(MARGINS_OF_KINDS)
    questions = Questions.of(asked, problem)
    found = assigned(asked, problem, report)
    solved = found.solved
    figures = assignment_figures(solved, problem.entries, problem.reviewers, pairs=problem.pairs, most=problem.most)
    if not found.nothing_drawn:
        _write(problem, found, asked)
        if asked.picture:
            _draw(figures, asked.picture)
    report("answers", 0.0)
    asker = Asker(problem, solved, found.repaired)
    answers = asker.answers(questions)
    if asked.margins_file:
        write_table(asker.margins_table(), asked.margins_file)
    sought = Help.of(problem, solved, lambda step, share: report(f"what would help: {step}", share))
    return Outcome(problem, found, figures, sought, answers)


def _share(report: Callable[..., None], step: str, share: float) -> None:
    """The engine tells shares from 0 to 1, the progress line shows whole numbers."""
    report(step, round(share * 100), 100)


def _write(problem: Posed, found: Found, asked: Asked) -> None:
    solved, entries, reviewers = found.solved, problem.entries, problem.reviewers
    if asked.out is not None:
        pairs = [(entries[e], reviewers[r]) for e, r in zip(solved.entry, solved.reviewer, strict=True)]
        weights = (solved.affinity_units / solved.scale).tolist()
        own = results.assignment_table(solved, entries, reviewers)
        write_pairs(own, pairs, weights, asked.out, asked.out_format, asked.action, asked.round_name)
    if asked.probabilities_file and found.drawn:
        write_table(results.probability_table(found.drawn.marginals, entries, reviewers), asked.probabilities_file)


def _draw(figures: Figures, path: Path) -> None:
    svg = assignment_picture(figures, title="Loads and affinities of the assignment", language="en")
    try:
        write_bytes(path, svg.encode())
    except OSError as error:
        raise TableError(f"{path.name}: cannot be written: {error.strerror or error}") from None
