"""Single steps of the journey on tables: tally, calibrate, select; assign stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table as Grid

from simsa.engine.inputs import Entries, Reviewers, Sheets
from simsa.engine.selection import Selection
from simsa.engine.selection import select as choose
from simsa.engine.tally import Tally
from simsa.engine.tally import tally as add_up
from simsa.rules import Rules, load
from simsa.tables import results
from simsa.tables.files import check_ending, write_table
from simsa.tables.run import deciding_value
from simsa.tables.shapes import (
    EntryTable,
    read_entries,
    read_pairs,
    read_reviewers,
)
from simsa.tables.sheet_checks import limit_notes, refuse_conflicts, size_notes
from simsa.tables.table import Table
from simsa.tables.words import (
    assurance_of,
    assurance_words,
    format_score,
    group_name,
    reason_words,
    score_places,
)

from .basis import basis_of, given_inputs
from .output import (
    as_json,
    check_targets,
    command,
    components_option,
    emit,
    note_components,
    notes,
    seed_option,
    words,
)

_path = click.Path(path_type=Path)
_table = click.Path(allow_dash=True)
rules_option = click.option("--rules", "rules_file", required=True, type=_path, help="The round's rules (TOML).")
entries_option = click.option("--entries", "entries_file", required=True, type=_table, help="Table: id, group, name.")
sheets_option = click.option(
    "--sheets", "sheets_file", type=_table, help="Table: entry, reviewer, criterion, mark, status."
)
reported_option = click.option(
    "--reported", "reported_file", type=_table, help="Table: entry, criterion, field, value."
)
slots_option = click.option(
    "--assignment",
    "slots_files",
    type=_table,
    multiple=True,
    help="Table: entry, reviewer; no mark: not submitted. Repeatable: the first round, then each batch.",
)
conflicts_option = click.option(
    "--conflicts", "conflicts_file", type=_table, help="Conflict register: entry, reviewer, reason."
)
out_option = click.option("-o", "--out", type=_table, help="Write the result here (.csv .parquet .xlsx .json, or -).")


@click.command(epilog="Example: simsa tally --rules rules.toml --entries entries.csv --sheets sheets.csv -o tally.csv")
@rules_option
@entries_option
@sheets_option
@reported_option
@slots_option
@click.option("--reviewers", "reviewers_file", type=_table, help="Table: id and fields that conflict rules compare.")
@conflicts_option
@out_option
@as_json
@command
def tally(
    rules_file: Path,
    entries_file: str,
    sheets_file: str | None,
    reported_file: str | None,
    slots_files: tuple[str, ...],
    reviewers_file: str | None,
    conflicts_file: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Add up the sheets exactly as the rules say: every entry's value at every criterion.

    With the reviewers' fields and the conflict register, a mark given in spite of a conflict is refused by name.
    """
    read = (rules_file, entries_file, sheets_file, reported_file, *slots_files, reviewers_file, conflicts_file)
    check_files((out,), (), read, as_json=as_json)
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    sheets, reported = given_inputs(rules, table.entries, sheets_file, reported_file, slots_files)
    if sheets_file:
        panel = read_reviewers(reviewers_file) if reviewers_file else Reviewers(sheets.reviewers)
        note_sheets(rules, table, sheets, panel, declared_pairs(conflicts_file, table.entries, panel))
    done = add_up(rules, table.entries, sheets, reported)
    result = results.tally_table(rules, done, table.entries, table.names)
    _write(result, out)
    summary = {"rules_hash": rules.hash, "entries": len(table.entries), "method": done.method}
    if as_json:
        emit({**summary, "tally": result.objects()})
    elif out is None:
        _tally_words(rules, done, table)
    else:
        notes.print(f"{len(table.entries)} entries tallied")


