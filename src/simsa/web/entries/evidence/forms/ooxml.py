"""DOCX, XLSX, PPTX (ECMA-376): parts of XML in a ZIP, tied together by relationships, and what speaks against them.

Their copy is made by `ooxml_copy`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Finding, RefusedError
from simsa.web.entries.evidence.forms.fields import fetches
from simsa.web.entries.evidence.forms.media import is_drawing, media_faults
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package

TYPES = "[Content_Types].xml"
STRICT = "http://purl.oclc.org/ooxml/"


@dataclass(frozen=True)
class Relation:
    id: str
    kind: str
    target: str
    """A part of the package; an address where it is external."""
    external: bool


FORBIDDEN = {
    "vbaProject": "macros",
    "wordVbaData": "macros",
    "xlMacrosheet": "macros",
    "xlIntlMacrosheet": "macros",
    "dialogsheet": "macros",
    "attachedToolbars": "macros",
    "oleObject": "embedded",
    "control": "embedded",
    "activeXControlBinary": "embedded",
    "ctrlProp": "",
    "aFChunk": "embedded",
    "subDocument": "external",
    "frame": "external",
    "video": "film",
    "audio": "film",
    "media": "film",
    "connections": "external",
    "queryTable": "external",
    "webextension": "embedded",
    "webextensiontaskpanes": "embedded",
}
"""Relationships for which a document is refused."""


def faults(data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against a document."""
    package = Package.read(data, limits)
    if STRICT in package[TYPES].decode("utf-8", "replace") or _is_strict(package):
        return [Finding("strict")]
    found: list[Finding] = []
    for name in package.names:
        part = package[name]
        if markup.is_markup(part):
            markup.check(part, name)
            found += _faults_of_markup(name, part)
        else:
            found += media_faults(name, part, limits)
    office = Document.read(package)
    for source, relations in office.relations.items():
        for relation in relations:
            found += _faults_of_relation(source, relation, office, limits)
    return list(dict.fromkeys(found))


def _is_strict(package: Package) -> bool:
    return "_rels/.rels" in package.names and STRICT.encode() in package["_rels/.rels"]


def _faults_of_markup(name: str, part: bytes) -> Iterator[Finding]:
    if b"ddeLink" in part:
        yield Finding("external", f"DDE: {name}")
    if b"instrText" in part or b"fldSimple" in part:
        yield from (Finding("external", words) for words in fetches(markup.parsed(part, name)))
    if is_drawing(part):
        yield from media_faults(name, part, Limits())


def _faults_of_relation(source: str, relation: Relation, office: Document, limits: Limits) -> Iterator[Finding]:
    if relation.external:
        # A link waits to be followed; everything else is fetched as soon as the document is opened.
        scheme = relation.target.partition(":")[0].lower()
        if relation.kind == "hyperlink":
            if scheme in ("javascript", "vbscript", "data"):
                yield Finding("script", relation.target)
        elif not is_local(relation.target):
            yield Finding("external", relation.target)
        return
    code = FORBIDDEN.get(relation.kind, "")
    if code:
        yield Finding(code, relation.target)
    if relation.kind == "package":
        if not posixpath.basename(source).startswith("chart"):
            yield Finding("embedded", relation.target)
        elif relation.target in office.package.names:
            # The numbers behind a chart are a workbook of their own.
            try:
                yield from faults(office.package[relation.target], limits)
            except RefusedError as refused:
                yield from refused.faults


def is_local(address: str) -> bool:
    """Whether an address is one on the computer of who wrote it, as opposed to one on a network."""
    path = unquote(address).replace("\\", "/")
    if path[:5].lower() == "file:":
        path = path[5:].removeprefix("//localhost")
        path = path[2:] if path.startswith("///") and not path.startswith("////") else path
    if path.startswith("//"):
        return False
    return re.match(r"/?[A-Za-z]:/", path) is not None or ":" not in path.partition("/")[0]


@dataclass
class Document:
    """The parts of a document, the type of each, and where their relationships lead."""

    package: Package
    types: dict[str, str]
    relations: dict[str, list[Relation]]

    @classmethod
    def read(cls, package: Package) -> Document:
        listed = markup.parsed(package[TYPES], TYPES)
        endings = {child.get("Extension", "").lower(): child.get("ContentType", "") for child in listed}
        types = {name: endings.get(name.rpartition(".")[2].lower(), "") for name in package.names}
        types |= {
            child.get("PartName", "").lstrip("/"): child.get("ContentType", "")
            for child in listed
            if markup.local(child.tag) == "Override"
        }
        relations = {}
        for name in package.names:
            folder, file = posixpath.split(name)
            if posixpath.basename(folder) == "_rels" and file.endswith(".rels"):
                source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
                relations[source] = list(_relations(package[name], source, name))
        return cls(package, types, relations)


def _relations(data: bytes, source: str, name: str) -> Iterator[Relation]:
    for child in markup.parsed(data, name):
        kind = child.get("Type", "").rstrip("/").rpartition("/")[2]
        external = child.get("TargetMode") == "External"
        target = child.get("Target", "")
        if not external:
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/")
        yield Relation(child.get("Id", ""), kind, target, external)
