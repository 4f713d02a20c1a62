"""How the verbs of a round reach its record: statements at once, sheets and events as leaves that wait."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.conf import settings

from simsa.record import log, statements
from simsa.record.leaves import Opening
from simsa.record.log import Head
from simsa.record.notes import SigningKey
from simsa.record.statements import Statement
from simsa.record.story import Story
from simsa.web.programmes import models
from simsa.web.programmes.keys import new_key, signing_key
from simsa.web.programmes.log import DatabaseStore

Kind = models.Opening.Kind
Rows = Mapping[str, tuple[bytes, str]]
"""Secret and values of openings, by key."""


def begin(round_: models.Round, seed: Mapping[str, str]) -> None:
    """Begin the record of a new round: its rules are frozen."""
    key = new_key(f"{urlsplit(settings.PUBLIC_URL).netloc}/rounds/{round_.slug}")
    known = str(key.verifier)
    round_.log = models.Log.objects.create(round=round_, origin=key.name, first_key=known, key=known)
    frozen = statements.freeze(round_.slug, round_.rules_hash, seed, synthetic=round_.synthetic_note)
    state(round_, lambda _head: frozen)


def state(round_: models.Round, said: Callable[[Head], Statement], next_key: SigningKey | None = None) -> None:
    """Put a statement into the log of a locked round. OrderError where it must not come now."""
    made: list[models.Statement] = []

    def told(head: Head) -> Statement:
        statement = said(head)
        row = {"kind": statement.kind, "sha256": statement.sha256, "content": bytes(statement)}
        made.append(models.Statement(log=store.log, position=head.size, **row))
        return statement

    with DatabaseStore.held(round_.log) as store:
        keys = [signing_key(store.log.key), *([next_key] if next_key is not None else [])]
        log.state(store, keys, lambda: story_of(store), told, lambda _said: made[0].save())


def story_of(store: DatabaseStore, size: int | None = None) -> Story:
    """What the log tells now, or told when it had `size` leaves."""
    leaves = store.entries(0, sys.maxsize if size is None else size)
    return Story.read(round_id(store.log), leaves, documents(store.log))


def round_id(log_: models.Log) -> str:
    """The round that a log is of: its origin ends in it."""
    return log_.origin.rpartition("/")[2]


def documents(log_: models.Log) -> dict[str, bytes]:
    """Every statement by its SHA-256."""
    rows = log_.statements.values_list("sha256", "content")
    return {sha256: bytes(content) for sha256, content in rows}


def seal(round_: models.Round, opening: Opening) -> models.Leaf:
    """Have the leaf of an event wait for the sequencer, and keep its secret, within the verb's transaction. Nothing
    here waits for the head of the log. (Sheets: `simsa.web.panel.saving`.)"""
    leaf = models.Leaf.objects.create(log=round_.log, data=opening.leaf, hash=opening.leaf_hash)
    models.Opening.objects.create(log=round_.log, leaf=leaf, kind=opening.kind, secret=opening.secret)
    return leaf


def keep_openings(round_: models.Round, kind: str, rows: Rows) -> None:
    """Keep what opens the commitments of a statement."""
    models.Opening.objects.bulk_create(
        models.Opening(log=round_.log, kind=kind, key=key, secret=secret, values=values)
        for key, (secret, values) in rows.items()
    )
