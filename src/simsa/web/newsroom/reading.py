"""An article as its page shows it: with all that stands around the text, in few questions to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Case, OuterRef, Prefetch, Q, Subquery, Value, When, prefetch_related_objects
from wagtail.models import Page

from simsa.web.awards.models import Result
from simsa.web.entries.models import Entrant
from simsa.web.newsroom.embargo import may_be_read, public_articles
from simsa.web.newsroom.lists import Wanted, articles
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage
from simsa.web.newsroom.models.articles import address_of
from simsa.web.newsroom.previews import RATIOS
from simsa.web.newsroom.renditions import SHOWN, THUMB, lead_pictures

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

BESIDE = 4
"""Other articles beside one."""


def at(language: str, section: str, slug: str) -> ArticlePage | None:
    """The public article with this address, with what stands around it; None if there is none."""
    result = Result.objects.filter(round=OuterRef("round_id"), status=Result.Status.DONE, published__isnull=False)
    found = public_articles().filter(
        locale__language_code=language, slug=slug, url_path__endswith=f"/{section}/{slug}/"
    )
    article = (
        found.select_related("locale", "lead_picture", "round")
        .annotate(result_digest=Subquery(result.order_by("-pk").values("digest")[:1]))
        .first()
    )
    if article is not None:
        _look_around(article)
    return article


def _look_around(article: ArticlePage) -> None:
    """Note the section that an article stands in, and the translations of it that anybody may read."""
    above = article.path[: -article.steplen]
    pages = Page.objects.filter(Q(path=above) | Q(translation_key=article.translation_key)).exclude(pk=article.pk)
    known: dict[str, Any] = {f"path_{code}": None for code, _name in settings.LANGUAGES}
    wanted = ("path", "title", "url_path", "live", "locale__language_code", "articlepage__embargo")
    for path, title, url_path, live, language, embargo in pages.values_list(*wanted):
        if path == above:
            known["section_title"] = title
        elif may_be_read(path, live, embargo):
            known[f"path_{language}"] = url_path
    article.__dict__.update(known)


def complete(article: ArticlePage, *, preview: bool) -> list[ArticlePage]:
    """Give an article its authors, corrections, tags, entrants and pictures; and return what else to read."""
    if not preview:  # a preview has its parts with it already
        authors = Prefetch("authors", ArticleAuthor.objects.select_related("author"))
        entrants = Prefetch("entrants", Entrant.objects.order_by("code"))
        prefetch_related_objects([article], authors, "corrections", "tags", entrants)
    others = list(beside(article))
    prefetch_related_objects([article, *others], lead_pictures(*SHOWN, *RATIOS, *THUMB))
    return others


def beside(article: ArticlePage) -> PageQuerySet[ArticlePage]:
    """What else to read: articles of the same round, then of the same section, then the newest of the others."""
    near = [When(path__startswith=article.path[: -article.steplen], then=Value(1))]
    if article.round_id:
        near.insert(0, When(round=article.round_id, then=Value(0)))
    others = articles(Wanted(), article.locale.language_code).exclude(pk=article.pk)
    return others.order_by(Case(*near, default=Value(2)), "-first_published_at", "-pk")[:BESIDE]


def translation_of(article: ArticlePage, language: str) -> str | None:
    """The path of an article's translation, where that is public."""
    known: dict[str, Any] = article.__dict__
    name = f"path_{language}"
    if name not in known:
        same = public_articles().filter(translation_key=article.translation_key, locale__language_code=language)
        known[name] = same.exclude(pk=article.pk).values_list("url_path", flat=True).first()
    return address_of(known[name], language) if known[name] else None
