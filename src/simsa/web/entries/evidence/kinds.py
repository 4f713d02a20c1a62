"""The kind of a file by what is in it, never by its name.

Taken are PDF, HWPX, DOCX, XLSX, PPTX, JPEG, PNG, WebP and TIFF (scanners write it), and ZIP where a round allows it.
Everything else is refused by its name in words, with what to do. A file that two programs would read as two things is
refused, too.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath

from simsa.web.entries.evidence.findings import Finding, RefusedError, refuse
from simsa.web.entries.evidence.limits import MEGABYTE, Limits
from simsa.web.entries.evidence.packages import Package


class Kind(StrEnum):
    PDF = "pdf"
    HWPX = "hwpx"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"
    ZIP = "zip"

    @property
    def ending(self) -> str:
        return {"jpeg": ".jpg", "tiff": ".tif"}.get(self.value, f".{self.value}")

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self]


OPEN_XML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.HWPX: "application/hwp+zip",
    Kind.DOCX: f"{OPEN_XML}.wordprocessingml.document",
    Kind.XLSX: f"{OPEN_XML}.spreadsheetml.sheet",
    Kind.PPTX: f"{OPEN_XML}.presentationml.presentation",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.WEBP: "image/webp",
    Kind.TIFF: "image/tiff",
    Kind.ZIP: "application/zip",
}
PICTURES = (Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.TIFF)
OFFICE = (Kind.DOCX, Kind.XLSX, Kind.PPTX)
DOCUMENTS = (Kind.HWPX, *OFFICE)
ENDINGS = {kind: (kind.ending,) for kind in Kind} | {
    Kind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Kind.TIFF: (".tif", ".tiff"),
}
MAIN = {f"{MEDIA_TYPES[kind]}.main+xml": kind for kind in OFFICE}

PDF, ZIP, ZIP_END, CONTAINER = b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", bytes.fromhex("d0cf11e0a1b11ae1")
STARTS: tuple[tuple[bytes, Kind], ...] = (
    (PDF, Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (ZIP, Kind.ZIP),
)
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"HWP Document File", "hwp"),
    (b"PK", "damaged"),
    (b"GIF8", "gif"),
    (b"BM", "picture"),
    (b"8BPS", "picture"),
    (b"II+\0", "picture"),
    (b"MM\0+", "picture"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"EGGA", "archive"),
    (b"ALZ\x01", "archive"),
    (rb"{\rtf", "rtf"),
    (b"%!PS", "postscript"),
    (b"ID3", "film"),
    (b"OggS", "film"),
    (b"\x1aE\xdf\xa3", "film"),
)
INSIDE_CONTAINER: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("HwpSummaryInformation", "hwp"),
    ("WordDocument", "old_office"),
    ("PowerPoint Document", "old_office"),
    ("Workbook", "old_office"),
    ("__substg1.0_", "mail"),
)
MARKED_UP = re.compile(rb"<\s*(!doctype\s+html|html|script|svg|\?xml|\?php)", re.IGNORECASE)
SCRIPT = re.compile(rb"<script[\s>]|<!doctype\s+html|<\?php\s", re.IGNORECASE)


def kind_of(data: bytes, limits: Limits, *, allow_zip: bool) -> Kind:
    """What a file is. RefusedError with the reason if it is not taken."""
    if not data:
        raise refuse("empty")
    if len(data) > limits.size:
        raise refuse("too_large", f"> {limits.size // MEGABYTE} MB")
    kind = next((kind for start, kind in STARTS if data.startswith(start)), None)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = Kind.WEBP
    if kind is None:
        raise RefusedError(_other(data))
    if kind is Kind.ZIP:
        kind = _inside(Package.read(data, limits))
        if kind is Kind.ZIP and not allow_zip:
            raise refuse("zip")
    if _is_two_things(data, kind):
        raise refuse("mixed", kind)
    return kind


def contradiction(name: str, kind: Kind) -> Finding | None:
    """What to tell of a name whose ending says something else than the content."""
    ending = PurePath(name).suffix.lower()
    return None if ending in ENDINGS[kind] else Finding("ending", f"{ending or '-'} / {kind.ending}")


def _inside(package: Package) -> Kind:
    """What a ZIP container is: a document of an office program, or simply a ZIP."""
    names = set(package.names)
    said = package[name][:100].decode("ascii", "replace").strip() if (name := "mimetype") in names else ""
    if said in (Kind.HWPX.media_type, "application/hwpml-package+xml"):
        return Kind.HWPX
    if said:
        raise refuse("open_document" if "opendocument" in said else "other", said)
    if "[Content_Types].xml" not in names:
        if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
            raise refuse("program")
        return Kind.ZIP
    types = package["[Content_Types].xml"].decode("utf-8", "replace")
    if "macroEnabled" in types or "vbaProject" in types or any("vbaproject" in name.lower() for name in names):
        raise refuse("macros")
    found = {kind for main, kind in MAIN.items() if f'"{main}"' in types or f"'{main}'" in types}
    if len(found) != 1:
        raise refuse("office_form")
    return found.pop()


def _is_two_things(data: bytes, kind: Kind) -> bool:
    if kind is Kind.ZIP:
        return False  # `Package` lets nothing stand before, between and behind the members
    if kind is not Kind.PDF and PDF in data[:1024]:
        return True
    if kind in PICTURES:
        return ZIP_END in data[-65557:] or data[4:6] == b"/*" or SCRIPT.search(data) is not None
    return kind is Kind.PDF and ZIP_END in data[-65557:] and ZIP in data


def _other(data: bytes) -> Finding:
    if data.startswith(CONTAINER):
        for name, code in INSIDE_CONTAINER:
            if name.encode("utf-16-le") in data:
                return Finding(code)
        return Finding("other", "OLE")
    for start, code in OTHERS:
        if data.startswith(start):
            return Finding(code)
    if data[4:8] == b"ftyp":
        return Finding("heic" if data[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "film")
    if PDF in data[:1024]:
        return Finding("mixed", Kind.PDF)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    found = MARKED_UP.match(head)
    if found:
        return Finding("svg" if b"<svg" in head.lower() else "web_page" if found[1][:4] != b"?xml" else "xml")
    if b"\0" not in data[:4096]:
        return Finding("text")
    return Finding("other", _named(data))


def _named(data: bytes) -> str:
    """What a well-kept list of first bytes calls it."""
    import puremagic  # noqa: PLC0415 (rarely asked, and its list takes a while to read)

    try:
        return str(puremagic.magic_string(data[:4096])[0].name)
    except (puremagic.PureError, IndexError, ValueError):
        return "?"
