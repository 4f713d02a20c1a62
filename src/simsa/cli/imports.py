"""`simsa import`: what other systems export, as a round folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.markup import escape

from simsa.tables.conference import Conference, read_hotcrp, read_openreview, write_folder

from .output import as_json, command, emit, notes


@click.group("import")
def import_() -> None:
    """Take what HotCRP or OpenReview exports into a round folder."""


_files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
_out = click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The round folder to write; it must not be there yet, or be empty.",
)
_rules = click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rules of the round; without, rules are drafted for you to complete.",
)


@import_.command(epilog="Example: simsa import hotcrp data.json pcinfo.csv allprefs.csv reviews.csv --out round")
@_files
@_out
@_rules
@as_json
@command
def hotcrp(files: Sequence[Path], out: Path, rules: Path | None, as_json: bool) -> None:
    """Submissions, panel, conflicts, preferences, assignments and reviews from FILES of HotCRP.

    JSON of submissions, reviews or accounts; CSV of the panel, submissions, topics, authors, conflicts, preferences,
    assignments, reviews or scores. What each file is, its content tells.
    """
    _import(read_hotcrp, files, out, rules, as_json)


@import_.command(epilog="Example: simsa import openreview notes.json groups.json edges.json --out round")
@_files
@_out
@_rules
@as_json
@command
def openreview(files: Sequence[Path], out: Path, rules: Path | None, as_json: bool) -> None:
    """Submissions, panel, conflicts, affinities, bids, assignments and reviews from FILES of OpenReview.

    JSON of notes, groups, edges or profiles as the API returns them, or tables of scores and edges.
    """
    _import(read_openreview, files, out, rules, as_json)


def _import(
    read: Callable[[Sequence[Path]], Conference], files: Sequence[Path], out: Path, rules: Path | None, as_json: bool
) -> None:
    found = read(files)
    written = write_folder(found, out, rules.read_text(encoding="utf-8-sig") if rules else None)
    counts = {
        "submissions": len(found.submissions),
        "reviewers": len(found.members),
        "conflicts": len(found.conflicts),
        "affinities": len(found.affinity or {}),
        "assigned": len(found.assignment),
        "marks": len(found.marks),
    }
    if as_json:
        emit({"source": found.source, **counts, "notes": dict(found.notes), "files": [str(path) for path in written]})
        return
    for what, times in found.notes.items():
        notes.print(f"[yellow]note[/yellow]  {escape(what)}{f' ({times} times)' if times > 1 else ''}")
    notes.print(", ".join(f"{count} {what}" for what, count in counts.items() if count))
    how = "" if rules else f"; complete {escape(str(written[0]))}, then"
    notes.print(f"written to {escape(str(out))}{how}: simsa run {escape(str(out))}")
