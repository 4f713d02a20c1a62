"""Commitments are those of the format, bind to their place, and open field by field."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from simsa.record.commitments import commitment, commitment_with_salt, committed, is_hash, new_secret, salt_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
PLACE = st.tuples(TEXT, TEXT, TEXT, st.binary(min_size=32, max_size=32))


def parts(*given: bytes | str) -> bytes:
    """SHA-256 of parts, as "The record's format" lays down."""
    data = [part.encode() if isinstance(part, str) else part for part in given]
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in data)).digest()


@given(PLACE)
def test_the_bytes_of_the_format(place: tuple[str, str, str, bytes]) -> None:
    round_, name, value, secret = place
    salt = parts("simsa salt v1", secret, name)
    assert salt_of(secret, name) == salt
    wanted = parts("simsa commitment v1", round_, name, salt, value).hex()
    assert commitment(round_, name, value, secret) == wanted
    assert commitment_with_salt(round_, name, value, salt) == wanted
    assert committed(round_, {name: value}, secret) == {name: wanted}
    assert is_hash(wanted)


@given(PLACE, PLACE)
def test_it_opens_as_nothing_else(one: tuple[str, str, str, bytes], other: tuple[str, str, str, bytes]) -> None:
    assert (commitment(*one) == commitment(*other)) is (one == other)


@given(TEXT, TEXT)
def test_what_is_next_to_each_other_does_not_run_together(one: str, other: str) -> None:
    secret = bytes(32)
    assert (commitment(one + other, "", "", secret) == commitment(one, other, "", secret)) is (other == "")


def test_secrets_and_salts_differ() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 32
    assert salt_of(bytes(32), "mark/a") != salt_of(bytes(32), "mark/b")


def test_a_hash_is_64_small_hexadecimal_digits() -> None:
    good = "0123456789abcdef" * 4
    assert is_hash(good)
    for bad in (good[:-1], good + "0", good.upper(), good[:-1] + "\n", good + "\n", "٣" * 64, 1, None, good.encode()):
        assert not is_hash(bad)
