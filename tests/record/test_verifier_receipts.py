"""Receipts and promises that a user holds, in the JavaScript verifier; that of Python has to agree."""

from __future__ import annotations

import base64
import json as plain_json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from simsa.record.ballots import BallotReceipt
from simsa.record.receipts import Receipt, ReceiptError
from simsa.record.verification import verify
from simsa.rules import parse
from tests.record.bundles_by_hand import RECUSED, Book, Key, b64, json, note, parts, sha
from tests.record.conftest import Verify
from tests.record.rounds_by_hand import PLAIN

MARKS = {"idea": "5", "work": "7.5"}
OTHERS = {"idea": "5.5", "work": "7.5"}
BLANK = dict.fromkeys(MARKS, RECUSED)

Held = tuple[Book, list[bytes]]


def started() -> tuple[Book, list[str]]:
    book = Book(parse(PLAIN), 20)
    book.freeze({"kind": "given", "value": "s"})
    book.enter({"a0": "a", "b0": "b", "b1": "b"})
    book.seat(["r1", "r2", "r3"])
    return book, book.assign([("a0", "r1"), ("a0", "r2"), ("b0", "r1"), ("b0", "r2"), ("b1", "r3")])


def ended(book: Book) -> Book:
    book.close()
    book.announce()
    return book


def taken_back(book: Book, slot: str) -> None:
    """The last leaf, a sheet, as if it had never come."""
    book.leaves.pop()
    book.versions.pop(slot)
    book.opened_sheets.pop()


def check(verified: Verify, bundle: bytes, held: Sequence[bytes]) -> tuple[str, str, str]:
    """Verdict, outcome of `receipts` and why. Python agrees; what it does not take for a receipt proves nothing."""
    found = verified(bundle, held)
    outcome = found["outcomes"]["receipts"]
    read = [(f"receipt {n}", parsed) for n, one in enumerate(held, 1) if (parsed := _parsed(one))]
    python = verify(bundle, receipts=read)
    (own,) = [one for one in python.checks if one.name == "receipts"]
    expected = own.outcome if len(read) == len(held) or own.outcome == "failed" else "not shown"
    assert (found["verdict"], outcome) == (python.answer, expected), (found["why"]["receipts"], own.why)
    assert found["failed"] in ([], ["receipts"]), found["why"]
    return found["verdict"], outcome, found["why"]["receipts"]


def _parsed(receipt: bytes) -> Receipt | BallotReceipt | None:
    try:
        return BallotReceipt.parse(receipt) if receipt.startswith(b"{") else Receipt.parse(receipt)
    except ReceiptError:
        return None


# What was kept.


def test_receipts_and_promises_that_were_kept(verified: Verify) -> None:
    book, slots = started()
    event = book.event("opened")
    first = book.sheet(slots[0], OTHERS)
    size = len(book.leaves)
    early = book.receipt(first)
    last = book.sheet(slots[0], MARKS)
    blank = book.sheet(slots[1], BLANK)
    promise = book.promise(last)
    book.rotate()
    dropped_out = book.sheet(slots[2], MARKS)
    book.assign([("b0", "r3")], {("b0", "r3"): slots[2]})
    ended(book)
    held = [early, book.receipt(last), book.receipt(blank), book.receipt(event, size), promise]
    for tier in ("public", "full"):
        bundle = book.bundle(tier)
        assert check(verified, bundle, held) == ("verified", "passed", "")
        verdict, outcome, why = check(verified, bundle, [*held, book.receipt(dropped_out)])
        assert (verdict, outcome) == ("verified", "passed")
        assert "does not count" in why


def test_whoever_holds_an_early_version_alone_takes_it_for_the_last(verified: Verify) -> None:
    book, slots = started()
    early = book.receipt(book.sheet(slots[0], OTHERS))
    later = book.sheet(slots[0], MARKS)
    forged = book.receipt({**later, "signature": b64(bytes(64))})
    ended(book)
    bundle, hidden = book.bundle(), book.bundle(sheets=False)
    assert "marks were changed" in check(verified, bundle, [early])[2]
    assert "no sheets are shown" in check(verified, hidden, [early])[2]
    assert check(verified, bundle, [early, book.promise(later)])[1] == "passed"
    assert "marks were changed" in check(verified, bundle, [early, forged])[2]  # that one hides nothing


