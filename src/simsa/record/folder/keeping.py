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
from functools import lru_cache
from pathlib import Path

from simsa.engine.inputs import Entries, InputError, Reported
from simsa.record import statements
from simsa.record.bundle import Contents, Openings, Tier, earlier, shows_sheets, write_bundle
from simsa.record.canonical import canonical_text
from simsa.record.checkpoints import Checkpoint
from simsa.record.commitments import new_secret
from simsa.record.conclusion import closing_rows, conclude
from simsa.record.folder.database import Database, RecordError
from simsa.record.keys import KeyFileError, read_key, write_key
from simsa.record.leaves import EVENT, SHEET, Opening, event_opening, sheet_opening
from simsa.record.log import Head, sequence, state, tile_data
from simsa.record.notes import SigningKey, VerifierKey
from simsa.record.order import OrderError
from simsa.record.outcome import SheetRow, sheets_of
from simsa.record.receipts import Receipt, SlotReceipt, marks_of
from simsa.record.statements import Member, SlotOpening, Statement
from simsa.record.story import Story
from simsa.record.tiles import tiles_of
from simsa.rules import Rules, from_canonical

DATABASE, KEY, NEXT_KEY = "record.sqlite", "key", "key.next"
_COMPONENTS, _FORGETTING = "components", "forgetting"


