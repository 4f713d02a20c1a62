"""Pages of the desk: write an entry, look at it as the panel will, submit it, keep the receipt."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.record.receipt_pictures import receipt_svgs
from simsa.record.receipts import Receipt, ReceiptError
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.entries.access import entry_at
from simsa.web.entries.content import anchor_of
from simsa.web.entries.desk.panel_view import seen_draft, seen_submission
from simsa.web.entries.desk.shown import desk_of
from simsa.web.entries.models import Entry, Submission
from simsa.web.entries.services import (
    ClosedError,
    IncompleteError,
    Saved,
    add_case,
    entry_receipt,
    note_visit,
    remove_case,
    save_fields,
    submit_entry,
    withdraw_entry,
)
from simsa.web.entries.services.submitting import last_submission, submitted_evidence
from simsa.web.programmes.access import check, permitted

PREFIX, VERSION = "field/", "version/"
"""Names of inputs: a field's value, and which version of it the writer has seen."""


@permitted("entries.view_entry", entry_at)
def desk(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """The entry as it is being written, or, for who may not see that, as it was submitted; POST saves all fields that
    changed, for who has no JavaScript."""
    clashes: list[Saved] = []
    note_visit(entry, request.user)
    if request.method == "POST":
        check(request.user, "entries.submit_entry", entry)
        try:
            clashes = [one for one in _save_all(request, entry) if one.clash]
        except (ClosedError, ValidationError) as error:
            messages.error(request, refusal(error))
            return redirect("entries:desk", pk)
        if not clashes:
            messages.success(request, _("Saved at %(time)s.") % {"time": _clock()})
            return redirect("entries:desk", pk)
    if not request.user.has_perm("entries.view_draft", entry):
        context = {
            "entry": entry,
            "seen": seen_submission(entry),
            "files": submitted_evidence(entry),
            "last": last_submission(entry),
        }
        return render(request, "entries/submitted.html", context)
    lost = [(one, request.POST.get(PREFIX + one.name, "")) for one in clashes]
    return render(request, "entries/desk.html", {"desk": desk_of(entry, request.user), "lost": lost})


@require_POST
@permitted("entries.submit_entry", entry_at)
def save(request: HttpRequest, entry: Entry, pk: int) -> JsonResponse:
    """Save one field while it is written: 200 with its new version, 409 with what somebody else wrote meanwhile, 403
    once nothing is taken any more, 400 for what cannot be kept."""
    name = request.POST.get("name", "")
    try:
        [saved] = save_fields(
            entry,
            {name: request.POST.get("value", "")},
            {name: _number(request.POST.get("version"))},
            actor=actor_of(request),
        )
    except ClosedError as error:
        return JsonResponse({"error": str(error)}, status=403)
    except ValidationError as error:
        return JsonResponse({"error": refusal(error)}, status=400)
    told = {"version": saved.version, "saved": _clock()}
    return JsonResponse(told | {"value": saved.value} if saved.clash else told, status=409 if saved.clash else 200)


@require_safe
@permitted("entries.view_draft", entry_at)
def checks(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """The checklist alone, for htmx."""
    return render(request, "entries/checklist.html", {"desk": desk_of(entry, request.user)})


@require_POST
@permitted("entries.submit_entry", entry_at)
def cases(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Begin another case, or take one out (`remove`) or back in (`restore`)."""
    try:
        if "remove" in request.POST or "restore" in request.POST:
            removed = "remove" in request.POST
            number = _number(request.POST.get("remove") or request.POST.get("restore"))
            remove_case(entry, number, removed=removed, actor=actor_of(request))
            messages.success(
                request, _("The case was taken out; it can be brought back below.") if removed else _("It is back.")
            )
            return redirect(reverse("entries:desk", args=[pk]) + "#cases")
        number = add_case(entry, actor=actor_of(request))
    except (ClosedError, ValidationError) as error:
        messages.error(request, refusal(error))
        return redirect("entries:desk", pk)
    return redirect(reverse("entries:desk", args=[pk]) + f"#{anchor_of(f'case/{number}/title')}")


@require_safe
@permitted("entries.view_entry", entry_at)
def preview(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """The entry as the panel will see it: what was submitted (`?of=submitted`, and always for who may see no drafts),
    or what is written now."""
    drafted = request.GET.get("of") != "submitted" and request.user.has_perm("entries.view_draft", entry)
    seen = seen_draft(entry) if drafted else seen_submission(entry)
    if seen is None:
        raise Http404("nothing was submitted")
    return render(request, "entries/preview.html", {"entry": entry, "seen": seen})


@require_POST
@permitted("entries.submit_entry", entry_at)
def submit(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Submit what was written; what the form of the page still holds is saved first."""
    try:
        if any(one.clash for one in _save_all(request, entry)):
            messages.error(request, _("A colleague changed something at the same time; look at it and submit again."))
            return redirect("entries:desk", pk)
        with_missing = request.POST.get("with_missing") == "yes"
        language = get_language() or "ko"
        submission = submit_entry(entry, with_missing=with_missing, language=language, actor=actor_of(request))
    except IncompleteError as error:
        for item in error.items[:10]:
            messages.error(request, f"{item.label}: {item.what}")
        return redirect(reverse("entries:desk", args=[pk]) + "#checklist")
    except (ClosedError, ValidationError) as error:
        messages.error(request, refusal(error))
        return redirect("entries:desk", pk)
    said = _("Submitted at %(time)s, version %(version)d. Keep the receipt below.")
    messages.success(request, said % {"time": _clock(), "version": submission.version})
    return redirect(reverse("entries:desk", args=[pk]) + "#submitted")


@require_POST
@permitted("entries.submit_entry", entry_at)
def withdraw(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Take back what was submitted, with a reason."""
    try:
        withdraw_entry(entry, request.POST.get("reason", ""), actor=actor_of(request))
    except (ClosedError, ValidationError) as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("Withdrawn. What was written stays here, and can be submitted again in time."))
    return redirect("entries:desk", pk)


@require_safe
@permitted("entries.view_entry", entry_at)
def receipt(request: HttpRequest, entry: Entry, pk: int, ending: str) -> HttpResponse:
    """The receipt of the last submission, as a file or as a picture to print."""
    found = _receipt(last_submission(entry))
    name = f"{entry.round.slug}-{entry.entrant.code}-receipt.{ending}"
    if ending == "svg":
        response = HttpResponse(receipt_svgs(found)[0], content_type="image/svg+xml")
    else:
        response = HttpResponse(bytes(found), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_safe
@permitted("entries.view_entry", entry_at)
def submitted(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """What was submitted last, in the form whose SHA-256 the record has."""
    last = last_submission(entry)
    if last is None or last.withdrawn:
        raise Http404("nothing was submitted")
    response = HttpResponse(last.content, content_type="application/json")
    name = f"{entry.round.slug}-{entry.entrant.code}-{last.version}.json"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _receipt(last: Submission | None) -> Receipt:
    if last is None:
        raise Http404("nothing was submitted")
    try:
        return entry_receipt(last)
    except ReceiptError as error:
        raise Http404(str(error)) from error


def _save_all(request: HttpRequest, entry: Entry) -> list[Saved]:
    """Save every field of the form whose value is not what was there."""
    kept = {field.name: field for field in entry.draft.all()}
    values = {key.removeprefix(PREFIX): value for key, value in request.POST.items() if key.startswith(PREFIX)}
    new = {
        name: value
        for name, value in values.items()
        if value.replace("\r\n", "\n") != (kept[name].value if name in kept else "")
    }
    seen = {name: _number(request.POST.get(VERSION + name)) for name in new}
    return save_fields(entry, new, seen, actor=actor_of(request)) if new else []


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _clock() -> str:
    return timezone.localtime().strftime("%H:%M:%S")