def test_a_receipt_from_after_the_close_opens_what_counted(verified: Verify) -> None:
    """Also where no sheets are shown."""
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    later = book.sheet(slots[1], OTHERS)
    ended(book)
    secrets = {slot: secret for slot, secret, _ in book.closing}
    good = book.receipt({**extra, "closing": secrets[slots[0]]})
    other = book.receipt({**later, "closing": secrets[slots[0]]})
    for sheets in (True, False):
        bundle = book.bundle(sheets=sheets)
        assert check(verified, bundle, [good])[:2] == ("verified" if sheets else "incomplete", "passed")
        assert "marks were changed" in check(verified, bundle, [good, other])[2]


def test_a_receipt_while_sheets_are_coming_in(verified: Verify) -> None:
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    book.assign([("a0", "r3")], {("a0", "r3"): slots[0]})
    assert check(verified, book.bundle(), [receipt]) == ("incomplete", "passed", "")
    assert check(verified, book.bundle(), [])[1] == "not shown"


def test_a_receipt_of_a_longer_log_says_where_its_leaf_must_be(verified: Verify) -> None:
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    ended(book)
    assert check(verified, book.bundle(), [longer(book, extra)])[:2] == ("verified", "passed")


# What accuses the log.


def other_log() -> Held:
    """Two people were shown different logs of the same size."""
    left, slots = started()
    right, _ = started()
    left.sheet(slots[1], OTHERS)
    receipt = left.receipt(left.sheet(slots[0], MARKS))
    right.sheet(slots[0], MARKS)
    right.sheet(slots[1], OTHERS)
    return ended(right), [receipt]


def dropped() -> Held:
    """Another sheet in the place of that which a longer log has."""
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    receipt = longer(book, extra)
    taken_back(book, slots[0])
    book.sheet(slots[0], OTHERS)
    return ended(book), [receipt]


def behind_the_end() -> Held:
    """A sheet of a longer log, of which the shorter one knew nothing when it was closed."""
    book, slots = started()
    ended(book)
    kept_leaves, book.leaves = book.leaves, [*book.leaves, b"more"]
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    book.leaves = kept_leaves
    return book, [receipt]


def longer(book: Book, extra: dict[str, Any]) -> bytes:
    """A receipt from when the log has got twenty leaves longer."""
    book.leaves += [b"%d" % n for n in range(20)]
    receipt = book.receipt(extra)
    del book.leaves[-20:]
    return receipt


def broken_promise() -> Held:
    book, slots = started()
    promise = book.promise(book.sheet(slots[0], MARKS))
    taken_back(book, slots[0])
    return ended(book), [promise]


def closed_as(marks: dict[str, str] | None, submitted: dict[str, str] = MARKS) -> Callable[[], Held]:
    """The close says something else of the slot than its holder submitted."""

    def build() -> Held:
        book, slots = started()
        extra = book.sheet(slots[0], submitted)
        if marks is None:
            book.versions.pop(slots[0])
        else:
            book.versions[slots[0]] = [marks]
        ended(book)
        return book, [book.receipt(extra)]

    return build


def with_extra(change: Callable[[dict[str, Any]], Any]) -> Callable[[], Held]:
    """The log signed other extra data; proof and checkpoint are those of the leaf that is there."""

    def build() -> Held:
        book, slots = started()
        extra = book.sheet(slots[0], MARKS)
        changed = extra | {"fields": dict(extra["fields"]), "reviewer": dict(extra["reviewer"])}
        change(changed)
        ended(book)
        signed = book.signed_extra(changed).encode()
        return book, [book.receipt(extra).replace(book.signed_extra(extra).encode(), signed)]

    return build


