"""Asking witnesses to cosign (https://c2sp.org/tlog-witness): each is shown that the log goes on from what it saw last.

    seen = witness.ask(store, checkpoint, known=120)      # the checkpoint with the witness's cosignature

A witness keeps of every log the greatest checkpoint that it has cosigned, and cosigns no other history. So one that
has seen more than there is tells that the log was put back to an older state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .checkpoints import Checkpoint
from .log import Store, tile_data
from .merkle import consistency_proof
from .notes import NoteError, VerifierKey, encoded
from .posting import PostError, posted
from .tiles import nodes_from

LARGEST = 2**14
"""Bytes of an answer: a line for each signature."""
_CONFLICT = 409
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,15})\n?\Z")


class WitnessError(ValueError):
    """A cosignature that could not be had; the message says why in plain words."""


class UnreachableError(WitnessError):
    """Nobody answers."""


class RolledBackError(WitnessError):
    """A witness has seen a greater log than there is now."""


@dataclass(frozen=True)
class Witness:
    """A witness by its key, and the address under which it answers."""

    key: VerifierKey
    url: str

    def ask(self, store: Store, checkpoint: Checkpoint, known: int = 0, timeout: float = 10) -> Checkpoint:
        """`checkpoint` of the log in `store` with this witness's cosignature, which holds.

        `known`: leaves of the checkpoint that it has cosigned last, 0 for none; it says so itself if it was another.
        WitnessError if it does not cosign, UnreachableError if it cannot be asked, RolledBackError if it has seen more
        than this log has.
        """
        for _ in range(2):  # the second time with what the witness says that it has seen
            try:
                lines = self._submitted(store, checkpoint, known, timeout)
            except PostError as error:
                seen = _SIZE.match(error.body) if error.status == _CONFLICT else None
                if seen is None or int(seen[1]) == known:
                    kind = WitnessError if error.status else UnreachableError
                    raise kind(f"{self.key.name}: {error}{_said(error)}") from None
                known = int(seen[1])
                if known > checkpoint.size:
                    raise RolledBackError(
                        f"{self.key.name} has cosigned {known} leaves of {checkpoint.origin}, of which "
                        f"{checkpoint.size} were shown to it now"
                    ) from None
            else:
                return self._cosigned(checkpoint, lines)
        raise WitnessError(f"{self.key.name} says each time that it has seen another log; it is asked again later")

    def _submitted(self, store: Store, checkpoint: Checkpoint, known: int, timeout: float) -> bytes:
        nodes = nodes_from(lambda tile: tile_data(store, tile), checkpoint.size)
        proof = consistency_proof(nodes, known, checkpoint.size) if known else []
        head = "".join(f"{line}\n" for line in (f"old {known}", *map(encoded, proof)))
        address, headers = f"{self.url.rstrip('/')}/add-checkpoint", {"Content-Type": "text/plain; charset=utf-8"}
        body = f"{head}\n".encode() + bytes(checkpoint)
        return posted(address, body, headers, timeout=timeout, largest=LARGEST)

    def _cosigned(self, checkpoint: Checkpoint, lines: bytes) -> Checkpoint:
        try:
            found = Checkpoint.parse(checkpoint.text + b"\n" + lines).only([self.key])
            if not found.cosigners([self.key]):
                raise NoteError("there is no signature by its key in the answer")
            return checkpoint.merged(found)
        except NoteError as error:
            raise WitnessError(f"{self.key.name} does not cosign: {error}") from None


def _said(error: PostError) -> str:
    """The first line of a refusal."""
    line = error.body.decode(errors="replace").partition("\n")[0].strip()
    return f" ({line[:200]})" if line.isprintable() and line else ""
