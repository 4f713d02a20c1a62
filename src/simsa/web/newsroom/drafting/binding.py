"""Figures: numbers, names and sentences in an article that were taken from its round's result and stay bound to it.

In a paragraph a figure is `<span data-figure="REFERENCE">text</span>`, which the editor keeps and readers never see. A
headline and a subhead are plain text; what they took is kept beside them (`ArticlePage.bound`). A figure is stale when
the result says something else now than the text does. What an editor takes out of a headline is bound no longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from simsa.web.newsroom.drafting.references import references, resolve, result_of

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from simsa.web.newsroom.models import ArticlePage

TITLE = "title"
MARKED = re.compile(r'<span data-figure="([^"]*)">(.*?)</span>', re.DOTALL)
"""A figure in rich text: its reference, escaped, and its text, which may be bold or italic."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PLACE = re.compile(r"%\((\w+)\)s(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\))?")


@dataclass(frozen=True)
class Figure:
    """A figure: where it stands, what it refers to, its text, and what the result says now (None: nothing)."""

    where: str
    reference: str
    text: str
    present: str | None

    @property
    def fresh(self) -> bool:
        return self.text == self.present


def known_to(article: ArticlePage) -> dict[str, str]:
    """Everything that the article may refer to now, in its language; nothing where its round has no result."""
    result = result_of(article.round)
    return {} if result is None else references(result, article.locale.language_code)


def figures(article: ArticlePage, known: Mapping[str, str] | None = None) -> list[Figure]:
    """Every figure of an article, in reading order. `known` is what `known_to` says, if the caller has it."""
    known = known_to(article) if known is None else known
    plain = [
        Figure(_label(article, bound["place"]), bound["reference"], bound["text"], resolve(known, bound["reference"]))
        for bound in article.bound
        if _finder(bound["text"]).search(_plain_text(article, bound["place"]))
    ]
    rich = [
        Figure(where(number, kind), reference, text, resolve(known, reference))
        for number, kind, source in paragraphs(article)
        for reference, text in marks(source)
    ]
    return plain + rich


def let_go(article: ArticlePage) -> Iterator[tuple[str, list[str], list[str]]]:
    """Where a headline or subhead has numbers, but no longer all figures that it was drafted with.

    Place for people, the figures that are gone, and the numbers that are bound to nothing.
    """
    for place in dict.fromkeys(bound["place"] for bound in article.bound):
        said, gone = _plain_text(article, place), []
        for bound in (one for one in article.bound if one["place"] == place):
            finder = _finder(bound["text"])
            gone += [] if finder.search(said) else [bound["text"]]
            said = finder.sub(" ", said, count=1)
        free = _NUMBER.findall(said)
        if gone and free:
            yield _label(article, place), gone, free


def stale(article: ArticlePage, known: Mapping[str, str] | None = None) -> list[Figure]:
    """The figures whose text is not what the result says now."""
    return [figure for figure in figures(article, known) if not figure.fresh]


def refresh(article: ArticlePage, user: AbstractBaseUser | None = None) -> int:
    """Put what the result says now into the latest draft, as a new revision for an editor to look at.

    Returns how many figures were changed; without any there is no new revision. A figure about which the result says
    nothing any more stays as it is: what to write instead is for a person to say.
    """
    draft = article.get_latest_revision_as_object()
    known = known_to(draft)
    old = [figure for figure in stale(draft, known) if figure.present is not None]
    if not old:
        return 0
    _refresh_plain(draft, known)
    blocks = draft.body.get_prep_value()
    for block in blocks:
        if block["type"] == "paragraph":
            block["value"] = rewritten(block["value"], lambda reference, text: _present(known, reference, text))
    draft.body = json.dumps(blocks)
    draft.save_revision(user=user, log_action=True)
    return len(old)


def paragraphs(article: ArticlePage) -> Iterator[tuple[int, str, str]]:
    """The parts of the text that may hold figures: number from 1, kind of block, source."""
    for number, block in enumerate(article.body, start=1):
        if block.block_type == "paragraph":
            yield number, str(block.block.label), block.value.source


