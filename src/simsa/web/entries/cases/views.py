"""Pages of cases: what was measured, side by side."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from simsa.tables.words.groups import group_name
from simsa.tables.words.numbers import format_score
from simsa.web.entries.cases.comparing import SORTS, Choice, Sum, chosen, sums_of
from simsa.web.entries.cases.files import outcome_json, outcome_table
from simsa.web.entries.cases.outcomes import Outcome, outcomes_of
from simsa.web.entries.countries import country_name
from simsa.web.exports import SHEETS, download, table_file
from simsa.web.programmes.access import permitted, round_of
from simsa.web.programmes.models import Round

PER_PAGE = 100


@require_safe
@permitted("entries.compare_entries", round_of)
def cases(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The outcomes that are asked for, a page of them, and what all of them come to."""
    language, choice = _language(), _choice(request)
    every = outcomes_of(round_)
    shown = chosen(every, choice, language)
    groups = dict.fromkeys(one.entry.group for one in every)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": round_,
        "may_manage": request.user.has_perm("programmes.manage_round", round_),
        "choice": choice,
        "page": page,
        "rows": [_row(one, language) for one in page],
        "count": len(shown),
        "all": len(every),
        "cases": len({(one.entry.pk, one.place) for one in every}),
        "sums": [_told(one, language) for one in sums_of(shown, choice.measure)],
        "unmeasured": sum(one.value is None for one in shown),
        "currency": round_.rules.entries.currency,
        "currencies": sorted({one.currency for one in every if one.currency}),
        "groups": [(group, group_name(round_.rules, group, language)) for group in groups],
        "sorts": {key: _sorted_by(request, choice, key) for key in SORTS},
        "query": _query(request),
    }
    return render(request, "entries/cases.html", context)


@require_safe
@permitted("entries.compare_entries", round_of)
def cases_file(request: HttpRequest, round_: Round, slug: str, ending: str) -> HttpResponse:
    """The same as a file."""
    choice = _choice(request)
    shown = chosen(outcomes_of(round_), choice, _language())
    name = f"{slug}-cases"
    if ending == "json":
        return download(outcome_json(round_, shown, sums_of(shown, choice.measure)), name, ending)
    if ending not in SHEETS:
        raise Http404("no such file")
    table, numbers = outcome_table(round_, shown, _language())
    return download(table_file(table, ending, numbers), name, ending)


def _choice(request: HttpRequest) -> Choice:
    given = {key: request.GET.get(key, "").strip() for key in ("measure", "currency", "group", "sort")}
    return Choice(**given)


def _row(one: Outcome, language: str) -> dict[str, Any]:
    return {
        "outcome": one,
        "name": one.entry.entrant.name(language),
        "value": None if one.value is None else format_score(one.value, None, language),
        "converted": None if one.converted is None else format_score(one.converted, None, language),
        "partners": ", ".join(country_name(code, language) for code in one.partners),
    }


def _told(one: Sum, language: str) -> dict[str, Any]:
    """A sum in texts: what it is in each currency, and converted."""
    parts = [
        (format_score(total, None, language), currency, count) for currency, (total, count) in one.by_currency.items()
    ]
    converted = None if one.converted is None else format_score(one.converted, None, language)
    return {"sum": one, "parts": parts, "converted": converted}


def _query(request: HttpRequest, **other: str) -> str:
    """What is asked for, as the end of an address; `other` in place of what there is."""
    query = request.GET.copy()
    query.pop("page", None)
    for key, value in other.items():
        query[key] = value
    return query.urlencode()


def _sorted_by(request: HttpRequest, choice: Choice, key: str) -> tuple[str, str]:
    """Where a column's head leads, and how it is sorted now. Amounts begin with the greatest."""
    first, second = (f"-{key}", key) if key == "converted" else (key, f"-{key}")
    now = {key: "ascending", f"-{key}": "descending"}.get(choice.sort, "")
    return _query(request, sort=second if choice.sort == first else first), now


def _language() -> str:
    return get_language() or "ko"