@click.command(
    epilog="Example: simsa select --rules rules.toml --entries entries.csv --tally tally.csv --seed 2023-09-01"
)
@rules_option
@entries_option
@click.option("--tally", "tally_file", required=True, type=_table, help="The table that `simsa tally` wrote.")
@click.option("--sheets", "sheets_file", type=_table, help="Tells how sure the selection is, and what would change it.")
@reported_option
@slots_option
@components_option
@seed_option("The recorded seed from which lots are drawn; needed only where a lot decides.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the reasons; by default that of the rules.")
@out_option
@click.option("--sensitivity-out", type=_table, help="Write how far weights may move here; with --sheets.")
@click.option("--stability-out", type=_table, help="Write the selection without each reviewer here; with --sheets.")
@as_json
@command
def select(
    rules_file: Path,
    entries_file: str,
    tally_file: str,
    sheets_file: str | None,
    reported_file: str | None,
    slots_files: tuple[str, ...],
    components_file: Path | None,
    seed: str | None,
    lang: str | None,
    out: str | None,
    sensitivity_out: str | None,
    stability_out: str | None,
    as_json: bool,
) -> None:
    """Fill the quotas from a tally: winners, reserve, and for every entrant the reason.

    With the sheets behind the tally also how sure that is: chance, expected rank and tie zone of every entrant, what
    would be otherwise without each reviewer, and how far the weights may move before a winner changes. Where the rules
    say that the calibrated score is the official one, the sheets are needed; with recorded components the ranks are
    those of the record.
    """
    if sheets_file is None and (sensitivity_out or stability_out):
        raise click.UsageError("--sensitivity-out and --stability-out need --sheets")
    if sheets_file is None and components_file:
        raise click.UsageError("--components needs --sheets")
    read = (rules_file, entries_file, tally_file, sheets_file, reported_file, *slots_files, components_file)
    check_files((out, sensitivity_out, stability_out), (), read, as_json=as_json)
    rules = load(rules_file)
    if rules.calibration.official and sheets_file is None:
        raise click.UsageError("the rules rank by the calibrated score: give the sheets with --sheets")
    table = rounds_entries(entries_file, rules)
    language = lang or rules.language
    done = results.read_tally(tally_file, rules, table.entries)
    basis = basis_of(rules, table.entries, done, sheets_file, reported_file, slots_files, components_file, seed)
    sure = None if basis is None else basis.sure
    calibrated_scores = None if basis is None else basis.scores.score
    chosen = choose(rules, table.entries, done, seed=seed, sure=sure, calibrated=calibrated_scores)
    names = dict(zip(table.entries.ids, table.names, strict=True))
    reasons = [
        reason_words(
            standing.reason,
            rules,
            language,
            outcome=standing.outcome,
            names=names,
            value=deciding_value(done, standing, table.entries),
        )
        for standing in chosen.standings
    ]
    single = None if basis is None else basis.stability
    assurances = [
        assurance_words(assurance_of(standing, table.entries, sure, single), language) for standing in chosen.standings
    ]
    result = results.selection_table(
        chosen, table.names, table.entries, reasons, assurances, sure, rules.calibration.round
    )
    note_components(components_file, rules)
    found = {} if basis is None else basis.tables(table.entries)
    _write(result, out)
    for name, file in (("sensitivity", sensitivity_out), ("stability", stability_out)):
        if file is not None and name not in found:
            notes.print(f"note  {name} is not told of an official calibrated score; {escape(file)} is not written")
        elif file is not None:
            _write(found[name], file)
    if as_json:
        more = {name: one.objects() for name, one in found.items()}
        emit({"rules_hash": rules.hash, "seed": seed, "standings": result.objects(), **more})
    elif out is None:
        _selection_words(rules, chosen, names, dict(zip((s.entry for s in chosen.standings), reasons, strict=True)))
    else:
        notes.print(f"{len(chosen.winners)} selected of {len(table.entries)}")


def check_files(
    tables: Sequence[str | None], others: Sequence[Path | None], read: Sequence[str | Path | None], *, as_json: bool
) -> None:
    """`check_targets` for those that are named, and TableError for a table whose ending says no format."""
    for table in tables:
        if table is not None:
            check_ending(table)
    targets = [str(target) for target in (*tables, *others) if target is not None]
    check_targets(targets, [str(source) for source in read if source is not None], as_json=as_json)


def rounds_entries(file: str, rules: Rules) -> EntryTable:
    """The entries, with a note where a group has another size than the rules declare."""
    table = read_entries(file, rules)
    for note in size_notes(rules, table.entries):
        notes.print(f"note  {escape(note)}")
    return table


def declared_pairs(file: str | None, entries: Entries, reviewers: Reviewers) -> list[tuple[int, int]] | None:
    """The pairs of the conflict register; None without one."""
    if file is None:
        return None
    register = read_pairs(file, entries, reviewers)
    return [(int(e), int(r)) for e, r in zip(*register, strict=True)]


def note_sheets(
    rules: Rules,
    table: EntryTable,
    sheets: Sheets,
    reviewers: Reviewers,
    declared: Sequence[tuple[int, int]] | None,
) -> None:
    """Refuses marks in spite of a conflict; notes which limits are not kept and what could not be checked.

    `declared`: the pairs of the conflict register, None if there is none at hand.
    """
    found = limit_notes(rules, table.entries, sheets, reviewers)
    found += refuse_conflicts(rules, table.entries, table.fields, reviewers, declared or (), sheets)
    if declared is None and any(rule.kind == "declared" for rule in rules.conflicts):
        found.append("declared conflicts were not checked: give the register with --conflicts")
    for note in found:
        notes.print(f"note  {escape(note)}")


def _write(table: Table, out: str | None) -> None:
    if out is not None:
        write_table(table, out)


def _tally_words(rules: Rules, done: Tally, table: EntryTable) -> None:
    criteria = (escape(rules.by_id[node].name.text(rules.language)) for node in done.nodes)
    grid = Grid("entry", "name", "group", *criteria)
    for n, key in enumerate(table.entries.ids):
        values = [format_score(done.value(node, n), score_places(rules, node), rules.language) for node in done.nodes]
        grid.add_row(*map(escape, (key, table.names[n], table.entries.group[n], *values)))
    words.print(grid)


def print_table(table: Table) -> None:
    grid = Grid(*map(escape, table.header))
    for row in table.rows():
        grid.add_row(*(escape(cell or "–") for cell in row))
    words.print(grid)


def _selection_words(rules: Rules, chosen: Selection, names: dict[str, str], reasons: dict[str, str]) -> None:
    for group in chosen.groups:
        title = group_name(rules, group.group, rules.language)
        words.print(f"\n[bold]{escape(title)}[/bold]  {group.places - group.empty}/{group.places}")
        for standing in (s for s in chosen.standings if s.group == group.group and s.outcome != "not_selected"):
            mark = "[green]●[/green]" if standing.selected else "[dim]○[/dim]"
            words.print(f"  {mark} {escape(names[standing.entry])}: {escape(reasons[standing.entry])}")
