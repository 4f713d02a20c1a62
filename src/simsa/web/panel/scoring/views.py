"""Pages of the reviewer: own sheets of a round, one sheet beside its entry, signing all at once, receipts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from simsa.record.receipt_pictures import receipt_svgs
from simsa.record.receipts import ReceiptError
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.panel.access import codes_in, slot_at
from simsa.web.panel.conflicts.reasons import REASONS, reason_words
from simsa.web.panel.models import Slot
from simsa.web.panel.scoring.own import own_slots
from simsa.web.panel.scoring.shown import receipt_is_due, shown_sheet
from simsa.web.panel.services import (
    DraftClashError,
    NotTakenError,
    SavedDraft,
    receipt,
    save_draft,
    step_back,
    submit_draft,
    submit_drafts,
)
from simsa.web.panel.services.drafting import COMMENT, MARK, RECUSED, draft_of, values_of
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import moments, takes_sheets
from simsa.web.programmes.services import StageError
from simsa.web.public import public_page

WHY, VERSION = "why/", "version"
"""Names of inputs: why there is no mark, and which version of the draft the writer has seen."""
KEPT_FOR = "X-Kept-For"
"""Header of pages that the reviewer's device may keep while they are away from the network: whose they are."""
STATIC = Path(__file__).parent.parent / "static" / "panel"


