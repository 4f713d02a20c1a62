"""The log in its store: nothing twice, nothing skipped, every checkpoint on one line of history, promises kept."""

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from simsa.record.checkpoints import Checkpoint
from simsa.record.folder import Database, Record, RecordError
from simsa.record.log import Head, promise, proof_of, sequence, tile_data
from simsa.record.merkle import (
    consistency_proof,
    leaf_hash,
    root_from,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from simsa.record.notes import SigningKey, VerifierKey, encoded
from simsa.record.receipts import Receipt
from simsa.record.tiles import Tile, entries_of, nodes_from, tiles_of
from simsa.record.verification import Answer, verify
from tests.draws import draws
from tests.record.small_round import ORIGIN, begun

KEY = SigningKey(ORIGIN, 1, bytes(range(32)))


class Life(RuleBasedStateMachine):
    """Two processes' worth of handles on one record; the model is the list of leaf hashes and those that wait."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "record"
        begun(path).stop()
        self.handles = [Record.open(path), Record.open(path)]
        self.slots = [one.slot for one in self.handles[0].slots]
        self.keys = [self.handles[0].key.verifier]
        self.log = self.leaf_hashes()
        self.waiting: list[bytes] = []
        self.promises: list[Receipt] = []
        self.versions = dict.fromkeys(self.slots, 0)
        self.checkpoints: list[Checkpoint] = []
        self.closed = False

    def leaf_hashes(self) -> list[bytes]:
        database = self.handles[0].database
        return [leaf_hash(data) for data in database.entries(0, database.head.size)]

    def grown(self, statements: int) -> None:
        """The log has taken up all that waited, and as many statements as were said, and changed nothing else."""
        now = self.leaf_hashes()
        assert now[: len(self.log)] == self.log
        taken = now[len(self.log) : len(now) - statements]
        assert sorted(taken) == sorted(self.waiting)
        last = self.handles[1].database.checkpoint()
        assert last is not None
        assert (last.size, last.root) == (len(now), root_of(now))
        assert self.keys[-1] in last.note.signers(self.keys)
        self.checkpoints.append(last)
        self.log, self.waiting = now, []

    who = st.integers(0, 1)

    @precondition(lambda self: not self.closed)
    @rule(who=who, slot=st.integers(0, 5), mark=st.sampled_from(["0", "7.5", "recused", "abstained"]))
    def submit(self, who: int, slot: int, mark: str) -> None:
        receipt = self.handles[who].submit(self.slots[slot], {"merit": mark, "reach": mark})
        self.versions[self.slots[slot]] += 1
        assert receipt.opening.values["version"] == str(self.versions[self.slots[slot]])
        assert receipt.check(self.keys) == {self.keys[-1]}
        self.promises.append(receipt)
        self.waiting.append(receipt.opening.leaf_hash)

    @precondition(lambda self: self.closed)
    @rule(who=who)
    def submit_too_late(self, who: int) -> None:
        with pytest.raises(RecordError, match="closed"):
            self.handles[who].submit(self.slots[0], {"merit": "1", "reach": "1"})

    @rule(who=who, payload=st.integers(0, 3))
    def note(self, who: int, payload: int) -> None:
        record = self.handles[who]
        record.note({"actor": "a", "at": "", "payload": payload, "verb": "look"})
        self.waiting += [hash_ for _key, hash_ in record.database.waiting(1000) if hash_ not in self.waiting]

    @rule(who=who)
    def sequence(self, who: int) -> None:
        checkpoint = self.handles[who].sequence()
        assert (checkpoint is None) is (not self.waiting)
        if checkpoint is not None:
            self.grown(0)
            assert checkpoint == self.checkpoints[-1]

    @rule(who=who)
    def rotate(self, who: int) -> None:
        self.rotated(self.handles[who].rotate())

    def rotated(self, new: VerifierKey) -> None:
        self.keys.append(new)
        self.grown(1)
        assert self.checkpoints[-1].note.signers(self.keys) == set(self.keys[-2:])

    @precondition(lambda self: not self.closed)
    @rule(who=who)
    def close(self, who: int) -> None:
        self.handles[who].close()
        self.closed = True
        self.grown(1)

    @rule(who=who)
    def stop_and_open(self, who: int) -> None:
        self.handles[who].stop()
        self.handles[who] = Record.open(self.handles[who].path)

    @rule(who=who, after=st.integers(1, 2000), what=st.sampled_from(["submit", "sequence", "rotate", "close"]))
    def break_off(self, who: int, after: int, what: str) -> None:
        """The database gives up in the middle: then nothing happened, or (too late to break it off) all of it."""
        record, steps = self.handles[who], itertools.count()
        connection: sqlite3.Connection = record.database._connection
        connection.set_progress_handler(lambda: next(steps) == after, 1)
        head = self.handles[1 - who].database.head
        waiting = len(self.handles[1 - who].database.waiting(1000))
        try:
            if what == "submit":
                receipt = record.submit(self.slots[0], {"merit": "1", "reach": "1"})
            else:
                getattr(record, what)()
        except RecordError:
            connection.set_progress_handler(None, 1)
            if what == "rotate" and self.handles[1 - who].database.head != head:
                self.rotated(record.key.verifier)  # broken off when it was done, and only the files were to be changed
                return
            assert self.handles[1 - who].database.head == head
            assert len(self.handles[1 - who].database.waiting(1000)) == waiting
            return
        connection.set_progress_handler(None, 1)
        if what == "submit":
            self.versions[self.slots[0]] += 1
            self.promises.append(receipt)
            self.waiting.append(receipt.opening.leaf_hash)
            return
        self.closed |= what == "close"
        if what == "rotate":
            self.rotated(record.key.verifier)
        elif what == "close" or self.waiting:
            self.grown(what == "close")

    @invariant()
    def one_line_of_history(self) -> None:
        assert len(set(self.log)) == len(self.log)
        for one in self.checkpoints:
            assert one.root == root_of(self.log[: one.size])
        if len(self.checkpoints) > 1:
            old, new = self.checkpoints[-2:]
            database = self.handles[0].database
            nodes = nodes_from(lambda tile: tile_data(database, tile), new.size)
            verify_consistency(old.size, new.size, consistency_proof(nodes, old.size, new.size), old.root, new.root)

    def teardown(self) -> None:
        record = self.handles[0]
        if not self.closed:
            self.close(0)
        else:
            self.sequence(0)
        for receipt in self.promises:
            proven = record.receipt(receipt.opening.leaf_hash)
            assert proven.opening == receipt.opening
            assert proven.check(self.keys)
        record.conclude()
        for tier in ("public", "full"):
            verdict = verify(
                record.bundle(tier), key=self.keys[0], receipts=[("own", one) for one in self.promises[-3:]]
            )
            assert verdict.answer is Answer.VERIFIED, verdict.failed
        for handle in self.handles:
            handle.stop()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=draws(30), stateful_step_count=20, deadline=None)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A log alone."""
    made = Database(tmp_path / "log.sqlite", new=True)
    with made.transaction():
        made.set_about("origin", ORIGIN)
    return made


def add(database: Database, leaves: Sequence[bytes]) -> None:
    with database.transaction():
        for leaf in leaves:
            database.add(leaf, leaf_hash(leaf))


LEAVES = [f"leaf {n}".encode() for n in range(60)]


def test_a_batch_is_shuffled_and_batches_are_not(database: Database) -> None:
    add(database, LEAVES)
    first = sequence(database, [KEY], most=40)
    second = sequence(database, [KEY], most=40)
    assert first is not None
    assert second is not None
    assert (first.size, second.size) == (40, 60)
    assert sequence(database, [KEY]) is None
    found = database.entries(0, 60)
    assert sorted(found[:40]) == sorted(LEAVES[:40])
    assert found[:40] != LEAVES[:40]  # by chance once in 40! times
    assert sorted(found[40:]) == sorted(LEAVES[40:])
    assert second.root == root_of(leaf_hash(leaf) for leaf in found)
    assert database.checkpoint(40) == first
    assert database.checkpoint(41) is None


def test_what_is_said_of_the_log_comes_after_everything_that_waited(database: Database) -> None:
    add(database, LEAVES)
    heads: list[Head] = []

    def then(head: Head) -> bytes:
        heads.append(head)
        return b"said"

    checkpoint = sequence(database, [KEY], then, most=7)
    assert checkpoint is not None
    assert checkpoint.size == 61
    found = database.entries(0, 61)
    assert (heads[0].size, heads[0].root) == (60, root_of(leaf_hash(leaf) for leaf in found[:60]))
    assert found[60] == b"said"
    assert sequence(database, [KEY], lambda _head: b"more") is not None  # also where nothing waits


def test_a_leaf_is_used_once(database: Database) -> None:
    add(database, LEAVES[:2])
    with pytest.raises(RecordError, match="never used twice"):
        add(database, [b"new", LEAVES[0]])
    sequence(database, [KEY])
    with pytest.raises(RecordError, match="never used twice"):
        sequence(database, [KEY], lambda _head: LEAVES[0])
    assert sorted(database.entries(0, 10)) == LEAVES[:2]
    assert database.waiting(10) == []


def test_a_sequencer_that_fails_leaves_the_log_as_it_was(database: Database) -> None:
    add(database, LEAVES)

    def fail(_head: Head) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sequence(database, [KEY], fail, most=7)
    assert database.head == Head()
    assert len(database.waiting(100)) == 60
    assert database.checkpoint() is None


def test_a_promise_says_what_and_until_when() -> None:
    note = promise(ORIGIN, leaf_hash(b"x"), KEY)
    head, origin, hash_, until, end = note.text.split("\n")
    assert (head, origin, hash_, end) == ("simsa promise v1", ORIGIN, encoded(leaf_hash(b"x")), "")
    assert 3500 < int(until) - time.time() <= 3600
    assert note.signed_by(KEY.verifier)


@pytest.mark.parametrize("size", [700, pytest.param(66_000, marks=pytest.mark.long)])
def test_the_log_is_the_same_from_its_store_its_tiles_and_its_leaves(database: Database, size: int) -> None:
    leaves = [f"leaf {n}".encode() for n in range(size)]
    for start in range(0, size, size // 3):
        add(database, leaves[start : start + size // 3])
        checkpoint = sequence(database, [KEY])
        while (more := sequence(database, [KEY])) is not None:
            checkpoint = more
    assert checkpoint is not None
    hashes = [leaf_hash(leaf) for leaf in database.entries(0, size)]
    assert (checkpoint.size, checkpoint.root) == (size, root_of(hashes))
    tiles = {tile: tile_data(database, tile) for tile in tiles_of(size)}
    assert max(tile.level for tile in tiles) == (2 if size > 65_536 else 1)
    assert root_from(nodes_from(tiles.__getitem__, size), size) == checkpoint.root
    bundles = [entries_of(data, tile.width) for tile, data in tiles.items() if tile.level < 0]
    assert [leaf_hash(leaf) for bundle in bundles for leaf in bundle] == hashes
    for index in (0, 1, 255, 256, size - 1):
        verify_inclusion(hashes[index], index, size, proof_of(database, index, size), checkpoint.root)


def test_published_tiles_suffice_and_the_checkpoint_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, out = begun(tmp_path / "record"), tmp_path / "out"
    key = record.key.verifier
    sizes = []
    for round_ in range(3):
        with record.database.transaction():
            for n in range(150):
                record.note({"actor": "", "at": "", "payload": [round_, n], "verb": "v"})
        record.sequence()
        record.publish(out)
        checkpoint = Checkpoint.parse((out / "checkpoint").read_bytes())
        assert checkpoint.note.signed_by(key)
        nodes = nodes_from(lambda tile: (out / "tile" / tile.path).read_bytes(), checkpoint.size)
        assert root_from(nodes, checkpoint.size) == checkpoint.root
        sizes.append(checkpoint.size)
    assert sizes == [154, 304, 454]

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    record.note({"actor": "", "at": "", "payload": None, "verb": "v"})
    record.sequence()
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        record.publish(out)
    monkeypatch.undo()
    assert Checkpoint.parse((out / "checkpoint").read_bytes()).size == 454
    record.publish(out)
    assert Checkpoint.parse((out / "checkpoint").read_bytes()).size == 455
    assert (out / "tile" / Tile(0, 1, 455 - 256).path).exists()
    record.stop()
