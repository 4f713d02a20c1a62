"""Tags of the newsroom: pictures in the sizes that a page needs, and addresses of articles."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import RequestContext

from simsa.web.newsroom.models import ArticlePage, NewsPicture, SectionPage

register = template.Library()

WIDTHS = (480, 800, 1200)
"""Pixels: a phone, a phone of twice the density or a column, a wide screen of twice the density."""
SHOWN = "(min-width: 46rem) 42rem, 100vw"


@register.inclusion_tag("newsroom/picture.html")
def news_picture(picture: NewsPicture, alt: str, caption: str = "", first: bool = False) -> dict[str, Any]:
    """A picture with caption and credit, as AVIF and WebP in three widths; `first` loads at once, others when near."""
    specs = [f"width-{width}|format-{kind}" for kind in ("avif", "webp") for width in WIDTHS]
    made = picture.get_renditions(*specs)
    sources = {
        kind: ", ".join(f"{made[spec].url} {made[spec].width}w" for spec in specs if spec.endswith(kind))
        for kind in ("avif", "webp")
    }
    shown = made[f"width-{WIDTHS[1]}|format-webp"]
    return {
        "picture": picture,
        "alt": alt,
        "caption": caption,
        "first": first,
        "avif": sources["avif"],
        "webp": sources["webp"],
        "shown": shown,
        "sizes": SHOWN,
    }


@register.inclusion_tag("newsroom/thumb.html")
def news_thumb(picture: NewsPicture) -> dict[str, Any]:
    """A small picture beside a headline that says everything: it has no words of its own."""
    made = picture.get_renditions("fill-240x160|format-avif", "fill-240x160|format-webp")
    return {"avif": made["fill-240x160|format-avif"], "webp": made["fill-240x160|format-webp"]}


@register.simple_tag(takes_context=True)
def article_url(context: RequestContext, article: ArticlePage) -> str:
    return str(article.get_url(context.get("request")))


@register.simple_tag(takes_context=True)
def news_trail(context: RequestContext, section: SectionPage) -> list[tuple[str, str]]:
    """What is above an article: its section."""
    return [(section.title, str(section.get_url(context.get("request"))))]
