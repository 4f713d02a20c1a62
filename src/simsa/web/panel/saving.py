"""Saving sheets, in SQL: what reviewers wait for on the night of a deadline, and what thousands do at once.

The object-relational mapper took ten times as long as the commit that makes a save durable. Here a save is one
statement that locks its slots and reads all that decides about them, and as few as the database allows that write leaf,
opening, sheet and slot. Both databases read in the same way; SQLite has no statement that writes to several tables.
Whoever calls is in a transaction; here it comes to hold the round (`simsa.web.programmes.services.hold`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from simsa.record import canonical_text
from simsa.record.leaves import Opening
from simsa.rules import Rules
from simsa.web.prepared import ask, tell
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import HOLD


class HeldSlot(NamedTuple):
    """A slot whose next version nobody else can write, and its round as it is now.

    `secret` is of the commitment to its reviewer; `barred`: there is a conflict of interest; `replaced`: another slot
    has taken its place; `bound`: its entry was discussed in a meeting, and its sheet changes there alone.
    """

    pk: int
    name: str
    version: int
    entry: str
    reviewer: str
    secret: bytes
    barred: bool
    replaced: bool
    bound: bool
    round: str
    stage: str
    rules_hash: str
    log: int
    origin: str
    key: str


BOUND = """EXISTS (SELECT 1 FROM panel_meetingitem AS item WHERE item.entry_id = slot.entry_id
    AND (slot.id <= item.newest_slot OR slot.version > 0 AND item.newest_slot IS NOT NULL)
    AND item.meeting_id IN (SELECT id FROM panel_meeting WHERE state <> 'voided'))"""
"""Whether a slot's sheet changes in a meeting alone (see `simsa.web.panel.models.MeetingItem`)."""

# Subqueries and no joins where there can be one row only: a planner that looks for the best order of six tables takes
# longer than all the rest.
_READ = f"""
SELECT slot.id, slot.name, slot.version,
    (SELECT code FROM entries_entrant WHERE id = (SELECT entrant_id FROM entries_entry WHERE id = slot.entry_id)),
    (SELECT code FROM panel_reviewer WHERE id = slot.reviewer_id),
    (SELECT secret FROM programmes_opening
        WHERE log_id = log.id AND leaf_id IS NULL AND kind = 'slot' AND key = slot.name),
    EXISTS (SELECT 1 FROM panel_conflict WHERE entry_id = slot.entry_id AND reviewer_id = slot.reviewer_id),
    EXISTS (SELECT 1 FROM panel_slot WHERE replaces_id = slot.id),
    {BOUND},
    round.slug, round.stage, round.rules_hash, log.id, log.origin, log.key
FROM panel_slot AS slot, programmes_round AS round, programmes_log AS log
WHERE round.id = %(round)s AND log.round_id = %(round)s AND """  # noqa: S608 (from above)
_ONE = "slot.id = %(slot)s"
_ALL = "slot.entry_id IN (SELECT id FROM entries_entry WHERE round_id = %(round)s)"
_OWN = "slot.reviewer_id IN (SELECT id FROM panel_reviewer WHERE round_id = %(round)s AND code IN ({codes}))"
_IN_ORDER = " ORDER BY slot.position"
_MOST_NAMED = 500
"""With more reviewers than this, all slots of a round are held: no statement grows without end."""


def hold_slot(round_pk: int, pk: int) -> HeldSlot:
    """One slot of the round, locked until the transaction ends."""
    [found] = _held(_ONE, {"round": round_pk, "slot": pk})
    return found


def hold_slots(round_pk: int, reviewers: Collection[str]) -> list[HeldSlot]:
    """All slots of these reviewers, or of the whole round if they are many, in the order of the assignment, locked
    until the transaction ends."""
    if len(reviewers) > _MOST_NAMED:
        return _held(_ALL + _IN_ORDER, {"round": round_pk})
    named = {f"code{n}": code for n, code in enumerate(reviewers)}
    own = _OWN.format(codes=", ".join(f"%({name})s" for name in named) or "NULL")
    return _held(own + _IN_ORDER, {"round": round_pk, **named})


