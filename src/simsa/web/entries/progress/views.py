"""Pages of progress: who is late, reminders, the calendar."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.pictures import bars_picture
from simsa.web.accounts.access import actor_of
from simsa.web.entries.access import evidence_at
from simsa.web.entries.files.keeping import examine_again, unread_files
from simsa.web.entries.models import Evidence
from simsa.web.entries.progress.calendars import calendar_of
from simsa.web.entries.progress.reminding import remind
from simsa.web.entries.progress.standing import STATES, arranged, counted, per_day, standings_for, standings_of
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import moments
from simsa.web.public import public_page

COLUMNS = ("name", "group", "state", "saved", "submitted")


@require_safe
@permitted("entries.follow_entries", round_of)
def progress(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Every entry with its state, to sort and to filter; submissions by day."""
    standings = standings_for(request.user, round_)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    sort = request.GET.get("sort", "")
    days = per_day(round_)
    picture = bars_picture(
        [(f"{day:%m-%d}", count) for day, count in days.items()],
        title=_("Submissions by day"),
        heading=_("Submissions by day"),
        language=get_language() or "ko",
        synthetic=round_.synthetic,
    )
    context = {
        "round": round_,
        "rows": arranged(standings, state, sort),
        "counts": counted(standings),
        "all": len(standings),
        "done": sum(one.done for one in standings),
        "state": state,
        "sort": sort,
        "columns": [(key, _next(sort, key), _direction(sort, key)) for key in COLUMNS],
        "picture": mark_safe(picture) if days else "",  # noqa: S308 (drawn here, every text in it escaped)
        "days": days,
        "deadline": moments(round_.rules).get("deadline"),
        "unread": unread_files(round_) if request.user.has_perm("entries.view_drafts", round_) else (),
        "now": timezone.now(),
    }
    return render(request, "entries/progress.html", context)


@require_POST
@permitted("entries.remind", round_of)
def send_reminders(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Remind who has not submitted (or those in the one state that is asked for); once a day at most."""
    state = request.POST.get("state", "")
    chosen = [one for one in standings_of(round_) if not one.done and state in {"", one.state}]
    sent = remind(round_, chosen, f"by-hand/{timezone.localdate():%Y%m%d}", actor=actor_of(request))
    if sent:
        said = ngettext("%(n)d letter is on its way.", "%(n)d letters are on their way.", sent)
        messages.success(request, said % {"n": sent})
    else:
        messages.warning(request, _("Nobody is left to remind today: a person gets one reminder a day at most."))
    return redirect("entries:progress", slug)


@require_POST
@permitted("entries.examine_again", evidence_at)
def try_again(request: HttpRequest, evidence: Evidence, pk: UUID) -> HttpResponse:
    """Have a file examined once more that could not be."""
    examine_again(evidence, actor=actor_of(request))
    messages.success(request, _("The file is being examined once more."))
    return redirect("entries:progress", evidence.round.slug)


@public_page
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The schedule for a calendar, of a round that the visitor may know of."""
    response = HttpResponse(calendar_of(round_of(request, slug)), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{slug}.ics") or ""
    return response


def _next(sort: str, key: str) -> str:
    return f"-{key}" if sort == key else key


def _direction(sort: str, key: str) -> str:
    return {key: "ascending", f"-{key}": "descending"}.get(sort, "")
