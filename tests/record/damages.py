"""Bundles that have to be refused: what is wrong with each, and which check has to say so.

Where a change is made by a forger who holds the key, everything that follows from it is made anew: manifests, signatures,
first page, and where a statement is changed the whole log.
"""

from __future__ import annotations

import json as plain_json
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

from simsa.rules import parse
from tests.record.bundles_by_hand import Book, Files, Key, b64, json, log_tiles, note, root, sha, zipped
from tests.record.rounds_by_hand import PLAIN, ROUNDS, scored
from tests.rules.small import changed

Damage = Callable[[], bytes]
made: Callable[[str], Book] = cache(lambda name: ROUNDS[name]())


def files_of(name: str, tier: str) -> tuple[Book, Files]:
    book = made(name)
    return book, dict(book.files(tier))


def resigned(change: Callable[[Files], None], name: str = "plain", tier: str = "full") -> bytes:
    """Files changed, manifests made anew."""
    book, files = files_of(name, tier)
    change(files)
    return zipped(book.signed(files, tier))


def unsigned(change: Callable[[Files], None], name: str = "plain", tier: str = "full") -> bytes:
    """Files changed behind the manifests."""
    book, files = files_of(name, tier)
    files = book.signed(files, tier)
    change(files)
    return zipped(files)


def content(path: str, change: Callable[[Any], Any], name: str = "plain", tier: str = "full") -> bytes:
    """What a JSON file says changed (in place, or by what `change` returns)."""

    def alter(files: Files) -> None:
        said = plain_json.loads(files[path])
        changed_to = change(said)
        files[path] = json(said if changed_to is None else changed_to)

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


def relogged(change: Callable[[list[bytes]], Any], name: str = "plain") -> bytes:
    """Leaves changed, and tiles, checkpoint and first page made anew."""
    change(book.leaves)
    book.checkpoints.clear()
    return book.bundle("public")


def raw(change: Callable[[bytearray], Any], **how: Any) -> bytes:
    book, files = files_of("plain", "public")
    data = bytearray(zipped(book.signed(files), **how))
    change(data)
    return bytes(data)


def rezipped(add: Callable[[zipfile.ZipFile], Any]) -> bytes:
    book, files = files_of("plain", "public")
    target = BytesIO(zipped(book.signed(files)))
    with zipfile.ZipFile(target, "a") as archive:
        add(archive)
    return target.getvalue()


def entry(path: str, **changes: Any) -> zipfile.ZipInfo:
    made_entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    for key, value in changes.items():
        setattr(made_entry, key, value)
    return made_entry


def put(said: Any, *keys: Any, to: Any) -> None:
    """said[keys[0]][keys[1]]... = to"""
    for key in keys[:-1]:
        said = said[key]
    said[keys[-1]] = to


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def after(book: Book, *statements: tuple[str, dict[str, Any]]) -> bytes:
    """Further statements at the end of a log."""
    for kind, said in statements:
        book.state(kind, **said)
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
    book.leaves.append(json(leaf))
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


def twice_assigned() -> bytes:
    book = plain("open")
    slot = next(iter(book.slots))
    book.assign([book.slots[slot][:2]])
    return book.bundle("full")


def stranger() -> bytes:
    book = plain("open")
    book.assign([("b0", "nobody")])
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
    book = plain()
    old = book.rules
    book.amend(parse(changed("quota = 2", "quota = 3", PLAIN)))
    book.rules = old
    book.announce()
    return book.bundle()


def entries_after_close() -> bytes:
    book = plain()
    book.enter({f"a{n}": "a" for n in range(4)} | {f"b{n}": "b" for n in range(6)} | {"z": "b"})
    return book.bundle()


def entry_withdrawn() -> bytes:
    book = plain()
    book.amend()
    book.enter({f"a{n}": "a" for n in range(4)} | {f"b{n}": "b" for n in range(5)})
    book.announce()
    return book.bundle()


