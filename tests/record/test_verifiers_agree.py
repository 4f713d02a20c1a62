"""Two verifiers, written apart from each other, come to the same verdict and winners."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simsa.record.receipts import Receipt
from simsa.record.verification import verify
from tests.draws import draws
from tests.record.conftest import Verify
from tests.record.rounds import bundles


def compare(verified: Verify, data: bytes, receipts: Sequence[Receipt] = ()) -> str:
    """The verdict of both."""
    browser = verified(data, [bytes(receipt) for receipt in receipts])
    python = verify(data, receipts=[(f"receipt {n}", receipt) for n, receipt in enumerate(receipts, 1)])
    told = {check.name: check.why for check in python.failed}
    assert browser["verdict"] == python.answer, (browser["why"], told)
    if browser["verdict"] in ("verified", "incomplete"):
        assert browser["outcomes"] == {check.name: check.outcome for check in python.checks}
        assert [(w["group"], w["rank"], w["entry"], w["score"], w["name"]) for w in browser["winners"]] == [
            (w.group, w.rank, w.entry, w.score, w.name) for w in python.winners
        ]
    return browser["verdict"]


def test_on_rounds_of_every_sort(verified: Verify) -> None:
    found = {
        compare(verified, data, receipts) for _name, data, receipts in bundles(Random().randrange(2**32), draws(50))
    }
    assert found <= {"verified", "incomplete"}


def test_on_bytes_that_were_damaged_on_their_way(verified: Verify) -> None:
    """Any byte of a bundle changed, or the end of it lost."""
    wild = Random()
    (data,) = (data for _name, data, _receipts in bundles(7, 1))
    for _ in range(draws(150)):
        at = wild.randrange(len(data))
        changed = bytearray(data)
        changed[at] ^= 1 << wild.randrange(8)
        assert compare(verified, bytes(changed)) in ("refused", "unreadable"), at
        compare(verified, data[:at])
