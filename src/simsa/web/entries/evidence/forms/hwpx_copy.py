"""The copy of an HWPX document: its text and looks, pictures and charts, and a package that is described anew."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace, refuse
from simsa.web.entries.evidence.forms.hwpx import CONTENT, OPF, PREVIEW, SHOWN
from simsa.web.entries.evidence.forms.media import cleaned_media, is_file_name
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.markup import Element
from simsa.web.entries.evidence.packages import Package, told_by_container, written

MIMETYPE, VERSION, SETTINGS = "mimetype", "version.xml", "settings.xml"
LONGEST_PREVIEW = 1000
REWRITTEN = ("META-INF/container.xml", "META-INF/manifest.xml")
CHART = re.compile(r"Chart/chart\d+\.xml$")
FIRST_SENTENCE = re.compile(r"^[^.\n]*\.")
PICTURE_TOLD = re.compile(r"원본 그림|사진 찍은|카메라|프로그램 이름|EXIF|original picture", re.IGNORECASE)
METADATA = {
    "creator": "author",
    "lastsaveby": "author",
    "CreatedDate": "times",
    "ModifiedDate": "times",
    "date": "times",
}
CHANGES = ("insertBegin", "insertEnd", "deleteBegin", "deleteEnd")
ELEMENTS = {
    "trackChanges": "changes",
    "trackChangeAuthors": "author",
    "trackChangeEncrpytion": "",
    "licensemark": "custom",
    "forbiddenWordList": "",
    "hiddenComment": "comments",
}
FIELDS = {
    "MEMO": "comments",
    "USER_INFO": "author",
    "SUMMERY": "author",
    "SUMMARY": "author",
    "PATH": "path",
    "DOCDATE": "",
}
FIELDS |= {"REVISION_SIGN": "changes", "PROOFREADING_MARKS": "comments", "PRIVATE_INFO": "custom", "METADATA": "custom"}
"""Fields that name somebody or a file, or are remarks: taken out with what they show."""


def cleaned(data: bytes, place: str = "") -> tuple[bytes, list[Trace]]:
    """The copy and what it lacks."""
    package = Package.read(data, Limits())
    found: list[Trace] = []
    items, spine = _listed(package, found)
    names = _names(items)
    made: dict[str, bytes] = {}
    charts: dict[str, bytes] = {}
    for id_, (address, _media) in items.items():
        part = package[address]
        if markup.is_markup(part) and not address.startswith("BinData/"):
            root = markup.parsed(part, address)
            found += _cleaned_part(root, address)
            made[id_] = markup.serialised(root)
        else:
            made[id_], told = cleaned_media(address, part)
            found += told
    for name in package.names:  # charts are named by their place where they are shown
        if CHART.match(name) and name not in names.values():
            root = markup.parsed(package[name], name)
            found += _cleaned_part(root, name)
            charts[name] = markup.serialised(root)
    found += _told_by_rest(package, {address for address, _ in items.values()} | set(charts))
    words = _first_words(made[id_] for id_ in spine if id_ in made)
    if package.infos.keys() & {PREVIEW} and package[PREVIEW] != words:
        found.append(Trace("thumbnail", PREVIEW))
    descriptions = [*_descriptions(package, items, spine, names), (PREVIEW, words)]
    shown = {names[id_]: part for id_, part in made.items()} | charts
    members = [(MIMETYPE, b"application/hwp+zip"), *descriptions, *shown.items()]
    return written(members, stored=(MIMETYPE,)), found


def _listed(package: Package, found: list[Trace]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Parts that a copy keeps, by their id: where they are and what they are; and the order in which they are read."""
    root = markup.parsed(package[CONTENT], CONTENT)
    for element in root.iter(f"{OPF}title", f"{OPF}meta"):
        value, word = (element.text or element.get("content", "")).strip(), element.get("name", "title")
        if value and value != "text":
            found.append(Trace(METADATA.get(word, "words"), CONTENT, value))
    items: dict[str, tuple[str, str]] = {}
    for item in root.iter(f"{OPF}item"):
        address = item.get("href", "").lstrip("/")
        at = next((name for name in (address, f"Contents/{address}") if name in package.names), None)
        if at is not None and SHOWN.match(at):
            items[item.get("id", "")] = (at, item.get("media-type", "application/xml"))
        if at is None:  # a picture that is on the author's computer, or is lost
            found.append(Trace("path", CONTENT, address))
        if any(markup.local(name) not in ("id", "href", "media-type", "isEmbeded") for name in item.attrib):
            found.append(Trace("path", CONTENT, item.get("sub-path", "")))
    spine = [ref.get("idref", "") for ref in root.iter(f"{OPF}itemref") if ref.get("idref", "") in items]
    if not any("section" in items[id_][0] for id_ in spine):
        raise refuse("damaged", CONTENT)
    return items, spine


