"""The texts of an article in reading order, with the figures that stand in them and the numbers that stand free.

In rich text a figure is `<span data-figure="REFERENCE">text</span>`. A headline and a subhead are plain text; what they
took from the result is kept beside them (`ArticlePage.bound`) and found where it stands alone. Positions are those of
the plain words, in which tags within a line are nothing and any other tag is a new line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from simsa.web.newsroom.models import ArticlePage

TITLE = "title"
MARKED = re.compile(r'<span data-figure="([^"]*)">(.*?)</span>', re.DOTALL)
"""A figure in rich text: its reference, escaped, and its text, which may be bold or italic."""

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_FREE = re.compile(r"(?<!\d)(?<!\d[.,])(?<![A-Za-z]{2}-)\d+(?:[.,]\d+)*")
"""A number; the 256 of SHA-256 is part of a name."""

_PIECE = re.compile(r"<[^>]*>|[^<]+|<")
_WITHIN_A_LINE = re.compile(r"</?(?:a|b|em|i|span|strong|sub|sup)\b")


@dataclass(frozen=True)
class Mark:
    """A figure in a text: its reference, and where it begins and ends."""

    reference: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A text of an article.

    `where` is its place for people, `anchor` that in the editor's form, empty where it has none. `gone` is what was
    taken from the result and stands there no longer. `translated`: a translation says it in its own language.
    """

    where: str
    anchor: str
    text: str
    marks: tuple[Mark, ...] = ()
    gone: tuple[str, ...] = ()
    translated: bool = False

    def said(self, mark: Mark) -> str:
        return self.text[mark.start : mark.end]

    def around(self, mark: Mark) -> tuple[int, int]:
        """The figure with every digit that touches it: where it stands alone, the figure itself."""
        start, end = mark.start, mark.end
        for number in _DIGITS.finditer(self.text):
            if number.start() < mark.start < number.end() or number.start() < mark.end < number.end():
                start, end = min(start, number.start()), max(end, number.end())
        return start, end

    def free(self) -> Iterator[tuple[int, int]]:
        """The numbers of which nothing is bound."""
        for number in _FREE.finditer(self.text):
            if not any(mark.start < number.end() and number.start() < mark.end for mark in self.marks):
                yield number.span()

    def unbound(self) -> str:
        """The words that are no figures."""
        said, at = "", 0
        for mark in sorted(self.marks, key=lambda mark: mark.start):
            said, at = f"{said}{self.text[at : mark.start]}\n", mark.end
        return said + self.text[at:]


def passages(article: ArticlePage) -> Iterator[Passage]:
    """Every text of an article in which a number may stand, in reading order."""
    yield plain_passage(article, TITLE)
    for line in article.subheads:
        yield plain_passage(article, line.id)
    yield Passage(_("caption"), "id_lead_caption", article.lead_caption)
    for number, block in enumerate(article.body, start=1):
        place, anchor = where(number, str(block.block.label)), block_anchor(block)
        if block.block_type == "paragraph":
            text, marks = read(block.value.source)
            yield Passage(place, anchor, text, marks, translated=True)
            continue
        for text in _plain_texts(block.block_type, block.value):
            yield Passage(place, anchor, text or "", translated=block.block_type == "heading")


def plain_passage(article: ArticlePage, place: str) -> Passage:
    """The headline (`title`), or the subhead with an id."""
    if place == TITLE:
        found, anchor, text = _("headline"), "id_title", str(article.title)
    else:
        number, line = next((n, line) for n, line in enumerate(article.subheads, start=1) if line.id == place)
        found, anchor, text = _("subhead %(n)d") % {"n": number}, block_anchor(line), str(line.value)
    marks, gone = _placed(text, [bound for bound in article.bound if place and bound["place"] == place])
    return Passage(found, anchor, text, marks, gone, translated=True)