def _held(which: str, given: Mapping[str, int | str]) -> list[HeldSlot]:
    if not connection.features.has_select_for_no_key_update:
        [rows] = ask((f"{_READ}{which}", given))
    else:
        [_, rows] = ask((HOLD, given), (f"{_READ}{which} FOR NO KEY UPDATE OF slot", given))
    return [HeldSlot._make(row) for row in rows]


_LEAF = "INSERT INTO programmes_leaf (log_id, data, hash) VALUES (%(log)s, %(leaf)s, %(hash)s)"
_OPENING = """
INSERT INTO programmes_opening (log_id, leaf_id, kind, key, secret, "values")
SELECT %(log)s, id, 'sheet', '', %(secret)s, %(values)s FROM """
_SHEET = """
INSERT INTO panel_sheet (slot_id, version, submitted_at, opening_id)
SELECT %(slot)s, %(version)s, %(at)s, id FROM """
_SLOT = "UPDATE panel_slot SET version = %(version)s, status = %(status)s WHERE id = %(slot)s"
_ITS_LEAF = "programmes_leaf WHERE log_id = %(log)s AND hash = %(hash)s"
_AT_ONCE = (
    f"WITH leaf AS ({_LEAF} RETURNING id), opening AS ({_OPENING} leaf RETURNING id), sheet AS ({_SHEET} opening)"
    f"{_SLOT}",
)
_IN_TURN = (
    _LEAF,
    f"{_OPENING} {_ITS_LEAF}",
    f"{_SHEET} programmes_opening WHERE leaf_id = (SELECT id FROM {_ITS_LEAF})",  # noqa: S608 (names from above)
    _SLOT,
)


def bound_among(slots: Collection[int]) -> set[int]:
    """Which of these slots, by key, are bound to a meeting."""
    named = {f"slot{n}": pk for n, pk in enumerate(slots)}
    if not named:
        return set()
    keys = ", ".join(f"%({name})s" for name in named)
    statement = f"SELECT slot.id FROM panel_slot AS slot WHERE slot.id IN ({keys}) AND {BOUND}"  # noqa: S608 (names)
    [rows] = ask((statement, named))
    return {pk for (pk,) in rows}


_MISSED = f"""SELECT slot.id FROM panel_slot AS slot WHERE {_ALL} AND slot.version = 0 AND {BOUND}
    AND NOT EXISTS (SELECT 1 FROM panel_slot AS other WHERE other.replaces_id = slot.id)"""  # noqa: S608 (from above)


def missed_in(round_pk: int) -> set[int]:
    """The keys of a round's slots that count and whose entry was discussed in a meeting before they had a sheet: none
    can come from them any more."""
    [rows] = ask((_MISSED, {"round": round_pk}))
    return {pk for (pk,) in rows}


class NewSheet(NamedTuple):
    """The next version of a slot's sheet: what it says, and the slot's new status."""

    slot: HeldSlot
    opening: Opening
    status: str


def write_sheets(sheets: Sequence[NewSheet], at: datetime) -> None:
    """Write sheets of different slots with their leaves, which wait for the sequencer, and what opens them."""
    moment = connection.ops.adapt_datetimefield_value(at)
    rows = [{**_row(sheet), "at": moment} for sheet in sheets]
    for statement in _IN_TURN if connection.vendor == "sqlite" else _AT_ONCE:
        tell(statement, rows)


def _row(sheet: NewSheet) -> Mapping[str, Any]:
    opening = sheet.opening
    return {
        "log": sheet.slot.log,
        "slot": sheet.slot.pk,
        "version": sheet.slot.version + 1,
        "status": sheet.status,
        "leaf": opening.leaf,
        "hash": opening.leaf_hash,
        "secret": opening.secret,
        "values": canonical_text(dict(opening.values)),
    }


@lru_cache(maxsize=64)
def rules_of(round_: str, rules_hash: str) -> Rules:
    """The rules of a round by their hash: what was frozen under it never changes. RulesChangedError if it did."""
    return Round.objects.get(slug=round_, rules_hash=rules_hash).rules
