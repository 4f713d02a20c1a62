"""`simsa simulate`: how often a panel chooses the right ones, and what one more review buys."""

from __future__ import annotations

import re
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table as Grid

from simsa.engine.simulation import Settings
from simsa.engine.studies import Design, Method, Plan, Spread, Study, StudyError, assumed, fitted, study, unit
from simsa.rules import Rules, load
from simsa.tables.files import write_result, write_table
from simsa.tables.pictures import study_picture
from simsa.tables.round_folder import read_round
from simsa.tables.run import run_round
from simsa.tables.shapes import read_entries
from simsa.tables.studies import entries_of, study_json, study_table
from simsa.tables.words import fill, translator
from simsa.tables.words.numbers import plus_minus_words
from simsa.tables.words.studies import assumption_words, measures, method_name, study_method_words

from .output import as_json, command, emit, notes, progress, seed_option, words
from .simulation.spreading import Cluster, Processes, cores
from .steps import check_files, out_option

_LIST = re.compile(r"(?P<first>[0-9]{1,6})(-(?P<last>[0-9]{1,6}))?")
_MOST_NUMBERS = 50


def _numbers(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[int, ...]:
    found: set[int] = set()
    for part in (value or "").split(",") if value else ():
        match = _LIST.fullmatch(part.strip())
        first, last = (int(match["first"]), int(match["last"] or match["first"])) if match else (1, 0)
        if first > last or first < 1 or last - first >= _MOST_NUMBERS:
            raise click.BadParameter(f"{value!r} is no list of numbers; write 5, or 3,5,7, or 3-7")
        found |= set(range(first, last + 1))
    if len(found) > _MOST_NUMBERS:
        raise click.BadParameter(f"{value!r} are {len(found)} numbers; at most {_MOST_NUMBERS}")
    return tuple(sorted(found))


def _pairs(_ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise click.BadParameter(f"{value!r}: give NAME=NUMBER, such as {option.metavar}") from None
    return found


@click.command(
    epilog="""\b
Examples:
  simsa simulate examples/proactive/rules.toml --reviews 3-7
  simsa simulate rules.toml --reviewers 20,33,50 --reviews 5 --runs 1000 -o study.csv --picture study.svg
  simsa simulate rules.toml --fit last-year --cluster tcp://10.0.0.5:8786"""
)
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--entries", "entries_file", type=click.Path(allow_dash=True), help="Table: id, group; who is evaluated.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    callback=_pairs,
    metavar="GROUP=12",
    help="Entries of a group instead of a table; by default the size that the rules declare. Repeatable.",
)
@click.option("--reviewers", callback=_numbers, metavar="20,33,50", help="Sizes of the panel (default: the rules').")
@click.option(
    "--reviews",
    callback=_numbers,
    metavar="3-7",
    help="Reviews of every entry; of a single number one more is looked at, too (default: the rules').",
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice([method.value for method in Method]),
    help="What is compared; by default all. Repeatable.",
)
@click.option(
    "--runs", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="Rounds of each design."
)
@click.option(
    "--assume",
    multiple=True,
    callback=_pairs,
    metavar="severity_sd=4",
    help="An assumption about entries and reviewers, in points of a scale of 100: entrant_sd or pair_correlation, "
    "severity_sd, residual_sd, criterion_sd, scale_sd, noise_spread, erratic_share, erratic_factor, missing_share, "
    "abstained_share, centre. Repeatable.",
)
@click.option(
    "--fit",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a past round: what calibration finds there is assumed.",
)
@seed_option("What the rounds are drawn from; the same seed gives the same table (default: 0).")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes of this machine (default: one for each core).")
@click.option("--cluster", metavar="ADDRESS", help="Address of a Dask scheduler whose workers compute instead.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of words and picture; by default the rules'.")
@out_option
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the picture (SVG) here.")
@as_json
@command
def simulate(
    rules_file: Path,
    entries_file: str | None,
    sizes: dict[str, float],
    reviewers: tuple[int, ...],
    reviews: tuple[int, ...],
    methods: tuple[str, ...],
    runs: int,
    assume: dict[str, float],
    fit: Path | None,
    seed: str | None,
    workers: int | None,
    cluster: str | None,
    lang: str | None,
    out: str | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Say how often a panel chooses the right ones under the RULES, and what one more review buys.

    Rounds are drawn from stated assumptions, or from what a past round's calibration found (--fit), and scored by the
    rules' tally, the mean, the mean without highest and lowest, calibration, and calibration with adaptive rounds, all
    from the same number of reviews. The truth behind them is known, so it can be counted who was right.
    """
    if workers is not None and cluster is not None:
        raise click.UsageError("--workers is of this machine and --cluster of others; give one of them")
    if picture is not None and picture.suffix != ".svg":
        raise click.UsageError(f"--picture {picture}: a picture is written as .svg")
    check_files((out,), (picture,), (rules_file, entries_file), as_json=as_json)
    rules = load(rules_file)
    if entries_file is not None and sizes:
        raise click.UsageError("--size and --entries both say how many entries there are; give one of them")
    counts = {name: int(size) for name, size in sizes.items()}
    if any(size != counts[name] or size < 1 for name, size in sizes.items()):
        raise click.UsageError("--size takes whole numbers from 1")
    entries = read_entries(entries_file, rules).entries if entries_file else entries_of(rules, counts)
    plan = Plan(
        rules=rules,
        entries=entries,
        settings=Settings(),
        designs=_designs(rules, reviewers, reviews),
        methods=tuple(Method(name) for name in methods) or tuple(Method),
        runs=runs,
        seed=seed or "0",
    )
    plan = _with_settings(plan, fit, assume)
    spread: Spread = Cluster(cluster) if cluster else Processes(workers or cores())
    with progress("simulating") as report:
        found = study(plan, spread=spread, progress=lambda done, total: report("simulating", done, total))
    language = lang or rules.language
    if out is not None:
        write_table(study_table(found), out)
    if picture is not None:
        title = rules.name.text(language)
        write_result(picture, study_picture(found, title=title, language=language).encode())
    if as_json:
        emit(study_json(found))
    elif out != "-":
        _say(found, language)


def _designs(rules: Rules, reviewers: tuple[int, ...], reviews: tuple[int, ...]) -> tuple[Design, ...]:
    """Every panel with every number of reviews that it can give."""
    size, each = rules.panel.size, rules.panel.sheets_per_entry
    panels = reviewers or tuple(n for n in dict.fromkeys((size.min, size.max)) if n is not None)
    if not panels:
        raise click.UsageError("the rules do not say how many reviewers there are; give --reviewers")
    if not reviews:
        declared = [n for n in (each.min, each.max) if n is not None]
        if not declared:
            raise click.UsageError("the rules do not say how many reviews an entry gets; give --reviews")
        if rules.adaptive is not None:  # the first round's: what is held back comes on top
            declared = [round(number / (1 - rules.adaptive.held_back)) for number in declared]
        reviews = tuple(range(min(declared), max(declared) + 1))
    if len(reviews) == 1:
        reviews = (reviews[0], reviews[0] + 1)  # what one more buys
        if reviews[1] > min(panels):
            reviews = reviews[:1]
    return tuple(Design(panel, number) for panel in panels for number in reviews)


def _with_settings(plan: Plan, fit: Path | None, assume: dict[str, float]) -> Plan:
    """The plan under what is assumed: stated, and for the rest what a past round shows or what is usual."""
    base = None
    if fit is not None:
        past = run_round(read_round(fit))
        if past.evaluation.calibration is None:
            raise StudyError(f"{fit}: has no sheets that could be calibrated; state assumptions instead")
        base = fitted(past.evaluation.calibration, unit(plan.of(past.rules, past.inputs.entries)))
    return plan.under(assumed(assume, base))


def _say(found: Study, language: str) -> None:
    _ = translator(language).gettext
    plan = found.plan
    words.print(f"[bold]{escape(plan.rules.name.text(language))}[/bold]  [yellow]SYNTHETIC DATA[/yellow]")
    words.print(escape(assumption_words(plan.settings, language)))
    shown = measures(found, language)
    for one in shown:
        words.print(escape(f"{one.head}: {one.meaning}"), style="dim")
    for size in sorted({design.reviewers for design in plan.designs}):
        grid = Grid(
            _("reviews"),
            _("method"),
            *(escape(one.head) for one in shown),
            title=fill(_("%(n)d reviewers"), n=size),
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        for row in found.rows:
            if row.design.reviewers == size:
                cells = (one.cell(row) or "–" for one in shown)
                grid.add_row(str(row.design.reviews), escape(method_name(row.method, language)), *cells)
        words.print(grid)
    if any("±" in one.cell(row) for one in shown for row in found.rows):
        words.print(escape(plus_minus_words(language)))
    notes.print(escape(study_method_words(found, language)))
