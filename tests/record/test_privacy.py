"""What a public bundle does not tell: who reviewed what, and when; and what is left after forgetting."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simsa.engine.inputs import Entries, Reported
from simsa.record import statements
from simsa.record.bundle.writing import TIME
from simsa.record.folder import Record
from simsa.record.folder.database import RecordError
from simsa.record.notes import COSIGNATURE, SigningKey
from simsa.record.statements import SlotOpening, slots_statement
from simsa.record.tiles import entries_of
from simsa.record.verification import Answer, Outcome, verify
from simsa.record.verification.archive import unpacked
from tests.record.rounds import chance, drawn_round
from tests.record.test_insider_drills import ENTRIES, PANEL, RULES

ASSIGNED = [(entry, code) for entry in ENTRIES for code in PANEL]
LEAVES, HASHES = "log/tile/entries/000.p/15", "log/tile/0/000.p/15"
OTHERWISE = [(entry, code) for entry in ENTRIES for code in reversed(PANEL)]


def run(path: Path, pairs: list[tuple[str, str]], conflict: tuple[str, str], *, clock: Iterator[int]) -> Record:
    """The same round in another world: slots, marks, secrets, keys and the order of batches are always the same."""
    with chance(Random(1), Random(2)), pytest.MonkeyPatch.context() as patch:
        patch.setattr("simsa.record.log.time.time", lambda: next(clock))
        record = Record.create(path, RULES, "example.org/drill", seed=statements.given("7"))
        record.enter(Entries(ENTRIES, ("city",) * 3), {key: {"en": key} for key in ENTRIES}, Reported())
        record.seat([*PANEL, "choi"], [conflict])
        record.assign(pairs)
        for n, slot in enumerate(sorted(one.slot for one in record.slots)[:-1]):
            record.submit(slot, {"idea": str(n % 4 + 3), "work": str(n % 3 + 6)})
            if n == 4:
                record.sequence()
        record.note({"actor": "clerk-9", "at": "2026-11-28T10:00:00Z", "verb": "read", "payload": None})
        record.close()
        record.conclude()
        checkpoint = record.database.checkpoint()
        assert checkpoint is not None
        witness = SigningKey.new("witness.example", COSIGNATURE)
        record.cosign(checkpoint.cosigned(witness, 1_000), [witness.verifier])
    return record


def clock(start: int, step: int) -> Iterator[int]:
    while True:
        start += step
        yield start


def told(data: bytes) -> dict[str, Any]:
    """All that a bundle says, statements under their kind instead of their digest, but for the list of files."""
    found: dict[str, Any] = {}
    for path, content in unpacked(data).items():
        if path.startswith("log/tile/entries"):
            found[path] = [json.loads(entry) for entry in entries_of(content, int(path.rpartition("/")[2]))]
        elif path.startswith("log/tile"):
            found[path] = [content[n : n + 32].hex() for n in range(0, len(content), 32)]
        elif path.startswith("statements/"):
            said = json.loads(content)
            found[said["kind"]] = said
        elif path.endswith(".json"):
            found[path] = json.loads(content)
        else:
            found[path] = content.decode().split("\n")
    found["sizes"] = sorted(one["size"] for one in found["manifest.json"].pop("files").values())
    return found


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two contents differ, as paths in which numbers of items are `*`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, theirs in zip(one, other, strict=True):
            yield from differences(mine, theirs, f"{path}/*")
    elif one != other:
        yield path


def test_two_worlds_that_differ_in_who_reviewed_what(tmp_path: Path) -> None:
    """Every public byte is the same but commitments to names, and what hashes those or signs the hashes."""
    worlds = [
        run(tmp_path / "one", ASSIGNED, ("Ansan", "choi"), clock=clock(1_000, 60)),
        run(tmp_path / "other", OTHERWISE, ("Busan", "choi"), clock=clock(900_000, 1)),
    ]
    one, other = (record.bundle("public") for record in worlds)
    for record in worlds:
        assert verify(record.bundle("public")).answer is Answer.VERIFIED
        record.stop()
    mine, theirs = told(one), told(other)
    assert set(differences(mine, theirs)) == {
        "/panel/conflicts/*",  # commitments to who must not score whom
        "/slots/slots/*/*",  # commitments to who is to score
        "/close/root",  # hashes of these, and signatures of the hashes
        f"/{LEAVES}/*/sha256",
        f"/{HASHES}/*",
        "/log/checkpoint/*",
        "/README.txt/*",
        "/manifest.note/*",
    }
    assert [row[:2] for row in mine["slots"]["slots"]] == [row[:2] for row in theirs["slots"]["slots"]]
    changed = [n for n, leaf in enumerate(mine[LEAVES]) if leaf != theirs[LEAVES][n]]
    assert [mine[LEAVES][n]["kind"] for n in changed] == ["panel", "slots", "close"]
    assert [n for n, one in enumerate(mine[HASHES]) if one != theirs[HASHES][n]] == changed
    pages = zip(mine["README.txt"], theirs["README.txt"], strict=True)
    assert [line[:6] for line, its in pages if line != its] == ["Record"]


def test_the_clock_leaves_no_trace(tmp_path: Path) -> None:
    """When somebody submitted is in no byte, however fast or slow they were."""
    found = []
    for name, times in (("one", clock(1_000, 60)), ("other", clock(900_000, 1))):
        record = run(tmp_path / name, ASSIGNED, ("Ansan", "choi"), clock=times)
        found.append(record.bundle("public"))
        record.stop()
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(60, 68))
def test_no_name_in_any_public_byte(seed: int) -> None:
    """Not in a file, not in a header, not as a digest; no two slots look alike."""
    drawn = drawn_round(seed)
    files = unpacked(drawn.public)
    everything = drawn.public + b"".join(files.values())
    for word in (*drawn.known, "panellist", "clerk-7", "열람"):
        assert word.encode() not in everything
        assert word.encode("unicode_escape") not in everything
    contents = drawn.contents[0]
    hidden = [one for data in contents.leaves for one in json.loads(data).get("fields", {}).values()]
    for data in contents.statements.values():
        said = json.loads(data)
        hidden += [row[2] for row in said.get("slots", ()) if row[2]]
        hidden += [*said.get("reviewers", ()), *said.get("conflicts", ())]
    assert len(hidden) == len(set(hidden)) > 30
    with zipfile.ZipFile(io.BytesIO(drawn.public)) as archive:
        for info in archive.infolist():
            assert (info.date_time, info.comment, info.extra, info.create_system) == (TIME, b"", b"", 0)


def test_nothing_stands_in_the_order_of_the_panel() -> None:
    opened = [SlotOpening(statements.new_slot(), "Ansan", code, bytes(32)) for code in PANEL]
    assert slots_statement("drill", opened) == slots_statement("drill", opened[::-1])


def test_a_batch_is_shuffled(tmp_path: Path) -> None:
    """What was saved first comes anywhere into the log, in every batch anew."""
    with chance(Random(3), Random(4)):
        record = Record.create(tmp_path / "record", RULES, "example.org/drill")
        first, orders = [], set()
        for batch in range(12):
            start = record.database.head.size
            for n in range(8):
                record.note({"actor": "a", "at": "", "verb": "v", "payload": [batch, n]})
            keys = [key for key, _hash in record.database.waiting(100)]
            record.sequence()
            placed = dict(record.database.rows("select key, position from leaves where position >= ?", start))
            order = tuple(placed[key] - start for key in keys)
            orders.add(order)
            first.append(order[0])
        record.stop()
    assert len(orders) == 12
    assert len(set(first)) > 4


# Forgetting.


def kept(path: Path) -> bytes:
    """Every byte of the record's folder but the key."""
    return b"".join(file.read_bytes() for file in sorted(path.iterdir()) if not file.name.startswith("key"))


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    record = run(tmp_path / "record", ASSIGNED, ("Ansan", "choi"), clock=clock(1_000, 60))
    yield record
    record.stop()


