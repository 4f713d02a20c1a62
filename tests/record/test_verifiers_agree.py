"""Two verifiers, written apart from each other, come to the same verdict, winners and changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from simsa.record.receipts import Receipt
from simsa.record.verification import verify
from tests.draws import draws
from tests.record.attacks import Attack, damaged, rebuilt, signed_again
from tests.record.conftest import Verify
from tests.record.rounds import bundles, drawn_round


def compare(verified: Verify, name: str, data: bytes, receipts: Sequence[Receipt] = ()) -> str:
    """The verdict of both. `name`: what leads to these bytes again. How far a broken ZIP is read is the reader's."""
    browser = verified(data, [bytes(receipt) for receipt in receipts])
    python = verify(data, receipts=[(f"receipt {n}", receipt) for n, receipt in enumerate(receipts, 1)])
    told = python.to_json()
    failed = {check.name: check.why for check in python.failed}
    expected = {"refused", "unreadable"} if "archive" in failed else {python.answer}
    assert browser["verdict"] in expected, (name, {one: browser["why"][one] for one in browser["failed"]}, failed)
    if browser["verdict"] in ("verified", "incomplete"):
        assert browser["outcomes"] == {check.name: check.outcome for check in python.checks}, name
        # The page has names of entries at changes, too, and those of groups apart.
        for what, apart in (("winners", "group_name"), ("changes", "name")):
            assert _without(apart, browser[what]) == _without(apart, told[what]), name
    return str(browser["verdict"])


def _without(key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{own: value for own, value in row.items() if own != key} for row in rows]


def attacks(seed: int, number: int) -> Iterator[tuple[str, bytes, tuple[Receipt, ...]]]:
    """Name, bytes and receipts of so many bundles that were changed by people with more and less power."""
    drawn, wild = drawn_round(seed), Random(seed)
    _name, data = wild.choice(list(drawn.bundles))
    made = [*damaged(data, wild, number), *signed_again(drawn, data, wild, number)]
    made += [attack for attack, _edit in rebuilt(drawn, data, wild, number)]
    by: dict[str, list[Attack]] = {}
    for attack in made:
        by.setdefault(attack.by, []).append(attack)
    for attack in (one for some in by.values() for one in wild.sample(some, min(number // len(by), len(some)))):
        yield f"round {seed}, {attack.by}: {attack.what}", attack.data, drawn.receipts if wild.random() < 0.3 else ()


def test_on_rounds_of_every_sort(verified: Verify) -> None:
    some = bundles(Random().randrange(2**32), draws(40))
    assert {compare(verified, *one) for one in some} <= {"verified", "incomplete"}


def test_on_attacks(verified: Verify) -> None:
    """Changed by people who have nothing, the manifest, the keys, or who build the whole log anew."""
    found = Counter(compare(verified, *one) for one in attacks(Random().randrange(2**32), draws(160)))
    assert found["refused"] > found.total() / 2


def test_on_bytes_that_were_damaged_on_their_way(verified: Verify) -> None:
    """Any byte of a bundle changed, or the end of it lost."""
    wild = Random(seed := Random().randrange(2**32))
    ((_name, data, _receipts),) = bundles(7, 1)
    for n in range(draws(90)):
        at = wild.randrange(len(data))
        changed = bytearray(data)
        changed[at] ^= 1 << wild.randrange(8)
        name = f"seed {seed}, draw {n}"
        assert compare(verified, name, bytes(changed)) in ("refused", "unreadable")
        compare(verified, f"{name}, cut", data[:at])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5000, 5020))
def test_on_two_thousand_bundles(verified: Verify, seed: int) -> None:
    """Twenty times: rounds of every sort, and attacks on one."""
    found = Counter(compare(verified, *one) for one in bundles(20 * seed, 20))
    assert set(found) <= {"verified", "incomplete"}
    found = Counter(compare(verified, *one) for one in attacks(seed, 80))
    assert found["refused"] > found.total() / 2