def where(number: int, kind: str) -> str:
    """Where in an article, for people: `text, part 3 (paragraph)`."""
    return _("text, part %(number)d (%(kind)s)") % {"number": number, "kind": kind}


def marks(source: str) -> Iterator[tuple[str, str]]:
    """Reference and text of every figure in rich text."""
    for reference, inner in MARKED.findall(source):
        yield unescape(reference), unescape(strip_tags(inner))


def without_marks(source: str) -> str:
    """Rich text as readers get it: figures are words like any others."""
    return MARKED.sub(lambda found: found[2], source)


def with_warnings(source: str, known: Mapping[str, str]) -> str:
    """Rich text as an editor sees it in a preview: stale figures are told apart, with what the result says now."""

    def warn(found: re.Match[str]) -> str:
        present = resolve(known, unescape(found[1]))
        if unescape(strip_tags(found[2])) == present:
            return found[2]
        said = _("The result says nothing about this any more.") if present is None else present
        title = _("The result says now: %(said)s") % {"said": said} if present is not None else said
        return f'<span class="stale" title="{escape(title)}">{found[2]}</span>'

    return MARKED.sub(warn, source)


def rewritten(source: str, say: Callable[[str, str], str]) -> str:
    """Rich text with the text of every figure that `say(reference, text)` says otherwise replaced."""

    def put(found: re.Match[str]) -> str:
        reference, text = unescape(found[1]), unescape(strip_tags(found[2]))
        said = say(reference, text)
        return found[0] if said == text else mark(reference, said)

    return MARKED.sub(put, source)


def mark(reference: str, text: str) -> str:
    """A figure as rich text."""
    return f'<span data-figure="{escape(reference)}">{escape(text)}</span>'


def bind(template: str, known: Mapping[str, str], **named: str) -> str:
    """A sentence as rich text: `%(name)s` becomes the figure of the reference `named[name]`, with its particle."""
    said = ""
    at = 0
    for found in _PLACE.finditer(template):
        reference = named[found[1]] + (f"+{found[2]}" if found[2] else "")
        said += escape(template[at : found.start()], quote=False) + mark(reference, resolve(known, reference) or "")
        at = found.end()
    return said + escape(template[at:], quote=False)


def bind_plain(place: str, template: str, known: Mapping[str, str], **named: str) -> tuple[str, list[dict[str, str]]]:
    """The same as plain text, and what `ArticlePage.bound` keeps of it for that place."""
    rich = bind(template, known, **named)
    kept = [{"place": place, "reference": reference, "text": text} for reference, text in marks(rich)]
    return unescape(strip_tags(rich)), kept


def _refresh_plain(article: ArticlePage, known: Mapping[str, str]) -> None:
    kept = []
    for bound in article.bound:
        place, text = bound["place"], bound["text"]
        finder, present = _finder(text), _present(known, bound["reference"], bound["text"])
        said = _plain_text(article, place)
        if not finder.search(said):
            continue
        _set_plain_text(article, place, finder.sub(lambda _found, new=present: new, said, count=1))  # type: ignore[misc]
        kept.append({**bound, "text": present})
    article.bound = kept


def _present(known: Mapping[str, str], reference: str, text: str) -> str:
    said = resolve(known, reference)
    return text if said is None else said


def _finder(text: str) -> re.Pattern[str]:
    """A text where it stands alone: 7 is not found in 17, 7.5 or 1,700."""
    return re.compile(rf"(?<!\d)(?<!\d[.,]){re.escape(text)}(?!\d|[.,]\d)")


def _plain_text(article: ArticlePage, place: str) -> str:
    if place == TITLE:
        return str(article.title)
    return next((str(line.value) for line in article.subheads if line.id == place), "")


def _set_plain_text(article: ArticlePage, place: str, text: str) -> None:
    if place == TITLE:
        article.title = text
        return
    lines: list[dict[str, Any]] = article.subheads.get_prep_value()
    article.subheads = json.dumps([{**line, "value": text} if line["id"] == place else line for line in lines])


def _label(article: ArticlePage, place: str) -> str:
    if place == TITLE:
        return _("headline")
    ids = [line.id for line in article.subheads]
    return _("subhead %(n)d") % {"n": ids.index(place) + 1} if place in ids else _("subheads")
