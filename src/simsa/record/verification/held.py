"""Checks of receipts: what a person holds, against what everybody sees."""

from __future__ import annotations

from collections.abc import Mapping

from simsa.record.canonical import canonical_text
from simsa.record.commitments import commitment
from simsa.record.leaves import SHEET
from simsa.record.merkle import root_from
from simsa.record.receipts import Receipt, ReceiptError, marks_of
from simsa.record.statements import status_of
from simsa.record.verification.findings import Findings, NotShownError, fail


def check_receipts(found: Findings) -> str:
    """Every receipt holds against this bundle."""
    if not found.receipts:
        raise NotShownError("no receipt was given")
    latest: dict[str, int] = {}
    for _name, receipt in found.receipts:
        slot, version = _version(receipt)
        latest[slot] = max(version, latest.get(slot, 0))
    told = []
    for name, receipt in found.receipts:
        _in_log(found, name, receipt)
        if receipt.opening.kind == SHEET:
            slot, version = _version(receipt)
            told.append(f"{name}: {_counted(found, name, receipt, slot, version == latest[slot])}")
    return "; ".join(told) or f"{len(found.receipts)} in the log"


def _in_log(found: Findings, name: str, receipt: Receipt) -> None:
    """The receipt is of this log, and its leaf is where it should be."""
    assert found.checkpoint is not None
    try:
        if receipt.opening.round != found.round or receipt.origin != found.checkpoint.origin:
            fail(f"{name}: is of another log: {receipt.origin}")
        receipt.check(found.keys)
    except ReceiptError as error:
        fail(f"{name}: {error}")
    own = receipt.opening.leaf_hash
    if receipt.checkpoint is None:
        if own not in found.there:
            fail(f"{name}: the log broke its promise: this is not in it (if it is new, ask for a later bundle)")
        return
    seen = receipt.checkpoint
    assert found.nodes is not None
    if seen.size > found.checkpoint.size:
        fail(f"{name}: is of a longer log than this bundle; ask for a later one")
    if root_from(found.nodes, seen.size) != seen.root:
        fail(f"{name}: the log was forked: two people were shown different logs of {seen.size} leaves")
    assert receipt.index is not None
    if found.hashes[receipt.index] != own:
        fail(f"{name}: this submission was dropped from the log")


def _counted(found: Findings, name: str, receipt: Receipt, slot: str, last: bool) -> str:
    """What became of a sheet, in words."""
    assert receipt.reviewer is not None
    entry, hidden = found.story.slots.get(slot, ("", ""))
    own = receipt.reviewer
    if entry != own.entry or commitment(found.round, "reviewer", own.code, own.secret) != hidden:
        fail(f"{name}: its slot was given to somebody else, or is not in the log")
    if found.closed is None:
        return "in the log; the round is not closed yet"
    if not last:
        return "in the log; a later version counts"
    status, marks = found.statuses.get(slot, ""), _marks(receipt)
    if status == "replaced":
        return "in the log; it does not count, because another slot took its place"
    if status == "missing" or (status == "recused") is not (status_of(marks) == "recused"):
        fail(f"{name}: this sheet was not counted: its slot is {status} at the close")
    if own.closing is not None:
        if commitment(found.round, "sheet", canonical_text(dict(marks)), own.closing) != found.hidden[slot]:
            fail(f"{name}: the marks were changed: other ones were counted than you submitted")
    elif found.closing is None:
        return "in the log; whether these marks or other ones were counted, only a receipt from after the close shows"
    elif found.closing.get(slot) != marks:
        fail(f"{name}: the marks were changed: other ones were counted than you submitted")
    return "in the log, and counted as submitted"


def _version(receipt: Receipt) -> tuple[str, int]:
    values = receipt.opening.values
    version = values.get("version", "0")
    return values.get("slot", ""), int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def _marks(receipt: Receipt) -> Mapping[str, str]:
    return marks_of(receipt.opening.values)
