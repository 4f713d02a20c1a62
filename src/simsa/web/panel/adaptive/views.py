"""Officers' and auditors' pages of reviews held back: how many there are, the next ones and why, giving them out."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.web.accounts.access import actor_of, refusal
from simsa.web.exports import SHEETS, download, table_file
from simsa.web.panel.adaptive.shown import MOST_ROWS, account_of, pairs_of, picture_of, standings_of, whole_of, why_file
from simsa.web.panel.models import FixedPair, ReviewBatch
from simsa.web.panel.services.adding import StaleBatchError, give_out, seed_of, start_batch
from simsa.web.panel.services.planning import fix_pair
from simsa.web.programmes.access import check, permitted, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError


def adaptive_round(request: HttpRequest, slug: str, **kwargs: object) -> Round:
    """A round whose rules hold reviews back, or did when some were computed. Http404 for any other."""
    round_ = round_of(request, slug, **kwargs)
    if round_.rules.adaptive is None and not ReviewBatch.objects.filter(round=round_).exists():
        raise Http404("no reviews are held back")
    return round_


@permitted("panel.view_next_reviews", adaptive_round)
def desk(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """How many reviews are held back, and what was computed so far; POST has the next ones computed."""
    if request.method == "POST":
        check(request.user, "panel.add_reviews", round_)
        try:
            start_batch(round_, request.POST.get("seed", ""), actor=actor_of(request))
        except (StageError, ValidationError) as error:
            messages.error(request, refusal(error))
        return redirect("panel:next_reviews", slug)
    batches = list(ReviewBatch.objects.filter(round=round_).order_by("-number"))
    context = {
        "round": round_,
        "account": account_of(round_) if round_.rules.adaptive is not None else None,
        "batches": [(one, one.told) for one in batches],
        "running": next((one for one in batches if not one.is_over), None),
        "seed": round_.seed or (seed_of(round_) if batches else ""),
        "scoring": round_.stage == Stage.SCORING,
        "closed": round_.stage in {Stage.CLOSED, Stage.ANNOUNCED},
        "may_add": _may_add(request, round_),
    }
    return render(request, "panel/next_reviews.html", context)


@require_safe
@permitted("panel.view_next_reviews", adaptive_round)
def progress(request: HttpRequest, round_: Round, slug: str) -> HttpResponse:
    """How far the computing is, for htmx; once it is over, the word to load the page again."""
    running = ReviewBatch.objects.filter(round=round_, state__in=["waiting", "running"]).first()
    response = render(request, "panel/next_reviews_progress.html", {"running": running})
    if running is None:
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
@permitted("panel.view_next_reviews", adaptive_round)
def batch(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """A batch: what it is expected to bring, which entries it goes to and why, and by whom."""
    found, language = _batch(round_, number), get_language() or "ko"
    if found.state != ReviewBatch.State.DONE:
        raise Http404("not computed")
    rows = standings_of(found, language)
    shown = [row for row in rows if row.is_open][:MOST_ROWS]
    drawn = picture_of(found, rows, title=_("Entries whose place is open"), language=language)
    newest = not ReviewBatch.objects.filter(round=round_, number__gt=number).exists()
    context = {
        "round": round_,
        "batch": found,
        "told": found.told,
        "lines": found.told["text"].get(language, ()),
        "picture": mark_safe(drawn),  # noqa: S308 (drawn here, every text in it escaped)
        "rows": shown,
        "all": len(rows),
        "pairs": pairs_of(found),
        "apart": FixedPair.objects.filter(entry__round=round_, kind=FixedPair.Kind.FORBIDDEN).select_related(
            "entry__entrant", "reviewer"
        ),
        "endings": (*SHEETS, "json"),
        "may_give": _may_add(request, round_) and newest and found.given_at is None and bool(found.pairs),
    }
    return render(request, "panel/review_batch.html", context)


@require_POST
@permitted("panel.add_reviews", adaptive_round)
def give(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """Give out the reviews of a batch; where something has changed since, it is computed anew."""
    found = _batch(round_, number)
    try:
        slots = give_out(found, actor=actor_of(request))
    except StaleBatchError as error:
        messages.error(request, refusal(error))
        return _anew(request, round_, found)
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    else:
        said = _("%(n)d reviews were given out. Who got one gets a letter.")
        messages.success(request, said % {"n": len(slots)})
    return redirect("panel:review_batch", slug, number)


@require_POST
@permitted("panel.add_reviews", adaptive_round)
def keep_apart(request: HttpRequest, round_: Round, slug: str, number: int) -> HttpResponse:
    """Keep a reviewer of a batch from an entry, with a reason, and have it computed anew."""
    code, _colon, who = request.POST.get("pair", "").rpartition(":")
    entry = round_.entries.filter(entrant__code=code).select_related("entrant", "round").first()
    reviewer = round_.reviewers.filter(code=who).first()
    found = _batch(round_, number)
    try:
        if entry is None or reviewer is None or (code, who) not in found.pairs:
            raise ValidationError(_("Choose an entry and a member of the panel."))
        kind, reason = FixedPair.Kind.FORBIDDEN, request.POST.get("reason", "")
        fix_pair(entry, reviewer, kind, reason, actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
        return redirect("panel:review_batch", slug, number)
    return _anew(request, round_, found)


@require_safe
@permitted("panel.view_next_reviews", adaptive_round)
def why(request: HttpRequest, round_: Round, slug: str, number: int, ending: str) -> HttpResponse:
    """How every entry stands in a batch, as a file."""
    found = _batch(round_, number)
    if ending not in {*SHEETS, "json"} or found.state != ReviewBatch.State.DONE:
        raise Http404("no such file")
    language = get_language() or "ko"
    if ending == "json":
        content = json.dumps(whole_of(found, language), ensure_ascii=False, indent=1).encode()
    else:
        content = table_file(why_file(found, language), ending)
    return download(content, f"{slug}-reviews-{number}", ending)


def _may_add(request: HttpRequest, round_: Round) -> bool:
    open_ = round_.stage == Stage.SCORING and round_.rules.adaptive is not None
    return open_ and bool(request.user.has_perm("panel.add_reviews", round_))


def _anew(request: HttpRequest, round_: Round, found: ReviewBatch) -> HttpResponse:
    try:
        start_batch(round_, found.seed, actor=actor_of(request))
    except (StageError, ValidationError) as error:
        messages.error(request, refusal(error))
    else:
        messages.info(request, _("The next reviews are computed anew."))
    return redirect("panel:next_reviews", round_.slug)


def _batch(round_: Round, number: int) -> ReviewBatch:
    found = ReviewBatch.objects.filter(round=round_, number=number).select_related("round").first()
    if found is None:
        raise Http404("no such batch")
    return found
