"""The verbs of the panel's sheets: submit, hand out the receipt, close."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.record.commitments import new_secret
from simsa.record.conclusion import closing_rows
from simsa.record.leaves import SHEET, Opening, sheet_opening
from simsa.record.receipts import Receipt, ReceiptError, SlotReceipt
from simsa.record.statements import close_statement
from simsa.rules import Rules
from simsa.web.entries.services import RowFault, refuse_rows, state_entries
from simsa.web.panel.inputs import latest_marks
from simsa.web.panel.marks import checked
from simsa.web.panel.models import Sheet, Slot
from simsa.web.panel.saving import HeldSlot, NewSheet, hold_slot, hold_slots, rules_of, write_sheets
from simsa.web.panel.services.attending import step_out
from simsa.web.programmes.keys import signing_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Opening as Sealed
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import is_due
from simsa.web.programmes.recording import Kind, keep_openings, state
from simsa.web.programmes.services import SYSTEM, StageError, advance, check_stage, each_on_its_own, lock, record

_IN_CONFLICT = gettext_lazy("this reviewer has a conflict of interest with this entry; the sheet can only be recused")
_REPLACED = gettext_lazy("another reviewer has taken this place; this sheet counts no more")
DISCUSSED = gettext_lazy(
    "this entry was discussed in a meeting of the panel; its marks change in the meeting alone, with a reason"
)


closing = Signal()
"""Sent with the locked `round` and the `actor` before a round closes: what else counts is to be counted by then. A
receiver raises StageError where that cannot be yet."""


@dataclass(frozen=True)
class SheetRow:
    """A sheet to submit: marks by leaf, as `simsa.web.panel.marks` keeps them."""

    entry: str
    reviewer: str
    marks: Mapping[str, str]


def submit_sheets(round_: Round, rows: Sequence[SheetRow]) -> list[Receipt]:
    """Submit sheets for slots of a round that is being evaluated, each as the next version of its slot.

    What comes back are promises that they will be in the log. ImportRefusedError, and nothing is kept, on any fault: an
    unknown slot, a slot named twice, marks that the rules do not allow, a mark where there is a conflict, or where the
    entry was discussed in a meeting.
    """
    with transaction.atomic():
        held = hold_slots(round_.pk, {row.reviewer for row in rows})
        round_ = Round.objects.get(pk=round_.pk)
        check_stage(round_.slug, round_.stage, Stage.SCORING)
        slots = {(slot.entry, slot.reviewer): slot for slot in held}
        faults: list[RowFault] = []
        accepted: dict[int, tuple[HeldSlot, dict[str, str]]] = {}
        for n, row in enumerate(rows, start=1):
            slot = slots.get((row.entry, row.reviewer))
            if slot is None:
                faults.append(RowFault(n, "entry", _("this reviewer is not assigned to this entry")))
            elif slot.pk in accepted:
                faults.append(RowFault(n, "entry", _("there is another sheet for this entry and reviewer above")))
            else:
                clean, wrong = _clean(n, round_.rules, row.marks)
                if slot.replaced:
                    wrong.append(RowFault(n, "reviewer", _REPLACED))
                elif slot.barred and not _recused(clean):
                    wrong.append(RowFault(n, "reviewer", _IN_CONFLICT))
                elif slot.bound and not _recused(clean):
                    wrong.append(RowFault(n, "entry", DISCUSSED))
                accepted[slot.pk] = (slot, clean)
                faults += wrong
        refuse_rows(faults)
        return _append(list(accepted.values()))


def submit_sheet(slot: Slot, marks: Mapping[str, str], *, in_meeting: bool = False) -> Receipt:
    """Submit the next version of one sheet; what comes back is the promise that it will be in the log.

    Sheets of different slots do not wait for each other. ValidationError by leaf for marks that the rules do not allow,
    for any mark where there is a conflict, where another slot has taken its place, and, but `in_meeting`, where the
    entry was discussed in a meeting.
    """
    with transaction.atomic():
        held = hold_slot(slot.entry.round_id, slot.pk)
        check_stage(held.round, held.stage, Stage.SCORING)
        clean = checked(rules_of(held.round, held.rules_hash), marks)
        if held.replaced:
            raise ValidationError(_REPLACED, code="replaced")
        if held.barred and not _recused(clean):
            raise ValidationError(_IN_CONFLICT, code="conflict")
        if held.bound and not in_meeting and not _recused(clean):
            raise ValidationError(DISCUSSED, code="discussed")
        [promised] = _append([(held, clean)])
    return promised


def receipt(slot: Slot) -> Receipt:
    """Of the slot's last sheet: the proof that it is in the log, or the promise as long as it waits.

    ReceiptError if there is no sheet, or it was forgotten.
    """
    slot = Slot.objects.select_related("entry__round__log", "entry__entrant", "reviewer").get(pk=slot.pk)
    sheet = slot.sheets.filter(version=slot.version).select_related("opening__leaf").first()
    if sheet is None or sheet.opening is None:
        raise ReceiptError("there is no sheet in this slot, or what it says was forgotten")
    log, leaf = slot.entry.round.log, sheet.opening.leaf
    values = json.loads(sheet.opening.values)
    opening = Opening(SHEET, slot.entry.round.slug, bytes(sheet.opening.secret), values)
    rows = Sealed.objects.filter(log=log, leaf__isnull=True, kind__in=[Kind.SLOT, Kind.CLOSING], key=slot.name)
    secrets = {kind: bytes(secret) for kind, secret in rows.values_list("kind", "secret")}
    reviewer = SlotReceipt(slot.entry.entrant.code, slot.reviewer.code, secrets[Kind.SLOT], secrets.get(Kind.CLOSING))
    key = signing_key(log.key)
    if leaf.position is None:
        return Receipt.promised(log.origin, opening, reviewer, key, sheet.submitted_at.timestamp())
    return Receipt.proven(DatabaseStore(log), opening, reviewer, leaf.position, key)


def close_round(round_: Round, *, actor: str = SYSTEM) -> Round:
    """No sheet counts from here on; what each slot holds is fixed in the record.

    StageError before the panel was assigned, where the rules have one; OrderError without entries.
    """
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING, Stage.SCORING)
        if round_.stage == Stage.PREPARING and round_.rules.leaves:
            raise StageError(_("The panel of this round has not been assigned yet."))
        closing.send(sender=Round, round=round_, actor=actor)
        if round_.stage == Stage.PREPARING:
            state_entries(round_)
        advance(round_, Stage.CLOSED)
        record(round_, "round.closed", actor, {})
        _state_close(round_)
    return round_


def close_due_rounds() -> int:
    """Close every round whose scoring ends by its schedule; how many. What had passed at the freeze was never due."""
    count = 0
    for found in Round.objects.filter(stage=Stage.SCORING):
        with each_on_its_own(found), transaction.atomic():
            round_ = lock(found)  # as it is when nobody else closes or amends it
            if round_.stage == Stage.SCORING and is_due(round_, "scoring_until", timezone.now()):
                close_round(round_)
                count += 1
    return count


def slots_of(round_: Round) -> QuerySet[Slot]:
    """The slots of a round that count, in the order of the assignment, with what is said of them."""
    slots = Slot.objects.filter(entry__round=round_, replaced_by=None).order_by("position")
    return slots.select_related("entry__round", "entry__entrant", "reviewer")


def _state_close(round_: Round) -> None:
    names = dict(Slot.objects.filter(entry__round=round_).values_list("pk", "name"))
    latest = {names[slot]: marks for slot, marks in latest_marks(round_).items()}
    replaced = Slot.objects.filter(entry__round=round_, replaced_by__isnull=False).values_list("name", flat=True)
    rows = closing_rows(names.values(), latest, set(replaced))
    keep_openings(round_, Kind.CLOSING, {row.slot: (row.secret, "") for row in rows if row.marks is not None})
    sheets = Sheet.objects.filter(slot__entry__round=round_).count()
    state(round_, lambda head: close_statement(round_.slug, head.size, head.root, sheets, rows))


def _clean(n: int, rules: Rules, marks: Mapping[str, str]) -> tuple[dict[str, str], list[RowFault]]:
    try:
        return checked(rules, marks), []
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            return {}, [RowFault(n, "marks", " ".join(error.messages))]
        return {}, [RowFault(n, leaf, " ".join(texts)) for leaf, texts in error.message_dict.items()]


def _recused(marks: Mapping[str, str]) -> bool:
    return set(marks.values()) == {"recused"}


def _append(accepted: Sequence[tuple[HeldSlot, Mapping[str, str]]]) -> list[Receipt]:
    """The next version of each slot's sheet with its leaf, the slots' new status, and the promises."""
    now = timezone.now()
    sheets = [
        NewSheet(
            slot,
            sheet_opening(slot.round, slot.name, slot.version + 1, marks, new_secret()),
            Slot.Status.RECUSED if _recused(marks) else Slot.Status.SUBMITTED,
        )
        for slot, marks in accepted
    ]
    write_sheets(sheets, now)
    for slot, marks in accepted:
        if slot.bound and _recused(marks):
            stepping = Slot.objects.select_related("reviewer").get(pk=slot.pk)
            step_out(stepping.entry_id, stepping.reviewer, SYSTEM)
    return [_promised(sheet, now) for sheet in sheets]


def _promised(sheet: NewSheet, moment: datetime) -> Receipt:
    slot = sheet.slot
    reviewer = SlotReceipt(slot.entry, slot.reviewer, bytes(slot.secret))
    return Receipt.promised(slot.origin, sheet.opening, reviewer, signing_key(slot.key), moment.timestamp())
