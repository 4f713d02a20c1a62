"""Lists of articles: the latest, a section's, an author's, a tag's, a region's, a day's; nothing that is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone, translation

from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.renditions import with_thumbs

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from simsa.web.newsroom.models import ArticlePage, Author, SectionPage

PER_PAGE = 20
LATEST = 12
LONG = ("body", "bound")
"""What no list shows of an article: it stays in the database."""


@dataclass(frozen=True)
class Wanted:
    """What a list is limited to; None where it is not."""

    section: SectionPage | None = None
    author: Author | None = None
    tag: str | None = None
    region: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None


def articles(wanted: Wanted, language: str | None = None) -> PageQuerySet[ArticlePage]:
    """Public articles in the language of the page, newest first. Http404 for a date that is none."""
    found = public_articles().filter(locale__language_code=language or translation.get_language() or "ko")
    if wanted.section is not None:
        found = found.child_of(wanted.section)
    if wanted.author is not None:
        found = found.filter(authors__author=wanted.author)
    if wanted.tag is not None:
        found = found.filter(tags__slug=wanted.tag)
    if wanted.region is not None:
        found = found.filter(region=wanted.region)
    if wanted.year is not None:
        found = found.filter(_within(wanted.year, wanted.month, wanted.day))
    return found.select_related("lead_picture", "locale").defer(*LONG)


def articles_of(request: HttpRequest, **limits: Any) -> dict[str, Any]:
    """One page of a list for a template: `articles` (a page of the paginator) and what it is limited to."""
    region = request.GET.get("region") or limits.pop("region", None)
    wanted = Wanted(**limits, region=region)
    shown = Paginator(with_thumbs(articles(wanted)), PER_PAGE).get_page(request.GET.get("page"))
    return {"articles": shown, "wanted": wanted, "total": shown.paginator.count}


def latest(limit: int = LATEST) -> list[ArticlePage]:
    """The newest articles."""
    return list(with_thumbs(articles(Wanted()))[:limit])


def days(year: int | None = None, month: int | None = None) -> list[date]:
    """The first days of years, months or days with articles, newest first: what an archive offers next."""
    step = "year" if year is None else "month" if month is None else "day"
    found = articles(Wanted(year=year, month=month)).order_by()
    moments = found.datetimes("first_published_at", step, order="DESC")
    return [timezone.localtime(moment).date() for moment in moments]


def _within(year: int, month: int | None, day: int | None) -> Q:
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Http404("no such day") from None
    wanted = Q(first_published_at__year=year)
    if month is not None:
        wanted &= Q(first_published_at__month=month)
    if day is not None:
        wanted &= Q(first_published_at__day=day)
    return wanted
