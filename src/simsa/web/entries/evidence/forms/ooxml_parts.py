"""What is cleaned inside a part of XML of an office document: elements and attributes by their names."""

from __future__ import annotations

import re

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace
from simsa.web.entries.evidence.forms.changes import accept_changes, remove_naming_fields
from simsa.web.entries.evidence.forms.media import is_file_name
from simsa.web.entries.evidence.markup import Element

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFFICE = "{urn:schemas-microsoft-com:office:office}"

BY_NUMBER = frozenset(
    ("image", "hyperlink", "vmlDrawing", "chart", "chartEx", "drawing", "diagramData", "diagramDrawing")
)
"""Relationships that go with the element that names them."""
NOTHING_TOLD = frozenset(("ctrlProp", "image", "vmlDrawing", "drawing", "chart", "hyperlink"))

ELEMENTS = {
    # WordprocessingML
    "rsids": "identifier",
    "docId": "identifier",
    "attachedTemplate": "template",
    "docVars": "custom",
    "writeProtection": "author",
    "mailMerge": "path",
    "saveThroughXslt": "path",
    "activeWritingStyle": "details",
    "trackRevisions": "",
    "revisionView": "",
    "proofState": "",
    "dataBinding": "",
    "commentRangeStart": "comments",
    "commentRangeEnd": "comments",
    "commentReference": "comments",
    "permStart": "author",
    "permEnd": "",
    # SpreadsheetML
    "absPath": "path",
    "fileSharing": "author",
    "fileVersion": "program",
    "fileRecoveryPr": "",
    "revisionPtr": "identifier",
    "customWorkbookViews": "author",
    "customSheetViews": "",
    "webPublishing": "path",
    "webPublishItems": "path",
    "legacyDrawing": "",
    "customPr": "custom",
    "externalReferences": "path",
    "smartTagTypes": "",
    "oleSize": "",
    "controls": "",
    # PresentationML and drawings
    "custDataLst": "custom",
    "custData": "custom",
    "modifyVerifier": "",
    "externalData": "",
    "svgBlip": "",
    "imgProps": "details",
    "creationId": "identifier",
    "uniqueId": "identifier",
    "predDERef": "identifier",
    "rowId": "identifier",
    "colId": "identifier",
    "audioFile": "",
    "videoFile": "",
    "tag": "",
    "alias": "",
    "smartTagPr": "custom",
    "customXmlPr": "custom",
}
"""What a copy lacks, with what it tells ("": nothing of its own)."""
WORD_ONLY = frozenset(("tag", "alias", "permStart", "permEnd"))
UNWRAPPED = (f"{WORD}smartTag", f"{WORD}customXml")
ATTRIBUTES = {
    "paraId": "identifier",
    "textId": "identifier",
    "uid": "identifier",
    "documentId": "identifier",
    "durableId": "identifier",
    "coauthVersionLast": "identifier",
    "coauthVersionMax": "identifier",
    "refreshedBy": "author",
    "refreshedDate": "times",
    "refreshedDateIso": "times",
    "editId": "identifier",
    "anchorId": "identifier",
    "lastGuid": "identifier",
    "codeName": "",
}
OUTSIDE = re.compile(r"\[\d+\]")
"""How a formula names another workbook."""


def numbers_of(element: Element) -> dict[str, str]:
    """The relationships that an element names, by attribute."""
    return {
        str(name): str(value)
        for name, value in element.attrib.items()
        if str(name).startswith(R) or name == f"{OFFICE}relid"
    }


def cleaned(root: Element, place: str, kept: set[str]) -> list[Trace]:
    """Clean a part in place; says what was taken out. `kept` are the relationships that the copy has."""
    found: list[Trace] = []
    if root.tag.startswith(WORD):
        found += accept_changes(root, place)
        found += remove_naming_fields(root, place)
    for element in list(root.iter()):
        found += _cleaned_element(element, place, kept)
    for wrapper in list(root.iter(*UNWRAPPED)):
        found.append(Trace("custom", place, wrapper.get(f"{WORD}element", "")))
        markup.unwrapped(wrapper)
    for extension in list(root.iter("{*}ext")):
        if not len(extension) and extension.get("uri"):
            markup.removed(extension)
    return found


def _cleaned_element(element: Element, place: str, kept: set[str]) -> list[Trace]:
    name = markup.local(element.tag)
    found: list[Trace] = []
    if name in ELEMENTS and (name not in WORD_ONLY or element.tag.startswith(WORD)) and element.getparent() is not None:
        markup.removed(element)
        value = element.get("url") or element.get("userName") or element.get("appName") or ""
        return _told(ELEMENTS[name], place, value)
    for attribute, value in numbers_of(element).items():
        if value not in kept:
            del element.attrib[attribute]
            if name == "hyperlink" and element.tag.startswith(WORD) and not element.get(f"{WORD}anchor"):
                markup.unwrapped(element)
            elif name in ("hlinkClick", "hlinkHover", "hyperlink") or (
                name in ("imagedata", "blip") and not numbers_of(element)
            ):
                markup.removed(element)
    for attribute in list(element.attrib):
        word = markup.local(attribute)
        code = "identifier" if word.startswith("rsid") else ATTRIBUTES.get(word)
        if code is not None:
            value = element.attrib.pop(attribute)
            found += _told(code, place, value)
    found += _names(element, name, place)
    if name in ("f", "definedName", "formula1", "formula2") and OUTSIDE.search(element.text or ""):
        found.append(Trace("path", place, element.text or ""))
        markup.removed(element)  # the number that was last computed stays
    return found


def _told(code: str, place: str, value: str) -> list[Trace]:
    """Numbers by which copies are recognised are many and say nothing to people: they are told once."""
    return [Trace(code) if code == "identifier" else Trace(code, place, value)] if code else []


def _names(element: Element, name: str, place: str) -> list[Trace]:
    """File names in what a picture is called; words for those who cannot see it stay."""
    found = []
    if name in ("cNvPr", "docPr"):
        looks = is_file_name(element.get("name", ""))
        found += [Trace("path", place, element.get("name", ""))] if looks else []
        element.set("name", element.get("id", ""))
        words: tuple[str, ...] = ("descr", "title")
    elif name in ("shape", "imagedata", "rect", "fill"):
        words = ("alt", f"{OFFICE}title", "src", f"{OFFICE}href", f"{OFFICE}spid")
    else:
        return found
    for word in words:
        value = element.get(word, "")
        if is_file_name(value) or (value and word == f"{OFFICE}title"):
            del element.attrib[word]
            found.append(Trace("path", place, value))
    return found
