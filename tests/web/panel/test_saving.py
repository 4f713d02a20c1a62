"""Saving sheets beside each other: nobody waits who need not, and nothing that was promised is lost.

Whatever is stopped here is stopped for good: processes by SIGKILL, connections by the server, a disk that is full.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from simsa.record.merkle import leaf_hash, root_of
from simsa.record.notes import VerifierKey
from simsa.record.receipts import Receipt
from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.models import Sheet, Slot
from simsa.web.panel.services import SheetRow, close_round, sheets, slots_of, submit_sheet, submit_sheets
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Leaf, Log, Opening, Round
from simsa.web.programmes.recording import story_of
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import StageError, bundle, forget
from simsa.web.site.regular import sequencer_thread
from tests.web.panel.rounds import mark, scoring

PATIENCE = 30
"""Seconds after which something that ought to happen did not; nothing here waits as long when it works."""
_FORK = multiprocessing.get_context("fork")

real = pytest.mark.django_db(transaction=True)


def beside(work: Callable[[], object]) -> threading.Thread:
    """The work in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def check_log(round_: Round, promised: list[Receipt]) -> None:
    """Everything that was promised is in the log; it has no gap, and every checkpoint is of the same log."""
    sequence_waiting()
    store = DatabaseStore(Log.objects.get(round=round_))
    placed = Leaf.objects.filter(log=store.log).order_by("position")
    assert [leaf.position for leaf in placed] == list(range(store.log.size))
    hashes = [leaf_hash(bytes(leaf.data)) for leaf in placed]
    assert hashes == [bytes(leaf.hash) for leaf in placed]
    key = VerifierKey.parse(store.log.key)
    checkpoints = store.checkpoints()
    assert checkpoints[-1].size == store.log.size
    for one in checkpoints:
        assert one.note.signed_by(key)
        assert root_of(hashes[: one.size]) == one.root
    assert {one.opening.leaf_hash for one in promised} <= set(hashes)
    assert Sheet.objects.count() == len(story_of(store).sheets)


@pytest.fixture
def stalled(monkeypatch) -> Iterator[Callable[[Slot], Callable[[], None]]]:
    """`finish = stalled(slot)`: a save of this slot that has done everything but its commit, and `finish` ends it."""
    there, go_on = threading.Event(), threading.Event()
    running: list[threading.Thread] = []
    promised = sheets._promised

    def wait(*given):
        if threading.current_thread() in running:
            there.set()
            assert go_on.wait(PATIENCE)
        return promised(*given)

    monkeypatch.setattr(sheets, "_promised", wait)

    def stall(slot: Slot) -> Callable[[], None]:
        def save() -> None:
            running.append(threading.current_thread())
            submit_sheet(slot, mark(1))

        thread = beside(save)
        assert there.wait(PATIENCE)

        def finish() -> None:
            go_on.set()
            thread.join(PATIENCE)

        return finish

    yield stall
    go_on.set()
    for thread in running:
        thread.join(PATIENCE)


@pytest.mark.django_db
def test_a_save_is_five_statements_on_sqlite_and_three_on_postgresql():
    slot = slots_of(scoring())[0]
    submit_sheet(slot, mark(1))  # reads the rules, once in a process
    with CaptureQueriesContext(connection) as asked:
        submit_sheet(slot, mark(2))
    told = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(told) <= (5 if connection.vendor == "sqlite" else 3), told


@pytest.mark.django_db
def test_many_sheets_take_no_more_statements_than_few():
    round_ = scoring()
    codes = [(slot.entry.entrant.code, slot.reviewer.code) for slot in slots_of(round_)]
    counts = []
    for rows in ([SheetRow(*codes[0], mark(1))], [SheetRow(*pair, mark(n)) for n, pair in enumerate(codes)]):
        with CaptureQueriesContext(connection) as asked:
            submit_sheets(round_, rows)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@real
@pytest.mark.postgresql
def test_saves_of_two_slots_do_not_wait_for_each_other_nor_for_the_sequencer(stalled):
    round_ = scoring()
    first, second = slots_of(round_)[:2]
    finish = stalled(first)
    promised = submit_sheet(second, mark(2))
    assert sequence_waiting() == 1
    assert Leaf.objects.get(hash=promised.opening.leaf_hash).position is not None
    with DatabaseStore.held(round_.log):  # a sequencer in the middle of its batch
        done: list[Receipt] = []
        beside(lambda: done.append(submit_sheet(second, mark(3)))).join(PATIENCE)
        assert len(done) == 1
    finish()
    check_log(round_, [promised, *done])
    assert Sheet.objects.count() == 3


@real
@pytest.mark.postgresql
def test_the_close_waits_for_who_is_saving_and_who_comes_later_is_told(stalled):
    round_ = scoring()
    first, second = slots_of(round_)[:2]
    finish = stalled(first)
    closing = beside(lambda: close_round(round_))
    late: list[BaseException] = []

    def save_late() -> None:
        try:
            submit_sheet(second, mark(2))
        except StageError as error:
            late.append(error)

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not _waiting_for_a_lock():
        time.sleep(0.02)
    assert _waiting_for_a_lock()
    saving = beside(save_late)
    finish()
    for thread in (closing, saving):
        thread.join(PATIENCE)
    close = story_of(DatabaseStore(round_.log)).last("close").content
    assert close["sheets"] == Sheet.objects.count()
    assert [row[1] for row in close["slots"] if row[0] == first.name] == ["submitted"]
    assert len(late) == 2 - close["sheets"]


