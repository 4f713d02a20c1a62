"""Officers' pages of meetings: convene one, set its agenda, and its minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.words.numbers import format_score
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.panel.meetings.minutes import minutes_of, minutes_text
from simsa.web.panel.meetings.work import meetings_for
from simsa.web.panel.models import Meeting, MeetingItem
from simsa.web.panel.scoring.own import group_name
from simsa.web.panel.services import arrange, call_off, called_up, convene, finish_abandoned
from simsa.web.panel.spreads import widths_of
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError

PLACE = "place/"
"""Names of inputs: at which place of the agenda an entry (by code) is."""


@dataclass(frozen=True)
class Choice:
    """An entry that can be put on an agenda: its place there ("" for none), and how far apart its sheets lie."""

    code: str
    name: str
    group: str
    width: str
    called: bool
    place: str
    fixed: bool = False


@permitted("panel.view_meetings", round_of)
def index(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The meetings of a round; POST convenes one."""
    if request.method == "POST":
        check(request.user, "panel.convene", round_)
        try:
            made = _convene(request, round_)
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        else:
            messages.success(request, _("The meeting is convened, and its members get a letter."))
            return redirect("panel:minutes", slug, made.number)
    may = round_.stage == Stage.SCORING and request.user.has_perm("panel.convene", round_)
    by_spread = request.GET.get("order") != "recorded"
    context = {
        "round": round_,
        "rule": round_.rules.meeting,
        "meetings": meetings_for(round_),
        "may_convene": may and round_.rules.meeting is not None,
        "choices": _choices(round_, None, request.POST, by_spread=by_spread) if may else [],
        "by_spread": by_spread,
        "panel": round_.reviewers.order_by("name"),
        "written": request.POST,
    }
    return _private(render(request, "panel/meetings.html", context))


@require_safe
@permitted("panel.view_meetings", round_of)
def minutes(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """The minutes of a meeting, and its agenda while it can be changed."""
    meeting = _meeting(round_, number)
    may = round_.stage == Stage.SCORING and not meeting.is_over and request.user.has_perm("panel.convene", round_)
    context = {
        "round": round_,
        "meeting": meeting,
        "minutes": minutes_of(meeting),
        "choices": _choices(round_, meeting, {}, by_spread=True) if may else [],
        "may_arrange": may,
        "may_end": may and meeting.state != "convened",
    }
    return _private(render(request, "panel/minutes.html", context))


@require_safe
@permitted("panel.view_meetings", round_of)
def minutes_file(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """The minutes as a text file."""
    text = minutes_text(minutes_of(_meeting(round_, number)))
    response = HttpResponse("\ufeff" + text, content_type="text/plain; charset=utf-8")
    file = f"{round_.slug}-meeting-{number}-minutes.txt"
    response.headers["Content-Disposition"] = content_disposition_header(True, file) or ""
    return _private(response)


@require_POST
@permitted("panel.convene", round_of)
def rearrange(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """Set the agenda anew; or (`do`) call the meeting off, or end one that nobody leads any more."""
    meeting, sent, actor = _meeting(round_, number), request.POST, actor_of(request)
    try:
        if sent.get("do") == "call_off":
            call_off(meeting, sent.get("reason", ""), actor=actor)
        elif sent.get("do") == "end":
            finish_abandoned(meeting, actor=actor)
        else:
            arrange(meeting, _agenda(sent, round_), actor=actor)
            messages.success(request, _("The agenda is changed."))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    return redirect("panel:minutes", slug, number)


def _convene(request: HttpRequest, round_: Round) -> Meeting:
    sent = request.POST
    try:
        at = datetime.fromisoformat(sent.get("at", "")).replace(tzinfo=ZoneInfo(round_.time_zone))
    except ValueError:
        raise ValidationError(_("Say when the meeting begins.")) from None
    return convene(
        round_,
        at,
        _agenda(sent, round_),
        sent.get("chair", ""),
        sent.get("deputy", ""),
        sent.get("place", ""),
        actor=actor_of(request),
    )


def _agenda(sent: Mapping[str, str], round_: Round) -> list[str]:
    """Codes in the order of the places that were written; two at one place as the round has them."""
    codes = list(round_.entries.order_by("position").values_list("entrant__code", flat=True))
    places = {code: sent.get(f"{PLACE}{code}", "").strip() for code in codes}
    wrong = [code for code, place in places.items() if place and not (place.isascii() and place.isdigit())]
    if wrong:
        raise ValidationError(_("Places on the agenda are whole numbers; empty: not on it."))
    return sorted((code for code in codes if places[code]), key=lambda code: int(places[code][:9]))


def _choices(round_: Round, meeting: Meeting | None, sent: Mapping[str, str], *, by_spread: bool) -> Sequence[Choice]:
    """Every entry: those on the agenda first, in its order; by default those that the rules call up."""
    called, widths, language = called_up(round_), widths_of(round_), get_language() or "ko"
    entries = list(round_.entries.select_related("entrant").order_by("position"))
    order = [one.entrant.code for one in entries]
    fixed: set[str] = set()
    if meeting is not None:
        items = list(meeting.items.select_related("entry__entrant").order_by("position", "pk"))
        agenda = [one.entry.entrant.code for one in items]
        fixed = {one.entry.entrant.code for one in items if one.state != MeetingItem.State.WAITING}
    else:
        agenda = called if by_spread else sorted(called, key=order.index)
    places = {code: str(n) for n, code in enumerate(agenda, 1)}
    if sent:
        places = {code: sent.get(f"{PLACE}{code}", "") for code in order}
    found = [
        Choice(
            code=one.entrant.code,
            name=str(one.entrant.name(language)),
            group=group_name(round_.rules, one.group, language),
            width=_width(widths[one.entrant.code]),
            called=one.entrant.code in called,
            place=places.get(one.entrant.code, ""),
            fixed=one.entrant.code in fixed,
        )
        for one in entries
    ]
    rank = {code: n for n, code in enumerate(agenda)}
    return sorted(found, key=lambda one: rank.get(one.code, len(rank) + order.index(one.code)))


def _width(width: Fraction | None) -> str:
    return "" if width is None else format_score(Fraction(round(width * 1000), 1000), None, get_language() or "ko")


def _meeting(round_: Round, number: int) -> Meeting:
    found = meetings_for(round_).filter(number=number).first()
    if found is None:
        raise Http404("no such meeting")
    found.round = round_
    return found


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response
