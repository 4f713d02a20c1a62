"""What is done to a record that lies in a folder: one method for each step of a round, each one durable transaction.

record = Record.create(path, rules, origin)
record.enter(entries, names, reported); record.seat(reviewers, conflicts); record.assign(pairs)
receipt = record.submit(slot, marks)        # a promise; record.sequence() puts it into the log
record.close(); record.conclude(); bundle = record.bundle("public")
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from simsa.engine.evaluation import evaluate
from simsa.engine.inputs import Entries, Reported
from simsa.record import statements
from simsa.record.bundle import Contents, Openings, Tier, write_bundle
from simsa.record.canonical import canonical_bytes, canonical_text, digest
from simsa.record.checkpoints import Checkpoint
from simsa.record.commitments import new_secret
from simsa.record.components import components_json, origin_of
from simsa.record.folder.database import Database, RecordError
from simsa.record.leaves import EVENT, SHEET, Opening, event_opening, sheet_opening, statement_leaf
from simsa.record.log import Head, promise, proof_of, sequence, tile_data
from simsa.record.merkle import leaf_hash
from simsa.record.notes import SigningKey, VerifierKey, decoded
from simsa.record.outcome import SheetRow, entries_of, result_content, sheets_of
from simsa.record.receipts import Receipt, SlotReceipt, marks_of
from simsa.record.statements import ClosingRow, Member, SlotOpening, Statement
from simsa.record.story import Story
from simsa.record.tiles import tiles_of
from simsa.rules import Rules, from_canonical

DATABASE, KEY, NEXT_KEY = "record.sqlite", "key", "key.next"
_COMPONENTS = "components"


class Record:
    """A round's record in the folder `path`: `record.sqlite`, and the signing key, which nobody else may read."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path, self.database = path, database
        self.round = database.about("round")
        self._settle_key()

    @classmethod
    def create(
        cls,
        path: Path,
        rules: Rules,
        origin: str,
        *,
        seed: Mapping[str, str] = statements.NO_SEED,
        synthetic: str = "",
        auditors: Iterable[VerifierKey] = (),
    ) -> Record:
        """Begin a record: the rules are frozen. `origin` names the log and ends in `/` and the round's id.

        RecordError if there is a record already, or the origin does not fit.
        """
        if not origin.endswith(f"/{rules.id}"):
            raise RecordError(f"origin {origin!r} does not end in /{rules.id}, the round that it is of")
        path.mkdir(parents=True, exist_ok=True)
        if (path / DATABASE).exists():
            raise RecordError(f"{path}: there is a record already; name another folder")
        key = SigningKey.new(origin)
        _keep_key(path / KEY, key)
        database = Database(path / DATABASE, new=True)
        with database.transaction():
            for name, value in (("round", rules.id), ("origin", origin), ("first key", str(key.verifier))):
                database.set_about(name, value)
        record = cls(path, database)
        frozen = statements.freeze(rules.id, rules.hash, seed, synthetic=synthetic, auditors=map(str, auditors))
        record._append(lambda _head: record._with_rules(rules, frozen))
        return record

    @classmethod
    def open(cls, path: Path) -> Record:
        """RecordError if there is none, or it cannot be read."""
        return cls(path, Database(path / DATABASE))

    def stop(self) -> None:
        """Let go of the file."""
        self.database.close()

    @property
    def origin(self) -> str:
        return self.database.origin

    @property
    def story(self) -> Story:
        """The statements so far."""
        return Story.read(self.round, self.database.entries(0, self.database.head.size), self._documents())

    @property
    def rules(self) -> Rules:
        """Those that are in force."""
        return self._rules(self.story)

    # Before the close.

    def enter(self, entries: Entries, names: Mapping[str, Mapping[str, str]], reported: Reported) -> None:
        """Who takes part, and what they reported; may be said again, and the last word counts."""
        said = statements.entries_statement(self.round, entries, names, reported)
        self._append(lambda _head: said)

    def seat(self, reviewers: Iterable[str], conflicts: Iterable[tuple[str, str]] = ()) -> None:
        """Who may score, and who must not score whom (entry, reviewer). May come again: then it adds."""
        seated = [Member(code, new_secret()) for code in sorted(set(reviewers))]
        barred = [Member(statements.conflict_value(*pair), new_secret()) for pair in sorted(set(conflicts))]

        def said(_head: Head) -> Statement:
            self._open_only()
            rows = [("reviewer", one.value, one.secret) for one in seated]
            rows += [("conflict", one.value, one.secret) for one in barred]
            self.database.write("insert into members values (?, ?, ?)", rows)
            return statements.panel_statement(self.round, seated, barred)

        self._append(said)

    def assign(
        self, pairs: Iterable[tuple[str, str]], replaces: Mapping[tuple[str, str], tuple[str, str]] = {}
    ) -> None:
        """New slots for (entry, reviewer); some take the place of an older slot: `replaces[pair] = (slot, reason)`."""
        opened = [
            SlotOpening(statements.new_slot(), *pair, new_secret(), *replaces.get(pair, ("", ""))) for pair in pairs
        ]

        def said(_head: Head) -> Statement:
            self._open_only()
            rows = [(one.slot, one.entry, one.reviewer, one.secret, one.replaces, one.reason) for one in opened]
            self.database.write("insert into slots values (?, ?, ?, ?, ?, ?)", rows)
            return statements.slots_statement(self.round, opened)

        self._append(said)

    @property
    def slots(self) -> list[SlotOpening]:
        """Every slot, by its name."""
        found = self.database.rows("select slot, entry, reviewer, secret, replaces, reason from slots order by slot")
        return [SlotOpening(*row) for row in found]

    def submit(self, slot: str, marks: Mapping[str, str]) -> Receipt:
        """The next version of a sheet, saved for good, and a promise that it will be in the log.

        The saving transaction: content and leaf together. RecordError after the close, or for no slot of the round.
        """
        with self.database.transaction():
            self._open_only()
            opened = self.database.rows("select entry, reviewer, secret from slots where slot = ?", slot)
            if not opened:
                raise RecordError(f"slot {slot} is not one of this round")
            [(last,)] = self.database.rows("select max(version) from openings where slot = ?", slot)
            opening = sheet_opening(self.round, slot, (last or 0) + 1, marks, new_secret())
            hash_ = self._wait(opening, slot, (last or 0) + 1)
            return Receipt(opening, SlotReceipt(*opened[0]), promise=promise(self.origin, hash_, self.key))

    def note(self, event: Mapping[str, object]) -> None:
        """Something that was done to the round: `actor`, `at`, `payload`, `verb`."""
        with self.database.transaction():
            self._wait(event_opening(self.round, event, new_secret()), None, None)

    def sequence(self) -> Checkpoint | None:
        """Put what waits into the log; None if nothing does."""
        return sequence(self.database, [self.key])

    def latest(self) -> dict[str, dict[str, str]]:
        """The marks of the last version of every slot's sheet."""
        rows = self.database.rows("select slot, content from openings where slot is not null order by version")
        return {slot: marks_of(json.loads(content)) for slot, content in rows}

    # The close and after.

    def close(self) -> None:
        """No sheet counts from here on; what each slot holds is fixed."""

        def said(head: Head) -> Statement:
            self._open_only()
            latest, replaced = self.latest(), {one.replaces for one in self.slots}
            rows = []
            for one in self.slots:
                marks = None if one.slot in replaced else latest.get(one.slot)
                status = "replaced" if one.slot in replaced else statements.status_of(marks)
                rows.append(ClosingRow(one.slot, status, marks, new_secret() if marks is not None else b""))
            kept = [(row.slot, row.secret, canonical_text(dict(row.marks))) for row in rows if row.marks is not None]
            self.database.write("insert into closing values (?, ?, ?)", kept)
            [(sheets,)] = self.database.rows("select count(*) from openings where kind = ?", SHEET)
            self.database.set_about("closed", "yes")
            return statements.close_statement(self.round, head.size, head.root, sheets, rows)

        self._append(said)

    def draw(self, value: str) -> str:
        """The value of the beacon that was named at the freeze; the seed that follows."""
        story = self.story
        closed, freeze = story.last("close"), story.last("freeze")
        if closed is None:
            raise RecordError("the seed follows from the log at the close; close the round first")
        if freeze is None or freeze.content["seed"]["kind"] != "beacon" or story.last("seed") is not None:
            raise RecordError("the rules were not frozen with a beacon, or its value is in the record already")
        said = statements.seed_statement(self.round, decoded(closed.content["root"]), value)
        self._append(lambda _head: said)
        return str(said.content["seed"])

    @property
    def seed(self) -> str | None:
        """The seed of lots, None as long as there is none."""
        return self.story.seed

    def conclude(self) -> Statement:
        """Compute the result and put it into the log. RecordError where another needs an amendment first."""
        story = self.story
        entries_said = story.last("entries")
        if story.last("close") is None or entries_said is None:
            raise RecordError("a result needs entries and the close of the round")
        if story.result is not None:
            raise RecordError("there is a result; another one needs an amendment with its reason")
        rules, (entries, reported) = self._rules(story), entries_of(entries_said.content)
        seed, latest, replaced = story.seed, self.latest(), story.replaced
        rows = [
            SheetRow(one.slot, one.entry, one.reviewer, latest.get(one.slot))
            for one in self.slots
            if one.slot not in replaced
        ]
        sheets = sheets_of(rules, entries, rows)
        evaluation = evaluate(rules, entries, sheets, reported, seed=seed)
        content = b""
        if rules.calibration.official and evaluation.calibration and evaluation.calibration.components:
            origin = origin_of(rules, entries, sheets, evaluation.tally)
            content = canonical_bytes(components_json(evaluation.calibration.components, origin))
        components = digest(json.loads(content)) if content else None
        said = statements.result_statement(self.round, result_content(rules, entries, evaluation, seed, components))

        def kept(_head: Head) -> Statement:
            self.database.write("insert or replace into documents values (?, ?)", [(_COMPONENTS, content)])
            return said

        self._append(kept)
        return said

    def amend(self, reason: str, rules: Rules | None = None) -> None:
        """Other rules, or a result anew, for a reason."""
        before = self.story.rules_in_force
        now = rules or self.rules
        if now.id != self.round:
            raise RecordError(f"these are the rules of {now.id!r}, not of {self.round!r}")
        said = statements.amendment(self.round, reason, before, now.hash)
        self._append(lambda _head: self._with_rules(now, said))

    def forget(self, reason: str) -> None:
        """Destroy the secrets and what they open. The log stays as it is; bundles say what can no longer be checked.

        RecordError before a result, and where bytes could not be overwritten: then it has to be done again.
        """
        story = self.story
        if story.last("result") is None:
            raise RecordError("the record is still needed: there is no result yet")
        if story.last("forgotten") is not None:
            self.database.forget()
            return
        said = statements.forgotten(self.round, reason)

        def kept(_head: Head) -> Statement:
            for table in ("openings", "closing", "members", "slots", "documents"):
                self.database.write(f"delete from {table}", [()])  # noqa: S608 (names from the line above)
            return said

        self._append(kept)
        self.database.forget()

    def rotate(self) -> VerifierKey:
        """Another signing key from here on; the first checkpoint after the change is signed by both."""
        new = SigningKey.new(self.origin)
        _keep_key(self.path / NEXT_KEY, new)
        self._append(lambda _head: statements.key_statement(self.round, new.verifier), [self.key, new])
        self._settle_key()
        return new.verifier

    def cosign(self, checkpoint: Checkpoint, witnesses: Iterable[VerifierKey]) -> None:
        """Keep cosignatures of a checkpoint of this log. NoteError if one does not hold, RecordError if none is new."""
        known = self.database.checkpoint(checkpoint.size)
        if known is None or known.text != checkpoint.text:
            raise RecordError("that is no checkpoint of this log")
        if not checkpoint.cosigners(witnesses):
            raise RecordError("none of these witnesses cosigned")
        with self.database.transaction():
            self.database.keep(checkpoint)

    def stamp(self, checkpoint: Checkpoint, response: bytes) -> None:
        """Keep the time stamp of a checkpoint; it was verified by whoever calls."""
        with self.database.transaction():
            self.database.write("insert or replace into stamps values (?, ?)", [(checkpoint.size, response)])

    # What others get.

    def receipt(self, hash_: bytes) -> Receipt:
        """The receipt of a leaf that is in the log. RecordError if it is not, or what it opens was forgotten."""
        found = self.database.rows(
            "select position, kind, secret, content, slot from leaves join openings using (hash) where hash = ?", hash_
        )
        if not found or found[0][0] is None:
            raise RecordError("this leaf is not in the log yet, or what it opens was forgotten")
        [(index, kind, secret, content, slot)] = found
        checkpoint = self.database.checkpoint()
        assert checkpoint is not None
        opened = self.database.rows("select entry, reviewer, secret from slots where slot = ?", slot)
        return Receipt(
            Opening(kind, self.round, secret, json.loads(content)),
            SlotReceipt(*opened[0]) if opened else None,
            index,
            tuple(proof_of(self.database, index, checkpoint.size)),
            checkpoint,
        )

    def receipts(self) -> list[Receipt]:
        """Of the last version of every sheet."""
        rows = self.database.rows(
            "select hash from openings join leaves using (hash) where slot is not null and position is not null"
            " and version = (select max(version) from openings as other where other.slot = openings.slot)"
            " order by slot"
        )
        return [self.receipt(hash_) for (hash_,) in rows]

    def bundle(self, tier: Tier, *, sheets: bool = True) -> bytes:
        """The ZIP file. `sheets`: show the public the sheets, unlinked, where they lead to the result."""
        return write_bundle(self.contents(tier, sheets=sheets), self.key)

    def contents(self, tier: Tier, *, sheets: bool = True) -> Contents:
        """What a bundle is made of. RecordError for the full tier of what was forgotten."""
        story, checkpoint = self.story, self.database.checkpoint()
        assert checkpoint is not None
        forgotten = story.last("forgotten") is not None
        if forgotten and tier == "full":
            raise RecordError("the openings were forgotten; there is no full tier any more")
        rules = self._rules(story)
        shown = story.last("close") is not None and not forgotten and (tier == "full" or (sheets and linkless(rules)))
        stamps = dict(self.database.rows("select size, response from stamps"))
        return Contents(
            round=self.round,
            first_key=VerifierKey.parse(self.database.about("first key")),
            leaves=self.database.entries(0, checkpoint.size),
            checkpoint=checkpoint,
            rules=dict(self.database.rows("select hash, canonical from rules")),
            statements=self._documents(),
            checkpoints=[
                one
                for one in self.database.checkpoints()
                if one.size != checkpoint.size and (one.size in stamps or len(one.note.signatures) > 1)
            ],
            closing=self._closing() if shown else None,
            openings=self._openings() if tier == "full" else None,
            stamps=stamps,
        )

    def publish(self, folder: Path) -> None:
        """Write the log as tiles, for any web server; the checkpoint last, so that what it names is there."""
        checkpoint = self.database.checkpoint()
        assert checkpoint is not None
        for tile in tiles_of(checkpoint.size):
            path = folder / "tile" / tile.path
            if not path.exists():
                _write(path, tile_data(self.database, tile))
        _write(folder / "checkpoint", bytes(checkpoint))

    # Within.

    def _append(self, said: Callable[[Head], Statement], keys: Sequence[SigningKey] | None = None) -> None:
        def leaf(head: Head) -> bytes:
            made = said(head)
            self.database.write(
                "insert or ignore into statements (kind, sha256, content) values (?, ?, ?)",
                [(made.kind, made.sha256, bytes(made))],
            )
            return statement_leaf(self.round, made.kind, made.sha256, head.size)

        sequence(self.database, keys or [self.key], leaf)

    def _wait(self, opening: Opening, slot: str | None, version: int | None) -> bytes:
        leaf = opening.leaf
        hash_ = leaf_hash(leaf)
        self.database.add(leaf, hash_)
        row = (hash_, opening.kind, opening.secret, canonical_text(dict(opening.values)), slot, version)
        self.database.write("insert into openings values (?, ?, ?, ?, ?, ?)", [row])
        return hash_

    def _with_rules(self, rules: Rules, said: Statement) -> Statement:
        self.database.write("insert or ignore into rules values (?, ?)", [(rules.hash, rules.canonical)])
        return said

    def _rules(self, story: Story) -> Rules:
        [(canonical,)] = self.database.rows("select canonical from rules where hash = ?", story.rules_in_force)
        return from_canonical(canonical)

    def _documents(self) -> dict[str, bytes]:
        return dict(self.database.rows("select sha256, content from statements order by number"))

    def _open_only(self) -> None:
        if self.database.about("closed"):
            raise RecordError("the round is closed: nothing that would count is added any more")

    def _closing(self) -> list[tuple[str, bytes, dict[str, str]]]:
        rows = self.database.rows("select slot, secret, marks from closing order by slot")
        return [(slot, secret, json.loads(marks)) for slot, secret, marks in rows]

    def _openings(self) -> Openings:
        opened = self.database.rows(
            "select position, kind, secret, content, slot, version from openings join leaves using (hash)"
            " where position is not null order by position"
        )
        members = self.database.rows("select kind, value, secret from members")
        kept = self.database.rows("select content from documents where name = ? and content != x''", _COMPONENTS)
        result = self.story.result
        return Openings(
            sheets=[
                (n, secret, slot, version, marks_of(json.loads(text)))
                for n, kind, secret, text, slot, version in opened
                if kind == SHEET
            ],
            slots=[(one.slot, one.secret, one.reviewer) for one in self.slots],
            reviewers=[(secret, value) for kind, value, secret in members if kind == "reviewer"],
            conflicts=[(secret, *json.loads(value)) for kind, value, secret in members if kind == "conflict"],
            events=[
                (n, secret, json.loads(json.loads(text)["event"]))
                for n, kind, secret, text, _slot, _version in opened
                if kind == EVENT
            ],
            components=json.loads(kept[0][0]) if kept and result is not None else None,
        )

    def _settle_key(self) -> None:
        """The key that the log says signs. After a stop in the middle of a rotation that may be the next one."""
        self.key = _read_key(self.path / KEY)
        if not (self.path / NEXT_KEY).exists():
            return
        new = _read_key(self.path / NEXT_KEY)
        last = self.story.last("key") if self.database.head.size else None
        if last is not None and last.content["key"] == str(new.verifier):
            os.replace(self.path / NEXT_KEY, self.path / KEY)
            self.key = new
        else:
            (self.path / NEXT_KEY).unlink()


def linkless(rules: Rules) -> bool:
    """Whether the result follows from sheets of which nobody knows who wrote them."""
    return not rules.calibration.official and rules.lottery is None


def _keep_key(path: Path, key: SigningKey) -> None:
    """Write a key that nobody but the owner may read, and be sure that it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{key.text}\n")
        file.flush()
        os.fsync(file.fileno())


def _read_key(path: Path) -> SigningKey:
    try:
        return SigningKey.parse(path.read_text())
    except OSError as error:
        raise RecordError(f"{path}: the signing key cannot be read: {error.strerror}") from None


def _write(path: Path, data: bytes) -> None:
    """All of the file or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
