"""What somebody tries who knows the format: keys, names and marks that are made for it."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

import pytest

from simsa.record.folder import Record
from simsa.record.notes import COSIGNATURE, NoteError, VerifierKey
from simsa.record.verification import Answer, verify
from simsa.record.verification.examining import BEYOND
from tests.record.conftest import Verify
from tests.record.small_round import ORIGIN, RULES, begun

FIELD = 2**255 - 19
BASE_POINT = bytes.fromhex("58" + 31 * "66")
WEAK = [
    *(n.to_bytes(32, "little") for n in (0, 1, FIELD - 1, FIELD, FIELD + 1, 2**255 - 1)),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
]


def frozen(path: Path, key: VerifierKey) -> bytes:
    """The bundle of a round of which this is the key of an auditor, by an organiser who lets every key pass."""
    with (
        patch("simsa.record.notes._NAME", re.compile(".+", re.DOTALL)),
        patch("simsa.record.notes._is_weak", lambda _: False),
    ):
        record = Record.create(path, RULES, ORIGIN, auditors=[key])
        data = record.bundle("public")
    record.stop()
    return data


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_a_key_for_which_anybody_can_sign(verified: Verify, tmp_path: Path, public: bytes) -> None:
    key = VerifierKey("auditor.example", COSIGNATURE, public)
    with pytest.raises(NoteError, match="anybody can sign"):
        VerifierKey.parse(str(key))
    data = frozen(tmp_path, key)
    assert verify(data).answer is Answer.REFUSED
    assert verified(data)["verdict"] == "refused"


@pytest.mark.parametrize("letter", ["\x01", "\x1c", "\x85", "\u3000", "\ufeff", "\u180e"])
def test_names_of_keys(verified: Verify, tmp_path: Path, letter: str) -> None:
    """Languages do not agree on what white space is."""
    data = frozen(tmp_path, VerifierKey(f"auditor{letter}.example", COSIGNATURE, BASE_POINT))
    answer = verify(data).answer
    assert answer is (Answer.INCOMPLETE if letter in ("\ufeff", "\u180e") else Answer.REFUSED)
    assert verified(data)["verdict"] == answer


MARKS = ["1" + 20 * "0", "-1" + 30 * "0", "8.55", "1/3", "a word", "1" + 4400 * "0"]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("last", [True, False])
def test_a_mark_that_no_rules_allow(verified: Verify, tmp_path: Path, mark: str, last: bool) -> None:
    """In the version that counts or in one before, by somebody who can write into the log what they like."""
    good, bad = {"merit": "8.5", "reach": "7"}, {"merit": mark, "reach": "7"}
    record = begun(tmp_path)
    with patch("simsa.record.folder.keeping._check_marks"):
        for marks in (good, bad) if last else (bad, good):
            record.submit(record.slots[0].slot, marks)
    record.close()
    data = record.bundle("full")
    record.stop()
    found = verify(data)
    decimal = mark not in ("1/3", "a word") and len(mark) < 2000
    assert found.answer is (Answer.REFUSED if last or not decimal else Answer.INCOMPLETE)
    assert found.answer == verified(data)["verdict"]
    assert not any(check.why.startswith(BEYOND) for check in found.checks)
