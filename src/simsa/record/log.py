"""A round's log: leaves that wait are put in order in batches, and every batch ends in a signed checkpoint.

Whoever saves something writes it and its leaf in one transaction of the store, and promises that the leaf will be in
the log; nothing else happens while somebody waits. `sequence` then takes what waits, shuffled, in one transaction that
no other can be in at the same time. A checkpoint that was signed but not kept has been shown to nobody; so the log
neither forks nor skips, wherever a process dies.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from .checkpoints import Checkpoint
from .leaves import statement_leaf
from .merkle import Frontier, inclusion_proof, leaf_hash
from .notes import Note, SigningKey, VerifierKey, encoded
from .order import check_order
from .statements import Statement
from .story import Story
from .tiles import TILE_HEIGHT, WIDTH, Tile, entry_bundle, nodes_from

PROMISED = 3600
"""Seconds within which a leaf is promised to be in the log: an hour, so that a machine may fail and come back."""
BATCH = 10_000
PROMISE = "simsa promise v1"
_CHANCE = secrets.SystemRandom()


class LogError(RuntimeError):
    """A log that cannot go on as things stand; the message says why and what to do."""


@dataclass(frozen=True)
class Head:
    """Where the log ends: its `size`, and the full subtrees on its edge, the greatest first."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        return Frontier(self.size, self.edge).root


class Store(Protocol):
    """Where a log is kept. Everything within `exclusively` is one durable transaction, or did not happen."""

    @property
    def origin(self) -> str: ...

    def exclusively(self) -> AbstractContextManager[Head]:
        """The head, in a transaction that no other sequencer is in until it ends."""

    def waiting(self, most: int) -> Sequence[tuple[int, bytes]]:
        """Up to `most` leaves that are in no batch yet: their key in the store and their hash."""

    def add(self, leaf: bytes, hash_: bytes) -> int:
        """Have a leaf wait, within the caller's transaction; its key. A leaf that is there already is refused."""

    def place(self, indices: Iterable[tuple[int, int]], nodes: Iterable[tuple[int, int, bytes]], head: Head) -> None:
        """Give leaves (key, index) their places, keep the hashes (level, index, hash) of full tiles, and the head."""

    def keep(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint of a size that has none, or further signatures to the one there is."""

    def hashes(self, start: int, end: int) -> bytes:
        """Leaf hashes from index `start` to `end`, one after the other."""

    def tile_hashes(self, level: int, start: int, end: int) -> bytes:
        """Hashes of full tiles of the level below, from `start` to `end`: what tiles of `level` (1 and above) hold."""

    def entries(self, start: int, end: int) -> list[bytes]:
        """Leaves from index `start` to `end`."""

    def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        """The last checkpoint, or the one of a size."""


def sequence(
    store: Store,
    keys: Sequence[SigningKey],
    then: Callable[[Head], bytes] | None = None,
    *,
    most: int = BATCH,
) -> Checkpoint | None:
    """Put what waits into the log, and sign the checkpoint; None if nothing waits.

    `then` is told the head after everything that waited, and gives one leaf more, which comes next at once: what a
    statement says of the log (its size, its root) is then so. `keys`: normally the one; two while a key changes.
    """
    with store.exclusively() as head:
        batch = _Batch(head)
        waiting = list(store.waiting(most))
        while waiting:
            _CHANCE.shuffle(waiting)
            batch.add(waiting)
            if then is None or len(waiting) < most:
                break
            batch.place(store)
            waiting = list(store.waiting(most))
        if then is not None:
            batch.place(store)  # so that who makes the leaf sees in the store all that comes before it
            leaf = then(batch.head)
            hash_ = leaf_hash(leaf)
            batch.add([(store.add(leaf, hash_), hash_)])
        if batch.head == head:
            return None
        batch.place(store)
        checkpoint = Checkpoint.signed(store.origin, batch.head.size, batch.head.root, keys)
        store.keep(checkpoint)
    return checkpoint


def state(
    store: Store,
    keys: Sequence[SigningKey],
    story: Callable[[], Story],
    said: Callable[[Head], Statement],
    keep: Callable[[Statement], None],
) -> Checkpoint:
    """Put a statement into the log, after everything that waits. OrderError, and nothing is, where it must not come.

    `story`: what the log tells before; `said`: the statement, given the head; `keep` is handed it, within the
    transaction.
    """

    def leaf(head: Head) -> bytes:
        made, before = said(head), story()
        check_order(replace(before, statements=(*before.statements, (head.size, made))))
        keep(made)
        return statement_leaf(made.round, made.kind, head.size, made.sha256)

    checkpoint = sequence(store, keys, leaf)
    assert checkpoint is not None  # there is a leaf more than before
    return checkpoint


def cosign(store: Store, checkpoint: Checkpoint, witnesses: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """Keep what some of the `witnesses` have signed of a checkpoint of this log, within the caller's transaction: who,
    and when.

    NoteError if a cosignature does not hold; LogError if it is no checkpoint of this log, or nobody's is among them.
    """
    known = store.checkpoint(checkpoint.size)
    if known is None or known.text != checkpoint.text:
        raise LogError("that is no checkpoint of this log")
    cosigners = checkpoint.cosigners(witnesses)
    if not cosigners:
        raise LogError("none of these witnesses cosigned")
    store.keep(checkpoint.only(cosigners))
    return cosigners


class _Batch:
    """Leaves on their way into the log."""

    def __init__(self, head: Head) -> None:
        self._edge = Frontier(head.size, head.edge, self._completed)
        self._indices: list[tuple[int, int]] = []
        self._nodes: list[tuple[int, int, bytes]] = []

    @property
    def head(self) -> Head:
        return Head(self._edge.size, tuple(self._edge.hashes))

    def add(self, leaves: Iterable[tuple[int, bytes]]) -> None:
        for key, hash_ in leaves:
            self._indices.append((key, self._edge.size))
            self._edge.append(hash_)

    def place(self, store: Store) -> None:
        store.place(self._indices, self._nodes, self.head)
        self._indices, self._nodes = [], []

    def _completed(self, height: int, index: int, hash_: bytes) -> None:
        level, rest = divmod(height, TILE_HEIGHT)
        if not rest:
            self._nodes.append((level, index, hash_))


def promise(origin: str, hash_: bytes, key: SigningKey, now: float | None = None) -> Note:
    """A signed promise that the leaf will be in the log."""
    until = int(time.time() if now is None else now) + PROMISED
    return Note.signed(f"{PROMISE}\n{origin}\n{encoded(hash_)}\n{until}\n", [key])


def tile_data(store: Store, tile: Tile) -> bytes:
    """What a tile of the log holds, as it is served."""
    start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level < 0:
        return entry_bundle(store.entries(start, end))
    return store.hashes(start, end) if tile.level == 0 else store.tile_hashes(tile.level, start, end)


def proof_of(store: Store, index: int, size: int) -> list[bytes]:
    """The inclusion proof of one leaf in the log of `size` leaves."""
    return inclusion_proof(nodes_from(lambda tile: tile_data(store, tile), size), index, size)
