"""The bundle of a round: what anyone can check, made from the record alone."""

from __future__ import annotations

import json
from typing import NamedTuple

from django.db.models import Max
from django.dispatch import Signal

from simsa.record.bundle import Contents, Openings, Tier, earlier, shows_ballots, shows_sheets, write_bundle
from simsa.record.notes import VerifierKey
from simsa.record.receipts import marks_of
from simsa.rules import parse
from simsa.web.programmes import models
from simsa.web.programmes.keys import signing_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Opening
from simsa.web.programmes.recording import story_of

Marks = dict[str, dict[str, str]]


class Ballots(NamedTuple):
    """Of a vote that was counted: their file, and what sealed them, as `simsa.record.bundle.Openings` has it."""

    file: bytes
    batches: list[tuple[int, list[str]]]


showing = Signal()
"""Whoever keeps ballots of the `round` answers with them, or None; `tier`: the public one needs no batches."""


class BundleError(RuntimeError):
    """A bundle that there is not; the message says why."""


def made_bundle(round_: models.Round, tier: Tier) -> bytes:
    """The bundle as of now. BundleError for the full tier of what was forgotten."""
    with DatabaseStore.held(round_.log) as store:
        return _written(store, round_, tier, store.log.size)


def public_bundle(round_: models.Round) -> bytes:
    """The public tier as of the last statement of the record: made once, and kept until there is another."""
    kept = _kept(round_.log)
    if kept is None:
        with DatabaseStore.held(round_.log) as store:
            kept = _kept(store.log)
            if kept is None:
                size = _stated(store.log)
                kept = _written(store, round_, "public", size)
                models.PublicBundle.objects.update_or_create(log=store.log, defaults={"size": size, "content": kept})
    return kept


def _stated(log: models.Log) -> int:
    """The size of the log when the last statement had come."""
    return int(log.statements.aggregate(last=Max("position"))["last"]) + 1


def _kept(log: models.Log) -> bytes | None:
    found = models.PublicBundle.objects.filter(log=log, size=_stated(log)).first()
    return None if found is None else bytes(found.content)


def latest_marks(log: models.Log) -> Marks:
    """The marks of the last version of every slot's sheet, by the slot's name."""
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for values in Opening.objects.filter(leaf__log=log, kind=Opening.Kind.SHEET).values_list("values", flat=True):
        sheet = json.loads(values)
        slot, version = sheet["slot"], int(sheet["version"])
        if version > found.get(slot, (0, {}))[0]:
            found[slot] = version, marks_of(sheet)
    return {slot: marks for slot, (_version, marks) in found.items()}


def _written(store: DatabaseStore, round_: models.Round, tier: Tier, size: int) -> bytes:
    story, checkpoint = story_of(store, size), store.checkpoint(size)
    frozen = {rules.hash: rules for rules in map(parse, round_.rules_texts())}
    rules = frozen[story.rules_in_force]
    assert checkpoint is not None  # every statement ends in one
    if tier == "full" and story.last("forgotten") is not None:
        raise BundleError("the openings were forgotten; there is no full tier any more")
    ballots = _ballots(round_, tier) if shows_ballots(story, tier) else None
    rows = store.log.time_stamps.filter(size__lte=size).values_list("size", "response")
    stamps = {at: bytes(response) for at, response in rows}
    contents = Contents(
        round=round_.slug,
        first_key=VerifierKey.parse(store.log.first_key),
        leaves=store.entries(0, size),
        checkpoint=checkpoint,
        rules={hash_: frozen[hash_].canonical for hash_ in story.rules_hashes},
        statements={one.sha256: bytes(one) for _index, one in story.statements},
        checkpoints=earlier(store.checkpoints(), checkpoint, stamps),
        closing=_closing(store.log) if shows_sheets(story, rules, tier) else None,
        ballots=ballots.file if ballots is not None else None,
        openings=_openings(store.log, size, ballots) if tier == "full" else None,
        stamps=stamps,
    )
    return write_bundle(contents, signing_key(store.log.key))


def _rows(log: models.Log, kind: Opening.Kind) -> list[tuple[str, bytes, str]]:
    rows = Opening.objects.filter(log=log, leaf__isnull=True, kind=kind).order_by("key")
    return [(key, bytes(secret), values) for key, secret, values in rows.values_list("key", "secret", "values")]


def _closing(log: models.Log) -> list[tuple[str, bytes, dict[str, str]]]:
    latest = latest_marks(log)
    return [(slot, secret, latest[slot]) for slot, secret, _values in _rows(log, Opening.Kind.CLOSING)]


def _ballots(round_: models.Round, tier: Tier) -> Ballots | None:
    answers = (answer for _receiver, answer in showing.send(models.Round, round=round_, tier=tier))
    return next((answer for answer in answers if answer is not None), None)


def _openings(log: models.Log, size: int, ballots: Ballots | None) -> Openings:
    placed = Opening.objects.filter(leaf__log=log, leaf__position__lt=size).order_by("leaf__position")
    sheets = [
        (position, bytes(secret), sheet["slot"], int(sheet["version"]), marks_of(sheet))
        for position, secret, values in placed.filter(kind=Opening.Kind.SHEET).values_list(
            "leaf__position", "secret", "values"
        )
        for sheet in (json.loads(values),)
    ]
    events = placed.filter(kind=Opening.Kind.EVENT).select_related("leaf__event")
    components = _rows(log, Opening.Kind.COMPONENTS)
    return Openings(
        sheets=sheets,
        slots=[(slot, secret, reviewer) for slot, secret, reviewer in _rows(log, Opening.Kind.SLOT)],
        reviewers=[(secret, code) for code, secret, _values in _rows(log, Opening.Kind.REVIEWER)],
        conflicts=[(secret, *json.loads(pair)) for pair, secret, _values in _rows(log, Opening.Kind.CONFLICT)],
        events=[(one.leaf.position, bytes(one.secret), one.leaf.event.told) for one in events],
        components=json.loads(components[0][2]) if components else None,
        batches=ballots.batches if ballots is not None else None,
    )
