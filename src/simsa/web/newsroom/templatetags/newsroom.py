"""Tags of the newsroom: pictures in the sizes that a page needs, and what an article says of itself."""

from __future__ import annotations

from typing import Any

from django import template

from simsa.web.newsroom import metadata, publisher, sharing
from simsa.web.newsroom.models import ArticlePage, NewsPicture, NewsRendition
from simsa.web.newsroom.renditions import KINDS, PLAIN, SHOWN, THUMB, made, plain

register = template.Library()

SIZES = "(min-width: 46rem) 42rem, 100vw"
"""How wide a picture stands in the text."""


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
        "sources": [(f"image/{kind}", widths) for kind in KINDS if (widths := _widths(found, kind))],
        "shown": found.get(PLAIN) or plain(picture),
        "sizes": SIZES,
    }


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
