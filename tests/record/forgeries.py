"""Ways to spoil a bundle, for tests of what verifiers refuse.

Where a change is made by a forger who holds the key, everything that follows from it is made anew: manifests,
signatures, first page, and where a statement is changed the whole log.
"""

from __future__ import annotations

import base64
import copy
import json as plain_json
import warnings
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

from simsa.rules import parse
from tests.record.bundles_by_hand import Book, Files, Key, b64, json, note, root, sha, zipped
from tests.record.rounds_by_hand import GROUPS, PANEL, PLAIN, ROUNDS, scored
from tests.rules.small import changed

Damage = Callable[[], bytes]
SOME = "0" * 64
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
made: Callable[[str], Book] = cache(lambda name: ROUNDS[name]())


def files_of(name: str, tier: str) -> tuple[Book, Files]:
    book = made(name)
    return book, dict(book.files(tier))


def resigned(change: Callable[[Files], None], name: str = "plain", tier: str = "full") -> bytes:
    """Files changed, manifests made anew."""
    book, files = files_of(name, tier)
    before = dict(files)
    change(files)
    assert files != before
    return zipped(book.signed(files, tier))


def unsigned(change: Callable[[Files], None], name: str = "plain", tier: str = "full") -> bytes:
    """Files changed behind the manifests."""
    book, files = files_of(name, tier)
    files = book.signed(files, tier)
    change(files)
    return zipped(files)


def content(path: str, change: Callable[[Any], Any], name: str = "plain", tier: str = "full") -> bytes:
    """What a JSON file says changed in place."""

    def alter(files: Files) -> None:
        said = plain_json.loads(files[path])
        change(said)
        files[path] = json(said)

    return resigned(alter, name, tier)


def manifest(change: Callable[[Any], None]) -> bytes:
    book, files = files_of("plain", "public")
    files = book.signed(files)
    said = plain_json.loads(files["manifest.json"])
    change(said)
    data = json(said)
    text = f"simsa bundle v1\n{book.origin}\n{sha(data).hex()}\n"
    return zipped({**files, "manifest.json": data, "manifest.note": note(text, book.keys[-1])})


def state(kind: str, change: Callable[[dict[str, Any]], Any], name: str = "plain", tier: str = "full") -> bytes:
    """The statements of one kind changed before they were logged, and all that follows."""

    def tamper(own: str, said: dict[str, Any]) -> None:
        if own == kind:
            change(said)

    return ROUNDS[name](tamper=tamper).bundle(tier)


def result(change: Callable[[dict[str, Any]], Any], name: str = "plain", tier: str = "full") -> bytes:
    return state("result", change, name, tier)


def standing(outcome: str, change: Callable[[dict[str, Any]], Any], name: str = "plain", tier: str = "public") -> bytes:
    """The first standing with this outcome changed."""
    return result(lambda said: change(next(s for s in said["standings"] if s["outcome"] == outcome)), name, tier)


def packed(**how: Any) -> bytes:
    """With other headers of all entries."""
    book, files = files_of("plain", "public")
    return zipped(book.signed(files), **how)


def raw(change: Callable[[bytearray], Any]) -> bytes:
    data = bytearray(packed())
    change(data)
    return bytes(data)


def spliced(start: int, end: int | None, data: bytes) -> bytes:
    """These bytes in place of those from `start` to `end`."""
    return raw(lambda whole: whole.__setitem__(slice(start, end), data))


def with_entry(path: str, data: bytes = b"") -> bytes:
    """One entry more in the archive, of which the manifest knows nothing."""
    target = BytesIO(packed())
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data)
    return target.getvalue()


def flip(data: bytes, at: int) -> bytes:
    changed_to = bytearray(data)
    changed_to[at] ^= 1
    return bytes(changed_to)


def after(book: Book, *statements: tuple[str, dict[str, Any]]) -> bytes:
    """Further statements at the end of a log."""
    for kind, said in statements:
        book.state(kind, **said)
    return book.bundle()


