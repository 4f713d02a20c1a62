"""Tracked changes of a Word document: a copy has its text as if all were accepted."""

from __future__ import annotations

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace
from simsa.web.entries.evidence.markup import Element

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ADDED, TAKEN = ("ins", "moveTo"), ("del", "moveFrom")
MARKS = ("rPr", "ctrlPr", "trPr", "tblPr", "tcPr", "numPr")
"""Where a change is a mark on what holds it: a paragraph's end, a row, a cell."""
ONLY_MARKS = (
    *("pPrChange", "rPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tcPrChange", "trPrChange"),
    *("tblGridChange", "numberingChange", "cellIns", "cellDel", "cellMerge"),
    *("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"),
    *("customXmlInsRangeStart", "customXmlInsRangeEnd", "customXmlDelRangeStart", "customXmlDelRangeEnd"),
    *(
        "customXmlMoveFromRangeStart",
        "customXmlMoveFromRangeEnd",
        "customXmlMoveToRangeStart",
        "customXmlMoveToRangeEnd",
    ),
)


def accept_changes(root: Element, place: str) -> list[Trace]:
    """Accept every tracked change in place; says who made them."""
    found: list[Trace] = []
    names = (*ADDED, *TAKEN, *ONLY_MARKS)
    for element in list(root.iter(*(WORD + name for name in names))):
        author = element.get(f"{WORD}author")
        if author:
            found.append(Trace("changes", place, author))
        if element.getparent() is None:
            continue
        _accept(element, markup.local(element.tag), markup.local(element.getparent().tag))
    return found


def _accept(element: Element, name: str, holder: str) -> None:
    if name in ONLY_MARKS:
        markup.removed(element)
    elif holder not in MARKS:
        if name in ADDED:
            markup.unwrapped(element)
        else:
            markup.removed(element)
    else:
        mark = element.getparent()
        markup.removed(element)
        if name in TAKEN and holder == "trPr":
            markup.removed(mark.getparent())
        elif name in TAKEN and holder == "rPr" and markup.local(mark.getparent().tag) == "pPr":
            _join(mark.getparent().getparent())


def _join(paragraph: Element) -> None:
    """The end of a paragraph was taken out: its text goes to the beginning of the next one."""
    after = paragraph.getnext()
    if after is None or after.tag != f"{WORD}p":
        return
    at = 1 if len(after) and after[0].tag == f"{WORD}pPr" else 0
    for child in [child for child in paragraph if child.tag != f"{WORD}pPr"]:
        after.insert(at, child)
        at += 1
    markup.removed(paragraph)