def _first_words(sections: Iterable[bytes]) -> bytes:
    """What the word processor keeps beside the text for those who only look at the file; some versions ask for it."""
    words = (text for part in sections for said in markup.parsed(part, "").iter("{*}t") for text in said.itertext())
    return " ".join(words)[:LONGEST_PREVIEW].encode()


def _names(items: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Where the parts stand in the copy: pictures under neutral names."""
    names: dict[str, str] = {}
    for id_, (address, _media) in items.items():
        folder, file = posixpath.split(address)
        ending = re.sub(r"[^a-z0-9]", "", file.rpartition(".")[2].lower())[:8]
        # Sections, headers and charts are named by the form.
        names[id_] = address if folder != "BinData" else f"{folder}/part{len(names) + 1}.{ending}"
    return names


def _told_by_rest(package: Package, kept: set[str]) -> Iterator[Trace]:
    for name in package.names:
        if name in kept or name in (MIMETYPE, CONTENT, PREVIEW, *REWRITTEN):
            continue
        if name.startswith("Preview/") and name != PREVIEW:
            yield Trace("thumbnail", name)
        elif name == VERSION:
            root = markup.parsed(package[name], name)
            said = " ".join(root.get(word, "") for word in ("application", "appVersion")).strip()
            if said:
                yield Trace("program", name, said)
        elif name == SETTINGS:
            root = markup.parsed(package[name], name)
            more = [child for child in root if markup.local(child.tag) != "CaretPosition"]
            if more or any(value != "0" for child in root for value in child.attrib.values()):
                yield Trace("printer" if b"Print" in package[name] else "details", name)
        else:
            yield Trace("signature" if "signature" in name.lower() else "details", name)
    yield from told_by_container(package)


def _cleaned_part(root: Element, place: str) -> list[Trace]:
    found: list[Trace] = []
    _accept_changes(root)
    found += _remove_fields(root, place)
    for holder in list(root.iter("{*}ctrl")):
        if not len(holder):  # the word processor does not bear an empty one
            markup.removed(holder)
    for element in list(root.iter()):
        name = markup.local(element.tag)
        if name in ELEMENTS and element.getparent() is not None:
            told = [child.get("name", "") for child in element.iter() if child.get("name")] or [""]
            found += [Trace(ELEMENTS[name], place, value) for value in told if ELEMENTS[name]]
            markup.removed(element)
        elif name == "shapeComment" and (PICTURE_TOLD.search(element.text or "") or is_file_name(element.text or "")):
            found.append(Trace("path", place, element.text or ""))
            said = FIRST_SENTENCE.match((element.text or "").strip())
            element.text = said[0] if said and not PICTURE_TOLD.search(said[0]) and not is_file_name(said[0]) else ""
        elif name == "linkinfo" and element.get("path"):
            found.append(Trace("path", place, element.get("path", "")))
            element.set("path", "")
        elif name == "metaTag" and (element.text or "").strip() not in ("", '{"name":""}'):
            found.append(Trace("custom", place, element.text or ""))
            element.text = '{"name":""}'
        elif name == "pic" and element.get("href"):
            found.append(Trace("path", place, element.get("href", "")))
            element.set("href", "")
    return found + _number_anew(root)


def _number_anew(root: Element) -> list[Trace]:
    """Give pictures and boxes the numbers 1, 2, 3 instead of those by which programs know their copies."""
    told = []
    for number, element in enumerate(root.iterfind(".//*[@instid]"), start=1):
        told += [Trace("identifier")] if element.get("instid") != str(number) else []
        element.set("instid", str(number))
    return told


def _accept_changes(root: Element) -> None:
    """Leave out what is marked as deleted, and the marks; who made them stands in the header."""
    deleting: set[str] = set()
    for element in list(root.iter()):
        name = markup.local(element.tag)
        if name == "deleteBegin":
            deleting.add(element.get("Id", ""))
        elif name == "deleteEnd":
            deleting.discard(element.get("Id", ""))
        elif deleting and name == "t":
            element.text = None
        if name in CHANGES:
            tail, element.tail = element.tail, None
            parent, before = element.getparent(), element.getprevious()
            parent.remove(element)
            if tail and not deleting:
                if before is None:
                    parent.text = (parent.text or "") + tail
                else:
                    before.tail = (before.tail or "") + tail
        elif deleting and element.tail and markup.local(element.getparent().tag) == "t":
            element.tail = None


def _remove_fields(root: Element, place: str) -> list[Trace]:
    found: list[Trace] = []
    for begin in list(root.iter("{*}fieldBegin")):
        code = FIELDS.get(begin.get("type", "").upper())
        if code is None:
            for parameter in begin.iter("{*}stringParam"):
                if re.match(r"(?i)\s*(file|mailto)\\?:|[a-z]:[\\/]", parameter.text or ""):
                    found.append(Trace("path", place, parameter.text or ""))
                    parameter.text = ""
            if begin.get("name") and begin.get("type") == "HYPERLINK":
                begin.set("name", "")
            continue
        found.append(Trace(code or "details", place, "".join(begin.itertext())))
        _remove_between(root, begin)
    return found


def _remove_between(root: Element, begin: Element) -> None:
    """Take out a field: its beginning, its end, and the words that it shows; those to which a remark was made stay."""
    ends = {end for end in root.iter("{*}fieldEnd") if end.get("beginIDRef") == begin.get("id")}
    remark = begin.get("type", "").upper() in ("MEMO", "PROOFREADING_MARKS", "REVISION_SIGN")
    if not ends:  # nobody can tell how far it reaches
        markup.removed(begin)
        return
    inside = False
    for element in list(root.iter()):
        if element is begin:
            inside = True
        elif element in ends:
            markup.removed(element)
            break
        elif inside and not remark and markup.local(element.tag) == "t" and begin not in element.iterancestors():
            element.text = ""
            for child in list(element):
                element.remove(child)
    markup.removed(begin)


def _descriptions(
    package: Package, items: dict[str, tuple[str, str]], spine: list[str], names: dict[str, str]
) -> Iterator[tuple[str, bytes]]:
    """The parts that describe the package, written anew."""
    before = markup.parsed(package[VERSION], VERSION) if VERSION in package.names else None
    version = etree.Element(
        "{http://www.hancom.co.kr/hwpml/2011/version}HCFVersion",
        {"tagetApplication": "WORDPROCESSOR", "major": "5", "minor": "1", "micro": "1", "buildNumber": "0", "os": "1"},
        nsmap={"hv": "http://www.hancom.co.kr/hwpml/2011/version"},
    )
    said = None if before is None else re.fullmatch(r"\d+(\.\d+)*", before.get("xmlVersion", ""))
    version.set("xmlVersion", said[0] if said else "1.4")
    yield VERSION, markup.serialised(version)
    app = "http://www.hancom.co.kr/hwpml/2011/app"
    settings = etree.Element(f"{{{app}}}HWPApplicationSetting", nsmap={"ha": app})
    etree.SubElement(settings, f"{{{app}}}CaretPosition", {"listIDRef": "0", "paraIDRef": "0", "pos": "0"})
    yield SETTINGS, markup.serialised(settings)
    yield CONTENT, _content(items, spine, names)
    ocf = "urn:oasis:names:tc:opendocument:xmlns:container"
    container = etree.Element(f"{{{ocf}}}container", nsmap={"ocf": ocf})
    roots = etree.SubElement(container, f"{{{ocf}}}rootfiles")
    etree.SubElement(roots, f"{{{ocf}}}rootfile", {"full-path": CONTENT, "media-type": "application/hwpml-package+xml"})
    yield "META-INF/container.xml", markup.serialised(container)
    odf = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    yield "META-INF/manifest.xml", markup.serialised(etree.Element(f"{{{odf}}}manifest", nsmap={"odf": odf}))


def _content(items: dict[str, tuple[str, str]], spine: list[str], names: dict[str, str]) -> bytes:
    root = etree.Element(f"{OPF}package", {"version": "", "unique-identifier": "", "id": ""}, nsmap={"opf": OPF[1:-1]})
    metadata = etree.SubElement(root, f"{OPF}metadata")
    etree.SubElement(metadata, f"{OPF}title")
    etree.SubElement(metadata, f"{OPF}language").text = "ko"
    manifest = etree.SubElement(root, f"{OPF}manifest")
    for id_, (_address, media) in items.items():
        said = {"id": id_, "href": names[id_], "media-type": media}
        if names[id_].startswith("BinData/"):
            said["isEmbeded"] = "1"
        etree.SubElement(manifest, f"{OPF}item", said)
    etree.SubElement(manifest, f"{OPF}item", {"id": "settings", "href": SETTINGS, "media-type": "application/xml"})
    reading = etree.SubElement(root, f"{OPF}spine")
    for id_ in spine:
        etree.SubElement(reading, f"{OPF}itemref", {"idref": id_, "linear": "yes"})
    return markup.serialised(root)
