"""Tags of the newsroom: pictures in the sizes that a page needs, and what an article says of itself."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from simsa.web.newsroom import metadata, publisher, sharing
from simsa.web.newsroom.models import ArticlePage, NewsPicture, NewsRendition
from simsa.web.newsroom.renditions import KINDS, PLAIN, SHOWN, THUMB, made, plain

register = template.Library()

SIZES = {
    "text": "(min-width: 46rem) 42rem, 100vw",
    "lead": "(min-width: 70rem) 45rem, 100vw",
    "second": "(min-width: 70rem) 22rem, (min-width: 40rem) 50vw, 100vw",
}
"""How wide a picture stands in its place: in a text, as the front page's lead story, as one of the second stories."""


@register.inclusion_tag("newsroom/picture.html")
def news_picture(picture: NewsPicture | None, alt: str, caption: str = "", first: bool = False) -> dict[str, Any]:
    """A picture with caption and credit, as AVIF and WebP in three widths; `first` loads at once, others when near.

    Nothing is shown of one that was deleted after it had been put into the text (None), or whose files are lost.
    """
    if picture is None:
        return {"shown": None}
    found = made(picture, SHOWN)
    return {
        "picture": picture,
        "alt": alt,
        "caption": caption,
        "first": first,
        "sources": _sources(found),
        "shown": found.get(PLAIN) or plain(picture),
        "sizes": SIZES["text"],
    }


@register.inclusion_tag("newsroom/story_picture.html")
def story_picture(picture: NewsPicture, place: str, alt: str = "") -> dict[str, Any]:
    """A story's picture, without caption. Only the lead's is waited for; others come once they are made."""
    found = made(picture, SHOWN)
    first = place == "lead"
    return {
        "sources": _sources(found),
        "shown": found.get(PLAIN) or (plain(picture) if first else next(iter(found.values()), None)),
        "sizes": SIZES[place],
        "first": first,
        "alt": alt,
    }


def _sources(found: dict[str, NewsRendition]) -> list[tuple[str, str]]:
    return [(f"image/{kind}", widths) for kind in KINDS if (widths := _widths(found, kind))]


def _widths(found: dict[str, NewsRendition], kind: str) -> str:
    """A picture that is narrower than some of the widths comes in fewer of them."""
    addresses = {one.width: one.url for spec, one in found.items() if spec.endswith(kind)}
    return ", ".join(f"{address} {width}w" for width, address in sorted(addresses.items()))


@register.inclusion_tag("newsroom/thumb.html")
def news_thumb(picture: NewsPicture | None) -> dict[str, Any]:
    """A small picture beside a headline that says everything: it has no words of its own."""
    if picture is None:
        return {}
    found = made(picture, THUMB)
    return dict(zip(KINDS, map(found.get, THUMB), strict=True))


@register.simple_tag
def all_news() -> list[tuple[str, str]]:
    """What is above a section: the list of all news."""
    return [(_("News"), reverse("newsroom:index"))]


@register.simple_tag
def news_trail(article: ArticlePage) -> list[tuple[str, str]]:
    """What is above an article: its section."""
    return [(article.section.title, article.section.url)]


@register.simple_tag
def machine_readable(article: ArticlePage) -> metadata.Told:
    """What an article says of itself to machines."""
    return metadata.told(article)


@register.simple_tag
def shares(article: ArticlePage) -> list[sharing.Service]:
    """Services that an article can be shared with."""
    return sharing.services(publisher.absolute(article.address), article.title)
