"""Officers' pages of affinities: compute them, watch, look at them, or send a file."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.pictures import bars_picture
from simsa.tables.table import RowError, RowsError, TableError
from simsa.tables.words.faults import fault_words
from simsa.web.accounts.access import actor_of, refusal
from simsa.web.entries.models import ImportDraft
from simsa.web.entries.services.plans import StalePlanError
from simsa.web.panel.affinities.running import (
    KIND,
    MOST_BYTES,
    begin_import,
    confirm_import,
    sight_of,
    start_affinities,
    table_of,
)
from simsa.web.panel.affinities.texts import entry_texts, reviewer_texts
from simsa.web.panel.inputs import affinities_of
from simsa.web.panel.models import AffinityRun, Bid, BidCall
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError

SHOWN = 100


@permitted("panel.view_conflicts", round_of)
def index(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """The affinities that count, and what they would be computed from; POST computes them, or takes a file."""
    faults: list[tuple[RowError, str, str]] = []
    if request.method == "POST":
        check(request.user, "panel.set_affinities", round_)
        sent = request.FILES.get("file")
        try:
            if sent is not None:
                data = sent.read(MOST_BYTES + 1)
                draft = begin_import(round_, sent.name or "file", data, actor=actor_of(request))
                return redirect("panel:affinity_draft", slug, draft.pk)
            start_affinities(round_, request.POST.get("bid_weight", ""), actor=actor_of(request))
            return redirect("panel:affinities", slug)
        except RowsError as error:
            language = get_language() or "ko"
            faults = [(one, fault_words(one.what, language), fault_words(one.hint, language)) for one in error.errors]
        except TableError as error:
            messages.error(request, fault_words(str(error), get_language() or "ko"))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
    kept = affinities_of(round_)
    run = AffinityRun.objects.filter(round=round_).first()
    context = {
        "round": round_,
        "kept": kept,
        **_seen(round_, kept.by_entry if kept else {}),
        "run": run,
        "running": run is not None and not run.is_over,
        "empty_entries": sum(not text for text in entry_texts(round_).values()),
        "empty_reviewers": [code for code, text in reviewer_texts(round_).items() if not text],
        "bids": Bid.objects.filter(entry__round=round_).count(),
        "asked": BidCall.objects.filter(round=round_).exists(),
        "may_set": round_.stage == Stage.PREPARING and request.user.has_perm("panel.set_affinities", round_),
        "faults": faults[:SHOWN],
    }
    return render(request, "panel/affinities.html", context)


@require_safe
@permitted("panel.view_conflicts", round_of)
def progress(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """How far the computing is, for htmx; once it is over, the word to load the page again."""
    run = AffinityRun.objects.filter(round=round_).first()
    response = render(request, "panel/affinity_progress.html", {"run": run, "round": round_})
    if run is None or run.is_over:
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
@permitted("panel.set_affinities", round_of)
def draft(request: HttpRequest, round_: Round, slug: str, pk: int) -> HttpResponse:
    """What a file says, before it changes anything."""
    kept = _draft(round_, pk)
    context = {"round": round_, "draft": kept, **_seen(round_, table_of(kept)), "before": affinities_of(round_)}
    return render(request, "panel/affinity_draft.html", context)


@require_POST
@permitted("panel.set_affinities", round_of)
def confirm(request: HttpRequest, round_: Round, slug: str, pk: int) -> HttpResponse:
    """Have the affinities of a file count."""
    try:
        confirm_import(_draft(round_, pk), actor=actor_of(request))
    except (ValidationError, StageError, StalePlanError) as error:
        messages.error(request, refusal(error))
    else:
        messages.success(request, _("These affinities count now."))
    return redirect("panel:affinities", slug)


def _seen(round_: Round, table: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    sight = sight_of(round_, table)
    title = _("Pairs by affinity")
    language = get_language() or "ko"
    drawn = bars_picture(sight.bars, title=title, heading=title, language=language, synthetic=round_.synthetic)
    return {"sight": sight, "picture": mark_safe(drawn) if sight.bars else ""}  # noqa: S308 (drawn here, escaped)


def _draft(round_: Round, pk: int) -> ImportDraft:
    found: ImportDraft | None = round_.import_drafts.filter(kind=KIND, pk=pk).first()
    if found is None:
        raise Http404("no such file")
    return found
