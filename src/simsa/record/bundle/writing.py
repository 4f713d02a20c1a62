"""A bundle as one ZIP file, the same bytes for the same contents: no times, no order of files, no name of a machine."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

from simsa.record.bundle.contents import FORMAT, Contents
from simsa.record.bundle.first_page import PATH, first_page
from simsa.record.canonical import canonical_bytes
from simsa.record.merkle import layers, leaf_hash
from simsa.record.notes import Note, SigningKey
from simsa.record.story import Story
from simsa.record.tiles import TILE_HEIGHT, WIDTH, Tile, entry_bundle, tiles_of
from simsa.record.votes import BALLOTS
from simsa.rules import from_canonical

TIME = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6


def write_bundle(contents: Contents, key: SigningKey) -> bytes:
    """The ZIP file, signed with the log's key."""
    return zipped(bundle_files(contents, key))


def bundle_files(contents: Contents, key: SigningKey) -> dict[str, bytes]:
    """Its files by path."""
    story = Story.read(contents.round, contents.leaves, contents.statements)
    rules = from_canonical(contents.rules[story.rules_in_force])
    page = first_page(story, contents.tier, dict(rules.name.by_language), rules.language, contents.checkpoint)
    files = {PATH: page.encode(), **log_files(contents)}
    files |= {f"rules/{name}.json": data for name, data in contents.rules.items()}
    files |= {f"statements/{name}.json": data for name, data in contents.statements.items()}
    files |= {f"timestamps/{size}.tsr": data for size, data in contents.stamps.items()}
    if contents.closing is not None:
        rows = sorted([slot, secret.hex(), dict(marks)] for slot, secret, marks in contents.closing)
        files["sheets.json"] = canonical_bytes(rows)
    if contents.ballots is not None:
        files[BALLOTS] = contents.ballots
    if contents.openings is not None:
        files |= contents.openings.files()
    return signed(files, contents, key)


def signed(files: Mapping[str, bytes], contents: Contents, key: SigningKey) -> dict[str, bytes]:
    """The files with their manifest and its signature."""
    origin = contents.checkpoint.origin
    manifest = canonical_bytes(
        {
            "simsa_bundle": FORMAT,
            "tier": contents.tier,
            "round": contents.round,
            "origin": origin,
            "key": str(contents.first_key),
            "files": {
                path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for path, data in files.items()
            },
        }
    )
    note = Note.signed(manifest_text(origin, manifest), [key])
    return {**files, "manifest.json": manifest, "manifest.note": bytes(note)}


def manifest_text(origin: str, manifest: bytes) -> str:
    """What the log's key signs of a bundle."""
    return f"simsa bundle v1\n{origin}\n{hashlib.sha256(manifest).hexdigest()}\n"


def log_files(contents: Contents) -> dict[str, bytes]:
    """The log as tiles, and its checkpoints."""
    nodes = layers([leaf_hash(data) for data in contents.leaves])
    files = {"log/checkpoint": bytes(contents.checkpoint)}
    files |= {f"log/checkpoints/{one.size}": bytes(one) for one in contents.checkpoints}
    for tile in tiles_of(len(contents.leaves)):
        files[f"log/tile/{tile.path}"] = _tile(tile, contents.leaves, nodes)
    return files


def _tile(tile: Tile, leaves: Sequence[bytes], nodes: list[list[bytes]]) -> bytes:
    start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level < 0:
        return entry_bundle(leaves[start:end])
    return b"".join(nodes[TILE_HEIGHT * tile.level][start:end])


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP without any metadata, the first page first, the others by path."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for path in sorted(files, key=lambda one: (one != PATH, one)):
            entry = zipfile.ZipInfo(path, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, files[path])
    return whole.getvalue()
