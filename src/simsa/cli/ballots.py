"""`simsa ballots`: a vote counted again from the file that auditors get, or from a table of an engine for columns."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from simsa.rules import exact_text
from simsa.tables.ballots import count_on, count_parquet

from .output import as_json, command, emit, words


@click.command("ballots", epilog="Example: simsa ballots ballots.parquet")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--on", "address", help="An engine that holds the table, as Ibis writes it: postgres://user@host/database."
)
@click.option("--table", default="ballots", show_default=True, help="What the table is called there.")
@as_json
@command
def ballots(file: Path | None, address: str | None, table: str, as_json: bool) -> None:
    """Count the ballots of a public vote again: those in FILE by DuckDB, or those in a table by the engine of --on.

    Exact: what a ballot gives is added as whole numbers. Needs simsa[columns], and for PostgreSQL simsa[postgres].
    """
    if (file is None) is (address is None):
        raise click.UsageError("give a FILE, or an engine by --on")
    found = count_parquet(file) if file is not None else count_on(str(address), table)
    rows = [
        {"entry": entry, "points": exact_text(points), "named": named}
        for entry, points, named in zip(found.entries, found.points, found.named, strict=True)
    ]
    if as_json:
        emit({"ballots": found.ballots, "entries": rows})
        return
    words.print(f"{found.ballots} ballots count")
    for row in rows:
        words.print(f"  {escape(str(row['entry']))}  {row['points']}  named {row['named']} times")
