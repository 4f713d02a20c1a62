"""Office documents to pages and words: read by the library for their form, set on pages by Typst.

The pages show words, tables and pictures in their order, not the looks of the document; so they say that they do.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from PIL import Image

from simsa.web.colours import in_srgb
from simsa.web.entries.evidence.forms.exif import UNREADABLE
from simsa.web.entries.evidence.kinds import Kind
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.previews import pdf
from simsa.web.entries.evidence.previews.flow import Drawn, NewPage, Part, Table, Words, as_text
from simsa.web.entries.evidence.previews.making import Preview
from simsa.web.entries.evidence.previews.reading import read_docx, read_hwpx, read_pptx, read_xlsx
from simsa.web.typeface import FONTS, with_stand_ins

TEMPLATE = Path(__file__).parent / "document.typ"
READERS: dict[Kind, Callable[[bytes, Limits], Iterator[Part]]] = {
    Kind.DOCX: read_docx,
    Kind.XLSX: read_xlsx,
    Kind.PPTX: read_pptx,
    Kind.HWPX: read_hwpx,
}
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
WIDEST = 16
"""Columns of a table that a page shows."""
PICTURES = 80
DOTS = 1600
"""Pixels of a picture on a page, at most, in either direction."""


def show(data: bytes, kind: Kind, made: Preview) -> None:
    """Add its pages and its words."""
    parts: list[Part] = []
    # These libraries raise whatever their insides raise. Nothing but a picture of the file depends on them.
    try:
        for part in READERS[kind](data, made.limits):
            parts.append(part)
            made.say(pdf.without_gaps(as_text(part)))
            if len(made.text) >= made.limits.letters:
                break
    except MemoryError:
        raise
    except Exception as error:
        made.note("no_preview", type(error).__name__)
    if not parts:
        return
    try:
        pages = _set(parts, made)
    except typst.TypstError:
        made.note("no_preview")
        return
    made.note("plain_preview")
    pdf.show(pages, made, words=False)


def _set(parts: list[Part], made: Preview) -> bytes:
    with TemporaryDirectory(dir=made.folder) as scratch:
        folder = Path(scratch)
        said = list(_within_limits(parts, folder, made))
        (folder / "document.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        (folder / "document.typ").write_bytes(TEMPLATE.read_bytes())
        pages: Any = typst.compile(
            folder / "document.typ", root=folder, font_paths=[FONTS], ignore_system_fonts=True, format="pdf"
        )
    return bytes(pages)


def _within_limits(parts: Iterable[Part], folder: Path, made: Preview) -> Iterator[dict[str, Any]]:
    """As much as pages will be shown of, as data, so that nothing in it can be taken for instructions."""
    left, pictures = made.limits.set_letters, 0
    for whole in parts:
        part = _as_much(whole, left)
        left -= len(as_text(whole))
        if isinstance(part, Words):
            yield {"kind": "words", "text": _letters(part.text), "level": min(part.level, 4)}
        elif isinstance(part, NewPage):
            yield {"kind": "page", "title": _letters(part.title)}
        elif isinstance(part, Table) and part.rows and part.rows[0]:
            if len(part.rows[0]) > WIDEST:
                made.note("columns_cut", str(WIDEST))
            rows = [[_letters(cell) for cell in row[:WIDEST]] for row in part.rows]
            yield {"kind": "table", "columns": len(rows[0]), "cells": [cell for row in rows for cell in row]}
        elif isinstance(part, Drawn):
            pictures += 1
            file = f"{pictures}.png"
            if pictures <= PICTURES and _picture(part.data, folder / file):
                yield {"kind": "picture", "file": file, "alt": _letters(part.alt)}
            else:
                made.note("pictures_left_out")
        if left < 0:
            made.note("pages_cut", str(made.limits.shown))
            return


def _as_much(part: Part, left: int) -> Part:
    """The beginning of a part that is too long."""
    if isinstance(part, Words):
        return Words(part.text[:left], part.level)
    if not isinstance(part, Table):
        return part
    wide = max((sum(map(len, row)) + len(row) for row in part.rows), default=1)
    return Table(part.rows[: max(1, left // wide)])


def _letters(text: str) -> str:
    return with_stand_ins(pdf.without_gaps(text))


def _picture(data: bytes, file: Path) -> bool:
    """A copy of a picture that is no larger than it is shown; whether there is one."""
    broken = (*UNREADABLE, Image.DecompressionBombError)
    with suppress(*broken), Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > Limits().pixels:
            return False
        opened.draft("RGB", (DOTS, DOTS))
        opened.thumbnail((DOTS, DOTS))
        picture = in_srgb(opened)
        picture.info.clear()
        picture.save(file, "PNG", compress_level=1)
        return True
    return False
