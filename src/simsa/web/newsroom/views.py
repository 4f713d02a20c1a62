"""Pages of the newsroom that are no Wagtail pages: authors, tags, archive, imprint, privacy."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.models import Site

from simsa.tables import korea
from simsa.web.newsroom.lists import articles_of, days
from simsa.web.newsroom.models import Author, Imprint
from simsa.web.public import public_page


@public_page
def news(request: HttpRequest) -> HttpResponse:
    """Every article, newest first; `?region=` limits the list."""
    return _listed(request, _("News"))


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
def imprint(request: HttpRequest) -> HttpResponse:
    return render(request, "newsroom/imprint.html", {"imprint": _imprint(request)})


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "newsroom/privacy.html", {"imprint": _imprint(request)})


def _listed(request: HttpRequest, title: str) -> HttpResponse:
    context = articles_of(request)
    regions = [(one.code, one.name(request.LANGUAGE_CODE)) for one in korea.governments() if one.is_region]  # type: ignore[attr-defined]
    return render(request, "newsroom/list.html", context | {"title": title, "regions": regions})


def _imprint(request: HttpRequest) -> Imprint:
    site = Site.find_for_request(request) or Site.objects.get(is_default_site=True)
    return Imprint.for_site(site)
