"""What a record that lies in a folder tells: its story, receipts, bundles, and its log for others to follow."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path

from simsa.record.bundle import Contents, Openings, Tier, earlier, shows_sheets, write_bundle
from simsa.record.folder.database import Database, RecordError
from simsa.record.keys import KeyFileError, read_key
from simsa.record.leaves import EVENT, SHEET, Opening
from simsa.record.log import tile_data
from simsa.record.notes import SigningKey, VerifierKey
from simsa.record.receipts import Receipt, SlotReceipt, marks_of
from simsa.record.statements import SlotOpening
from simsa.record.story import Story
from simsa.record.tiles import tiles_of
from simsa.rules import Rules, from_canonical

DATABASE, KEY, NEXT_KEY = "record.sqlite", "key", "key.next"
COMPONENTS = "components"


class KeptRecord:
    """A round's record in the folder `path`: `record.sqlite`, and the signing key, which nobody else may read."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path, self.database = path, database
        self.round, self.origin = database.about("round"), database.origin
        self._key: SigningKey | None = None

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

    def latest(self) -> dict[str, dict[str, str]]:
        """The marks of the last version of every slot's sheet."""
        rows = self.database.rows("select slot, content from openings where slot is not null order by version")
        return {slot: marks_of(json.loads(content)) for slot, content in rows}

    @property
    def seed(self) -> str | None:
        """The seed of lots, None as long as there is none."""
        return self.story.seed

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

    def _rules(self, story: Story) -> Rules:
        [(canonical,)] = self.database.rows("select canonical from rules where hash = ?", story.rules_in_force)
        return parsed(canonical)

    def _documents(self) -> dict[str, bytes]:
        return dict(self.database.rows("select sha256, content from statements order by number"))

    def _closing(self) -> list[tuple[str, bytes, dict[str, str]]]:
        rows = self.database.rows("select slot, secret, marks from closing order by slot")
        return [(slot, secret, json.loads(marks)) for slot, secret, marks in rows]

    def _openings(self) -> Openings:
        opened = self.database.rows(
            "select position, kind, secret, content, slot, version from openings join leaves using (hash)"
            " where position is not null order by position"
        )
        members = self.database.rows("select kind, value, secret from members")
        kept = self.database.rows("select content from documents where name = ? and content != x''", COMPONENTS)
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


parsed = lru_cache(maxsize=16)(from_canonical)
"""Rules are frozen, and the same for every sheet."""


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