ACCUSING: dict[str, tuple[Callable[[], Held], str]] = {
    "forked": (other_log, "forked"),
    "dropped": (dropped, "dropped"),
    "behind the end": (behind_the_end, "forked"),
    "promise broken": (broken_promise, "broke its promise"),
    "marks changed": (closed_as(OTHERS), "marks were changed"),
    "called missing": (closed_as(None), "not counted"),
    "called recused": (closed_as(BLANK), "not counted"),
    "recused called submitted": (closed_as(MARKS, BLANK), "not counted"),
    "other entry": (with_extra(lambda extra: extra["reviewer"].update(entry="b0")), "slot is not in the log"),
    "other reviewer": (with_extra(lambda extra: extra["reviewer"].update(code="r9")), "slot is not in the log"),
}


@pytest.mark.parametrize("name", ACCUSING)
def test_a_genuine_receipt_that_does_not_agree_says_what_is_wrong(verified: Verify, name: str) -> None:
    build, why = ACCUSING[name]
    book, held = build()
    bundle = book.bundle()
    verdict, outcome, told = check(verified, bundle, held)
    assert (verdict, outcome) == ("refused", "failed")
    assert told.startswith("receipt 1: ")
    assert why in told
    assert check(verified, bundle, [])[0] == "verified"
    assert check(verified, bundle, [b"hello\n\nworld\n", *held])[1] == "failed"


# What proves nothing.


def kept(change: Callable[[bytes, Book], bytes], promise: bool = False) -> Callable[[], Held]:
    """A receipt or promise of what is in the log, its bytes changed afterwards."""

    def build() -> Held:
        book, slots = started()
        book.event("opened")
        extra = book.sheet(slots[0], MARKS)
        ended(book)
        return book, [change(book.promise(extra) if promise else book.receipt(extra), book)]

    return build


def extra_of(receipt: bytes) -> bytes:
    return base64.b64decode(receipt.split(b"\n")[1].removeprefix(b"extra "))


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[[], Held]:
    """Other extra data under the old signature."""

    def changed(receipt: bytes, _: Book) -> bytes:
        extra = extra_of(receipt)
        assert change(extra) != extra
        return receipt.replace(b64(extra).encode(), b64(change(extra)).encode())

    return kept(changed)


def signed_by(key: Callable[[Book], Key], origin: str = "") -> Callable[[], Held]:
    """The extra data signed by another, or for another log."""

    def change(receipt: bytes, book: Book) -> bytes:
        extra = plain_json.loads(extra_of(receipt))
        extra.pop("signature")
        message = parts("simsa receipt v1", origin or book.origin, json(extra))
        signed = json({**extra, "signature": b64(key(book).private.sign(message))})
        return receipt.replace(b64(extra_of(receipt)).encode(), b64(signed).encode())

    return kept(change)


def by_another(receipt: bytes, book: Book) -> bytes:
    """The note below signed by a key that calls itself the log's."""
    head, _, rest = receipt.partition(b"\n\n")
    return head + b"\n\n" + note(rest.decode().split("\n\n")[0] + "\n", Key(book.origin, 9))


def twice_signed(receipt: bytes, book: Book) -> bytes:
    """A second line of the log's key, of another text."""
    return receipt + book.keys[0].line("another text\n").encode()


def other_promise(receipt: bytes, book: Book) -> bytes:
    text = f"simsa promise v1\n{book.origin}\n{b64(sha(b'other'))}\n1700000000\n"
    return receipt.split(b"\n\n")[0] + b"\n\n" + note(text, book.keys[-1])


def without_line(n: int) -> Callable[[bytes, Book], bytes]:
    return lambda receipt, _: b"\n".join(receipt.split(b"\n")[:n] + receipt.split(b"\n")[n + 1 :])


def former_key() -> Held:
    """A fork by a key of which the log had taken leave: whoever has stolen it accuses nobody."""
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    book.rotate()
    ended(book)
    kept_leaves, kept_changes = book.leaves, book.key_changes
    book.leaves, book.key_changes = [*kept_leaves[:-1], b"another"], [len(kept_leaves)]
    receipt = book.receipt(extra)
    book.leaves, book.key_changes = kept_leaves, kept_changes
    return book, [receipt]