class Record:
    """A round's record in the folder `path`: `record.sqlite`, and the signing key, which nobody else may read."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path, self.database = path, database
        self.round, self.origin = database.about("round"), database.origin
        self._key: SigningKey | None = None

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
        if (path / KEY).exists() and not (path / DATABASE).exists():
            raise RecordError(
                f"{path / KEY}: there is a file already, perhaps the key of a record; name another folder"
            )
        database, key = Database(path / DATABASE, new=True), SigningKey.new(origin)
        frozen = statements.freeze(rules.id, rules.hash, seed, synthetic=synthetic, auditors=map(str, auditors))
        with database.transaction():
            for name, value in (
                ("round", rules.id),
                ("origin", origin),
                ("key", key.verifier),
                ("first key", key.verifier),
            ):
                database.set_about(name, str(value))
            _keep_key(path / KEY, key)
            record = cls(path, database)
            record._append(lambda _head: record._with_rules(rules, frozen))
        return record

    @classmethod
    def open(cls, path: Path) -> Record:
        """RecordError if there is none, or it cannot be read."""
        database = Database(path / DATABASE)
        if not database.head.size:
            database.close()
            raise RecordError(f"{path}: this record was not begun to its end; delete the folder and begin again")
        record = cls(path, database)
        record._forget_to_the_end()
        return record

    def stop(self) -> None:
        """Let go of the file."""
        self.database.close()

    @property
    def key(self) -> SigningKey:
        """The key that signs now. It stays so as long as the transaction lasts in which it is asked for.

        RecordError if it is not in the folder. A stop between the transaction that changed it and the change of files
        is made up for here.
        """
        with self.database.transaction():
            return self._key_of(self.database.about("key"))

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

    @property
    def reviewers(self) -> set[str]:
        """Codes of those who may score."""
        return {code for (code,) in self.database.rows("select value from members where kind = 'reviewer'")}

    @property
    def conflicts(self) -> set[tuple[str, str]]:
        """Entry and reviewer of every conflict that is known."""
        rows = self.database.rows("select value from members where kind = 'conflict'")
        return {(entry, reviewer) for (value,) in rows for entry, reviewer in (json.loads(value),)}

    def submit(self, slot: str, marks: Mapping[str, str]) -> Receipt:
        """The next version of a sheet, saved for good, and a promise that it will be in the log.

        The saving transaction: content and leaf together. RecordError after the close, or for no slot of the round, or
        for marks that are not those that the rules ask for: what is in the log is there for good.
        """
        with self.database.transaction():
            self._open_only()
            found = self.database.rows(_TO_FILL, slot)
            if not found:
                raise RecordError(f"slot {slot} is not one of this round")
            [(entry, reviewer, secret, last, canonical, key)] = found
            _check_marks(canonical, SheetRow(slot, entry, reviewer, marks))
            opening = sheet_opening(self.round, slot, last + 1, marks, new_secret())
            self._wait(opening, slot, last + 1)
            return Receipt.promised(self.origin, opening, SlotReceipt(entry, reviewer, secret), self._key_of(key))

    def note(self, event: Mapping[str, object]) -> None:
        """Something that was done to the round: `actor`, `at`, `payload`, `verb`."""
        with self.database.transaction():
            self._wait(event_opening(self.round, event, new_secret()), None, None)

    def sequence(self) -> Checkpoint | None:
        """Put what waits into the log; None if nothing does."""
        if not self.database.waiting(1):
            return None  # whoever saves need not wait for this
        with self.database.transaction():
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
            replaced = {one.replaces for one in self.slots}
            rows = closing_rows((one.slot for one in self.slots), self.latest(), replaced)
            self._check_panel({row.slot: row.status for row in rows})
            kept = [(row.slot, row.secret, canonical_text(dict(row.marks))) for row in rows if row.marks is not None]
            self.database.write("insert into closing values (?, ?, ?)", kept)
            [(sheets,)] = self.database.rows("select count(*) from openings where kind = ?", SHEET)
            self.database.set_about("closed", "yes")
            return statements.close_statement(self.round, head.size, head.root, sheets, rows)

        self._append(said)

    def draw(self, value: str) -> str:
        """The value of the beacon that was named at the freeze; the seed that follows."""
        closed = self.story.of("close")
        if not closed:
            raise RecordError("the seed follows from the log at the close; close the round first")
        if not self._awaits_beacon:
            raise RecordError("no beacon's value is awaited: none was named at the freeze, or its value is there")
        checkpoint = self.database.checkpoint(closed[0][0] + 1)
        assert checkpoint is not None  # every statement ends in one
        said = statements.seed_statement(self.round, checkpoint.root, value)
        self._append(lambda _head: said)
        return str(said.content["seed"])

    @property
    def seed(self) -> str | None:
        """The seed of lots, None as long as there is none."""
        return self.story.seed

    def conclude(self) -> Statement:
        """Compute the result and put it into the log. RecordError where another needs an amendment first."""
        story = self.story
        if story.last("close") is None or story.last("entries") is None:
            raise RecordError("a result needs entries and the close of the round")
        if story.result is not None:
            raise RecordError("there is a result; another one needs an amendment with its reason")
        if self._awaits_beacon:
            raise RecordError("the lots await the beacon that was named at the freeze; enter its value first")
        reviewers = {one.slot: one.reviewer for one in self.slots}
        found = conclude(story, self._rules(story), reviewers, self.latest())

        def kept(_head: Head) -> Statement:
            if self.story.statements != story.statements:
                raise RecordError("somebody took the round further meanwhile; compute the result again")
            row = (_COMPONENTS, found.components)
            self.database.write("insert or replace into documents values (?, ?)", [row])
            return found.statement

        self._append(kept)
        return found.statement

    def amend(self, reason: str, rules: Rules | None = None) -> None:
        """Other rules, or a result anew, for a reason."""
        if rules is not None and rules.id != self.round:
            raise RecordError(f"these are the rules of {rules.id!r}, not of {self.round!r}")

        def said(_head: Head) -> Statement:
            self._check_kept()
            before = self.rules
            now = rules or before
            return self._with_rules(now, statements.amendment(self.round, reason, before.hash, now.hash))

        self._append(said)

    def forget(self, reason: str) -> None:
        """Destroy the secrets and what they open. The log stays as it is; bundles say what can no longer be checked."""
        if self.story.last("result") is None:
            raise RecordError("the record is still needed: there is no result yet")
        said = statements.forgotten(self.round, reason)

        def kept(_head: Head) -> Statement:
            self._check_kept()
            for table in ("openings", "closing", "members", "slots", "documents"):
                self.database.write(f"delete from {table}", [()])  # noqa: S608 (names from the line above)
            self.database.set_about(_FORGETTING, "yes")
            return said

        self._append(kept)
        self._forget_to_the_end()

    def rotate(self) -> VerifierKey:
        """Another signing key from here on; the first checkpoint after the change is signed by both."""
        new = SigningKey.new(self.origin)
        with self.database.transaction():
            before = self.key
            _keep_key(self.path / NEXT_KEY, new)
            self._append(lambda _head: statements.key_statement(self.round, new.verifier), [before, new])
            self.database.set_about("key", str(new.verifier))
        return self.key.verifier

    def cosign(self, checkpoint: Checkpoint, witnesses: Iterable[VerifierKey]) -> None:
        """Keep what these witnesses cosigned. NoteError if one does not hold, RecordError if there is none."""
        known = self.database.checkpoint(checkpoint.size)
        if known is None or known.text != checkpoint.text:
            raise RecordError("that is no checkpoint of this log")
        cosigners = checkpoint.cosigners(witnesses)
        if not cosigners:
            raise RecordError("none of these witnesses cosigned")
        with self.database.transaction():
            self.database.keep(checkpoint.only(cosigners))

    def stamp(self, checkpoint: Checkpoint, response: bytes) -> None:
        """Keep the time stamp of a checkpoint; it was verified by whoever calls."""
        with self.database.transaction():
            self.database.write("insert or replace into stamps values (?, ?)", [(checkpoint.size, response)])

    # What others get.

    def receipt(self, hash_: bytes) -> Receipt:
        """The receipt of a leaf that is in the log. RecordError if it is not, or what it opens was forgotten."""
        found = self.database.rows(
            "select position, kind, secret, content, slot, version from leaves join openings using (hash)"
            " where hash = ?",
            hash_,
        )
        if not found or found[0][0] is None:
            raise RecordError("this leaf is not in the log yet, or what it opens was forgotten")
        [(index, kind, secret, content, slot, version)] = found
        opened = self.database.rows(
            "select entry, reviewer, slots.secret, closing.secret from slots left join closing"
            " on closing.slot = slots.slot and ? = (select max(version) from openings where slot = slots.slot)"
            " where slots.slot = ?",
            version,
            slot,
        )
        opening = Opening(kind, self.round, secret, json.loads(content))
        return Receipt.proven(self.database, opening, SlotReceipt(*opened[0]) if opened else None, index, self.key)

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
        with self.database.transaction():
            contents, key = self.contents(tier, sheets=sheets), self.key
        return write_bundle(contents, key)

    def contents(self, tier: Tier, *, sheets: bool = True) -> Contents:
        """What a bundle is made of, as of one moment. RecordError for the full tier of what was forgotten."""
        with self.database.transaction():
            return self._contents(tier, sheets)

    def _contents(self, tier: Tier, sheets: bool) -> Contents:
        story, checkpoint = self.story, self.database.checkpoint()
        assert checkpoint is not None
        if story.last("forgotten") is not None and tier == "full":
            raise RecordError("the openings were forgotten; there is no full tier any more")
        shown = shows_sheets(story, self._rules(story), tier) and (sheets or tier == "full")
        stamps = dict(self.database.rows("select size, response from stamps"))
        return Contents(
            round=self.round,
            first_key=VerifierKey.parse(self.database.about("first key")),
            leaves=self.database.entries(0, checkpoint.size),
            checkpoint=checkpoint,
            rules=dict(self.database.rows("select hash, canonical from rules")),
            statements=self._documents(),
            checkpoints=earlier(self.database.checkpoints(), checkpoint, stamps),
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
        def keep(made: Statement) -> None:
            row = (made.kind, made.sha256, bytes(made))
            self.database.write("insert or ignore into statements (kind, sha256, content) values (?, ?, ?)", [row])

        with self.database.transaction():
            try:
                state(self.database, keys or [self.key], lambda: self.story, said, keep)
            except OrderError as error:
                raise RecordError(f"this cannot come now: {error}") from None

    def _key_of(self, wanted: str) -> SigningKey:
        if self._key is None or str(self._key.verifier) != wanted:
            self._key = _read_key(self.path / KEY)
        if str(self._key.verifier) != wanted and (self.path / NEXT_KEY).exists():
            self._key = _read_key(self.path / NEXT_KEY)
            if str(self._key.verifier) == wanted:
                os.replace(self.path / NEXT_KEY, self.path / KEY)
        if str(self._key.verifier) != wanted:
            raise RecordError(f"{self.path / KEY}: is not the key of this log; put {wanted} there")
        return self._key

    def _wait(self, opening: Opening, slot: str | None, version: int | None) -> None:
        self.database.add(opening.leaf, opening.leaf_hash)
        row = (opening.leaf_hash, opening.kind, opening.secret, canonical_text(dict(opening.values)), slot, version)
        self.database.write("insert into openings values (?, ?, ?, ?, ?, ?)", [row])

    def _with_rules(self, rules: Rules, said: Statement) -> Statement:
        self.database.write("insert or ignore into rules values (?, ?)", [(rules.hash, rules.canonical)])
        self.database.set_about("rules", rules.hash)
        return said

    def _rules(self, story: Story) -> Rules:
        [(canonical,)] = self.database.rows("select canonical from rules where hash = ?", story.rules_in_force)
        return _parsed(canonical)

    @property
    def _awaits_beacon(self) -> bool:
        told = self.story
        [(_index, frozen), *_rest] = told.statements
        return frozen.content["seed"]["kind"] == "beacon" and told.last("seed") is None

    def _check_kept(self) -> None:
        if self.story.last("forgotten") is not None:
            raise RecordError("what the result rests on was forgotten; it stands as it is")

    def _check_panel(self, statuses: Mapping[str, str]) -> None:
        """RecordError for what auditors would refuse: strangers, and those who gave marks in spite of a conflict."""
        members = {(kind, value) for kind, value in self.database.rows("select kind, value from members")}
        taken = set()
        for one in self.slots:
            if ("reviewer", one.reviewer) not in members:
                raise RecordError(f"slot {one.slot}: {one.reviewer!r} is not on the panel; seat them before the close")
            if statuses[one.slot] == "replaced":
                continue
            if (one.entry, one.reviewer) in taken:
                raise RecordError(f"{one.reviewer!r} has two slots of {one.entry!r}; let one take the other's place")
            taken.add((one.entry, one.reviewer))
            barred = ("conflict", statements.conflict_value(one.entry, one.reviewer)) in members
            if barred and statuses[one.slot] == "submitted":
                what = f"{one.reviewer!r} gave marks to {one.entry!r} in spite of a conflict"
                raise RecordError(f"slot {one.slot}: {what}; let another slot take its place before the close")

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

    def _forget_to_the_end(self) -> None:
        """What was deleted is overwritten, too, also where a process stopped in between."""
        if self.database.about(_FORGETTING):
            self.database.forget()
            with self.database.transaction():
                self.database.set_about(_FORGETTING, "")


_TO_FILL = """
select entry, reviewer, secret, coalesce((select max(version) from openings where slot = slots.slot), 0),
  (select canonical from rules join about on name = 'rules' and value = hash),
  (select value from about where name = 'key')
