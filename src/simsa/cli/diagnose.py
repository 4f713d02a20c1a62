"""`simsa diagnose`: what the sheets show about the panel."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import click
from rich.markup import escape

from simsa.engine.diagnostics import (
    LEVEL,
    Diagnostics,
    Drift,
    Habits,
    Origin,
    Outliers,
    Pairs,
    Sizes,
    diagnose,
)
from simsa.engine.diagnostics import Diagnosis as Kind
from simsa.engine.inputs import Reported, Reviewers
from simsa.engine.tally import tally
from simsa.rules import load, parse_decimal
from simsa.tables.diagnoses import (
    diagnosis_tables,
    diagnostics_json,
    order_of_entries,
    read_timing,
    shared_fields,
)
from simsa.tables.files import write_table
from simsa.tables.shapes import read_reported, read_reviewers, read_sheets
from simsa.tables.words.diagnostics import (
    diagnosis_title,
    diagnostics_lead,
    drift_words,
    habit_words,
    not_made_words,
    origin_words,
    outlier_words,
    pair_words,
    size_words,
)

from .output import as_json, command, emit, notes, words
from .steps import entries_option, reported_option, rounds_entries, rules_option

_table = click.Path(allow_dash=True)


def _origins(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        ours, _, theirs = value.partition("=")
        if not ours.strip() or (not theirs.strip() and "=" in value):
            raise click.BadParameter(f"{value!r}: give FIELD, or ENTRANTS_FIELD=REVIEWERS_FIELD")
        found.append((ours.strip(), (theirs or ours).strip()))
    return tuple(found)


def _weights(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, Fraction]:
    found = {}
    for value in values:
        name, equals, weight = value.partition("=")
        try:
            found[name.strip()] = parse_decimal(weight.strip()) if equals else Fraction(1)
        except ValueError:
            raise click.BadParameter(f"{value!r}: give CRITERION, or CRITERION=WEIGHT with a decimal number") from None
    return found


@click.command(
    "diagnose",
    epilog="Example: simsa diagnose --rules rules.toml --entries entries.csv --sheets sheets.csv "
    "--reviewers reviewers.csv --origin country --out diagnoses",
)
@rules_option
@entries_option
@click.option(
    "--sheets",
    "sheets_file",
    type=_table,
    required=True,
    help="Table: entry, reviewer, criterion, mark, status, and time (ISO 8601) or order where they are known.",
)
@click.option("--reviewers", "reviewers_file", type=_table, help="Table: id and fields that entrants have too.")
@reported_option
@click.option(
    "--origin",
    "origin",
    multiple=True,
    callback=_origins,
    help="FIELD, or ENTRANTS=REVIEWERS field, to compare; by default every field that both have. Repeatable.",
)
@click.option(
    "--criterion",
    "weights",
    multiple=True,
    callback=_weights,
    help="CRITERION[=WEIGHT]: score sheets by these instead of their totals by the rules. Repeatable.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=LEVEL,
    show_default=True,
    help="Share of what stands out that may be chance, on average.",
)
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the sentences; by default the rules'.")
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the tables (CSV) here.")
@as_json
@command
def diagnose_command(
    rules_file: Path,
    entries_file: str,
    sheets_file: str,
    reviewers_file: str | None,
    reported_file: str | None,
    origin: Sequence[tuple[str, str]],
    weights: dict[str, Fraction],
    level: float,
    lang: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say what the sheets show about the panel. Accuses nobody and changes no result.

    Reviewers out of the ordinary in severity or noise; whether reviewers favour their own country, region or
    institution; drift along the running order, morning against afternoon; identical, flat and repeated sheets; panels
    that changed size. Each with its uncertainty and the false alarms to expect; what cannot be looked at says why.
    """
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    sheets = read_sheets(sheets_file, rules, table.entries)
    panel = read_reviewers(reviewers_file) if reviewers_file else Reviewers(sheets.reviewers)
    reported = read_reported(reported_file, rules, table.entries) if reported_file else Reported()
    timing = None if sheets_file == "-" else read_timing(sheets_file, table.entries, sheets, rules.time_zone)
    found = diagnose(
        rules,
        table.entries,
        sheets,
        tally(rules, table.entries, sheets, reported),
        origins=shared_fields(table.fields, panel, sheets, origin or None),
        timing=timing or order_of_entries(table.fields.get("order"), table.entries, sheets),
        weights=weights or None,
        level=level,
    )
    language = lang or rules.language
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, written in diagnosis_tables(found, table.entries):
            write_table(written, out / f"{name}.csv")
        notes.print(f"written to {escape(str(out))}")
    if as_json:
        emit({"rules_hash": rules.hash, **diagnostics_json(found, language)})
        return
    _say(found, language)


def _say(found: Diagnostics, language: str) -> None:
    words.print(escape(diagnostics_lead(language, level=found.level)))
    for title, said in _parts(found, language):
        words.print(f"\n[bold]{escape(title)}[/bold]")
        for sentence in said:
            words.print(f"  {escape(sentence)}")
    for missing in found.not_made:
        title = diagnosis_title(missing.diagnosis, missing.subject, language)
        words.print(f"\n[dim]{escape(title)}: {escape(not_made_words(missing, language))}[/dim]")


def _parts(found: Diagnostics, language: str) -> list[tuple[str, tuple[str, ...]]]:
    names = found.reviewers
    parts: list[tuple[str, tuple[str, ...]]] = []
    if isinstance(found.outliers, Outliers):
        parts.append((diagnosis_title(Kind.OUTLIERS, "", language), outlier_words(found.outliers, names, language)))
    parts += [
        (diagnosis_title(Kind.ORIGIN, part.field, language), origin_words(part, names, language))
        for part in found.origins
        if isinstance(part, Origin)
    ]
    parts += [
        (diagnosis_title(part.diagnosis, "", language), drift_words(part, names, language))
        for part in (found.order, found.session)
        if isinstance(part, Drift)
    ]
    if isinstance(found.pairs, Pairs):
        parts.append((diagnosis_title(Kind.PAIRS, "", language), pair_words(found.pairs, names, language)))
    if isinstance(found.habits, Habits):
        parts.append((diagnosis_title(Kind.HABITS, "", language), habit_words(found.habits, names, language)))
    if isinstance(found.sizes, Sizes):
        parts.append((diagnosis_title(Kind.SIZES, "", language), size_words(found.sizes, language)))
    return parts
