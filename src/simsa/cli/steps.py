"""Single steps of the journey on tables: tally, calibrate, select; assign stands beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table as Grid

from simsa.engine.calibration import Scores
from simsa.engine.calibration.criteria import CriteriaCalibration
from simsa.engine.calibration.ordinal import OrdinalCalibration
from simsa.engine.evaluation import calibrated, certainty
from simsa.engine.inputs import Entries, InputError, Reported, Reviewers, Sheets
from simsa.engine.selection import Selection, Sensitivity, Stability, Uncertainty, sensitivity, stability
from simsa.engine.selection import select as choose
from simsa.engine.sheet_models import calibrated_by_criteria, calibrated_by_steps, total_weights
from simsa.engine.tally import Tally
from simsa.engine.tally import tally as add_up
from simsa.rules import Rules, load
from simsa.tables import results
from simsa.tables.files import write_table
from simsa.tables.model_tables import entrants_table, reviewers_table, thresholds_table
from simsa.tables.run import deciding_value
from simsa.tables.shapes import (
    EntryTable,
    read_entries,
    read_pairs,
    read_reported,
    read_reviewers,
    read_sheets,
    read_slots,
)
from simsa.tables.sheet_checks import limit_notes, refuse_conflicts, size_notes
from simsa.tables.table import Table
from simsa.tables.words import (
    assurance_of,
    assurance_words,
    format_score,
    group_name,
    note_words,
    reason_words,
    score_places,
)

from .output import as_json, command, emit, notes, seed_option, words

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
    "--assignment", "slots_file", type=_table, help="Table: entry, reviewer; no mark: not submitted."
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
    slots_file: str | None,
    reviewers_file: str | None,
    conflicts_file: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Add up the sheets exactly as the rules say: every entry's value at every criterion.

    With the reviewers' fields and the conflict register, a mark given in spite of a conflict is refused by name.
    """
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    sheets, reported = _inputs(rules, table.entries, sheets_file, reported_file, slots_file)
    if sheets_file:
        _check_sheets(rules, table, sheets, reviewers_file, conflicts_file)
    done = add_up(rules, table.entries, sheets, reported)
    result = results.tally_table(rules, done, table.entries, table.names)
    _write(result, out)
    summary = {"rules_hash": rules.hash, "entries": len(table.entries), "method": done.method}
    if as_json:
        emit({**summary, "tally": [dict(zip(result.header, row, strict=True)) for row in result.rows()]})
    elif out is None:
        _tally_words(rules, done, table)
    else:
        notes.print(f"{len(table.entries)} entries tallied")


@click.command(
    epilog="Example: simsa calibrate --rules rules.toml --entries entries.csv --sheets sheets.csv -o calibrated.csv"
)
@rules_option
@entries_option
@click.option(
    "--sheets", "sheets_file", type=_table, required=True, help="Table: entry, reviewer, criterion, mark, status."
)
@reported_option
@out_option
@click.option("--reviewers-out", type=_table, help="Write every reviewer's severity here.")
@click.option(
    "--model",
    type=click.Choice(["totals", "criteria", "ordinal"]),
    default="totals",
    show_default=True,
    help="What is modelled of a sheet: its total, its marks by criterion (some may be missing), or a short scale.",
)
@click.option("--criterion", help="With --model ordinal: the criterion whose marks are the steps; else sheets' totals.")
@as_json
@command
def calibrate(
    rules_file: Path,
    entries_file: str,
    sheets_file: str,
    reported_file: str | None,
    out: str | None,
    reviewers_out: str | None,
    model: str,
    criterion: str | None,
    as_json: bool,
) -> None:
    """Estimate every entrant's quality net of reviewers' severity, with its uncertainty (REML). Decides nothing."""
    if criterion is not None and model != "ordinal":
        raise click.UsageError("--criterion needs --model ordinal")
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    sheets, reported = _inputs(rules, table.entries, sheets_file, reported_file, None)
    found = _calibrated(model, criterion, rules, table.entries, sheets, reported)
    if found is None:
        raise InputError(f"{sheets_file}: no sheet has a mark, so there is nothing to calibrate")
    leaves = list(total_weights(rules)) if model == "criteria" else []
    entrants = entrants_table(found, table.entries, table.names, leaves)
    reviewers = reviewers_table(found, sheets.reviewers, leaves)
    _write(entrants, out)
    _write(reviewers, reviewers_out)
    summary = {
        "rules_hash": rules.hash,
        "sheets": int(found.sheets_per_entrant.sum()),
        "entrant_sd": _known(found.entrant_variance**0.5),
        "severity_sd": _known(found.reviewer_variance**0.5),
        "residual_sd": _known(found.residual_variance**0.5),
        "reml_criterion": _known(found.criterion),
        "converged": found.converged,
        "method": found.method,
    }
    if isinstance(found, CriteriaCalibration):
        summary["halo_share"] = _known(found.halo_share)
    if as_json:
        more = {"thresholds": _objects(thresholds_table(found))} if isinstance(found, OrdinalCalibration) else {}
        emit({**summary, **more, "entrants": _objects(entrants), "reviewers": _objects(reviewers)})
    elif out is None:
        _print(entrants)
    if model != "totals":
        _calibration_notes(found, rules, table, sheets)
    sd = [f"{name} {summary[f'{name}_sd']}" for name in ("entrant", "severity", "residual")]
    notes.print(f"standard deviations: {', '.join(sd)}")
    if isinstance(found, CriteriaCalibration):
        notes.print(
            f"share of the residual variance that a sheet's marks have in common (halo): {summary['halo_share']}"
        )


