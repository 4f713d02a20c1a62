"""An article as PDF: A4, tagged (PDF/UA-1), its text extractable, set by Typst in the site's typeface."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from simsa.web.newsroom.press.pictures import in_typeface, jpeg
from simsa.web.newsroom.press.sheet import Chart, Grid, Heading, Paragraph, Part, Quoted, Sheet, Shown
from simsa.web.typeface import FONTS, with_stand_ins

log = logging.getLogger("simsa.newsroom")

TEMPLATE = Path(__file__).parent / "article.typ"
STANDARD = "ua-1"
UNSET = ("name", "kind", "file", "link", "alt")
"""What is not set in type: it stays as the article has it."""
NOT_SET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a file whose article has none: the same article is always the same file."""


def as_pdf(sheet: Sheet) -> bytes:
    """The whole article. The text goes to Typst as data, so that nothing in it can be taken for instructions."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        parts = [_part(part, folder, number) for number, part in enumerate(sheet.parts)]
        data = {
            "language": sheet.language,
            "name": sheet.title,
            "title": sheet.title,
            "release": sheet.release,
            "subheads": sheet.subheads,
            "byline": sheet.byline,
            "notes": sheet.notes,
            "parts": [part for part in parts if part],
            "address": sheet.address,
        }
        (folder / "article.json").write_text(json.dumps(_set(data), ensure_ascii=False), encoding="utf-8")
        (folder / "article.typ").write_bytes(TEMPLATE.read_bytes())
        moment = int((sheet.changed or NOT_SET).timestamp())
        try:
            return _compiled(folder, moment, STANDARD)
        except typst.TypstError as error:
            # A newsroom is better served with a file that promises less than with none.
            log.warning("PDF without %s: %s: %s", STANDARD, sheet.address, error)
            return _compiled(folder, moment, None)


def _compiled(folder: Path, moment: int, standard: str | None) -> bytes:
    made: Any = typst.compile(
        folder / "article.typ",
        root=folder,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=standard or [],
        timestamp=moment,
    )
    return bytes(made)


def _set(value: Any) -> Any:
    """Every text that is set in type, of letters that the typeface has."""
    if isinstance(value, str):
        return with_stand_ins(value)
    if isinstance(value, dict):
        return {name: inner if name in UNSET else _set(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_set(inner) for inner in value]
    return value


def _part(part: Part, folder: Path, number: int) -> dict[str, Any] | None:
    if isinstance(part, Heading):
        return {"kind": "heading", "text": part.text}
    if isinstance(part, Paragraph):
        runs = [{"text": r.text, "bold": r.bold, "italic": r.italic, "link": r.link} for r in part.runs]
        return {"kind": "paragraph", "runs": runs, "marker": part.marker}
    if isinstance(part, Quoted):
        return {"kind": "quote", "words": part.words, "speaker": part.speaker}
    if isinstance(part, Grid):
        return {
            "kind": "grid",
            "header": part.header,
            "rows": part.rows,
            "caption": part.caption,
            "numeric": part.numeric,
        }
    if isinstance(part, Shown):
        file, caption = f"{number}.jpg", " ".join(text for text in (part.caption, part.credit) if text)
        data = jpeg(part.picture)
        if data is None:
            return None
        (folder / file).write_bytes(data)
        return {"kind": "picture", "file": file, "alt": part.alt, "caption": caption, "width": 100}
    assert isinstance(part, Chart)
    file = f"{number}.svg"
    (folder / file).write_text(in_typeface(part.svg), encoding="utf-8")
    return {"kind": "picture", "file": file, "alt": part.alt, "caption": part.caption or part.title, "width": 62}