def checkpoint(text: Callable[[str, int, str], str], name: str = "log/checkpoint") -> bytes:
    book, files = files_of("plain", "public")
    whole = text(book.origin, len(book.leaves), b64(root(book.leaves)))
    return zipped(book.signed({**files, name: note(whole, book.keys[-1])}))


def forked(origin: str, size: int, top: str) -> str:
    return f"{origin}\n{size}\n{b64(sha(top.encode()))}\n"


def shorter(size: int) -> Callable[[str, int, str], str]:
    return lambda origin, *_: f"{origin}\n{size}\n{b64(root(made('plain').leaves[:size]))}\n"


def drop(path: str) -> Callable[[Files], None]:
    return lambda files: files.pop(path)  # type: ignore[return-value]


def rule_file(change: Callable[[Any], Any]) -> bytes:
    """Rules that say something else, under their own hash, in place of those that were fixed."""

    def alter(files: Files) -> None:
        path = next(path for path in files if path.startswith("rules/"))
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


def tile(files: Files, start: str) -> str:
    return next(path for path in sorted(files) if path.startswith(start))


def components(change: Callable[[Any], Any]) -> bytes:
    """Components changed, and named as they then are by the result."""
    book = ROUNDS["calibrated"]
    first = book()
    said = plain_json.loads(first.components or b"")
    change(said)
    data = json(said)
    forged = book(tamper=lambda kind, it: it.update(components=sha(data).hex()) if kind == "result" else None)
    forged.components = data
    return forged.bundle("full")


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


SOME = "0" * 64
SLOT = "0" * 32
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


def poke(signature: bytes, offset: int, value: bytes) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        at = data.rindex(signature) + offset
        assert data[at : at + len(value)] != value
        data[at : at + len(value)] = value

    return change


