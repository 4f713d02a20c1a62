"""Officers' pages: the panel and what it declared, the register and the procedures, and replacements."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.panel.access import procedure_at
from simsa.web.panel.conflicts.shown import disclosed, members_of, register_of
from simsa.web.panel.models import BidCall, Procedure
from simsa.web.panel.services import decide, disclose_panel, exclude, propose, replace
from simsa.web.panel.services.declaring import declared_until, declaring_rule
from simsa.web.panel.services.procedures import OPEN
from simsa.web.panel.services.reminding import ANSWER, MATTERS, remind_panel, remind_unanswered, unanswered
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError

SHOWN = 300
"""So many rows of the register are shown at most; whoever wants others asks for one reviewer."""


@require_safe
@permitted("panel.view_conflicts", round_of)
def panel(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The members: who declared, who is kept from what, who has how much to do."""
    context = {
        "round": round_,
        "members": members_of(round_),
        "disclosure": disclosed(round_),
        "counted": declaring_rule(round_) is not None,
        "until": declared_until(round_),
        "asked": BidCall.objects.filter(round=round_).first(),
        "may_ask": round_.stage == Stage.PREPARING and request.user.has_perm("panel.disclose", round_),
        "may_disclose": round_.stage in OPEN and request.user.has_perm("panel.disclose", round_),
        "scoring": round_.stage != Stage.PREPARING,
        "behind": [(key, matter.words, len(matter.behind(round_))) for key, matter in MATTERS.items()],
        "unanswered": len(unanswered(round_)),
        "may_remind": request.user.has_perm("panel.remind", round_),
    }
    return render(request, "panel/members.html", context)


@require_POST
@permitted("panel.remind", round_of)
def remind(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Remind who is behind with `matter`, or has not answered the invitation; once a day at most."""
    matter, actor, today, sent = request.POST.get("matter", ""), actor_of(request), timezone.localtime(), 0
    if matter == ANSWER:
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        sent = remind_unanswered(round_, midnight, actor=actor, by_itself=False)
    elif matter in MATTERS:
        sent = remind_panel(round_, matter, f"by-hand/{today:%Y%m%d}", actor=actor)
    if sent:
        said = ngettext("%(n)d letter is on its way.", "%(n)d letters are on their way.", sent)
        messages.success(request, said % {"n": sent})
    else:
        messages.warning(request, _("Nobody is left to remind today: a person gets one reminder a day at most."))
    return redirect("panel:members", slug)


@require_POST
@permitted("panel.disclose", round_of)
def disclose(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Show entrants the panel, or no longer."""
    try:
        disclose_panel(round_, request.POST.get("shown") == "yes", actor=actor_of(request))
    except StageError as error:
        messages.error(request, refusal(error))
    return redirect("panel:members", slug)


@permitted("panel.view_conflicts", round_of)
def conflicts(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The register and the procedures; POST states an exclusion."""
    if request.method == "POST":
        check(request.user, "panel.exclude", round_)
        try:
            _exclude(request, round_)
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("It is in the record, and the reviewer is kept from the entry."))
            return redirect("panel:conflicts", slug)
    register = register_of(round_)
    asked_for = request.GET.get("reviewer", "")
    rows = [row for row in register if asked_for in {"", row.reviewer}]
    procedures = Procedure.objects.filter(entry__round=round_).select_related("entry__entrant", "reviewer")
    context = {
        "round": round_,
        "rows": rows[:SHOWN],
        "count": len(rows),
        "names": sorted({row.reviewer for row in register}),
        "asked_for": asked_for,
        "procedures": [
            (one, list(one.decisions.order_by("pk")), request.user.has_perm("panel.decide", one))
            for one in procedures.prefetch_related("decisions")
        ],
        "may_exclude": round_.stage in OPEN and request.user.has_perm("panel.exclude", round_),
        "open": round_.stage in OPEN,
        "entries": round_.entries.select_related("entrant").order_by("position"),
        "members": round_.reviewers.order_by("name"),
        "written": request.POST,
    }
    return render(request, "panel/conflicts.html", context)


@require_POST
@permitted("panel.decide", procedure_at)
def decide_on(request: HttpRequest, procedure: Procedure, slug: str, pk: int) -> HttpResponse:
    """Decide of a challenge, or anew of what another officer decided."""
    granted, reason = request.POST.get("decision") == "granted", request.POST.get("reason", "")
    try:
        decide(procedure, granted, reason, actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("The decision is in the record; whoever asked gets a letter."))
    return redirect("panel:conflicts", slug)


@permitted("panel.view_conflicts", round_of)
def replacements(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Places whose reviewer was recused, and who is proposed; POST seats somebody (`move`: slot:reviewer)."""
    if request.method == "POST":
        check(request.user, "panel.replace", round_)
        moves = [one.partition(":") for one in request.POST.getlist("move")]
        try:
            seated = [(int(slot), code) for slot, _colon, code in moves if slot.isascii() and slot.isdigit()]
            replace(round_, seated, actor=actor_of(request))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("Seated. Who took a place gets a letter."))
        return redirect("panel:replacements", slug)
    context = {
        "round": round_,
        "proposal": propose(round_) if round_.stage == Stage.SCORING else None,
        "may_replace": request.user.has_perm("panel.replace", round_),
    }
    return render(request, "panel/replacements.html", context)


def _exclude(request: HttpRequest, round_: Round) -> None:
    entry = round_.entries.filter(entrant__code=request.POST.get("entry", "")).first()
    reviewer = round_.reviewers.filter(code=request.POST.get("reviewer", "")).first()
    if entry is None or reviewer is None:
        raise ValidationError(_("Choose an entry and a member of the panel."))
    exclude(entry, reviewer, request.POST.get("ground", ""), request.POST.get("reason", ""), actor=actor_of(request))
