"""Checks of the full tier: everything behind the commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsa.engine.calibration import CalibrationError, Components, rounded_scores
from simsa.engine.evaluation import WRITTEN
from simsa.engine.exact import THERE
from simsa.engine.inputs import InputError
from simsa.engine.tally import tally
from simsa.record import shapes
from simsa.record.ballots import SEALED, sealed
from simsa.record.canonical import canonical_text
from simsa.record.commitments import commitment
from simsa.record.components import FORMAT, ComponentsError, components_of, origin_of
from simsa.record.leaves import event_opening, sheet_opening
from simsa.record.outcome import STATUS, sheets_of
from simsa.record.statements import conflict_value
from simsa.record.verification.counting import counted_rows
from simsa.record.verification.deciding import standings
from simsa.record.verification.findings import Findings, NotShownError, fail
from simsa.record.verification.voting import BATCHES
from simsa.rules import exact_text


def _decimal(value: Any, place: str) -> None:
    shapes.exact(value, place)
    if "/" in value:
        raise shapes.ShapeError(f"{place}: {value[:40]!r} is no decimal")


def _mark(value: Any, place: str) -> None:
    """A mark as the record writes it, on whatever scale: what does not count is held to no rules."""
    shapes.text(value, place)
    if value not in STATUS:
        _decimal(value, place)


def _components(value: Any, place: str) -> None:
    keys: dict[str, shapes.Shape] = {
        "simsa_components": shapes.constant(FORMAT),
        **dict.fromkeys(("rules_hash", "sheets_hash"), shapes.hash256),
        **dict.fromkeys(("entrant", "reviewer", "residual"), shapes.optional(_decimal)),
        **dict.fromkeys(("scale_spread", "noise_spread"), _decimal),
    }
    if isinstance(value, dict) and "reviewers" in value:
        keys["reviewers"] = shapes.mapping(shapes.mapping(_decimal))
    shapes.record(keys)(value, place)


_MARKS = shapes.mapping(_mark)
_SHEETS = shapes.listed(shapes.row(shapes.count, shapes.hash256, shapes.slot, shapes.count, _MARKS), ordered=True)
_SLOTS = shapes.listed(shapes.row(shapes.slot, shapes.hash256, shapes.filled), ordered=True)
_PANEL = shapes.record(
    {
        "reviewers": shapes.listed(shapes.row(shapes.hash256, shapes.filled), ordered=True),
        "conflicts": shapes.listed(shapes.row(shapes.hash256, shapes.filled, shapes.filled), ordered=True),
    }
)
_EVENT = shapes.record({"actor": shapes.text, "at": shapes.text, "verb": shapes.text, "payload": lambda _v, _p: None})
_EVENTS = shapes.listed(shapes.row(shapes.count, shapes.hash256, _EVENT), ordered=True)

_BATCHES = shapes.listed(shapes.row(shapes.count, shapes.listed(shapes.hash256)), ordered=True)
_COMPONENTS = shapes.record({"components": _components, "secret": shapes.hash256})


def check_openings(found: Findings) -> str:
    """Every commitment opens, and what is behind them is what counted."""
    if not found.full:
        raise NotShownError("only auditors see who wrote which sheet")
    reviewers = _slots(found)
    sheets = _sheets(found)
    conflicts = _panel(found, reviewers)
    _batches(found, _events(found))
    for slot in sorted(conflicts):
        fail(f"slot {slot}: a reviewer with a conflict of interest gave marks")
    return f"{sheets} sheets of {len(set(reviewers.values()))} reviewers"


def _slots(found: Findings) -> dict[str, str]:
    """Reviewers by slot."""
    hidden = found.story.slots
    rows = found.json("openings/slots.json", _SLOTS)
    for slot in sorted(hidden.keys() ^ {row[0] for row in rows}):
        fail(f"openings/slots.json: slot {slot} {'is missing' if slot in hidden else 'was never opened'}")
    replaced, taken = found.story.replaced, set()
    for slot, secret, code in rows:
        entry, own = hidden[slot]
        if commitment(found.round, "reviewer", code, bytes.fromhex(secret)) != own:
            fail(f"openings/slots.json: slot {slot} was not given to {code!r}")
        if slot not in replaced and (entry, code) in taken:
            fail(f"openings/slots.json: {code!r} has two slots of {entry!r}")
        if slot not in replaced:
            taken.add((entry, code))
    return {slot: code for slot, _secret, code in rows}


def _sheets(found: Findings) -> int:
    place = "openings/sheets.json"
    opened_at = {slot: index for index, one in found.story.of("slots") for slot, _entry, _own in one.content["slots"]}
    leaves = dict(found.story.sheets)
    rows = found.json(place, _SHEETS)
    for index in sorted(leaves.keys() ^ {row[0] for row in rows}):
        fail(f"{place}: leaf {index} {'is not opened' if index in leaves else 'is no sheet'}")
    versions: dict[str, dict[int, dict[str, str]]] = {}
    for index, secret, slot, version, marks in rows:
        if sheet_opening(found.round, slot, version, marks, bytes.fromhex(secret)).leaf != found.leaves[index]:
            fail(f"{place}: leaf {index} does not open to this sheet")
        if opened_at.get(slot, index) >= index:
            fail(f"{place}: leaf {index} is for slot {slot}, which was not open")
        if version in versions.setdefault(slot, {}):
            fail(f"{place}: leaf {index} is version {version} of slot {slot} a second time")
        versions[slot][version] = marks
    for slot, own in versions.items():
        if max(own) != len(own) or 0 in own:
            fail(f"{place}: slot {slot} has the versions {', '.join(map(str, sorted(own)))}, and lacks others")
    if found.closed is not None and found.closing is not None:
        _counted(found, {slot: own[len(own)] for slot, own in versions.items()}, found.closing)
    return len(rows)


def _counted(found: Findings, last: Mapping[str, Mapping[str, str]], closing: Mapping[str, Mapping[str, str]]) -> None:
    """What counts of every slot is the last version of its sheet."""
    place = "openings/sheets.json"
    for slot, status in found.statuses.items():
        if status == "replaced":
            continue
        if (slot in last) is (status == "missing"):
            there = "there" if slot in last else "not there"
            fail(f"{place}: slot {slot} is {status} at the close, and its sheet is {there}")
        if slot in last and last[slot] != closing[slot]:
            fail(f"{place}: slot {slot}: what counted is not the last version of its sheet")


def _panel(found: Findings, reviewers: dict[str, str]) -> list[str]:
    """Slots that were scored in spite of a conflict."""
    place = "openings/panel.json"
    panel = found.json(place, _PANEL)
    said = [one.content for _, one in found.story.of("panel")]
    opened = {
        "reviewers": [("reviewer", code, secret) for secret, code in panel["reviewers"]],
        "conflicts": [("conflict", conflict_value(e, code), secret) for secret, e, code in panel["conflicts"]],
    }
    for part, rows in opened.items():
        own = sorted(commitment(found.round, name, value, bytes.fromhex(secret)) for name, value, secret in rows)
        if own != sorted(hidden for content in said for hidden in content[part]):
            fail(f"{place}: the {part} are not those of the log")
    members = {code for _secret, code in panel["reviewers"]}
    for slot, code in reviewers.items():
        if code not in members:
            fail(f"openings/slots.json: slot {slot} was given to {code!r}, who is not on the panel")
    barred = {(entry, code) for _secret, entry, code in panel["conflicts"]}
    slots, closing = found.story.slots, found.closing or {}
    return [
        slot
        for slot, marks in closing.items()
        if (slots[slot][0], reviewers[slot]) in barred and set(marks.values()) != {"recused"}
    ]


def _events(found: Findings) -> dict[int, Mapping[str, Any]]:
    """What was done, by the index of its leaf."""
    place = "openings/events.json"
    rows, leaves = found.json(place, _EVENTS), dict(found.story.events)
    for index in sorted(leaves.keys() ^ {row[0] for row in rows}):
        fail(f"{place}: leaf {index} {'is not opened' if index in leaves else 'is no event'}")
    for index, secret, event in rows:
        if event_opening(found.round, event, bytes.fromhex(secret)).leaf != found.leaves[index]:
            fail(f"{place}: leaf {index} does not open to this event")
    return {index: event for index, _secret, event in rows}


def _batches(found: Findings, events: Mapping[int, Mapping[str, Any]]) -> None:
    """Every ballot was sealed once, before the vote was counted."""
    counted = found.story.of("vote")
    if not counted:
        return
    [(last, _said)] = counted
    rows = found.json(BATCHES, _BATCHES)
    opened = {index for index, event in events.items() if event["verb"] == SEALED}
    for index in sorted(opened ^ {row[0] for row in rows}):
        fail(f"{BATCHES}: leaf {index} {'is not opened' if index in opened else 'seals no ballots'}")
    for index, commitments in rows:
        told = {"ballots": len(commitments), "root": sealed(commitments).hex()}
        if canonical_text(events[index]["payload"]) != canonical_text(told):
            fail(f"{BATCHES}: leaf {index} does not seal these ballots")
        if index > last:
            fail(f"leaf {index}: ballots were sealed after the vote was counted")
    assert found.ballots is not None
    if sorted(one for _index, commitments in rows for one in commitments) != sorted(found.ballots):
        fail(f"{BATCHES}: other ballots were sealed than those of the vote")


def check_calibration(found: Findings) -> str:
    """Calibrated scores follow from the recorded components and the sheets."""
    path = "openings/components.json"
    rules, result = found.rules_now, found.story.result
    wanted = result.content["components"] if result is not None else None
    if found.full and (path in found.files) is not (wanted is not None):
        fail(f"{path} is {'missing' if wanted else 'there, and the result names none'}")
    if not rules.calibration.official:
        raise NotShownError("no calibrated score decides")
    rows = standings(found)
    if not found.full or found.closing is None:
        raise NotShownError("only auditors can compute calibrated scores again")
    entries, reported = found.taking_part
    reviewers = {slot: code for slot, _secret, code in found.json("openings/slots.json", _SLOTS)}
    try:
        sheets = sheets_of(rules, entries, counted_rows(found, reviewers))
        added = tally(rules, entries, sheets, reported)
        given = Components(None, None, None)
        if wanted is not None:
            opened = found.json(path, _COMPONENTS)
            text, secret = canonical_text(opened["components"]), bytes.fromhex(opened["secret"])
            if commitment(found.round, "components", text, secret) != wanted:
                fail(f"{path}: these are not the components of the result")
            given = components_of(opened["components"], origin_of(rules, entries, sheets, added))
        elif (added.sheet_totals.state == THERE).any():
            fail("sheets count, and the result names no components")
        scores = rounded_scores(
            given,
            added.sheet_totals,
            sheets.entry,
            sheets.reviewer,
            entries.group_index,
            rules.calibration.round or WRITTEN,
        )
    except (InputError, ComponentsError, CalibrationError) as error:
        fail(f"the calibration cannot be computed again: {error}")
    for row in rows:
        value = scores.score.value(entries.index[row["entry"]])
        again = None if value is None else exact_text(value)
        if row["calibrated"] != again:
            fail(f"{row['entry']!r}: the calibrated score is {row['calibrated']}, and should be {again}")
    return f"{len(rows)} entries"
