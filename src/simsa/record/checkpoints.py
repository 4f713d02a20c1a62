"""Checkpoints (c2sp.org/tlog-checkpoint): how large a log is and what its root is, as a signed note; and the
cosignatures of witnesses below it (c2sp.org/tlog-cosignature, Ed25519)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from .notes import COSIGNATURE, MOST_SIGNATURES, Note, NoteError, Signature, SigningKey, VerifierKey, decoded, encoded

_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,15})\Z")


@dataclass(frozen=True)
class Checkpoint:
    """`origin` names the log; `size` leaves have the root `root` (32 bytes); `note` is how it is signed."""

    origin: str
    size: int
    root: bytes
    note: Note

    @classmethod
    def signed(cls, origin: str, size: int, root: bytes, keys: Iterable[SigningKey]) -> Checkpoint:
        """A checkpoint of a log that holds the keys."""
        return cls(origin, size, root, Note.signed(f"{origin}\n{size}\n{encoded(root)}\n", keys))

    @classmethod
    def parse(cls, data: bytes) -> Checkpoint:
        """What the note says; nothing is verified yet. NoteError if it is no checkpoint of three lines."""
        note = Note.parse(data)
        lines = note.text.split("\n")
        if len(lines) != 4 or not all(lines[:3]):
            raise NoteError("a checkpoint has three lines: origin, size, root")
        if not _SIZE.match(lines[1]):
            raise NoteError(f"{lines[1][:30]!r} is no size of a log")
        root = decoded(lines[2])
        if len(root) != 32:
            raise NoteError("the root is not 32 bytes long")
        return cls(lines[0], int(lines[1]), root, note)

    def __bytes__(self) -> bytes:
        return bytes(self.note)

    @cached_property
    def text(self) -> bytes:
        """What is signed, and what a time stamp is of."""
        return self.note.text.encode()

    def cosigned(self, key: SigningKey, moment: int) -> Checkpoint:
        """With the cosignature of a witness that saw it at `moment` (seconds since 1970)."""
        if key.kind != COSIGNATURE:
            raise NoteError(f"{key.name} is no witness's key")
        data = moment.to_bytes(8, "big") + key.sign(self._cosigned_text(moment))
        line = Signature(key.name, key.verifier.identifier, data)
        return replace(self, note=replace(self.note, signatures=(*self.note.signatures, line)))

    def cosigners(self, witnesses: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
        """Which witnesses cosigned, and when last. NoteError if a cosignature that names one of them does not hold."""
        found: dict[VerifierKey, int] = {}
        for key in witnesses:
            for signature in self.note.signatures:
                if not signature.is_of(key):
                    continue
                moment, data = int.from_bytes(signature.data[:8], "big"), signature.data[8:]
                if key.kind != COSIGNATURE or len(data) != 64 or moment >= 2**63:
                    raise NoteError(f"the cosignature of {key.name} is malformed")
                if not key.verifies(self._cosigned_text(moment), data):
                    raise NoteError(f"the cosignature of {key.name} does not hold")
                found[key] = max(moment, found.get(key, 0))
        return found

    def merged(self, other: Checkpoint) -> Checkpoint:
        """With the signatures of another copy by keys that have none here.

        NoteError if it says something else, or they are too many for one note.
        """
        if other.note.text != self.note.text:
            raise NoteError("these are not signatures of this checkpoint")
        there = {(line.name, line.identifier) for line in self.note.signatures}
        added = [line for line in other.note.signatures if (line.name, line.identifier) not in there]
        lines = (*self.note.signatures, *added)
        if len(lines) > MOST_SIGNATURES:
            raise NoteError(f"a note has at most {MOST_SIGNATURES} signatures")
        return replace(self, note=replace(self.note, signatures=lines))

    def only(self, keys: Iterable[VerifierKey]) -> Checkpoint:
        """With no other signatures than those that name one of these keys."""
        own = tuple(keys)
        lines = tuple(line for line in self.note.signatures if any(line.is_of(key) for key in own))
        return replace(self, note=replace(self.note, signatures=lines))

    def _cosigned_text(self, moment: int) -> bytes:
        return f"cosignature/v1\ntime {moment}\n".encode() + self.text