DAMAGES: dict[str, list[tuple[str, Damage]]] = {
    "archive": [
        ("a comment", lambda: raw(lambda data: data.__setitem__(slice(-2, None), b"\x02\x00hi"))),
        ("something behind it", lambda: raw(lambda data: data.extend(b"more"))),
        ("a time", lambda: raw(lambda data: None, date_time=(1980, 1, 1, 0, 0, 2))),
        ("a date", lambda: raw(lambda data: None, date_time=(2023, 1, 1, 0, 0, 0))),
        ("an extra field", lambda: raw(lambda data: None, extra=b"\x01\x00\x01\x00x")),
        ("a comment of a file", lambda: raw(lambda data: None, comment=b"x")),
        ("a folder", lambda: rezipped(lambda archive: archive.writestr(entry("empty/"), b""))),
        ("a file twice", lambda: rezipped(lambda archive: archive.writestr(entry("README.txt"), b"x"))),
        ("a name in Korean", lambda: rezipped(lambda archive: archive.writestr(entry("가"), b"x"))),
        ("another compression", lambda: raw(lambda data: None, compress_type=zipfile.ZIP_BZIP2)),
        ("encryption", lambda: raw(lambda data: (poke(CENTRAL, 8, b"\1")(data), poke(LOCAL, 6, b"\1")(data)))),
        ("two descriptions", lambda: raw(poke(LOCAL, 10, b"\1"))),
        ("a wrong checksum", lambda: raw(lambda data: (poke(CENTRAL, 16, b"!!")(data), poke(LOCAL, 14, b"!!")(data)))),
        ("a wrong size", lambda: raw(lambda data: (poke(CENTRAL, 24, b"\1\0")(data), poke(LOCAL, 22, b"\1\0")(data)))),
        ("something in front", lambda: raw(lambda data: data.__setitem__(slice(0, 0), b"#!/bin/sh\n"))),
        ("a damaged byte", lambda: raw(lambda data: data.__setitem__(200, data[200] ^ 255))),
        ("several disks", lambda: raw(poke(END, 4, b"\1"))),
    ],
    "manifest": [
        ("a file that was changed", lambda: unsigned(replace_in("README.txt", b"Result", b"result"))),
        ("a file that was added", lambda: unsigned(lambda files: files.update({"log/more": b"x"}))),
        ("a file that was lost", lambda: unsigned(drop("sheets.json"))),
        ("spaces", lambda: unsigned(space("manifest.json"))),
        ("a key twice", lambda: unsigned(replace_in("manifest.json", b'{"files"', b'{"a":1,"a":1,"files"'))),
        ("a fraction", lambda: unsigned(replace_in("manifest.json", b'"simsa_bundle":1', b'"simsa_bundle":1.0'))),
        ("another version", lambda: manifest(lambda said: said.update(simsa_bundle=2))),
        ("an unknown tier", lambda: manifest(lambda said: said.update(tier="secret"))),
        ("a full tier without openings", lambda: manifest(lambda said: said.update(tier="full"))),
        ("an unknown key", lambda: manifest(lambda said: said.update(note="x"))),
        ("itself in the list", lambda: manifest(lambda said: said["files"].update({"manifest.json": {"sha256": SOME, "size": 1}}))),
        ("a wrong size", lambda: manifest(lambda said: said["files"]["README.txt"].update(size=1))),
        ("a wrong digest", lambda: manifest(lambda said: said["files"]["README.txt"].update(sha256=SOME))),
        ("an unknown path", lambda: resigned(lambda files: files.update({"notes.txt": b"x"}))),
        ("openings in the public tier", lambda: resigned(lambda files: files.update({"openings/slots.json": b"[]"}), tier="public")),
        ("no first page", lambda: resigned(drop("README.txt"))),
        ("no openings of events", lambda: resigned(drop("openings/events.json"))),
        ("no checkpoint", lambda: resigned(drop("log/checkpoint"))),
        ("no signature", lambda: unsigned(drop("manifest.note"))),
    ],
    "log": [
        ("a changed leaf", lambda: resigned(lambda files: files.update({tile(files, "log/tile/entries"): flip(files[tile(files, "log/tile/entries")], 40)}))),
        ("a changed tile", lambda: resigned(lambda files: files.update({tile(files, "log/tile/0"): flip(files[tile(files, "log/tile/0")], 40)}))),
        ("a shorter tile", lambda: resigned(lambda files: files.update({tile(files, "log/tile/0"): files[tile(files, "log/tile/0")][:-32]}))),
        ("a leaf less", lambda: resigned(lambda files: files.update(log_tiles(made("plain").leaves[:-1])))),
        ("a lost tile", lambda: resigned(lambda files: files.pop(tile(files, "log/tile/1")) and None, "many")),
        ("a tile too many", lambda: resigned(lambda files: files.update({"log/tile/1/000.p/1": b"x" * 32}))),
        ("another root", lambda: checkpoint(forked)),
        ("another size", lambda: checkpoint(lambda origin, size, top: f"{origin}\n{size + 1}\n{top}\n")),
        ("a size with a zero", lambda: checkpoint(lambda origin, size, top: f"{origin}\n0{size}\n{top}\n")),
        ("another origin", lambda: checkpoint(lambda origin, size, top: f"x{origin}\n{size}\n{top}\n")),
        ("a fourth line", lambda: checkpoint(lambda origin, size, top: f"{origin}\n{size}\n{top}\nmore\n")),
        ("an earlier root that is none", lambda: checkpoint(lambda o, *_: forked(o, 5, "x"), "log/checkpoints/5")),
        ("an earlier one under another size", lambda: checkpoint(shorter(5), "log/checkpoints/6")),
        ("the last one among the earlier", lambda: checkpoint(shorter(len(made("plain").leaves)), f"log/checkpoints/{len(made('plain').leaves)}")),
        ("a time stamp of no checkpoint", lambda: resigned(lambda files: files.update({"timestamps/3.tsr": b"x"}))),
        ("an origin of another round", lambda: manifest(lambda said: said.update(round="other"))),
    ],
    "keys": [
        ("another signer", lambda: unsigned(lambda files: files.update({"manifest.note": note(f"simsa bundle v1\n{made('plain').origin}\n{sha(files['manifest.json']).hex()}\n", Key(made("plain").origin, 5))}))),
        ("a note of another manifest", lambda: unsigned(lambda files: files.update({"manifest.note": note(f"simsa bundle v1\n{made('plain').origin}\n{SOME}\n", made("plain").keys[0])}))),
        ("a wrong signature", lambda: resigned(lambda files: files.update({"log/checkpoint": files["log/checkpoint"][:-10] + b"AAAAAAA=\n"}))),
        ("a signature by a stranger alone", lambda: resigned(lambda files: files.update({"log/checkpoint": note(files["log/checkpoint"].decode().split("\n\n")[0] + "\n", Key("x", 1))}))),
        ("a damaged countersignature", lambda: resigned(lambda files: files.update({"log/checkpoint": files["log/checkpoint"][:-10] + b"AAAAAA==\n"}), "countersigned")),
        ("no key", lambda: manifest(lambda said: said.update(key="none"))),
        ("a cosigner's key", lambda: manifest(lambda said: said.update(key=Key(made("plain").origin, 0, 4).text))),
        ("another log's key", lambda: manifest(lambda said: said.update(key=Key("other/small", 0).text))),
        ("a change that the old key did not sign", unwitnessed_rotation),
        ("an old key that goes on", old_key_goes_on),
    ],
    "statements": [
        ("a leaf twice", replayed),
        ("a leaf of another round", lambda: unknown_leaf({"simsa_leaf": 1, "round": "x", "kind": "event", "fields": {"event": SOME}})),
        ("a leaf of no kind", lambda: unknown_leaf({"simsa_leaf": 1, "round": "small", "kind": "vote", "sha256": SOME})),
        ("a leaf that says more", lambda: unknown_leaf({"simsa_leaf": 1, "round": "small", "kind": "event", "fields": {"event": SOME}, "at": "noon"})),
        ("a leaf without its statement", lambda: unknown_leaf({"simsa_leaf": 1, "round": "small", "kind": "amendment", "sha256": SOME})),
        ("an event that tells its actor", lambda: unknown_leaf({"simsa_leaf": 1, "round": "small", "kind": "event", "fields": {"event": SOME, "actor": SOME}})),
        ("a statement too many", lambda: resigned(lambda files: files.update({f"statements/{sha(b'{}').hex()}.json": b"{}"}))),
        ("a statement with an unknown key", lambda: state("freeze", lambda said: said.update(more=1))),
        ("a freeze without an engine", lambda: state("freeze", lambda said: said.update(engine=""))),
        ("a seed of no kind", lambda: state("freeze", lambda said: said.update(seed={"kind": "dice"}))),
        ("an auditor's key of a signer", lambda: state("freeze", lambda said: said.update(auditors=[Key("a", 1).text]))),
        ("a second freeze", lambda: after(plain(), ("freeze", {"engine": "x", "rules_hash": SOME, "seed": {"kind": "none"}, "synthetic": "", "auditors": []}))),
        ("no entries", lambda: state("entries", lambda said: said.update(entries=[]))),
        ("entries out of order", lambda: state("entries", lambda said: swap(said["entries"]))),
        ("an entry without a name", lambda: state("entries", lambda said: said["entries"][0].update(name={}))),
        ("a number that is not shortest", lambda: state("entries", lambda said: said["reported"][0].__setitem__(3, "1.50"), "indicators")),
        ("a number with a plus", lambda: state("entries", lambda said: said["reported"][0].__setitem__(3, "+1"), "indicators")),
        ("a fraction that can be reduced", lambda: state("entries", lambda said: said["reported"][0].__setitem__(3, "2/6"), "indicators")),
        ("a number twice", lambda: state("entries", lambda said: said["reported"].insert(0, said["reported"][0]), "indicators")),
        ("entries after the close", entries_after_close),
        ("an entry with slots that is gone", entry_withdrawn),
        ("an unsorted panel", lambda: state("panel", lambda said: said["reviewers"].reverse())),
        ("a panel after the close", lambda: after(plain(), ("panel", {"reviewers": [SOME], "conflicts": []}))),
        ("a slot of nobody", lambda: state("slots", lambda said: said["slots"][0].__setitem__(1, "zzz"))),
        ("a slot that is none", lambda: state("slots", lambda said: said["slots"][0].__setitem__(0, "0"))),
        ("slots after the close", lambda: after(plain(), ("slots", {"slots": [[SLOT, "b0", SOME]], "replaces": []}))),
        ("a replacement by nothing", lambda: state("slots", lambda said: said["replaces"].append([SLOT, SLOT, ""]))),
        ("a slot used again", lambda: after(plain("open"), ("slots", {"slots": [[min(plain("open").slots), "a0", SOME]], "replaces": []}))),
        ("a sheet after the close", late_sheet),
        ("a second close", lambda: after(plain(), ("close", {"size": 1, "root": b64(root(made("plain").leaves[:1])), "sheets": 0, "slots": []}))),
        ("a status of no kind", lambda: state("close", lambda said: said["slots"][0].__setitem__(1, "lost"))),
        ("a second seed", lambda: after(plain(), ("seed", {"value": "x", "seed": SOME}))),
        ("a seed where none was to come", lambda: after(made("numbers").__class__ and ROUNDS["numbers"](), ("seed", {"value": "x", "seed": SOME}))),
        ("an empty draw", lambda: state("seed", lambda said: said.update(value=""))),
        ("an amendment without a reason", lambda: state("amendment", lambda said: said.update(reason=""), "amended")),
        ("a second result", second_result),
        ("a result before the close", lambda: after(plain("open"), ("result", {"rules_hash": made("plain").rules.hash, "seed": None, "standings": [], "groups": [], "lots": [], "components": None}))),
        ("forgotten before a result", lambda: after(plain("close"), ("forgotten", {"what": "openings", "reason": "x"}))),
        ("something else forgotten", lambda: state("forgotten", lambda said: said.update(what="rules"), "forgotten")),
        ("sheets before the close", lambda: zipped(plain("open").signed({**plain("open").files(), "sheets.json": b"[]"}))),
        ("no components in the full tier", lambda: resigned(drop("openings/components.json"), "calibrated")),
        ("no sheets in the full tier", lambda: resigned(drop("sheets.json"))),
        ("a statement with spaces", lambda: resigned(lambda files: space(tile(files, "statements/"))(files))),
    ],
    "rules": [
        ("other rules under the same name", lambda: resigned(lambda files: replace_in(tile(files, "rules/"), b'"count":2', b'"count":3')(files))),
        ("other rules", lambda: rule_file(lambda said: said["groups"][1]["quota"].update(count=3))),
        ("rules that were never in force", lambda: resigned(lambda files: files.update({f"rules/{sha(b'{}').hex()}.json": b"{}"}))),
        ("an amendment of other rules", lambda: state("amendment", lambda said: said.update(previous=SOME), "amended")),
        ("a result by rules of before", result_of_old_rules),
        ("a sheet that lacks a criterion", other_marks),
        ("an unknown rule", lambda: fixed_rules(lambda said: said.update(bonus="me"))),
        ("a default written out", lambda: fixed_rules(lambda said: said.update(rank_by="total"))),
        ("no lot at the end", lambda: fixed_rules(lambda said: said["tie_breaks"].pop())),
        ("rules of another round", lambda: fixed_rules(lambda said: said.update(id="other"))),
    ],
    "slots": [
        ("a slot left out", lambda: state("close", lambda said: said["slots"].pop())),
        ("a slot that was never open", lambda: state("close", lambda said: said["slots"].insert(0, [SLOT, "missing", ""]))),
        ("a replaced one that is called missing", lambda: state("close", lambda said: next(row for row in said["slots"] if row[1] == "replaced").__setitem__(1, "missing"))),
        ("a missing one that is called replaced", lambda: state("close", lambda said: next(row for row in said["slots"] if row[1] == "missing").__setitem__(1, "replaced"))),
        ("another root", lambda: state("close", lambda said: said.update(root=b64(sha(b""))))),
        ("another count", lambda: state("close", lambda said: said.update(sheets=said["sheets"] - 1))),
        ("sheets beyond its size", lambda: state("close", lambda said: said.update(size=9, root=b64(root(made("plain").leaves[:9]))))),
    ],
    "sheets": [
        ("a changed mark", lambda: content("sheets.json", lambda rows: rows[0][2].update(idea="7.5"))),
        ("a mark off its scale", lambda: content("sheets.json", lambda rows: rows[0][2].update(idea="7.3"))),
        ("a mark beyond its scale", lambda: content("sheets.json", lambda rows: rows[0][2].update(idea="11"))),
        ("a mark in another form", lambda: content("sheets.json", lambda rows: rows[0][2].update(idea="7.50"))),
        ("another secret", lambda: content("sheets.json", lambda rows: set_row(rows, 0, 1, SOME))),
        ("a sheet less", lambda: content("sheets.json", lambda rows: rows.pop() and None)),
        ("sheets out of order", lambda: content("sheets.json", swap)),
        ("a criterion less", lambda: content("sheets.json", lambda rows: rows[0][2].pop("idea") and None)),
        ("a criterion more", lambda: content("sheets.json", lambda rows: rows[0][2].update(more="1"))),
        ("recused called submitted", lambda: state("close", lambda said: next(row for row in said["slots"] if row[1] == "recused").__setitem__(1, "submitted"))),
        ("sheets that may not be public", lambda: zipped(made("calibrated").signed({**made("calibrated").files(), "sheets.json": json(made("calibrated").closing)}))),
    ],
    "seed": [
        ("a seed that does not follow", lambda: state("seed", lambda said: said.update(seed=SOME))),
        ("another draw", lambda: state("seed", lambda said: said.update(value="3 2 1"))),
        ("a result by another seed", lambda: result(lambda said: said.update(seed=SOME))),
        ("a result without its seed", lambda: result(lambda said: said.update(seed=None), "indicators")),
    ],
    "tally": [
        ("a raised score", lambda: standing("selected", best_score_raised)),
        ("a changed part", lambda: standing("selected", lambda one: one["values"].update(idea="1"))),
        ("a lost value", lambda: standing("selected", lambda one: one["values"].update(idea=None))),
        ("a changed value before rounding", lambda: result(lambda said: said["standings"][0]["exact"].update(total="1/3"), "many", "public")),
        ("a changed indicator", lambda: result(lambda said: said["standings"][0]["values"].update(ranked="11"), "indicators", "public")),
        ("a changed number", lambda: state("entries", lambda said: next(row for row in said["reported"] if row[2] == "debt").__setitem__(3, "15"), "indicators", "public")),
    ],
    "selection": [
        ("another winner", lambda: standing("reserve", lambda one: one.update(outcome="selected"))),
        ("a winner less", lambda: standing("selected", lambda one: one.update(outcome="not_selected"))),
        ("another rank", lambda: standing("selected", lambda one: one.update(rank=9))),
        ("another score", lambda: standing("selected", lambda one: one.update(score="9.99"))),
        ("another group", lambda: standing("selected", lambda one: one.update(group="b"))),
        ("another cause", lambda: standing("selected", reason("cause", "lot"))),
        ("another line", lambda: standing("selected", reason("line", "1"))),
        ("another size", lambda: standing("reserve", reason("size", 3))),
        ("another position", lambda: standing("reserve", reason("position", 2))),
        ("a reason less", lambda: standing("reserve", lambda one: one["reason"].pop("drawn"))),
        ("a reason more", lambda: standing("reserve", reason("friend", "yes"))),
        ("an entry less", lambda: result(lambda said: said["standings"].pop())),
        ("an entry twice", lambda: result(lambda said: said["standings"].append(said["standings"][0]))),
        ("standings out of order", lambda: result(lambda said: swap(said["standings"]))),
        ("a value of no node", lambda: standing("selected", lambda one: one["values"].update(more="1"))),
        ("places more", lambda: result(lambda said: said["groups"][0].update(places=2))),
        ("a group less", lambda: result(lambda said: said["groups"].pop())),
        ("lots in another order", lambda: result(lambda said: said["lots"][0].reverse(), "many")),
        ("no lots", lambda: result(lambda said: said["lots"].clear(), "lottery")),
        ("lots that were not drawn", lambda: result(lambda said: said["lots"].append(["b0", "b1"]))),
        ("another zone", lambda: result(lambda said: next(s for s in said["standings"] if s["zone"] == "tie").update(zone="certain"), "lottery")),
        ("a zone where there is none", lambda: standing("selected", lambda one: one.update(zone="certain"))),
        ("a calibrated score that decides nothing", lambda: standing("selected", lambda one: one.update(calibrated="1"))),
        ("those who were equal", lambda: result(lambda said: next(s for s in said["standings"] if s["reason"]["tied_with"])["reason"]["tied_with"].reverse(), "many")),
        ("no components", lambda: result(lambda said: said.update(components=None), "calibrated", "public")),
    ],
    "first-page": [
        ("another winner", lambda: resigned(replace_in("README.txt", b"a: 1.", b"a: 2."))),
        ("another hash", lambda: resigned(lambda files: replace_in("README.txt", made("plain").rules.hash.encode(), SOME.encode())(files))),
        ("a line more", lambda: resigned(lambda files: files.update({"README.txt": files["README.txt"] + b"\n"}))),
        ("no last line end", lambda: resigned(lambda files: files.update({"README.txt": files["README.txt"][:-1]}))),
        ("no word of invented data", lambda: resigned(lambda files: files.update({"README.txt": b"".join(line for line in files["README.txt"].splitlines(True) if b"Synthetic" not in line)}), "indicators")),
        ("the other tier", lambda: resigned(replace_in("README.txt", b"full", b"public"))),
    ],
    "openings": [
        ("a changed mark", lambda: content("openings/sheets.json", lambda rows: rows[0][4].update(idea="7.5"))),
        ("a mark that is no number", lambda: content("openings/sheets.json", lambda rows: rows[0][4].update(idea="good"))),
        ("a sheet less", lambda: content("openings/sheets.json", lambda rows: rows.pop() and None)),
        ("a version skipped", skipped_version),
        ("an earlier version at the close", wrong_last_version),
        ("sheets out of order", lambda: content("openings/sheets.json", swap)),
        ("another secret", lambda: content("openings/slots.json", lambda rows: set_row(rows, 0, 1, SOME))),
        ("another reviewer", lambda: content("openings/slots.json", lambda rows: set_row(rows, 0, 2, "r9"))),
        ("a slot less", lambda: content("openings/slots.json", lambda rows: rows.pop() and None)),
        ("a reviewer off the panel", stranger),
        ("a reviewer twice for an entry", twice_assigned),
        ("a reviewer in conflict", in_conflict),
        ("a panel member less", lambda: content("openings/panel.json", lambda said: said["reviewers"].pop() and None)),
        ("another conflict", lambda: content("openings/panel.json", lambda said: set_row(said["conflicts"], 0, 1, "a1"))),
        ("another event", lambda: content("openings/events.json", lambda rows: rows[0][2].update(verb="closed"))),
        ("an event less", lambda: content("openings/events.json", lambda rows: rows.pop() and None)),
    ],
    "calibration": [
        ("other components than the result names", lambda: content("openings/components.json", lambda said: said.update(residual="9"), "calibrated")),
        ("other variances", lambda: components(lambda said: said.update(residual="9"))),
        ("components of other sheets", lambda: components(lambda said: said.update(sheets_hash=SOME))),
        ("components of other rules", lambda: components(lambda said: said.update(rules_hash=SOME))),
        ("too many digits", lambda: components(lambda said: said.update(entrant="1.23456"))),
        ("a variance below 0", lambda: components(lambda said: said.update(entrant="-1"))),
        ("a number for a stranger", lambda: components(lambda said: said.update(reviewers={"nobody": {"scale": "1"}}))),
        ("a scale for one alone", lambda: components(lambda said: said.update(reviewers={"r1": {"scale": "1"}}))),
    ],
}  # fmt: skip
