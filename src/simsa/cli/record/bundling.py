"""`simsa bundle`: one file from which anyone can check a round."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from rich.markup import escape

from simsa.cli.output import command, notes
from simsa.cli.record.options import out_option, record_argument
from simsa.record.folder import Record
from simsa.tables.files import write_bytes


@click.command(epilog="Example: simsa bundle rec --out round.zip")
@record_argument
@out_option
@click.option("--full", is_flag=True, help="With everything behind the commitments: for auditors only.")
@click.option("--without-sheets", is_flag=True, help="Do not show the public the sheets, not even unlinked.")
@command
def bundle(record: Path, out: Path, full: bool, without_sheets: bool) -> None:
    """Write what the RECORD proves into one file: for everybody, or with --full for auditors.

    The public file names no reviewer and links no two sheets of one. It shows the sheets, shuffled, only where the
    result follows from them without knowing who wrote which.
    """
    kept = Record.open(record)
    kept.sequence()
    write_bytes(out, kept.bundle("full" if full else "public", sheets=not without_sheets))
    notes.print(f"written to {escape(str(out))}: simsa verify {escape(shlex.quote(str(out)))}")
    if full:
        notes.print("[yellow]note[/yellow]  it says who gave which score: hand it to auditors only")
