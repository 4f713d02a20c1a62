"""Fields of a Word document: what a program puts in when it shows the text. Some fetch, some name their author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Trace
from simsa.web.entries.evidence.markup import Element

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMING = (
    *("AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "USERADDRESS", "FILENAME", "TEMPLATE", "DOCPROPERTY"),
    *("INFO", "COMMENTS", "KEYWORDS", "SUBJECT", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REVNUM"),
    "DOCVARIABLE",
)
"""Show what the file says of itself: a copy lacks them and what they show."""
COMMANDING = ("DDE", "DDEAUTO")
LEADING = ("INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD", "HYPERLINK")
"""Lead to another file or place. All but the last fetch what is there."""
NETWORK = re.compile(r"(?i)(https?|ftp|mhtml):|\\\\\\\\|(?<![:\\/])//|file:(//(?!/|localhost)|////)")
WEB = re.compile(r'(?i)^\s*HYPERLINK\s+("?https?:|\\l\b)')


@dataclass
class Field:
    """From its first run to its last; `commands` are the runs of the instruction."""

    words: str = ""
    runs: list[Element] = field(default_factory=list)
    commands: list[Element] = field(default_factory=list)
    shows: bool = False

    @property
    def name(self) -> str:
        return (self.words.split() or [""])[0].upper()


def fetches(root: Element) -> Iterator[str]:
    """Instructions that run something or fetch it from a network, however they are cut into pieces."""
    for found in _fields(root):
        if found.name in COMMANDING or (
            found.name in LEADING and found.name != "HYPERLINK" and NETWORK.search(found.words)
        ):
            yield found.words


def remove_telling_fields(root: Element, place: str) -> list[Trace]:
    """Take out fields that name their author or a place on a computer; what the latter show stays."""
    told: list[Trace] = []
    for found in _fields(root):
        if found.name in NAMING:
            told.append(Trace("field", place, found.words))
            gone = found.runs
        elif found.name in LEADING and not WEB.match(found.words):
            told.append(Trace("path", place, found.words))
            gone = [*found.commands, found.runs[-1]]
        else:
            continue
        for element in gone:
            if element.tag == f"{WORD}fldSimple" and found.name not in NAMING:
                markup.unwrapped(element)
            elif element.getparent() is not None:
                markup.removed(element)
    return told


def _fields(root: Element) -> list[Field]:
    """All fields, those inside of others before them. A field may reach over several paragraphs."""
    done = [Field(simple.get(f"{WORD}instr", ""), [simple], [], shows=True) for simple in root.iter(f"{WORD}fldSimple")]
    opened: list[Field] = []
    for run in root.iter(f"{WORD}r"):
        marks = [mark.get(f"{WORD}fldCharType") for mark in run.iterfind(f"{WORD}fldChar")]
        if "begin" in marks:
            opened.append(Field())
        for one in opened:
            one.runs.append(run)
            if not one.shows:
                one.commands.append(run)
        if opened:
            opened[-1].words += "".join(text.text or "" for text in run.iterfind(f"{WORD}instrText"))
            opened[-1].shows |= "separate" in marks
        if "end" in marks and opened:
            done.append(opened.pop())
    return done + opened[::-1]
