"""Receipts and promises that a user holds, in the JavaScript verifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simsa.rules import parse
from tests.record.bundles_by_hand import RECUSED, Book, Key, b64, json, note, root, sha
from tests.record.conftest import Verify
from tests.record.rounds_by_hand import PLAIN

MARKS = {"idea": "5", "work": "7.5"}
OTHERS = {"idea": "5.5", "work": "7.5"}
BLANK = dict.fromkeys(MARKS, RECUSED)


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


def test_receipts_and_promises_that_were_kept(verified: Verify) -> None:
    book, slots = started()
    event = book.event("opened")
    first = book.sheet(slots[0], OTHERS)
    size = len(book.leaves)
    early = book.receipt(first)
    last = book.sheet(slots[0], MARKS)
    blank = book.sheet(slots[1], BLANK)
    book.rotate()
    dropped_out = book.sheet(slots[2], MARKS)
    book.assign([("b0", "r3")], {("b0", "r3"): slots[2]})
    ended(book)
    held = [early, book.receipt(last), book.receipt(blank), book.receipt(event, size), book.promise(last)]
    for tier in ("public", "full"):
        found = verified(book.bundle(tier), [*held, book.receipt(dropped_out)])
        assert (found["verdict"], found["outcomes"]["receipts"]) == ("verified", "passed"), found["why"]
        assert "does not count" in found["why"]["receipts"]
        assert verified(book.bundle(tier), held)["why"]["receipts"] == ""
    # Whoever holds the first version alone takes it for the last.
    assert "marks were changed" in verified(book.bundle(), [early])["why"]["receipts"]
    without = verified(book.bundle(sheets=False), [early])
    assert without["outcomes"]["receipts"] == "passed"


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
        assert verified(book.bundle(sheets=sheets), [good])["verdict"] == "verified"
        assert "marks were changed" in verified(book.bundle(sheets=sheets), [good, other])["why"]["receipts"]


def test_a_receipt_while_sheets_are_coming_in(verified: Verify) -> None:
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    found = verified(book.bundle(), [receipt])
    assert (found["verdict"], found["outcomes"]["receipts"]) == ("incomplete", "passed")
    assert verified(book.bundle())["outcomes"]["receipts"] == "not shown"


def other_log() -> tuple[Book, list[bytes]]:
    """Two people were shown different logs of the same size."""
    left, slots = started()
    right, _ = started()
    left.sheet(slots[1], OTHERS)
    receipt = left.receipt(left.sheet(slots[0], MARKS))
    right.sheet(slots[0], MARKS)
    right.sheet(slots[1], OTHERS)
    return ended(right), [receipt]


def dropped() -> tuple[Book, list[bytes]]:
    book, slots = started()
    receipt = book.receipt(book.sheet(slots[0], MARKS))
    book.leaves.pop()
    book.versions.pop(slots[0])
    book.opened_sheets.pop()
    book.sheet(slots[0], OTHERS)
    return ended(book), [receipt]


def later() -> tuple[Book, list[bytes]]:
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    longer = [*book.leaves, b"more"]
    kept, book.leaves = book.leaves, longer
    receipt = book.receipt(extra)
    book.leaves = kept
    return book, [receipt]


def promised() -> tuple[Book, list[bytes]]:
    book, slots = started()
    promise = book.promise(book.sheet(slots[0], MARKS))
    book.leaves.pop()
    book.versions.pop(slots[0])
    book.opened_sheets.pop()
    return ended(book), [promise]


def closed_as(status: str, marks: dict[str, str] | None) -> Callable[[], tuple[Book, list[bytes]]]:
    """The close says something else of the slot than its holder submitted."""

    def build() -> tuple[Book, list[bytes]]:
        book, slots = started()
        extra = book.sheet(slots[0], MARKS)
        if marks is None:
            book.versions.pop(slots[0])
        else:
            book.versions[slots[0]] = [marks]
        ended(book)
        return book, [book.receipt(extra)]

    return build


def with_extra(change: Callable[[dict[str, Any]], Any]) -> Callable[[], tuple[Book, list[bytes]]]:
    """The extra data says something else, and proof and signature are those of the leaf that follows from it."""

    def build() -> tuple[Book, list[bytes]]:
        book, slots = started()
        extra = book.sheet(slots[0], MARKS)
        change(extra)
        if book.leaf_of(extra) != book.leaves[-1]:
            return ended(book), [_pretended(book, extra)]
        return ended(book), [book.receipt(extra)]

    return build


def _pretended(book: Book, extra: dict[str, Any]) -> bytes:
    """The receipt of the real leaf, with other extra data."""
    real = next(leaf for leaf in reversed(book.leaves) if b'"kind":"sheet"' in leaf)
    index, kept = book.leaves.index(real), list(book.leaves)
    book.leaves[index] = book.leaf_of(extra)
    forged = book.receipt(extra)
    book.leaves = kept
    text = forged.split(b"\n\n")[0]
    size = f"{book.origin}\n{len(kept)}\n"
    return text + b"\n\n" + note(f"{size}{b64(root(kept))}\n", book.keys[-1])


def of_bytes(change: Callable[[bytes, Book], bytes], promise: bool = False) -> Callable[[], tuple[Book, list[bytes]]]:
    def build() -> tuple[Book, list[bytes]]:
        book, slots = started()
        book.event("opened")
        extra = book.sheet(slots[0], MARKS)
        ended(book)
        return book, [change(book.promise(extra) if promise else book.receipt(extra), book)]

    return build


def by_another(receipt: bytes, book: Book) -> bytes:
    head, _, rest = receipt.partition(b"\n\n")
    return head + b"\n\n" + note(rest.decode().split("\n\n")[0] + "\n", Key(book.origin, 9))


def other_promise(receipt: bytes, book: Book) -> bytes:
    text = f"simsa promise v1\n{book.origin}\n{b64(sha(b'other'))}\n1700000000\n"
    return receipt.split(b"\n\n")[0] + b"\n\n" + note(text, book.keys[-1])


def without_extra(receipt: bytes, _: Book) -> bytes:
    return b"\n".join(line for line in receipt.split(b"\n") if not line.startswith(b"extra "))


def without_first_hash(receipt: bytes, _: Book) -> bytes:
    lines = receipt.split(b"\n")
    return b"\n".join(lines[:3] + lines[4:])


BROKEN: dict[str, tuple[Callable[[], tuple[Book, list[bytes]]], str]] = {
    "forked": (other_log, "forked"),
    "dropped": (dropped, "forked|dropped"),
    "later": (later, "later bundle"),
    "promise broken": (promised, "broke its promise"),
    "marks changed": (closed_as("submitted", OTHERS), "marks were changed"),
    "called missing": (closed_as("missing", None), "not counted"),
    "called recused": (closed_as("recused", BLANK), "not counted"),
    "other marks": (with_extra(lambda extra: extra["fields"].update({"mark/idea": "9"})), "proof does not hold"),
    "other entry": (with_extra(lambda extra: extra["reviewer"].update(entry="b0")), "slot is not in the log"),
    "other reviewer": (with_extra(lambda extra: extra["reviewer"].update(code="r9")), "slot is not in the log"),
    "other round": (with_extra(lambda extra: extra.update(round="x")), "another round"),
    "more said": (with_extra(lambda extra: extra.update(more=1)), "unknown key"),
    "another signer": (of_bytes(by_another), "not signed by this log"),
    "another log": (of_bytes(lambda r, book: r.replace(book.origin.encode(), b"log.other/small")), "another log"),
    "another index": (of_bytes(lambda r, _: r.replace(b"\nindex ", b"\nindex 1")), "proof|dropped"),
    "a shorter proof": (of_bytes(without_first_hash), "proof"),
    "no extra data": (
        of_bytes(lambda r, _: b"\n".join([r.split(b"\n")[0], *r.split(b"\n")[2:]])),
        "what was submitted",
    ),
    "not a receipt": (of_bytes(lambda *_: b"hello\n\nworld\n"), "no receipt"),
    "a promise by another": (of_bytes(by_another, promise=True), "not signed by this log"),
    "a promise of something else": (of_bytes(other_promise, promise=True), "another submission"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_receipt_that_does_not_agree_says_what_is_wrong(verified: Verify, name: str) -> None:
    build, why = BROKEN[name]
    book, held = build()
    found = verified(book.bundle(), held)
    assert (found["verdict"], found["failed"]) == ("refused", ["receipts"]), found["why"]
    assert any(part in found["why"]["receipts"] for part in why.split("|")), found["why"]["receipts"]
    assert found["why"]["receipts"].startswith("receipt 1: ")
    assert verified(book.bundle())["failed"] == []


def test_extra_data_has_one_form(verified: Verify) -> None:
    book, slots = started()
    extra = book.sheet(slots[0], MARKS)
    receipt = book.receipt(extra)
    spaced = b64(json(extra).replace(b":", b": ", 1))
    broken = receipt.replace(b64(json(extra)).encode(), spaced.encode())
    assert verified(book.bundle(), [receipt])["failed"] == []
    assert "canonical" in verified(book.bundle(), [broken])["why"]["receipts"]
