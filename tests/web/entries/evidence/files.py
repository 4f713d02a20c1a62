"""Files as people hand them in, made here: nothing in the repository is dangerous, and nothing tells of anybody."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any

import docx
import hwpx
import openpyxl
import pikepdf
import pptx
from pikepdf import Name
from PIL import Image, ImageCms, PngImagePlugin
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

WORDS = "적극행정 우수사례"


@cache
def drawn(size: tuple[int, int] = (60, 40)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert("RGB")


def picture(form: str, image: Image.Image | None = None, **options: Any) -> bytes:
    made = io.BytesIO()
    (image or drawn()).save(made, form, **options)
    return made.getvalue()


def telling_picture(form: str, secret: str) -> bytes:
    """A picture with a secret wherever its form has a place for one."""
    exif = Image.Exif()
    exif[0x013B], exif[0x010F], exif[0x0110], exif[0x0112] = secret, secret, secret, 6
    inner = exif.get_ifd(0x8769)
    inner[0xA431], inner[0x9003], inner[0x927C] = secret, "2023:05:01 10:00:00", secret.encode()
    where = exif.get_ifd(0x8825)
    where[1], where[2], where[29] = "N", (37.0, 33.0, 1.0), secret
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[80:84] = secret.encode()[:4]
    common: dict[str, Any] = {"icc_profile": bytes(profile)}
    if form == "JPEG":
        data = picture(form, exif=exif, comment=secret.encode(), quality=90, **common)
        xmp = b"http://ns.adobe.com/xap/1.0/\0" + secret.encode()
        resources = b"Photoshop 3.0\0" + secret.encode()
        segments = b"".join(
            b"\xff" + bytes((marker,)) + (len(body) + 2).to_bytes(2, "big") + body
            for marker, body in ((0xE1, xmp), (0xED, resources), (0xE5, secret.encode()))
        )
        return data[:2] + segments + data[2:] + secret.encode()
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        for word in ("Author", "Software", "Comment", secret):
            info.add_text(word, secret, zip=word == "Comment")
        info.add_itxt("XML:com.adobe.xmp", secret)
        info.add(b"prVt", secret.encode())
        return picture(form, exif=exif, pnginfo=info, **common) + secret.encode()
    if form == "WEBP":
        return picture(form, exif=exif, xmp=secret.encode(), lossless=True, **common) + secret.encode()
    tags = {
        315: secret,
        271: secret,
        305: secret,
        270: secret,
        269: secret,
        316: secret,
        33432: secret,
        700: secret.encode(),
    }
    return picture(form, tiffinfo=tags, save_all=True, append_images=[drawn((30, 50))], **common)


def package(members: Mapping[str, bytes | str], **options: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
        file.comment = options.get("comment", b"")
    return made.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def changed(data: bytes, **parts: Any) -> bytes:
    """A package in which `change` (name to bytes or function of bytes) has been done; None removes a part."""
    made = members(data)
    for name, change in parts["change"].items():
        made[name] = change(made[name]) if callable(change) else change
    return package({name: part for name, part in made.items() if part is not None}, comment=parts.get("comment", b""))


def replacing(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(part: bytes) -> bytes:
        assert old.encode() in part
        return part.replace(old.encode(), new.encode(), 1)

    return change


NO_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relation(kind: str, target: str, *, external: bool = False, number: str = "rIdX") -> Callable[[bytes], bytes]:
    """Adds a relationship to a part of relationships."""
    mode = ' TargetMode="External"' if external else ""
    said = f'<Relationship Id="{number}" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/></Relationships>'
    return replacing("</Relationships>", said)


def each(*changes: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """One change after the other."""
    return lambda part: reduce(lambda made, change: change(made), changes, part)


@cache
def docx_file() -> bytes:
    document = docx.Document()
    document.add_heading(WORDS, 1)
    document.add_paragraph("상담 1,830만 달러")
    document.add_picture(io.BytesIO(picture("PNG")), width=docx.shared.Cm(4))
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "계약", "170만 달러"
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


@cache
def xlsx_file() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.append([WORDS, 1830])
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


@cache
def pptx_file() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = WORDS
    slide.shapes.add_picture(io.BytesIO(picture("JPEG")), 0, 0, Cm(4))
    numbers = CategoryChartData()
    numbers.categories = ["2022", "2023"]
    numbers.add_series("상담", (12, 18))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, Cm(5), Cm(9), Cm(6), numbers)
    made = io.BytesIO()
    show.save(made)
    return made.getvalue()


@cache
def hwpx_file() -> bytes:
    document = hwpx.HwpxDocument.new()
    document.add_paragraph(WORDS)
    document.add_picture(picture("PNG"), "png")
    table = document.add_table(1, 2)
    table.set_cell_text(0, 0, "계약")
    table.set_cell_text(0, 1, "170만 달러")
    return document.to_bytes()


@cache
def pdf_file(pages: int = 2) -> bytes:
    return saved(blank_pdf(pages))


def blank_pdf(pages: int = 1) -> pikepdf.Pdf:
    """With a line of words and a square on every page."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(300, 400))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        drawn = f"0 0 1 rg 50 50 80 80 re f BT /F1 24 Tf 40 300 Td (Page {number}) Tj ET"
        page.obj.Contents = pdf.make_stream(drawn.encode())
    return pdf


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    made = io.BytesIO()
    pdf.save(made, **options)
    return made.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "pdf": pdf_file,
    "hwpx": hwpx_file,
    "docx": docx_file,
    "xlsx": xlsx_file,
    "pptx": pptx_file,
    "jpeg": lambda: picture("JPEG"),
    "png": lambda: picture("PNG"),
    "webp": lambda: picture("WEBP"),
    "tiff": lambda: picture("TIFF"),
}
"""One of each kind that is taken."""
