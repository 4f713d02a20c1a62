"""Pages on which reviewers declare and withdraw, and entrants challenge a member of the panel."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.entries.access import entry_at
from simsa.web.entries.models import Entry
from simsa.web.panel.access import reviewer_at, slot_at
from simsa.web.panel.conflicts.reasons import REASONS, reason_words
from simsa.web.panel.conflicts.shown import declaring_of, disclosed
from simsa.web.panel.models import Procedure, Reviewer, Slot
from simsa.web.panel.services import challenge, declare, step_back
from simsa.web.panel.services.procedures import OPEN
from simsa.web.programmes.access import check, permitted
from simsa.web.programmes.services import StageError


@permitted("panel.view_reviewer", reviewer_at)
def declaration(request: HttpRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """All conflicts of a reviewer on one page; POST declares them anew, or that there are none."""
    if request.method == "POST":
        check(request.user, "panel.declare", reviewer)
        try:
            _declare(request, reviewer)
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("Your declaration is in the record. You can change it until the deadline."))
            return redirect("panel:declaration", pk)
    own = request.user.has_perm("panel.declare", reviewer)
    page = declaring_of(reviewer)
    context = {"page": page, "round": reviewer.round, "own": own, "reasons": REASONS}
    return render(request, "panel/declaration.html", context)


@require_POST
@permitted("panel.view_slot", slot_at)
def withdraw_from(request: HttpRequest, slot: Slot, name: str) -> HttpResponse:
    """Step back from an entry; the sheet becomes recused as a whole."""
    reason = reason_words(request.POST.get("reason", ""), request.POST.get("more", ""))
    try:
        step_back(slot, reason, actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("You have withdrawn. The office finds another reviewer; you need do nothing more."))
    if "sheet" in request.POST:
        return redirect("panel:sheet", name)
    return redirect("panel:declaration", slot.reviewer_id)


@permitted("panel.challenge", entry_at)
def challenges(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Who sits on the panel, where entrants are shown it, and what the entrant asked; POST challenges a member."""
    if request.method == "POST":
        number = request.POST.get("reviewer", "")
        reviewer = entry.round.reviewers.filter(pk=int(number) if number.isascii() and number.isdigit() else 0).first()
        try:
            if reviewer is None:
                raise ValidationError(_("Choose a member of the panel."))
            challenge(entry, reviewer, request.POST.get("reason", ""), actor=actor_of(request))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("The office has your challenge, and decides of it without the member."))
            return redirect("panel:challenges", pk)
    shown = entry.round.stage in OPEN and disclosed(entry.round) is not None
    context = {
        "entry": entry,
        "round": entry.round,
        "members": entry.round.reviewers.order_by("name") if shown else [],
        "shown": shown,
        "asked": Procedure.objects.filter(entry=entry, kind=Procedure.Kind.CHALLENGE).select_related("reviewer"),
        "written": request.POST,
    }
    return render(request, "panel/challenges.html", context)


def _declare(request: HttpRequest, reviewer: Reviewer) -> None:
    sent = request.POST
    entries: Mapping[str, str] = {code: sent.get(f"reason/{code}", "") for code in sent.getlist("entry")}
    values = {key.removeprefix("value/"): sent.getlist(key) for key in sent if key.startswith("value/")}
    names = [name for name in sent.get("names", "").splitlines() if name.strip()]
    if "none" in sent:
        entries, values, names = {}, {}, []
    elif not (entries or values or names):
        raise ValidationError(_("Choose what there is, or say that you have none."))
    declare(reviewer, entries, values, names, actor=actor_of(request))
