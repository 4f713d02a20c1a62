"""Pictures as the press can use them: photographs as JPEG, drawings as PNG where SVG is not read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import typst

if TYPE_CHECKING:
    from simsa.web.newsroom.models import NewsPicture

SENT = "width-1600|format-jpeg|jpegquality-85"
"""Wide enough for a page of a newspaper's web site and for an office document."""

FONTS = Path(__file__).parent / "fonts"
DOTS = 200
"""Dots per inch of a drawing as PNG, one CSS pixel being 1/96 inch."""


def jpeg(picture: NewsPicture) -> bytes:
    """A picture without what a camera wrote into it."""
    with picture.get_rendition(SENT).file.open("rb") as source:
        return bytes(source.read())


def png(svg: str) -> bytes:
    """A drawing on white."""
    page = '#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("drawing.svg")\n'
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "drawing.svg").write_text(in_typeface(svg), encoding="utf-8")
        (folder / "page.typ").write_text(page, encoding="utf-8")
        made: Any = typst.compile(
            folder / "page.typ", root=folder, font_paths=[FONTS], ignore_system_fonts=True, format="png", ppi=DOTS
        )
    return bytes(made)


def in_typeface(svg: str) -> str:
    """A drawing whose words are set in the typeface of the page."""
    return svg.replace("Pretendard,", "'Simsa Sans', Pretendard,", 1)
