"""Processes are killed at any moment, run at the same time, and find the disk full: the log keeps its word.

What was acknowledged is in the log after `sequence`; what was not is there as a whole or not at all; every checkpoint
that anybody was handed is of the one history.
"""

import random
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from simsa.record.checkpoints import Checkpoint
from simsa.record.folder import Record, RecordError
from simsa.record.merkle import leaf_hash, root_of
from simsa.record.notes import VerifierKey
from simsa.record.receipts import Receipt
from simsa.record.verification import Answer, verify
from tests.record.small_round import MARKS, begun
from tests.record.workers import (
    Work,
    closing,
    forgetting,
    killed,
    rotating,
    saving,
    saving_until_full,
    sequencing,
)

SEED = random.randrange(2**32)  # differs from run to run, as killing does


def check_kept(path: Path, promises: Iterable[bytes], checkpoints: Iterable[bytes]) -> None:
    """Open it again, as after a stop, and look at everything that was said of it."""
    record = Record.open(path)
    try:
        record.sequence()
        database = record.database
        assert database.waiting(9) == []
        hashes = [leaf_hash(data) for data in database.entries(0, database.head.size)]
        assert len(set(hashes)) == len(hashes) == database.head.size
        last = database.checkpoint()
        assert last is not None
        assert last.root == root_of(hashes)
        for checkpoint in map(Checkpoint.parse, checkpoints):
            assert database.checkpoint(checkpoint.size) == checkpoint
            assert checkpoint.root == root_of(hashes[: checkpoint.size])
        known = [VerifierKey.parse(database.about("first key"))]
        known += [VerifierKey.parse(one.content["key"]) for _, one in record.story.of("key")]
        for promised in map(Receipt.parse, promises):
            promised.check(known)
            if record.story.last("forgotten") is None:
                proven = record.receipt(promised.opening.leaf_hash)
                assert (proven.opening, proven.reviewer) == (promised.opening, promised.reviewer)
                proven.check(known)
            assert promised.opening.leaf_hash in hashes
        verdict = verify(record.bundle("public"), key=known[0])
        assert not verdict.failed
        if record.story.last("forgotten") is None:  # and every sheet in the log has its content, whole
            assert not verify(record.bundle("full"), key=known[0]).failed
        assert database.rows("pragma integrity_check") == [("ok",)]
    finally:
        record.stop()


@pytest.mark.parametrize("kills", [14, pytest.param(200, marks=pytest.mark.long)])
def test_killed_while_saving_and_sequencing(tmp_path: Path, kills: int) -> None:
    path, chance = tmp_path / "record", random.Random(SEED)
    begun(path).stop()
    promises: list[bytes] = []
    checkpoints: list[bytes] = []
    for n in range(kills):
        work: list[Work] = [(saving, sequencing), (saving,), (sequencing, saving, saving)][n % 3]  # type: ignore[assignment]
        heard = killed(path, work, chance.uniform(0, 0.06), chance.randrange(2**32))
        for own, told in zip(work, heard, strict=True):
            (promises if own is saving else checkpoints).extend(told)
        if n % 7 == 6 or n == kills - 1:
            check_kept(path, promises, checkpoints)
    assert promises
    assert checkpoints


def test_two_sequencers_and_two_who_save_at_once(tmp_path: Path) -> None:
    path = tmp_path / "record"
    begun(path).stop()
    one, other, first, second = killed(path, [saving, saving, sequencing, sequencing], 0.1, SEED, each=5)
    sizes = [Checkpoint.parse(data).size for data in (*first, *second)]
    assert len(set(sizes)) == len(sizes)
    check_kept(path, [*one, *other], [*first, *second])


def test_killed_while_the_key_changes(tmp_path: Path) -> None:
    path, chance = tmp_path / "record", random.Random(SEED)
    begun(path).stop()
    promises: list[bytes] = []
    keys: list[str] = []
    for _ in range(6):
        changed, saved = killed(path, [rotating, saving], chance.uniform(0, 0.06), chance.randrange(2**32))
        keys += [data.decode() for data in changed]
        promises += saved
    check_kept(path, promises, [])
    record = Record.open(path)
    assert set(keys) <= {one.content["key"] for _, one in record.story.of("key")}
    assert sorted(file.name for file in path.glob("key*")) in (["key"], ["key", "key.next"])
    record.stop()


def ready_to_close(path: Path) -> Record:
    record = begun(path)
    with record.database.transaction():
        for one in record.slots:
            record.submit(one.slot, MARKS)
    return record


