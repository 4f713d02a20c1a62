"""Pages of evidence: the files of a criterion, and the forms that add, order and remove them without JavaScript."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from simsa.web.accounts.access import actor_of
from simsa.web.entries.access import entry_at, evidence_at, file_at
from simsa.web.entries.evidence import Finding
from simsa.web.entries.files import uploads
from simsa.web.entries.files.keeping import move_evidence, remove_evidence
from simsa.web.entries.files.parts import id_of, part_of
from simsa.web.entries.files.spool import NoRoomError
from simsa.web.entries.models import Entry, Evidence
from simsa.web.programmes.access import check, permitted


@permitted("entries.view_entry", entry_at)
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, entry: Entry, **_kwargs: object) -> HttpResponse:
    """The files of one criterion; POST adds one."""
    criterion = request.POST.get("criterion", "") if request.method == "POST" else request.GET.get("criterion", "")
    if request.method == "POST":
        check(request.user, "entries.edit_entry", entry)
        _add(request, entry, criterion)
        return _back(request, entry, criterion)
    part = part_of(entry, criterion, request.user)
    node = entry.round.rules.by_id.get(criterion)
    title = node.name.text(request.LANGUAGE_CODE) if node else _("the entry as a whole")
    template = "entries/files.html" if request.headers.get("HX-Request") == "true" else "entries/evidence_page.html"
    return render(request, template, {"part": part, "title": title})


@permitted("entries.view_evidence", file_at)
@require_safe
def preview(request: HttpRequest, evidence: Evidence, **_kwargs: object) -> HttpResponse:
    """A file page by page as it was read here, with its text for who cannot see the pictures."""
    pages = [(number, width, height) for number, (width, height) in enumerate(evidence.pages, start=1)]
    notes = [Finding(*said) for said in evidence.notes]
    return render(request, "entries/file_preview.html", {"evidence": evidence, "pages": pages, "notes": notes})


@permitted("entries.edit_evidence", evidence_at)
@require_POST
def remove(request: HttpRequest, evidence: Evidence, **_kwargs: object) -> HttpResponse:
    if evidence.state == Evidence.State.UPLOADING:
        uploads.give_up(evidence.upload)
    else:
        remove_evidence(evidence, actor=actor_of(request))
    return _back(request, evidence.entry, evidence.criterion)


@permitted("entries.edit_evidence", evidence_at)
@require_POST
def move(request: HttpRequest, evidence: Evidence, **_kwargs: object) -> HttpResponse:
    """Up or down by one place (`by` is "up" or "down")."""
    move_evidence(evidence, -1 if request.POST.get("by") == "up" else 1, actor=actor_of(request))
    return _back(request, evidence.entry, evidence.criterion)


def _add(request: HttpRequest, entry: Entry, criterion: str) -> None:
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return
    try:
        uploads.add_file(entry, request.user, file, criterion)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except NoRoomError:
        messages.error(request, _("There is no room for this file now; whoever runs this site has been told."))


def _back(request: HttpRequest, entry: Entry, criterion: str) -> HttpResponse:
    """To the page that the form stood in, or the files alone where htmx asked."""
    if request.headers.get("HX-Request") == "true":
        return render(request, "entries/files.html", {"part": part_of(entry, criterion, request.user)})
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()):
        return redirect(f"{asked}#{id_of(criterion)}")
    address = reverse("entries:evidence", args=[entry.pk])
    return redirect(f"{address}?{urlencode({'criterion': criterion})}")
