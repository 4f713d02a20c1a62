"""Attacks on bundles, thousands of them, each one refused: the verifier says what is wrong and never stumbles.

Whoever has the log's keys can build a log anew around a change, and some such logs are honest ones of another world
(another name of an entry, another mark that changes no result). No bundle can show that by itself: what somebody
else holds does. Here it is the receipts, and the witnesses who saw the log that everybody saw.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random

import pytest

from simsa.record.checkpoints import Checkpoint
from simsa.record.notes import SigningKey
from simsa.record.verification import Answer, Outcome, Verdict, verify
from simsa.record.verification.archive import ArchiveError, UnreadableError, unpacked
from simsa.record.verification.examining import BEYOND
from tests.record.attacks import Attack, World, damaged, listed, rebuilt, sealed, signed_again, zipped
from tests.record.edits import Edit
from tests.record.rounds import Drawn, drawn_round

REFUSED = (Answer.REFUSED, Answer.UNREADABLE)
EQUIVALENT = re.compile(
    r"log/checkpoint(s/\d+)?: (byte|line|lines) |log/checkpoints/\d+ dropped|(sheets|ballots).json dropped"
)
"""What whoever has the keys may do without saying anything else: further signatures below a checkpoint (of keys that
nobody knows, or once more), an earlier checkpoint that is not shown, or sheets and ballots, where rules allow that."""


def answer(attack: Attack, drawn: Drawn) -> Verdict:
    """What somebody finds who has nothing but the bundle and the key that the organiser published."""
    verdict = verify(attack.data, key=drawn.keys[0].verifier)
    assert not [one for one in verdict.failed if one.why.startswith(BEYOND)], attack
    return verdict


def same_files(attack: Attack, data: bytes) -> bool:
    """Packed otherwise, and nothing else: a bit behind the end of what was packed, for example."""
    try:
        return unpacked(attack.data) == unpacked(data)
    except (ArchiveError, UnreadableError):
        return False


def check_bundle(drawn: Drawn, data: bytes, rng: Random, each: int) -> Iterator[bytes]:
    """Attack one bundle, `each` times at every level; the bytes of the attacks."""
    levels: dict[str, list[tuple[Attack, Edit | None]]] = {}
    for attack in [*damaged(data, rng, each // 3), *signed_again(drawn, data, rng, each // 2)]:
        levels.setdefault(attack.by, []).append((attack, None))
    levels["rebuilder"] = list(rebuilt(drawn, data, rng, each))
    world = World(drawn, data)
    for attack, edit in (found for level in levels.values() for found in rng.sample(level, min(each, len(level)))):
        if attack.data == data or same_files(attack, data):
            continue
        yield attack.data
        if answer(attack, drawn).answer in REFUSED:
            continue
        if edit is not None:
            check_other_world(drawn, world, attack, edit)
        else:
            assert attack.by == "signer", attack
            assert EQUIVALENT.match(attack.what), attack


def check_other_world(drawn: Drawn, world: World, attack: Attack, edit: Edit) -> None:
    """A log that is sound in itself is not the one that others have seen."""
    assert not decided(drawn, world, edit), attack.what
    seen = verify(attack.data, policy=drawn.policy)
    assert {one.name for one in seen.failed} == {"witnesses"}, attack.what
    if drawn.stage != "forgotten":  # receipts are older than the last leaf of that
        assert found_by_receipts(attack.data, drawn), attack.what


def found_by_receipts(data: bytes, drawn: Drawn) -> bool:
    """They fail; or the log is shorter than what people hold, and they are told to ask for the rest."""
    verdict = verify(data, receipts=drawn.named)
    [receipts] = [one for one in verdict.checks if one.name == "receipts"]
    assert [one.name for one in verdict.failed] in ([], ["receipts"])
    return receipts.outcome is Outcome.FAILED or "is of a longer log than this bundle" in receipts.why


def decided(drawn: Drawn, world: World, edit: Edit) -> bool:
    """Whether the edit is to a result that counts, and to a part of it that the tier shows to follow from the rest."""
    leaves = world.told["leaves"]
    results = [n for n, leaf in enumerate(leaves) if leaf["kind"] == "result"]
    if drawn.stage == "amended" or not results or edit.path[:2] != ("leaves", results[-1]):
        return False
    part = edit.path[3:]
    if "zone" in part or edit.what.startswith("zone"):
        return False  # estimates, which no verifier computes again
    if "sheets.json" in world.told:
        return True
    given = {"entry", "values", "exact", "calibrated"}  # who has which numbers, only the sheets could tell
    return part[:1] != ("standings",) or not given & {*part, *edit.what.split()}


def attacked(drawn: Drawn, data: bytes, each: int) -> int:
    """How many different bundles there were."""
    assert answer(Attack("nobody", "", data), drawn).answer not in REFUSED
    return len(set(check_bundle(drawn, data, Random(drawn.name), each)))


@pytest.mark.parametrize(
    ("seed", "kind", "stage"),
    [(1, "tally", "result"), (2, "calibrated", "second result"), (3, "lottery", "result"), (4, "tally", "forgotten")],
)
def test_attacks_are_refused(seed: int, kind: str, stage: str) -> None:
    drawn = drawn_round(seed, kind=kind, stage=stage, witnessed=True)
    for _name, data in drawn.bundles:
        assert attacked(drawn, data, each=24) > 80


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1012))
def test_ten_thousand_attacks_are_refused(seed: int) -> None:
    drawn = drawn_round(seed, witnessed=True)
    *_public, (_name, data) = drawn.bundles if seed % 3 else [("public", drawn.public)]
    assert attacked(drawn, data, each=250) > 840  # twelve times


def test_a_log_that_is_cut_short_is_told_from_the_one_that_others_saw() -> None:
    drawn = drawn_round(20, stage="result", witnessed=True)
    world = World(drawn, drawn.public)
    leaves = world.told["leaves"]
    assert len(leaves) > 20
    for size in range(1, len(leaves)):
        data = world.made({"leaves": leaves[:size], "rules": world.told["rules"]})
        assert "witnesses" in [one.name for one in verify(data, policy=drawn.policy).failed]
        verdict = verify(data, receipts=drawn.named)
        told = {one.name: one for one in verdict.checks}
        closed = any(leaf.get("statement", {}).get("kind") == "close" for leaf in leaves[:size])
        assert (
            "is of a longer log" in told["receipts"].why
            or told["keys"].outcome is Outcome.FAILED
            or (closed and verdict.answer is Answer.INCOMPLETE)  # what is left is how the log once was
        )


def test_two_checkpoints_of_one_size() -> None:
    """The organiser signs another root for a size that somebody has seen; in one bundle, and towards two people."""
    drawn = drawn_round(30, stage="result", witnessed=True)
    world = World(drawn, drawn.public)
    files, last = world.files, Checkpoint.parse(world.files["log/checkpoint"])
    for size in range(1, last.size + 2):
        keys = drawn.keys if size > 1 else drawn.keys[:1]
        forked = bytes(Checkpoint.signed(last.origin, size, bytes(32), keys))
        other = sealed(listed({**files, f"log/checkpoints/{size}": forked}), drawn.keys[-1])
        verdict = verify(zipped(other))
        assert [one.name for one in verdict.failed] == ["log"]
        assert ("the log was forked" if size < last.size else "no earlier checkpoint") in verdict.failed[0].why
    other_told = json.loads(json.dumps(world.told))
    other_told["leaves"][0]["statement"]["engine"] = "another"
    shown_to_others = verify(world.made(other_told), receipts=drawn.named)
    assert "two people were shown different logs" in shown_to_others.failed[0].why


def test_a_log_under_another_key_is_not_the_one_that_was_published() -> None:
    drawn = next(one for n in range(40, 80) if len((one := drawn_round(n, stage="result")).keys) == 1)
    world = World(drawn, drawn.public)
    data = world.made(world.told, keys=[SigningKey.new(drawn.keys[0].name)])
    assert verify(data).answer is Answer.VERIFIED  # nothing in it says that it is not the one
    verdict = verify(data, key=drawn.keys[0].verifier, receipts=drawn.named)
    assert [one.name for one in verdict.failed] == ["keys"]
    assert "never signed this log" in verdict.failed[0].why
    assert "its signature is not by the log" in verify(data, receipts=drawn.named).checks[-1].why


@pytest.mark.parametrize("mark", ["06", "submitted", "1/3", "", None, ["6"]])
def test_marks_that_do_not_count_are_marks_too(mark: object) -> None:
    """The insider opens a sheet of a round that is still open to what no reviewer can give."""
    drawn = drawn_round(9, stage="open")
    assert drawn.full is not None
    world = World(drawn, drawn.full)
    row = world.told["openings/sheets.json"][0]
    place = ("openings/sheets.json", 0, 4, next(iter(row[4])))
    edit = Edit(place, "another mark", lambda _old: mark)
    [failed] = verify(world.made(edit.on(world.told), edit)).failed
    assert failed.name == "openings"
    assert "/0/4/" in failed.why
