"""XML that was written by strangers: without document types, so without entities and outside files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias
from xml.parsers import expat

from lxml import etree

from simsa.web.entries.evidence.findings import refuse

Element: TypeAlias = Any  # lxml tells no types
BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"<\0", b"\0<")


def is_markup(data: bytes) -> bool:
    return data[:64].lstrip().startswith(BEGINNINGS)


def check(data: bytes, name: str) -> None:
    """RefusedError if it is damaged, has a document type, or is not in UTF-8, as all programs write it.

    Expat stops at a document type before it has read what is declared.
    """

    def document_type(*_: object) -> None:
        raise refuse("entities", name)

    def declaration(_version: str, encoding: str | None, _alone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii", "ascii"):
            raise refuse("damaged", name)

    if b"\0" in data:
        raise refuse("damaged", name)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = document_type
    parser.XmlDeclHandler = declaration
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise refuse("damaged", name) from error


def parsed(data: bytes, name: str) -> Element:
    """The root element; comments and processing instructions, which nobody is shown, are left out.

    The document was checked. This parser keeps prefixes: office programs name them in attribute values.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = etree.fromstring(data, parser)
        return root
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refuse("damaged", name) from error


def serialised(root: Element) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


@lru_cache(maxsize=4096)
def local(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]


def removed(element: Element) -> None:
    """Take an element out of its parent; text behind it stays."""
    _leave_tail(element)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def unwrapped(element: Element) -> None:
    """Put the children of an element into its place."""
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    for child in list(element):
        parent.insert(at, child)
        at += 1
    removed(element)


def _leave_tail(element: Element) -> None:
    tail, parent = element.tail, element.getparent()
    if not tail or parent is None:
        return
    before = element.getprevious()
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    element.tail = None
