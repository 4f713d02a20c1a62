"""The entry of an entrant's officer: written, checked, submitted and withdrawn by the verbs of the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from ninja import File, Form, Router, Status, UploadedFile

from simsa.record.receipts import ReceiptError
from simsa.web.api.access import entry_for, token_in, user_of
from simsa.web.api.paging import Paged, page
from simsa.web.api.schemas import (
    DraftIn,
    DraftOut,
    EvidenceOut,
    EvidencePage,
    ReasonIn,
    SavedOut,
    SubmissionOut,
    SubmitIn,
)
from simsa.web.entries.access import file_at
from simsa.web.entries.files.downloads import attachment
from simsa.web.entries.files.keeping import evidence_of, remove_evidence
from simsa.web.entries.files.storage import ORIGINAL
from simsa.web.entries.files.uploads import add_file, give_up
from simsa.web.entries.models import Entry, Evidence, Submission
from simsa.web.entries.services import entry_receipt, save_fields, submit_entry, withdraw_entry
from simsa.web.entries.services.drafting import fields_of
from simsa.web.entries.services.submitting import items_of, last_submission, submitted_evidence
from simsa.web.programmes.access import check
from simsa.web.programmes.phases import takes_entries

router = Router(tags=["desk"])
_OF_ENTRY = "/rounds/{slug}/entries/{path:code}"


@router.get(f"{_OF_ENTRY}/draft", response=DraftOut, operation_id="readDraft")
def read_draft(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    """What was written so far, and what is missing or wrong before it can be submitted."""
    entry = entry_for(request, slug, code, "entries.view_draft")
    fields = fields_of(entry)
    return {
        "open": takes_entries(entry.round),
        "fields": [{"name": one.name, "value": one.value, "version": one.version} for one in fields.values()],
        "checklist": [
            {"name": one.name, "label": one.label, "state": one.state, "what": one.what}
            for one in items_of(entry, user_of(request).language)
        ],
    }


@router.post(f"{_OF_ENTRY}/draft", response={200: SavedOut, 409: SavedOut}, operation_id="saveDraft")
def save_draft(request: HttpRequest, slug: str, code: str, given: DraftIn) -> Status[dict[str, Any]]:
    """Save fields, each if its version is still the one that was read (0: there was none). 409: some had changed in
    between; those are told as they are now, and the others are saved."""
    entry = _own(request, slug, code, "entries.submit_entry")
    values = {one.name: one.value for one in given.fields}
    seen = {one.name: one.version for one in given.fields}
    saved = save_fields(entry, values, seen, actor=user_of(request).actor)
    return Status(409 if any(one.clash for one in saved) else 200, {"fields": saved})


@router.post(f"{_OF_ENTRY}/submission", response={201: SubmissionOut}, operation_id="submitEntry")
def submit(request: HttpRequest, slug: str, code: str, given: SubmitIn) -> Status[Submission]:
    """Submit what was written as the next version."""
    entry = _own(request, slug, code, "entries.submit_entry")
    language = user_of(request).language
    done = submit_entry(entry, with_missing=given.with_missing, language=language, actor=user_of(request).actor)
    return Status(201, done)


@router.post(f"{_OF_ENTRY}/withdrawal", response={201: SubmissionOut}, operation_id="withdrawEntry")
def withdraw(request: HttpRequest, slug: str, code: str, given: ReasonIn) -> Status[Submission]:
    """Take back what was submitted; what was written stays."""
    entry = _own(request, slug, code, "entries.submit_entry")
    return Status(201, withdraw_entry(entry, given.reason, actor=user_of(request).actor))


@router.get(f"{_OF_ENTRY}/submission", response=SubmissionOut, operation_id="readSubmission")
def submission(request: HttpRequest, slug: str, code: str) -> Submission:
    """The last version, whose content is what the record has the SHA-256 of."""
    return _last(entry_for(request, slug, code, "entries.view_entry"))


@router.get(f"{_OF_ENTRY}/receipt", operation_id="readReceipt", response={200: None})
def receipt(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The receipt of the last version, as `simsa receipt check` reads it."""
    last = _last(entry_for(request, slug, code, "entries.view_entry"))
    try:
        return HttpResponse(bytes(entry_receipt(last)), content_type="text/plain; charset=utf-8")
    except ReceiptError as error:
        raise Http404(str(error)) from error


@router.get(f"{_OF_ENTRY}/evidence", response=EvidencePage, operation_id="listEvidence")
def evidence(request: HttpRequest, slug: str, code: str, part: Paged) -> dict[str, Any]:
    """What files support an entry as it is written or, to an auditor, as it was submitted."""
    entry = entry_for(request, slug, code, "entries.view_entry")
    drafted = user_of(request).has_perm("entries.view_draft", entry)
    return page(request, evidence_of(entry) if drafted else submitted_evidence(entry), part, _evidence)


@router.post(f"{_OF_ENTRY}/evidence", response={201: EvidenceOut}, operation_id="addEvidence")
def add_evidence(
    request: HttpRequest, slug: str, code: str, file: File[UploadedFile], criterion: Form[str] = ""
) -> Status[dict[str, Any]]:
    """Add a file to a criterion, or to the entry as a whole; it is examined before it counts."""
    entry = _own(request, slug, code, "entries.edit_entry")
    return Status(201, _evidence(add_file(entry, token_in(request).role.person, file, criterion)))


@router.get(f"{_OF_ENTRY}/evidence/{{uuid:pk}}/original", operation_id="readEvidence", response={200: None})
def original(request: HttpRequest, slug: str, code: str, pk: UUID) -> HttpResponseBase:
    """The bytes of a file as they were received."""
    entry = entry_for(request, slug, code, "entries.view_entry")
    evidence = file_at(request, pk)
    gone = evidence.removed_at is not None and evidence.submitted_at is None
    if evidence.entry_id != entry.pk or gone:
        raise Http404("no such file in this entry")
    check(user_of(request), "entries.view_evidence", evidence)
    return attachment(request, evidence, ORIGINAL)


@router.delete(f"{_OF_ENTRY}/evidence/{{uuid:pk}}", response={204: None}, operation_id="removeEvidence")
def remove(request: HttpRequest, slug: str, code: str, pk: UUID) -> Status[None]:
    """Take a file out of the entry."""
    entry = _own(request, slug, code, "entries.view_entry")
    evidence = entry.evidence.filter(pk=pk, removed_at=None, erased_at=None).select_related("entry__round").first()
    if evidence is None:
        raise Http404("no such file")
    check(user_of(request), "entries.edit_evidence", evidence)
    if evidence.state == Evidence.State.UPLOADING:
        give_up(evidence.upload)
    else:
        remove_evidence(evidence, actor=user_of(request).actor)
    return Status(204, None)


def _own(request: HttpRequest, slug: str, code: str, permission: str) -> Entry:
    return entry_for(request, slug, code, permission, writes=True)


def _evidence(file: Evidence) -> dict[str, Any]:
    return {
        "id": file.pk,
        "criterion": file.criterion,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "kind": file.kind,
        "state": file.state,
        "pages": len(file.pages),
        "added_at": file.added_at,
    }


def _last(entry: Entry) -> Submission:
    found = last_submission(entry)
    if found is None:
        raise Http404("nothing was submitted")
    return found
