"""Pictures that other sites show beside a link: the lead picture in three ratios, and a card with the headline.

The card is 1200 x 630 pixels, drawn from headline, dateline and the name of the publication, in the site's typeface.
It is drawn when it is first asked for and then taken from the cache; its address says which version it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from simsa.web.newsroom import publisher
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.renditions import lead_pictures
from simsa.web.typeface import FILES, FONTS, face, without_lacking

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


def with_previews(articles: PageQuerySet[ArticlePage]) -> PageQuerySet[ArticlePage]:
    """With what the lead pictures of a list need, asked for once."""
    return articles.prefetch_related(lead_pictures(*RATIOS))


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
    """A card with these words as PNG, without letters that the typeface lacks; the publication where none is left."""
    headline, dateline, publication = map(without_lacking, (headline, dateline, publication))
    picture = Image.new("RGB", CARD, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 20, CARD[1]), fill=ACCENT)
    size, lines = _fitted(headline or publication)
    top = MARGIN
    if dateline:
        _write(pen, top + _ascent("regular", 34), f"[{dateline}]", SOFT, "regular", 34)
        top += 70
    for line in lines:
        _write(pen, top + _ascent("bold", size), line, INK, "bold", size)
        top += round(size * 1.3)
    pen.line((MARGIN, CARD[1] - 130, CARD[0] - MARGIN, CARD[1] - 130), fill="#dfe5e3", width=2)
    _write(pen, CARD[1] - MARGIN, publication, ACCENT, "bold", 38)
    data = io.BytesIO()
    picture.quantize(64).save(data, "PNG", optimize=True)
    return data.getvalue()


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
    while _length(f"{lines[-1]}…", size) > WIDTH:
        lines[-1] = lines[-1][:-1]
    return size, [*lines[:-1], f"{lines[-1].rstrip()}…"]


def _broken(text: str, size: int) -> list[str]:
    """Lines of whole words; a word that is wider than a line is cut."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if _length(joined, size) <= WIDTH:
            lines[-1] = joined
            continue
        lines += [word] if lines[-1] else []
        lines[-1] = word
        while _length(lines[-1], size) > WIDTH:
            fitting = next(n for n in range(len(lines[-1]), 0, -1) if _length(lines[-1][:n], size) <= WIDTH)
            lines[-1:] = [lines[-1][:fitting], lines[-1][fitting:]]
    return lines


def _write(pen: ImageDraw.ImageDraw, base: int, text: str, colour: str, weight: str, size: int) -> None:
    """A line of text on its base, each letter from the file that has it."""
    at = float(MARGIN)
    for name, letters in _pieces(text, weight):
        font = _font(name, size)
        pen.text((at, base), letters, colour, font, anchor="ls")
        at += font.getlength(letters)


def _length(text: str, size: int) -> float:
    return sum(_font(name, size).getlength(letters) for name, letters in _pieces(text, "bold"))


def _pieces(text: str, weight: str) -> Iterator[tuple[str, str]]:
    """A text as pieces that are set from one file each."""
    for name, letters in groupby(text, key=lambda letter: face(letter, weight)):
        yield name or FILES[weight][0], "".join(letters)


def _ascent(weight: str, size: int) -> int:
    return _font(FILES[weight][0], size).getmetrics()[0]


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, size)
