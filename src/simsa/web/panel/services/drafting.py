"""The verbs of writing sheets: save a draft, submit one, sign and submit several.

Saving leaves no event in the record: nothing counts before it is submitted, and then the sheet's own leaf says it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.record.receipts import Receipt
from simsa.rules import Criterion, Missing, Rules
from simsa.web.panel.marks import checked
from simsa.web.panel.models import Sheet, SheetDraft, Slot
from simsa.web.panel.saving import BOUND, bound_among
from simsa.web.panel.services.sheets import DISCUSSED, SheetRow, submit_sheet, submit_sheets
from simsa.web.panel.texts import storable
from simsa.web.prepared import tell
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import takes_sheets
from simsa.web.programmes.services.rounds import hold

MARK, COMMENT, RECUSED = "mark/", "comment/", "recused"
"""Names of fields: `mark/LEAF` (a number as it was typed, or why there is none) and `comment/LEAF`.

`recused` is no field of a draft: it stands alone for a sheet that was recused as a whole, and a device says by it that
its reviewer steps back, which is a withdrawal (`simsa.web.panel.services.procedures.step_back`)."""
LONGEST_MARK, LONGEST_COMMENT = 40, 4000
OFFERED = (Missing.ABSTAINED, Missing.NOT_APPLICABLE)
"""What a reviewer can say of one criterion instead of a mark."""


class NotTakenError(ValueError):
    """Sheets are not taken now (the message has the server's time), or this one changes in a meeting alone."""


class DraftClashError(ValueError):
    """Somebody else, or another device, changed the draft meanwhile."""


@dataclass(frozen=True)
class SavedDraft:
    """A draft as it is now. `clash`: it was changed in between, and nothing was saved."""

    values: Mapping[str, str]
    version: int
    at: datetime
    clash: bool = False


def draft_of(slot: Slot) -> SheetDraft | None:
    """What is being written; of a slot that was found by `simsa.web.panel.access.slot_at` it is there already."""
    return getattr(slot, "draft", None)


def values_of(slot: Slot) -> dict[str, str]:
    """What is being written, by field; what was submitted where nothing has been written since."""
    draft = draft_of(slot)
    if draft is not None:
        return draft.by_field
    sheet = slot.sheets.filter(version=slot.version).select_related("opening").first() if slot.version else None
    return {} if sheet is None else fields_of(sheet)


def fields_of(sheet: Sheet) -> dict[str, str]:
    """What was submitted, as fields of a draft; empty once it was forgotten."""
    marks = sheet.by_leaf
    if set(marks.values()) == {Missing.RECUSED.value}:
        return {RECUSED: "1"}
    return {f"{MARK}{leaf}": mark for leaf, mark in marks.items()}


def check_taken(round_: Round) -> None:
    """NotTakenError where sheets are not taken now."""
    if not takes_sheets(round_):
        at = timezone.localtime().strftime("%Y-%m-%d %H:%M:%S %Z")
        raise NotTakenError(_("Sheets are not taken now (server time %(at)s). What was submitted counts.") % {"at": at})


def check_open(slot: Slot) -> None:
    """NotTakenError where sheets are not taken now, ValidationError for one that was recused."""
    check_taken(slot.entry.round)
    if slot.status == Slot.Status.RECUSED:
        raise ValidationError(
            _("The sheet of this entry was recused, and nothing more is taken for it."), code="recused"
        )


def offered(rules: Rules, leaf: Criterion) -> list[Missing]:
    """What can be said of a criterion instead of a mark: not what the rules refuse."""
    return [why for why in OFFERED if rules.effect(leaf, why).kind != "refuse"]


def save_draft(slot: Slot, values: Mapping[str, str], seen: int) -> SavedDraft:
    """Save all fields of a draft, if its version is still the one that was `seen` (0: there was none).

    What is the same already is saved, whatever was seen: an answer that was lost on its way does no harm.
    ValidationError for fields that there are not, values too long to keep, and where the sheet was recused;
    NotTakenError.
    """
    check_open(slot)
    text, now = canonical_text(_kept(slot.entry.round.rules, values)), timezone.now()
    if seen:
        at = connection.ops.adapt_datetimefield_value(now)
        if tell(_CHANGE, [{"slot": slot.pk, "seen": seen, "values": text, "at": at}]):
            return SavedDraft(json.loads(text), seen + 1, now)
    elif not bound_among([slot.pk]):
        draft, created = SheetDraft.objects.get_or_create(slot=slot, defaults={"values": text, "saved_at": now})
        if created:
            return SavedDraft(draft.by_field, draft.version, now)
    there = SheetDraft.objects.filter(slot=slot).first()
    if there is not None and there.values == text:
        return SavedDraft(there.by_field, there.version, there.saved_at)
    if bound_among([slot.pk]):
        raise NotTakenError(str(DISCUSSED))
    if there is None:
        raise ValidationError(_("There is no draft of this sheet."))
    return SavedDraft(there.by_field, there.version, there.saved_at, clash=True)


_CHANGE = f"""
UPDATE panel_sheetdraft SET "values" = %(values)s, version = %(seen)s + 1, saved_at = %(at)s
WHERE slot_id = %(slot)s AND version = %(seen)s AND "values" <> %(values)s
AND NOT EXISTS (SELECT 1 FROM panel_slot AS slot WHERE slot.id = %(slot)s AND {BOUND})
"""  # noqa: S608 (ours)


def marks_in(rules: Rules, values: Mapping[str, str]) -> dict[str, str]:
    """The marks of a sheet as it would be submitted, complete or not."""
    return {leaf.id: values.get(f"{MARK}{leaf.id}", "").strip() for leaf in rules.leaves}


def faults_in(rules: Rules, values: Mapping[str, str]) -> dict[str, str]:
    """What keeps a sheet from being submitted, by leaf; empty where nothing does."""
    marks = marks_in(rules, values)
    found = {key: _("no mark yet") for key, mark in marks.items() if not mark}
    for leaf in rules.leaves:
        allowed = {why.value for why in offered(rules, leaf)}
        if marks[leaf.id] in {why.value for why in Missing} - allowed:
            found[leaf.id] = _("the rules want a mark here")
    try:
        checked(rules, marks)
    except ValidationError as error:
        for key, texts in error.message_dict.items():
            found.setdefault(key, " ".join(texts))
    return found


def submit_draft(slot: Slot, version: int) -> Receipt:
    """Submit what was saved as `version`; the promise that it will be in the log.

    ValidationError by leaf for what is missing or off the scale, where there is a conflict, and where the sheet was
    recused; DraftClashError where the draft is another by now; NotTakenError.
    """
    check_open(slot)
    with transaction.atomic():
        hold(slot.entry.round_id)  # before the draft, as whoever locks the round does
        [draft] = _held([(slot, version)])
        values = draft.by_field
        if faults := faults_in(slot.entry.round.rules, values):
            raise ValidationError({leaf: [what] for leaf, what in faults.items()})
        promised = submit_sheet(slot, marks_in(slot.entry.round.rules, values))
        SheetDraft.objects.filter(pk=draft.pk).update(submitted=version, said=F("values"))
    return promised


def submit_drafts(round_: Round, signed: Sequence[tuple[Slot, int]]) -> list[Receipt]:
    """Submit several drafts at once, each as the version that was `signed`: all or none.

    ImportRefusedError names what is missing; DraftClashError, NotTakenError.
    """
    check_taken(round_)
    with transaction.atomic():
        hold(round_.pk)  # before the drafts, as whoever locks the round does
        drafts = _held(signed)
        rows = [
            SheetRow(slot.entry.entrant.code, slot.reviewer.code, marks_in(round_.rules, draft.by_field))
            for (slot, _version), draft in zip(signed, drafts, strict=True)
        ]
        promised = submit_sheets(round_, rows)
        of_them = SheetDraft.objects.filter(pk__in=[draft.pk for draft in drafts])
        of_them.update(submitted=F("version"), said=F("values"))
    return promised


def follow_sheet(slot: Slot) -> None:
    """Have the draft say what the sheet says that counts now, which was not made of it; comments stay, and those that
    were not submitted are not submitted by that."""
    draft = SheetDraft.objects.select_for_update().filter(slot=slot).first()
    sheet = slot.sheets.filter(version=slot.version).select_related("opening").first()
    if draft is None or sheet is None:
        return
    draft.values, draft.said = (
        canonical_text({**{key: text for key, text in kept.items() if key.startswith(COMMENT)}, **fields_of(sheet)})
        for kept in (draft.by_field, draft.as_submitted)
    )
    draft.saved_at, draft.version = timezone.now(), draft.version + 1
    draft.submitted = draft.version if draft.values == draft.said else draft.version - 1
    draft.save()


def erase_drafts(round: Round, **_signal: object) -> type[SheetDraft]:  # noqa: A002 (what the signal calls it)
    """Forget what was written, with what is behind the record (`simsa.web.programmes.erasing`)."""
    SheetDraft.objects.filter(slot__entry__round=round).delete()
    return SheetDraft


def _held(signed: Iterable[tuple[Slot, int]]) -> list[SheetDraft]:
    """The drafts, locked until the transaction ends, each as the version that its reviewer saw."""
    wanted = [(slot.pk, version) for slot, version in signed]
    found = SheetDraft.objects.select_for_update().order_by("pk").in_bulk([pk for pk, _version in wanted])
    if any(pk not in found or found[pk].version != version for pk, version in wanted):
        raise DraftClashError(_("Something was changed on another device meanwhile; look at it and submit again."))
    return [found[pk] for pk, _version in wanted]


def _kept(rules: Rules, values: Mapping[str, str]) -> dict[str, str]:
    """Fields in which there is anything, as the database keeps them."""
    leaves = {leaf.id for leaf in rules.leaves}
    kept = {name: storable(text) for name, text in values.items()}
    for name, text in kept.items():
        kind, slash, leaf = name.partition("/")
        known = name == RECUSED and not text if not slash else f"{kind}/" in {MARK, COMMENT} and leaf in leaves
        if not known:
            raise ValidationError(_("There is no field “%(name)s” in this sheet.") % {"name": name[:80]})
        most = LONGEST_COMMENT if f"{kind}/" == COMMENT else LONGEST_MARK
        if len(text) > most:
            raise ValidationError(_("Nothing longer than %(most)d characters is kept.") % {"most": most})
    return {name: text for name, text in kept.items() if text.strip()}
