"""Receipts of ballots that voters hold, in both verifiers, and what of a vote only they can find."""

from __future__ import annotations

import json as plain_json
from collections.abc import Callable
from typing import Any

import pytest

from simsa.record.verification import verify
from simsa.rules import parse
from tests.record.bundles_by_hand import Book, Key, b64, json, parts, zipped
from tests.record.conftest import Verify
from tests.record.rounds_by_hand import GROUPS, SAID, VOTED, scored, vote_numbers
from tests.record.test_verifier_receipts import CHANGED, check

Change = Callable[[Book], Any]
Held = list[bytes]


def held(change: Change = lambda book: None, *, until: str = "result") -> tuple[Book, Held]:
    """A vote and the receipts of its five ballots; the last one was put aside. `change`: between sealing and count.
    `until`: `sealed`, or the end."""
    book = scored(parse(VOTED), 14, until="open")
    said = [book.ballot(one, counts=one is not SAID[-1]) for one in SAID]
    own = [row[0] for row in book.ballots]
    batches = [(book.seal(some), some) for some in (own[:2], own[2:])]
    receipts = [book.ballot_receipt(one, batches[n > 1]) for n, one in enumerate(said)]
    if until == "sealed":
        return book, receipts
    change(book)
    out = sum(not counts for _own, counts, _says in book.ballots)
    book.count_vote(sorted(GROUPS)[:-1], [["device", out, False]])
    book.amend()
    book.enter(GROUPS, vote_numbers(book))
    book.close()
    book.draw_seed()
    book.announce()
    return book, receipts


def test_ballots_that_were_kept(verified: Verify) -> None:
    book, receipts = held()
    for tier in ("public", "full"):
        assert check(verified, book.bundle(tier), receipts[:4]) == ("verified", "passed", "")
        verdict, outcome, why = check(verified, book.bundle(tier), receipts)
        assert (verdict, outcome) == ("verified", "passed")
        assert "put aside" in why
    early = [unsealed(one) for one in receipts]
    assert check(verified, book.bundle(), early[:4])[:2] == ("verified", "passed")


def test_a_ballot_before_the_count_is_sealed_or_waits(verified: Verify) -> None:
    book, receipts = held(until="sealed")
    assert check(verified, book.bundle(), receipts)[:2] == ("incomplete", "passed")
    assert check(verified, book.bundle(), [unsealed(receipts[0])])[1:] == (
        "not shown",
        "receipt 1: is not sealed yet; get a later bundle",
    )


def test_a_vote_whose_ballots_are_not_shown_is_incomplete(verified: Verify) -> None:
    book, receipts = held()
    hidden = zipped(book.signed({path: data for path, data in book.files().items() if path != "ballots.json"}))
    verdict, outcome, why = check(verified, hidden, receipts[:1])
    assert (verdict, outcome) == ("incomplete", "not shown")
    assert "the ballots are not in this file" in why
    assert [one.why for one in verify(hidden).checks if one.name == "ballots"] == ["the ballots are not in this file"]


def exchanged(book: Book) -> None:
    """What two ballots say: the count is the same, and no bundle shows it."""
    book.ballots[0][2], book.ballots[1][2] = book.ballots[1][2], book.ballots[0][2]


ACCUSING: dict[str, tuple[Change, str]] = {
    "dropped": (lambda book: book.ballots.pop(0), "this ballot was dropped"),
    "changed": (exchanged, "this ballot was changed"),
    "another in its place": (lambda book: (book.ballots.pop(0), book.ballot([["b4", "3"]])), "this ballot was dropped"),
}


@pytest.mark.parametrize("name", ACCUSING)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_ballot_that_is_not_counted_as_it_was_cast_says_so(verified: Verify, name: str, sealed: bool) -> None:
    change, why = ACCUSING[name]
    book, receipts = held(change)
    mine = receipts[0] if sealed else unsealed(receipts[0])
    verdict, outcome, told = check(verified, book.bundle(), [mine])
    assert (verdict, outcome) == ("refused", "failed")
    assert why in told
    assert check(verified, book.bundle(), [])[0] == "verified"


