"""Commitments: a value is fixed now and shown later, to whom it may concern, or never.

A commitment hides its value behind a salt of 32 bytes and binds it to round and field, so that it can be opened as
nothing else. All salts of one leaf follow from one secret: whoever is given the secret can open every field.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from simsa.engine.lots import digest_of_parts

SECRET_BYTES = 32
HEXADECIMAL = re.compile(r"[0-9a-f]{64}\Z")


def new_secret() -> bytes:
    """32 bytes that nobody can guess."""
    return secrets.token_bytes(SECRET_BYTES)


def salt_of(secret: bytes, name: str) -> bytes:
    """The salt of one field, 32 bytes."""
    return digest_of_parts("simsa salt v1", secret, name)


def commitment(round_: str, name: str, value: str, secret: bytes) -> str:
    """The commitment to `value` of the field `name`, 64 hexadecimal digits."""
    return commitment_with_salt(round_, name, value, salt_of(secret, name))


def commitment_with_salt(round_: str, name: str, value: str, salt: bytes) -> str:
    """The same, for who was given the salt of one field alone."""
    return digest_of_parts("simsa commitment v1", round_, name, salt, value).hex()


def committed(round_: str, values: Mapping[str, str], secret: bytes) -> dict[str, str]:
    """The commitments to several fields under one secret, by name."""
    return {name: commitment(round_, name, value, secret) for name, value in values.items()}


def is_hash(text: object) -> bool:
    """Whether it is 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and HEXADECIMAL.match(text) is not None
