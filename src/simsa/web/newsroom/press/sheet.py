"""An article as a sheet for the press: its parts in order, with pictures, tables and charts, for any kind of file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, TypeVar

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from wagtail.rich_text import expand_db_html

from simsa.web.awards.drawings import group_drawing, map_drawing
from simsa.web.awards.lines import Lines
from simsa.web.awards.models import Result
from simsa.web.awards.pages import winners
from simsa.web.newsroom import publisher
from simsa.web.newsroom.blocks.results import whose
from simsa.web.newsroom.characters import without_controls
from simsa.web.newsroom.drafting.passages import without_marks
from simsa.web.newsroom.drafting.references import result_of
from simsa.web.newsroom.press.pictures import is_there

if TYPE_CHECKING:
    from simsa.web.newsroom.models import ArticlePage, NewsPicture

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """Words that look alike; `link` is a whole address."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading in the text."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, or an item of a list with what stands before it (`•`, `1.`)."""

    runs: tuple[Run, ...]
    marker: str = ""


@dataclass(frozen=True)
class Quoted:
    """What somebody said, and who."""

    words: str
    speaker: str


@dataclass(frozen=True)
class Shown:
    """A picture with everything that has to be said of it."""

    picture: NewsPicture
    alt: str
    caption: str

    @property
    def credit(self) -> str:
        generated = _("Drawn by a program; it shows nobody and nothing real.") if self.picture.generated else ""
        return " ".join(part for part in (generated, self.picture.credit) if part)


@dataclass(frozen=True)
class Chart:
    """A drawing of the result as SVG that stands on its own; `alt` is its description."""

    title: str
    svg: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Grid:
    """A table; `numeric` are the columns of numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    numeric: tuple[int, ...] = ()


Part = Heading | Paragraph | Quoted | Shown | Chart | Grid


@dataclass(frozen=True)
class Sheet:
    """An article: what stands above the text, the text, and where it comes from."""

    language: str
    release: str
    title: str
    subheads: tuple[str, ...]
    byline: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    address: str
    changed: datetime | None
    result: Result | None = field(repr=False)

    @property
    def digest(self) -> str:
        """Another one as soon as a file of the sheet would say something else."""
        pictures = [
            (part.picture.pk, part.picture.file.name, part.picture.file_hash, part.credit)
            for part in self.parts
            if isinstance(part, Shown)
        ]
        result = self.result
        told = result and (result.digest, result.round.slug, result.round.synthetic, result.round.credit)
        return hashlib.sha256(repr((self, pictures, told)).encode(errors="replace")).hexdigest()


def sheet_of(article: ArticlePage, *, draft: bool) -> Sheet:
    """The sheet of an article. `draft` shows an editor what is not public: the result, and that it is a draft."""
    language = article.locale.language_code
    with override(language):
        result = result_of(article.round)
        if result is not None and result.published is None and not draft:
            result = None
        lines = None if result is None else Lines(result, result.round.rules, language)
        parts = [part for block in article.body for part in _parts(block, lines)]
        if article.lead_picture is not None:
            parts.insert(0, Shown(article.lead_picture, article.lead_words, article.lead_caption))
        # A picture may have been deleted, or its file lost, after it was put into the text.
        parts = [part for part in parts if not isinstance(part, Shown) or (part.picture and is_there(part.picture))]
        authors = ", ".join(" ".join(part for part in (one.name, one.role) if part) for one in article.bylines)
        dateline = f"[{article.dateline}]" if article.dateline else ""
        sheet = Sheet(
            language=language,
            release=" · ".join(_release(article)),
            title=article.title,
            subheads=tuple(str(line.value) for line in article.subheads),
            byline=" ".join(part for part in (dateline, authors) if part),
            notes=tuple(_notes(article, draft)),
            parts=tuple(parts),
            address=absolute(article.address),
            changed=article.last_published_at or article.latest_revision_created_at,
            result=result,
        )
        return _clean(sheet)


def absolute(address: str) -> str:
    """The whole address of a page of this site; others stay as they are, and no address stays none."""
    return publisher.absolute(address) if address else ""


def standing_alone(svg: str) -> str:
    """A drawing for outside of a page: colours and typeface as they are without one, and whole addresses.

    The names of regions on a map are for pages on which those of the tiles are too small to read, so they are left out.
    """
    before, svg = "", re.sub(r'<g class="regions".*?</g>', "", svg, flags=re.DOTALL)
    while before != svg:
        before, svg = svg, re.sub(r"var\(--[\w-]+,\s*([^()]*)\)", r"\1", svg)
    return re.sub(r'href="(/[^"]*)"', lambda found: f'href="{absolute(found[1])}"', svg)


def words_of(source: str) -> list[Paragraph]:
    """Rich text as paragraphs and items of lists."""
    reader = _RichText()
    reader.feed(expand_db_html(without_marks(source)))
    reader.close()
    reader.end()
    return reader.paragraphs


def _clean(value: T) -> T:
    """The same without control characters, which articles of before may hold."""
    cleaned: Any = value
    if isinstance(value, str):
        cleaned = without_controls(value)
    elif isinstance(value, tuple):
        cleaned = tuple(map(_clean, value))
    elif is_dataclass(value) and not isinstance(value, type):
        cleaned = replace(value, **{one.name: _clean(getattr(value, one.name)) for one in fields(value)})
    return cleaned  # type: ignore[no-any-return]