def ready_to_forget(path: Path) -> Record:
    record = ready_to_close(path)
    record.close()
    record.conclude()
    return record


def secrets_of(path: Path) -> list[bytes]:
    """What must be gone once the record has forgotten it."""
    record = Record.open(path)
    found = [secret for (secret,) in record.database.rows("select secret from openings")]
    found += [secret for (secret,) in record.database.rows("select secret from slots union select secret from members")]
    record.stop()
    return found


@pytest.mark.parametrize(
    ("made", "act", "kind"),
    [(ready_to_close, closing, "close"), (ready_to_forget, forgetting, "forgotten")],
    ids=["close", "forget"],
)
def test_killed_in_the_middle(tmp_path: Path, made: Callable[[Path], Record], act: Work, kind: str) -> None:
    start, chance = tmp_path / "start", random.Random(SEED)
    made(start).stop()
    secrets = secrets_of(start)
    whole = tmp_path / "whole"
    shutil.copytree(start, whole)
    began = time.monotonic()
    assert len(killed(whole, [act], 30, SEED)[0]) == 1
    lasts = min(time.monotonic() - began, 0.1)
    for n in range(6):
        path = tmp_path / str(n)
        shutil.copytree(start, path)
        killed(path, [act], chance.uniform(0, lasts), SEED)
        check_kept(path, [], [])
        record = Record.open(path)
        if record.story.last(kind) is None:
            getattr(record, act.__name__.replace("closing", "close").replace("forgetting", "forget"))(*WHY[kind])
        assert record.story.last(kind) is not None
        record.stop()
        if kind == "forgotten":
            for file in path.iterdir():
                assert not [secret for secret in secrets if secret in file.read_bytes()], file.name


WHY: dict[str, tuple[str, ...]] = {"close": (), "forgotten": ("the time is over",)}


def test_a_file_that_cannot_grow_refuses_and_keeps_what_it_promised(tmp_path: Path) -> None:
    path = tmp_path / "record"
    begun(path).stop()
    [told] = killed(path, [saving_until_full], 60, SEED)
    assert told[-1].startswith(b"refused: ")
    assert b"nothing was written" in told[-1]
    assert len(told) > 5
    check_kept(path, told[:-1], [])


@pytest.mark.parametrize("act", ["sequence", "rotate"])
def test_a_full_disk_stops_every_verb_as_a_whole(tmp_path: Path, act: str) -> None:
    record = begun(tmp_path / "record")
    slot, promises = record.slots[0].slot, []

    def until_full(*verbs: Callable[[], object]) -> None:
        with pytest.raises(RecordError, match="nothing was written: database or disk is full"):
            deque((verb() for verb in cycle(verbs)), 0)

    [(pages,)] = record.database.rows("pragma page_count")
    record.database.rows(f"pragma max_page_count = {pages + 6}")
    until_full(lambda: promises.append(bytes(record.submit(slot, MARKS))))
    assert promises
    until_full(getattr(record, act), partial(record.note, {"actor": "", "at": "", "payload": None, "verb": "v"}))
    head = record.database.head
    record.stop()
    again = Record.open(tmp_path / "record")
    assert again.database.head == head
    again.stop()
    check_kept(tmp_path / "record", promises, [])


def test_a_record_that_was_not_begun_to_its_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("simsa.record.folder.keeping._keep_key", stopped)
        with pytest.raises(KeyboardInterrupt):
            begun(tmp_path / "record")
    with pytest.raises(RecordError, match="not begun to its end"):
        Record.open(tmp_path / "record")
    with pytest.raises(RecordError, match="there already"):
        begun(tmp_path / "record")


def test_forgetting_waits_for_those_who_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = ready_to_forget(tmp_path / "record")
    secrets = secrets_of(record.path)
    reader = Record.open(record.path)
    reader.database._connection.execute("begin")
    reader.database.rows("select * from openings")
    monkeypatch.setattr("simsa.record.folder.database.PATIENCE", 0.02)
    with pytest.raises(RecordError, match="open it again"):
        record.forget("the time is over")
    reader.database._connection.rollback()
    reader.stop()
    record.stop()
    Record.open(record.path).stop()
    for file in record.path.iterdir():
        assert not [secret for secret in secrets if secret in file.read_bytes()], file.name
    assert verify(Record.open(record.path).bundle("public")).answer is Answer.INCOMPLETE
