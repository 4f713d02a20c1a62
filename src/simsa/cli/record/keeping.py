"""`simsa record`: keep the record of a round that is run on files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.markup import escape

from simsa.cli.output import as_json, command, emit, notes, progress, words
from simsa.cli.record.options import KEY, record_argument, some_text
from simsa.cli.record.witnessing import cosign, countersign, key, stamp
from simsa.record.folder import Record
from simsa.record.notes import VerifierKey, encoded
from simsa.rules import load
from simsa.tables.files import write_bytes
from simsa.tables.record import begin_record, write_record
from simsa.tables.round_folder import read_round

_round = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
_data = click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with the round's files.")
_reason = click.option(
    "--reason", required=True, callback=some_text, help="Why; it stands in the record for everybody to read."
)


@click.group()
def record() -> None:
    """Keep the record of a round: rules frozen, sheets sealed, result proven.

    In order: open, add (as often as something is new), close, draw (where a beacon gives the seed), result; then
    `simsa bundle`. What is in the record is never changed; who tries is found out by `simsa verify`.
    """


@record.command("open", epilog="Example: simsa record open examples/proactive rec --name record.example.org")
@_round
@record_argument
@click.option(
    "--name",
    required=True,
    callback=some_text,
    help="The organiser's name for its logs, like a domain: record.example.org",
)
@click.option(
    "--beacon", callback=some_text, help="Where the seed of lots will come from, e.g. a lottery draw of a later day."
)
@click.option("--auditor", "auditors", type=KEY, multiple=True, help="Verifier key of who is to countersign.")
@_data
@as_json
@command
def open_(
    folder: Path,
    record: Path,
    name: str,
    beacon: str | None,
    auditors: tuple[VerifierKey, ...],
    data: Path | None,
    as_json: bool,
) -> None:
    """Freeze the rules of the round in FOLDER in a new record: from here on a change of rules shows.

    RECORD becomes a folder with the record and its signing key, which nobody else may read. Without --beacon the seed
    is the folder's, fixed now.
    """
    with progress("reading") as report:
        inputs = read_round(folder, data=data, progress=report)
    kept = begin_record(inputs, record, name, beacon=beacon, auditors=auditors)
    _tell(kept, as_json, f"opened; publish this key, and keep {record / 'key'} to yourself")


@record.command(epilog="Example: simsa record add examples/proactive rec")
@_round
@record_argument
@_data
@as_json
@command
def add(folder: Path, record: Path, data: Path | None, as_json: bool) -> None:
    """Put what is new in the round's FOLDER into the record: entries, panel, slots, sheets (a changed one as a new
    version). All of it, or nothing."""
    kept = Record.open(record)
    with progress("reading") as report:
        inputs = read_round(folder, data=data, progress=report)
        new = write_record(inputs, kept, report)
    said = (
        f"{'entries, ' if new.entries else ''}{new.reviewers} reviewers, {new.slots} slots, {new.sheets} sheets are new"
    )
    _tell(kept, as_json, said)


@record.command(epilog="Example: simsa record close rec")
@record_argument
@as_json
@command
def close(record: Path, as_json: bool) -> None:
    """End the scoring: fix for every slot what counts. No sheet is taken any more, and none can be added or dropped."""
    kept = Record.open(record)
    kept.close()
    closed = kept.story.last("close")
    assert closed is not None
    states = Counter(status for _slot, status, _sealed in closed.content["slots"])
    _tell(kept, as_json, f"closed: {', '.join(f'{count} {status}' for status, count in sorted(states.items()))}")


@record.command(epilog="Example: simsa record draw rec '7 12 23 31 40 45'")
@record_argument
@click.argument("value")
@as_json
@command
def draw(record: Path, value: str, as_json: bool) -> None:
    """Enter the VALUE of the beacon that was named when the rules were frozen; the seed follows from it."""
    kept = Record.open(record)
    seed = kept.draw(value)
    _tell(kept, as_json, f"seed {seed}")


@record.command(epilog="Example: simsa record result rec")
@record_argument
@as_json
@command
def result(record: Path, as_json: bool) -> None:
    """Compute the result from what is in the record, and enter it."""
    kept = Record.open(record)
    said = kept.conclude()
    chosen = [row["entry"] for row in said.content["standings"] if row["outcome"] == "selected"]
    _tell(kept, as_json, f"selected: {', '.join(chosen) or 'nobody'}")


@record.command(epilog="Example: simsa record amend rec --reason 'Objection 3 upheld' --round examples/proactive")
@record_argument
@_reason
@click.option(
    "--rules", "rules_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Other rules."
)
@click.option("--round", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder with other entries.")
@as_json
@command
def amend(record: Path, reason: str, rules_file: Path | None, folder: Path | None, as_json: bool) -> None:
    """Change rules or what entries reported after the freeze, for a REASON; then `simsa record result` again."""
    kept = Record.open(record)
    inputs = read_round(folder) if folder is not None else None
    rules = load(rules_file) if rules_file is not None else inputs.rules if inputs is not None else None
    with kept.database.transaction():
        kept.amend(reason, rules)
        if inputs is not None:
            kept.enter(inputs.entries, {one.id: one.name for one in inputs.entrants}, inputs.reported)
    _tell(kept, as_json, "amended")


@record.command(epilog="Example: simsa record forget rec --reason 'The time for objections is over'")
@record_argument
@_reason
@click.confirmation_option(prompt="Sheets, names and secrets will be destroyed for good. Go on?")
@as_json
@command
def forget(record: Path, reason: str, as_json: bool) -> None:
    """Destroy what is behind the commitments: who wrote which sheet, and the marks. The log stays and verifies.

    Make the bundles that you want to keep before; auditors' copies are not destroyed by this.
    """
    kept = Record.open(record)
    kept.forget(reason)
    _tell(kept, as_json, "forgotten")


@record.command(epilog="Example: simsa record rotate rec")
@record_argument
@as_json
@command
def rotate(record: Path, as_json: bool) -> None:
    """Sign with a new key from here on; the old one vouches for it, and can then be destroyed."""
    kept = Record.open(record)
    _tell(kept, as_json, f"signs with {kept.rotate()}")


@record.command(epilog="Example: simsa record show rec")
@record_argument
@as_json
@command
def show(record: Path, as_json: bool) -> None:
    """Say what is in the record, in order."""
    kept = Record.open(record)
    story = kept.story
    if not as_json:
        for index, one in story.statements:
            words.print(f"{index:>8}  {one.kind}  [dim]{one.sha256[:12]}[/dim]")
        words.print(f"{len(story.sheets)} sheets, {len(story.events)} events")
    _tell(kept, as_json, "")


@record.command(epilog="Example: simsa record publish rec public/log")
@record_argument
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@command
def publish(record: Path, folder: Path) -> None:
    """Write the log into FOLDER as tiles, for any web server: people and witnesses can follow it from there."""
    kept = Record.open(record)
    kept.sequence()
    kept.publish(folder)
    notes.print(f"written to {escape(str(folder))}")


@record.command(epilog="Example: simsa record receipts rec receipts")
@record_argument
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@command
def receipts(record: Path, folder: Path) -> None:
    """Write the receipt of every sheet into FOLDER, in one folder for each reviewer. Hand them to nobody else."""
    kept = Record.open(record)
    kept.sequence()
    count = 0
    for one in kept.receipts():
        assert one.reviewer is not None
        own = folder / _file_name(one.reviewer.code)
        own.mkdir(parents=True, exist_ok=True)
        write_bytes(own / f"{_file_name(one.reviewer.entry)}.tlog-proof", bytes(one))
        count += 1
    notes.print(f"{count} receipts written to {escape(str(folder))}")


for _command in (key, countersign, cosign, stamp):
    record.add_command(_command)


def _tell(kept: Record, as_json: bool, said: str) -> None:
    last = kept.database.checkpoint()
    assert last is not None
    if as_json:
        emit(
            {
                "round": kept.round,
                "origin": kept.origin,
                "key": str(kept.key.verifier),
                "size": last.size,
                "root": encoded(last.root),
                "rules_hash": kept.story.rules_in_force,
                "statements": [[index, one.kind, one.sha256] for index, one in kept.story.statements],
            }
        )
        return
    if said:
        words.print(escape(said))
    words.print(f"{escape(kept.origin)}: {last.size} leaves, root {encoded(last.root)}")
    words.print(f"key {escape(str(kept.key.verifier))}")


def _file_name(code: str) -> str:
    """A code as the name of a file: letters, digits and a few signs; anything else in hexadecimal."""
    return "".join(letter if letter.isalnum() or letter in "-_" else f"%{ord(letter):x}" for letter in code)