def _release(article: ArticlePage) -> Iterator[str]:
    """Whose it is, from when on it may be used, and whom to ask."""
    imprint = publisher.imprint()
    yield publisher.name()
    moment = article.first_published_at or article.go_live_at or article.embargo
    if moment is not None:
        said = date_format(timezone.localtime(moment), pgettext("date and time format", "D j M Y, H:i T"))
        yield _("Release: %(moment)s") % {"moment": said}
    asked = " ".join(part for part in (imprint.telephone, imprint.email) if part)
    if asked:
        yield _("Contact: %(blank)s") % {"blank": asked}


def _notes(article: ArticlePage, draft: bool) -> Iterator[str]:
    """What a reader must know before the text."""
    if draft:
        yield _("Draft: not published.")
    if article.embargo is not None and draft:
        yield _("Embargo until %(moment)s") % {"moment": article.embargo.astimezone().isoformat(" ", "minutes")}
    if article.round is not None and article.round.synthetic:
        yield _("The result in this article is made of synthetic data: nobody was evaluated.")
    for correction in article.corrections.all():
        yield f"{_('Correction')}: {correction.what}"


def _parts(block: Any, lines: Lines | None) -> Iterator[Part]:
    kind, value = block.block_type, block.value
    if kind == "paragraph":
        yield from words_of(value.source)
    elif kind == "heading":
        yield Heading(value)
    elif kind == "quote":
        yield Quoted(value["words"], ", ".join(part for part in (value["speaker"], value["role"]) if part))
    elif kind == "pull_figure":
        told = " ".join(part for part in (value["label"], value["note"]) if part)
        yield Paragraph((Run(value["figure"], bold=True), Run(f" {told}")))
    elif kind == "picture":
        yield Shown(value["picture"], value["alt"], value["caption"])
    elif kind == "gallery":
        yield from (Shown(one["picture"], one["alt"], one["caption"]) for one in value["pictures"])
    elif kind == "embed":
        yield Paragraph((Run(f"{value['title']}: "), Run(value["address"], link=value["address"])))
    elif kind == "case":
        yield Heading(value["title"])
        if named := whose(value["entrant"]):
            yield Paragraph((Run(named, italic=True),))
        yield Paragraph((Run(value["text"]),))
        yield Grid(
            (_("what was measured"), _("figure with its unit")),
            tuple((outcome["label"], outcome["figure"]) for outcome in value["outcomes"]),
            "",
        )
    elif lines is not None:
        yield from _of_result(kind, value, lines)


def _of_result(kind: str, value: Any, lines: Lines) -> Iterator[Part]:
    drawing = None
    if kind == "winners":
        yield winner_grid(lines, value["caption"])
    elif kind == "result_map":
        drawing = map_drawing(lines)
    elif kind == "entrant_chart":
        line = next((line for line in lines.all if line.code == value["entrant"]), None)
        if line is not None:
            yield Heading(line.name)
            yield Paragraph((Run(lines.why(line)),))
            drawing = group_drawing(lines, line.group, line.code)
    if drawing is not None:
        yield chart(drawing.title, drawing.svg, value["caption"])


def chart(title: str, svg: str, caption: str = "") -> Chart:
    """A drawing with its own description as the text alternative."""
    found = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
    return Chart(title, standing_alone(svg), _plain(found[1]) if found else title, caption)


def winner_grid(lines: Lines, caption: str) -> Grid:
    """Who was selected in each group."""
    rows = []
    for group in winners(lines):
        rows += [(group.name, winner.line.name, winner.line.score_text) for winner in group.winners]
        if not group.winners:
            rows.append((group.name, _("Nobody was selected."), "–"))
    return Grid((_("Group"), _("Selected"), _("Official score")), tuple(rows), caption, (2,))


def round_address(result: Result) -> str:
    """The whole address of the page of a result's round."""
    return absolute(reverse("awards:round", args=[result.round.slug]))


def _plain(text: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", text))


class _RichText(HTMLParser):
    """Reads what a paragraph block holds: paragraphs, lists, bold, italic, links."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[Paragraph] = []
        self.runs: list[Run] = []
        self.lists: list[int | None] = []  # for each open list: None, or the number of the last item
        self.marker = ""
        self.bold = self.italic = 0
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "li", "ul", "ol"):
            self.end()
        if tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.marker = self._next_marker()
        elif tag == "br":
            self.runs.append(Run("\n"))
        elif tag == "a":
            self.link = absolute(dict(attrs).get("href") or "")
        self._style(tag, +1)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "ul", "ol"):
            self.end()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "a":
            self.link = ""
        self._style(tag, -1)

    def handle_data(self, data: str) -> None:
        if data.strip() or self.runs:
            self.runs.append(Run(data, self.bold > 0, self.italic > 0, self.link))

    def end(self) -> None:
        """Close the paragraph that is open."""
        if any(run.text.strip() for run in self.runs):
            self.paragraphs.append(Paragraph(tuple(self.runs), self.marker))
        self.runs, self.marker = [], ""

    def _style(self, tag: str, step: int) -> None:
        self.bold += step * (tag in ("b", "strong"))
        self.italic += step * (tag in ("i", "em"))

    def _next_marker(self) -> str:
        if not self.lists or self.lists[-1] is None:
            return "•"
        self.lists[-1] += 1
        return f"{self.lists[-1]}."
