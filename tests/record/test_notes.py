"""Signed notes: the specification's example, what is not one, and keys as text."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from simsa.record.notes import (
    COSIGNATURE,
    MOST_SIGNATURES,
    PLAIN,
    Note,
    NoteError,
    SigningKey,
    VerifierKey,
    decoded,
    encoded,
)

# c2sp.org/signed-note, "Example".
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

KEY = SigningKey("simsa.example/log", PLAIN, bytes(range(32)))
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="+\n", exclude_categories=("Z", "C")), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=0x20) | st.just("\n"), min_size=1, max_size=80).map(
    lambda text: text + "\n"
)


def test_the_example_of_the_specification() -> None:
    key, note = VerifierKey.parse(FOO), Note.parse(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert note.signed_by(key)
    assert bytes(note) == EXAMPLE
    assert str(key) == FOO
    with pytest.raises(NoteError, match=r"signature of example\.com/foo does not hold"):
        Note.parse(EXAMPLE.replace(b"an example", b"no example")).signers([key])
    assert not note.signed_by(KEY.verifier)


@given(TEXTS, st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_what_is_signed_is_read_back_and_holds(text: str, names: list[str]) -> None:
    keys = [SigningKey(name, PLAIN, bytes([n]) * 32) for n, name in enumerate(names)]
    note = Note.signed(text, keys)
    assert Note.parse(bytes(note)) == note
    assert note.signers(key.verifier for key in keys) == {key.verifier for key in keys}
    for key in keys:  # the library alone says so too
        line = next(line for line in note.signatures if line.name == key.name)
        Ed25519PrivateKey.from_private_bytes(key.seed).public_key().verify(line.data, text.encode())
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        assert SigningKey.parse(key.text + "\n") == key
        assert key.text not in repr(key)
        assert encoded(key.seed) not in repr(key)


@given(st.integers(0, len(bytes(Note.signed("one\n\ntwo\n", [KEY]))) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_what_was_signed(place: int, change: int) -> None:
    data = bytearray(bytes(Note.signed("one\n\ntwo\n", [KEY])))
    data[place] ^= change
    try:
        note = Note.parse(bytes(data))
        assert not note.signed_by(KEY.verifier)  # another name or identifier: a key that nobody knows
    except NoteError:
        pass


SIGNED = bytes(Note.signed("text\n", [KEY]))
LINE = SIGNED[len(b"text\n\n") :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"\n\n" + LINE,
        b"text\n\n" + LINE[:-1],
        b"text\n" + LINE,
        b"text\n\n" + LINE + b"more\n",
        b"text\n\n" + LINE + b"\n",
        b"te\rxt\n\n" + LINE,
        b"te\x00xt\n\n" + LINE,
        b"te\xffxt\n\n" + LINE,
        b"text\n\n" + LINE.replace("— ".encode(), b"- "),
        b"text\n\n" + LINE.replace(b"simsa.example/log", b"simsa example"),
        b"text\n\n" + LINE.replace(b"simsa.example/log", b"a+b"),
        b"text\n\n" + "— a AAAA\n".encode(),
        b"text\n\n" + "— a AAAAAAB=\n".encode(),
        b"text\n\n" + LINE * (MOST_SIGNATURES + 1),
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        Note.parse(data)


def test_one_signature_that_does_not_hold_spoils_the_note_and_strangers_do_not() -> None:
    other = SigningKey("somebody else", PLAIN, bytes(32))
    good, bad = Note.signed("text\n", [KEY]), Note.signed("another text\n", [KEY])
    with pytest.raises(NoteError, match="does not hold"):
        replace(good, signatures=(*good.signatures, *bad.signatures)).signers([KEY.verifier])
    strange = replace(good, signatures=(*Note.signed("another text\n", [other]).signatures, *good.signatures))
    assert strange.signers([KEY.verifier]) == {KEY.verifier}
    witness = SigningKey(KEY.name, COSIGNATURE, KEY.seed)
    with pytest.raises(NoteError, match="does not hold"):
        Note.signed("text\n", [witness]).signers([witness.verifier])  # a witness signs no note as it is


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+12345678",
        FOO.replace("530d903a", "530d903b"),
        FOO.replace("530d903a", "530D903A"),
        FOO.replace("example.com", "example com"),
        FOO[:-1],
        FOO.replace("+Aek", "+Bek"),
        "example.com/foo+530d903a+" + encoded(b"\x02" + bytes(32)),
        FOO + "\n",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_a_signing_key_that_is_damaged_is_refused_without_being_shown() -> None:
    secret = KEY.text.rpartition("+")[2]
    for text in ("", secret, KEY.text[:-4], KEY.text.replace("log", "fog"), KEY.text.replace("PRIVATE", "PUBLIC")):
        with pytest.raises(NoteError) as caught:
            SigningKey.parse(text)
        assert secret[:20] not in str(caught.value)
    for name in ("", "two words", "a+b", "line\n"):
        with pytest.raises(NoteError, match="cannot name a key"):
            SigningKey.new(name)
    assert SigningKey.new("a").seed != SigningKey.new("a").seed


@given(st.binary(max_size=40))
def test_base64_has_one_form(data: bytes) -> None:
    assert decoded(encoded(data)) == data


@pytest.mark.parametrize("text", ["AB==", "AAA", "AA=A", "A A=", "AAAA\n", "AA-_", "AAAA====", "가"])
def test_base64_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        decoded(text)
