"""Logs, receipts and bundles made from docs/reference/record-format.md alone, for tests of verifiers.

Numbers of results come from the engine; everything else, bytes, trees, signatures, is written down here a second time.
`Book.tamper` changes a statement before it is logged: what follows from it then follows from the change.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simsa.engine.calibration import RoundedScores
from simsa.engine.evaluation import Evaluation, evaluate
from simsa.engine.inputs import Entries, Reported
from simsa.engine.selection import Standing, select
from simsa.engine.tally import tally
from simsa.record.components import components_json, origin_of
from simsa.rules import Missing, Rounding, Rules, exact_text
from tests.engine.sheets import sheets as sheets_of

Files = dict[str, bytes]
Marks = dict[str, str]
RECUSED = "recused"
NO_SCORES = RoundedScores.none(0, Rounding(0))


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def parts(*given: str | bytes) -> bytes:
    whole = b""
    for part in given:
        data = part.encode() if isinstance(part, str) else part
        whole += len(data).to_bytes(8, "big") + data
    return whole


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def json(content: Any) -> bytes:
    return rfc8785.dumps(content)


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\0" + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + root(leaves[:split]) + root(leaves[split:]))


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*proof(leaves[:split], index), root(leaves[split:])]
    return [*proof(leaves[split:], index - split), root(leaves[:split])]


class Key:
    """A signer (type 1) or cosigner (type 4) with a name."""

    def __init__(self, name: str, number: int, kind: int = 1) -> None:
        self.name, self.kind = name, kind
        self.private = Ed25519PrivateKey.from_private_bytes(sha(f"{name} {number}".encode()))
        self.material = bytes([kind]) + self.private.public_key().public_bytes_raw()
        self.id = sha(name.encode() + b"\n" + self.material)[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self.material)}"

    def line(self, text: str, time: int = 1_700_000_000) -> str:
        if self.kind == 1:
            return f"— {self.name} {b64(self.id + self.private.sign(text.encode()))}\n"
        signed = self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"— {self.name} {b64(self.id + time.to_bytes(8, 'big') + signed)}\n"


def note(text: str, *keys: Key) -> bytes:
    return (text + "\n" + "".join(key.line(text) for key in keys)).encode()


def commitment(round_: str, name: str, secret: str, value: str) -> str:
    salt = sha(parts("simsa salt v1", bytes.fromhex(secret), name))
    return sha(parts("simsa commitment v1", round_, name, salt, value)).hex()


class Book:
    """A round's log as it is written, and the secrets behind it."""

    def __init__(
        self, rules: Rules, number: int = 0, tamper: Callable[[str, dict[str, Any]], None] | None = None
    ) -> None:
        self.rule_sets = {rules.hash: rules}
        self.rules, self.round = rules, rules.id
        self.origin = f"log.example/{rules.id}"
        self.random = random.Random(number)
        self.keys = [Key(self.origin, 0)]
        self.key_changes: list[int] = []  # leaves
        self.tamper = tamper
        self.leaves: list[bytes] = []
        self.statements: Files = {}
        self.checkpoints: dict[int, bytes] = {}
        self.cosigners: list[Key] = []
        self.entrants: list[dict[str, Any]] = []
        self.reported: list[list[str]] = []
        self.slots: dict[str, tuple[str, str, str]] = {}  # entry, reviewer, secret
        self.replaced: set[str] = set()
        self.versions: dict[str, list[Marks]] = {}
        self.opened_sheets: list[list[Any]] = []
        self.forgotten = False
        self.opened_events: list[list[Any]] = []
        self.panel_secrets: dict[str, list[list[str]]] = {"reviewers": [], "conflicts": []}
        self.closing: list[list[Any]] = []
        self.ballots: list[list[Any]] = []  # commitment, whether it counts, what it says
        self.batches: list[list[Any]] = []  # the leaf that seals them, their commitments
        self.counted = False
        self.seed: str | None = None
        self.components: dict[str, Any] | None = None  # as components.json has them, with their secret
        self.result: dict[str, Any] | None = None
        self.closed = False
        self.synthetic = ""
        self.evaluation: Evaluation | None = None

    def secret(self) -> str:
        return self.random.randbytes(32).hex()

    # Leaves.

    def leaf(self, kind: str, **further: Any) -> int:
        self.leaves.append(json({"simsa_leaf": 1, "round": self.round, "kind": kind, **further}))
        return len(self.leaves) - 1

    def state(self, kind: str, **content: Any) -> int:
        content = copy.deepcopy({"simsa_statement": 1, "kind": kind, "round": self.round, **content})
        if self.tamper:
            self.tamper(kind, content)
        data = json(content)
        self.statements[sha(data).hex()] = data
        if kind == "result":
            self.result = content
        return self.leaf(kind, sha256=sha(data).hex(), index=len(self.leaves))

    def fields(self, secret: str, values: Mapping[str, str]) -> dict[str, str]:
        return {name: commitment(self.round, name, secret, value) for name, value in values.items()}

    def freeze(self, seed: dict[str, str] | None = None, synthetic: str = "", auditors: Sequence[Key] = ()) -> None:
        self.synthetic, self.frozen_seed = synthetic, seed or {"kind": "none"}
        if self.frozen_seed["kind"] == "given":
            self.seed = self.frozen_seed["value"]
        self.cosigners = list(auditors)
        self.state(
            "freeze",
            engine="simsa 0.1.0",
            rules_hash=self.rules.hash,
            seed=self.frozen_seed,
            synthetic=synthetic,
            auditors=sorted(key.text for key in auditors),
        )

    def enter(self, groups: Mapping[str, str], reported: Sequence[Sequence[str]] = ()) -> None:
        self.entrants = [
            {"id": entry, "group": group, "name": {"ko": f"기관 {entry}", "en": f"Body {entry}"}}
            for entry, group in sorted(groups.items())
        ]
        self.reported = sorted(list(row) for row in reported)
        self.state("entries", entries=self.entrants, reported=self.reported)

    def seat(self, reviewers: Sequence[str], conflicts: Sequence[tuple[str, str]] = ()) -> None:
        seated = [[self.secret(), reviewer] for reviewer in reviewers]
        known = [[self.secret(), entry, reviewer] for entry, reviewer in conflicts]
        self.panel_secrets["reviewers"] += seated
        self.panel_secrets["conflicts"] += known
        self.state(
            "panel",
            reviewers=sorted(commitment(self.round, "reviewer", secret, code) for secret, code in seated),
            conflicts=sorted(
                commitment(self.round, "conflict", secret, json(list(pair)).decode()) for secret, *pair in known
            ),
        )

    def assign(
        self, pairs: Sequence[tuple[str, str]], replacing: Mapping[tuple[str, str], str] | None = None
    ) -> list[str]:
        """Slots for (entry, reviewer); `replacing` tells which old slot some of them replace."""
        found, opened, replaces = [], [], []
        for pair in pairs:
            slot, secret = self.random.randbytes(16).hex(), self.secret()
            self.slots[slot] = (*pair, secret)
            opened.append([slot, pair[0], commitment(self.round, "reviewer", secret, pair[1])])
            if replacing and pair in replacing:
                replaces.append([slot, replacing[pair], "fell ill"])
                self.replaced.add(replacing[pair])
            found.append(slot)
        self.state("slots", slots=sorted(opened), replaces=sorted(replaces))
        return found

    def sheet(self, slot: str, marks: Marks) -> dict[str, Any]:
        """Submits a version; returns the extra data of its receipt."""
        secret = self.secret()
        versions = self.versions.setdefault(slot, [])
        versions.append(marks)
        values = {"slot": slot, "version": str(len(versions)), **{f"mark/{leaf}": mark for leaf, mark in marks.items()}}
        index = self.leaf("sheet", fields=self.fields(secret, values))
        self.opened_sheets.append([index, secret, slot, len(versions), marks])
        entry, reviewer, own = self.slots[slot]
        return {
            "simsa_receipt": 1, "round": self.round, "kind": "sheet", "secret": secret, "fields": values,
            "reviewer": {"secret": own, "entry": entry, "code": reviewer},
        }  # fmt: skip

    def event(self, verb: Any, payload: Any = None) -> dict[str, Any]:
        secret = self.secret()
        event = {"actor": "clerk", "at": "2023-07-01T09:00:00+09:00", "payload": payload, "verb": verb}
        values = {"event": json(event).decode()}
        index = self.leaf("event", fields=self.fields(secret, values))
        self.opened_events.append([index, secret, event])
        return {"simsa_receipt": 1, "round": self.round, "kind": "event", "secret": secret, "fields": values}

    def ballot(self, says: Sequence[Sequence[str]], counts: bool = True) -> dict[str, Any]:
        """Casts one; what its receipt says, but for its signature and where it is sealed."""
        secret, rows = self.secret(), [list(row) for row in says]
        self.ballots.append([commitment(self.round, "ballot", secret, json(rows).decode()), counts, rows])
        return {"simsa_ballot": 1, "round": self.round, "ballot": rows, "secret": secret}

    def seal(self, commitments: Sequence[str]) -> dict[str, Any]:
        """Ballots that come into the log together; the extra data of the event's receipt."""
        top = root([bytes.fromhex(one) for one in commitments]).hex()
        extra = self.event("ballots.sealed", {"ballots": len(commitments), "root": top})
        self.batches.append([len(self.leaves) - 1, list(commitments)])
        return extra

    def count_vote(self, entries: Sequence[str], asides: Sequence[Sequence[Any]] = ()) -> None:
        self.counted = True
        self.ballots.sort()
        self.state(
            "vote",
            entries=sorted(entries),
            ballots=len(self.ballots),
            counted=sum(counts for _own, counts, _says in self.ballots),
            asides=[list(row) for row in asides],
            sha256=sha(json(self.ballots)).hex(),
        )

    def close(self) -> None:
        size, rows = len(self.leaves), []
        for slot in sorted(self.slots):
            marks = self.versions.get(slot, [None])[-1]
            if slot in self.replaced or marks is None:
                rows.append([slot, "replaced" if slot in self.replaced else "missing", ""])
                continue
            status = RECUSED if set(marks.values()) == {RECUSED} else "submitted"
            secret = self.secret()
            rows.append([slot, status, commitment(self.round, "sheet", secret, json(marks).decode())])
            self.closing.append([slot, secret, marks])
        self.closed = True
        self.state("close", size=size, root=b64(root(self.leaves)), sheets=len(self.opened_sheets), slots=rows)
        self.closed_root = root(self.leaves)

    def draw_seed(self, value: str = "1 2 3") -> None:
        self.seed = sha(parts("simsa seed v1", self.closed_root, value)).hex()
        self.state("seed", value=value, seed=self.seed)

    def amend(self, rules: Rules | None = None) -> None:
        previous, self.rules = self.rules, rules or self.rules
        self.rule_sets[self.rules.hash] = self.rules
        self.result = None
        self.state("amendment", reason="an objection", previous=previous.hash, rules_hash=self.rules.hash)

    def rotate(self) -> None:
        """A new key; the one before it signs the next checkpoint as well."""
        self.keys.append(Key(self.origin, len(self.keys)))
        self.key_changes.append(self.state("key", key=self.keys[-1].text))
        self.checkpoint(self.keys[-2])

    def key_of(self, size: int) -> Key:
        return self.keys[sum(index < size for index in self.key_changes)]

    def checkpoint(self, *more: Key) -> bytes:
        text = f"{self.origin}\n{len(self.leaves)}\n{b64(root(self.leaves))}\n"
        self.checkpoints[len(self.leaves)] = note(text, self.keys[-1], *more, *self.cosigners)
        return self.checkpoints[len(self.leaves)]

    # The result.

    def evaluated(self) -> Evaluation:
        entries = Entries(tuple(e["id"] for e in self.entrants), tuple(e["group"] for e in self.entrants))
        marks = {}
        leaves = [leaf.id for leaf in self.rules.leaves]
        for slot, (entry, reviewer, _) in sorted(self.slots.items()):
            if slot not in self.replaced:
                last = self.versions.get(slot, [dict.fromkeys(leaves, "not_submitted")])[-1]
                marks[entry, reviewer] = [_mark(last[leaf]) for leaf in leaves]
        reported = Reported({(entry, criterion, field): Fraction(n) for entry, criterion, field, n in self.reported})
        sheets = sheets_of(self.rules, entries, marks)
        rules, done = self.rules, tally(self.rules, entries, sheets, reported)
        if not rules.calibration.official and rules.lottery is None:
            self.evaluation = Evaluation(done, None, NO_SCORES, None, select(rules, entries, done, seed=self.seed))
            return self.evaluation
        found = evaluate(rules, entries, sheets, reported, seed=self.seed)
        assert found.calibration is not None
        assert found.calibration.components is not None
        components = components_json(found.calibration.components, origin_of(rules, entries, sheets, found.tally))
        self.components = {"components": components, "secret": self.secret()} if rules.calibration.official else None
        self.evaluation = found
        return found

    def announce(self) -> None:
        found = self.evaluated()
        zones = found.uncertainty.zone if self.rules.lottery and found.uncertainty else None
        official = self.rules.calibration.official
        position = {entry["id"]: n for n, entry in enumerate(self.entrants)}
        exact = [step.criterion for step in self.rules.tie_breaks if step.exact and step.criterion]

        def standing(one: Standing) -> dict[str, Any]:
            n = position[one.entry]
            reason = {
                "cause": one.reason.cause.value, "rank": one.reason.rank, "size": one.reason.size,
                "places": one.reason.places, "score": text(one.reason.score), "line": text(one.reason.line),
                "criterion": one.reason.criterion, "limit": text(one.reason.limit), "position": one.reason.position,
                "tied_with": list(one.reason.tied_with), "tied": one.reason.tied, "shared": one.reason.shared,
                "drawn": one.reason.drawn, "tally": text(one.reason.tally), "tally_rank": one.reason.tally_rank,
            }  # fmt: skip
            zone = zones[n] if zones else None
            return {
                "entry": one.entry, "group": one.group, "outcome": one.outcome, "rank": one.rank,
                "score": text(one.score), "reason": reason,
                "values": {node: text(column.value(n)) for node, column in found.tally.values.items()},
                "exact": {node: text(found.tally.unrounded[node].value(n)) for node in exact},
                "calibrated": text(found.scores.score.value(n)) if official else None,
                "zone": zone.value if zone else None,
            }  # fmt: skip

        self.state(
            "result",
            rules_hash=self.rules.hash,
            seed=self.seed,
            standings=[standing(one) for one in found.selection.standings],
            groups=[
                {"group": g.group, "size": g.size, "places": g.places, "empty": g.empty, "line": text(g.line)}
                for g in found.selection.groups
            ],
            lots=[list(drawn) for drawn in found.selection.lots_drawn],
            components=self.commit_to(self.components) if self.components else None,
        )

    def commit_to(self, components: Mapping[str, Any]) -> str:
        return commitment(self.round, "components", components["secret"], json(components["components"]).decode())

    # Bundles and receipts.

    def files(self, tier: str = "public", sheets: bool = True) -> Files:
        """Every file of a bundle but the manifests (see `signed`)."""
        if len(self.leaves) not in self.checkpoints:
            self.checkpoint()
        last = self.checkpoints[len(self.leaves)]
        found = {"log/checkpoint": last, **log_tiles(self.leaves)}
        for size, checkpoint in self.checkpoints.items():
            if size != len(self.leaves):
                found[f"log/checkpoints/{size}"] = checkpoint
        found |= {f"rules/{key}.json": rules.canonical for key, rules in self.rule_sets.items()}
        found |= {f"statements/{key}.json": data for key, data in self.statements.items()}
        hidden = self.rules.calibration.official or self.rules.lottery is not None
        if self.closed and not self.forgotten and (tier == "full" or (sheets and not hidden)):
            found["sheets.json"] = json(self.closing)
        if self.counted:
            found["ballots.json"] = json(self.ballots)
        if tier == "full":
            if self.counted:
                found["openings/ballots.json"] = json(self.batches)
            found["openings/sheets.json"] = json(self.opened_sheets)
            found["openings/slots.json"] = json(
                [[slot, secret, who] for slot, (_, who, secret) in sorted(self.slots.items())]
            )
            found["openings/panel.json"] = json({k: sorted(rows) for k, rows in self.panel_secrets.items()})
            found["openings/events.json"] = json(self.opened_events)
            if self.components and self.result:
                found["openings/components.json"] = json(self.components)
        found["README.txt"] = self.first_page(tier).encode()
        return found

    def first_page(self, tier: str) -> str:
        def name(names: Mapping[str, str]) -> str:
            chosen = names.get(self.rules.language) or names.get("en") or names[min(names)]
            return " ".join(chosen.split())

        names = {entry["id"]: name(entry["name"]) for entry in self.entrants}
        lines = [
            "simsa bundle / 심사 검증꾸러미",
            "",
            f"Round / 회차: {name(dict(self.rules.name.by_language))} ({self.round})",
            f"Tier / 단계: {tier}",
        ]
        if self.synthetic:
            lines.append(f"Synthetic data / 가상 자료: {' '.join(self.synthetic.split())}")
        lines += [
            f"Rules / 평가규칙: {self.rules.hash}",
            f"Record / 기록: {len(self.leaves)} leaves, root {b64(root(self.leaves))}",
            "",
            "Result / 결과",
        ]
        if self.result is None:
            lines.append("none yet / 아직 없음")
        else:
            chosen = [s for s in self.result["standings"] if s["outcome"] == "selected"]
            lines += [f"{s['group']}: {s['rank']}. {names.get(s['entry'])} ({s['entry']}) {s['score']}" for s in chosen]
            lines += [] if chosen else ["nobody / 없음"]
        lines += [
            "",
            'To check it / 확인하는 법: simsa verify FILE, or drop the file on the page "simsa verifier" in a browser.',
            "Do not believe this page: the verifier makes it again. / 이 쪽을 믿지 말고 검증기로 다시 만들어 보십시오.",
        ]
        return "".join(f"{line}\n" for line in lines)

    def signed(self, files: Files, tier: str = "public", **changes: Any) -> Files:
        """With manifests."""
        listed = {path: {"sha256": sha(data).hex(), "size": len(data)} for path, data in files.items()}
        manifest = json(
            {
                "simsa_bundle": 1, "tier": tier, "round": self.round, "origin": self.origin,
                "key": self.keys[0].text, "files": listed, **changes,
            }
        )  # fmt: skip
        text = f"simsa bundle v1\n{self.origin}\n{sha(manifest).hex()}\n"
        return {**files, "manifest.json": manifest, "manifest.note": note(text, self.keys[-1])}

    def bundle(self, tier: str = "public", sheets: bool = True) -> bytes:
        return zipped(self.signed(self.files(tier, sheets), tier))

    def leaf_of(self, extra: Mapping[str, Any]) -> bytes:
        fields = self.fields(extra["secret"], extra["fields"])
        return json({"simsa_leaf": 1, "round": self.round, "kind": extra["kind"], "fields": fields})

    def signed_extra(self, extra: Mapping[str, Any]) -> str:
        """In base64, signed as a whole by the key of now; one that has a signature stays as it is."""
        message = parts("simsa receipt v1", self.origin, json(extra))
        return b64(json({"signature": b64(self.keys[-1].private.sign(message)), **extra}))

    def receipt(self, extra: Mapping[str, Any], size: int | None = None) -> bytes:
        leaves = self.leaves[:size]
        index = self.leaves.index(self.leaf_of(extra))
        hashes = "".join(f"{b64(hash_)}\n" for hash_ in proof(leaves, index))
        text = f"{self.origin}\n{len(leaves)}\n{b64(root(leaves))}\n"
        head = f"c2sp.org/tlog-proof@v1\nextra {self.signed_extra(extra)}\nindex {index}\n{hashes}\n"
        return head.encode() + note(text, self.key_of(len(leaves)))

    def ballot_receipt(self, said: Mapping[str, Any], batch: tuple[Mapping[str, Any], Sequence[str]] | None) -> bytes:
        """Of a ballot; `batch`: the extra data of the event that sealed it, and all that it sealed."""
        own = commitment(self.round, "ballot", said["secret"], json(said["ballot"]).decode())
        signature = b64(self.keys[-1].private.sign(parts("simsa ballot v1", self.origin, own)))
        if batch is None:
            return json({"signature": signature, **said})
        extra, commitments = batch
        index = commitments.index(own)
        path = [b64(one) for one in proof([bytes.fromhex(one) for one in commitments], index)]
        sealed = {"index": index, "size": len(commitments), "proof": path, "event": b64(self.receipt(extra))}
        return json({"signature": signature, "sealed": sealed, **said})

    def promise(self, extra: Mapping[str, Any]) -> bytes:
        leaf = sha(b"\0" + self.leaf_of(extra))
        text = f"simsa promise v1\n{self.origin}\n{b64(leaf)}\n1700000000\n"
        return f"simsa.promise@v1\nextra {self.signed_extra(extra)}\n\n".encode() + note(text, self.keys[-1])


