"""The log's signing key: whose it is, how it changes, and what happens where it is missing or another's."""

import stat
from functools import partial
from pathlib import Path

import pytest

from simsa.record.folder import Record, RecordError
from simsa.record.notes import COSIGNATURE, SigningKey
from simsa.record.verification import Answer, verify
from tests.record.small_round import MARKS, ORIGIN, begun


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return begun(tmp_path / "record")


def refuses(record: Record, why: str) -> None:
    """Whatever is signed is refused, and nothing is written."""
    slot = record.slots[0].slot
    record.note({"actor": "", "at": "", "payload": None, "verb": "v"})
    waiting, head = record.database.waiting(9), record.database.head
    signed = (record.sequence, record.rotate, record.close, partial(record.bundle, "public"))
    for act in (partial(record.submit, slot, MARKS), *signed):
        with pytest.raises(RecordError, match=why):
            act()
    assert (record.database.waiting(9), record.database.head) == (waiting, head)


def test_nobody_else_reads_it(record: Record) -> None:
    record.rotate()
    for path in record.path.glob("key*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.name for path in record.path.glob("key*")) == ["key"]


def test_both_keys_sign_once_and_a_second_process_signs_with_the_new_one(record: Record) -> None:
    other = Record.open(record.path)
    old = other.key.verifier
    new = record.rotate()
    last = record.database.checkpoint()
    assert last is not None
    assert last.note.signers([old, new]) == {old, new}
    promised = other.submit(other.slots[0].slot, MARKS)
    assert promised.check([old, new]) == {new}
    checkpoint = other.sequence()
    assert checkpoint is not None
    assert checkpoint.note.signers([old, new]) == {new}
    newest = other.rotate()
    assert record.key.verifier == newest
    verdict = verify(record.bundle("public"), key=old)
    assert verdict.answer is Answer.INCOMPLETE  # the round goes on; and every signature holds
    assert not verdict.failed


def test_a_stop_between_log_and_files_is_made_up_for(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            record.rotate()
    assert sorted(path.name for path in record.path.glob("key*")) == ["key", "key.next"]
    again = Record.open(record.path)
    checkpoint = again.database.checkpoint()
    assert checkpoint is not None
    assert again.key.verifier in checkpoint.note.signers([again.key.verifier])
    assert sorted(path.name for path in record.path.glob("key*")) == ["key"]


def test_a_rotation_that_failed_leaves_the_key(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    before = record.key
    with monkeypatch.context() as patch:
        patch.setattr(record.database, "keep", lambda _checkpoint: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            record.rotate()
    assert Record.open(record.path).key == before
    new = record.rotate()
    assert Record.open(record.path).key.verifier == new != before.verifier


def test_a_missing_key_is_named(record: Record) -> None:
    (record.path / "key").unlink()
    refuses(Record.open(record.path), "the signing key cannot be read")


@pytest.mark.parametrize("text", [SigningKey(name, 1, bytes(32)).text for name in (ORIGIN, "another")])
def test_a_foreign_key_is_refused(record: Record, text: str) -> None:
    (record.path / "key").write_text(text)
    refuses(Record.open(record.path), "is not the key of this log")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"PRIVATE+KEY+simsa"])
def test_a_damaged_key_is_refused(record: Record, data: bytes) -> None:
    (record.path / "key").write_bytes(data)
    refuses(Record.open(record.path), "is no signing key")


def test_a_key_that_cannot_be_written_is_no_rotation(record: Record) -> None:
    (record.path / "key.next").mkdir()
    before = record.key
    with pytest.raises(RecordError, match=r"key\.next: the signing key cannot be written"):
        record.rotate()
    assert record.key == before
    assert record.story.last("key") is None


def test_only_witnesses_that_were_named_are_kept(record: Record) -> None:
    checkpoint = record.database.checkpoint()
    assert checkpoint is not None
    witness, stranger = (SigningKey.new(name, COSIGNATURE) for name in ("witness", "stranger"))
    record.cosign(checkpoint.cosigned(stranger, 1).cosigned(witness, 2), [witness.verifier])
    kept = record.database.checkpoint()
    assert kept is not None
    assert kept.cosigners([witness.verifier, stranger.verifier]) == {witness.verifier: 2}
    with pytest.raises(RecordError, match="none of these witnesses"):
        record.cosign(checkpoint.cosigned(stranger, 1), [witness.verifier])
    record.note({"actor": "", "at": "", "payload": None, "verb": "v"})
    later = record.sequence()
    assert later is not None
    record.cosign(checkpoint.cosigned(stranger, 3), [stranger.verifier])  # an earlier one, by another
    with pytest.raises(RecordError, match="no checkpoint of this log"):
        record.cosign(begun(record.path / "other").database.checkpoint(), [witness.verifier])  # type: ignore[arg-type]
