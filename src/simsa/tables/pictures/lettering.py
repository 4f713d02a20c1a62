"""How wide texts are, and where they break: a picture has no layout engine to ask."""

from __future__ import annotations

import re

TEXT = 12.5


def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """About how wide a text is in a sans-serif typeface of `size`; a little more rather than less."""
    ems = sum(_EMS.get(_kind(letter), 0.6) for letter in text)
    return ems * size * (1.05 if bold else 1.0)


def wrapped(text: str, width: float, size: float = TEXT, *, bold: bool = False, keep_end: bool = False) -> list[str]:
    """`text` on one line or two, broken at a space or slash; what still does not fit is cut with `…`.

    With `keep_end` the cut is in the middle, for names that differ at their end.
    """
    if text_width(text, size, bold) <= width:
        return [text]
    breaks = [found.end() for found in re.finditer(r"[ /·,]+", text)]
    fitting = [at for at in breaks if text_width(text[:at].rstrip(), size, bold) <= width]
    if not fitting:
        return [cut(text, width, size, bold)]
    first, rest = text[: fitting[-1]].rstrip(), text[fitting[-1] :]
    return [first, cut(rest[::-1], width, size, bold)[::-1] if keep_end else cut(rest, width, size, bold)]


# Widths of kinds of letters in ems.
_EMS = {"wide": 0.92, "upper": 0.69, "digit": 0.6, "narrow": 0.3, "lower": 0.555}


def _kind(letter: str) -> str:
    if ord(letter) > 0x2E80:
        return "wide"
    if letter in " .,:;'|ijlI()[]-·/":
        return "narrow"
    if letter.isdigit():
        return "digit"
    return "upper" if letter.isupper() else "lower"


def cut(text: str, width: float, size: float = TEXT, bold: bool = False) -> str:
    """As much of a text as fits into one line, ended by `…` where something is left out."""
    if text_width(text, size, bold) <= width:
        return text
    while text and text_width(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