def _mark(mark: str) -> str | Missing:
    return Missing(mark) if mark in {why.value for why in Missing} else mark


def text(number: Fraction | None) -> str | None:
    return None if number is None else exact_text(number)


def _tile(level: str, n: int, width: int) -> str:
    digits = f"{n:03d}"
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"log/tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def log_tiles(leaves: Sequence[bytes]) -> Files:
    found: Files = {}
    for start in range(0, len(leaves), 256):
        some = leaves[start : start + 256]
        found[_tile("entries", start // 256, len(some))] = b"".join(len(one).to_bytes(2, "big") + one for one in some)
    level, hashes = 0, [sha(b"\0" + leaf) for leaf in leaves]
    while hashes:
        above = []
        for start in range(0, len(hashes), 256):
            some = hashes[start : start + 256]
            found[_tile(str(level), start // 256, len(some))] = b"".join(some)
            if len(some) == 256:
                above.append(_over(some))
        level, hashes = level + 1, above
    return found


def _over(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [sha(b"\1" + hashes[i] + hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def zipped(files: Files, **changes: Any) -> bytes:
    """A ZIP file as the format wants it; `changes` are set at every entry."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if len(data) > 100 else zipfile.ZIP_STORED
            entry.create_system = 0
            for name, value in changes.items():
                setattr(entry, name, value)
            archive.writestr(entry, data)
    return target.getvalue()
