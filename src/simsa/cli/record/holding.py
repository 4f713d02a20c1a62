"""`simsa receipt`: what a person can do with a receipt, offline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.markup import escape

from simsa.cli.output import as_json, command, emit, words
from simsa.cli.record.options import file_option, key_option, receipt_of
from simsa.record.ballots import BallotReceipt
from simsa.record.notes import VerifierKey, encoded
from simsa.record.receipts import Receipt, ReceiptError, marks_of
from simsa.record.verification import Answer, verify

_receipt = click.argument("file", type=file_option)


@click.group()
def receipt() -> None:
    """Check, read and print a receipt: proof that what you submitted is in the record."""


@receipt.command(epilog="Example: simsa receipt check mine.tlog-proof --key record.example.org/round-1+1a2b3c4d+AZ...")
@_receipt
@key_option
@click.option(
    "--bundle", type=file_option, help="A bundle of the round: then also whether your sheet or ballot counted."
)
@as_json
@command
def check(file: Path, key: VerifierKey | None, bundle: Path | None, as_json: bool) -> None:
    """Check the receipt in FILE, of a sheet or a ballot, offline: what was submitted, that it is in the log, and who
    signed for that.

    Without --key and --bundle only what the receipt says of itself can be checked: that its proof leads to the
    checkpoint.
    """
    held = receipt_of(file)
    if bundle is not None:
        verdict = verify(bundle.read_bytes(), key=key, receipts=[(file.name, held)])
        own = next((one for one in verdict.checks if one.name == "receipts"), None)
        if verdict.answer in (Answer.REFUSED, Answer.UNREADABLE):
            failed = "; ".join(f"{one.name}: {one.why}" for one in verdict.failed)
            raise ReceiptError(f"{file}: against {bundle.name}: {failed}")
        said = own.why if own is not None else ""
    elif key is not None:
        _check(file, held, key)
        said = "holds, and is signed by this key"
    else:
        _check(file, held, None)
        proven = (
            "says nothing that can be checked" if isinstance(held, BallotReceipt) and held.place is None else "holds"
        )
        said = f"{proven}; who signed it was not checked: give --key or --bundle"
    if as_json:
        emit({**_plain(held), "holds": True, "said": said})
        return
    words.print(f"[green]✓[/green] {escape(said)}")
    _print(held)


@receipt.command(epilog="Example: simsa receipt show mine.tlog-proof")
@_receipt
@as_json
@command
def show(file: Path, as_json: bool) -> None:
    """Say what the receipt in FILE is of; nothing is checked."""
    held = receipt_of(file)
    if as_json:
        emit(_plain(held))
    else:
        _print(held)


def _check(file: Path, held: Receipt | BallotReceipt, key: VerifierKey | None) -> None:
    """ReceiptError, with the file's name, unless it holds, and this key signed it."""
    try:
        if key is None:
            held.check_proof()
        elif isinstance(held, BallotReceipt):
            held.check(key.name, [key])
        else:
            held.check([key])
    except ReceiptError as error:
        raise ReceiptError(f"{file}: {error}") from None


def _print(held: Receipt | BallotReceipt) -> None:
    if isinstance(held, BallotReceipt):
        _print_ballot(held)
        return
    values = held.opening.values
    words.print(f"{escape(held.origin)}  {held.opening.kind}")
    if held.reviewer is not None:
        words.print(f"entry {escape(held.reviewer.entry)}, version {escape(values['version'])}")
        for leaf, mark in marks_of(values).items():
            words.print(f"  {escape(leaf)}  {escape(mark)}")
    else:
        words.print(escape(values.get("event", "")))
    if held.checkpoint is not None:
        last = held.checkpoint
        words.print(f"leaf {held.index} of {last.size}, root {encoded(last.root)}")
        for line in last.note.signatures:
            words.print(f"  signed {escape(line.name)}+{line.identifier.hex()}")
    elif held.until is not None:
        moment = datetime.fromtimestamp(held.until, UTC).isoformat()
        words.print(f"promised to be in the log by {moment}; ask for the receipt then")


def _print_ballot(held: BallotReceipt) -> None:
    words.print(f"{escape(held.round)}  ballot {held.commitment}")
    for entry, points in held.rows:
        words.print(f"  {escape(entry)}  {escape(points)}")
    if held.place is None:
        words.print("not sealed yet; get the receipt again later")
    else:
        event = held.place.event
        words.print(f"ballot {held.place.index} of {held.place.size}, sealed in leaf {event.index} of {event.origin}")


def _plain(held: Receipt | BallotReceipt) -> dict[str, object]:
    if isinstance(held, BallotReceipt):
        event = held.place.event if held.place is not None else None
        return {
            "origin": event.origin if event is not None else None,
            "round": held.round,
            "kind": "ballot",
            "commitment": held.commitment,
            "ballot": [list(row) for row in held.rows],
            "index": event.index if event is not None else None,
        }
    last, reviewer = held.checkpoint, held.reviewer
    return {
        "origin": held.origin,
        "round": held.opening.round,
        "kind": held.opening.kind,
        "leaf_hash": held.opening.leaf_hash.hex(),
        "fields": dict(held.opening.values),
        "entry": reviewer.entry if reviewer is not None else None,
        "index": held.index,
        "size": last.size if last is not None else None,
        "promised_until": held.until,
    }
