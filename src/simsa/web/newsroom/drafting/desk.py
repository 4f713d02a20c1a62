"""The editors' pages of drafting: which rounds can be announced, and the figures of an article."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.viewsets.pages import page_viewset_registry

from simsa.web.awards.models import Result
from simsa.web.newsroom.drafting.announcement import announcements, draft_announcement, may_draft
from simsa.web.newsroom.drafting.binding import figures, known_to, refresh
from simsa.web.newsroom.drafting.choices import choices
from simsa.web.newsroom.drafting.publishing import is_last_approval, notices, problems
from simsa.web.newsroom.drafting.references import resolve, result_of
from simsa.web.newsroom.drafting.rich_text import WORDS
from simsa.web.newsroom.embargo import is_held, is_public
from simsa.web.newsroom.models import ArticlePage
from simsa.web.programmes.access import is_staff
from simsa.web.programmes.models import Round


@dataclass(frozen=True)
class Written:
    """An announcement that is there already: what it is called, in which language, and how far it is."""

    pk: int
    title: str
    language: str
    language_name: str
    states: list[str]


@dataclass(frozen=True)
class Offer:
    """A round that can be announced, and its announcements if there are any."""

    slug: str
    title: str
    synthetic: bool
    published: bool
    articles: list[Written]


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """The rounds that have a result; POST `round` drafts its announcement, or opens the one that is there."""
    if not may_draft(request.user):
        raise PermissionDenied
    seen = Round.objects.filter(pk__in=_results(request).values("round"))
    if request.method == "POST":
        result = result_of(get_object_or_404(seen, slug=request.POST.get("round", "")))
        if result is None:
            raise PermissionDenied
        written = draft_announcement(result, actor=f"account:{request.user.pk}", user=request.user)
        language = get_language() or settings.LANGUAGE_CODE  # the editor's own, which the request need not speak
        return redirect("wagtailadmin_pages:edit", (written.get(language) or next(iter(written.values()))).pk)
    offers = [_offer(round_) for round_ in seen]
    context = {"page_title": _("Draft the announcement"), "header_icon": "doc-full-inverse", "offers": offers}
    return render(request, "newsroom/desk/draft.html", context)


@require_http_methods(["GET", "POST"])
def figures_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Every figure of an article's latest draft; POST puts in what the result says now."""
    article = _draft(request, pk)
    if request.method == "POST":
        if article.permissions_for_user(request.user).page_locked():
            messages.error(request, _("Somebody has locked the article: nothing was changed."))
            return redirect("newsroom_desk:figures", pk)
        count = refresh(article, request.user)  # type: ignore[arg-type]
        said = ngettext("%(n)d figure was changed.", "%(n)d figures were changed.", count) % {"n": count}
        messages.success(request, said)
        return redirect("wagtailadmin_pages:edit", pk)
    found = figures(article)
    context = {
        "page_title": _("Figures from the result"),
        "header_icon": "order",
        "article": article,
        "figures": found,
        "problems": problems(article),
        "notices": notices(article),
        "changed": any(figure.replaceable for figure in found),
    }
    return render(request, "newsroom/desk/figures.html", context)


@require_safe
def known(request: HttpRequest, pk: int) -> HttpResponse:
    """What the editor's script needs: everything that the article may refer to, and what it refers to already."""
    article = _draft(request, pk)
    result = result_of(article.round)
    said = known_to(article)
    used = {figure.reference for figure in figures(article, said)} - set(said)
    also = {reference: present for reference in used if (present := resolve(said, reference)) is not None}
    offered = [] if result is None else choices(result, said)
    nothing = _("The article has no round. Choose one under “Promote” and save the draft.")
    if article.round is not None:
        nothing = _("The article's round has no result yet.")
    answer = {
        "known": said | also,
        "choices": [asdict(choice) for choice in offered],
        "nothing": "" if offered else nothing,
        "words": {name: str(text) for name, text in WORDS.items()},
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def approve(request: HttpRequest, page_id: int, action_name: str, task_state_id: int) -> HttpResponseBase:
    """Wagtail's own answer, but for the last approval of an article in which something has to be put right first."""
    article = ArticlePage.objects.filter(pk=page_id).first()
    may_read = article is not None and article.permissions_for_user(request.user).can_edit()
    if action_name == "approve" and request.method == "POST" and may_read and is_last_approval(article):
        found = problems(article.get_latest_revision_as_object())
        for problem in found:
            messages.error(request, str(problem))
        if found:
            return redirect("wagtailadmin_pages:edit", page_id)
    wagtails = page_viewset_registry.as_view("workflow_action", page_id_kwarg="page_id")
    answer: HttpResponseBase = wagtails(request, page_id=page_id, action_name=action_name, task_state_id=task_state_id)
    return answer


def _draft(request: HttpRequest, pk: int) -> ArticlePage:
    """The latest draft of an article that the editor may change."""
    page = get_object_or_404(ArticlePage, pk=pk)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    article: ArticlePage = page.get_latest_revision_as_object()
    return article


def _results(request: HttpRequest) -> Any:
    """Results that this editor may know of: staff see what is computed, other editors what is published."""
    done = Result.objects.filter(status=Result.Status.DONE)
    return done if is_staff(request.user) else done.filter(published__isnull=False)


def _offer(round_: Round) -> Offer:
    result = result_of(round_)
    return Offer(
        slug=round_.slug,
        title=round_.title,
        synthetic=round_.synthetic,
        published=result is not None and result.published is not None,
        articles=[_written(article) for article in announcements(round_).values()],
    )


def _written(article: ArticlePage) -> Written:
    language = article.locale.language_code
    draft: ArticlePage = article.get_latest_revision_as_object()
    return Written(article.pk, draft.title, language, str(dict(settings.LANGUAGES)[language]), states(article, draft))


def states(article: ArticlePage, draft: ArticlePage) -> list[str]:
    """How far an article is, for people: several at once where readers have it and something else is under way."""
    held = is_held(draft)
    due = article.scheduled_revision.approved_go_live_at if article.scheduled_revision else None
    moment = partial(date_format, format="SHORT_DATETIME_FORMAT")
    said = [
        (is_public(article), pgettext("state of an article", "live")),
        (held, _("embargo until %(moment)s") % {"moment": moment(localtime(draft.embargo)) if held else ""}),
        (due, _("scheduled for %(moment)s") % {"moment": moment(localtime(due)) if due else ""}),
        (article.workflow_in_progress, pgettext("state of an article", "in review")),
    ]
    return [words for holds, words in said if holds] or [pgettext("state of an article", "draft")]


urlpatterns = [
    path("draft/", draft, name="draft"),
    path("figures/<int:pk>/", figures_of, name="figures"),
    path("figures/<int:pk>/known/", known, name="known"),
]
