"""The record of a round of 30,000 sheets: verified in both tiers, appended to, sequenced, and asked for receipts.

All sheets are synthetic. Appends are measured beside what the database itself can do: one row and a durable commit, on
the same file system with the same settings, in turns.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figure import Figure, cpu_seconds
from simsa.engine.inputs import Entries, Reported
from simsa.record.folder import Record
from simsa.record.receipts import Receipt
from simsa.record.statements import given
from simsa.record.verification import Answer, verify
from simsa.rules import parse

ENTRIES, PER_ENTRY, PANEL, CRITERIA = 6_000, 5, 1_500, 6
SHEETS = ENTRIES * PER_ENTRY
APPENDS, TURNS, SITTING = 300, 9, 20
ORIGIN = "simsa.example/log/bench"
RULES = parse(
    "\n".join(
        [
            'simsa_rules = 1\nround = { id = "bench", name = "bench", time_zone = "UTC" }',
            '[[group]]\nid = "a"\nquota = 100',
            '[missing]\nnot_submitted = "leave_out"\nnot_applicable = "leave_out"\nabstained = "leave_out"',
            'recused = "leave_out"\n[[criterion]]\nid = "total"\ncombine = { method = "mean" }',
            'panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }\nround = { places = 2 }',
            *(f'[[criterion]]\nid = "c{n}"\nscale = {{ min = 0, max = 100, step = "0.5" }}' for n in range(CRITERIA)),
            "[[tie_break]]\nlot = true",
        ]
    )
)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        record = begun(Path(folder) / "record")
        yield from appends(record, Path(folder) / "raw.sqlite")
        with record.database.transaction():  # the rest at once: not every one of 30,000 needs the disk
            for slot in [one.slot for one in record.slots][2 * APPENDS * TURNS :]:
                record.submit(slot, marks())
        yield from sequenced(record)
        yield receipts(record)
        record.close()
        record.conclude()
        yield from verified(record)
        record.stop()


def begun(path: Path) -> Record:
    """A round of which no sheet is there yet."""
    record = Record.create(path, RULES, ORIGIN, seed=given("bench"), synthetic="all of it, for a benchmark")
    entries = Entries(tuple(f"e{n:05d}" for n in range(ENTRIES)), ("a",) * ENTRIES)
    record.enter(entries, {key: {"en": f"Entry {key}"} for key in entries.ids}, Reported({}))
    record.seat([f"r{n:05d}" for n in range(PANEL)])
    record.assign(
        [(key, f"r{(n * PER_ENTRY + k) % PANEL:05d}") for n, key in enumerate(entries.ids) for k in range(PER_ENTRY)]
    )
    return record


CHANCE = random.Random(1)


def marks() -> dict[str, str]:
    return {f"c{n}": str(CHANCE.randrange(101)) for n in range(CRITERIA)}


def appends(record: Record, path: Path) -> Iterator[Figure]:
    """Sheets saved with promises in one process, one by one and by sittings, beside bare commits, in turns."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(
        "pragma journal_mode=wal; pragma synchronous=full; create table one (n integer primary key, data blob)"
    )
    slots = iter([one.slot for one in record.slots])
    data = bytes(500)

    def bare() -> None:
        raw.execute("begin immediate")
        raw.execute("insert into one (data) values (?)", (data,))
        raw.commit()

    def sitting() -> None:
        with record.database.transaction():
            for _ in range(SITTING):
                record.submit(next(slots), marks())

    peer, alone, together = [], [], []
    for _ in range(TURNS):
        peer.append(APPENDS / _seconds(bare, APPENDS))
        alone.append(APPENDS / _seconds(lambda: record.submit(next(slots), marks()), APPENDS))
        together.append(APPENDS / _seconds(sitting, APPENDS // SITTING))
    raw.close()
    how = f"one process, SQLite (WAL, synchronous=full), medians of {TURNS} turns of {APPENDS} each"
    for what, own in (("one by one", alone), (f"{SITTING} in a transaction", together)):
        ratio = statistics.median(a / b for a, b in zip(own, peer, strict=True))
        yield Figure(
            figure=f"sheets saved with signed promises, {what}",
            value=statistics.median(own),
            unit="1/s",
            peer="bare commits of one row of 500 bytes",
            ratio=ratio,
            goal=">= 1/2",
            holds=ratio >= 0.5,
            how=how,
        )


def _seconds(call: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return time.perf_counter() - began


def sequenced(record: Record) -> Iterator[Figure]:
    """All that wait, and the proof of one among them."""
    waiting, began = SHEETS, time.process_time()
    while record.sequence() is not None:
        pass
    yield Figure(
        figure="sheets sequenced, in batches of at most 10,000",
        value=waiting / (time.process_time() - began),
        unit="1/CPU s",
        how="three transactions",
    )


def receipts(record: Record) -> Figure:
    hashes = [hash_ for (hash_,) in record.database.rows("select hash from openings order by hash limit 200")]
    made: list[Receipt] = []
    took = cpu_seconds(lambda: made.extend(record.receipt(hash_) for hash_ in hashes), runs=3)
    keys = [record.key.verifier]
    assert all(receipt.check(keys) for receipt in made)
    return Figure(
        figure="receipt with its proof, of 30,000 sheets",
        value=1000 * took / len(hashes),
        unit="CPU ms",
        how=f"median of 3 times {len(hashes)}; {statistics.median(len(bytes(one)) for one in made):.0f} bytes each",
    )


def verified(record: Record) -> Iterator[Figure]:
    for tier in ("public", "full"):
        data = record.bundle(tier)  # type: ignore[arg-type]
        assert verify(data).answer is Answer.VERIFIED
        took = cpu_seconds(lambda: verify(data), runs=3)  # noqa: B023
        yield Figure(
            figure=f"30,000 sheets x {CRITERIA} criteria verified, {tier} tier",
            value=took,
            unit="CPU s",
            goal="<= 10 s",
            holds=took <= 10,
            how=f"median of 3 in one process; a bundle of {len(data) / 1e6:.1f} MB",
        )
