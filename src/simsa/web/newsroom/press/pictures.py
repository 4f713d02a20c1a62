"""Pictures as the press can use them: photographs as JPEG, drawings as PNG where SVG is not read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import typst
from PIL import Image
from wagtail.images.models import Filter

from simsa.web.typeface import FONTS, with_stand_ins

if TYPE_CHECKING:
    from simsa.web.newsroom.models import NewsPicture

SENT = "width-1600|format-jpeg|jpegquality-85"
"""Wide enough for a page of a newspaper's web site and for an office document."""

DOTS = 200
"""Dots per inch of a drawing as PNG, one CSS pixel being 1/96 inch."""


def jpeg(picture: NewsPicture) -> bytes | None:
    """A picture without what a camera wrote into it; where its file is lost, the widest of those made of it if any."""
    with suppress(OSError), picture.get_rendition(SENT).file.open("rb") as source:
        return bytes(source.read())
    with suppress(OSError):
        made = io.BytesIO()
        Filter(SENT).run(picture, made)
        return made.getvalue()
    for name in _made_of(picture):
        with suppress(OSError), picture.file.storage.open(name) as source, Image.open(source) as opened:
            made = io.BytesIO()
            opened.convert("RGB").save(made, "JPEG", quality=85)
            return made.getvalue()
    return None


def is_there(picture: NewsPicture) -> bool:
    """Whether there is a file of a picture, be it one that was made of it."""
    names = [picture.file.name, *_made_of(picture)]
    return any(picture.file.storage.exists(name) for name in names)


def _made_of(picture: NewsPicture) -> Iterator[str]:
    """The files that show the whole of a picture, widest first."""
    yield from (
        picture.renditions.filter(filter_spec__startswith="width-").order_by("-width").values_list("file", flat=True)
    )


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
    return with_stand_ins(svg.replace("Pretendard,", "'Simsa Sans', 'Simsa Hanja', 'Simsa Rest', Pretendard,", 1))
