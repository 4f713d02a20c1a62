"""Receipts: what a person keeps, to check offline and years later that what they submitted is in the record.

A receipt is a C2SP tlog-proof whose extra data opens the leaf; before the leaf is in the log it is a signed promise.
Whoever holds it can show it: it proves what was submitted, also to somebody who forces them (no receipt prevents that).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simsa.engine.lots import framed

from . import shapes
from .canonical import CanonicalError, canonical_bytes, parse_exact
from .checkpoints import Checkpoint
from .leaves import EVENT, SHEET, LeafError, Opening
from .log import PROMISE, Store, promise, proof_of
from .merkle import ProofError, verify_inclusion
from .notes import PLAIN, Note, NoteError, SigningKey, VerifierKey, decoded, encoded

FORMAT = 1
PROOF = "c2sp.org/tlog-proof@v1"
PROMISED = "simsa.promise@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})\Z")


class ReceiptError(ValueError):
    """A file that is no receipt, or one that does not hold; the message says why."""


@dataclass(frozen=True)
class SlotReceipt:
    """The opening of the slot that a sheet fills: who, for which entry.

    After the close `closing`, the secret of the slot's row there, shows that the marks are what counts, also where no
    sheets are shown.
    """

    entry: str
    code: str
    secret: bytes
    closing: bytes | None = None


@dataclass(frozen=True)
class Receipt:
    """`opening` leads to the leaf; `reviewer` opens the slot of a sheet. In the log: `index`, `proof`, `checkpoint`;
    before: `promise`. `signature` of the log's key is over all that was submitted: nobody else can make a receipt, not
    even one that accuses the log of what it did not do.
    """

    opening: Opening
    reviewer: SlotReceipt | None = None
    index: int | None = None
    proof: tuple[bytes, ...] = ()
    checkpoint: Checkpoint | None = None
    promise: Note | None = None
    signature: bytes = b""

    def __bytes__(self) -> bytes:
        whole = canonical_bytes({**self._content(), "signature": encoded(self.signature)})
        extra = f"extra {encoded(whole)}\n"
        if self.checkpoint is None:
            assert self.promise is not None
            return f"{PROMISED}\n{extra}\n".encode() + bytes(self.promise)
        hashes = "".join(f"{encoded(one)}\n" for one in self.proof)
        return f"{PROOF}\n{extra}index {self.index}\n{hashes}\n".encode() + bytes(self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """What a receipt says; signatures are not verified. ReceiptError for anything else."""
        try:
            head, blank, note = data.decode().partition("\n\n")
            lines = head.split("\n")
            if not blank or lines[0] not in (PROOF, PROMISED):
                raise ReceiptError("is no receipt: it does not begin as one")
            if len(lines) < 2 or not lines[1].startswith("extra "):
                raise ReceiptError("is no receipt of simsa: what was submitted is not in it")
            opening, reviewer, signature = _opened(decoded(lines[1][len("extra ") :]))
            if lines[0] == PROMISED:
                if len(lines) != 2:
                    raise ReceiptError("is no promise: it has lines that nobody knows")
                promised = cls(opening, reviewer, promise=Note.parse(note.encode()), signature=signature)
                promised._promised()
                return promised
            match = _INDEX.match(lines[2]) if len(lines) > 2 else None
            if match is None:
                raise ReceiptError("does not say where the leaf is in the log")
            proof = tuple(decoded(line) for line in lines[3:])
            return cls(opening, reviewer, int(match[1]), proof, Checkpoint.parse(note.encode()), signature=signature)
        except (UnicodeDecodeError, NoteError, LeafError, shapes.ShapeError, CanonicalError) as error:
            raise ReceiptError(f"is no receipt: {error}") from None

    @classmethod
    def promised(
        cls, origin: str, opening: Opening, reviewer: SlotReceipt | None, key: SigningKey, now: float | None = None
    ) -> Receipt:
        """Of a leaf that waits: a promise, signed by the log's key."""
        note = promise(origin, opening.leaf_hash, key, now)
        return cls(opening, reviewer, promise=note)._signed(key)

    @classmethod
    def proven(
        cls, store: Store, opening: Opening, reviewer: SlotReceipt | None, index: int, key: SigningKey
    ) -> Receipt:
        """Of a leaf that stands at `index` in the log, signed by its key."""
        checkpoint = store.checkpoint()
        assert checkpoint is not None
        proof = tuple(proof_of(store, index, checkpoint.size))
        return cls(opening, reviewer, index, proof, checkpoint)._signed(key)

    @property
    def origin(self) -> str:
        """The log that it is of."""
        if self.checkpoint is not None:
            return self.checkpoint.origin
        return self._promised()[0]

    @property
    def until(self) -> int | None:
        """Of a promise: the moment until which it must be kept, in seconds since 1970."""
        return None if self.checkpoint is not None else self._promised()[1]

    def check(self, known: Iterable[VerifierKey]) -> frozenset[VerifierKey]:
        """Which keys among `known` vouch for it. ReceiptError if it was changed, a proof or signature does not hold, or
        none is theirs.

        That the log is the one that everybody sees, only its checkpoints or a bundle can tell.
        """
        known = tuple(known)
        if not any(key.kind == PLAIN and key.verifies(self._signed_text(), self.signature) for key in known):
            raise ReceiptError("was changed, or does not come from this log: its signature is not by the log's key")
        self.check_proof()
        note = self.checkpoint.note if self.checkpoint is not None else self.promise
        assert note is not None
        try:
            signers = note.signers(known)
        except NoteError as error:
            raise ReceiptError(str(error)) from None
        if not signers:
            raise ReceiptError("is not signed by the key of the log")
        return signers

    def check_proof(self) -> None:
        """ReceiptError unless what was submitted leads to the checkpoint, or is what the promise is about."""
        if self.checkpoint is None:
            self._promised()
            return
        assert self.index is not None
        try:
            leaf = self.opening.leaf_hash
            verify_inclusion(leaf, self.index, self.checkpoint.size, self.proof, self.checkpoint.root)
        except (ProofError, LeafError) as error:
            raise ReceiptError(str(error)) from None

    def _promised(self) -> tuple[str, int]:
        assert self.promise is not None
        lines = self.promise.text.split("\n")
        if len(lines) != 5 or lines[0] != PROMISE or not re.fullmatch("[1-9][0-9]{0,15}", lines[3]):
            raise ReceiptError("is no promise of a log")
        if decoded(lines[2]) != self.opening.leaf_hash:
            raise ReceiptError("promises something else than what it says was submitted")
        return lines[1], int(lines[3])

    def _signed(self, key: SigningKey) -> Receipt:
        return replace(self, signature=key.sign(self._signed_text()))

    def _signed_text(self) -> bytes:
        return framed("simsa receipt v1", self.origin, canonical_bytes(self._content()))

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = {
            "simsa_receipt": FORMAT,
            "round": self.opening.round,
            "kind": self.opening.kind,
            "secret": self.opening.secret.hex(),
            "fields": dict(self.opening.values),
        }
        if self.reviewer is not None:
            one = self.reviewer
            if one.closing is not None:
                content["closing"] = one.closing.hex()
            content["reviewer"] = {"entry": one.entry, "code": one.code, "secret": one.secret.hex()}
        return content


