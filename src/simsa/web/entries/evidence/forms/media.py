"""Pictures and other things inside a document."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from struct import error as StructError  # noqa: N812 (an error by its name)
from struct import unpack_from

from lxml import etree

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Finding, Trace, refuse
from simsa.web.entries.evidence.forms import picture
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import ARCHIVES

PIXELS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
ENHANCED = b"\x01\0\0\0"
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
RUNNING = ("script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "set", "animate")
STILL = re.compile(r"(?i)\s*(#|data:image/(png|jpeg|gif|webp)[;,])")
FETCHING = re.compile(r"(?i)javascript:|@import|url\(\s*[\"']?(?!\s*(#|data:image/))")


SVG = "{http://www.w3.org/2000/svg"
SHOWN_NAMES = ("{http://www.w3.org/1999/xlink}", "{http://www.w3.org/XML/1998/namespace}")
SILENT = (b"BM", b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0", b"\x02\0\x09\0")
"""Bitmaps and metafiles of Windows, which have no place for words."""
FONTS = (".odttf", ".fntdata", ".ttf", ".otf")
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
        return [Finding("script", name)] if _does_more(data, name) else []
    if is_picture(data):
        return [Finding(fault.code, f"{name} {fault.detail}") for fault in picture.faults(data, limits)]
    return []


def _does_more(drawing: bytes, name: str) -> bool:
    """Whether a drawing (SVG) is more than one: runs, moves, or fetches something."""
    markup.check(drawing, name)
    for element in markup.parsed(drawing, name).iter():
        if markup.local(element.tag).lower().startswith(RUNNING) or FETCHING.search(element.text or ""):
            return True
        for attribute, value in element.items():
            word = markup.local(attribute).lower()
            if word.startswith("on") or FETCHING.search(value) or (word in ("href", "src") and not STILL.match(value)):
                return True
    return b"<?xml-stylesheet" in drawing


def cleaned_media(name: str, data: bytes) -> tuple[bytes, list[Trace]]:
    """The copy of something in a document that is not one of its XML parts, and what the copy lacks.

    What is of a form that is not known here stays as it is, and goes on being told.
    """
    if is_picture(data):
        return picture.cleaned(data, name)
    if data.startswith(b"GIF8"):
        return _cleaned_gif(data, name)
    if data.startswith(ENHANCED) and data[40:44] == b" EMF":
        return _cleaned_metafile(data, name)
    if is_drawing(data):
        return _cleaned_drawing(data, name)
    if not data or data.startswith(SILENT) or name.lower().endswith(FONTS):
        return data, []
    return data, [Trace("details", name)]


def _cleaned_drawing(data: bytes, name: str) -> tuple[bytes, list[Trace]]:
    """Without what drawing programs keep for themselves; pictures inside are cleaned, too."""
    found: list[Trace] = []
    root = markup.parsed(data, name)
    for element in list(root.iter()):
        space, word = str(element.tag).rpartition("}")[::2]
        if (space != SVG or word == "metadata") and element.getparent() is not None:
            found.append(Trace("details", name, word))
            markup.removed(element)
            continue
        for attribute, value in element.items():
            foreign = attribute.startswith("{") and not attribute.startswith(SHOWN_NAMES)
            if foreign or attribute.startswith("data-"):
                found.append(Trace("path" if is_file_name(value) else "details", name, value))
                del element.attrib[attribute]
            elif markup.local(attribute) == "href" and value.startswith("data:"):
                inside, told = _cleaned_inside(value, name)
                found += told
                element.set(attribute, inside)
    etree.cleanup_namespaces(root)
    return markup.serialised(root), found


def _cleaned_inside(address: str, name: str) -> tuple[str, list[Trace]]:
    """A picture that stands in a drawing as its own address."""
    head, _, packed = address.partition(",")
    try:
        inside, told = cleaned_media(name, b64decode(packed))
    except ValueError as error:
        raise refuse("damaged", name) from error
    return f"{head},{b64encode(inside).decode()}", told


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
