"""Puts the demo's words and pictures into the newsroom, by the verbs that editors use."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.images import ImageFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import Locale

from simsa.web.awards.models import Outcome, Standing
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.announcement import announcements, draft_announcement, ensure_section
from simsa.web.newsroom.drafting.references import result_of
from simsa.web.newsroom.example.english import ENGLISH
from simsa.web.newsroom.example.korean import KOREAN
from simsa.web.newsroom.example.pictures import png
from simsa.web.newsroom.example.words import BlockOf, Section, Told, Words
from simsa.web.newsroom.models import (
    ArticleAuthor,
    ArticlePage,
    Author,
    Correction,
    HomePage,
    NewsPicture,
    SectionPage,
)
from simsa.web.programmes.models import Round

WORDS = {"ko": KOREAN, "en": ENGLISH}
GWANGJU = "2900000000"


@dataclass(frozen=True)
class Planned:
    """Where an article of the demo stands, and what goes with it. By its translation key it is found again."""

    key: uuid.UUID
    slug: str
    told: Callable[[Words], Told]
    section: Callable[[Words], Section]
    picture: str
    region: str = ""
    about: bool = False
    """Whether it is about the reference round."""


MISSION = Planned(
    uuid.UUID("0d9e4a52-55d8-5a43-9a0d-4f4f3c1f6a77"),
    "buk-gu-2023",
    lambda words: words.mission,
    lambda words: words.regions,
    "waves",
    region=GWANGJU,
)
EVALUATED = Planned(
    uuid.UUID("5b7c1e90-2a44-5d0c-b7f6-91d0c3a8e2f4"),
    "four-groups",
    lambda words: words.evaluated,
    lambda words: words.explained,
    "groups",
)
CHECKED = Planned(
    uuid.UUID("c81f6a3d-7e25-5a9b-8d14-2b6e0f9d5a36"),
    "check-a-result",
    lambda words: words.checked,
    lambda words: words.explained,
    "matching",
    about=True,
)


def load_example(round_: Round) -> None:
    """Publish the demo's articles; those that are there already stay as they are, whatever editors made of them.

    The announcement comes last, so that it is the newest.
    """
    with transaction.atomic():
        releases = [ensure_section(language) for language in WORDS]
        for section, words in zip(releases, WORDS.values(), strict=True):
            if not section.intro:
                section.intro = words.releases
                section.save_revision().publish()
        for planned in (EVALUATED, CHECKED, MISSION):
            if not ArticlePage.objects.filter(translation_key=planned.key).exists():
                _write(planned, round_)
        if not announcements(round_):
            announce(round_)


def announce(round_: Round) -> None:
    """The drafted announcement, its blanks filled in as a press office would, by words that say they are examples."""
    result = result_of(round_)
    if result is None:
        return
    picture = _picture("tiles", KOREAN.tiles)
    for language, article in draft_announcement(result, actor="demo").items():
        words = WORDS[language]
        blocks = article.body.get_prep_value()
        quotes = [block for block in blocks if block["type"] == "quote"]
        for block in blocks:
            block["value"] = _filled(block["value"], words)
        article.body = json.dumps([block for block in blocks if block not in quotes[1:]])
        article.corrections.add(Correction(what=words.correction))
        _publish(article, words, picture, words.tiles, words.tags)


def _filled(value: Any, words: Words) -> Any:
    """What stands in a block with the blanks filled in."""
    if isinstance(value, str):
        return value.replace(BLANK, words.announcer)
    if isinstance(value, dict) and BLANK in value.values():
        return {"words": words.quote, "speaker": words.speaker, "role": words.role}
    return value


def _write(planned: Planned, round_: Round) -> None:
    shown = {planned.picture: _picture(planned.picture, planned.told(KOREAN).alt)}
    key = None
    for language, words in WORDS.items():
        told = planned.told(words)
        section = _section(planned, language, key)
        key = section.translation_key
        article = ArticlePage(
            title=told.title,
            slug=planned.slug,
            subheads=[("subhead", line) for line in told.subheads],
            body=list(_body(told, round_, language, shown)),
            region=planned.region,
            round=round_ if planned.about else None,
            translation_key=planned.key,
            locale=section.locale,
            live=False,
        )
        section.add_child(instance=article)
        _publish(article, words, shown[planned.picture], told.alt, told.tags)


def _section(planned: Planned, language: str, key: uuid.UUID | None) -> SectionPage:
    """The section of an article, made where there is none; `key` is that of the one in another language."""
    words = planned.section(WORDS[language])
    found = SectionPage.objects.filter(slug=words.slug, locale__language_code=language).first()
    if found is not None:
        return found
    locale = Locale.objects.get(language_code=language)
    section = SectionPage(title=words.title, slug=words.slug, intro=words.intro, locale=locale)
    section.translation_key = key or section.translation_key
    made: SectionPage = HomePage.objects.get(locale=locale).add_child(instance=section)
    return made


def _body(told: Told, round_: Round, language: str, shown: dict[str, NewsPicture]) -> Iterator[BlockOf]:
    """The blocks with addresses, pictures and the entrant of the chart put in."""
    with override(language):
        page = reverse("awards:round", args=[round_.slug])
        addresses = {"round": page, "rules": reverse("awards:rules", args=[round_.slug])}
    for kind, value in told.body:
        if kind == "paragraph":
            yield kind, value % addresses
        elif kind == "picture":
            yield kind, _with_picture(value, shown)
        elif kind == "gallery":
            yield kind, {"pictures": [_with_picture(one, shown) for one in value["pictures"]]}
        elif kind == "entrant_chart":
            yield kind, value | {"entrant": _selected(round_)}
        else:
            yield kind, value


def _with_picture(value: dict[str, Any], shown: dict[str, NewsPicture]) -> dict[str, Any]:
    name = value["picture"]
    if name not in shown:
        shown[name] = _picture(name, value["alt"])
    return value | {"picture": shown[name]}


def _selected(round_: Round) -> str:
    """The code of the last of the selected: its group is one with several places."""
    standings = Standing.objects.filter(result__round=round_, outcome=Outcome.SELECTED).order_by("-result", "-order")
    return str(standings.values_list("entry__entrant__code", flat=True).first() or "")


def _publish(article: ArticlePage, words: Words, picture: NewsPicture, alt: str, tags: tuple[str, ...]) -> None:
    author, _new = Author.objects.get_or_create(
        slug="simsa-demo", defaults={"name_ko": "simsa 시연", "name_en": "simsa demo"}
    )
    article.dateline = words.dateline
    article.lead_picture, article.lead_alt = picture, alt
    article.authors.add(ArticleAuthor(author=author))
    article.tags.add(*tags)
    article.save_revision(log_action=True).publish()


def _picture(name: str, description: str) -> NewsPicture:
    picture: NewsPicture = NewsPicture.objects.create(
        title=f"simsa: {name}",
        file=ImageFile(io.BytesIO(png(name)), name=f"simsa-{name}.png"),
        description=description,
        credit="simsa",
        generated=True,
    )
    return picture
