"""RSS 2.0 and Atom: the newest articles of everything, a section, a region, an author or a tag, in one language."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, SyndicationFeed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from taggit.models import Tag

from simsa.web.newsroom import publisher
from simsa.web.newsroom.characters import without_controls
from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.lists import Wanted, articles, sections
from simsa.web.newsroom.models import ArticlePage, Author
from simsa.web.newsroom.press.sheet import words_of
from simsa.web.newsroom.previews import WIDE, with_previews
from simsa.web.newsroom.regions import regions
from simsa.web.newsroom.renditions import made
from simsa.web.public import public_page

NEWEST = 30
"""Articles in a feed; readers fetch it more often than so many are written."""


@dataclass(frozen=True)
class Channel:
    """What a feed is about: its title, the page that shows the same, and what its articles are limited to."""

    title: str
    url: str
    wanted: Wanted


def everything() -> Channel:
    return Channel(_("News"), reverse("newsroom:index"), Wanted())


def of_section(slug: str) -> Channel:
    found = get_object_or_404(sections(), slug=slug)
    return Channel(found.title, found.get_url(), Wanted(section=found))


def of_region(code: str) -> Channel:
    """Http404 unless `code` is that of an upper-level government."""
    name = regions(get_language() or "ko").get(code)
    if name is None:
        raise Http404("no such region")
    return Channel(name, f"{reverse('newsroom:index')}?region={code}", Wanted(region=code))


def of_author(slug: str) -> Channel:
    """Http404 for an author of whom nothing is public, as on the author's page."""
    found = get_object_or_404(Author, slug=slug)
    return _told(Channel(found.name, found.get_absolute_url(), Wanted(author=found)))


def of_tag(slug: str) -> Channel:
    found = get_object_or_404(Tag, slug=slug)
    return _told(Channel(f"#{found.name}", reverse("newsroom:tag", args=[slug]), Wanted(tag=slug)))


def feed(channel: Callable[..., Channel], form: type[SyndicationFeed]) -> Callable[..., HttpResponseBase]:
    """A view that answers with a feed."""
    return public_page(_News(channel, form))


class _News(Feed):
    def __init__(self, channel: Callable[..., Channel], form: type[SyndicationFeed]) -> None:
        self.channel = channel
        self.feed_type = form

    def get_object(self, request: HttpRequest, **address: Any) -> tuple[Channel, str]:
        return self.channel(**address), request.path

    def title(self, shown: tuple[Channel, str]) -> str:
        return without_controls(f"{shown[0].title} · {publisher.name()}")

    def subtitle(self, shown: tuple[Channel, str]) -> str:
        return self.description(shown)

    def description(self, shown: tuple[Channel, str]) -> str:
        return without_controls(_("The newest articles: %(what)s") % {"what": shown[0].title})

    def author_name(self, shown: tuple[Channel, str]) -> str:
        """Atom asks for an author of the feed where an entry has none."""
        return without_controls(publisher.name())

    def link(self, shown: tuple[Channel, str]) -> str:
        return publisher.absolute(shown[0].url)

    def feed_url(self, shown: tuple[Channel, str]) -> str:
        return publisher.absolute(shown[1])

    def items(self, shown: tuple[Channel, str]) -> list[ArticlePage]:
        found = with_previews(articles(shown[0].wanted)).prefetch_related("tags", "authors__author")
        newest = list(found[:NEWEST])
        untold = [article.pk for article in newest if not _told_above(article)]
        texts = public_articles().only("body").in_bulk(untold) if untold else {}
        for article in newest:
            article.beginning = _beginning(texts[article.pk]) if article.pk in texts else ""
        return newest

    def item_title(self, article: ArticlePage) -> str:
        return without_controls(article.title)

    def item_description(self, article: ArticlePage) -> str | None:
        """None, and so no element, where the article says nothing but its title."""
        return without_controls(_told_above(article) or article.beginning) or None

    def item_link(self, article: ArticlePage) -> str:
        return publisher.absolute(article.address)

    def item_guid(self, article: ArticlePage) -> str:
        """The same for ever, also when the address changes; each language has its own."""
        return f"urn:uuid:{uuid5(article.translation_key, article.locale.language_code)}"

    item_guid_is_permalink = False

    def item_author_name(self, article: ArticlePage) -> str | None:
        return without_controls(", ".join(line.author.name for line in article.authors.all())) or None

    def item_pubdate(self, article: ArticlePage) -> datetime:
        return article.first_published_at

    def item_updateddate(self, article: ArticlePage) -> datetime | None:
        """The end of an embargo changes a feed as much as a publication does."""
        return max((moment for moment in (article.last_published_at, article.embargo) if moment), default=None)

    def item_categories(self, article: ArticlePage) -> list[str]:
        region = regions(article.locale.language_code).get(article.region)
        return [*([region] if region else []), *(without_controls(tag.name) for tag in article.tags.all())]

    def item_enclosures(self, article: ArticlePage) -> list[Enclosure]:
        if article.lead_picture is None:
            return []
        found = []
        for one in made(article.lead_picture, (WIDE,)).values():
            with suppress(OSError):  # a file that is lost
                found.append(Enclosure(publisher.absolute(one.url), str(one.file.size), "image/jpeg"))
        return found


def _told_above(article: ArticlePage) -> str:
    """What stands above the text."""
    return "\n".join(line.value for line in article.subheads) or str(article.search_description)


def _beginning(article: ArticlePage) -> str:
    """The first paragraph of the text."""
    sources = (block.value.source for block in article.body if block.block_type == "paragraph")
    paragraphs = (paragraph for source in sources for paragraph in words_of(source))
    return next(("".join(run.text for run in paragraph.runs).strip() for paragraph in paragraphs), "")


def _told(channel: Channel) -> Channel:
    if not articles(channel.wanted).exists():
        raise Http404("nothing public")
    return channel
