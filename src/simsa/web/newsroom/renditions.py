"""The sizes and formats in which pages show a picture.

They are made beforehand, by a task (`tasks.make_renditions`), whenever a picture is saved or an article with it is
published. A page never waits for them: it shows what is there, and asks for what is missing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import transaction
from django.db.models import Prefetch
from wagtail.images.models import Filter, SourceImageIOError

from simsa.web.newsroom.models import NewsPicture, NewsRendition

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from simsa.web.newsroom.models import ArticlePage

WIDTHS = (480, 800, 1200)
"""Pixels: a phone, a phone of twice the density or a column, a wide screen of twice the density."""
KINDS = ("avif", "webp")
SHOWN = tuple(f"width-{width}|format-{kind}" for kind in KINDS for width in WIDTHS)
PLAIN = f"width-{WIDTHS[1]}|format-webp"
"""What every browser can show."""
THUMB = tuple(f"fill-240x160|format-{kind}" for kind in KINDS)
"""Cut around the focal point."""
ASKED_AGAIN = 10 * 60
"""Seconds after which what is still missing is asked for once more."""


def made(picture: NewsPicture, specs: tuple[str, ...]) -> dict[str, NewsRendition]:
    """Those of the renditions that are there, by what they are, in the order asked for; the others are being made."""
    found = picture.find_existing_renditions(*map(_filter, specs))
    fresh = [one for one in found.values() if not getattr(one, "_from_cache", False)]
    for one in fresh:
        one._from_cache = True  # Wagtail's own mark, kept with it
    if fresh:
        NewsRendition.cache_backend.set_many({one.get_cache_key(): one for one in fresh})
    if len(found) < len(specs) and cache.add(f"newsroom.renditions.{picture.pk}", True, ASKED_AGAIN):
        ask_for(picture.pk)
    return {spec: found[wanted] for spec in specs if (wanted := _filter(spec)) in found}


@lru_cache
def _filter(spec: str) -> Filter:
    """It takes longer to read what a filter says than to find a rendition."""
    return Filter(spec)


def plain(picture: NewsPicture) -> NewsRendition | None:
    """The one that a page cannot do without, made at once if need be; None where the file of the picture is gone."""
    try:
        return picture.get_rendition(PLAIN)
    except (SourceImageIOError, OSError):
        return None


def ask_for(picture: int) -> None:
    """Have all renditions of a picture made, once the transaction is through."""
    from simsa.web.newsroom.tasks import make_renditions  # noqa: PLC0415 (the task makes what is told here)

    transaction.on_commit(lambda: make_renditions.enqueue(picture))


def lead_pictures(*specs: str) -> Prefetch:
    """The lead pictures of articles in these sizes, for one question about all of them."""
    made = NewsRendition.objects.filter(filter_spec__in=specs)
    return Prefetch("lead_picture__renditions", made, to_attr="prefetched_renditions")


def with_thumbs(articles: PageQuerySet[ArticlePage]) -> PageQuerySet[ArticlePage]:
    """With the small lead pictures of a list, asked for once."""
    return articles.prefetch_related(lead_pictures(*THUMB))