def secrets_of(record: Record) -> list[bytes]:
    queries = [f"select secret from {table}" for table in ("openings", "closing", "members", "slots")]
    return [secret for query in queries for (secret,) in record.database.rows(query)]


def test_forgetting_leaves_no_byte(record: Record) -> None:
    secrets, words = secrets_of(record), [code.encode() for code in (*PANEL, "choi", "clerk-9")]
    marks = [text.encode() for (text,) in record.database.rows("select marks from closing")]
    marks += [text.encode() for (text,) in record.database.rows("select content from openings")]
    before = kept(record.path)
    assert len(secrets) > 25
    assert len(marks) == 17
    assert all(one in before for one in (*secrets, *words, *marks))
    record.forget("the appeal period is over")
    after = kept(record.path)
    assert not [one for one in (*secrets, *words, *marks) if one in after]
    assert not [secret for secret in secrets if secret.hex().encode() in after]


def test_the_log_still_verifies_and_the_verdict_says_what_is_gone(record: Record) -> None:
    held = [("kept", one) for one in record.receipts()]
    winners = verify(record.bundle("public")).winners
    record.forget("the appeal period is over")
    verdict = verify(record.bundle("public"), receipts=held)
    assert verdict.answer is Answer.INCOMPLETE
    assert verdict.winners == winners
    outcome = {one.name: one for one in verdict.checks}
    for name in ("archive", "manifest", "log", "keys", "statements", "rules", "slots", "selection", "first-page"):
        assert outcome[name].outcome is Outcome.PASSED, name
    assert outcome["receipts"].outcome is Outcome.PASSED
    assert outcome["sheets"].outcome is Outcome.NOT_SHOWN
    assert "destroyed" in outcome["sheets"].why
    assert outcome["tally"].outcome is Outcome.NOT_SHOWN
    with pytest.raises(RecordError, match="no full tier any more"):
        record.bundle("full")


def test_nothing_is_forgotten_before_there_is_a_result(tmp_path: Path) -> None:
    record = Record.create(tmp_path / "record", RULES, "example.org/drill")
    with pytest.raises(RecordError, match="there is no result yet"):
        record.forget("too soon")
    record.stop()


def test_forgetting_while_somebody_reads_says_so_and_is_done_later(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsa.record.folder.database.PATIENCE", 0.1)
    secrets = secrets_of(record)
    reader = sqlite3.connect(record.database.path)
    reader.execute("begin")
    reader.execute("select count(*) from openings").fetchall()
    with pytest.raises(RecordError, match="others still read there"):
        record.forget("the appeal period is over")
    reader.close()
    Record.open(record.path).stop()
    assert not [secret for secret in secrets if secret in kept(record.path)]