def _waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


@real
def test_versions_of_one_slot_come_one_after_the_other():
    round_ = scoring()
    slot, promised = slots_of(round_)[0], []
    threads = [beside(lambda: promised.append(submit_sheet(slot, mark(1)))) for _ in range(6)]
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(one.opening.values["version"] for one in promised) == list("123456")
    check_log(round_, promised)


def _save(slots: list[int], acknowledged: Path) -> None:
    chance = random.Random(repr(slots))
    with acknowledged.open("a") as file:
        while True:
            slot = Slot.objects.select_related("entry__round").get(pk=chance.choice(slots))
            promised = submit_sheet(slot, mark(chance.randrange(40)))
            file.write(f"{bytes(promised).hex()}\n")
            file.flush()


def _sequence() -> None:
    while True:
        sequence_waiting()


@real
@pytest.mark.parametrize("kills", [5, pytest.param(60, marks=pytest.mark.long)])
def test_nothing_that_was_promised_is_lost_when_processes_are_killed(tmp_path, kills):
    round_ = scoring()
    slots, chance = [slot.pk for slot in slots_of(round_)], random.Random(kills)
    connections.close_all()
    files = [tmp_path / name for name in ("one", "two")]
    for _ in range(kills):
        running = [
            _FORK.Process(target=_save, args=(slots[:9], files[0])),
            _FORK.Process(target=_save, args=(slots[9:], files[1])),
            _FORK.Process(target=_sequence),
            _FORK.Process(target=_sequence),
        ]
        for process in running:
            process.start()
        time.sleep(chance.uniform(0.1, 0.5))
        for process in chance.sample(running, len(running)):
            process.kill()
            process.join()
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines(keepends=True)]
    promised = [Receipt.parse(bytes.fromhex(line)) for line in lines if line.endswith("\n")]
    assert len(promised) > kills
    # What was saved but not answered before a kill is nobody's last version any more.
    codes = [(slot.entry.entrant.code, slot.reviewer.code) for slot in slots_of(round_)]
    promised += submit_sheets(round_, [SheetRow(*pair, mark(n)) for n, pair in enumerate(codes)])
    check_log(round_, promised)
    publish(run_selection(round_))
    verdict = verify(bundle(round_, "full"), receipts=[(str(n), one) for n, one in enumerate(promised)])
    assert (verdict.answer, [check.why for check in verdict.failed]) == (Answer.VERIFIED, [])


@real
@pytest.mark.postgresql
def test_the_sequencer_goes_on_after_the_database_was_away(caplog):
    round_ = scoring()
    sequencer = sequencer_thread()
    sequencer.start()
    promised = []
    for _ in range(2):
        promised.append(submit_sheet(slots_of(round_)[0], mark(1)))
        _until_placed(promised[-1])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    promised.append(submit_sheet(slots_of(round_)[0], mark(2)))
    _until_placed(promised[-1])
    sequencer.stop(PATIENCE)
    assert not sequencer.is_alive()
    check_log(round_, promised)


def _until_placed(promised: Receipt) -> None:
    until = time.monotonic() + PATIENCE
    while Leaf.objects.get(hash=promised.opening.leaf_hash).position is None:
        assert time.monotonic() < until, "it still waits"
        time.sleep(0.05)


@real
def test_the_sequencer_serves_a_site_until_it_is_stopped():
    round_ = scoring()
    sequencer = sequencer_thread()
    sequencer.start()
    _until_placed(submit_sheet(slots_of(round_)[0], mark(1)))
    sequencer.stop(PATIENCE)
    assert not sequencer.is_alive()


@real
def test_a_full_disk_loses_nothing_and_writes_no_half():
    if connection.vendor != "sqlite":
        pytest.skip("the disk of a server is not ours to fill")
    round_ = scoring()
    slot, promised = slots_of(round_)[0], []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 8}")

    def fill(save: Callable[[], object]) -> None:
        for _ in range(500):
            save()
            sequence_waiting()

    with pytest.raises(OperationalError, match="full"):
        fill(lambda: promised.append(submit_sheet(slot, mark(1))))
    assert len(promised) == Sheet.objects.count() > 0
    row = SheetRow(slot.entry.entrant.code, slot.reviewer.code, mark(2))
    with pytest.raises(OperationalError, match="full"):
        fill(lambda: promised.extend(submit_sheets(round_, [row])))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")
    promised.append(submit_sheet(slot, mark(3)))
    check_log(round_, promised)


@real
def test_what_was_forgotten_is_overwritten_in_the_file():
    if connection.vendor != "sqlite":
        pytest.skip("the files of a server are not ours to read")
    round_ = scoring()
    slots = list(slots_of(round_))
    submit_sheets(round_, [SheetRow(s.entry.entrant.code, s.reviewer.code, mark(n)) for n, s in enumerate(slots)])
    publish(run_selection(round_))
    openings = Opening.objects.all()
    hidden = [bytes(one.secret) for one in openings] + [one.values.encode() for one in openings if len(one.values) > 9]
    file = Path(connection.settings_dict["NAME"])

    def on_disk() -> bytes:
        return b"".join(one.read_bytes() for one in (file, file.with_name(f"{file.name}-wal")) if one.exists())

    assert any(one in on_disk() for one in hidden)
    forget(round_, "over")
    connections.close_all()
    data = on_disk()
    assert [one for one in hidden if one in data] == []
