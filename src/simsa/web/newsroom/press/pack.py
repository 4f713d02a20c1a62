"""The media pack: one ZIP with everything that a newsroom elsewhere needs to tell the article."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from simsa.tables.csv_text import write_csv
from simsa.tables.spreadsheets import write_xlsx
from simsa.tables.table import Table
from simsa.tables.words import score_places
from simsa.web.awards.drawings import group_drawing, map_drawing
from simsa.web.awards.lines import Lines
from simsa.web.awards.models import Result
from simsa.web.newsroom.press.hwpx import as_hwpx
from simsa.web.newsroom.press.pdf import as_pdf
from simsa.web.newsroom.press.pictures import jpeg
from simsa.web.newsroom.press.sheet import Sheet, Shown, round_address, standing_alone
from simsa.web.newsroom.press.text import as_text

CHARTS = 8
"""Groups whose chart goes into the pack."""


def as_pack(sheet: Sheet) -> bytes:
    """Text, HWPX, PDF, pictures, and of the result the selected as a table and the drawings as SVG."""
    made = io.BytesIO()
    with ZipFile(made, "w") as pack:
        for name, data in _files(sheet):
            pack.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return made.getvalue()


def _files(sheet: Sheet) -> Iterator[tuple[str, bytes]]:
    yield "article.txt", as_text(sheet).encode()
    yield "article.hwpx", as_hwpx(sheet)
    yield "article.pdf", as_pdf(sheet)
    notes = []
    for shown in (part for part in sheet.parts if isinstance(part, Shown)):
        data = jpeg(shown.picture)
        if data is not None:
            name = f"pictures/{len(notes) + 1:02}.jpg"
            yield name, data
            notes.append(_note(name, shown))
    if notes:
        yield "pictures/captions.txt", "\n".join(notes).encode()
    if sheet.result is not None:
        yield from _of_result(sheet.result, sheet.language)


def _note(name: str, shown: Shown) -> str:
    """What has to be said of a picture wherever it is shown."""
    said = (
        (_("caption"), shown.caption),
        (_("what can be seen"), shown.alt),
        (_("credit"), shown.credit),
    )
    return "\n".join([name, *(f"  {label}: {text}" for label, text in said if text), ""])


def _of_result(result: Result, language: str) -> Iterator[tuple[str, bytes]]:
    lines = Lines(result, result.round.rules, language)
    table = _selected(lines)
    yield "selected.csv", codecs.BOM_UTF8 + write_csv(table)
    yield "selected.xlsx", write_xlsx(table, {"score": score_places(lines.rules) or 0}, sheet=_("Selected"))
    drawing = map_drawing(lines)
    if drawing is not None:
        yield "charts/map.svg", standing_alone(drawing.svg).encode()
    for number, group in enumerate(list(lines.by_group)[:CHARTS], start=1):
        yield f"charts/group-{number:02}.svg", standing_alone(group_drawing(lines, group).svg).encode()
    about = [lines.rules.name.text(language), round_address(result), f"SHA-256 {result.digest}"]
    if result.round.synthetic:
        about.insert(0, _("Synthetic data"))
    if result.round.credit:
        about.append(f"{_('Data')}: {result.round.credit}")
    yield "result.txt", ("\n".join(about) + "\n").encode()


def _selected(lines: Lines) -> Table:
    header = ("group", "rank", "entry", "name", "score", "synthetic")
    synthetic = "yes" if lines.result.round.synthetic else "no"
    rows = [
        [line.group_name, str(line.rank), line.code, line.name, line.score_text.replace(",", ""), synthetic]
        for line in lines.all
        if line.selected
    ]
    return Table.of(header, rows, "selected")
