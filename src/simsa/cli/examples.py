"""`simsa examples`: the rounds that come with simsa, and their data."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from simsa.tables.examples import get_example, list_examples

from .output import as_json, command, emit, notes, progress, words


@click.group()
def examples() -> None:
    """List the examples and bring their data."""


@examples.command("list", epilog="Example: simsa examples list")
@as_json
@command
def list_(as_json: bool) -> None:
    """The examples, where they lie, and whether their data is there."""
    found = list_examples()
    if as_json:
        emit([{"name": e.name, "folder": str(e.folder), "title": e.title, "ready": e.ready} for e in found])
        return
    for example in found:
        state = "ready" if example.ready else f"data missing: simsa examples get {example.name}"
        words.print(f"[bold]{escape(example.name)}[/bold]  {escape(example.title)}  [dim]{escape(state)}[/dim]")
        words.print(f"  {escape(str(example.folder))}")


@examples.command(epilog="Example: simsa examples get skating")
@click.argument("name")
@click.option(
    "--to", "target", type=click.Path(path_type=Path, file_okay=False), help="Folder; by default the example's."
)
@as_json
@command
def get(name: str, target: Path | None, as_json: bool) -> None:
    """Bring the data of the example NAME: from the folder SIMSA_DATA if set, else from its home, with checksums."""
    with progress(name) as report:
        files = get_example(name, target, progress=report)
    if as_json:
        emit([{"file": str(f.path), "sha256": f.sha256, "as_recorded": f.as_recorded, "from": f.source} for f in files])
        return
    for file in files:
        doubt = "" if file.as_recorded else "  [yellow]checksum differs from the recorded one[/yellow]"
        notes.print(f"{escape(str(file.path))}  {file.source}{doubt}")
