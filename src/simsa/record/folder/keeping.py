"""What is done to a record that lies in a folder: one method for each step of a round, each one durable transaction.

record = Record.create(path, rules, origin)
record.enter(entries, names, reported); record.seat(reviewers, conflicts); record.assign(pairs)
receipt = record.submit(slot, marks)        # a promise; record.sequence() puts it into the log
record.close(); record.conclude(); bundle = record.bundle("public")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from simsa.engine.inputs import Entries, InputError, Reported
from simsa.record import statements
from simsa.record.canonical import canonical_text
from simsa.record.checkpoints import Checkpoint
from simsa.record.commitments import new_secret
from simsa.record.conclusion import closing_rows, conclude
from simsa.record.folder.database import Database, RecordError
from simsa.record.folder.reading import COMPONENTS, DATABASE, KEY, NEXT_KEY, KeptRecord, parsed
from simsa.record.keys import KeyFileError, write_key
from simsa.record.leaves import SHEET, Opening, event_opening, sheet_opening
from simsa.record.log import Head, LogError, cosign, sequence, state
from simsa.record.notes import SigningKey, VerifierKey
from simsa.record.order import OrderError
from simsa.record.outcome import SheetRow, sheets_of
from simsa.record.receipts import Receipt, SlotReceipt
from simsa.record.statements import Member, SlotOpening, Statement
from simsa.rules import Rules

_FORGETTING = "forgetting"


class Record(KeptRecord):
    """A round's record, and what can be done to it."""

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
        if not self.story.awaits_beacon:
            raise RecordError("no beacon's value is awaited: none was named at the freeze, or its value is there")
        checkpoint = self.database.checkpoint(closed[0][0] + 1)
        assert checkpoint is not None  # every statement ends in one
        said = statements.seed_statement(self.round, checkpoint.root, value)
        self._append(lambda _head: said)
        return str(said.content["seed"])

    def conclude(self) -> Statement:
        """Compute the result and put it into the log. RecordError where another needs an amendment first."""
        story = self.story
        if story.last("close") is None or story.last("entries") is None:
            raise RecordError("a result needs entries and the close of the round")
        if story.result is not None:
            raise RecordError("there is a result; another one needs an amendment with its reason")
        if self.story.awaits_beacon:
            raise RecordError("the lots await the beacon that was named at the freeze; enter its value first")
        reviewers = {one.slot: one.reviewer for one in self.slots}
        found = conclude(story, self._rules(story), reviewers, self.latest())

        def kept(_head: Head) -> Statement:
            if self.story.statements != story.statements:
                raise RecordError("somebody took the round further meanwhile; compute the result again")
            row = (COMPONENTS, found.components)
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
        with self.database.transaction():
            try:
                cosign(self.database, checkpoint, witnesses)
            except LogError as error:
                raise RecordError(str(error)) from None

    def stamp(self, checkpoint: Checkpoint, response: bytes) -> None:
        """Keep the time stamp of a checkpoint; it was verified by whoever calls."""
        with self.database.transaction():
            self.database.write("insert or replace into stamps values (?, ?)", [(checkpoint.size, response)])

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

    def _wait(self, opening: Opening, slot: str | None, version: int | None) -> None:
        self.database.add(opening.leaf, opening.leaf_hash)
        row = (opening.leaf_hash, opening.kind, opening.secret, canonical_text(dict(opening.values)), slot, version)
        self.database.write("insert into openings values (?, ?, ?, ?, ?, ?)", [row])

    def _with_rules(self, rules: Rules, said: Statement) -> Statement:
        self.database.write("insert or ignore into rules values (?, ?)", [(rules.hash, rules.canonical)])
        self.database.set_about("rules", rules.hash)
        return said

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

    def _open_only(self) -> None:
        if self.database.about("closed"):
            raise RecordError("the round is closed: nothing that would count is added any more")

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


@lru_cache(maxsize=16)
def _allowed(canonical: bytes) -> dict[str, set[str]]:
    """Marks by leaf that were found to be allowed by the rules: most sheets hold no others."""
    return {leaf.id: set() for leaf in parsed(canonical).leaves}


def _check_marks(canonical: bytes, row: SheetRow) -> None:
    """As whoever tallies and whoever verifies will. RecordError for marks that these rules do not ask for."""
    assert row.marks is not None
    rules, allowed, new = parsed(canonical), _allowed(canonical), row.marks.items()
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
