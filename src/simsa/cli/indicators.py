"""`simsa indicators`: how reported numbers lie to the points that they give."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import click
from rich.markup import escape

from simsa.engine.indicators import distribution
from simsa.engine.inputs import InputError
from simsa.rules import Criterion, Rules, parse_decimal
from simsa.tables.distributions import distribution_json
from simsa.tables.round_folder import read_round
from simsa.tables.words.distribution import distribution_lines, quartiles_lead

from .output import as_json, command, emit, notes, progress, words


def _decimal(text: str, fits: Callable[[Fraction], bool], wanted: str) -> Fraction:
    try:
        number = parse_decimal(text)
    except ValueError:
        number = None
    if number is None or not fits(number):
        raise click.BadParameter(f"{text!r}: give {wanted}")
    return number


def _within(_ctx: click.Context, _option: click.Parameter, value: str) -> Fraction:
    return _decimal(value, lambda number: number >= 0, "a decimal number, 0 or more")


def _units(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, Fraction]:
    found = {}
    for value in values:
        field, _, unit = value.rpartition("=")
        found[field.strip()] = _decimal(unit, lambda number: number > 0, "FIELD=UNIT, the unit above 0")
    return found


@click.command("indicators", epilog="Example: simsa indicators examples/fiscal-efforts --criterion personnel")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with the round's data files.")
@click.option("--criterion", "chosen", multiple=True, help="Identifier of an indicator; by default all. Repeatable.")
@click.option("--within", default="0", callback=_within, help="How near to a step or target is told; 0 by default.")
@click.option(
    "--unit",
    "units",
    multiple=True,
    callback=_units,
    help="FIELD=UNIT: what one unit of a reported field is; by default one in its last decimal place. Repeatable.",
)
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the sentences; by default the rules'.")
@as_json
@command
def indicators(
    folder: Path,
    data: Path | None,
    chosen: tuple[str, ...],
    within: Fraction,
    units: dict[str, Fraction],
    lang: str | None,
    as_json: bool,
) -> None:
    """Say how the numbers that entrants of the round in FOLDER reported lie to the points that they give.

    For each indicator: least, quartiles and greatest of each group, who has no number and why, who stands exactly at a
    step or target or near it, and whose points one unit more or less would change. Decides nothing.
    """
    with progress("reading") as report:
        inputs = read_round(folder, data=data, progress=report)
    rules, language = inputs.rules, lang or inputs.rules.language
    nodes = _nodes(rules, chosen)
    _check_units(rules, nodes, units)
    found = [distribution(rules, node, inputs.entries, inputs.reported, within=within, units=units) for node in nodes]
    for line in inputs.report.lines():
        notes.print(f"[yellow]note[/yellow]  {escape(line)}")
    if as_json:
        told = [distribution_json(one, inputs.entries) for one in found]
        emit({"rules_hash": rules.hash, "indicators": told})
        return
    names = [entrant.text(language) for entrant in inputs.entrants]
    words.print(escape(quartiles_lead(language)))
    for node, one in zip(nodes, found, strict=True):
        words.print(f"\n[bold]{escape(node.name.text(language))}[/bold]  [dim]{escape(node.id)}[/dim]")
        for line in distribution_lines(one, rules, names, language):
            words.print(f"  {escape(line)}")


def _nodes(rules: Rules, chosen: tuple[str, ...]) -> list[Criterion]:
    known = [node.id for node in rules.indicators]
    unknown = [name for name in chosen if name not in known]
    if unknown or not known:
        what = f"{unknown[0]!r} is no indicator of these rules" if unknown else "these rules have no indicators"
        raise InputError(f"{what} (known: {', '.join(known) or 'none'})")
    return [node for node in rules.indicators if not chosen or node.id in chosen]


def _check_units(rules: Rules, nodes: list[Criterion], units: dict[str, Fraction]) -> None:
    known = {field for node in nodes if node.indicator for field in rules.fields_of(node.indicator)}
    unknown = [field for field in units if field not in known]
    if unknown:
        raise InputError(f"--unit {unknown[0]!r}: no field of these indicators (known: {', '.join(sorted(known))})")
