"""What commands are handed beside a table: sheets, reported numbers, components, and what these say of a selection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simsa.engine.calibration import Components, RoundedScores
from simsa.engine.evaluation import calibrated, certainty, robustness, rounded
from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.selection import Sensitivity, Stability, Uncertainty
from simsa.engine.tally import Tally
from simsa.engine.tally import tally as add_up
from simsa.record.components import origin_of
from simsa.rules import Rules
from simsa.tables import results
from simsa.tables.components import components_of, read_components
from simsa.tables.shapes import read_reported, read_sheets, read_slots
from simsa.tables.table import Table


def given_inputs(
    rules: Rules, entries: Entries, sheets_file: str | None, reported_file: str | None, slots_files: tuple[str, ...]
) -> tuple[Sheets, Reported]:
    """Sheets and reported numbers. InputError where the rules need sheets and none are given."""
    if rules.leaves and not sheets_file:
        names = ", ".join(leaf.id for leaf in rules.leaves)
        raise InputError(f"the panel marks {names}: give the sheets with --sheets")
    slots = read_slots(slots_files, entries)
    sheets = read_sheets(sheets_file, rules, entries, slots=slots) if sheets_file else Sheets.none(rules)
    reported = read_reported(reported_file, rules, entries) if reported_file else Reported()
    return sheets, reported


@dataclass(frozen=True)
class Basis:
    """What the sheets behind a tally say of a selection."""

    sheets: Sheets
    scores: RoundedScores
    sure: Uncertainty | None
    sensitivity: Sensitivity | None
    stability: Stability | None

    def tables(self, entries: Entries) -> dict[str, Table]:
        """What is told: with an official calibrated score perhaps neither."""
        found = {}
        if self.sensitivity is not None:
            found["sensitivity"] = results.sensitivity_table(self.sensitivity, entries)
        if self.stability is not None:
            found["stability"] = results.stability_table(self.stability, entries, self.sheets.reviewers)
        return found


def basis_of(
    rules: Rules,
    entries: Entries,
    done: Tally,
    sheets_file: str | None,
    reported_file: str | None,
    slots_files: tuple[str, ...],
    components_file: Path | None,
    seed: str | None,
) -> Basis | None:
    """InputError where the sheets do not make the tally."""
    if sheets_file is None:
        return None
    sheets, reported = given_inputs(rules, entries, sheets_file, reported_file, slots_files)
    made = add_up(rules, entries, sheets, reported)
    if any(made.values[node].values() != column.values() for node, column in done.values.items()):
        raise InputError(f"{sheets_file}: these sheets do not make this tally; give those behind it, or tally again")
    found = calibrated(rules, made, entries, sheets, given_components(components_file, rules, entries, sheets, made))
    scores = rounded(rules, made, entries, sheets, found)
    sure = certainty(rules, entries, made, found, seed, scores)
    taken = None if found is None else found.components
    return Basis(sheets, scores, sure, *robustness(rules, entries, sheets, reported, seed=seed, components=taken))


def given_components(
    file: Path | None, rules: Rules, entries: Entries, sheets: Sheets, added: Tally
) -> Components | None:
    """The recorded components of these sheets, whose tally is `added`; None without a file."""
    return None if file is None else components_of(read_components(file), origin_of(rules, entries, sheets, added))
