"""Pictures that other sites show beside a link: the lead picture in three ratios, and a card with the headline.

The card is 1200 x 630 pixels, drawn from headline, dateline and the name of the publication, in the site's typeface.
It is drawn when it is first asked for and then taken from the cache; its address says which version it is.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Prefetch
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from simsa.web.newsroom import publisher
from simsa.web.newsroom.models import ArticlePage, NewsRendition

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

WIDE = "fill-1200x675|format-jpeg"
RATIOS = (WIDE, "fill-1200x900|format-jpeg", "fill-1200x1200|format-jpeg")
"""16:9, 4:3 and 1:1 for search engines; the first one also goes with feeds."""

CARD = (1200, 630)
MARGIN = 84
WIDTH = CARD[0] - 2 * MARGIN
INK, SOFT, PAPER, ACCENT = "#16211f", "#5b6765", "#fbfcfb", "#0b6e5f"
SIZES = ((76, 3), (64, 4), (54, 4))
"""Pixels of the headline and how many lines then fit; the largest that the headline fits into is taken."""
KEPT = 24 * 60 * 60
FONTS = Path(__file__).parent / "press/fonts"


def with_previews(articles: PageQuerySet[ArticlePage]) -> PageQuerySet[ArticlePage]:
    """With what the lead pictures of a list need, asked for once."""
    made = NewsRendition.objects.filter(filter_spec__in=RATIOS)
    return articles.prefetch_related(Prefetch("lead_picture__renditions", made, to_attr="prefetched_renditions"))


def card_address(article: ArticlePage) -> str:
    """The public address of an article's card; another one as soon as the card looks different."""
    return publisher.absolute(f"{reverse('newsroom_data:card', args=[article.pk])}?v={_version(*_words(article))}")


def card(article: ArticlePage) -> bytes:
    """The card as PNG. The caller has seen to it that the article is public."""
    words = _words(article)
    key = f"newsroom.card.{_version(*words)}"
    drawn: bytes | None = cache.get(key)
    if drawn is None:
        drawn = draw(*words)
        cache.set(key, drawn, KEPT)
    return drawn


def draw(headline: str, dateline: str, publication: str) -> bytes:
    """A card with these words as PNG. A headline with letters that the typeface lacks is left out as a whole."""
    picture = Image.new("RGB", CARD, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 20, CARD[1]), fill=ACCENT)
    size, lines = _fitted(headline if can_write(headline) else publication)
    top = MARGIN
    if dateline and can_write(dateline):
        pen.text((MARGIN, top), f"[{dateline}]", SOFT, _font("regular", 34), anchor="lt")
        top += 70
    for line in lines:
        pen.text((MARGIN, top), line, INK, _font("bold", size), anchor="la")
        top += round(size * 1.3)
    pen.line((MARGIN, CARD[1] - 130, CARD[0] - MARGIN, CARD[1] - 130), fill="#dfe5e3", width=2)
    pen.text((MARGIN, CARD[1] - MARGIN), publication, ACCENT, _font("bold", 38), anchor="ls")
    data = io.BytesIO()
    picture.quantize(64).save(data, "PNG", optimize=True)
    return data.getvalue()


def can_write(text: str) -> bool:
    """Whether the typeface has every letter."""
    return all(_has(letter) for letter in text)


def _words(article: ArticlePage) -> tuple[str, str, str]:
    return article.title, article.dateline, publisher.name()


def _version(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def _fitted(text: str) -> tuple[int, list[str]]:
    """The largest size in which the text fits, and its lines; what fits in none ends in an ellipsis."""
    for size, most in SIZES:
        lines = _broken(text, size)
        if len(lines) <= most:
            return size, lines
    lines = lines[:most]
    while _font("bold", size).getlength(f"{lines[-1]}…") > WIDTH:
        lines[-1] = lines[-1][:-1]
    return size, [*lines[:-1], f"{lines[-1].rstrip()}…"]


def _broken(text: str, size: int) -> list[str]:
    """Lines of whole words; a word that is wider than a line is cut."""
    font, lines = _font("bold", size), [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= WIDTH:
            lines[-1] = joined
            continue
        lines += [word] if lines[-1] else []
        lines[-1] = word
        while font.getlength(lines[-1]) > WIDTH:
            fitting = next(n for n in range(len(lines[-1]), 0, -1) if font.getlength(lines[-1][:n]) <= WIDTH)
            lines[-1:] = [lines[-1][:fitting], lines[-1][fitting:]]
    return lines


@lru_cache(maxsize=8)
def _font(style: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"simsa-sans-{style}.ttf", size)


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    """Whether a letter looks other than one that no typeface has."""
    font = _font("bold", 16)
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask("\U0010ffff"))
