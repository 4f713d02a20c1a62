"""PDF (ISO 32000): what speaks against a document. Its copy is made by `pdf_copy`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from simsa.web.entries.evidence.findings import Finding
from simsa.web.entries.evidence.limits import Limits

ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/GoToE": "embedded",
    "/Rendition": "film",
    "/Movie": "film",
    "/Sound": "film",
    "/RichMediaExecute": "film",
}
ANNOTATIONS = {
    "/FileAttachment": "embedded",
    "/RichMedia": "film",
    "/Movie": "film",
    "/Sound": "film",
    "/Screen": "film",
    "/3D": "film",
}
DEEPEST = 100


def faults(data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against a document."""
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            if len(pdf.pages) > limits.sheets:
                return [Finding("too_long", str(limits.sheets))]
            if not len(pdf.pages):
                return [Finding("damaged")]
            return list(dict.fromkeys(_faults(pdf)))
    except pikepdf.PasswordError:
        return [Finding("encrypted")]
    except (pikepdf.PdfError, AttributeError, ValueError, TypeError, LookupError, RecursionError):
        return [Finding("damaged")]


def _faults(pdf: Pdf) -> Iterator[Finding]:
    root = pdf.Root
    if "/Collection" in root or (isinstance(names := root.get("/Names"), Dictionary) and "/EmbeddedFiles" in names):
        yield Finding("embedded")
    if isinstance(form := root.get("/AcroForm"), Dictionary) and "/XFA" in form:
        yield Finding("xfa")
    for held in dictionaries(pdf):
        action = held.get("/S")
        if isinstance(action, Name) and str(action) in ACTIONS:
            yield Finding(ACTIONS[str(action)], str(action))
        if "/JS" in held:
            yield Finding("script", "/JS")
        if isinstance(kind := held.get("/Subtype"), Name) and str(kind) in ANNOTATIONS and "/Rect" in held:
            yield Finding(ANNOTATIONS[str(kind)], str(kind))
        if "/EF" in held:
            yield Finding("embedded", "/EF")
        if isinstance(held, Stream) and "/F" in held:
            yield Finding("external", "/F")
        if isinstance(action, Name) and str(action) == "/URI":
            address = str(held.get("/URI", ""))
            if re.match(r"(?i)\s*(javascript|vbscript|data):", address):
                yield Finding("script", address)


def dictionaries(pdf: Pdf) -> Iterator[Any]:
    """Every dictionary and stream, also those that stand inside of others."""
    for number in pdf.objects:
        yield from _inside(number, 0)


def _inside(held: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(held, Dictionary | Stream):
        yield held
        values = [held.get(key) for key in held.keys()]  # noqa: SIM118 (no mapping)
    elif isinstance(held, Array):
        values = list(held)
    else:
        return
    for value in values:
        if isinstance(value, Object) and not value.is_indirect:
            yield from _inside(value, depth + 1)
