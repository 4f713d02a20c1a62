"""Words, tables and pictures of the four office forms, each read by the library for it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.markup import Element, local
from simsa.web.entries.evidence.packages import Package
from simsa.web.entries.evidence.previews.flow import Drawn, NewPage, Part, Table, Words, without_empty_edges

ROWS = 5000
"""Of one sheet of a workbook."""
COLUMNS = 256


def read_docx(data: bytes, limits: Limits) -> Iterator[Part]:
    from docx import Document  # noqa: PLC0415 (each form loads its own library)
    from docx.table import Table as WordTable  # noqa: PLC0415

    document = Document(io.BytesIO(data))
    for block in document.iter_inner_content():
        if isinstance(block, WordTable):
            yield Table(without_empty_edges([cell.text for cell in row.cells] for row in block.rows))
            yield from _blips(block._element, document.part)
        else:
            name = block.style.name if block.style is not None else ""
            level = int(name[-1]) if name.startswith("Heading ") and name[-1].isdigit() else int(name == "Title")
            if block.text.strip():
                yield Words(block.text, level)
            yield from _blips(block._element, document.part)
    for section in document.sections:
        for edge in (section.header, section.footer):
            text = "" if edge.is_linked_to_previous else "\n".join(paragraph.text for paragraph in edge.paragraphs)
            if text.strip():
                yield Words(text)


def _blips(element: Any, part: Any) -> Iterator[Drawn]:
    """Pictures of a piece of a document, in their order."""
    relations = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
    for blip in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
        related = part.related_parts.get(blip.get(relations))
        if related is not None:
            yield Drawn(related.blob, _alt(blip))


def _alt(blip: Any) -> str:
    for holder in blip.iterancestors():
        if local(holder.tag) in ("inline", "anchor", "pic"):
            named = next((child for child in holder.iter() if local(child.tag) in ("docPr", "cNvPr")), None)
            if named is not None and named.get("descr"):
                return str(named.get("descr"))
    return ""


def read_pptx(data: bytes, limits: Limits) -> Iterator[Part]:
    from pptx import Presentation  # noqa: PLC0415

    for number, slide in enumerate(Presentation(io.BytesIO(data)).slides, start=1):
        yield NewPage(str(number))
        yield from _shapes(slide.shapes)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            text = slide.notes_slide.notes_text_frame.text
            if text.strip():
                yield Words(text)


def _shapes(shapes: Any) -> Iterator[Part]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            title = shape.is_placeholder and shape.placeholder_format.idx == 0
            yield Words(shape.text_frame.text.replace("\v", "\n"), int(title))
        elif shape.has_table:
            yield Table(without_empty_edges([cell.text for cell in row.cells] for row in shape.table.rows))
        else:
            # What the library does not know of one shape shall not hide the others.
            with suppress(ValueError, KeyError, AttributeError, TypeError, NotImplementedError):
                yield from _chart(shape.chart) if shape.has_chart else _picture(shape)


def _picture(shape: Any) -> Iterator[Part]:
    if hasattr(shape, "image"):
        described = shape._element.find(".//{*}cNvPr")
        yield Drawn(shape.image.blob, "" if described is None else described.get("descr", ""))


def _chart(chart: Any) -> Iterator[Part]:
    """A chart as the table behind it."""
    for plot in chart.plots:
        head = ("", *(str(category) for category in plot.categories))
        rows = [
            (str(series.name), *("" if value is None else str(value) for value in series.values))
            for series in plot.series
        ]
        yield Table(without_empty_edges([head, *rows]))


def read_xlsx(data: bytes, limits: Limits) -> Iterator[Part]:
    from openpyxl import load_workbook  # noqa: PLC0415

    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in workbook.worksheets:
        yield NewPage(sheet.title)
        rows = sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True)
        yield Table(without_empty_edges([_cell(value) for value in row] for row in rows))
    workbook.close()
    package = Package.read(data, limits)
    for name in package.names:
        if name.startswith("xl/media/"):
            yield Drawn(package[name])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def read_hwpx(data: bytes, limits: Limits) -> Iterator[Part]:
    from hwpx import HwpxDocument  # noqa: PLC0415

    with HwpxDocument.open(data) as document:
        pictures = {
            item.get("id"): item.get("href")
            for item in document.package.manifest_tree().iter()
            if local(item.tag) == "item" and str(item.get("media-type", "")).startswith("image/")
        }
        for section in document.sections:
            for paragraph in section.element:
                if local(paragraph.tag) == "p":
                    yield from _hwpx_paragraph(paragraph, pictures, document.package)


def _hwpx_paragraph(paragraph: Element, pictures: dict[Any, Any], package: Any) -> Iterator[Part]:
    """The words of a paragraph, then what stands in it: tables, pictures, boxes with paragraphs of their own."""
    text = "".join(_own_words(paragraph))
    if text.strip():
        yield Words(text)
    for held in _outermost(paragraph):
        name = local(held.tag)
        if name == "tbl":
            rows = [[_cell_words(cell) for cell in row.iterfind("{*}tc")] for row in held.iterfind("{*}tr")]
            yield Table(without_empty_edges(rows))
        elif name == "subList":
            for inner in held.iterfind("{*}p"):
                yield from _hwpx_paragraph(inner, pictures, package)
        for drawn in held.iter("{*}img") if name != "subList" else ():
            file = pictures.get(drawn.get("binaryItemIDRef"))
            if file and package.has_part(file):
                described = drawn.getparent().find("{*}shapeComment")
                yield Drawn(package.read(file), "" if described is None else described.text or "")


def _own_words(paragraph: Element) -> Iterator[str]:
    for run in paragraph.iterfind("{*}run"):
        for said in run:
            name = local(said.tag)
            if name == "t":
                yield said.text or ""
                for child in said:
                    yield {"lineBreak": "\n", "tab": "\t", "nbSpace": " ", "fwSpace": " "}.get(local(child.tag), "")
                    yield child.tail or ""
            elif name == "dutmal":  # words with small ones above or below them
                main, beside = (said.findtext(f"{{*}}{part}") or "" for part in ("mainText", "subText"))
                yield f"{main} ({beside})"
            elif name == "compose":  # signs that overlap
                yield said.get("composeText", "")
            elif name == "equation":
                yield said.findtext("{*}script") or ""
            elif name == "textart":
                yield said.get("text", "").replace("\u240d\u240a", "\n")


def _outermost(paragraph: Element) -> Iterator[Element]:
    """Tables, pictures and boxes of a paragraph, none that stands in another of them."""
    waiting = [child for run in paragraph.iterfind("{*}run") for child in run][::-1]
    while waiting:
        element = waiting.pop()
        if local(element.tag) in ("tbl", "pic", "subList"):
            yield element
        elif local(element.tag) != "fieldBegin":  # a remark is not on the paper
            waiting.extend(list(element)[::-1])


def _cell_words(cell: Element) -> str:
    return "\n".join(text for p in cell.iter("{*}p") if (text := "".join(_own_words(p))).strip())
