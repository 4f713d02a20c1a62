"""The copy of an office document: the parts that a chain of known relationships leads to, and nothing else.

What shows is kept. What a program keeps for itself (properties, thumbnails, comments and who wrote them, custom XML,
printer settings, revisions) is not, and so is nothing that this program does not know.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace, refuse
from simsa.web.entries.evidence.forms import ooxml_parts as parts
from simsa.web.entries.evidence.forms.media import cleaned_media, is_drawing
from simsa.web.entries.evidence.forms.ooxml import TYPES, Document, Relation
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package, told_by_container, written

RELATIONS_NAME = "http://schemas.openxmlformats.org/package/2006/relationships"
KEPT = frozenset(
    (
        *("officeDocument", "theme", "themeOverride", "font", "image", "hyperlink", "settings", "webSettings"),
        # of Word
        *("styles", "stylesWithEffects", "numbering", "fontTable", "header", "footer", "footnotes", "endnotes"),
        # of PowerPoint
        *("slide", "slideLayout", "slideMaster", "notesMaster", "notesSlide", "handoutMaster", "tableStyles"),
        *("presProps", "viewProps"),
        # of Excel
        *("worksheet", "chartsheet", "sharedStrings", "sheetMetadata", "calcChain", "table", "tableSingleCells"),
        *("pivotTable", "pivotCacheDefinition", "pivotCacheRecords", "slicer", "slicerCache", "timeline"),
        *("timelineCache", "rdRichValue", "rdRichValueStructure", "rdRichValueTypes", "richValueRel"),
        # drawings of all three
        *("drawing", "vmlDrawing", "chart", "chartEx", "chartUserShapes", "chartStyle", "chartColorStyle"),
        *("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing"),
    )
)
"""What a copy keeps: the last words of the types of relationships whose parts are shown, or say how others are."""
TOLD = {
    "core-properties": "properties",
    "extended-properties": "properties",
    "custom-properties": "properties",
    "thumbnail": "thumbnail",
    "comments": "comments",
    "commentsExtended": "comments",
    "commentsIds": "comments",
    "commentsExtensible": "comments",
    "commentAuthors": "author",
    "authors": "author",
    "people": "author",
    "person": "author",
    "threadedComment": "comments",
    "customXml": "custom",
    "customXmlProps": "custom",
    "customProperty": "custom",
    "tags": "custom",
    "printerSettings": "printer",
    "attachedTemplate": "template",
    "revisionHeaders": "changes",
    "revisionLog": "changes",
    "usernames": "author",
    "changesInfo": "changes",
    "revisionInfo": "changes",
    "externalLink": "path",
    "externalLinkPath": "path",
    "glossaryDocument": "details",
    "keyMapCustomizations": "details",
    "origin": "signature",
    "package": "details",
}
"""What left-out relationships tell; "details" for all others."""
PERSONAL = {
    "creator": "author",
    "lastModifiedBy": "author",
    "Company": "company",
    "Manager": "author",
    "created": "times",
    "modified": "times",
    "lastPrinted": "times",
    "Application": "program",
    "Template": "template",
    "HyperlinkBase": "path",
    "revision": "changes",
    "identifier": "identifier",
    "keywords": "words",
    "description": "words",
    "subject": "words",
    "title": "words",
    "category": "words",
    "contentStatus": "words",
    "TotalTime": "times",
}


@dataclass
class _Copy:
    office: Document
    found: list[Trace] = field(default_factory=list)
    made: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """New names of parts; the old ones may tell something."""

    def follow(self, source: str) -> None:
        """Copy a part and everything that it leads to; "" is the document as a whole."""
        if source in self.made:
            return
        relations = self.office.relations.get(source, [])
        kept = [relation for relation in relations if self.keeps(relation)]
        if source:
            self.made[source] = b""  # parts lead back to each other
            used = self.part(source, {relation.id for relation in kept})
            kept = [relation for relation in kept if relation.id in used or relation.kind not in parts.BY_NUMBER]
        self.found += [trace for relation in relations if relation not in kept for trace in self.told(source, relation)]
        for relation in kept:
            if not relation.external:
                self.follow(relation.target)
        if kept:
            self.made[_relations_of(source)] = self.written_relations(source, kept)

    def keeps(self, relation: Relation) -> bool:
        if relation.external:
            return relation.kind == "hyperlink" and relation.target.partition(":")[0].lower() in ("http", "https")
        return relation.kind in KEPT and relation.target in self.office.package.names

    def part(self, name: str, kept: set[str]) -> set[str]:
        """Copy one part; says which of the kept relationships it still uses."""
        data = self.office.package[name]
        if markup.is_markup(data) and not is_drawing(data):
            root = markup.parsed(data, name)
            self.found += parts.cleaned(root, name, kept)
            used = parts.numbers_in(root)
            self.made[name] = markup.serialised(root)
            return used
        self.made[name], told = cleaned_media(name, data)
        self.found += told
        return kept

    def told(self, source: str, relation: Relation) -> Iterator[Trace]:
        code = TOLD.get(relation.kind, "path" if relation.external else "details")
        if relation.external:
            yield Trace(code, source, relation.target)
            return
        if code == "properties" and relation.target in self.office.package.names:
            root = markup.parsed(self.office.package[relation.target], relation.target)
            for element in root.iter():
                value = (element.text or "").strip()
                if value and relation.kind == "custom-properties":
                    yield Trace("custom", relation.target, value)
                elif value and markup.local(element.tag) in PERSONAL:
                    yield Trace(PERSONAL[markup.local(element.tag)], relation.target, value)
            yield Trace("properties", relation.target)
        elif relation.kind in parts.NOTHING_TOLD:
            return
        else:
            yield Trace(code, relation.target)

    def renamed(self, name: str) -> str:
        """A neutral name for what is not XML, since it may have been named by hand."""
        if name in self.names or markup.is_markup(self.office.package[name]):
            return self.names.get(name, name)
        folder, file = posixpath.split(name)
        number = sum(posixpath.dirname(new) == folder for new in self.names.values()) + 1
        ending = re.sub(r"[^a-z0-9]", "", file.rpartition(".")[2].lower())[:8]
        self.names[name] = posixpath.join(folder, f"part{number}.{ending}")
        return self.names[name]

    def written_relations(self, source: str, relations: list[Relation]) -> bytes:
        root = etree.Element(f"{{{RELATIONS_NAME}}}Relationships", nsmap={None: RELATIONS_NAME})
        written_as = self.types_of_relations(source)
        for relation in relations:
            target = relation.target if relation.external else f"/{self.renamed(relation.target)}"
            said = {"Id": relation.id, "Type": written_as[relation.id], "Target": target}
            etree.SubElement(
                root,
                f"{{{RELATIONS_NAME}}}Relationship",
                said | ({"TargetMode": "External"} if relation.external else {}),
            )
        return markup.serialised(root)

    def types_of_relations(self, source: str) -> dict[str, str]:
        name = _relations_of(source)
        return {child.get("Id", ""): child.get("Type", "") for child in markup.parsed(self.office.package[name], name)}

    def bytes(self) -> bytes:
        members = {self.names.get(name, name): data for name, data in self.made.items()}
        space = "http://schemas.openxmlformats.org/package/2006/content-types"
        root = etree.Element(f"{{{space}}}Types", nsmap={None: space})
        rels = "application/vnd.openxmlformats-package.relationships+xml"
        etree.SubElement(root, f"{{{space}}}Default", {"Extension": "rels", "ContentType": rels})
        for name in self.made:
            if not name.endswith(".rels"):
                said = {"PartName": f"/{self.names.get(name, name)}", "ContentType": self.office.types.get(name, "")}
                etree.SubElement(root, f"{{{space}}}Override", said)
        return written([(TYPES, markup.serialised(root)), *members.items()])


def cleaned(data: bytes, place: str = "") -> tuple[bytes, list[Trace]]:
    """The copy and what it lacks."""
    package = Package.read(data, Limits())
    copy = _Copy(Document.read(package))
    copy.follow("")
    if len(copy.made) < 3:
        raise refuse("damaged", place)
    return copy.bytes(), [*copy.found, *told_by_container(package), *_lost(package, copy)]


def _lost(package: Package, copy: _Copy) -> list[Trace]:
    """Parts to which nothing leads."""
    reached = {*copy.made, *(relation.target for relations in copy.office.relations.values() for relation in relations)}
    lost = [name for name in package.names if name not in reached and name != TYPES and not name.endswith(".rels")]
    return [Trace("details", name) for name in lost]


def _relations_of(source: str) -> str:
    folder, file = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{file}.rels")