def _calibrated(
    model: str, criterion: str | None, rules: Rules, entries: Entries, sheets: Sheets, reported: Reported
) -> Scores | None:
    done = add_up(rules, entries, sheets, reported)
    if model == "criteria":
        return calibrated_by_criteria(rules, entries, sheets, reported)
    if model == "ordinal":
        return calibrated_by_steps(rules, done, entries, sheets, criterion)
    return calibrated(done, entries, sheets)


def _calibration_notes(found: Scores, rules: Rules, table: EntryTable, sheets: Sheets) -> None:
    groups = [group_name(rules, group, rules.language) for group in table.entries.groups]
    for note in found.notes:
        said = note_words(note, rules.language, groups=groups, entries=table.names, reviewers=sheets.reviewers)
        notes.print(f"note  {escape(said)}")


@click.command(
    epilog="Example: simsa select --rules rules.toml --entries entries.csv --tally tally.csv --seed 2023-09-01"
)
@rules_option
@entries_option
@click.option("--tally", "tally_file", required=True, type=_table, help="The table that `simsa tally` wrote.")
@click.option("--sheets", "sheets_file", type=_table, help="Tells how sure the selection is, and what would change it.")
@reported_option
@slots_option
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
    slots_file: str | None,
    seed: str | None,
    lang: str | None,
    out: str | None,
    sensitivity_out: str | None,
    stability_out: str | None,
    as_json: bool,
) -> None:
    """Fill the quotas from a tally: winners, reserve, and for every entrant the reason.

    With the sheets behind the tally also how sure that is: chance, expected rank and tie zone of every entrant, what
    would be otherwise without each reviewer, and how far the weights may move before a winner changes.
    """
    if sheets_file is None and (sensitivity_out or stability_out):
        raise click.UsageError("--sensitivity-out and --stability-out need --sheets")
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    language = lang or rules.language
    done = results.read_tally(tally_file, rules, table.entries)
    basis = _basis(rules, table.entries, done, sheets_file, reported_file, slots_file, seed)
    sure = None if basis is None else basis.sure
    chosen = choose(rules, table.entries, done, seed=seed, sure=sure)
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
    result = results.selection_table(chosen, table.names, table.entries, reasons, assurances, sure)
    found = {} if basis is None else basis.tables(table.entries)
    _write(result, out)
    for name, file in (("sensitivity", sensitivity_out), ("stability", stability_out)):
        if file is not None:
            _write(found[name], file)
    if as_json:
        more = {name: _objects(one) for name, one in found.items()}
        emit({"rules_hash": rules.hash, "seed": seed, "standings": _objects(result), **more})
    elif out is None:
        _selection_words(rules, chosen, names, dict(zip((s.entry for s in chosen.standings), reasons, strict=True)))
    else:
        notes.print(f"{len(chosen.winners)} selected of {len(table.entries)}")


