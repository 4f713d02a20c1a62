"""Checks of what counts: every slot accounted for at the close, the sheets that are shown, and the seed."""

from __future__ import annotations

from simsa.engine.inputs import InputError
from simsa.record import shapes
from simsa.record.bundle import linkless
from simsa.record.canonical import canonical_text
from simsa.record.commitments import commitment
from simsa.record.merkle import root_from
from simsa.record.notes import encoded
from simsa.record.outcome import SheetRow, sheets_of
from simsa.record.statements import seed_of, status_of
from simsa.record.verification.findings import Findings, NotShownError, fail

_SHEETS = shapes.listed(shapes.row(shapes.slot, shapes.hash256, shapes.mapping(shapes.text)), ordered=True)
OPENED = ("submitted", "recused")


def check_slots(found: Findings) -> str:
    """The close accounts for every slot, and for every sheet that was submitted."""
    if found.closed is None:
        raise NotShownError("the round is not closed yet")
    close, story = found.closed.content, found.story
    [(index, _)] = story.of("close")
    assert found.nodes is not None
    if close["size"] > index:
        fail(f"leaf {index}: the close speaks of a log of {close['size']} leaves, more than there were")
    if encoded(root_from(found.nodes, close["size"])) != close["root"]:
        fail(f"leaf {index}: the root at the close is not that of the log: something before it was changed")
    for leaf, _fields in story.sheets:
        if leaf >= close["size"]:
            fail(f"leaf {leaf}: a sheet came in after what counts was fixed")
    if len(story.sheets) != close["sheets"]:
        fail(f"leaf {index}: {close['sheets']} sheets were to count, the log has {len(story.sheets)}")
    statuses, opened = found.statuses, story.slots
    for slot in sorted(opened.keys() ^ statuses.keys()):
        where = "has no status at the close" if slot in opened else "was never opened"
        fail(f"leaf {index}: slot {slot} {where}")
    replaced = story.replaced
    for slot, status in statuses.items():
        if (status == "replaced") is not (slot in replaced):
            fail(f"leaf {index}: slot {slot} is {status}, and {'' if slot in replaced else 'not '}replaced")
    counted = sum(status in OPENED for status in statuses.values())
    if counted > close["sheets"]:
        fail(f"leaf {index}: {counted} slots have sheets, and only {close['sheets']} sheets were submitted")
    return f"{len(opened)} slots, {counted} with a sheet"


def check_sheets(found: Findings) -> str:
    """The sheets that are shown are those of the close."""
    if "sheets.json" not in found.files:
        if found.full and found.closed is not None:
            fail("sheets.json is not there")
        raise NotShownError(_why_not(found))
    rows = found.json("sheets.json", _SHEETS)
    if found.closed is None:
        fail("sheets.json is there before the close")
    if not (found.full or linkless(found.rules_now)):
        fail("sheets.json must not be in the public tier: the rules need to know who wrote which sheet")
    hidden = {slot: own for slot, status, own in found.closed.content["slots"] if status in OPENED}
    for slot in sorted(hidden.keys() ^ {row[0] for row in rows}):
        fail(f"sheets.json: slot {slot} {'is missing' if slot in hidden else 'has no sheet'}")
    closing = {}
    for slot, secret, marks in rows:
        if commitment(found.round, "sheet", canonical_text(marks), bytes.fromhex(secret)) != hidden[slot]:
            fail(f"sheets.json: slot {slot}: these are not the marks of the close")
        if status_of(marks) != found.statuses[slot]:
            fail(f"sheets.json: slot {slot} is {found.statuses[slot]}, its marks say otherwise")
        closing[slot] = marks
    found.closing = closing
    try:
        entries, _ = found.taking_part
        sheets_of(found.rules_now, entries, counted_rows(found)).check(found.rules_now, entries)
    except InputError as error:
        fail(f"sheets.json: {error}")
    return f"{len(closing)} sheets"


def counted_rows(found: Findings, reviewers: dict[str, str] | None = None) -> list[SheetRow]:
    """The sheets that count, by slot; reviewers go by their slots where nobody says who they are."""
    assert found.closing is not None
    slots = found.story.slots
    return [
        SheetRow(slot, slots[slot][0], reviewers[slot] if reviewers else slot, found.closing.get(slot))
        for slot, status in found.statuses.items()
        if status != "replaced"
    ]


def check_seed(found: Findings) -> str:
    """The seed is the one that was fixed with the rules, or follows from the close and the beacon."""
    source = found.story.statements[0][1].content["seed"]
    drawn, result = found.story.last("seed"), found.story.result
    if drawn is not None:
        assert found.nodes is not None
        [(index, _close)] = found.story.of("close")
        root = root_from(found.nodes, index + 1)
        if seed_of(root, drawn.content["value"]) != drawn.content["seed"]:
            fail("the seed does not follow from the close and the value of the beacon")
    if result is not None and result.content["seed"] != found.story.seed:
        fail(f"the result was drawn with the seed {result.content['seed']!r}, not {found.story.seed!r}")
    if source["kind"] == "none":
        raise NotShownError("the round has no seed; no lot may be drawn")
    if source["kind"] == "given":
        return "fixed with the rules, before the call"
    if drawn is None:
        raise NotShownError(f"the value of the beacon is not in the record yet: {source['source']}")
    return f"from {source['source']}: {drawn.content['value']}"


def _why_not(found: Findings) -> str:
    if found.closed is None:
        return "the round is not closed yet"
    if found.story.last("forgotten") is not None:
        return "what opens them was destroyed"
    if not linkless(found.rules_now):
        return "the rules need to know who wrote which sheet, which only auditors may"
    return "the organiser does not show the sheets"
