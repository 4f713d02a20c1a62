"""Pictures and other things inside a document."""

from __future__ import annotations

import re
from struct import error as StructError  # noqa: N812 (an error by its name)
from struct import unpack_from

from simsa.web.entries.evidence.findings import Finding, Trace
from simsa.web.entries.evidence.forms import picture
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import ARCHIVES

PIXELS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
ENHANCED = b"\x01\0\0\0"
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
ACTIVE = re.compile(
    rb"<\s*(script|foreignobject|iframe|embed|object|handler|animate|set\b)"
    rb"|\son[a-z]+\s*=|javascript:|<!entity|<\?xml-stylesheet|@import"
    rb"|(href|src)\s*=\s*[\"']?\s*(?!#|data:image/(png|jpeg|gif|webp)|[\"'])[^\s\"'#]"
    rb"|url\(\s*[\"']?(?!\s*#|\s*data:image/)",
    re.IGNORECASE,
)
"""What makes a drawing (SVG) more than a drawing: it runs, moves, or fetches something."""


FILE_NAME = re.compile(
    r"(?i)[\\/].*[\\/]|^[a-z]:|://"
    r"|\.(png|jpe?g|jfif|gif|bmp|tiff?|webp|heic|emf|wmf|svg|hwpx?|docx?|pptx?|xlsx?|pdf)$"
)


def is_file_name(text: str) -> bool:
    """Whether words that should describe a picture are the name of its file instead."""
    return FILE_NAME.search(text.strip()) is not None


def is_drawing(data: bytes) -> bool:
    return re.search(rb"<([a-z]+:)?svg[\s>]", data[:4096], re.IGNORECASE) is not None


def is_picture(data: bytes) -> bool:
    return data.startswith(PIXELS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def media_faults(name: str, data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against something in a document that is not one of its XML parts."""
    if data.startswith(PROGRAMS):
        return [Finding("program", name)]
    if data.startswith(CONTAINER) and "printerSettings" not in name:
        return [Finding("embedded", name)]
    if data.startswith(ARCHIVES) and not name.lower().endswith((".xlsx", ".docx", ".pptx")):
        return [Finding("nested", name)]
    if is_drawing(data):
        return [Finding("script", name)] if ACTIVE.search(data) else []
    if is_picture(data):
        return [Finding(fault.code, f"{name} {fault.detail}") for fault in picture.faults(data, limits)]
    return []


def cleaned_media(name: str, data: bytes) -> tuple[bytes, list[Trace]]:
    """The copy of something in a document that is not one of its XML parts, and what the copy lacks."""
    if is_picture(data):
        return picture.cleaned(data, name)
    if data.startswith(b"GIF8"):
        return _cleaned_gif(data, name)
    if data.startswith(ENHANCED) and data[40:44] == b" EMF":
        return _cleaned_metafile(data, name)
    return data, []


def _cleaned_metafile(data: bytes, name: str) -> tuple[bytes, list[Trace]]:
    """A drawing of Windows (EMF) without the words in its head, and without its comments."""
    try:
        size, letters, at = unpack_from("<L", data, 4)[0], *unpack_from("<LL", data, 60)
    except StructError:
        return data, []
    said = data[at : at + 2 * letters] if letters and 88 <= at <= size else b""
    if not said.strip(b"\0"):
        return data, []
    blank = bytearray(data)
    blank[at : at + len(said)] = bytes(len(said))
    return bytes(blank), [Trace("program", name, said.decode("utf-16-le", "replace"))]


def _cleaned_gif(data: bytes, name: str) -> tuple[bytes, list[Trace]]:
    """Without comments and what programs add, and without what stands behind its end."""
    found: list[Trace] = []
    try:
        at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
        kept = [data[:at]]
        while data[at] != 0x3B:
            begin = at
            if data[at] == 0x2C:
                at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
                shown = True
            else:
                label = data[at + 1]
                shown = label == 0xF9 or (label == 0xFF and data[at + 3 : at + 11] == b"NETSCAPE")
                found += [] if shown else [Trace("words" if label == 0xFE else "details", name)]
                at += 2
            while data[at]:
                at += 1 + data[at]
            at += 1
            kept += [data[begin:at]] if shown else []
    except IndexError:
        return data, [Trace("details", name)]
    found += [Trace("behind", name)] if data[at + 1 :].strip(b"\0") else []
    return b"".join([*kept, b"\x3b"]), found
