"""PDF to pictures and words, by PDFium."""

from __future__ import annotations

import math
from typing import Any

import pypdfium2

from simsa.web.entries.evidence.previews.making import Preview

MOST_DOTS = 4.0
"""Pixels for a point (1/72 inch): small pages are not blown up more."""
TALLEST = 4
"""Times as tall as pages are wide; taller ones are shown narrower."""


def show(data: bytes, made: Preview, *, words: bool) -> None:
    """Add its pages; its words, too, where they are not known from elsewhere."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        made.note("no_preview")
        return
    try:
        document.init_forms()
        for number in range(len(document)):
            if made.is_full and not words:
                made.note("pages_cut", str(made.limits.shown))
                return
            _page(document, number, made, words=words)
    finally:
        document.close()


def _page(document: Any, number: int, made: Preview, *, words: bool) -> None:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        made.note("no_preview")
        return
    text = _words(page)
    if words:
        made.say(f"{text}\n")
    if made.is_full:
        made.note("pages_cut", str(made.limits.shown))
        return
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        made.note("no_preview")
        return
    scale = min(MOST_DOTS, made.limits.page_width / width, made.limits.page_width * TALLEST / height)
    if not 1 <= min(width, height) * scale < math.inf:
        made.note("no_preview")
        return
    picture = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True, prefer_bgrx=True).to_pil()
    made.add(picture.convert("RGB"), text)
    page.close()


def _words(page: Any) -> str:
    try:
        read = page.get_textpage()
        text: str = read.get_text_bounded(errors="replace")
        read.close()
    except (pypdfium2.PdfiumError, ValueError):
        return ""
    return without_gaps(text)


def without_gaps(text: str) -> str:
    """Without what is no letter: controls, halves of characters, letters without a meaning."""
    kept = "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text.replace("\r\n", "\n"))
    return "\n".join(line.rstrip() for line in kept.split("\n"))
