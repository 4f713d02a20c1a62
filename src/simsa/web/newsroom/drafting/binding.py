"""Figures: numbers, names and sentences in an article that were taken from its round's result and stay bound to it.

A figure is stale when the result says something else now than the text does, and touched when further digits stand
directly before or after it: what a reader takes for one number is then no longer the result's. What an editor takes
out of a headline, or types over in a paragraph, is bound no longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from simsa.web.newsroom.drafting.passages import (
    MARKED,
    TITLE,
    Mark,
    Passage,
    is_bound,
    passages,
    plain_passage,
    read,
    wrapped,
)
from simsa.web.newsroom.drafting.references import references, resolve, result_of

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from simsa.web.newsroom.models import ArticlePage

_PLACE = re.compile(r"%\((\w+)\)s(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\))?")
_KOREAN = re.compile(
    r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3](?:[^\n]{0,38}[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3])?"
)
"""Words in Hangul, with what stands between them, for people to recognise."""


@dataclass(frozen=True)
class Figure:
    """A figure: where it stands, what it refers to, its text, and what the result says now (None: nothing).

    `within` is the whole number that it stands inside, empty where it stands alone; `anchor` its place in the form.
    """

    where: str
    reference: str
    text: str
    present: str | None
    within: str = ""
    anchor: str = ""

    @property
    def fresh(self) -> bool:
        return self.text == self.present and not self.within

    @property
    def replaceable(self) -> bool:
        """Whether what the result says now can be put in its place.

        Inside another number nobody but its writer knows what is meant.
        """
        return not self.fresh and not self.within and self.present is not None


def known_to(article: ArticlePage) -> dict[str, str]:
    """Everything that the article may refer to now, in its language; nothing where its round has no result."""
    result = result_of(article.round)
    return {} if result is None else references(result, article.locale.language_code)


def figures(article: ArticlePage, known: Mapping[str, str] | None = None) -> list[Figure]:
    """Every figure of an article, in reading order. `known` is what `known_to` says, if the caller has it."""
    known = known_to(article) if known is None else known
    return [
        Figure(
            passage.where,
            one.reference,
            passage.said(one),
            resolve(known, one.reference),
            within=_within(passage, one),
            anchor=passage.anchor,
        )
        for passage in passages(article)
        for one in passage.marks
    ]


def unbound(article: ArticlePage) -> Iterator[tuple[Passage, list[str], list[str]]]:
    """Where numbers stand that are bound to nothing, in an article that took others from its result.

    The text, these numbers, and what was taken from the result for it and stands there no longer.
    """
    if is_bound(article):
        for passage in passages(article):
            free = [passage.text[start:end] for start, end in passage.free()]
            if free:
                yield passage, free, list(passage.gone)


def untranslated(article: ArticlePage) -> Iterator[tuple[Passage, str]]:
    """Where an English article still speaks Korean, and how that begins. Names from the result do not count."""
    if article.locale.language_code == "en":
        for passage in passages(article):
            found = _KOREAN.search(passage.unbound()) if passage.translated else None
            if found:
                yield passage, found[0]


def stale(article: ArticlePage, known: Mapping[str, str] | None = None) -> list[Figure]:
    """The figures that are not what the result says now, or stand inside another number."""
    return [figure for figure in figures(article, known) if not figure.fresh]


def refresh(article: ArticlePage, user: AbstractBaseUser | None = None) -> int:
    """Put what the result says now into the latest draft, as a new revision for an editor to look at.

    Returns how many figures were changed; without any there is no new revision. A figure about which the result says
    nothing any more, or that stands inside another number, stays as it is: what to write instead is for a person to
    say.
    """
    draft = article.get_latest_revision_as_object()
    known = known_to(draft)
    old = [figure for figure in figures(draft, known) if figure.replaceable]
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


def with_warnings(source: str, known: Mapping[str, str]) -> str:
    """Rich text as an editor sees it in a preview: what is stale, and what is bound to nothing, stands out."""
    return wrapped(source, _warnings(Passage("", "", *read(source)), known))


def plain_with_warnings(article: ArticlePage, text: str, place: str, known: Mapping[str, str]) -> str:
    """The same for plain text, as HTML. `place` is that of a headline or subhead, else empty."""
    passage = plain_passage(article, place) if place else Passage("", "", text)
    return wrapped(escape(text, quote=False), _warnings(passage, known))


def rewritten(source: str, say: Callable[[str, str], str]) -> str:
    """Rich text with the text of every figure that `say(reference, text)` says otherwise replaced.

    What stands inside another number stays as it is.
    """
    passage = Passage("", "", *read(source))
    marks = iter(passage.marks)

    def put(found: re.Match[str]) -> str:
        one = next(marks)
        text = passage.said(one)
        said = text if _within(passage, one) else say(one.reference, text)
        return found[0] if said == text else mark(one.reference, said)

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
    text, marks = read(rich)
    kept = [{"place": place, "reference": one.reference, "text": text[one.start : one.end]} for one in marks]
    return text, kept


def _within(passage: Passage, one: Mark) -> str:
    start, end = passage.around(one)
    return "" if (start, end) == (one.start, one.end) else passage.text[start:end]


def _warnings(passage: Passage, known: Mapping[str, str]) -> Iterator[tuple[int, int, str, str]]:
    for one in passage.marks:
        present, within = resolve(known, one.reference), _within(passage, one)
        if within:
            yield *passage.around(one), 'span class="stale"', inside(passage.said(one), within)
        elif present is None:
            yield one.start, one.end, 'span class="stale"', _("The result says nothing about this any more.")
        elif passage.said(one) != present:
            said = _("The result says now: %(said)s") % {"said": present}
            yield one.start, one.end, 'span class="stale"', said
    for start, end in passage.free():
        yield start, end, 'mark class="loose"', _("Typed by hand: bound to nothing.")


def inside(text: str, whole: str) -> str:
    """What is wrong with a figure that stands inside another number, for people."""
    said = _(
        "“%(text)s” from the result stands inside another number, “%(whole)s”: delete that number as a whole and "
        "choose the figure from the result again."
    )
    return said % {"text": text, "whole": whole}


def _refresh_plain(article: ArticlePage, known: Mapping[str, str]) -> None:
    kept = []
    lines = article.subheads.get_prep_value()
    for place in dict.fromkeys([TITLE, *(line["id"] for line in lines)]):
        passage = plain_passage(article, place)
        said = passage.text
        for one in reversed(passage.marks):
            said = f"{said[: one.start]}{_present(known, one.reference, passage.said(one))}{said[one.end :]}"
        kept += [
            {"place": place, "reference": one.reference, "text": _present(known, one.reference, passage.said(one))}
            for one in passage.marks
        ]
        if place == TITLE:
            article.title = said
        lines = [{**line, "value": said} if line["id"] == place else line for line in lines]
    article.subheads = json.dumps(lines)
    article.bound = kept


def _present(known: Mapping[str, str], reference: str, text: str) -> str:
    said = resolve(known, reference)
    return text if said is None else said