def test_a_ballot_of_another_log_of_the_same_size_shows_the_fork(verified: Verify) -> None:
    left, receipts = held(until="sealed")
    right = scored(parse(VOTED), 14, until="open")
    for one in SAID:
        right.ballot(one)
    right.seal([row[0] for row in right.ballots][:1])
    right.seal([row[0] for row in right.ballots][1:])
    assert len(left.leaves) == len(right.leaves)
    assert "forked" in check(verified, right.bundle(), receipts[:1])[2]


def unsealed(receipt: bytes) -> bytes:
    """As it is before the ballot is sealed."""
    return json({key: value for key, value in plain_json.loads(receipt).items() if key != "sealed"})


def edited(change: Callable[[dict[str, Any]], Any]) -> Callable[[Book, Held], bytes]:
    def made(_book: Book, receipts: Held) -> bytes:
        said = plain_json.loads(receipts[0])
        change(said)
        return json(said)

    return made


def signed_by(key: Callable[[Book], Key], origin: str = "") -> Callable[[Book, Held], bytes]:
    def made(book: Book, receipts: Held) -> bytes:
        said = plain_json.loads(receipts[0])
        own = book.batches[0][1][0]
        said["signature"] = b64(key(book).private.sign(parts("simsa ballot v1", origin or book.origin, own)))
        return json(said)

    return made


def of_the_other_batch(book: Book, receipts: Held) -> bytes:
    """What sealed the others."""
    said, other = plain_json.loads(receipts[0]), plain_json.loads(receipts[3])
    return json({**said, "sealed": {**said["sealed"], "event": other["sealed"]["event"]}})


PROVING_NOTHING: dict[str, tuple[Callable[[Book, Held], bytes], str]] = {
    "another secret": (edited(lambda said: said.update(secret="0" * 64)), CHANGED),
    "another ballot": (edited(lambda said: said["ballot"].reverse()), CHANGED),
    "another round": (edited(lambda said: said.update(round="other")), "another round"),
    "points that are no number": (edited(lambda said: said["ballot"][0].__setitem__(1, "3.0")), "shortest"),
    "more said": (edited(lambda said: said.update(more=1)), "unknown key"),
    "no secret": (edited(lambda said: said.update(secret="x")), "no known kind"),
    "a signature of a list": (edited(lambda said: said.update(signature=["x"])), "no signature"),
    "signed by a stranger": (signed_by(lambda book: Key(book.origin, 9)), CHANGED),
    "signed for another log": (signed_by(lambda book: book.keys[0], "log.other/small"), CHANGED),
    "another place": (edited(lambda said: said["sealed"].update(index=1)), "among the ballots"),
    "another size": (edited(lambda said: said["sealed"].update(size=3)), "something else"),
    "a place below nothing": (edited(lambda said: said["sealed"].update(index=-1)), "not understood"),
    "no path": (edited(lambda said: said["sealed"].update(proof=[])), "among the ballots"),
    "a path that is none": (edited(lambda said: said["sealed"].update(proof=["x"])), "base64"),
    "sealed by nothing": (edited(lambda said: said["sealed"].update(event=b64(b"hello"))), "no receipt"),
    "the other batch": (of_the_other_batch, "something else"),
    "spaces": (lambda _book, receipts: receipts[0].replace(b":", b": ", 1), "canonical"),
}


@pytest.mark.parametrize("name", PROVING_NOTHING)
def test_a_ballot_that_proves_nothing_has_nobody_refused(verified: Verify, name: str) -> None:
    change, why = PROVING_NOTHING[name]
    book, receipts = held()
    verdict, outcome, told = check(verified, book.bundle(), [change(book, receipts), receipts[1]])
    assert (verdict, outcome) == ("verified", "not shown")
    assert why in told
