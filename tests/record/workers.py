"""Processes that work on a record until they are killed (SIGKILL), and tell what was acknowledged to them."""

from __future__ import annotations

import multiprocessing
import random
import resource
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from simsa.record.folder import Record, RecordError

# Forked from one process that has everything imported: a kill costs hundredths of a second.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.record.workers"])

Work = Callable[[Record, Callable[[bytes], None], random.Random], None]


def saving(record: Record, told: Callable[[bytes], None], chance: random.Random) -> None:
    """Saves sheets, and tells their promises."""
    slots = [one.slot for one in record.slots]
    while True:
        marks = {"merit": str(chance.randrange(11)), "reach": str(chance.randrange(11))}
        told(bytes(record.submit(chance.choice(slots), marks)))


def saving_until_full(record: Record, told: Callable[[bytes], None], chance: random.Random) -> None:
    """The same on a disk on which no file gets longer than a little more than it is."""
    longest = (record.path / "record.sqlite").stat().st_size + 200_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    try:
        saving(record, told, chance)
    except RecordError as error:
        told(f"refused: {error}".encode())


def sequencing(record: Record, told: Callable[[bytes], None], _chance: random.Random) -> None:
    """Puts what waits into the log, and tells the checkpoints."""
    while True:
        checkpoint = record.sequence()
        if checkpoint is not None:
            told(bytes(checkpoint))
        time.sleep(0.001)


def rotating(record: Record, told: Callable[[bytes], None], _chance: random.Random) -> None:
    """Changes the key again and again, and tells the new ones."""
    while True:
        told(str(record.rotate()).encode())


def closing(record: Record, told: Callable[[bytes], None], _chance: random.Random) -> None:
    record.close()
    told(b"closed")


def forgetting(record: Record, told: Callable[[bytes], None], _chance: random.Random) -> None:
    record.forget("the time is over")
    told(b"forgotten")


def killed(path: Path, work: Sequence[Work], seconds: float, seed: int, *, each: int = 0) -> list[list[bytes]]:
    """What each process was told until all were killed, so many seconds after the last one began, or ended.

    `each`: first they are let go on until each was told so many things.
    """
    workers = []
    for n, own in enumerate(work):
        reader, writer = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_run, args=(path, own, writer, f"{seed}/{n}"))
        process.start()
        writer.close()
        workers.append((process, reader))
    heard: dict[Connection, list[bytes]] = {reader: [] for _, reader in workers}
    for reader in heard:
        assert reader.recv_bytes() == b"ready"
    until = time.monotonic() + seconds
    open_ = set(heard)
    while open_:
        if any(len(told) < each for told in heard.values()):
            until = time.monotonic() + seconds
        if (rest := until - time.monotonic()) <= 0:
            break
        for reader in wait(list(open_), rest):
            assert isinstance(reader, Connection)
            if not _hear(reader, heard[reader]):
                open_.remove(reader)
    for process, _ in workers:
        process.kill()
        process.join()
    for reader, told in heard.items():
        while _hear(reader, told):
            pass
        reader.close()
    return list(heard.values())


def _hear(reader: Connection, told: list[bytes]) -> bool:
    try:
        told.append(reader.recv_bytes())
    except (EOFError, OSError):  # killed, also in the middle of a word
        return False
    return True


def _run(path: Path, work: Work, writer: Connection, seed: str) -> None:
    record = Record.open(path)
    writer.send_bytes(b"ready")
    work(record, writer.send_bytes, random.Random(seed))
