"""Ballots of a public vote: what commits to one, and the receipt that a voter keeps.

A ballot's commitment is a leaf of a small Merkle tree of its own (`sealed`), in random order with those that were cast
at about the same time; an event in the round's log holds the root. The secret alone leads from a voter to their ballot.
Whoever holds the receipt can show what it says to others, too (no receipt prevents that).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from simsa.engine.lots import digest_of_parts, framed

from . import shapes
from .canonical import CanonicalError, canonical_bytes, canonical_text, parse_exact
from .commitments import SECRET_BYTES, commitment
from .leaves import Opening
from .merkle import ProofError, inclusion_proof, layers, leaf_hash, root_of, verify_inclusion
from .notes import NoteError, SigningKey, VerifierKey, decoded, encoded
from .receipts import Receipt, ReceiptError

FORMAT = 1
SEALED = "ballots.sealed"
"""The verb of the event that holds a root."""


def ballot_name(secret: bytes) -> str:
    """What a ballot is called where it is kept: 64 hexadecimal digits that only its voter can find again."""
    return digest_of_parts("simsa ballot name v1", secret).hex()


def ballot_commitment(round_: str, rows: Sequence[Sequence[str]], secret: bytes) -> str:
    """The commitment to what a ballot says: pairs of entry and points, as texts."""
    return commitment(round_, "ballot", canonical_text([list(row) for row in rows]), secret)


def sealed(commitments: Iterable[str]) -> bytes:
    """The root over the commitments of ballots that are sealed together, in their order."""
    return root_of(map(_leaf, commitments))


def path_of(commitments: Sequence[str], index: int) -> tuple[bytes, ...]:
    """The proof that the ballot at `index` is among them."""
    nodes = layers([_leaf(one) for one in commitments])
    return tuple(inclusion_proof(lambda level, at: nodes[level][at], index, len(commitments)))


def _leaf(commitment_: str) -> bytes:
    return leaf_hash(bytes.fromhex(commitment_))


@dataclass(frozen=True)
class Place:
    """Where a ballot is sealed: at `index` of `size`, with the `proof`, and the receipt of the event with the root."""

    index: int
    size: int
    proof: tuple[bytes, ...]
    event: Receipt


@dataclass(frozen=True)
class BallotReceipt:
    """What somebody voted in a round, the secret behind its commitment, and the log's signature that it was taken."""

    round: str
    rows: tuple[tuple[str, str], ...]
    secret: bytes
    signature: bytes
    place: Place | None = None

    @classmethod
    def signed(
        cls,
        origin: str,
        round_: str,
        rows: Iterable[Sequence[str]],
        secret: bytes,
        key: SigningKey,
        place: Place | None,
    ) -> BallotReceipt:
        kept = tuple((entry, points) for entry, points in rows)
        signature = key.sign(_signed_text(origin, ballot_commitment(round_, kept, secret)))
        return cls(round_, kept, secret, signature, place)

    @property
    def commitment(self) -> str:
        return ballot_commitment(self.round, self.rows, self.secret)

    def __bytes__(self) -> bytes:
        content: dict[str, Any] = {
            "simsa_ballot": FORMAT,
            "round": self.round,
            "ballot": [list(row) for row in self.rows],
            "secret": self.secret.hex(),
            "signature": encoded(self.signature),
        }
        if self.place is not None:
            content["sealed"] = {
                "index": self.place.index,
                "size": self.place.size,
                "proof": [encoded(one) for one in self.place.proof],
                "event": encoded(bytes(self.place.event)),
            }
        return canonical_bytes(content)

    @classmethod
    def parse(cls, data: bytes) -> BallotReceipt:
        """What a receipt says; nothing is verified. ReceiptError for anything else."""
        row = shapes.row(shapes.filled, shapes.number)
        keys: dict[str, shapes.Shape] = {
            "simsa_ballot": shapes.constant(FORMAT),
            "round": shapes.filled,
            "ballot": shapes.listed(row),
            "secret": shapes.hash256,
            "signature": shapes.text,
        }
        place = {"index": shapes.count, "size": shapes.count, "proof": shapes.listed(shapes.text), "event": shapes.text}
        try:
            content = parse_exact(data)
            if isinstance(content, dict) and "sealed" in content:
                keys["sealed"] = shapes.record(place)
            shapes.record(keys)(content, "")
            return cls(
                content["round"],
                tuple((entry, points) for entry, points in content["ballot"]),
                bytes.fromhex(content["secret"]),
                decoded(content["signature"]),
                _place(content["sealed"]) if "sealed" in content else None,
            )
        except (CanonicalError, shapes.ShapeError, NoteError) as error:
            raise ReceiptError(f"is no receipt of a ballot: {error}") from None

    def check(self, origin: str, known: Sequence[VerifierKey]) -> None:
        """ReceiptError unless a key among `known` signed that this log took the ballot and, once it is sealed, the
        event with its root is in the log."""
        text = _signed_text(origin, self.commitment)
        if not any(key.verifies(text, self.signature) for key in known):
            raise ReceiptError("was changed, or does not come from this log: its signature is not by the log's key")
        if self.place is not None:
            self.place.event.check(known)
            if self.place.event.origin != origin:
                raise ReceiptError("is sealed in the log of another round")
        self.check_proof()

    def check_proof(self) -> None:
        """ReceiptError unless a ballot that is sealed leads to the checkpoint that the receipt holds. Whoever signed
        is not looked at."""
        if self.place is None:
            return
        event = self.place.event
        event.check_proof()
        if event.opening.round != self.round:
            raise ReceiptError("is sealed in the log of another round")
        try:
            root = bytes.fromhex(_root(event.opening, self.place.size))
            verify_inclusion(_leaf(self.commitment), self.place.index, self.place.size, self.place.proof, root)
        except (ProofError, ValueError) as error:
            raise ReceiptError(f"is not among the ballots that were sealed: {error}") from None


def secret_of(code: str) -> bytes:
    """The secret that a voter's code stands for. ReceiptError for what is no code."""
    plain = "".join(code.split()).replace("-", "").lower()
    try:
        secret = bytes.fromhex(plain)
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise ReceiptError("is no code of a receipt: it has 64 letters a to f and digits")
    return secret


def _place(content: dict[str, Any]) -> Place:
    proof = tuple(decoded(one) for one in content["proof"])
    event = Receipt.parse(decoded(content["event"]))
    if event.checkpoint is None:
        raise ReceiptError("is no receipt of a ballot: what sealed it is not in the log")
    return Place(content["index"], content["size"], proof, event)


def _root(opening: Opening, size: int) -> str:
    """The root that an event holds. ValueError if it is about something else."""
    told = parse_exact(opening.values["event"].encode()) if "event" in opening.values else None
    payload = told.get("payload") if isinstance(told, dict) and told.get("verb") == SEALED else None
    if not isinstance(payload, dict) or payload.get("ballots") != size or not isinstance(payload.get("root"), str):
        raise ValueError("the event is about something else")
    return str(payload["root"])


def _signed_text(origin: str, commitment_: str) -> bytes:
    return framed("simsa ballot v1", origin, commitment_)
