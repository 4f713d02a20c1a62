"""The announcement of a result: a press release in Korean and in English for people to finish.

It says who was selected out of whom, by which process, with every number and name bound to the result, and how anyone
can check it. What only people know (who announces, what they say, whom to ask) is left as a blank.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Locale

from simsa.web.awards.drawings import map_drawing
from simsa.web.awards.lines import Lines
from simsa.web.awards.models import Result
from simsa.web.entries.models import Entrant
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.binding import bind, bind_plain, mark
from simsa.web.newsroom.drafting.passages import TITLE
from simsa.web.newsroom.drafting.references import part, references
from simsa.web.newsroom.models import ArticlePage, HomePage, SectionPage
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import SYSTEM, lock, record

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_SPACE = uuid.UUID("6f6a7c0e-9d0f-5c55-8d6a-6b3a4f8a3f10")
SECTION = uuid.uuid5(_SPACE, "section of announcements")
"""The translation key of the section of announcements: how it is found, whatever editors call it."""

LISTED = 12
"""Groups whose selected are told in sentences; of a round with more the table alone tells them."""

QUOTES = 2
RULES = ("groups", "criteria", "score", "missing", "selection", "conflicts")
"""Sections of the rules in words that say how the selection came about."""


def announcements(round_: Round) -> dict[str, ArticlePage]:
    """The announcement of a round by language, published or not; empty before it was drafted."""
    found = ArticlePage.objects.filter(translation_key=_key(round_)).select_related("locale").order_by("pk")
    return {article.locale.language_code: article for article in found}


def may_draft(user: Any) -> bool:
    """Whether somebody may add articles where announcements stand."""
    if not user.is_active:
        return False
    above = SectionPage.objects.filter(translation_key=SECTION).first() or HomePage.objects.first()
    return above is not None and bool(above.permissions_for_user(user).can_add_subpage())


def draft_announcement(
    result: Result, *, actor: str = SYSTEM, user: AbstractBaseUser | None = None
) -> dict[str, ArticlePage]:
    """The drafts by language, translations of each other: those that are there already, or new ones.

    A result that is not published may be drafted from, too; the article cannot come before it.
    """
    with transaction.atomic():
        round_ = lock(result.round)
        there = announcements(round_)
        missing = [code for code, _name in settings.LANGUAGES if code not in there]
        for language in missing:
            there[language] = _add(_Draft(result, language).article(), language, user)
        if missing:
            facts = {"result": result.digest, "articles": sorted(article.pk for article in there.values())}
            record(round_, "announcement.drafted", actor, facts)
    return there


def ensure_section(language: str) -> SectionPage:
    """The section of announcements in a language; made under the front page if there is none."""
    found = SectionPage.objects.filter(translation_key=SECTION, locale__language_code=language).first()
    if found is not None:
        return found
    with override(language):
        section = SectionPage(title=_("Press releases"), slug="announcements", translation_key=SECTION)
    section.locale = Locale.objects.get(language_code=language)
    made: SectionPage = HomePage.objects.get(locale=section.locale).add_child(instance=section)
    return made


def _key(round_: Round) -> uuid.UUID:
    """One announcement for each round and language: the database holds no two pages with this key in one language."""
    return uuid.uuid5(_SPACE, f"announcement of {round_.slug}")


def _add(article: ArticlePage, language: str, user: AbstractBaseUser | None) -> ArticlePage:
    section = ensure_section(language)
    article.locale = section.locale
    article.owner = user
    section.add_child(instance=article)
    article.save_revision(user=user, log_action=True)
    return article


@dataclass
class _Draft:
    """One draft in the making, in one language."""

    result: Result
    language: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    bound: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = references(self.result, self.language)
        self.lines = Lines(self.result, self.result.round.rules, self.language)

    def article(self) -> ArticlePage:
        round_ = self.result.round
        with override(self.language):
            title = self.headline()
            subheads = list(self.subheads())
            self.tell()
        article = ArticlePage(
            title=title,
            slug=f"{round_.slug}-announcement",
            subheads=json.dumps(subheads),
            body=json.dumps(self.blocks),
            bound=self.bound,
            round=round_,
            translation_key=_key(round_),
            live=False,
        )
        selected = {"entries__standings__result": self.result, "entries__standings__outcome": "selected"}
        article.entrants = list(Entrant.objects.filter(**selected).order_by("entries__standings__order"))
        return article

    def headline(self) -> str:
        template = (
            _("%(round)s: %(selected)s of %(entrants)s entrants selected")
            if self.known["selected"] != "0"
            else _("%(round)s: none of %(entrants)s entrants selected")
        )
        return self.plain(TITLE, template, round="round", selected="selected", entrants="entrants")

    def subheads(self) -> Iterator[dict[str, str]]:
        told = [(_("The rules and the result are public, and anyone can compute it again"), {})]
        if self.known["sheets"] != "0":
            panel = {"reviewers": "reviewers", "sheets": "sheets"}
            told.insert(0, (_("A panel of %(reviewers)s reviewers scored on %(sheets)s sheets"), panel))
        if self.known["selected"] != "0":
            told.insert(0, (_("Selected: %(names)s"), {"names": "selected_names"}))
        for template, named in told:
            place = str(uuid.uuid4())
            yield {"type": "subhead", "value": self.plain(place, template, **named), "id": place}

    def tell(self) -> None:
        if self.result.round.synthetic:
            synthetic = _(
                "This is an example with synthetic data: its score sheets were drawn by a program to show the "
                "procedure. Nobody was evaluated, and nothing here says anything about any entrant."
            )
            self.add("paragraph", f"<p><b>{escape(synthetic, quote=False)}</b></p>")
        self.lead()
        self.heading(_("Who was selected"))
        self.selected()
        self.add("winners", {"caption": ""})
        if map_drawing(self.lines) is not None:
            self.add("result_map", {"caption": ""})
        for _number in range(QUOTES):
            self.add("quote", {"words": BLANK, "speaker": BLANK, "role": BLANK})
        self.heading(_("How it was decided"))
        self.process()
        self.heading(_("How anyone can check it"))
        self.verification()
        self.paragraph(_("Contact: %(blank)s") % {"blank": BLANK})

    def lead(self) -> None:
        """Who announces is for people to say; the blank is no number and takes no particle."""
        ended = (
            _("%(blank)s announced: %(round)s ended with %(selected)s of %(entrants)s entrants selected.")
            if self.known["selected"] != "0"
            else _("%(blank)s announced: %(round)s ended without a selection among %(entrants)s entrants.")
        )
        scored = (
            _("A panel of %(reviewers)s reviewers scored on %(sheets)s sheets by these criteria: %(criteria)s.")
            if self.known["sheets"] != "0"
            else _("They were evaluated by reported numbers: %(criteria)s.")
        )
        named = ("round", "selected", "entrants", "reviewers", "sheets", "criteria")
        told = f"{ended} {scored}".replace("%(blank)s", BLANK)
        self.paragraph(told, **{name: name for name in named})

    def selected(self) -> None:
        groups = self.lines.by_group
        if len(groups) <= LISTED:
            self.listed(self.group(group) for group in groups)

    def group(self, group: str) -> str:
        """One group's selected with their scores, and how its places were filled."""
        above = part(group)
        chosen = [line for line in self.lines.by_group[group] if line.selected]
        said = bind("%(name)s: ", self.known, name=f"group/{above}/name")
        said += ", ".join(
            bind(
                _("%(name)s (%(score)s points)"),
                self.known,
                name=f"winner/{above}/{number}/name",
                score=f"winner/{above}/{number}/score",
            )
            for number in range(1, len(chosen) + 1)
        )
        return f"{said}{'. ' if chosen else ''}{mark(f'group/{above}/summary', self.known[f'group/{above}/summary'])}"

    def process(self) -> None:
        wanted = [name for name in self.known if name.startswith(tuple(f"rules/{section}/" for section in RULES))]
        self.listed(mark(name, self.known[name]) for name in [*wanted, "ties"])

    def verification(self) -> None:
        address = reverse("awards:round", args=[self.result.round.slug])
        frozen = _(
            "The rules were frozen when the round was opened; the SHA-256 of their canonical form is %(rules_hash)s. "
            "That of the result is %(result_digest)s."
        )
        self.paragraph(frozen, rules_hash="rules_hash", result_digest="result_digest")
        link = escape(_("Every score, every reason, the complete rules and the files are on the page of the round."))
        self.add("paragraph", f'<p><a href="{escape(address)}">{link}</a></p>')

    def heading(self, text: str) -> None:
        self.add("heading", text)

    def paragraph(self, template: str, **named: str) -> None:
        self.add("paragraph", f"<p>{bind(template, self.known, **named)}</p>")

    def listed(self, items: Iterator[str]) -> None:
        self.add("paragraph", f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>")

    def plain(self, place: str, template: str, **named: str) -> str:
        text, kept = bind_plain(place, template, self.known, **named)
        self.bound += kept
        return text

    def add(self, kind: str, value: Any) -> None:
        self.blocks.append({"type": kind, "value": value, "id": str(uuid.uuid4())})
