"""Checks of the log: its tree, its checkpoints, who signed them, and when."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from simsa.record.bundle.writing import manifest_text
from simsa.record.checkpoints import Checkpoint
from simsa.record.leaves import LeafError
from simsa.record.merkle import HASH_BYTES, layers, leaf_hash, root_from
from simsa.record.notes import COSIGNATURE, PLAIN, Note, NoteError, VerifierKey
from simsa.record.statements import StatementError
from simsa.record.tiles import TILE_HEIGHT, WIDTH, Tile, TileError, entries_of, tiles_of
from simsa.record.timestamps import TimestampError, verified
from simsa.record.verification.findings import Findings, NotShownError, fail


def check_log(found: Findings) -> None:
    """The tiles are those of one tree; every checkpoint is of it."""
    last = _checkpoint(found, "log/checkpoint")
    if last.origin != found.manifest["origin"] or not last.origin.endswith(f"/{found.round}"):
        fail(f"the log {last.origin!r} is not that of the round {found.round!r}")
    tiles = {f"log/tile/{tile.path}": tile for tile in tiles_of(last.size)} if last.size <= _possible(found) else {}
    there = {path for path in found.files if path.startswith("log/tile/")}
    for path in sorted(tiles.keys() ^ there) or ([] if tiles else ["log/tile/entries"]):
        fail(f"{path} {'is missing' if path in tiles else 'does not belong to the log'}")
    try:
        bundles = [entries_of(found.files[path], tile.width) for path, tile in tiles.items() if tile.level < 0]
    except TileError as error:
        fail(f"log/tile/entries: {error}")
    found.leaves = [leaf for bundle in bundles for leaf in bundle]
    found.hashes = [leaf_hash(leaf) for leaf in found.leaves]
    tree = layers(found.hashes)
    found.nodes = lambda level, index: tree[level][index]
    for path, tile in tiles.items():
        if tile.level >= 0 and found.files[path] != _hashes(tree, tile):
            fail(f"{path} does not follow from the entries")
    if root_from(found.nodes, last.size) != last.root:
        fail("log/checkpoint: its root is not that of the log")
    if len(set(found.hashes)) != len(found.hashes):
        fail("a leaf is there twice")
    found.checkpoint = last
    found.checkpoints = [_earlier(found, path, last) for path in found.files if path.startswith("log/checkpoints/")]
    sizes = {last.size, *(one.size for one in found.checkpoints)}
    for path in found.files:
        if path.startswith("timestamps/") and int(path[len("timestamps/") : -len(".tsr")]) not in sizes:
            fail(f"{path} is of no checkpoint of this bundle")


def check_keys(found: Findings) -> None:
    """Every checkpoint is signed by the key of its time, and a new key is vouched for by the one before."""
    assert found.checkpoint is not None
    try:
        keys = [(-1, VerifierKey.parse(found.manifest["key"]))]
        keys += [(index, VerifierKey.parse(said.content["key"])) for index, said in found.story.of("key")]
        freeze = found.story.last("freeze")
        auditors = [VerifierKey.parse(text) for text in freeze.content["auditors"]] if freeze else []
    except (NoteError, LeafError, StatementError) as error:
        fail(str(error))
    found.keys = [key for _, key in keys]
    if found.key is not None and found.key not in found.keys:
        fail(f"the key that you gave never signed this log; it began with {found.keys[0]}")
    for key in found.keys:
        if key.kind != PLAIN or key.name != found.checkpoint.origin:
            fail(f"{key} is not a key of this log")
    if len({key.public for key in found.keys}) != len(found.keys):
        fail("a key comes again after another took its place")
    known = [*found.keys, *auditors, *(found.policy.cosigners if found.policy else ())]
    signed: dict[int, frozenset[VerifierKey]] = {}
    for checkpoint in (*found.checkpoints, found.checkpoint):
        try:
            signed[checkpoint.size] = checkpoint.note.signers(key for key in known if key.kind == PLAIN)
            checkpoint.cosigners(key for key in known if key.kind == COSIGNATURE)
        except NoteError as error:
            fail(f"checkpoint of size {checkpoint.size}: {error}")
        own = key_at(found, checkpoint.size)
        if own not in signed[checkpoint.size]:
            fail(f"the checkpoint of size {checkpoint.size} is not signed by the log's key {own}")
    for (_, before), (index, _) in pairwise(keys):
        if not any(size > index and before in signers for size, signers in signed.items()):
            fail(f"leaf {index}: no checkpoint is signed by the key that this one replaced")
    _check_manifest_note(found, known)


def key_at(found: Findings, size: int) -> VerifierKey:
    """The key that signs a checkpoint of this size: that of the last change below it."""
    changes = sum(index < size for index, _said in found.story.of("key"))
    return found.keys[changes]


def check_witnesses(found: Findings) -> str:
    """The last checkpoint meets the user's policy."""
    assert found.checkpoint is not None
    if found.policy is None:
        raise NotShownError(f"no policy of witnesses was given{_auditors(found)}")
    known = found.policy.cosigners
    try:
        cosigned = found.checkpoint.cosigners(known)
    except NoteError as error:
        fail(str(error))
    if found.policy.logs and not {str(key) for key in found.keys} & {log.key for log in found.policy.logs}:
        fail("the policy does not name this log")
    names = ", ".join(sorted(key.name for key in cosigned)) or "nobody"
    if not found.policy.met({known[key] for key in cosigned}):
        fail(f"the policy asks for more witnesses than cosigned the last checkpoint ({names})")
    return names


