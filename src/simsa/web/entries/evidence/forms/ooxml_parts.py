"""What is cleaned inside a part of XML of an office document: elements and attributes by their names."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace
from simsa.web.entries.evidence.forms.changes import accept_changes
from simsa.web.entries.evidence.forms.fields import remove_telling_fields
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
    "nsid": "identifier",
    "tmpl": "identifier",
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
WORD_ONLY = frozenset(("tag", "alias", "permStart", "permEnd", "nsid", "tmpl"))
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
NUMBER = "number"
LOOKS = dict.fromkeys(("theme", "clrScheme", "fontScheme", "fmtScheme"), ("Office", "Office Theme", "Office 테마"))
"""Looks that an organisation may have named, and what programs call theirs."""
LINKS, SHOWN = ("hlinkClick", "hlinkHover", "hyperlink"), ("imagedata", "blip")
_VML = ("alt", "src", f"{OFFICE}title", f"{OFFICE}href", f"{OFFICE}spid")
DESCRIBED = {
    **dict.fromkeys(("cNvPr", "docPr"), ("descr", "title")),
    **dict.fromkeys(("shape", "imagedata", "rect", "fill"), _VML),
}
"""Elements that say what a picture shows, and where they do."""
OUTSIDE = re.compile(r"\[\d+\][^\[\]!]*!")
"""How a formula names another workbook."""
NUMBERS = etree.XPath("//@*[namespace-uri()=$r] | //@*[local-name()='relid']", smart_strings=False)


def numbers_in(root: Element) -> set[str]:
    """The relationships that a part names."""
    return set(NUMBERS(root, r=R[1:-1]))


def cleaned(root: Element, place: str, kept: set[str]) -> list[Trace]:
    """Clean a part in place; says what was taken out. `kept` are the relationships that the copy has."""
    found: list[Trace] = []
    if root.tag.startswith(WORD):
        found += accept_changes(root, place)
        found += remove_telling_fields(root, place)
    for element in list(root.iter()):
        name = markup.local(element.tag)
        if _is_left_out(element, name):
            markup.removed(element)
            value = element.get("url") or element.get("userName") or element.get("appName") or ""
            found += _told(ELEMENTS[name], place, value)
            continue
        for attribute, value in element.items():  # most elements of a sheet have one or two
            code = _code_of(attribute)
            if code == NUMBER and value not in kept:
                _without_number(element, name, attribute)
            elif code is not None and code != NUMBER:
                del element.attrib[attribute]
                found += _told(code, place, value)
        if name in DESCRIBED:
            found += _names(element, name, place)
        elif name in LOOKS and element.get("name") not in (None, "", *LOOKS[name]):
            found.append(Trace("template", place, element.get("name", "")))
            element.set("name", LOOKS[name][0])
    found += _formulas(root, place)
    for wrapper in list(root.iter(*UNWRAPPED)):
        found.append(Trace("custom", place, wrapper.get(f"{WORD}element", "")))
        markup.unwrapped(wrapper)
    for extension in list(root.iter("{*}ext")):
        if not len(extension) and extension.get("uri"):
            markup.removed(extension)
    return found


def _is_left_out(element: Element, name: str) -> bool:
    if name not in ELEMENTS or element.getparent() is None:
        return False
    return name not in WORD_ONLY or str(element.tag).startswith(WORD)


@lru_cache(maxsize=4096)
def _code_of(attribute: str) -> str | None:
    """What an attribute tells: NUMBER if it names a relationship, None if it stays."""
    if attribute.startswith(R) or attribute == f"{OFFICE}relid":
        return NUMBER
    word = markup.local(attribute)
    return "identifier" if word.startswith("rsid") else ATTRIBUTES.get(word)


def _without_number(element: Element, name: str, attribute: str) -> None:
    """What names a relationship that the copy lacks: a link loses its address, a picture goes, all else stays."""
    del element.attrib[attribute]
    if name == "hyperlink" and str(element.tag).startswith(WORD):
        if not element.get(f"{WORD}anchor"):
            markup.unwrapped(element)
    elif name in LINKS or (name in SHOWN and not any(_code_of(other) == NUMBER for other in element.keys())):  # noqa: SIM118
        markup.removed(element)


def _formulas(root: Element, place: str) -> list[Trace]:
    """Take out formulas that reach into other workbooks; the numbers that they last gave stay."""
    found: list[Trace] = []
    shared: set[str] = set()
    for formula in list(root.iter("{*}f", "{*}definedName", "{*}formula1", "{*}formula2")):
        if OUTSIDE.search(formula.text or ""):
            found += [Trace("path", place, formula.text or "")] if not found else []
            shared |= {formula.get("si")} if formula.get("t") == "shared" else set()
            markup.removed(formula)
    for formula in list(root.iter("{*}f")) if shared else []:
        if formula.get("si") in shared:
            markup.removed(formula)
    return found


def _told(code: str, place: str, value: str) -> list[Trace]:
    """Numbers by which copies are recognised are many and say nothing to people: they are told once."""
    return [Trace(code) if code == "identifier" else Trace(code, place, value)] if code else []


def _names(element: Element, name: str, place: str) -> list[Trace]:
    """File names in what a picture is called; words for those who cannot see it stay."""
    found = []
    if name in ("cNvPr", "docPr"):
        found += [Trace("path", place, element.get("name", ""))] if is_file_name(element.get("name", "")) else []
        element.set("name", element.get("id", ""))
    for word in DESCRIBED[name]:
        value = element.get(word, "")
        if is_file_name(value) or (value and word == f"{OFFICE}title"):
            del element.attrib[word]
            found.append(Trace("path", place, value))
    return found