@require_safe
@permitted("panel.score_round", round_of)
def own(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """All own sheets of a round, and how far each is."""
    slots = own_slots(round_, codes_in(request.user, round_))
    context = {
        "round": round_,
        "slots": slots,
        "done": sum(not one.state.is_open for one in slots),
        "ready": sum(one.is_ready for one in slots),
        "taken": takes_sheets(round_),
        "until": moments(round_.rules).get("scoring_until"),
        "receipts": receipt_is_due(round_),
        "now": timezone.now(),
    }
    return _page(request, "panel/own.html", context, kept=takes_sheets(round_))


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("panel.view_slot", slot_at)
def sheet(request: HttpRequest, slot: Slot, name: str) -> HttpResponse:
    """A sheet beside its entry, with what keeps it from being submitted (`?check`); POST saves all fields, for who has
    no JavaScript."""
    if request.method == "POST":
        try:
            saved = _save(request, slot)
        except (NotTakenError, ValidationError) as error:
            messages.error(request, refusal(error))
            return redirect("panel:sheet", name)
        if saved.clash:
            return _clash(request, slot)
        messages.success(request, _("Saved at %(time)s.") % {"time": _clock()})
        return redirect(reverse("panel:sheet", args=[name]) + "#sheet")
    shown = shown_sheet(slot, request.user, check="check" in request.GET)
    context = {"sheet": shown, "reasons": REASONS}
    return _page(request, "panel/sheet.html", context, kept=shown.editable and shown.own.state.is_open)


@require_http_methods(["GET", "HEAD", "PUT"])
@permitted("panel.view_slot", slot_at)
def draft(request: HttpRequest, slot: Slot, name: str) -> JsonResponse:
    """The draft alone. PUT saves it while it is written: 200 with its new version, 412 with what somebody else, or
    another device, wrote meanwhile, 403 once nothing is taken, 400 for what cannot be kept, 428 without If-Match. With
    `recused` (KEY or KEY:MORE of the reasons) it is the withdrawal from the entry, whatever was seen."""
    if request.method != "PUT":
        kept = draft_of(slot)
        told = {"version": kept.version if kept else 0, "values": values_of(slot), "token": get_token(request)}
        return _told(200, told)
    tag = re.fullmatch(r'"([0-9]{1,9})"', request.headers.get("If-Match", ""))
    try:
        values = _values_in(request.body)
        if why := values.get(RECUSED, ""):
            key, _colon, more = why.partition(":")
            step_back(slot, reason_words(key, more), actor=actor_of(request))
            return _told(200, {RECUSED: True})
        if tag is None:
            return _told(428, {"error": _("Say by If-Match which version was seen.")})
        saved = save_draft(slot, values, int(tag[1]))
    except (NotTakenError, StageError) as error:
        return _told(403, {"error": str(error)})
    except ValidationError as error:
        return _told(400, {"error": refusal(error)})
    told = {"version": saved.version}
    return _told(412 if saved.clash else 200, {**told, "values": saved.values} if saved.clash else told)


@require_POST
@permitted("panel.view_slot", slot_at)
def submit(request: HttpRequest, slot: Slot, name: str) -> HttpResponse:
    """Submit one sheet; what the form of the page still holds is saved first."""
    try:
        saved = _save(request, slot)
        if saved.clash:
            return _clash(request, slot)
        submit_draft(slot, saved.version)
    except ValidationError as error:
        if hasattr(error, "error_dict"):  # by criterion: they are told beside each
            messages.error(request, _("Not submitted: something is missing, or is not on the scale."))
            return redirect(reverse("panel:sheet", args=[name]) + "?check=1#sheet")
        messages.error(request, refusal(error))
    except (NotTakenError, DraftClashError, StageError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Submitted at %(time)s.") % {"time": _clock()})
        return redirect(reverse("panel:sheet", args=[name]) + "#submitted")
    return redirect("panel:sheet", name)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("panel.score_round", round_of)
def sign(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Sign and submit all sheets that are complete, in one go; first it is shown what is missing in the others."""
    slots = own_slots(round_, codes_in(request.user, round_))
    ready = [one for one in slots if one.is_ready]
    if request.method == "POST":
        asked = request.POST.getlist("sheet")
        signed = [(one.slot, one.version) for one in ready if f"{one.slot.name}:{one.version}" in asked]
        try:
            if request.POST.get("signed") != "yes":
                raise ValidationError(_("Tick that you sign these sheets."))
            if not asked or len(signed) < len(asked):
                raise DraftClashError(
                    _("Something was changed on another device meanwhile; look at it and submit again.")
                )
            submit_drafts(round_, signed)
        except (ValidationError, NotTakenError, DraftClashError, StageError) as error:
            messages.error(request, refusal(error))
        else:
            said = ngettext("%(n)d sheet was submitted.", "%(n)d sheets were submitted.", len(signed))
            messages.success(request, said % {"n": len(signed)})
            return redirect("panel:own", slug)
        return redirect("panel:sign", slug)
    missing = [one for one in slots if one.state.is_open and not one.is_ready]
    names = {leaf.id: leaf.name.text(request.LANGUAGE_CODE) for leaf in round_.rules.leaves}
    context = {
        "round": round_,
        "ready": ready,
        "missing": [(one, [(names.get(leaf, leaf), what) for leaf, what in one.faults.items()]) for one in missing],
        "taken": takes_sheets(round_),
    }
    return _page(request, "panel/sign.html", context)


@require_safe
@permitted("panel.view_slot", slot_at)
def receipt_of(request: HttpRequest, slot: Slot, name: str, ending: str) -> HttpResponse:
    """The receipt of the last sheet, as a file or as a picture to print."""
    if not receipt_is_due(slot.entry.round):
        raise Http404("it would say whose the entry is")
    try:
        found = receipt(slot)
    except ReceiptError as error:
        raise Http404(str(error)) from error
    if ending == "svg":
        response = HttpResponse(receipt_svgs(found)[0], content_type="image/svg+xml")
    else:
        response = HttpResponse(bytes(found), content_type="text/plain; charset=utf-8")
    file = f"{slot.entry.round.slug}-{slot.name[:8]}-receipt.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, file) or ""
    return response


@public_page
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of these pages: what keeps them on the device. Its address says for which pages it is."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _worker() -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("device.js", "worker.js"))


def _clash(request: HttpRequest, slot: Slot) -> HttpResponse:
    """What another device saved stands in the page now; what was sent is beside it."""
    own = {key: value for key, value in form_values(request).items() if value}
    there = slot_at(request, slot.name)
    lost = [(name, value) for name, value in own.items() if values_of(there).get(name, "") != value]
    context = {"sheet": shown_sheet(there, request.user), "lost": lost, "reasons": REASONS}
    return _page(request, "panel/sheet.html", context, status=409)


def _page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 200, kept: bool = False
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    if kept and request.method == "GET":
        response.headers[KEPT_FOR] = str(request.user.pk)
    return response


def _save(request: HttpRequest, slot: Slot) -> SavedDraft:
    version = request.POST.get(VERSION, "")
    seen = int(version) if re.fullmatch("[0-9]{1,9}", version) else 0
    return save_draft(slot, form_values(request), seen)


def form_values(request: HttpRequest) -> dict[str, str]:
    """The fields of the page's form: a reason stands in the place of a mark."""
    sent = request.POST
    values = {key: value for key, value in sent.items() if key.startswith((MARK, COMMENT))}
    for key, why in sent.items():
        if key.startswith(WHY) and why:
            values[f"{MARK}{key.removeprefix(WHY)}"] = why
    return values


def _values_in(body: bytes) -> dict[str, str]:
    try:
        values = json.loads(body)["values"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValidationError(_("This is no draft of a sheet.")) from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ValidationError(_("This is no draft of a sheet."))
    return values


def _told(status: int, told: Mapping[str, object]) -> JsonResponse:
    now = timezone.now()
    response = JsonResponse({**told, "now": now.isoformat(), "saved": _clock()}, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    if "version" in told:
        response.headers["ETag"] = f'"{told["version"]}"'
    return response


def _clock() -> str:
    return timezone.localtime().strftime("%H:%M:%S")