def exchanged(kind: str, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A statement that says something else than what its leaf names, under the old name."""

    mark = f'"kind":"{kind}"'.encode()
    return content(
        next(f"statements/{key}.json" for key, data in made("plain").statements.items() if mark in data), change
    )


def spaced_statement() -> bytes:
    """Not canonical, under its own name."""
    book = plain("open")
    content = {"simsa_statement": 1, "kind": "panel", "round": book.round, "reviewers": [], "conflicts": []}
    data = json(content).replace(b":", b": ", 1)
    book.statements[sha(data).hex()] = data
    book.leaf("panel", sha256=sha(data).hex(), index=len(book.leaves))
    return book.bundle()


def plain(until: str = "result") -> Book:
    return scored(parse(PLAIN), 1, until=until)


def late_sheet() -> bytes:
    book = plain("close")
    slot = next(iter(book.slots))
    book.sheet(slot, {"idea": "1", "work": "1"})
    book.announce()
    return book.bundle()


def replayed() -> bytes:
    """A sheet's leaf once more, counted at the close."""
    book = plain("open")
    book.leaves.append(next(leaf for leaf in book.leaves if b'"kind":"sheet"' in leaf))
    book.opened_sheets.append([len(book.leaves) - 1, *book.opened_sheets[0][1:]])
    book.close()
    book.draw_seed()
    book.announce()
    return book.bundle()


def unknown_leaf(leaf: dict[str, Any]) -> bytes:
    book = plain()
    further = {"index": len(book.leaves)} if "sha256" in leaf else {}
    book.leaves.append(json({**further, **leaf}))
    return book.bundle()


def other_marks() -> bytes:
    """A sheet that lacks a criterion of the rules."""
    book = plain("open")
    slot = next(iter(book.slots))
    book.leaf("sheet", fields=book.fields(book.secret(), {"slot": slot, "version": "9", "mark/idea": "1"}))
    return book.bundle()


def in_conflict() -> bytes:
    """The reviewer who was in conflict marks all the same."""
    book = plain("open")
    book.seat([], [(book.slots[slot][0], book.slots[slot][1]) for slot in list(book.slots)[:1]])
    book.close()
    book.draw_seed()
    book.announce()
    return book.bundle("full")


def free_pair(book: Book) -> tuple[str, str]:
    """An entry and a member of the panel who has no slot for it."""
    taken = {(entry, who) for entry, who, _secret in book.slots.values()}
    return next((entry, who) for entry in GROUPS for who in PANEL if (entry, who) not in taken)


def sheet_before_its_slot() -> bytes:
    book = plain("open")
    (slot,) = book.assign([free_pair(book)])
    statement = plain_json.loads(book.leaves.pop())["sha256"]
    book.sheet(slot, {"idea": "1", "work": "1"})
    book.leaf("slots", sha256=statement, index=len(book.leaves))
    return book.bundle("full")


def event_without_words() -> bytes:
    book = plain("open")
    book.event(None)
    return book.bundle("full")


def twice_assigned() -> bytes:
    book = plain("open")
    slot = next(iter(book.slots))
    book.assign([book.slots[slot][:2]])
    return book.bundle("full")


def stranger() -> bytes:
    book = plain("open")
    book.assign([("b0", "nobody")])
    return book.bundle("full")


def reviewer_without_code() -> bytes:
    book = plain("open")
    book.seat([""])
    book.assign([("b0", "")])
    return book.bundle("full")


def skipped_version() -> bytes:
    book = plain("open")
    slot = next(iter(book.slots))
    book.versions[slot].append({})
    book.sheet(slot, {"idea": "1", "work": "1"})
    return book.bundle("full")


def wrong_last_version() -> bytes:
    """The close takes a sheet's first version."""
    book = plain("open")
    slot = next(iter(book.slots))
    book.sheet(slot, {"idea": "1", "work": "1"})
    book.versions[slot].pop()
    book.close()
    book.draw_seed()
    book.announce()
    return book.bundle("full")


def forged_draw(value: str) -> bytes:
    """A beacon's value in another spelling, and all that follows from it."""
    book = plain("open")
    book.close()
    book.draw_seed(value)
    book.announce()
    return book.bundle()


def unwitnessed_rotation() -> bytes:
    book = plain("open")
    book.keys.append(Key(book.origin, 1))
    book.state("key", key=book.keys[-1].text)
    return book.bundle()


def old_key_goes_on() -> bytes:
    book = plain("open")
    book.rotate()
    book.event("later")
    book.checkpoints[len(book.leaves)] = note(
        f"{book.origin}\n{len(book.leaves)}\n{b64(root(book.leaves))}\n", book.keys[0]
    )
    return book.bundle()


def second_result() -> bytes:
    book = plain()
    book.announce()
    return book.bundle()


def result_of_old_rules() -> bytes:
    book = plain("close")
    old = book.rules
    book.amend(parse(changed("quota = 2", "quota = 3", PLAIN)))
    book.rules = old
    book.announce()
    return book.bundle()


def entries_after_a_sheet() -> bytes:
    book = plain("open")
    book.enter(GROUPS)
    return book.bundle()


def entries_after_close() -> bytes:
    book = plain()
    book.enter({**GROUPS, "z": "b"})
    return book.bundle()


def entry_withdrawn() -> bytes:
    book = plain()
    book.amend()
    book.enter({entry: group for entry, group in GROUPS.items() if entry != "b5"})
    return book.bundle()


def checkpoint(text: Callable[[str, int, str], str], name: str = "log/checkpoint") -> bytes:
    book, files = files_of("plain", "public")
    whole = text(book.origin, len(book.leaves), b64(root(book.leaves)))
    return zipped(book.signed({**files, name: note(whole, book.keys[-1])}))


def forked(origin: str, size: int, top: str) -> str:
    return f"{origin}\n{size}\n{b64(sha(top.encode()))}\n"


def shorter(size: int) -> Callable[[str, int, str], str]:
    return lambda origin, *_: f"{origin}\n{size}\n{b64(root(made('plain').leaves[:size]))}\n"


def drop(start: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(path_of(files, start))


def rule_file(change: Callable[[Any], Any]) -> bytes:
    """Rules that say something else, under their own hash, in place of those that were fixed."""

    def alter(files: Files) -> None:
        path = path_of(files, "rules/")
        said = plain_json.loads(files.pop(path))
        change(said)
        files[f"rules/{sha(json(said)).hex()}.json"] = json(said)

    return resigned(alter)


def fixed_rules(change: Callable[[Any], Any]) -> bytes:
    """The same, fixed from the beginning."""
    book = plain("open")
    said = plain_json.loads(book.rules.canonical)
    change(said)
    data = json(said)
    old, new = book.rules.hash, sha(data).hex()
    freeze = plain_json.loads(next(one for one in book.statements.values() if b'"kind":"freeze"' in one))
    key = sha(json(freeze)).hex()
    freeze["rules_hash"] = new
    book.statements.pop(key)
    book.statements[sha(json(freeze)).hex()] = json(freeze)
    book.leaves[0] = book.leaves[0].replace(key.encode(), sha(json(freeze)).hex().encode())
    files = book.files()
    files.pop(f"rules/{old}.json")
    files[f"rules/{new}.json"] = data
    files["README.txt"] = files["README.txt"].replace(old.encode(), new.encode())
    return zipped(book.signed(files))


def space(path: str) -> Callable[[Files], None]:
    return lambda files: files.update({path: files[path].replace(b":", b": ", 1)})


def replace_in(path: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def alter(files: Files) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new, 1)

    return alter


def wrong_signature(files: Files) -> None:
    """The last signature of the checkpoint damaged."""
    start, _, line = files["log/checkpoint"].rpartition(b" ")
    files["log/checkpoint"] = start + b" " + b64(flip(base64.b64decode(line), -1)).encode() + b"\n"


def path_of(files: Files, start: str) -> str:
    """The first path that begins so."""
    return next(path for path in sorted(files) if path.startswith(start))


def opened_components(change: Callable[[dict[str, Any]], Any]) -> bytes:
    return content("openings/components.json", change, "calibrated")


def components(change: Callable[[Any], Any]) -> bytes:
    """Components changed, and named as they then are by the result."""
    book = made("calibrated")
    forged = copy.deepcopy(book.components)
    assert forged
    change(forged["components"])
    commitment = book.commit_to(forged)
    other = ROUNDS["calibrated"](
        tamper=lambda kind, said: said.update(components=commitment) if kind == "result" else None
    )
    other.components = forged
    return other.bundle("full")


def set_row(rows: list[Any], n: int, column: int, value: Any) -> None:
    rows[n][column] = value


def swap(rows: list[Any]) -> None:
    rows[0], rows[1] = rows[1], rows[0]


def reason(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda one: one["reason"].update({key: value})


def best_score_raised(one: dict[str, Any]) -> None:
    """A forger raises a value and all that is said of it, but not the sheets."""
    for said in (one, one["reason"]):
        said["score"] = "9.99"
    one["values"]["total"] = "9.99"


def update(path: str, change: Callable[[bytes], bytes]) -> Callable[[Files], None]:
    """The first file whose path starts so, changed."""

    def alter(files: Files) -> None:
        found = path_of(files, path)
        files[found] = change(files[found])

    return alter


def add(path: str, data: bytes) -> Callable[[Files], None]:
    return lambda files: files.update({path: data})


def without_line(word: bytes) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(line for line in data.splitlines(keepends=True) if word not in line)


def noted(text: Callable[[str, str], str], key: Key) -> Callable[[Files], None]:
    """A manifest.note of another text or signer."""
    origin = made("plain").origin

    def alter(files: Files) -> None:
        files["manifest.note"] = note(text(origin, sha(files["manifest.json"]).hex()), key)

    return alter


def row_of(status: str, other: str) -> bytes:
    """A slot's status at the close changed."""
    return state("close", lambda said: set_row([row for row in said["slots"] if row[1] == status], 0, 1, other))


def number(field: str, other: str, tier: str = "full", column: int = 3) -> bytes:
    """A number that an entry reported (or another column of its row) changed."""
    return state(
        "entries",
        lambda said: set_row([row for row in said["reported"] if row[2] == field], 0, column, other),
        "indicators",
        tier,
    )


def hidden_sheets() -> bytes:
    book = made("calibrated")
    return zipped(book.signed({**book.files(), "sheets.json": json(book.closing)}))


def last_line_twice(data: bytes) -> bytes:
    return data + data.splitlines(keepends=True)[-1]


def stranger_signs(data: bytes) -> bytes:
    return note(data.decode().split("\n\n")[0] + "\n", Key("x", 1))


def event_leaf(**changes: Any) -> bytes:
    return unknown_leaf({"simsa_leaf": 1, "round": "small", "kind": "event", "fields": {"event": SOME}, **changes})


def first(condition: Callable[[dict[str, Any]], Any], change: Callable[[dict[str, Any]], Any], name: str) -> bytes:
    """The first standing of which `condition` holds changed."""
    return result(lambda said: change(next(one for one in said["standings"] if condition(one))), name)


def poke(signature: bytes, offset: int, value: bytes) -> Callable[[bytearray], None]:
    """Bytes of the last part of a ZIP that begins so."""

    def change(data: bytearray) -> None:
        at = data.rindex(signature) + offset
        assert data[at : at + len(value)] != value
        data[at : at + len(value)] = value

    return change


def poke_headers(offset: int, value: bytes) -> Callable[[bytearray], None]:
    """Bytes of the last entry, in its local header (at this offset) and in the directory alike."""

    def change(data: bytearray) -> None:
        poke(LOCAL, offset, value)(data)
        poke(CENTRAL, offset + 2, value)(data)

    return change


def behind_the_stream() -> bytes:
    """Bytes hidden in an entry behind the end of its deflated data."""
    book, files = files_of("plain", "public")
    files = book.signed(files)
    page = files.pop("README.txt")
    packer = zlib.compressobj(wbits=-15)
    stream = packer.compress(page) + packer.flush() + b"hidden"
    target = BytesIO(zipped(files))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(zipfile.ZipInfo("README.txt", (1980, 1, 1, 0, 0, 0)), stream)
    data = bytearray(target.getvalue())
    poke_headers(8, b"\x08")(data)
    poke_headers(14, zlib.crc32(page).to_bytes(4, "little"))(data)
    poke_headers(22, len(page).to_bytes(4, "little"))(data)
    return bytes(data)


def after_forgetting(tier: str) -> bytes:
    book = ROUNDS["forgotten"]()
    book.forgotten = False
    return book.bundle(tier)
