"""The room of a meeting: for its members, its chair, observers, and the office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.panel.access import codes_in, item_at, meeting_at, members_of
from simsa.web.panel.meetings.shown import Room, room_of
from simsa.web.panel.meetings.stream import Stream, last_act
from simsa.web.panel.meetings.viewers import viewer_of
from simsa.web.panel.meetings.work import meetings_for
from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer, Slot
from simsa.web.panel.scoring.views import form_values
from simsa.web.panel.services import (
    NotTakenError,
    adjourn,
    attend,
    begin,
    change_sheet,
    conclude,
    dissent,
    finish,
    name_lead,
    resume,
    take_note,
    take_up,
    void,
)
from simsa.web.panel.services.drafting import marks_in
from simsa.web.programmes.access import ask_roles_anew, permitted, round_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError

SEEN = "X-Seen"
"""Header of the part that lives: the key of the last act in it."""
Refused = (StageError, ValidationError, NotTakenError)


@require_safe
@permitted("panel.own_meetings", round_of)
def own(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The meetings of a round, for members and observers."""
    return _private(render(request, "panel/own_meetings.html", {"round": round_, "meetings": meetings_for(round_)}))


@require_safe
@permitted("panel.view_meeting", meeting_at)
def room(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """The whole page."""
    shown = _room(request.user, meeting)
    user = request.user
    context = {
        "room": shown,
        "round": shown.meeting.round,
        "may_void": user.has_perm("panel.void_meeting", meeting) and meeting.state in {"open", "adjourned", "closed"},
        "may_note": shown.viewer.who == "office" and user.has_perm("panel.convene", meeting),
        "may_see_minutes": user.has_perm("panel.view_meetings", meeting),
        "may_name": user.has_perm("panel.name_lead", meeting) and not meeting.is_over,
        "panel": meeting.round.reviewers.order_by("name") if shown.viewer.who == "office" else [],
    }
    return _private(render(request, "panel/meeting.html", context))


@require_safe
@permitted("panel.view_meeting", meeting_at)
def live(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """The part that lives; 204 while nothing has happened since `seen`."""
    if last_act(meeting.pk) == _number(request.GET.get("seen", "")):
        return _private(HttpResponse(status=204))
    shown = _room(request.user, meeting)
    response = _private(render(request, "panel/meeting_live.html", {"room": shown}))
    response.headers[SEEN] = str(shown.seen)
    return response


@require_safe
@permitted("panel.view_meeting", meeting_at)
def stream(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponseBase:
    """The same as server-sent events; 204 where there is no place for another stream: then one asks `live` instead."""
    user, language = request.user, translation.get_language()
    seen = _number(request.headers.get("Last-Event-ID", "") or request.GET.get("seen", ""))

    def rendered() -> tuple[int, str] | None:
        ask_roles_anew(user)
        if viewer_of(user, meeting) is None:
            return None
        with translation.override(language):
            shown = _room(user, meeting)
            return shown.seen, render_to_string("panel/meeting_live.html", {"room": shown})

    begun = None if request.method == "HEAD" else Stream.begun(meeting.pk, seen, rendered)
    if begun is None:
        return _private(HttpResponse(status=204))
    response = StreamingHttpResponse(begun, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy hands on each event at once
    return _private(response)


@require_POST
@permitted("panel.attend", meeting_at)
def come_or_go(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """Come into the room, or (`leave`) leave it."""
    here, actor = "leave" not in request.POST, actor_of(request)

    def moved() -> None:
        for one in _members(request, meeting):
            attend(meeting, here, by=one, actor=actor)
        if not codes_in(request.user, meeting.round):
            attend(meeting, here, actor=actor)

    return _done(request, meeting, moved)


TURNS: dict[str, Callable[..., None]] = {"begin": begin, "adjourn": adjourn, "resume": resume, "finish": finish}


@require_POST
@permitted("panel.preside", meeting_at)
def turn(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """Open, adjourn, resume or close the meeting (`do`)."""
    verb = TURNS.get(request.POST.get("do", ""))
    if verb is None:
        return redirect("panel:meeting", meeting.pk)
    return _done(request, meeting, lambda: verb(meeting, by=_members(request, meeting), actor=actor_of(request)))


@require_POST
@permitted("panel.void_meeting", meeting_at)
def void_it(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """Void the session; what was changed in it is taken back."""
    reason = request.POST.get("reason", "")
    told = _("The session is void. Marks that were changed in it are as they were before; the members are told.")
    return _done(request, meeting, lambda: void(meeting, reason, actor=actor_of(request)), told)


@require_POST
@permitted("panel.lead_item", item_at)
def lead(request: HttpRequest, item: MeetingItem, pk: int) -> HttpResponse:
    """Take an entry up, or close it with its outcome (`outcome`)."""
    members, actor = _members(request, item.meeting), actor_of(request)
    if "outcome" in request.POST:
        outcome = request.POST["outcome"]
        return _done(request, item.meeting, lambda: conclude(item, outcome, by=members, actor=actor))
    return _done(request, item.meeting, lambda: take_up(item, by=members, actor=actor))


@require_POST
@permitted("panel.note", item_at)
def note(request: HttpRequest, item: MeetingItem, pk: int) -> HttpResponse:
    """Note what is said; `corrects`: in the place of an earlier note."""
    earlier = MeetingAct.objects.filter(item=item, pk=_number(request.POST.get("corrects", ""))).first()
    members, text = _members(request, item.meeting), request.POST.get("text", "")
    return _done(
        request, item.meeting, lambda: take_note(item, text, by=members, corrects=earlier, actor=actor_of(request))
    )


@require_POST
@permitted("panel.take_part", item_at)
def change(request: HttpRequest, item: MeetingItem, pk: int) -> HttpResponse:
    """Change one's own marks, with a reason."""
    codes = codes_in(request.user, item.round)
    slot = Slot.objects.filter(entry=item.entry_id, replaced_by=None, reviewer__code__in=codes).first()
    if slot is None:
        raise Http404("no sheet of theirs")
    marks = marks_in(item.round.rules, form_values(request))
    reason, members = request.POST.get("reason", ""), _members(request, item.meeting)
    told = _("Your marks are changed: before, after and your reason are on record.")
    return _done(
        request,
        item.meeting,
        lambda: change_sheet(item, slot, marks, reason, by=members, actor=actor_of(request)),
        told,
    )


@require_POST
@permitted("panel.dissent", item_at)
def dissenting(request: HttpRequest, item: MeetingItem, pk: int) -> HttpResponse:
    """Put a dissenting opinion on record."""
    members, named = _members(request, item.meeting), request.POST.get("named") == "yes"
    text = request.POST.get("text", "")
    told = _("Your opinion is on record.")
    return _done(
        request, item.meeting, lambda: dissent(item, text, by=members, named=named, actor=actor_of(request)), told
    )


@require_POST
@permitted("panel.name_lead", item_at)
def leading(request: HttpRequest, item: MeetingItem, pk: int) -> HttpResponse:
    """Name a member to lead an entry that neither chair nor deputy can lead."""

    def named() -> None:
        found = item.round.reviewers.filter(code=request.POST.get("reviewer", "")).first()
        if found is None:
            raise ValidationError(_("Choose a member of the panel."))
        name_lead(item, found, actor=actor_of(request))

    return _done(request, item.meeting, named)


def _room(user: Any, meeting: Meeting) -> Room:
    viewer = viewer_of(user, meeting)
    if viewer is None:
        raise Http404("not for this visitor")
    return room_of(meeting, viewer, presides=user.has_perm("panel.preside", meeting))


def _members(request: HttpRequest, meeting: Meeting) -> list[Reviewer]:
    return members_of(request.user, meeting.round)


def _done(request: HttpRequest, meeting: Meeting, verb: Callable[[], Any], told: str = "") -> HttpResponse:
    """Do it, say what came of it, and show the room."""
    try:
        verb()
    except Refused as error:
        messages.error(request, _by_leaf(error, meeting.round) or refusal(error))
    else:
        if told:
            messages.success(request, told)
    return redirect("panel:meeting", meeting.pk)


def _by_leaf(error: Exception, round_: Round) -> str:
    """Faults of marks with the names of their criteria."""
    if not isinstance(error, ValidationError) or not hasattr(error, "error_dict"):
        return ""
    language = translation.get_language() or "ko"
    names = {leaf.id: leaf.name.text(language) for leaf in round_.rules.leaves}
    return " ".join(f"{names.get(key, key)}: {' '.join(texts)}" for key, texts in error.message_dict.items())


def _private(response: Any) -> Any:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