def waiting_sheet() -> Held:
    """While sheets are coming in, what was promised may still come."""
    book, slots = started()
    promise = book.promise(book.sheet(slots[0], MARKS))
    taken_back(book, slots[0])
    return book, [promise]


def later_event() -> Held:
    book, _ = started()
    ended(book)
    receipt = book.receipt(book.event("objected"))
    book.leaves.pop()
    book.opened_events.pop()
    return book, [receipt]


def later_sheet() -> Held:
    """Its leaf is where it says, in a log that has not yet got so far."""
    book, slots = started()
    return book, [longer(book, book.sheet(slots[0], MARKS))]


def waiting_event() -> Held:
    book, _ = started()
    promise = book.promise(book.event("objected"))
    book.leaves.pop()
    book.opened_events.pop()
    return ended(book), [promise]


CHANGED = "was changed, or does not come from this log"
PROVING_NOTHING: dict[str, tuple[Callable[[], Held], str]] = {
    "a sheet of a longer log": (later_sheet, "get a later bundle"),
    "an event of a longer log": (later_event, "get a later bundle"),
    "a fork by a former key": (former_key, "key of its time"),
    "a sheet that is promised": (waiting_sheet, "get a later bundle"),
    "an event that is promised": (waiting_event, "get a later bundle"),
    "another secret": (
        with_bytes(lambda extra: re.sub(rb'"secret":"[0-9a-f]', b'"secret":"x', extra)),
        "no known kind",
    ),
    "another entry": (with_bytes(lambda extra: extra.replace(b'"a0"', b'"b0"')), CHANGED),
    "an opening of the close": (with_bytes(lambda extra: b'{"closing":"%s",' % (b"0" * 64) + extra[1:]), CHANGED),
    "other marks": (with_extra(lambda extra: extra["fields"].update({"mark/idea": "9"})), "proof does not hold"),
    "other round": (with_extra(lambda extra: extra.update(round="x")), "another round"),
    "more said": (with_extra(lambda extra: extra.update(more=1)), "unknown key"),
    "spaces": (with_bytes(lambda extra: extra.replace(b":", b": ", 1)), "canonical"),
    "no signature": (with_bytes(lambda extra: extra.replace(b'"signature"', b'"signaturf"')), "has no signature"),
    "a signature that is none": (with_extra(lambda extra: extra.update(signature="")), CHANGED),
    "a signature of a list": (with_extra(lambda extra: extra.update(signature=["x"])), "no signature"),
    "signed by a stranger": (signed_by(lambda book: Key(book.origin, 9)), CHANGED),
    "signed for another log": (signed_by(lambda book: book.keys[0], "log.other/small"), CHANGED),
    "a note by a stranger": (kept(by_another), "not signed by the log's key"),
    "a note with a wrong line": (kept(twice_signed), "is wrong"),
    "another log": (kept(lambda r, book: r.replace(book.origin.encode(), b"log.other/small")), "another log"),
    "another index": (kept(lambda r, _: r.replace(b"\nindex ", b"\nindex 1")), "proof"),
    "a shorter proof": (kept(without_line(3)), "proof"),
    "no extra data": (kept(without_line(1)), "what was submitted"),
    "not a receipt": (kept(lambda *_: b"hello\n\nworld\n"), "no receipt"),
    "a promise by a stranger": (kept(by_another, promise=True), "not signed by this log"),
    "a promise of something else": (kept(other_promise, promise=True), "another submission"),
}


@pytest.mark.parametrize("name", PROVING_NOTHING)
def test_a_receipt_that_proves_nothing_accuses_nobody(verified: Verify, name: str) -> None:
    build, why = PROVING_NOTHING[name]
    book, held = build()
    bundle = book.bundle()
    verdict, outcome, told = check(verified, bundle, held)
    assert (verdict, outcome) == ("verified" if book.closed else "incomplete", "not shown")
    assert told.startswith("receipt 1: ")
    assert why in told
