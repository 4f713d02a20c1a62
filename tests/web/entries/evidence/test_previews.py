"""What is shown of a file: everything that fits, nothing that runs, and a word where something is lacking."""

from __future__ import annotations

import io

import docx
import openpyxl
import pptx
import pytest
from PIL import Image

from simsa.web.entries.evidence import Kind, Limits
from simsa.web.entries.evidence.previews import Preview, preview
from tests.web.entries.evidence.files import (
    blank_pdf,
    changed,
    docx_file,
    hwpx_file,
    members,
    picture,
    pptx_file,
    replacing,
    saved,
)


@pytest.fixture
def shown(tmp_path):
    def show(data: bytes, kind: Kind, **limits: int) -> Preview:
        return preview(data, kind, tmp_path, Limits(**limits))

    return show


def told(made: Preview) -> set[str]:
    return {note.code for note in made.notes}


def test_words_of_a_document_are_never_instructions(shown):
    words = '#read("/etc/passwd") $x^2$ = a *b* _c_ <label> @ref \\ `raw` // remark #import "@preview/a:1.0.0"'
    document = docx.Document()
    document.add_paragraph(words)
    document.add_table(1, 1).cell(0, 0).text = "#panic()"
    made = io.BytesIO()
    document.save(made)
    result = shown(made.getvalue(), Kind.DOCX)
    assert told(result) == {"plain_preview"}
    assert words in result.text
    assert " ".join(result.pages[0].text.split()) == f"{words} #panic()"


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ((300, 400), (1200, 1600)),
        ((14400, 14400), (1240, 1240)),
        ((100, 14400), (35, 4960)),
        ((3, 3), (12, 12)),
        ((1, 14400), None),
    ],
)
def test_pages_of_any_size_are_shown_within_limits(shown, size, pixels):
    pdf = blank_pdf(1)
    pdf.pages[0].MediaBox = [0, 0, *size]
    result = shown(saved(pdf), Kind.PDF)
    if pixels is None:
        assert (result.pages, told(result)) == ([], {"no_preview"})
    else:
        (page,) = result.pages
        assert (page.width, page.height) == pytest.approx(pixels, abs=1)


def test_a_page_that_cannot_be_read_does_not_hide_the_others(shown):
    pdf = blank_pdf(3)
    del pdf.pages[1].obj["/Contents"]
    pdf.pages[1].obj.MediaBox = pdf.make_stream(b"")
    result = shown(saved(pdf), Kind.PDF)
    assert "Page 1" in result.text
    assert "Page 3" in result.text


def test_wide_and_long_tables_are_cut_and_said_to_be(shown):
    workbook = openpyxl.Workbook()
    workbook.active.title = "첫째"
    workbook.active.append([f"열{n}" for n in range(30)])
    for row in range(400):
        workbook.active.append([f"값{row}"])
    workbook.create_sheet("둘째").append(["끝"])
    made = io.BytesIO()
    workbook.save(made)
    result = shown(made.getvalue(), Kind.XLSX, set_letters=2000)
    assert told(result) == {"plain_preview", "columns_cut", "pages_cut"}
    assert {"열0", "열15", "값1"} <= set(result.pages[0].text.split())
    assert "열16" not in result.pages[0].text
    for word in ("첫째", "열29", "값399", "둘째", "끝"):
        assert word in result.text


def test_charts_and_notes_of_slides_are_told_in_words(shown):
    show = pptx.Presentation(io.BytesIO(pptx_file()))
    show.slides[0].notes_slide.notes_text_frame.text = "말할 내용"
    made = io.BytesIO()
    show.save(made)
    text = shown(made.getvalue(), Kind.PPTX).text
    assert "상담\t12.0\t18.0" in text
    assert "말할 내용" in text


def test_words_that_hangul_draws_are_told(shown):
    drawn = (
        "<hp:dutmal><hp:mainText>본말</hp:mainText><hp:subText>덧말</hp:subText></hp:dutmal>"
        '<hp:compose composeText="겹침"/><hp:equation><hp:script>1 over 2</hp:script></hp:equation>'
        '<hp:textart text="글맵시\u240d\u240a둘째"/>'
    )
    section = replacing("</hp:run>", f"{drawn}</hp:run>")
    text = shown(changed(hwpx_file(), change={"Contents/section0.xml": section}), Kind.HWPX).text
    assert "본말 (덧말)겹침1 over 2글맵시\n둘째" in text


def test_pictures_that_cannot_be_drawn_are_missed(shown):
    metafile = b"\x01\0\0\0" + bytes(36) + b" EMF" + bytes(100)
    data = changed(docx_file(), change={"word/media/image1.png": metafile})
    assert told(shown(data, Kind.DOCX)) == {"plain_preview", "pictures_left_out"}


def test_pictures_of_any_colours_are_shown(shown):
    (name,) = (name for name in members(hwpx_file()) if name.startswith("BinData/"))
    for image in (
        Image.new("CMYK", (9, 9)),
        Image.new("I;16", (9, 9)),
        Image.new("LA", (9, 9)),
        Image.new("1", (9, 9)),
    ):
        data = picture("TIFF", image)
        assert told(shown(data, Kind.TIFF)) == set()
        assert told(shown(changed(hwpx_file(), change={name: data}), Kind.HWPX)) == {"plain_preview"}


def test_what_the_library_cannot_read_leaves_the_file_without_pages(shown):
    data = changed(docx_file(), change={"word/document.xml": b"<a/>"})
    result = shown(data, Kind.DOCX)
    assert result.pages == []
    assert told(result) == {"no_preview"}


def test_old_hangul_and_signs_without_a_shape_are_in_the_text(shown):
    document = docx.Document()
    document.add_paragraph("ᄒᆞᆫ글 😀 ㈜ 漢字")
    made = io.BytesIO()
    document.save(made)
    result = shown(made.getvalue(), Kind.DOCX)
    assert "ᄒᆞᆫ글 😀 ㈜ 漢字" in result.text
    assert "㈜ 漢字" in result.pages[0].text
