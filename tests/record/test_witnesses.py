"""Asking witnesses to cosign, against one that is written from the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simsa.record.checkpoints import Checkpoint
from simsa.record.folder import Database
from simsa.record.log import sequence
from simsa.record.merkle import leaf_hash
from simsa.record.notes import COSIGNATURE, SigningKey
from simsa.record.witnesses import LARGEST, RolledBackError, UnreachableError, Witness, WitnessError
from tests.record.authority import served
from tests.record.outsider import Answer, Outsider, said
from tests.record.small_round import ORIGIN

KEY = SigningKey(ORIGIN, 1, bytes(range(32)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "log.sqlite", new=True)
    with made.transaction():
        made.set_about("origin", ORIGIN)
    yield made
    made.close()


@pytest.fixture
def outsider() -> Outsider:
    made = Outsider()
    made.follow(ORIGIN, str(KEY.verifier))
    return made


def grown(database: Database, leaves: int) -> Checkpoint:
    with database.transaction():
        for _ in range(leaves):
            data = f"{database.head.size} {len(database.waiting(10_000))}".encode()
            database.add(data, leaf_hash(data))
    made = sequence(database, [KEY])
    assert made is not None
    return made


def test_a_witness_follows_a_log_as_it_grows(database: Database, outsider: Outsider) -> None:
    with outsider.serving() as url:
        witness, known = Witness(outsider.key.verifier, url), 0
        for leaves in (1, 2, 255, 300, 1):
            checkpoint = grown(database, leaves)
            cosigned = witness.ask(database, checkpoint, known)
            assert cosigned.cosigners([witness.key])
            assert cosigned.note.signed_by(KEY.verifier)
            known = checkpoint.size
            assert outsider.seen[ORIGIN] == (known, checkpoint.root)
    assert len(outsider.asked) == 5


def test_what_it_has_seen_it_says_itself(database: Database, outsider: Outsider) -> None:
    first, second, third = (grown(database, 3) for _ in range(3))
    with outsider.serving() as url:
        witness = Witness(outsider.key.verifier, url)
        witness.ask(database, second)
        for known in (0, first.size):
            outsider.seen[ORIGIN] = second.size, second.root
            assert witness.ask(database, third, known).cosigners([witness.key])
        assert witness.ask(database, third, third.size).cosigners([witness.key])  # once more the same


def test_a_log_that_was_put_back_or_forked_is_found(database: Database, outsider: Outsider, tmp_path: Path) -> None:
    first, second = grown(database, 3), grown(database, 3)
    other = Database(tmp_path / "other.sqlite", new=True)
    with other.transaction():
        other.set_about("origin", ORIGIN)
        for n in range(7):
            other.add(b"another history %d" % n, leaf_hash(b"another history %d" % n))
    forked = sequence(other, [KEY])
    assert forked is not None
    with outsider.serving() as url:
        witness = Witness(outsider.key.verifier, url)
        witness.ask(database, second)
        with pytest.raises(RolledBackError, match="has cosigned 6 leaves"):
            witness.ask(database, first)
        with pytest.raises(WitnessError, match="422"):
            witness.ask(other, forked)
    other.close()
    assert outsider.seen[ORIGIN] == (second.size, second.root)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said(404, "unknown log"), "404 Not Found \\(unknown log\\)"),
        (said(403), "403"),
        (said(409, "five"), "409"),
        (said(409, "0\n"), "409"),  # that is what was said
        (said(200), "does not cosign"),
        (said(200, "— witness.example/w AAAA\n"), "does not cosign"),
        (said(200, "\n\n\n"), "does not cosign"),
        (said(200, "x" * (LARGEST + 1)), "more than"),
        (said(302), "302"),
    ],
)
def test_answers_that_are_none(database: Database, outsider: Outsider, answer: Answer, expected: str) -> None:
    checkpoint = grown(database, 2)
    with served(lambda _body: answer, "text/plain; charset=utf-8") as url, pytest.raises(WitnessError, match=expected):
        Witness(outsider.key.verifier, url).ask(database, checkpoint)


def test_others_signatures_count_for_nothing(database: Database, outsider: Outsider) -> None:
    checkpoint, stranger = grown(database, 2), SigningKey.new(outsider.key.name, COSIGNATURE)
    of_another = checkpoint.cosigned(stranger, 1).note.signatures[-1].line
    later = grown(database, 1).cosigned(outsider.key, 1).note.signatures[-1].line
    for line in (of_another, later):
        signing = served(lambda _body, line=line: said(200, line), "text/plain; charset=utf-8")
        with signing as url, pytest.raises(WitnessError, match="does not cosign"):
            Witness(outsider.key.verifier, url).ask(database, checkpoint)
    extra = of_another + checkpoint.cosigned(outsider.key, 1).note.signatures[-1].line
    with served(lambda _body: said(200, extra), "text/plain; charset=utf-8") as url:
        kept = Witness(outsider.key.verifier, url).ask(database, checkpoint)
    assert [line.is_of(outsider.key.verifier) for line in kept.note.signatures] == [False, True]


def test_nobody_answers(database: Database, outsider: Outsider) -> None:
    checkpoint = grown(database, 1)
    for url in ("http://127.0.0.1:9/", "file:///etc/hosts", "https://"):
        with pytest.raises(UnreachableError):
            Witness(outsider.key.verifier, url).ask(database, checkpoint, timeout=2)
