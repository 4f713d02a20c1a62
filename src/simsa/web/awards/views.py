"""The public pages of rounds. What is not published is a 404 for everybody but staff; see `access`."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from simsa.rules import Rules
from simsa.tables.words import rules_words
from simsa.web.awards import downloads, pages
from simsa.web.awards.access import Sight, result_of, sight_of
from simsa.web.awards.drawings import group_drawing, map_drawing, severity_drawing
from simsa.web.awards.lines import CALIBRATED, LEVEL, Line, Lines, View, headings
from simsa.web.awards.models import Result, Standing
from simsa.web.programmes.models import Round
from simsa.web.public import public_page

DRAWN_GROUPS = 8
"""Of a round with more groups only the one that is asked for is drawn."""

LISTED_GROUPS = 12
"""The selected of further groups fold."""

PER_PAGE = 500


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """Every published result, and the rounds whose result is still to come."""
    context = {"published": pages.published_rounds(), "awaited": pages.rounds_without_result()}
    return render(request, "awards/index.html", context)


@public_page
def round_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The result of a round, or how far it has come."""
    sight = sight_of(request, slug)
    if sight.result is None:
        return _progress(request, sight)
    return _round(request, sight, _lines(sight, sight.result))


@public_page
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the round page alone, for htmx; everybody else is sent to the page."""
    sight, result = result_of(request, slug)
    page = reverse("awards:round", args=[slug])
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    if not request.htmx:  # type: ignore[attr-defined]
        away = redirect(f"{page}{query}#entrants")
        patch_vary_headers(away, ["HX-Request"])
        return away

    context = _table(request, _lines(sight, result))
    response = render(request, "awards/table.html", {"sight": sight, **context})
    asked = context["view"].query()
    patch_vary_headers(response, ["HX-Request"])
    response.headers["HX-Push-Url"] = f"{page}?{asked}" if asked else page
    return response


@public_page
def state(request: HttpRequest, slug: str) -> HttpResponse:
    """Asked by a page that waits for a result: nothing while it is being computed, then the word to load again."""
    sight = sight_of(request, slug)
    if not request.htmx:  # type: ignore[attr-defined]
        response: HttpResponse = redirect("awards:round", slug)
    else:
        response = HttpResponse(status=204)
        if sight.pending is None or sight.pending.status != Result.Status.COMPUTING:
            response.headers["HX-Refresh"] = "true"
    patch_cache_control(response, no_store=True)
    return response


@public_page
def entrant(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Where one entrant ended, and why."""
    sight, result = result_of(request, slug)
    standing = result.standings.filter(entry__entrant__code=code).first()
    if standing is None:
        raise Http404("no such entrant")
    return _entrant(request, sight, _lines(sight, result), standing)


@public_page
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of a round in words and as they were written."""
    sight = sight_of(request, slug)
    found = sight.round.rules
    sections = rules_words(found, pages.language())
    context = {"sight": sight, "round": sight.round, "sections": sections, "trail": _trail(sight.round)}
    return render(request, "awards/rules.html", context)


@public_page
def rules_file(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """The rules as they were written (toml), or in the canonical form whose SHA-256 is their hash (json)."""
    sight = sight_of(request, slug)
    found = sight.round.rules
    make = {"json": lambda: found.canonical, "toml": sight.round.rules_toml.encode}
    return _file(make[ending](), f"{slug}-rules.{ending}")


@public_page
def result_file(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """A published result as a file."""
    _sight, result = result_of(request, slug)
    make: dict[str, Callable[[Result], bytes]] = {
        "csv": downloads.result_csv,
        "json": downloads.result_json,
        "xlsx": downloads.result_xlsx,
    }
    return _file(make[ending](result), f"{slug}-results.{ending}")


def _round(request: HttpRequest, sight: Sight, lines: Lines) -> HttpResponse:
    shown = _table(request, lines)
    groups = list(lines.by_group)
    drawn = groups if len(groups) <= DRAWN_GROUPS else [g for g in groups if g == shown["view"].group]
    winners = pages.winners(lines)
    official = lines.rules.calibration.official
    context = {
        "sight": sight,
        "round": sight.round,
        "result": lines.result,
        "trail": _trail(),
        "headline": pages.headline(lines),
        "lede": pages.lede(lines),
        "winners": winners[:LISTED_GROUPS],
        "more_winners": winners[LISTED_GROUPS:],
        "drawings": [group_drawing(lines, group) for group in drawn],
        "map": map_drawing(lines),
        "severity": severity_drawing(lines),
        "method": _method(lines.rules),
        "calibration": (pages.CALIBRATION_OFFICIAL if official else pages.CALIBRATION) % {"level": LEVEL},
        "beyond_the_scale": pages.BEYOND_THE_SCALE_OFFICIAL if official else pages.BEYOND_THE_SCALE,
        **shown,
    }
    return render(request, "awards/round.html", context)


def _table(request: HttpRequest, lines: Lines) -> dict[str, Any]:
    groups = [(group, members[0].group_name, len(members)) for group, members in lines.by_group.items()]
    view = View.of(request.GET, [group for group, _name, _size in groups])
    found = view.of_lines(lines.all)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "round": lines.result.round,
        "view": view,
        "groups": groups,
        "headings": headings(view, lines.calibrated),
        "page": page,
        "lines": page.object_list,
        "found": len(found),
        "size": len(lines.all),
        "calibrated": lines.calibrated,
        "in_order": view.sort == "group",
    }


def _method(found: Rules) -> list[str]:
    """How scores and ranks come about, in sentences."""
    wanted = ("score", "missing", "selection")
    sections = rules_words(found, pages.language())
    return [line for section in sections if section.key in wanted for line in section.lines]


def _entrant(request: HttpRequest, sight: Sight, lines: Lines, standing: Standing) -> HttpResponse:
    line = lines.all[standing.order - 1]
    group = lines.by_group[line.group]
    place = group.index(line)
    criteria = list(pages.criterion_lines(lines, standing))
    context = {
        "sight": sight,
        "round": sight.round,
        "trail": _trail(sight.round),
        "line": line,
        "reason": lines.why(line, _value(standing, line)),
        "calibrated_label": CALIBRATED % {"level": LEVEL},
        "criteria": criteria,
        "has_means": not all(criterion.official for criterion in criteria),
        "group_size": len(group),
        "above": group[place - 1] if place else None,
        "below": group[place + 1] if place + 1 < len(group) else None,
    }
    return render(request, "awards/entrant.html", context)


def _trail(round_: Round | None = None) -> list[tuple[str, str]]:
    """What stands above a page in the trail: the list of results, and the round of a page inside it."""
    trail = [(_("Results"), reverse("awards:index"))]
    return trail if round_ is None else [*trail, (round_.title, reverse("awards:round", args=[round_.slug]))]


def _value(standing: Standing, line: Line) -> Fraction | None:
    """The entrant's value at the criterion that its reason speaks of."""
    text = json.loads(standing.values).get(line.reason_facts["criterion"])
    return None if text is None else Fraction(text)


def _progress(request: HttpRequest, sight: Sight) -> HttpResponse:
    """A round without a result to show; htmx asks again while one is being computed."""
    response = render(request, "awards/progress.html", {"sight": sight, "round": sight.round, "trail": _trail()})
    patch_cache_control(response, no_store=True)
    return response


def _lines(sight: Sight, result: Result) -> Lines:
    return Lines(result, sight.round.rules, pages.language())


def _file(content: bytes, name: str) -> HttpResponse:
    types = {
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "toml": "application/toml; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    response = HttpResponse(content, content_type=types[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
