"""Tags for pages that show several articles: a story's picture in the width of its place."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entrant
from simsa.web.newsroom.models import NewsPicture
from simsa.web.newsroom.renditions import KINDS, PLAIN, SHOWN, made, plain

register = template.Library()

SIZES = {
    "lead": "(min-width: 70rem) 45rem, 100vw",
    "second": "(min-width: 70rem) 22rem, (min-width: 40rem) 50vw, 100vw",
}
"""How wide a picture stands in its place."""


@register.inclusion_tag("newsroom/story_picture.html")
def story_picture(picture: NewsPicture, place: str, alt: str = "") -> dict[str, Any]:
    """A story's picture, without caption. Only the lead's is waited for; others come once they are made."""
    found = made(picture, SHOWN)
    sources = {
        kind: ", ".join(f"{found[spec].url} {found[spec].width}w" for spec in SHOWN if spec in found and kind in spec)
        for kind in KINDS
    }
    first = place == "lead"
    return {
        "sources": [(f"image/{kind}", widths) for kind, widths in sources.items() if widths],
        "shown": found.get(PLAIN) or (plain(picture) if first else next(iter(found.values()), None)),
        "sizes": SIZES[place],
        "first": first,
        "alt": alt,
    }


@register.simple_tag
def all_news() -> list[tuple[str, str]]:
    """What is above a section: the list of all news."""
    return [(_("News"), reverse("newsroom:index"))]


@register.simple_tag
def entrant_name(entrant: Entrant) -> str:
    """In the language of the page."""
    return entrant.name(get_language() or "ko")
