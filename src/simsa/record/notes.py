"""Signed notes (c2sp.org/signed-note): a text and, below it, lines with signatures. Ed25519 alone.

Keys have names. A verifier key as text is `name+identifier+base64`, where the identifier binds name, kind and key.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PLAIN, COSIGNATURE = 0x01, 0x04
"""Kinds of keys: of whoever writes a note, and of a witness, who says when it saw a checkpoint."""

MOST_SIGNATURES = 64
_FIELD = 2**255 - 19
_ORDER_8 = tuple(
    int.from_bytes(bytes.fromhex(y), "little")
    for y in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)
_NAME = re.compile(r"[^\s\x00-\x1f+]+\Z")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\Z")


class NoteError(ValueError):
    """A note or key that is malformed, or a signature that does not hold; the message says which."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name; `kind` is `PLAIN` or `COSIGNATURE`."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """`name+identifier+base64`. NoteError if that is not what it is; the message never holds a signing key."""
        if "PRIVATE+KEY" in text:
            raise NoteError("that is a signing key, which is to be shown to nobody; give the verifier key")
        name, plus, rest = text.partition("+")
        identifier, second, encoded = rest.partition("+")
        if not (plus and second and _NAME.match(name) and re.fullmatch("[0-9a-f]{8}", identifier)):
            raise NoteError(f"{text[:80]!r} is no verifier key: name+8 hexadecimal digits+base64")
        data = decoded(encoded)
        if len(data) != 33 or data[0] not in (PLAIN, COSIGNATURE):
            raise NoteError(f"{text[:80]!r} is no Ed25519 key")
        key = cls(name, data[0], data[1:])
        if _is_weak(key.public):
            raise NoteError(f"{text[:80]!r}: anybody can sign for this key")
        if key.identifier.hex() != identifier:
            raise NoteError(f"{text[:80]!r}: the identifier is {key.identifier.hex()}, not {identifier}")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.identifier.hex()}+{encoded(bytes([self.kind]) + self.public)}"

    @cached_property
    def identifier(self) -> bytes:
        """4 bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made `signature` over exactly `message`."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name. As text `PRIVATE+KEY+name+identifier+base64`; keep it where nobody reads it."""

    name: str
    kind: int
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier})"  # never the seed: keys stand in logs and tracebacks

    @classmethod
    def new(cls, name: str, kind: int = PLAIN) -> SigningKey:
        """A new random key. NoteError for a name with white space or a plus, or none."""
        if not _NAME.match(name):
            raise NoteError(f"{name!r} cannot name a key: no white space, no plus, not empty")
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """What `text` gives. NoteError otherwise; the message never holds the key."""
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteError("that is no signing key: PRIVATE+KEY+name+identifier+base64")
        data = decoded(parts[4])
        if len(data) != 33 or data[0] not in (PLAIN, COSIGNATURE) or not _NAME.match(parts[2]):
            raise NoteError("that is no Ed25519 signing key")
        key = cls(parts[2], data[0], data[1:])
        if key.verifier.identifier.hex() != parts[3]:
            raise NoteError("the signing key does not fit its name or identifier")
        return key

    @property
    def text(self) -> str:
        return f"PRIVATE+KEY+{self.name}+{self.verifier.identifier.hex()}+{encoded(bytes([self.kind]) + self.seed)}"

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.kind, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@dataclass(frozen=True)
class Signature:
    """One line below a note."""

    name: str
    identifier: bytes
    data: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {encoded(self.identifier + self.data)}\n"

    def is_of(self, key: VerifierKey) -> bool:
        return self.name == key.name and self.identifier == key.identifier


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """NoteError for what is no signed note."""
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise NoteError("the note is not UTF-8") from None
        if any(ord(letter) < 0x20 and letter != "\n" for letter in whole):
            raise NoteError("the note holds a control character")
        text, blank, below = whole.rpartition("\n\n")
        if not blank or not text or not below.endswith("\n"):
            raise NoteError("the note has no text, no blank line, or no signatures")
        lines = below[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise NoteError(f"the note has more than {MOST_SIGNATURES} signatures")
        return cls(f"{text}\n", tuple(_signature(line) for line in lines))

    def __bytes__(self) -> bytes:
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}".encode()

    @classmethod
    def signed(cls, text: str, keys: Iterable[SigningKey]) -> Note:
        """`text` (which ends in a newline) signed by plain keys."""
        message = text.encode()
        return cls(text, tuple(Signature(k.name, k.verifier.identifier, k.sign(message)) for k in keys))

    def signers(self, known: Iterable[VerifierKey]) -> frozenset[VerifierKey]:
        """Which plain keys among `known` signed. NoteError if a signature that names one of them does not hold."""
        message, found = self.text.encode(), set()
        for key in known:
            for signature in self.signatures:
                if not signature.is_of(key):
                    continue
                if key.kind != PLAIN or not key.verifies(message, signature.data):
                    raise NoteError(f"the signature of {key.name} does not hold")
                found.add(key)
        return frozenset(found)

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether `key` signed. NoteError as `signers`."""
        return key in self.signers([key])


def _is_weak(public: bytes) -> bool:
    """Whether it is a point of small order, for which signatures can be made up, or not in its one encoding."""
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    return y in (0, 1, *_ORDER_8) or y >= _FIELD - 1


def encoded(data: bytes) -> str:
    """Base64 with padding."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """The bytes of base64 that is written in the one canonical way. NoteError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"{text[:60]!r} is not base64") from None
    if encoded(data) != text:
        raise NoteError(f"{text[:60]!r} is not base64 in its canonical form")
    return data


def _signature(line: str) -> Signature:
    match = _LINE.match(line)
    if match is None:
        raise NoteError(f"{line[:80]!r} is no signature line")
    data = decoded(match[2])
    if len(data) < 5:
        raise NoteError(f"{line[:80]!r}: the signature is too short")
    return Signature(match[1], data[:4], data[4:])
