"""`simsa run`: a whole round from its folder, in order."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from simsa.tables.components import read_components
from simsa.tables.outputs import to_json, write_outputs
from simsa.tables.round_folder import read_round
from simsa.tables.run import Run, run_round
from simsa.tables.words import group_name
from simsa.tables.words.adaptive import budget_words

from .output import as_json, command, components_option, emit, note_components, notes, progress, seed_option, words

SHOWN = 12  # groups that are printed; the report has them all


@click.command(epilog="Example: simsa run examples/proactive --out out")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Write tables and report here.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with the round's data files.")
@components_option
@seed_option("Seed of lots and synthetic sheets instead of the one in round.toml.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of report and reasons; by default the rules'.")
@as_json
@command
def run(
    folder: Path,
    out: Path | None,
    data: Path | None,
    components_file: Path | None,
    seed: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    """Run the round in FOLDER (rules.toml, round.toml and data): assign, tally, calibrate, select, report.

    With --out the folder receives assignment, sheets, tally, calibration, severity, selection, sensitivity, stability
    (CSV), result.json and a self-contained report.html. Rows of the data that cannot be used are listed with file and
    line.
    """
    with progress("reading") as report:
        inputs = read_round(folder, data=data, progress=report)
        recorded = read_components(components_file) if components_file else None
        done = run_round(inputs, seed=seed, progress=report, components=recorded)
        if out is not None:
            write_outputs(done, out, language=lang)
    note_components(components_file, inputs.rules)
    if as_json:
        emit(to_json(done, language=lang))
        return
    _winners(done, lang or done.inputs.rules.language)
    for line in done.inputs.report.lines():
        notes.print(f"[yellow]note[/yellow]  {escape(line)}")
    if done.budget is not None:
        notes.print(escape(budget_words(done.budget, lang or inputs.rules.language)))
        if done.budget.left:
            notes.print(f"simsa next-reviews {escape(str(folder))} says whether they are needed, and where")
    if out is not None:
        notes.print(f"written to {escape(str(out))}: open {escape(str(out / 'report.html'))}")


def _winners(done: Run, language: str) -> None:
    rules, selection = done.inputs.rules, done.evaluation.selection
    synthetic = "  [yellow]SYNTHETIC DATA[/yellow]" if done.synthetic else ""
    words.print(f"[bold]{escape(rules.name.text(language))}[/bold]{synthetic}  rules {rules.hash[:12]}")
    names = done.names(language)
    for group in selection.groups[:SHOWN]:
        title = group_name(rules, group.group, language)
        words.print(f"\n[bold]{escape(title)}[/bold]  {group.places - group.empty}/{group.places}")
        for standing in selection.standings:
            if standing.group == group.group and standing.selected:
                reason = done.reason(standing, language, names)
                words.print(f"  [green]●[/green] {escape(names[standing.entry])}: {escape(reason)}")
    if len(selection.groups) > SHOWN:
        words.print(f"\n... and {len(selection.groups) - SHOWN} more groups (see --out or --json)")
