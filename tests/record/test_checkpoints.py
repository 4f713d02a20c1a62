"""Checkpoints and cosignatures: the specifications' examples, a published log, and what is none."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from simsa.record.checkpoints import Checkpoint
from simsa.record.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    layers,
    leaf_hash,
    root_of,
    verify_consistency,
)
from simsa.record.notes import COSIGNATURE, PLAIN, Note, NoteError, SigningKey, VerifierKey
from simsa.record.tiles import entries_of
from tests.record.vectors import VECTORS, needs_vectors

ORIGIN = "simsa.example/log"
KEY = SigningKey(ORIGIN, PLAIN, bytes(range(32)))
WITNESS, OTHER = (SigningKey(f"witness.example/{n}", COSIGNATURE, bytes([n]) * 32) for n in (1, 2))
CHECKPOINT = Checkpoint.signed(ORIGIN, 3, bytes(32), [KEY])

# c2sp.org/tlog-cosignature: its first example, and the message that its text spells out for it.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
MESSAGE = (
    b"cosignature/v1\n"
    b"time 1679315147\n"
    b"example.com/behind-the-sofa\n"
    b"20852163\n"
    b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)

# The key of the published log, as its makers publish it (transparency-dev/tessera, testdata/build_log.sh).
TESSERA = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_the_example_of_the_specification() -> None:
    example = Checkpoint.parse(EXAMPLE)
    assert (example.origin, example.size) == ("example.com/behind-the-sofa", 20852163)
    assert bytes(example) == EXAMPLE
    moment = int.from_bytes(example.note.signatures[1].data[:8], "big")
    assert moment == 1679315147
    line = example.cosigned(WITNESS, moment).note.signatures[-1]
    assert (line.name, line.identifier, line.data[:8]) == (
        WITNESS.name,
        WITNESS.verifier.identifier,
        moment.to_bytes(8, "big"),
    )
    Ed25519PrivateKey.from_private_bytes(WITNESS.seed).public_key().verify(line.data[8:], MESSAGE)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1).filter(lambda s: "+" not in s),
    st.integers(0, 10**15),
    st.binary(min_size=32, max_size=32),
)
def test_what_is_signed_is_read_back(origin: str, size: int, root: bytes) -> None:
    made = Checkpoint.signed(origin, size, root, [replace(KEY, name=origin)])
    read = Checkpoint.parse(bytes(made))
    assert read == made
    assert (read.origin, read.size, read.root) == (origin, size, root)


ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n3\n",
        f"{ORIGIN}\n3\n{ROOT}\nmore\n",
        f"\n3\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n03\n{ROOT}\n",
        f"{ORIGIN}\n-3\n{ROOT}\n",
        f"{ORIGIN}\n+3\n{ROOT}\n",
        f"{ORIGIN}\n3 \n{ROOT}\n",
        f"{ORIGIN}\n٣\n{ROOT}\n",
        f"{ORIGIN}\n{10**16}\n{ROOT}\n",
        f"{ORIGIN}\n3\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n3\n{ROOT[:-2]}B=\n",
        f"{ORIGIN}\n3\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(bytes(Note.signed(text, [KEY])))


def test_cosignatures_say_who_and_when_and_a_wrong_one_is_an_error() -> None:
    witnesses = [WITNESS.verifier, OTHER.verifier]
    assert CHECKPOINT.cosigners(witnesses) == {}
    once = CHECKPOINT.cosigned(WITNESS, 100)
    assert Checkpoint.parse(bytes(once)).cosigners(witnesses) == {WITNESS.verifier: 100}
    assert once.cosigned(WITNESS, 300).cosigned(WITNESS, 200).cosigners(witnesses) == {WITNESS.verifier: 300}
    assert once.note.signed_by(KEY.verifier)
    line = once.note.signatures[-1]
    for data in (line.data[:7], line.data[:-1], b"\0" * 8 + line.data[8:], b"\xff" * 8 + line.data[8:], line.data[8:]):
        wrong = replace(once, note=replace(once.note, signatures=(replace(line, data=data),)))
        with pytest.raises(NoteError, match="cosignature of witness"):
            wrong.cosigners(witnesses)
    other = Checkpoint.signed(ORIGIN, 4, bytes(32), [KEY])
    moved = replace(other, note=replace(other.note, signatures=(*other.note.signatures, line)))
    with pytest.raises(NoteError, match="does not hold"):
        moved.cosigners(witnesses)
    with pytest.raises(NoteError, match="no witness's key"):
        CHECKPOINT.cosigned(KEY, 100)


def test_copies_are_merged_by_who_signed() -> None:
    first, second = CHECKPOINT.cosigned(WITNESS, 100), CHECKPOINT.cosigned(WITNESS, 200).cosigned(OTHER, 300)
    both = first.merged(second)
    assert both.cosigners([WITNESS.verifier, OTHER.verifier]) == {WITNESS.verifier: 100, OTHER.verifier: 300}
    assert len(both.note.signatures) == 3
    assert both.only([OTHER.verifier]).note.signatures == (second.note.signatures[-1],)
    with pytest.raises(NoteError, match="not signatures of this checkpoint"):
        first.merged(Checkpoint.signed(ORIGIN, 4, bytes(32), [KEY]))
    many = CHECKPOINT
    for n in range(63):
        many = many.cosigned(SigningKey(f"w{n}", COSIGNATURE, bytes([n]) * 32), n)
    assert Checkpoint.parse(bytes(many)) == many
    with pytest.raises(NoteError, match="at most 64"):
        many.merged(first)


def test_an_empty_log_has_a_checkpoint_too() -> None:
    empty = Checkpoint.signed(ORIGIN, 0, EMPTY_ROOT, [KEY])
    assert Checkpoint.parse(bytes(empty)).size == 0


@needs_vectors
def test_a_published_log_has_these_roots_and_one_history() -> None:
    log, key = VECTORS / "tessera", VerifierKey.parse(TESSERA)
    entries = entries_of((log / "tile/entries/000.p/15").read_bytes(), 15)
    hashes = [leaf_hash(entry) for entry in entries]
    tree = layers(hashes)
    before: Checkpoint | None = None
    for size in range(1, 16):
        one = Checkpoint.parse((log / f"checkpoint.{size}").read_bytes())
        assert one.note.signed_by(key)
        assert (one.origin, one.size, one.root) == (key.name, size, root_of(hashes[:size]))
        assert (log / f"tile/0/000.p/{size}").read_bytes() == b"".join(hashes[:size])
        assert entries_of((log / f"tile/entries/000.p/{size}").read_bytes(), size) == entries[:size]
        if before is not None:
            proof = consistency_proof(lambda level, index: tree[level][index], before.size, size)
            verify_consistency(before.size, size, proof, before.root, one.root)
        before = one
    assert (log / "checkpoint").read_bytes() == (log / "checkpoint.15").read_bytes()
