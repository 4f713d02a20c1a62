"""From a reader's words to articles, the best first, with an excerpt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import CombinedExpression
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from wagtail.query import PageQuerySet

from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.search.documents import TEXT
from simsa.web.newsroom.search.letters import folded, stems, words

MOST_WORDS = 8
MOST_LETTERS = 100
_EXCERPT = 90


@dataclass(frozen=True)
class Found:
    """A query as it was understood, and the public articles that have all of its words, the best first."""

    query: str
    words: tuple[str, ...]
    articles: PageQuerySet[Any]

    def excerpt(self, plain: str) -> SafeString:
        """The piece of an article's text where the words stand, each marked."""
        return _excerpt(plain, self.words)

    def marked(self, text: str) -> SafeString:
        """A text with the words marked."""
        return _marked(text, self.words)


def search(query: str, language: str) -> Found:
    """Articles of the language whose words, headline to tags, have every word of the query in them."""
    wanted = tuple(words(query[:MOST_LETTERS])[:MOST_WORDS])
    articles = public_articles().filter(locale__language_code=language)
    if not wanted:
        return Found(query, wanted, articles.none())
    rank: CombinedExpression | Value = Value(0)
    for word in wanted:
        articles = articles.filter(_anywhere(word))
        rank = rank + _points(Q(searched__title__contains=word), 8)
        rank = rank + _points(Q(searched__beside__contains=word), 4)
        rank = rank + _points(_as_word(word), 2)
        rank = rank + _points(Q(searched__text__contains=word), 1)
    ranked = articles.annotate(rank=rank, synthetic=F("round__synthetic"))
    ranked = ranked.order_by("-rank", "-first_published_at", "-pk")
    return Found(query, wanted, ranked.select_related("searched", "lead_picture", "locale"))


def _anywhere(word: str) -> Q:
    found = _as_word(word)
    for stem in stems(word):
        if stem == word or len(stem) > 1:  # one syllable stands anywhere
            letters = Q(searched__title__contains=stem) | Q(searched__beside__contains=stem)
            found |= letters | Q(searched__text__contains=stem)
    return found


def _as_word(word: str) -> Q:
    """Whether the morphology found the word, or what is left of it without its ending."""
    found = Q()
    for stem in stems(word):
        found |= Q(searched__morphemes__contains=f" {stem} ")
    return found


def _points(condition: Q, points: int) -> Case:
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())


def _pattern(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """The words wherever they stand, with spaces and marks between their letters or none."""
    between = r"[\W_]*"
    told = {stem for word in wanted for stem in stems(word) if stem == word or len(stem) > 1}  # a syllable is anywhere
    alternatives = sorted(told, key=lambda stem: -len(stem))
    return re.compile("|".join(between.join(map(re.escape, stem)) for stem in alternatives))


def _excerpt(plain: str, wanted: tuple[str, ...]) -> SafeString:
    body = plain.partition(TEXT)[2]
    hit = _pattern(wanted).search(folded(body)) if len(folded(body)) == len(body) else None
    start = max(0, (hit.start() if hit else 0) - _EXCERPT // 2)
    if start:
        start = body.find(" ", start, start + 20) + 1 or start
    piece = body[start : start + 2 * _EXCERPT].replace("\n", " ")
    before, after = "…" if start else "", "…" if start + 2 * _EXCERPT < len(body) else ""
    return mark_safe(f"{before}{_marked(piece, wanted)}{after}")  # noqa: S308 (escaped piece by piece)


def _marked(text: str, wanted: tuple[str, ...]) -> SafeString:
    small = folded(text)
    if not wanted or len(small) != len(text):
        return mark_safe(escape(text))  # noqa: S308
    parts, end = [], 0
    for hit in _pattern(wanted).finditer(small):
        if hit.end() > hit.start():
            parts.append(f"{escape(text[end : hit.start()])}<mark>{escape(text[hit.start() : hit.end()])}</mark>")
            end = hit.end()
    return mark_safe("".join(parts) + escape(text[end:]))  # noqa: S308
