"""What stands on the front page: the lead story, second stories, then each section's newest; no article twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Window, prefetch_related_objects
from django.db.models.functions import RowNumber, Substr
from wagtail.models import Page

from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.lists import Wanted, articles, sections
from simsa.web.newsroom.regions import regions, short_names
from simsa.web.newsroom.renditions import SHOWN, THUMB, lead_pictures

if TYPE_CHECKING:
    from simsa.web.newsroom.models import ArticlePage, HomePage, SectionPage

SECONDS = 4
SECONDS_OF_FEW = 2
FEW = 9
"""With no more articles than this there are fewer second stories, so that something is left for the sections."""
PER_SECTION = 4
ARTICLE_DEPTH = 4
"""Root, front page, section, article: the path of a page is its section's path and one step."""


@dataclass(frozen=True)
class Story:
    """An article and its section; None where the section is not public."""

    article: ArticlePage
    section: SectionPage | None


@dataclass(frozen=True)
class Block:
    """A section with its newest articles that do not stand above."""

    section: SectionPage
    articles: tuple[ArticlePage, ...]


@dataclass(frozen=True)
class Region:
    """One of the 17 regions, and how many articles there are about it."""

    code: str
    name: str
    label: str
    count: int

    @property
    def tile(self) -> str:
        """Names its place on the map of tiles (see news.css)."""
        return f"r{self.code[:2]}"


@dataclass(frozen=True)
class Front:
    """The front page of one language, in the order in which it is read."""

    lead: Story | None
    seconds: tuple[Story, ...]
    blocks: tuple[Block, ...]
    sections: tuple[SectionPage, ...]
    regions: tuple[Region, ...]


def front(home: HomePage) -> Front:
    """Four questions to the database, however many articles there are; two where there is none."""
    language = home.locale.language_code
    found = _newest(language)
    offered = tuple(sections(language))
    if not found:
        return Front(None, (), (), offered, ())
    count = SECONDS if len(found) > FEW else SECONDS_OF_FEW
    top, rest = found[: 1 + count], found[1 + count :]
    under = {section.path: section for section in offered}
    stories = [Story(article, under.get(_above(article))) for article in top]
    blocks = tuple(_blocks(offered, rest))
    shown = [*top, *(article for block in blocks for article in block.articles)]
    prefetch_related_objects(shown, lead_pictures(*SHOWN, *THUMB))
    return Front(stories[0], tuple(stories[1:]), blocks, offered, _regions(language))


def _newest(language: str) -> list[ArticlePage]:
    """As many articles of each section as could stand on the page, all together the newest first."""
    place = Window(
        RowNumber(),
        partition_by=Substr("path", 1, (ARTICLE_DEPTH - 1) * Page.steplen),
        order_by=[F("first_published_at").desc(), F("pk").desc()],
    )
    ranked = public_articles().filter(locale__language_code=language).annotate(place=place)
    enough = ranked.filter(place__lte=1 + SECONDS + PER_SECTION).order_by().values("pk")
    return list(articles(Wanted(), language).filter(pk__in=enough))


def _blocks(offered: tuple[SectionPage, ...], rest: list[ArticlePage]) -> Iterator[Block]:
    for section in offered:
        told = tuple(article for article in rest if _above(article) == section.path)[:PER_SECTION]
        if told:
            yield Block(section, told)


def _above(article: ArticlePage) -> str:
    return article.path[: -article.steplen]


def _regions(language: str) -> tuple[Region, ...]:
    """All 17; empty where no article is about any of them."""
    about = public_articles().filter(locale__language_code=language).exclude(region="").order_by()
    counts = dict(about.values_list("region").annotate(Count("pk")))
    short = short_names(language)
    told = tuple(Region(code, name, short[code], counts.get(code, 0)) for code, name in regions(language).items())
    return told if any(region.count for region in told) else ()
