"""Attacks on a bundle, by what the attacker has.

`outsider`: nothing; `manifest_maker`: makes the manifest's digests anew, but cannot sign; `signer`: the log's keys, and
signs the manifest (and a checkpoint) anew around changed files; `rebuilder`: the same, and builds the whole log anew
around any change of what it tells, with commitments, digests, roots, seed, checkpoints and first page that fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from simsa.record.bundle.first_page import PATH, first_page
from simsa.record.bundle.writing import manifest_text
from simsa.record.canonical import CanonicalError, encoded
from simsa.record.checkpoints import Checkpoint
from simsa.record.commitments import commitment, committed
from simsa.record.leaves import LeafError
from simsa.record.merkle import layers, leaf_hash, root_of
from simsa.record.notes import Note, SigningKey
from simsa.record.notes import encoded as base64
from simsa.record.statements import conflict_value, seed_of
from simsa.record.story import Story
from simsa.record.tiles import TILE_HEIGHT, WIDTH, entry_bundle, tiles_of
from simsa.record.verification.archive import unpacked
from simsa.record.votes import BALLOTS
from simsa.rules import from_canonical
from tests.record.archives import Part, archive, cut, tricks
from tests.record.edits import Edit, edits
from tests.record.rounds import Drawn

Files = Mapping[str, bytes]
MANIFEST, NOTE = "manifest.json", "manifest.note"


@dataclass(frozen=True)
class Attack:
    """A changed bundle: whose work it is (`by`), what was done, and the bytes."""

    by: str
    what: str
    data: bytes = field(repr=False)


def zipped(files: Files) -> bytes:
    """Soon made: nothing is packed."""
    return archive([Part(path.encode(), data, method=0) for path, data in files.items()])


def damaged(data: bytes, rng: Random, number: int = 40) -> Iterator[Attack]:
    """What somebody without keys can do to a bundle: `number` draws of each sort."""
    files = unpacked(data)
    for name, changed in [*tricks(files, rng), *cut(data, rng, number // 2)]:
        yield Attack("outsider", name, changed)
    for name, other in changed_files(files, rng, number):
        yield Attack("outsider", name, zipped(other))
    for name, other in changed_files({p: d for p, d in files.items() if p != MANIFEST}, rng, number):
        yield Attack("manifest maker", name, zipped(listed({MANIFEST: files[MANIFEST], **other})))


def signed_again(drawn: Drawn, data: bytes, rng: Random, number: int) -> Iterator[Attack]:
    """Files changed by whoever has the log's keys, under a manifest that fits."""
    files = unpacked(data)
    for name, other in changed_files({p: d for p, d in files.items() if p not in (MANIFEST, NOTE)}, rng, number):
        yield Attack("signer", name, zipped(sealed(listed({**other, MANIFEST: files[MANIFEST]}), drawn.keys[-1])))
    manifest = json.loads(files[MANIFEST])
    for edit in rng.sample(found := list(edits(manifest)), min(number // 4, len(found))):
        other = {**files, MANIFEST: encoded(edit.on(manifest))}
        yield Attack("signer", f"{MANIFEST}/{edit.name}", zipped(sealed(other, drawn.keys[-1])))
    last = Checkpoint.parse(files["log/checkpoint"])
    for name, text in _line_changes(last.note.text, rng):
        if text.endswith("\n") and text.strip():
            note = bytes(Note.signed(text, drawn.keys))
            other = {**files, "log/checkpoint": note}
            yield Attack("signer", f"log/checkpoint: {name}", zipped(sealed(listed(other), drawn.keys[-1])))


def listed(files: Files) -> dict[str, bytes]:
    """With the digests of the files as they are now, and the old signature."""
    manifest = json.loads(files[MANIFEST])
    manifest["files"] = {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for path, data in files.items()
        if path not in (MANIFEST, NOTE)
    }
    return {**files, MANIFEST: encoded(manifest)}


def sealed(files: Files, key: SigningKey) -> dict[str, bytes]:
    """With the manifest signed by the key."""
    note = Note.signed(manifest_text(key.name, files[MANIFEST]), [key])
    return {**files, NOTE: bytes(note)}


def changed_files(files: Files, rng: Random, number: int) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Files dropped, added, renamed, exchanged; bytes, lines and JSON in them changed; `number` of these last."""
    paths = list(files)
    for path in paths:
        yield f"{path} dropped", {p: d for p, d in files.items() if p != path}
    for path in rng.sample(paths, min(5, len(paths))):
        for other in (f"{path}x", path.upper(), f"x/{path}", path.replace("0", "1", 1)):
            if other not in files:
                yield f"{path} as {other}", {other if p == path else p: d for p, d in files.items()}
        two = rng.choice(paths)
        if files[two] != files[path]:
            yield f"{path} and {two} exchanged", {**files, path: files[two], two: files[path]}
    none = "0" * 64
    added = (
        *("notes.txt", "LOG/checkpoint", "log/checkpoints/0", "log/checkpoints/1", "timestamps/1.tsr", "sheets.json"),
        *(f"timestamps/{'9' * 5000}.tsr", f"rules/{none}.json", f"statements/{none}.json", "log/tile/1/000.p/1"),
        *("log/tile/0/001.p/1", "openings/sheets.json", "openings/components.json", "openings/more.json"),
        *(BALLOTS, "openings/ballots.json"),
    )
    for path in added:
        if path not in files:
            yield f"{path[:60]} added", {**files, path: b"[]"}
    for _ in range(number):
        path = rng.choice(paths)
        for name, data in _changed(path, files[path], rng):
            yield f"{path}: {name}", {**files, path: data}


def _changed(path: str, data: bytes, rng: Random) -> Iterator[tuple[str, bytes]]:
    if not data:
        yield "a byte", b"x"
        return
    at = rng.randrange(len(data))
    yield f"byte {at}", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    yield f"byte {at} lost", data[:at] + data[at + 1 :]
    if path.endswith(".json"):
        content = json.loads(data)
        edit = rng.choice(list(edits(content)))
        yield edit.name, encoded(edit.on(content))
        yield rng.choice(list(_written_otherwise(data, content)))
    elif not path.startswith(("log/tile", "timestamps")):
        changes = list(_line_changes(data.decode(), rng))
        name, text = rng.choice(changes)
        yield name, text.encode()


def _written_otherwise(data: bytes, content: Any) -> Iterator[tuple[str, bytes]]:
    """The same said in other bytes."""
    yield "a space", data.replace(b",", b", ", 1) if b"," in data else data + b" "
    yield "a line break behind", data + b"\n"
    yield "a byte order mark", b"\xef\xbb\xbf" + data
    yield "in lines", json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()
    if isinstance(content, dict):
        yield "keys in another order", json.dumps(dict(reversed(content.items())), separators=(",", ":")).encode()
        key = json.dumps(next(iter(content)), ensure_ascii=False).encode()
        yield "a key twice", b"{" + key + b":0," + data[1:]
    if b'"' in data:
        at = data.index(b'"') + 1
        if 0x20 < data[at] < 0x7F and data[at : at + 1] not in b'"\\':
            yield "an escape", data[:at] + b"\\u%04x" % data[at] + data[at + 1 :]


def _line_changes(text: str, rng: Random) -> Iterator[tuple[str, str]]:
    lines = text.split("\n")
    for n, line in enumerate(lines):
        yield f"line {n} dropped", "\n".join(lines[:n] + lines[n + 1 :])
        yield f"line {n} doubled", "\n".join(lines[: n + 1] + lines[n:])
        if line:
            at = rng.randrange(len(line))
            yield f"line {n}, place {at}", "\n".join([*lines[:n], line[:at] + "x" + line[at:], *lines[n + 1 :]])
        if n + 1 < len(lines) and line != lines[n + 1]:
            yield f"lines {n} and {n + 1} swapped", "\n".join([*lines[:n], lines[n + 1], line, *lines[n + 2 :]])


# Whoever has the keys builds everything anew.


@dataclass(frozen=True)
class World:
    """All that a bundle says, as one document: `told` has the leaves (each with its statement), rules, opened sheets
    and openings. `made` gives the bundle of a changed one."""

    drawn: Drawn
    data: bytes

    @cached_property
    def files(self) -> dict[str, bytes]:
        return unpacked(self.data)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.files[MANIFEST]))

    @cached_property
    def checkpoints(self) -> list[Checkpoint]:
        return [Checkpoint.parse(d) for p, d in self.files.items() if p.startswith("log/checkpoint")]

    @cached_property
    def told(self) -> dict[str, Any]:
        tier = next(one for one in self.drawn.contents if one.tier == self.manifest["tier"])
        leaves = [json.loads(data) for data in tier.leaves]
        for leaf in leaves:
            if "sha256" in leaf:
                leaf["statement"] = json.loads(tier.statements[leaf.pop("sha256")])
        told: dict[str, Any] = {"leaves": leaves, "rules": [json.loads(data) for data in tier.rules.values()]}
        for path, data in self.files.items():
            if path in ("sheets.json", BALLOTS) or path.startswith("openings/"):
                told[path] = json.loads(data)
        return told

    def edits(self) -> list[Edit]:
        return [edit for edit in edits(self.told) if edit.path]  # whole files are dropped and added elsewhere

    def made(self, told: Mapping[str, Any], edit: Edit | None = None, keys: Sequence[SigningKey] = ()) -> bytes:
        """The bundle of a world in which this is told. What follows from other parts is made to fit again, but where
        the edit itself was made. `keys`: others than the log's own."""
        return _Building(self, told, edit.path if edit is not None else (), keys or self.drawn.keys).bundle()


def rebuilt(drawn: Drawn, data: bytes, rng: Random, number: int) -> Iterator[tuple[Attack, Edit]]:
    """`number` draws among all small changes of what a bundle tells, each in a log that was built anew around it."""
    world = World(drawn, data)
    found, unchanged = world.edits(), world.made(world.told)
    for edit in rng.sample(found, min(number, len(found))):
        try:
            made = world.made(edit.on(world.told), edit)
        except (LeafError, CanonicalError):
            continue  # nobody can write that down
        if made != unchanged:
            yield Attack("rebuilder", edit.name, made), edit


class _Building:
    """One log built anew. Parts of the document that were emptied of their sense are left as they are."""

    def __init__(
        self, world: World, told: Mapping[str, Any], edited: tuple[Any, ...], keys: Sequence[SigningKey]
    ) -> None:
        self.world, self.edited, self.keys = world, edited, keys
        self.told = json.loads(json.dumps(told))
        self.round = world.manifest["round"]
        self.files: dict[str, bytes] = {}
        self.leaves: list[bytes] = []

    def bundle(self) -> bytes:
        self._rules()
        _try(self._commitments)
        _try(self._renumber)
        for index in range(len(self.told["leaves"])):
            self._leaf(index)
        self._log()
        for path, content in self.told.items():
            if path not in ("leaves", "rules"):
                self.files[path] = encoded(content)
        self.files |= {p: d for p, d in self.world.files.items() if p.startswith("timestamps/")}
        self._first_page()
        manifest = {**self.world.manifest}
        if self.keys is not self.world.drawn.keys:
            manifest["key"] = str(self.keys[0].verifier)
        return zipped(sealed(listed({**self.files, MANIFEST: encoded(manifest)}), self.keys[-1]))

    def _was_edited(self, *path: Any) -> bool:
        return self.edited[: len(path)] == path

    def _rules(self) -> None:
        """Rules go by their hash, wherever they are named."""
        before = [json.loads(d) for p, d in self.world.files.items() if p.startswith("rules/")]
        names = {}
        for old, new in zip(before, self.told["rules"], strict=False) if isinstance(self.told["rules"], list) else ():
            names[hashlib.sha256(encoded(old)).hexdigest()] = hashlib.sha256(encoded(new)).hexdigest()
        for rules in self.told["rules"] if isinstance(self.told["rules"], list) else ():
            data = encoded(rules)
            self.files[f"rules/{hashlib.sha256(data).hexdigest()}.json"] = data
        self.told = _replaced(self.told, {old: new for old, new in names.items() if old != new})

    def _commitments(self) -> None:
        """Commitments to what was edited among the openings."""
        again = {
            "openings/sheets.json": self._sheets,
            "openings/slots.json": self._slots,
            "openings/panel.json": self._panel,
            "openings/events.json": self._events,
            "openings/components.json": self._components,
            "sheets.json": self._closing,
        }
        if self.edited and self.edited[0] in again:
            again[self.edited[0]]()

    def _committed(self, name: str, value: str, secret: str) -> str:
        return commitment(self.round, name, value, bytes.fromhex(secret))

    def _statements(self, kind: str) -> list[dict[str, Any]]:
        return [leaf["statement"] for leaf in self.told["leaves"] if leaf.get("kind") == kind]

    def _sheets(self) -> None:
        for index, secret, slot, version, marks in self.told["openings/sheets.json"]:
            values = {"slot": slot, "version": str(version)} | {f"mark/{leaf}": mark for leaf, mark in marks.items()}
            self.told["leaves"][index]["fields"] = committed(self.round, values, bytes.fromhex(secret))

    def _slots(self) -> None:
        hidden = {s: self._committed("reviewer", code, secret) for s, secret, code in self.told["openings/slots.json"]}
        for row in (row for one in self._statements("slots") for row in one["slots"]):
            row[2] = hidden.get(row[0], row[2])

    def _panel(self) -> None:
        """All of the panel in its first statement."""
        panel, (first, *others) = self.told["openings/panel.json"], self._statements("panel")
        for one in others:
            one["reviewers"], one["conflicts"] = [], []
        first["reviewers"] = sorted(self._committed("reviewer", code, secret) for secret, code in panel["reviewers"])
        first["conflicts"] = sorted(
            self._committed("conflict", conflict_value(entry, code), secret)
            for secret, entry, code in panel["conflicts"]
        )

    def _events(self) -> None:
        for index, secret, event in self.told["openings/events.json"]:
            self.told["leaves"][index]["fields"] = {"event": self._committed("event", encoded(event).decode(), secret)}

    def _components(self) -> None:
        opened, result = self.told["openings/components.json"], self._statements("result")[-1]
        text = encoded(opened["components"]).decode()
        result["components"] = self._committed("components", text, opened["secret"])

    def _closing(self) -> None:
        opened = {slot: (encoded(marks).decode(), secret) for slot, secret, marks in self.told["sheets.json"]}
        for row in self._statements("close")[0]["slots"]:
            if row[0] in opened:
                row[2] = self._committed("sheet", *opened[row[0]])

    def _renumber(self) -> None:
        """Where leaves were dropped, doubled or moved: indices of the others."""
        leaves = self.told["leaves"]
        if not (isinstance(leaves, list) and self.edited == ("leaves",)):
            return
        old = [encoded(leaf) for leaf in self.world.told["leaves"]]
        new = [encoded(leaf) for leaf in leaves]
        place = {n: new.index(data) for n, data in enumerate(old) if data in new}
        for path in ("openings/sheets.json", "openings/events.json"):
            if path in self.told:
                rows = [[place[row[0]], *row[1:]] for row in self.told[path] if row[0] in place]
                self.told[path] = sorted(rows, key=lambda row: row[0])
        gone = len(old) - len(new)
        for index, leaf in enumerate(leaves):
            if "statement" in leaf:
                leaf["index"] = index
            if leaf.get("kind") == "close":
                leaf["statement"]["size"] -= gone if leaf["statement"]["size"] - gone <= index else 0
                leaf["statement"]["sheets"] = sum(one.get("kind") == "sheet" for one in leaves)

    def _leaf(self, index: int) -> None:
        leaf = self.told["leaves"][index]
        if isinstance(leaf, dict) and isinstance(statement := leaf.get("statement"), dict):
            _try(lambda: self._follow(index, statement))
            data = encoded(statement)
            name = hashlib.sha256(data).hexdigest()
            self.files[f"statements/{name}.json"] = data
            leaf = {key: value for key, value in leaf.items() if key != "statement"} | {"sha256": name}
        data = encoded(leaf)
        if len(data) > 65535:
            raise LeafError("too long")
        self.leaves.append(data)

    def _follow(self, index: int, statement: dict[str, Any]) -> None:
        """The root at the close, the seed, and the seed of a result."""
        own, told = ("leaves", index, "statement"), self._statements
        if statement["kind"] == "close" and not self._was_edited(*own, "root"):
            statement["root"] = base64(root_of([leaf_hash(leaf) for leaf in self.leaves[: statement["size"]]]))
        if statement["kind"] == "seed" and not self._was_edited(*own, "seed"):
            close = next(n for n, leaf in enumerate(self.told["leaves"]) if leaf.get("kind") == "close")
            root = root_of([leaf_hash(leaf) for leaf in self.leaves[: close + 1]])
            statement["seed"] = seed_of(root, statement["value"])
        if statement["kind"] == "vote" and BALLOTS in self.told:
            ballots = self.told[BALLOTS]
            fits = {"ballots": len(ballots), "counted": sum(row[1] for row in ballots)}
            fits["sha256"] = hashlib.sha256(encoded(ballots)).hexdigest()
            statement |= {key: value for key, value in fits.items() if not self._was_edited(*own, key)}
        if statement["kind"] == "result" and not self._was_edited(*own, "seed") and statement["seed"] is not None:
            source = told("freeze")[0]["seed"]
            statement["seed"] = source["value"] if source["kind"] == "given" else told("seed")[0]["seed"]

    def _log(self) -> None:
        hashes = [leaf_hash(leaf) for leaf in self.leaves]
        nodes, last = layers(hashes), len(hashes)
        before = len(self.world.told["leaves"])
        for one in self.world.checkpoints:
            own = [key for key in self.world.drawn.keys if one.note.signed_by(key.verifier)]
            if self.keys is not self.world.drawn.keys:
                own = [self.keys[-1]]
            size = last if one.size == before else min(one.size, last)
            name = "log/checkpoint" if size == last else f"log/checkpoints/{size}"
            if size == last and one.size != before:
                continue
            origin = self.world.manifest["origin"]
            self.files[name] = bytes(Checkpoint.signed(origin, size, root_of(hashes[:size]), own))
        for tile in tiles_of(last):
            start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
            rows = nodes[max(tile.level, 0) * TILE_HEIGHT][start:end]
            data = entry_bundle(self.leaves[start:end]) if tile.level < 0 else b"".join(rows)
            self.files[f"log/tile/{tile.path}"] = data

    def _first_page(self) -> None:
        self.files[PATH] = self.world.files[PATH]
        documents = {p[len("statements/") : -5]: d for p, d in self.files.items() if p.startswith("statements/")}

        def page() -> None:
            story = Story.read(self.round, self.leaves, documents)
            rules = from_canonical(self.files[f"rules/{story.rules_in_force}.json"])
            last = Checkpoint.parse(self.files["log/checkpoint"])
            tier = self.world.manifest["tier"]
            made = first_page(story, tier, dict(rules.name.by_language), rules.language, last)
            self.files[PATH] = made.encode()

        _try(page)


def _try(step: Callable[[], None]) -> None:
    """What was edited away cannot be made to fit."""
    try:
        step()
    except (LookupError, StopIteration, TypeError, ValueError, AttributeError, AssertionError):
        return


def _replaced(content: Any, names: Mapping[str, str]) -> Any:
    if not names:
        return content
    if isinstance(content, dict):
        return {key: _replaced(value, names) for key, value in content.items()}
    if isinstance(content, list):
        return [_replaced(item, names) for item in content]
    return names.get(content, content) if isinstance(content, str) else content
