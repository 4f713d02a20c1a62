"""`simsa next-reviews`: who reviews what next, where the rules hold reviews back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from simsa.engine.slots import conflicts
from simsa.rules import load
from simsa.tables.adaptive import (
    Affinity,
    Proposal,
    SoFar,
    next_table,
    of_folder,
    proposal_json,
    propose,
    refuse_unlisted,
    why_table,
)
from simsa.tables.files import check_ending, write_table
from simsa.tables.round_folder import read_round
from simsa.tables.shapes import labelled, read_affinity, read_reviewers

from .basis import given_inputs
from .output import as_json, check_targets, command, emit, notes, progress, seed_option, words
from .steps import (
    conflicts_option,
    declared_pairs,
    note_sheets,
    reported_option,
    rounds_entries,
    slots_option,
)
from .uploads import check_pairs_file, upload_options, write_pairs

_table = click.Path(allow_dash=True)
_path = click.Path(path_type=Path)


@dataclass(frozen=True)
class _Asked:
    """The options of one call."""

    folder: Path | None
    data: Path | None
    rules_file: Path | None
    entries_file: str | None
    sheets_file: str | None
    reviewers_file: str | None
    slots_files: tuple[str, ...]
    reported_file: str | None
    conflicts_file: str | None
    affinity_file: str | None
    seed: str | None
    lang: str | None
    out: str | None
    out_format: str
    action: str
    round_name: str | None
    why_file: str | None
    as_json: bool

    @property
    def tables(self) -> dict[str, str | Path | None]:
        """The tables that a round folder has itself, by their options."""
        return {
            "--rules": self.rules_file,
            "--entries": self.entries_file,
            "--sheets": self.sheets_file,
            "--reviewers": self.reviewers_file,
            "--reported": self.reported_file,
            "--conflicts": self.conflicts_file,
            "--affinity": self.affinity_file,
            **{f"--assignment {file}": file for file in self.slots_files},
        }

    def check(self) -> None:
        """UsageError for what does not go together, TableError for a result that cannot be written."""
        given = [option for option, file in self.tables.items() if file is not None]
        if self.folder is not None and given:
            raise click.UsageError(f"a round folder has its own tables; leave {given[0].split()[0]} out")
        needed = [option for option in list(self.tables)[:4] if option not in given]
        if self.folder is None and needed:
            raise click.UsageError(f"give the FOLDER of a round, or {', '.join(needed)} too")
        if self.folder is None and self.data is not None:
            raise click.UsageError("--data goes with the FOLDER of a round")
        if self.round_name is not None and self.out_format != "hotcrp":
            raise click.UsageError("--round goes with --as hotcrp")
        targets = [file for file in (self.out, self.why_file) if file is not None]
        check_targets(targets, [str(file) for file in self.tables.values() if file], as_json=self.as_json)
        if self.out is not None:
            check_pairs_file(self.out, self.out_format)
        if self.why_file is not None:
            check_ending(self.why_file)


@click.command(
    "next-reviews",
    epilog="""\b
Examples:
  simsa next-reviews round -o next.csv --why why.csv
  simsa next-reviews --rules rules.toml --entries entries.csv --reviewers panel.csv --sheets sheets.csv \\
      --assignment assignment.csv --conflicts register.csv -o next.csv --why why.csv""",
)
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with the round's data files.")
@click.option("--rules", "rules_file", type=_path, help="The round's rules (TOML), with [adaptive].")
@click.option("--entries", "entries_file", type=_table, help="Table: id, group, name.")
@click.option("--sheets", "sheets_file", type=_table, help="Table: entry, reviewer, criterion, mark, status.")
@click.option("--reviewers", "reviewers_file", type=_table, help="Table: id and fields that conflict rules compare.")
@slots_option
@reported_option
@conflicts_option
@click.option(
    "--affinity",
    "affinity_file",
    type=_table,
    help="Affinities as in `simsa assign`: only these pairs meet, the best fitting first (default: who tells most).",
)
@seed_option("Text from which the draws of the true scores come; the same seed makes the same proposal.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the sentences; by default the rules'.")
@click.option("-o", "--out", type=_table, help="Write the pairs here (entry, reviewer), to be handed out.")
@upload_options
@click.option("--why", "why_file", type=_table, help="Write here, for the officer alone, how each entry stands.")
@as_json
@command
def next_reviews_command(**options: Any) -> None:
    """Propose which entries get more reviews and from whom, where the rules hold reviews back ([adaptive]).

    Reviews go where two draws of the true scores disagree on who wins, to reviewers who tell most, within conflicts,
    loads and kinds. What a batch is expected to bring is said, and that no more are needed when it is too little.
    Reviewers are not told why an entry comes to them: -o holds the pairs alone, --why is for the officer.

    From the FOLDER of a round, or from the tables of single steps.
    """
    asked = _Asked(**{field.name: options[field.name] for field in fields(_Asked)})
    asked.check()
    with progress("reading") as report:
        so_far = _from_folder(asked, report) if asked.folder is not None else _from_tables(asked)
        proposal = propose(so_far, seed=asked.seed, progress=report)
    _write(asked, proposal)
    language = asked.lang or so_far.rules.language
    if asked.as_json:
        emit(proposal_json(proposal, language))
        return
    console = notes if "-" in (asked.out, asked.why_file) else words
    if so_far.synthetic:
        console.print("[yellow]SYNTHETIC DATA[/yellow]")
    for line in proposal.lines(language):
        console.print(escape(line))
    if asked.out is None and len(proposal.found.entry):
        notes.print("nothing is handed out yet: give a file with -o next.csv")


def _from_folder(asked: _Asked, report: Callable[..., None]) -> SoFar:
    assert asked.folder is not None
    inputs = read_round(asked.folder, data=asked.data, progress=report)
    for line in inputs.report.lines():
        notes.print(f"[yellow]note[/yellow]  {escape(line)}")
    return of_folder(inputs, language=asked.lang)


def _from_tables(asked: _Asked) -> SoFar:
    assert asked.rules_file is not None
    assert asked.entries_file is not None
    assert asked.reviewers_file is not None
    rules = load(asked.rules_file)
    table, reviewers = rounds_entries(asked.entries_file, rules), read_reviewers(asked.reviewers_file)
    sheets, reported = given_inputs(rules, table.entries, asked.sheets_file, asked.reported_file, asked.slots_files)
    declared = declared_pairs(asked.conflicts_file, table.entries, reviewers)
    note_sheets(rules, table, sheets, reviewers, declared)
    affinity: Affinity | None = None
    if asked.affinity_file is not None:
        (entry, reviewer), value = read_affinity(asked.affinity_file, table.entries, reviewers)
        affinity = entry, reviewer, value
    forbidden = conflicts(rules, table.entries, table.fields, reviewers, declared or ())
    so_far = SoFar(rules, table.entries, table.names, sheets, reported, reviewers, forbidden, affinity)
    if not asked.slots_files:
        refuse_unlisted(so_far)
    return so_far


def _write(asked: _Asked, proposal: Proposal) -> None:
    synthetic = proposal.so_far.synthetic
    if asked.why_file is not None:
        write_table(labelled(why_table(proposal), synthetic), asked.why_file)
    if asked.out is not None:
        own, pairs = labelled(next_table(proposal), synthetic), proposal.handed_out
        write_pairs(own, pairs, [1.0] * len(pairs), asked.out, asked.out_format, asked.action, asked.round_name)