def _auditors(found: Findings) -> str:
    """Which of the auditors that the freeze names cosigned, in words."""
    assert found.checkpoint is not None
    freeze = found.story.last("freeze")
    named = [VerifierKey.parse(text) for text in freeze.content["auditors"]] if freeze else []
    if not named:
        return ""
    signed = ", ".join(sorted(key.name for key in found.checkpoint.cosigners(named))) or "nobody"
    return f"; of {len(named)} auditors that were named with the rules, these countersigned: {signed}"


def check_timestamps(found: Findings) -> str:
    """Every time stamp is of its checkpoint, by an authority that the user trusts."""
    stamps = {path: data for path, data in found.files.items() if path.startswith("timestamps/")}
    if not stamps:
        raise NotShownError("there are no time stamps")
    if found.roots is None:
        raise NotShownError("no certificates of a time-stamping authority were given")
    assert found.checkpoint is not None
    texts = {one.size: one.text for one in (*found.checkpoints, found.checkpoint)}
    moments = []
    for path, data in stamps.items():
        size = int(path[len("timestamps/") : -len(".tsr")])
        try:
            moments.append((size, verified(data, texts[size], found.roots)))
        except TimestampError as error:
            fail(f"{path}: {error}")
    return "; ".join(f"{size} leaves at {moment.isoformat()}" for size, moment in sorted(moments))


def _check_manifest_note(found: Findings, known: Iterable[VerifierKey]) -> None:
    assert found.checkpoint is not None
    try:
        note = Note.parse(found.files["manifest.note"])
        signers = note.signers(known)
    except NoteError as error:
        fail(f"manifest.note: {error}")
    if len(note.signatures) != 1:
        fail("manifest.note has other signatures than that of the log's key")
    if note.text != manifest_text(found.checkpoint.origin, found.files["manifest.json"]):
        fail("manifest.note is not of this manifest")
    if found.keys[-1] not in signers:
        fail("manifest.note is not signed by the log's key")


def _checkpoint(found: Findings, path: str) -> Checkpoint:
    try:
        return Checkpoint.parse(found.files[path])
    except NoteError as error:
        fail(f"{path}: {error}")


def _earlier(found: Findings, path: str, last: Checkpoint) -> Checkpoint:
    one = _checkpoint(found, path)
    assert found.nodes is not None
    if str(one.size) != path.rpartition("/")[2] or not one.size < last.size or one.origin != last.origin:
        fail(f"{path} is no earlier checkpoint of this log")
    if root_from(found.nodes, one.size) != one.root:
        fail(f"{path}: its root is not that of the log at this size: the log was forked")
    return one


def _possible(found: Findings) -> int:
    """No log of this bundle has more leaves: each has at least its length in some file."""
    return sum(len(data) for path, data in found.files.items() if path.startswith("log/tile/entries/")) // 2


def _hashes(tree: list[list[bytes]], tile: Tile) -> bytes:
    start = tile.index * WIDTH
    found = b"".join(tree[TILE_HEIGHT * tile.level][start : start + tile.width])
    assert len(found) == tile.width * HASH_BYTES
    return found
