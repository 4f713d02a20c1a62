"""`simsa calibrate`: every entrant's quality net of who happened to score it, by one of three models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from simsa.engine.calibration import Calibration, Scores
from simsa.engine.calibration.criteria import CriteriaCalibration
from simsa.engine.calibration.ordinal import OrdinalCalibration
from simsa.engine.evaluation import calibrated, rounded
from simsa.engine.inputs import InputError, Reported, Sheets
from simsa.engine.sheet_models import calibrated_by_criteria, calibrated_by_steps, total_weights
from simsa.engine.tally import tally
from simsa.record.canonical import canonical_bytes
from simsa.record.components import components_json, origin_of
from simsa.rules import Rules, load
from simsa.tables.files import write_result, write_table
from simsa.tables.model_tables import entrants_table, reviewers_table, thresholds_table
from simsa.tables.results import calibration_table, severity_table
from simsa.tables.shapes import EntryTable
from simsa.tables.table import Table
from simsa.tables.words import group_name, note_words, own_words

from .basis import given_components, given_inputs
from .output import as_json, command, components_option, emit, notes
from .steps import check_files, entries_option, out_option, print_table, reported_option, rounds_entries, rules_option

_path = click.Path(path_type=Path)
_table = click.Path(allow_dash=True)


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
@click.option("--reviewers-out", type=_table, help="Write every reviewer's severity, scale and noise here.")
@click.option(
    "--model",
    type=click.Choice(["totals", "criteria", "ordinal"]),
    default="totals",
    show_default=True,
    help="What is modelled of a sheet: its total, its marks by criterion (some may be missing), or a short scale.",
)
@click.option("--criterion", help="With --model ordinal: the criterion whose marks are the steps; else sheets' totals.")
@components_option
@click.option("--components-out", type=_path, help="Write the components here (JSON): given them scores are exact.")
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
    components_file: Path | None,
    components_out: Path | None,
    as_json: bool,
) -> None:
    """Estimate every entrant's quality net of reviewers' severity, with its uncertainty (REML).

    Reviewers have a scale and a noise of their own where the sheets show that they differ. What is estimated is rounded
    to the digits that the rules declare; given it, every score is proven to the last place. It decides nothing unless
    the rules say that it is official. When to believe it, and when not to use it: docs/how-to/calibration-officer.md.
    """
    if criterion is not None and model != "ordinal":
        raise click.UsageError("--criterion needs --model ordinal")
    if model != "totals" and (components_file or components_out):
        raise click.UsageError("--components and --components-out are of --model totals")
    read = (rules_file, entries_file, sheets_file, reported_file, components_file)
    check_files((out, reviewers_out), (components_out,), read, as_json=as_json)
    rules = load(rules_file)
    table = rounds_entries(entries_file, rules)
    sheets, reported = given_inputs(rules, table.entries, sheets_file, reported_file, ())
    asked = _Asked(rules, table, sheets, reported, sheets_file)
    found = asked.by_totals(components_file) if model == "totals" else asked.by_model(model, criterion)
    for file, written in ((out, found.entrants), (reviewers_out, found.reviewers)):
        if file is not None:
            write_table(written, file)
    if components_out is not None:
        write_result(components_out, canonical_bytes(found.more["components"]) + b"\n")
    summary = {"model": model, "of": criterion, **_summary(rules, found.scores)}
    if as_json:
        emit({**summary, **found.more, "entrants": found.entrants.objects(), "reviewers": found.reviewers.objects()})
    elif out is None:
        print_table(found.entrants)
    for line in found.said:
        notes.print(escape(line))
    sd = [f"{name} {summary[f'{name}_sd']}" for name in ("entrant", "severity", "residual")]
    notes.print(f"standard deviations: {', '.join(sd)}")


@dataclass(frozen=True)
class _Found:
    """What a model found: its scores, its tables, what its JSON has more, and what is said beside the tables."""

    scores: Scores
    entrants: Table
    reviewers: Table
    more: dict[str, Any]
    said: Sequence[str]


@dataclass(frozen=True)
class _Asked:
    """The sheets of a round that are to be calibrated."""

    rules: Rules
    table: EntryTable
    sheets: Sheets
    reported: Reported
    file: str

    def by_totals(self, components_file: Path | None) -> _Found:
        """By sheets' totals, with components that are recorded."""
        rules, entries, sheets = self.rules, self.table.entries, self.sheets
        added = tally(rules, entries, sheets, self.reported)
        given = given_components(components_file, rules, entries, sheets, added)
        found = calibrated(rules, added, entries, sheets, given)
        if found is None or found.components is None:
            raise self._nothing()
        exact = rounded(rules, added, entries, sheets, found)
        more = {
            "scale_spread": _known(found.scale_spread),
            "noise_spread": _known(found.noise_spread),
            "scores": exact.method,
            "official": rules.calibration.official,
            "components": components_json(found.components, origin_of(rules, entries, sheets, added)),
        }
        said = own_words(found, "en", given=given is not None)
        entrants = calibration_table(found, entries, self.table.names, exact)
        return _Found(found, entrants, severity_table(found, sheets.reviewers), more, (said,))

    def by_model(self, model: str, criterion: str | None) -> _Found:
        """By marks, or by the steps of a short scale."""
        rules, entries, sheets = self.rules, self.table.entries, self.sheets
        if model == "criteria":
            found: Scores | None = calibrated_by_criteria(rules, entries, sheets, self.reported)
        else:
            added = tally(rules, entries, sheets, self.reported)
            found = calibrated_by_steps(rules, added, entries, sheets, criterion)
        if found is None:
            raise self._nothing()
        leaves = list(total_weights(rules)) if model == "criteria" else []
        more: dict[str, Any] = {}
        said = self._notes(found)
        if isinstance(found, OrdinalCalibration):
            more["thresholds"] = thresholds_table(found).objects()
        if isinstance(found, CriteriaCalibration):
            more["halo_share"] = _known(found.halo_share)
            said.append(
                f"share of the residual variance that a sheet's marks have in common (halo): {more['halo_share']}"
            )
        entrants = entrants_table(found, entries, self.table.names, leaves)
        return _Found(found, entrants, reviewers_table(found, sheets.reviewers, leaves), more, said)

    def _nothing(self) -> InputError:
        return InputError(f"{self.file}: no sheet has a mark, so there is nothing to calibrate")

    def _notes(self, found: Scores) -> list[str]:
        language = self.rules.language
        groups = [group_name(self.rules, group, language) for group in self.table.entries.groups]
        entries, reviewers = self.table.names, self.sheets.reviewers
        return [
            f"note  {note_words(note, language, groups=groups, entries=entries, reviewers=reviewers)}"
            for note in found.notes
        ]


def _summary(rules: Rules, found: Scores) -> dict[str, Any]:
    return {
        "rules_hash": rules.hash,
        "sheets": int(found.sheets_per_entrant.sum()),
        "entrant_sd": _known(found.entrant_variance**0.5),
        "severity_sd": _known(found.reviewer_variance**0.5),
        "residual_sd": _known(found.residual_variance**0.5),
        ("reml_criterion" if isinstance(found, Calibration) else "fit_criterion"): _known(found.criterion),
        "converged": found.converged,
        "method": found.method,
    }


def _known(value: float) -> float | None:
    """A number for JSON; None where the sheets cannot tell it."""
    return round(value, 6) if math.isfinite(value) else None
