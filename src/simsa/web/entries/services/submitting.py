"""The verbs by which an entry comes to count: submit, withdraw; and the receipt of the last submission."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.record.leaves import Opening, event_opening
from simsa.record.receipts import Receipt, ReceiptError
from simsa.web.entries.content import Fields, Item, checklist, content_of
from simsa.web.entries.files.keeping import evidence_of
from simsa.web.entries.models import Entry, Evidence, ReportedNumber, Submission
from simsa.web.entries.services.drafting import check_open, fields_of, values_of
from simsa.web.programmes.keys import signing_key
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Opening as Sealed
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import Phase, phase_of
from simsa.web.programmes.services import hold, record


class IncompleteError(ValidationError):
    """An entry that cannot be submitted as it is; `items` of the checklist say what is wrong with it."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = tuple(items)
        super().__init__([f"{item.label}: {item.what}" for item in self.items], code="incomplete")


def items_of(entry: Entry, language: str) -> list[Item]:
    """The checklist of an entry: its fields, and its files."""
    return _items(entry, values_of(fields_of(entry)), _files(entry), language)


def _items(entry: Entry, values: Fields, files: Iterable[Evidence], language: str) -> list[Item]:
    items = checklist(entry.round.rules, values, language)
    return items + [item for one in files if (item := _file_item(one)) is not None]


def submit_entry(entry: Entry, *, with_missing: bool = False, language: str = "ko", actor: str) -> Submission:
    """Submit what was written, as the next version; the latest counts, and can be replaced until the deadline.

    IncompleteError where something is wrong, or is missing and `with_missing` does not say that it is meant so;
    ClosedError outside the call.
    """
    with transaction.atomic():
        hold(entry.round_id)
        entry = _locked(entry)
        now = timezone.now()
        check_open(entry.round)
        # Read once: what is checked is what is submitted, also where a colleague is writing at this moment.
        values, files = values_of(fields_of(entry)), _files(entry)
        stopping = {"wrong"} if with_missing else {"wrong", "missing"}
        if items := [item for item in _items(entry, values, files, language) if item.state in stopping]:
            raise IncompleteError(items)
        content = content_of(entry.round.rules, entry.entrant.code, values, [_told(one) for one in files])
        text = canonical_text(content)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        late = phase_of(entry.round, now) == Phase.GRACE
        payload = {"entry": entry.entrant.code, "version": _next(entry), "sha256": sha256, "late": late}
        event = record(entry.round, "entry.submitted", actor, payload)
        Evidence.objects.filter(pk__in=[one.pk for one in files], submitted_at__isnull=True).update(submitted_at=now)
        _report(entry, content["numbers"])
        return Submission.objects.create(
            entry=entry,
            version=payload["version"],
            content=text,
            sha256=sha256,
            late=late,
            event=event,
            submitted_at=now,
            actor=actor,
        )


def withdraw_entry(entry: Entry, reason: str, *, actor: str) -> Submission:
    """Take back what was submitted: until it is submitted again, the entrant has submitted nothing.

    ValidationError without a reason, or where nothing counts; ClosedError outside the call.
    """
    if not reason.strip():
        raise ValidationError(_("Say why you withdraw; it stands in the record."), code="reason")
    with transaction.atomic():
        hold(entry.round_id)
        entry = _locked(entry)
        now = timezone.now()
        check_open(entry.round)
        last = last_submission(entry)
        if last is None or last.withdrawn:
            raise ValidationError(_("Nothing was submitted that could be withdrawn."), code="nothing")
        payload = {"entry": entry.entrant.code, "version": _next(entry), "reason": reason.strip()}
        event = record(entry.round, "entry.withdrawn", actor, payload)
        _report(entry, {})
        version = payload["version"]
        return Submission.objects.create(entry=entry, version=version, event=event, submitted_at=now, actor=actor)


def last_submission(entry: Entry) -> Submission | None:
    """The latest version, which counts; it may be a withdrawal. None before the first."""
    return entry.submissions.order_by("-version").first()


def last_submissions(round_: Round) -> list[Submission]:
    """What counts of every entry of a round, in its order; not those that submitted nothing, or withdrew it."""
    last = Submission.objects.filter(entry=OuterRef("entry")).order_by("-version").values("version")[:1]
    rows = Submission.objects.filter(entry__round=round_, version=Subquery(last)).exclude(content="")
    return list(rows.select_related("entry__entrant").order_by("entry__position"))


def submitted_content(entry: Entry) -> dict[str, Any] | None:
    """What counts of an entry; None where nothing was submitted, or it was withdrawn."""
    last = last_submission(entry)
    return None if last is None or last.withdrawn else json.loads(last.content)


def submitted_evidence(entry: Entry) -> list[Evidence]:
    """The files that the last submission names, also those that were removed from the draft since."""
    named = {(one["criterion"], one["sha256"]) for one in (submitted_content(entry) or {"evidence": ()})["evidence"]}
    there = Evidence.objects.filter(entry=entry, submitted_at__isnull=False, erased_at__isnull=True)
    return [one for one in there.defer("text") if (one.criterion, one.sha256) in named]


def entry_receipt(submission: Submission) -> Receipt:
    """The proof that a submission (by its SHA-256) is in the record, or the promise as long as it waits.

    ReceiptError once it was forgotten.
    """
    event, log = submission.event, submission.entry.round.log
    sealed = Sealed.objects.filter(leaf=event.leaf).first()
    if sealed is None:
        raise ReceiptError("what is behind the record of this round was forgotten")
    opening: Opening = event_opening(submission.entry.round.slug, event.told, bytes(sealed.secret))
    key = signing_key(log.key)
    if event.leaf.position is None:
        return Receipt.promised(log.origin, opening, None, key, submission.submitted_at.timestamp())
    return Receipt.proven(DatabaseStore(log), opening, None, event.leaf.position, key)


def _locked(entry: Entry) -> Entry:
    rows = Entry.objects.select_for_update(of=("self",)).select_related("round__programme", "round__log", "entrant")
    return rows.get(pk=entry.pk)


def _next(entry: Entry) -> int:
    last = last_submission(entry)
    return 1 if last is None else last.version + 1


def _files(entry: Entry) -> list[Evidence]:
    """The files that go with an entry; those that were refused do not."""
    return [one for one in evidence_of(entry) if one.state != Evidence.State.REFUSED]


def _file_item(one: Evidence) -> Item | None:
    if one.state == Evidence.State.UPLOADING:
        return Item(f"evidence/{one.criterion}", one.name, "wrong", _("this file has not arrived yet"))
    if one.state == Evidence.State.UNREAD:
        return Item(f"evidence/{one.criterion}", one.name, "missing", _("this file could not be examined"))
    return None


def _told(one: Evidence) -> Mapping[str, Any]:
    return {"criterion": one.criterion, "name": one.name, "size": one.size, "sha256": one.sha256}


def _report(entry: Entry, numbers: Mapping[str, Mapping[str, str]]) -> None:
    """Have the reported numbers of the entrant's own fields be those that were submitted, and no others."""
    own = [node.id for node in entry.round.rules.indicators]
    ReportedNumber.objects.filter(entry=entry, criterion__in=own).delete()
    ReportedNumber.objects.bulk_create(
        ReportedNumber(entry=entry, criterion=criterion, field=field, number=number)
        for criterion, fields in numbers.items()
        for field, number in fields.items()
    )
