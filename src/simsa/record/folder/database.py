"""The log of a round and what is behind its commitments, in one SQLite file: all or nothing."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simsa.record.checkpoints import Checkpoint
from simsa.record.log import Head
from simsa.record.merkle import HASH_BYTES

PATIENCE = 30.0
"""Seconds that somebody waits while another process writes."""

_SCHEMA = """
create table about (name text primary key, value text not null) without rowid;
create table leaves (key integer primary key, data blob not null, hash blob not null unique, position integer unique);
create index waiting on leaves (key) where position is null;
create table nodes (level integer, position integer, hash blob not null, primary key (level, position)) without rowid;
create table head (only integer primary key check (only = 1), size integer not null, edge blob not null);
create table checkpoints (size integer primary key, note blob not null);
create table statements (number integer primary key, kind text not null, sha256 text not null unique,
  content blob not null);
create table rules (hash text primary key, canonical blob not null) without rowid;
create table members (kind text, value text, secret blob not null, primary key (kind, value)) without rowid;
create table slots (slot text primary key, entry text not null, reviewer text not null, secret blob not null,
  replaces text not null, reason text not null) without rowid;
create table openings (hash blob primary key, kind text not null, secret blob not null, content text not null,
  slot text, version integer, unique (slot, version)) without rowid;
create table closing (slot text primary key, secret blob not null, marks text not null) without rowid;
create table documents (name text primary key, content blob not null) without rowid;
create table stamps (size integer primary key, response blob not null);
insert into head values (1, 0, x'');
"""


class RecordError(ValueError):
    """A record that cannot be read, written or taken further as things stand; the message says what to do."""


class Database:
    """The file; a `Store` for the log. Whoever opens it holds one connection."""

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self.path = path
        if new is path.exists():
            what = "is there already; name another folder" if new else "there is no record"
            raise RecordError(f"{path}: {what}")
        try:
            if new:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # it says who gave which score
            self._connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise RecordError(f"{path}: {error}") from error
        try:
            self._connection.executescript(
                "pragma journal_mode=wal; pragma synchronous=full; pragma secure_delete=on; pragma foreign_keys=on;"
            )
            if new:
                self._connection.executescript(f"begin immediate; {_SCHEMA} commit;")
            elif not self.rows("select 1 from sqlite_master where name = 'leaves'"):
                raise sqlite3.DatabaseError("is no record")
        except sqlite3.Error as error:
            self._connection.close()
            if new:
                path.unlink(missing_ok=True)
            alone = "" if os.access(path.parent, os.W_OK) else "; a record needs a folder that can be written to"
            raise RecordError(f"{path}: {error}{alone}") from error

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One durable transaction, or part of the one that is under way. RecordError where nothing can be written."""
        if self._connection.in_transaction:
            yield
            return
        try:
            self._begin()
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
        except sqlite3.Error as error:
            raise RecordError(f"{self.path}: nothing was written: {error}") from error
        finally:
            self._connection.rollback()  # where the commit itself failed; otherwise nothing

    def _begin(self) -> None:
        """Wait for our turn. SQLite asks more and more seldom, and never comes where another writes on and on."""
        until = time.monotonic() + PATIENCE
        self._connection.execute("pragma busy_timeout = 0")
        try:
            while True:
                try:
                    self._connection.execute("begin immediate")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                time.sleep(random.uniform(0, 0.003))
        finally:
            self._connection.execute(f"pragma busy_timeout = {1000 * PATIENCE:.0f}")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """RecordError where the file cannot be read."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise RecordError(f"{self.path}: {error}") from error

    def write(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Within a transaction."""
        self._connection.executemany(query, rows)

    def about(self, name: str) -> str:
        """A text that is kept about the record, "" if there is none."""
        found = self.rows("select value from about where name = ?", name)
        return str(found[0][0]) if found else ""

    def set_about(self, name: str, value: str) -> None:
        self.write("insert or replace into about values (?, ?)", [(name, value)])

    def forget(self) -> None:
        """Overwrite what was deleted, in the file and in its journal. RecordError while others still read there."""
        try:
            self._connection.execute("vacuum")
        except sqlite3.Error as error:
            raise RecordError(f"{self.path}: deleted, but not overwritten yet ({error}); open it again") from error
        [(busy, _pages, _moved)] = self.rows("pragma wal_checkpoint(truncate)")
        if busy:
            raise RecordError(f"{self.path}: deleted, but others still read there; open it again when they are gone")

    # The log's store.

    @property
    def origin(self) -> str:
        return self.about("origin")

    @contextmanager
    def exclusively(self) -> Iterator[Head]:
        with self.transaction():
            yield self.head

    @property
    def head(self) -> Head:
        [(size, edge)] = self.rows("select size, edge from head")
        return Head(size, tuple(edge[n : n + HASH_BYTES] for n in range(0, len(edge), HASH_BYTES)))

    def waiting(self, most: int) -> Sequence[tuple[int, bytes]]:
        return self.rows("select key, hash from leaves where position is null order by key limit ?", most)

    def add(self, leaf: bytes, hash_: bytes) -> int:
        try:
            cursor = self._connection.execute("insert into leaves (data, hash) values (?, ?)", (leaf, hash_))
        except sqlite3.IntegrityError:
            raise RecordError("this leaf is in the log already; a leaf is never used twice") from None
        return int(cursor.lastrowid or 0)

    def place(self, indices: Iterable[tuple[int, int]], nodes: Iterable[tuple[int, int, bytes]], head: Head) -> None:
        self.write("update leaves set position = ? where key = ?", [(index, key) for key, index in indices])
        self.write("insert into nodes values (?, ?, ?)", nodes)
        self.write("update head set size = ?, edge = ?", [(head.size, b"".join(head.edge))])

    def keep(self, checkpoint: Checkpoint) -> None:
        before = self.checkpoint(checkpoint.size)
        merged = checkpoint if before is None else before.merged(checkpoint)
        self.write("insert or replace into checkpoints values (?, ?)", [(merged.size, bytes(merged))])

    def hashes(self, start: int, end: int) -> bytes:
        query = "select hash from leaves where position >= ? and position < ? order by position"
        return b"".join(hash_ for (hash_,) in self.rows(query, start, end))

    def tile_hashes(self, level: int, start: int, end: int) -> bytes:
        query = "select hash from nodes where level = ? and position >= ? and position < ? order by position"
        return b"".join(hash_ for (hash_,) in self.rows(query, level, start, end))

    def entries(self, start: int, end: int) -> list[bytes]:
        query = "select data from leaves where position >= ? and position < ? order by position"
        return [data for (data,) in self.rows(query, start, end)]

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        wanted = self.head.size if size is None else size
        found = self.rows("select note from checkpoints where size = ?", wanted)
        return Checkpoint.parse(found[0][0]) if found else None

    def checkpoints(self) -> list[Checkpoint]:
        """All of them, by size."""
        return [Checkpoint.parse(note) for (note,) in self.rows("select note from checkpoints order by size")]
