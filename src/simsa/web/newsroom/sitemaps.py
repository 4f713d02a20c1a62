"""Sitemaps (sitemaps.org): pages, articles and rounds with their translations, and the news of the last two days.

`/sitemap.xml` names the parts; a part of more than `MOST` addresses is split. The news sitemap has the form that
search engines ask of newsrooms (namespace sitemap-news/0.9: at most 1,000 articles of two days).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from wagtail.models import Page

from simsa.web.newsroom import publisher
from simsa.web.newsroom.characters import without_controls
from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.models import ArticlePage, HomePage, SectionPage, published_rounds
from simsa.web.public import public_page

MOST = 50_000
"""Addresses in one file: the limit of the protocol."""
MOST_NEWS = 1_000
RECENT = timedelta(days=2)
XML = "application/xml"
# Of a translation: its address, and whether it has one yet.
NEEDED = ("url_path", "translation_key", "locale__language_code", "live", "embargo")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
# Pages under a language that stand in no table; one of a room that is not installed is left out.
PAGES = ("method", "awards:index", "newsroom:index", "newsroom:archive", "newsroom:imprint", "newsroom:privacy")


@dataclass(frozen=True)
class Entry:
    """One address: where, when it last changed, and the same page in every language (its own among them)."""

    location: str
    changed: date | datetime | None = None
    alternates: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A kind of page: all of its items, how a slice of them becomes entries, and when the latest of all changed."""

    items: Callable[[HttpRequest], Any]
    entries: Callable[[Any], list[Entry]]
    changed: Callable[[Any], Any]


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """Every file of every part, with the latest change in it."""
    files = []
    for name, part in PARTS.items():
        items = part.items(request)
        for number in _files(items).page_range:
            address = reverse("newsroom_data:sitemap", args=[name, number])
            files.append(Entry(publisher.absolute(address), part.changed(items)))
    return render(request, "newsroom/sitemap_index.xml", {"files": files}, content_type=XML)


@public_page
def sitemap(request: HttpRequest, part: str, number: int) -> HttpResponse:
    """One file of a part. Http404 for a part or a number that is not there."""
    if part not in PARTS:
        raise Http404("no such part")
    items = PARTS[part].items(request)
    files = _files(items)
    if number not in files.page_range:
        raise Http404("no such file")
    shown = PARTS[part].entries(files.page(number).object_list)
    return render(request, "newsroom/sitemap.xml", {"entries": shown}, content_type=XML)


@public_page
def news(request: HttpRequest) -> HttpResponse:
    """The newest articles in all languages; one that an embargo held back counts from its end."""
    since = timezone.now() - RECENT
    recent = public_articles().filter(Q(first_published_at__gte=since) | Q(embargo__gte=since))
    found = [
        {
            "location": publisher.absolute(article.address),
            "language": article.locale.language_code,
            "published": article.first_published_at,
            "title": without_controls(article.title),
        }
        for article in recent.select_related("locale")[:MOST_NEWS]
    ]
    context = {"articles": found, "publication": without_controls(publisher.name())}
    return render(request, "newsroom/news_sitemap.xml", context, content_type=XML)


def _files(items: Any) -> Paginator:
    return Paginator(items, MOST, allow_empty_first_page=False)


def _articles(request: HttpRequest) -> Any:
    return public_articles().select_related("locale").annotate(corrected=Max("corrections__at"))


def _article_entries(shown: Iterable[ArticlePage]) -> list[Entry]:
    """Translations are asked for once for all articles of a file."""
    addresses: dict[Any, dict[str, str]] = defaultdict(dict)
    for other in public_articles().select_related("locale").only(*NEEDED):
        addresses[other.translation_key][other.locale.language_code] = publisher.absolute(other.address)
    return [
        Entry(
            publisher.absolute(article.address),
            _newest(article.last_published_at, article.corrected, article.embargo),
            addresses[article.translation_key],
        )
        for article in shown
    ]


def _pages(request: HttpRequest) -> list[Entry]:
    """Front pages and sections of the editors, and the site's own pages."""
    written = Page.objects.live().public().type(HomePage, SectionPage).select_related("locale").order_by("path")
    found = [(page, publisher.absolute(page.get_url(request))) for page in written]
    addresses: dict[Any, dict[str, str]] = defaultdict(dict)
    for page, address in found:
        addresses[page.translation_key][page.locale.language_code] = address
    entries = [Entry(address, page.last_published_at, addresses[page.translation_key]) for page, address in found]
    for name in PAGES:
        there = _in_each_language(name)
        entries += [Entry(address, None, there) for address in there.values()]
    return entries


def _in_each_language(name: str) -> dict[str, str]:
    there = {}
    for code in LANGUAGES:
        with translation.override(code):
            try:
                there[code] = publisher.absolute(reverse(name))
            except NoReverseMatch:
                continue
    return there


def _rounds(request: HttpRequest) -> list[Entry]:
    """Rounds that any room publishes. Each language lists the same rounds in the same order."""
    told = {}
    for code in LANGUAGES:
        with translation.override(code):
            told[code] = published_rounds(request)
    entries = []
    for versions in zip(*told.values(), strict=True):
        there = {code: publisher.absolute(one.url) for code, one in zip(told, versions, strict=True)}
        entries += [Entry(there[code], one.published, there) for code, one in zip(told, versions, strict=True)]
    return entries


def _latest(entries: list[Entry]) -> Any:
    return _newest(*(entry.changed for entry in entries))


def _latest_article(found: Any) -> Any:
    return _newest(*found.order_by().aggregate(Max("last_published_at"), Max("embargo"), Max("corrected")).values())


def _newest(*moments: Any) -> Any:
    return max((moment for moment in moments if moment), default=None)


PARTS = {
    "pages": Part(_pages, list, _latest),
    "articles": Part(_articles, _article_entries, _latest_article),
    "rounds": Part(_rounds, list, _latest),
}
