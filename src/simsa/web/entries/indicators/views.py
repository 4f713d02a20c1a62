"""Pages of indicators: what was reported so far, and what it would give."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from simsa.tables.words.distribution import quartiles_lead
from simsa.web.entries.indicators.asking import asked
from simsa.web.entries.indicators.files import number_table
from simsa.web.entries.indicators.looking import Numbers, shown
from simsa.web.entries.services.submitting import last_submissions
from simsa.web.exports import SHEETS, download, table_file
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Round, Stage


@require_safe
@permitted("entries.compare_entries", round_of)
def indicators(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Every indicator, or the one that is asked for."""
    language = get_language() or "ko"
    numbers, question = Numbers.of(round_, language), asked(round_.rules, request.GET.dict())
    found = [shown(numbers, node, question) for node in question.of(round_.rules)]
    context = {
        "round": round_,
        "may_manage": request.user.has_perm("programmes.manage_round", round_),
        "asked": question,
        "indicators": [(one, mark_safe(one.picture)) for one in found],  # noqa: S308 (drawn here, every text escaped)
        "lead": quartiles_lead(language),
        "final": round_.stage != Stage.PREPARING,
        "submitted": len(last_submissions(round_)),
        "all": len(numbers.entries),
        "now": timezone.now(),
        "within": numbers.text(question.within),
        "query": request.GET.urlencode(),
    }
    return render(request, "entries/indicators.html", context)


@require_safe
@permitted("entries.compare_entries", round_of)
def indicators_file(request: HttpRequest, round_: Round, slug: str, ending: str) -> HttpResponse:
    """The same as a file."""
    if ending not in SHEETS:
        raise Http404("no such file")
    table, columns = number_table(Numbers.of(round_, get_language() or "ko"), asked(round_.rules, request.GET.dict()))
    return download(table_file(table, ending, columns), f"{slug}-indicators", ending)
