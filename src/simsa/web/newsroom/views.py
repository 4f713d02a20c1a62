"""Pages of the newsroom that are no Wagtail pages: authors, tags, archive, imprint, privacy."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.views import serve as wagtail_serve

from simsa.web.newsroom import publisher
from simsa.web.newsroom.embargo import open_only, public_articles
from simsa.web.newsroom.lists import PER_PAGE, articles_of, days, sections
from simsa.web.newsroom.models import Author, HomePage
from simsa.web.newsroom.previews import card as drawn
from simsa.web.newsroom.reading import at
from simsa.web.newsroom.search.queries import MOST_LETTERS, search
from simsa.web.public import public_page


@public_page
def front(request: HttpRequest) -> HttpResponseBase:
    """The front page by one question to the database, where Wagtail asks five; else Wagtail's answer."""
    found = open_only(HomePage.objects.live().filter(locale__language_code=get_language() or "ko"))
    pages = list(found.select_related("locale")[:2])
    if len(pages) != 1:  # of several sites in one language Wagtail knows which is asked for
        return wagtail_serve(request, "")
    return pages[0].serve(request)


@public_page
def news(request: HttpRequest) -> HttpResponse:
    """Every article, newest first; `?section=` and `?region=` limit the list. Http404 for one that there is not."""
    offered, slug = list(sections()), request.GET.get("section") or None
    section = next((one for one in offered if one.slug == slug), None)
    if slug is not None and section is None:
        raise Http404("no such section")
    context = articles_of(request, section=section) | {"sections": offered}
    parts = (_("News"), section and section.title, context["region"])
    return render(request, "newsroom/list.html", context | {"title": " · ".join(filter(None, parts))})


@public_page
def article(request: HttpRequest, section: str, slug: str) -> HttpResponseBase:
    """An article by one question to the database, where Wagtail asks for every page above it; else Wagtail's answer."""
    one = at(get_language() or "ko", section, slug)
    return wagtail_serve(request, f"{section}/{slug}/") if one is None else one.serve(request)


@public_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Author, slug=slug)
    context = articles_of(request, author=found)
    if not context["total"]:
        raise Http404("has written nothing that is public")  # an author of embargoed articles alone is not told
    return render(request, "newsroom/author.html", context | {"author": found})


@public_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Tag, slug=slug)
    context = articles_of(request, tag=slug)
    if not context["total"]:
        raise Http404("nothing public has this tag")
    return render(request, "newsroom/list.html", context | {"title": f"#{found.name}"})


@public_page
def archive(
    request: HttpRequest, year: int | None = None, month: int | None = None, day: int | None = None
) -> HttpResponse:
    context = articles_of(request, year=year, month=month, day=day)
    if year is not None and not context["total"]:
        raise Http404("nothing was published then")
    offered = [] if day is not None else days(year, month)
    return render(
        request, "newsroom/archive.html", context | {"year": year, "month": month, "day": day, "days": offered}
    )


@public_page
def search_page(request: HttpRequest) -> HttpResponse:
    """`?q=` in the language of the page."""
    query = request.GET.get("q", "").strip()[:MOST_LETTERS]
    found = search(query, get_language() or "ko")
    shown = Paginator(found.articles, PER_PAGE).get_page(request.GET.get("page"))
    results = [(one, found.marked(one.title), found.excerpt(one.searched.plain)) for one in shown]
    context = {"query": query, "shown": shown, "results": results, "total": shown.paginator.count}
    return render(request, "newsroom/search.html", context)


@public_page
def imprint(request: HttpRequest) -> HttpResponse:
    return render(request, "newsroom/imprint.html", {"imprint": publisher.imprint()})


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "newsroom/privacy.html", {"imprint": publisher.imprint()})


@public_page
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture that other sites show beside a link to an article, as PNG."""
    article = get_object_or_404(public_articles(), pk=pk)
    return HttpResponse(drawn(article), content_type="image/png")
