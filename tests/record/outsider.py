"""A witness outside, as https://c2sp.org/tlog-witness has it: it keeps what it has seen, and cosigns what goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from simsa.record.checkpoints import Checkpoint
from simsa.record.merkle import ProofError, verify_consistency
from simsa.record.notes import COSIGNATURE, NoteError, SigningKey, VerifierKey, decoded
from tests.record.authority import served

Answer = tuple[int, dict[str, str], bytes]
MOMENT = 1_700_000_000


def said(status: int, text: str = "", kind: str = "text/plain") -> Answer:
    return status, {"Content-Type": kind}, text.encode()


@dataclass
class Outsider:
    """`logs`: the keys that it knows, by origin; `seen`: size and root of each; `asked`: what was shown to it."""

    logs: dict[str, VerifierKey] = field(default_factory=dict)
    key: SigningKey = field(default_factory=lambda: SigningKey.new("witness.example/w", COSIGNATURE))
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    @property
    def policy(self) -> str:
        """A policy of this witness alone; `{url}` is where it is."""
        return f"witness W {self.key.verifier} {{url}}\nquorum W\n"

    def follow(self, origin: str, key: str) -> None:
        self.logs[origin] = VerifierKey.parse(key)

    def answer(self, body: bytes) -> Answer:
        head, _blank, note = body.partition(b"\n\n")
        first, *proof = head.decode().split("\n")
        word, old = first.split(" ")
        assert word == "old"
        checkpoint = Checkpoint.parse(note)
        self.asked.append(checkpoint.size)
        try:
            if checkpoint.origin not in self.logs:
                return said(404, "unknown log")
            if not checkpoint.note.signed_by(self.logs[checkpoint.origin]):
                return said(403, "not signed")
            size, root = self.seen.get(checkpoint.origin, (0, b""))
            if int(old) > checkpoint.size:
                return said(400, "old is greater")
            if int(old) != size:
                return said(409, f"{size}\n", "text/x.tlog.size")
            if size:
                verify_consistency(size, checkpoint.size, [decoded(one) for one in proof], root, checkpoint.root)
            elif proof:
                return said(422, "a proof of nothing")
        except (NoteError, ProofError) as error:
            return said(422, str(error))
        self.seen[checkpoint.origin] = checkpoint.size, checkpoint.root
        return said(200, checkpoint.cosigned(self.key, MOMENT).note.signatures[-1].line)

    @contextmanager
    def serving(self) -> Iterator[str]:
        with served(self.answer, "text/plain; charset=utf-8") as url:
            yield url