@dataclass(frozen=True)
class _Basis:
    """What the sheets behind a tally say of a selection."""

    sheets: Sheets
    sure: Uncertainty | None
    sensitivity: Sensitivity
    stability: Stability

    def tables(self, entries: Entries) -> dict[str, Table]:
        return {
            "sensitivity": results.sensitivity_table(self.sensitivity, entries),
            "stability": results.stability_table(self.stability, entries, self.sheets.reviewers),
        }


def _basis(
    rules: Rules,
    entries: Entries,
    done: Tally,
    sheets_file: str | None,
    reported_file: str | None,
    slots_file: str | None,
    seed: str | None,
) -> _Basis | None:
    """InputError where the sheets do not make the tally."""
    if sheets_file is None:
        return None
    sheets, reported = _inputs(rules, entries, sheets_file, reported_file, slots_file)
    made = add_up(rules, entries, sheets, reported)
    if any(made.values[node].values() != column.values() for node, column in done.values.items()):
        raise InputError(f"{sheets_file}: these sheets do not make this tally; give those behind it, or tally again")
    sure = certainty(rules, entries, made, calibrated(made, entries, sheets), seed)
    given = (rules, entries, sheets, reported)
    return _Basis(sheets, sure, sensitivity(*given, seed=seed), stability(*given, seed=seed))


def rounds_entries(file: str, rules: Rules) -> EntryTable:
    """The entries, with a note where a group has another size than the rules declare."""
    table = read_entries(file, rules)
    for note in size_notes(rules, table.entries):
        notes.print(f"note  {escape(note)}")
    return table


def declared_pairs(file: str | None, entries: Entries, reviewers: Reviewers) -> list[tuple[int, int]]:
    """The pairs of the conflict register."""
    register = read_pairs(file, entries, reviewers) if file else ((), ())
    return [(int(e), int(r)) for e, r in zip(*register, strict=True)]


def _known(value: float) -> float | None:
    """A number for JSON; None where the sheets cannot tell it."""
    return round(value, 6) if math.isfinite(value) else None


def _check_sheets(
    rules: Rules, table: EntryTable, sheets: Sheets, reviewers_file: str | None, conflicts_file: str | None
) -> None:
    """Refuses marks in spite of a conflict; notes which limits are not kept and what could not be checked."""
    panel = read_reviewers(reviewers_file) if reviewers_file else Reviewers(sheets.reviewers)
    found = limit_notes(rules, table.entries, sheets, panel)
    declared = declared_pairs(conflicts_file, table.entries, panel)
    found += refuse_conflicts(rules, table.entries, table.fields, panel, declared, sheets)
    if conflicts_file is None and any(rule.kind == "declared" for rule in rules.conflicts):
        found.append("declared conflicts were not checked: give the register with --conflicts")
    for note in found:
        notes.print(f"note  {escape(note)}")


def _inputs(
    rules: Rules, entries: Entries, sheets_file: str | None, reported_file: str | None, slots_file: str | None
) -> tuple[Sheets, Reported]:
    if rules.leaves and not sheets_file:
        names = ", ".join(leaf.id for leaf in rules.leaves)
        raise InputError(f"the panel marks {names}: give the sheets with --sheets")
    slots = read_slots(slots_file, entries) if slots_file else ()
    sheets = read_sheets(sheets_file, rules, entries, slots=slots) if sheets_file else Sheets.none(rules)
    reported = read_reported(reported_file, rules, entries) if reported_file else Reported()
    return sheets, reported


def _write(table: Table, out: str | None) -> None:
    if out is not None:
        write_table(table, out)


def _objects(table: Table) -> list[dict[str, str | None]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows()]


def _tally_words(rules: Rules, done: Tally, table: EntryTable) -> None:
    criteria = (escape(rules.by_id[node].name.text(rules.language)) for node in done.nodes)
    grid = Grid("entry", "name", "group", *criteria)
    for n, key in enumerate(table.entries.ids):
        values = [format_score(done.value(node, n), score_places(rules, node), rules.language) for node in done.nodes]
        grid.add_row(*map(escape, (key, table.names[n], table.entries.group[n], *values)))
    words.print(grid)


def _print(table: Table) -> None:
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
