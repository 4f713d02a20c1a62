"""Checks of receipts: what a person holds, against what everybody sees."""

from __future__ import annotations

from collections.abc import Mapping

from simsa.record.ballots import BallotReceipt
from simsa.record.canonical import canonical_text
from simsa.record.commitments import commitment
from simsa.record.leaves import SHEET
from simsa.record.merkle import root_from
from simsa.record.receipts import Receipt, ReceiptError, marks_of
from simsa.record.statements import status_of
from simsa.record.verification.chain import key_at
from simsa.record.verification.findings import Findings, NothingError, NotShownError, fail

_UNLESS = " (unless you submitted a later version yourself)"
_CHANGED = f"the marks were changed: other ones were counted than these{_UNLESS}"


def check_receipts(found: Findings) -> str:
    """Every receipt holds against this bundle.

    One that was changed, or is of another log, proves nothing: whoever gives it cannot have the bundle refused.
    """
    if not found.receipts:
        raise NotShownError("no receipt was given")
    latest: dict[str, int] = {}
    told, nothing, genuine = [], [], []
    for name, receipt in found.receipts:
        if isinstance(receipt, BallotReceipt):
            try:
                told.append(f"{name}: {_ballot(found, name, receipt)}")
            except NothingError as reason:
                nothing.append(f"{name}: proves nothing here: {reason}")
            continue
        slot, version = _version(receipt)
        named = f"{name} (slot {slot})" if slot else name
        try:
            _check_genuine(found, receipt)
        except NothingError as reason:
            nothing.append(f"{named}: proves nothing here: {reason}")
            continue
        genuine.append((named, receipt, slot, version))
        latest[slot] = max(version, latest.get(slot, 0))
    for named, receipt, slot, version in genuine:
        try:
            said = _in_log(found, named, receipt)
            if receipt.opening.kind == SHEET:
                said = _counted(found, named, receipt, slot, version == latest[slot])
        except NothingError as reason:
            nothing.append(f"{named}: proves nothing here: {reason}")
        else:
            told.append(f"{named}: {said}")
    if nothing:
        raise NotShownError("; ".join([*nothing, *told]))
    return "; ".join(told)


def _check_genuine(found: Findings, receipt: Receipt) -> None:
    """The receipt was made by this log, as it stands, with the key of its time."""
    assert found.checkpoint is not None
    try:
        if receipt.opening.round != found.round or receipt.origin != found.checkpoint.origin:
            raise NothingError(f"is of another log: {receipt.origin}")
        signers = receipt.check(found.keys)
    except ReceiptError as error:
        raise NothingError(str(error)) from None
    if receipt.checkpoint is not None and key_at(found, receipt.checkpoint.size) not in signers:
        raise NothingError("its checkpoint is not signed by the key of its time")


def _in_log(found: Findings, name: str, receipt: Receipt) -> str:
    """The leaf is where the receipt says."""
    own = receipt.opening.leaf_hash
    if receipt.checkpoint is None:
        if own in found.there:
            return "in the log"
        if receipt.opening.kind == SHEET and found.closed is not None:
            fail(f"{name}: the log broke its promise: the round was closed without this submission")
        raise NothingError("is not in the log yet; ask for a later bundle")
    seen = receipt.checkpoint
    assert found.nodes is not None
    assert receipt.index is not None
    if receipt.index >= len(found.hashes):
        if receipt.opening.kind == SHEET and found.closed is not None:
            fail(f"{name}: the log was forked: this sheet is in a longer one, and here the round was closed without it")
        raise NothingError("is of a longer log than this bundle; ask for a later one")
    if seen.size <= len(found.hashes) and root_from(found.nodes, seen.size) != seen.root:
        fail(f"{name}: the log was forked: two people were shown different logs of {seen.size} leaves")
    if found.hashes[receipt.index] != own:
        fail(f"{name}: this submission was dropped from the log")
    if seen.size > len(found.hashes) and found.closed is None:
        raise NothingError("is of a longer log than this bundle; ask for a later one")
    return "in the log"


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
        fail(f"{name}: this sheet was not counted: its slot is {status} at the close{_UNLESS}")
    if own.closing is not None:
        if commitment(found.round, "sheet", canonical_text(dict(marks)), own.closing) != found.hidden[slot]:
            fail(f"{name}: {_CHANGED}")
    elif found.closing is None:
        raise NothingError("its slot counts; whether with these marks, only a receipt from after the close shows")
    elif found.closing.get(slot) != marks:
        fail(f"{name}: {_CHANGED}")
    return "in the log, and counted as submitted"


def _ballot(found: Findings, name: str, receipt: BallotReceipt) -> str:
    """What became of a ballot, in words."""
    assert found.checkpoint is not None
    if receipt.round != found.round:
        raise NothingError(f"is of another round: {receipt.round}")
    try:
        receipt.check(found.checkpoint.origin, found.keys)
    except ReceiptError as error:
        raise NothingError(str(error)) from None
    if receipt.place is not None:
        _check_genuine(found, receipt.place.event)
    kept = None if found.ballots is None else found.ballots.get(receipt.commitment)
    if found.ballots is not None and kept is None:
        fail(f"{name}: this ballot was dropped: the vote was counted without it")
    if kept is not None and kept.rows != receipt.rows:
        fail(f"{name}: this ballot was changed before it was counted")
    if receipt.place is not None:
        _in_log(found, name, receipt.place.event)
    if kept is not None:
        counted = "and counted" if kept.counts else "but it was put aside and does not count"
        return f"among the ballots, {counted}"
    if found.story.last("vote") is not None:
        raise NothingError("whether it was counted cannot be told: the ballots are not in this file")
    if receipt.place is None:
        raise NothingError("is not sealed yet; ask for a later bundle")
    return "sealed in the log; the vote was not counted yet"


def _version(receipt: Receipt) -> tuple[str, int]:
    values = receipt.opening.values
    version = values.get("version", "0")
    return values.get("slot", ""), int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def _marks(receipt: Receipt) -> Mapping[str, str]:
    return marks_of(receipt.opening.values)
