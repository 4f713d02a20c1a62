"""What an entrant sees of the sheets of their own entry, where the rules show it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from simsa.web.entries.access import entry_at
from simsa.web.entries.models import Entry
from simsa.web.panel.scoring.others import sheets_seen
from simsa.web.programmes.access import permitted
from simsa.web.programmes.models import Kind


@require_safe
@permitted("panel.view_sheets", entry_at)
def sheets(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Marks, comments, and who gave them: as much as the rules show, and nothing that joins them."""
    context = {"entry": entry, "round": entry.round, "seen": sheets_seen(entry, Kind.ENTRANT)}
    response = render(request, "panel/entry_sheets.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response
