"""Lists of articles: the latest, a section's, an author's, a tag's, a region's, a day's; nothing that is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest
from django.utils import timezone, translation

from simsa.web.newsroom.embargo import open_only, public_articles
from simsa.web.newsroom.regions import regions
from simsa.web.newsroom.renditions import with_thumbs

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from simsa.web.newsroom.models import ArticlePage, Author, SectionPage

PER_PAGE = 20
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
    """Public articles in the language of the page, newest first. Http404 for a date that is none.

    `synthetic` of each says whether it is about a round of invented data.
    """
    found = public_articles().filter(locale__language_code=language or _language())
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
    found = found.annotate(synthetic=F("round__synthetic")).select_related("lead_picture", "locale").defer(*LONG)
    return found.distinct() if wanted.author or wanted.tag else found  # an author may stand in a byline twice


def articles_of(request: HttpRequest, **limits: Any) -> dict[str, Any]:
    """One page of a list for a template: `articles` (a page of the paginator) and what it is limited to.

    `?region=` limits every list; Http404 for a region that there is not.
    """
    region = request.GET.get("region") or None
    if region is not None and region not in regions(_language()):
        raise Http404("no such region")
    wanted = Wanted(**limits, region=region)
    shown = Paginator(with_thumbs(articles(wanted)), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "articles": shown,
        "wanted": wanted,
        "total": shown.paginator.count,
        "region": regions(_language()).get(region or "", ""),
        "regions": regions(_language()).items(),
    }


def sections(language: str | None = None) -> PageQuerySet[SectionPage]:
    """The sections of the newsroom that anybody may see, in the order of the editors."""
    from simsa.web.newsroom.models import SectionPage  # noqa: PLC0415 (a section lists its articles)

    found = SectionPage.objects.live().filter(locale__language_code=language or _language())
    return open_only(found).select_related("locale").order_by("path")


def days(year: int | None = None, month: int | None = None) -> list[date]:
    """The first days of years, months or days with articles, newest first: what an archive offers next."""
    step = "year" if year is None else "month" if month is None else "day"
    found = articles(Wanted(year=year, month=month)).order_by()
    moments = found.datetimes("first_published_at", step, order="DESC")
    return [timezone.localtime(moment).date() for moment in moments]


def _language() -> str:
    return translation.get_language() or "ko"


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