def marks_of(values: Mapping[str, str]) -> dict[str, str]:
    """The marks among the fields of a sheet, by leaf of the criteria tree."""
    return {name.removeprefix("mark/"): value for name, value in values.items() if name.startswith("mark/")}


def _opened(extra: bytes) -> tuple[Opening, SlotReceipt | None, bytes]:
    content = parse_exact(extra)
    kind = content.get("kind") if isinstance(content, dict) else None
    keys: dict[str, shapes.Shape] = {
        "simsa_receipt": shapes.constant(FORMAT),
        "round": shapes.filled,
        "kind": shapes.one_of(SHEET, EVENT),
        "secret": shapes.hash256,
        "fields": shapes.mapping(shapes.text),
        "signature": shapes.text,
    }
    if kind == SHEET:
        slot = {"entry": shapes.filled, "code": shapes.filled, "secret": shapes.hash256}
        keys["reviewer"] = shapes.record(slot)
        if "closing" in content:
            keys["closing"] = shapes.hash256
    shapes.record(keys)(content, "")
    if kind == SHEET and not {"slot", "version"} <= content["fields"].keys():
        raise ReceiptError("is no receipt: the sheet has no slot or version")
    opening = Opening(str(kind), content["round"], bytes.fromhex(content["secret"]), content["fields"])
    signature = decoded(content["signature"])
    if kind != SHEET:
        return opening, None, signature
    own = content["reviewer"]
    closing = bytes.fromhex(content["closing"]) if "closing" in content else None
    return opening, SlotReceipt(own["entry"], own["code"], bytes.fromhex(own["secret"]), closing), signature