from slots where slot = ?
"""
"""All that a save reads of its slot, in one statement: whom it is of, its last version, rules and key in force."""

_parsed = lru_cache(maxsize=16)(from_canonical)
"""Rules are frozen, and the same for every sheet."""


@lru_cache(maxsize=16)
def _allowed(canonical: bytes) -> dict[str, set[str]]:
    """Marks by leaf that were found to be allowed by the rules: most sheets hold no others."""
    return {leaf.id: set() for leaf in _parsed(canonical).leaves}


def _check_marks(canonical: bytes, row: SheetRow) -> None:
    """As whoever tallies and whoever verifies will. RecordError for marks that these rules do not ask for."""
    assert row.marks is not None
    rules, allowed, new = _parsed(canonical), _allowed(canonical), row.marks.items()
    if row.marks.keys() == allowed.keys() and all(mark in allowed[leaf] for leaf, mark in new):
        return
    entry = Entries((row.entry,), ("",))
    try:
        sheets_of(rules, entry, [row]).check(rules, entry)
    except InputError as error:
        raise RecordError(str(error)) from None
    for leaf, mark in new:
        allowed[leaf].add(mark)


def _keep_key(path: Path, key: SigningKey) -> None:
    try:
        write_key(path, key)
    except KeyFileError as error:
        raise RecordError(str(error)) from None


def _read_key(path: Path) -> SigningKey:
    try:
        return read_key(path)
    except KeyFileError as error:
        raise RecordError(str(error)) from None


def _write(path: Path, data: bytes) -> None:
    """All of the file or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
