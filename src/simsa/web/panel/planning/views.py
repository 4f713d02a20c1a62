"""Officers' pages of the assignment desk."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.pictures import assignment_picture, matrix_picture
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.exports import download, table_file
from simsa.web.panel.conflicts.shown import barred_pairs
from simsa.web.panel.inputs import affinities_of
from simsa.web.panel.models import Alternative, FixedPair
from simsa.web.panel.planning.matrix import cells_of, matrix_of, pairs_table
from simsa.web.panel.planning.shown import (
    before_of,
    changes_of,
    compared,
    context_of,
    coverage_of,
    figures_of,
    names_of,
)
from simsa.web.panel.services.planning import adopt, fix_pair, free_pair, start_alternative
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError

SHOWN = 200


@permitted("panel.view_conflicts", round_of)
def desk(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Alternatives side by side, and what was fixed by hand; POST computes another."""
    if request.method == "POST":
        check(request.user, "panel.assign", round_)
        try:
            start_alternative(round_, request.POST.get("way", ""), actor=actor_of(request))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        return redirect("panel:assignment", slug)
    rows = compared(round_)
    context = {
        "round": round_,
        "rows": rows,
        "running": next((one.alternative for one in rows if not one.alternative.is_over), None),
        "ways": Alternative.Way.choices,
        "conflicts": len(barred_pairs(round_)),
        "kept": affinities_of(round_),
        "fixed": FixedPair.objects.filter(entry__round=round_).select_related("entry__entrant", "reviewer"),
        "choices": round_.entries.select_related("entrant").order_by("position"),
        "panel": round_.reviewers.order_by("name"),
        "may_assign": round_.stage == Stage.PREPARING and request.user.has_perm("panel.assign", round_),
        **context_of(round_),
    }
    return render(request, "panel/assignment.html", context)


@require_safe
@permitted("panel.view_conflicts", round_of)
def progress(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """How far the computing is, for htmx; once it is over, the word to load the page again."""
    running = Alternative.objects.filter(round=round_, state__in=["waiting", "running"]).first()
    response = render(request, "panel/assignment_progress.html", {"running": running})
    if running is None:
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
@permitted("panel.view_conflicts", round_of)
def alternative(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """One alternative: its picture, who covers the entries, what changed and why, every pair."""
    one = _alternative(round_, number)
    if one.state != Alternative.State.DONE:
        raise Http404("not computed")
    before = before_of(one)
    barred, language = _barred(round_), get_language() or "ko"
    changed, changes = (None, []) if before is None else changes_of(round_, one, before, barred)
    names, panel = names_of(round_)
    drawn = assignment_picture(figures_of(one), title=_("Assignment"), language=language)
    groups = {group.id: group.name.text(language) for group in round_.rules.groups}
    group = request.GET.get("group", "")
    grid = matrix_of(round_, one, barred, group=group if group in groups else "", language=language)
    title = _("Affinities of entries and reviewers")
    matrix = matrix_picture(grid, title=title, language=language, synthetic=round_.synthetic)
    context = {
        "round": round_,
        "one": one,
        "told": one.told,
        "picture": mark_safe(drawn),  # noqa: S308 (drawn here, every text in it escaped)
        "matrix": mark_safe(matrix) if grid.rows else "",  # noqa: S308 (as above)
        "grid": grid,
        "cells": [(name, cells_of(grid, n)) for n, name in enumerate(grid.rows)],
        "groups": groups.items() if len(groups) > 1 else (),
        "group": group,
        "coverage": coverage_of(round_, one),
        "before": before,
        "changed": changed,
        "changes": changes[:SHOWN],
        "pairs": [(names.get(entry, entry), panel.get(code, code), worth) for entry, code, worth in one.rows],
        "against": sorted(one.by_pair & barred),
        "may_assign": round_.stage == Stage.PREPARING and request.user.has_perm("panel.assign", round_),
    }
    return render(request, "panel/alternative.html", context)


@require_safe
@permitted("panel.view_conflicts", round_of)
def pairs_file(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """Every pair that has an affinity, was chosen, or must not meet, as CSV: they can be more than a sheet's rows."""
    table = pairs_table(round_, _alternative(round_, number), _barred(round_))
    return download(table_file(table, "csv"), f"{slug}-assignment-{number}", "csv")


@require_POST
@permitted("panel.assign", round_of)
def adopt_it(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """Assign the panel so."""
    try:
        adopt(_alternative(round_, number), actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
        return redirect("panel:alternative", slug, number)
    messages.success(request, _("The panel is assigned, and the evaluation has begun."))
    return redirect("panel:members", slug)


@require_POST
@permitted("panel.assign", round_of)
def pairs(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """Fix a pair by hand, or (`free`) leave it to the assignment again."""
    sent = request.POST
    try:
        if "free" in sent:
            number = sent["free"]
            known = FixedPair.objects.filter(entry__round=round_).select_related("entry__round", "entry__entrant")
            fixed = known.filter(pk=int(number) if number.isascii() and number.isdigit() else 0).first()
            if fixed is not None:
                free_pair(fixed, actor=actor_of(request))
        else:
            entry = round_.entries.filter(entrant__code=sent.get("entry", "")).select_related("entrant").first()
            reviewer = round_.reviewers.filter(code=sent.get("reviewer", "")).first()
            if entry is None or reviewer is None:
                raise ValidationError(_("Choose an entry and a member of the panel."))
            fix_pair(entry, reviewer, sent.get("kind", ""), sent.get("reason", ""), actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    return redirect("panel:assignment" if round_.stage == Stage.PREPARING else "panel:next_reviews", slug)


def _barred(round_: Round) -> frozenset[tuple[str, str]]:
    """Pairs that must not meet now."""
    by_hand = FixedPair.objects.filter(entry__round=round_, kind=FixedPair.Kind.FORBIDDEN)
    forbidden = by_hand.values_list("entry__entrant__code", "reviewer__code")
    return frozenset({*barred_pairs(round_), *forbidden})


def _alternative(round_: Round, number: int) -> Alternative:
    found = Alternative.objects.filter(round=round_, number=number).select_related("round").first()
    if found is None:
        raise Http404("no such alternative")
    return found