def is_bound(article: ArticlePage) -> bool:
    """Whether an article took anything from a result."""
    return bool(article.bound) or any(
        MARKED.search(block.value.source) for block in article.body if block.block_type == "paragraph"
    )


def where(number: int, kind: str) -> str:
    """Where in an article, for people: `text, part 3 (paragraph)`."""
    return _("text, part %(number)d (%(kind)s)") % {"number": number, "kind": kind}


def block_anchor(block: Any) -> str:
    """The anchor that Wagtail gives a block in the editor's form."""
    return f"block-{block.id}-section" if block.id else ""


def read(source: str) -> tuple[str, tuple[Mark, ...]]:
    """The plain words of rich text, and its figures in the order of `MARKED`."""
    text, at, marks = "", 0, []
    for found in MARKED.finditer(source):
        text += _words(source[at : found.start()])
        start = len(text)
        text += _words(found[2])
        marks.append(Mark(unescape(found[1]), start, len(text)))
        at = found.end()
    return text + _words(source[at:]), tuple(marks)


def without_marks(source: str) -> str:
    """Rich text as readers get it: figures are words like any others."""
    return MARKED.sub(lambda found: found[2], source)


def wrapped(source: str, notes: Iterable[tuple[int, int, str, str]]) -> str:
    """Rich text without figures, with an element around every part that is noted: start, end, tag, what it says.

    Where two notes overlap the first one holds.
    """
    noted: dict[int, tuple[str, str]] = {}
    for start, end, tag, said in notes:
        noted = dict.fromkeys(range(start, end), (tag, said)) | noted
    html, at = "", 0
    for piece in _PIECE.findall(without_marks(source)):
        words = _words(piece)
        html += piece if piece.startswith("<") else _with_notes(words, at, noted)
        at += len(words)
    return html


def _with_notes(words: str, at: int, noted: dict[int, tuple[str, str]]) -> str:
    html, start = "", 0
    for end in range(1, len(words) + 1):
        note = noted.get(at + start)
        if end < len(words) and noted.get(at + end) == note:
            continue
        said = escape(words[start:end], quote=False)
        html += said if note is None else f'<{note[0]} title="{escape(note[1])}">{said}</{note[0].split()[0]}>'
        start = end
    return html


def _words(source: str) -> str:
    pieces = _PIECE.findall(source)
    return "".join(
        unescape(piece) if not piece.startswith("<") or piece == "<" else "" if _WITHIN_A_LINE.match(piece) else "\n"
        for piece in pieces
    )


def _placed(text: str, bound: list[dict[str, str]]) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Where what is bound stands in a plain text, each in a place of its own, and what stands there no longer.

    The longest is looked for first: a name may hold the same digits as a number.
    """
    marks: list[Mark] = []
    gone = []
    for one in sorted(bound, key=lambda one: -len(one["text"])):
        alone = re.compile(rf"(?<!\d)(?<!\d[.,]){re.escape(one['text'])}(?!\d|[.,]\d)")
        free = (
            found
            for found in alone.finditer(text)
            if not any(mark.start < found.end() and found.start() < mark.end for mark in marks)
        )
        found = next(free, None)
        if found is None:
            gone.append(one["text"])
        else:
            marks.append(Mark(one["reference"], *found.span()))
    return tuple(sorted(marks, key=lambda mark: mark.start)), tuple(gone)


def _plain_texts(kind: str, value: Any) -> list[str]:
    """The texts of a block that is no paragraph. What is chosen from a list, and addresses, hold no numbers of ours."""
    if kind == "heading":
        return [value]
    if kind in ("quote", "pull_figure"):
        return list(value.values())
    if kind == "gallery":
        return [one["caption"] for one in value["pictures"]]
    if kind == "case":
        outcomes = (text for outcome in value["outcomes"] for text in (outcome["label"], outcome["figure"]))
        return [value["title"], value["text"], *outcomes]
    return [value["caption"]] if "caption" in value else []
