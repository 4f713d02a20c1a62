"""What an article says of itself to machines: schema.org as JSON-LD, and the cards of OpenGraph and X.

Search engines read `NewsArticle` and `BreadcrumbList` (schema.org); a shared link shows the rest (ogp.me).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from simsa.web.newsroom import publisher
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.previews import CARD, RATIOS, card_address
from simsa.web.newsroom.regions import regions
from simsa.web.newsroom.renditions import made

LOGO = "simsa/favicon.svg"
LOCALES = {"ko": "ko_KR", "en": "en_US"}
# Ends no script element and starts no comment, whatever an editor writes.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Told:
    """What stands in the head of an article's page: meta tags as (attribute, name, content), and JSON-LD."""

    tags: tuple[tuple[str, str, str], ...]
    data: SafeString


def told(article: ArticlePage) -> Told:
    address = publisher.absolute(article.address)
    card = card_address(article)
    graph = [news_article(article, address, card), trail(article, address)]
    data = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return Told(tuple(_tags(article, address, card)), mark_safe(data.translate(ESCAPES)))  # noqa: S308 (escaped here)


def news_article(article: ArticlePage, address: str, card: str) -> dict[str, Any]:
    """schema.org/NewsArticle; what is not known is left out."""
    imprint = publisher.imprint()
    language = article.locale.language_code
    region = regions(language).get(article.region)
    ratios = made(article.lead_picture, RATIOS) if article.lead_picture else {}
    said = {
        "@type": "NewsArticle",
        "@id": f"{address}#article",
        "mainEntityOfPage": address,
        "url": address,
        "headline": article.title,
        "alternativeHeadline": " / ".join(line.value for line in article.subheads),
        "description": _description(article),
        "inLanguage": language,
        "dateline": article.dateline,
        "datePublished": _moment(article.first_published_at),
        "dateModified": _moment(article.changed),
        "author": [
            {"@type": "Person", "name": author.name, "url": publisher.absolute(author.get_absolute_url())}
            for author in article.bylines
        ],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": publisher.name(),
            "url": publisher.absolute("/"),
            "logo": {"@type": "ImageObject", "url": publisher.absolute(static(LOGO))},
            "email": imprint.email,
            "address": imprint.address,
        },
        "image": [publisher.absolute(one.url) for one in ratios.values()] or [card],
        "articleSection": article.section.title,
        "keywords": [tag.name for tag in article.tags.all()],
        "contentLocation": region and {"@type": "AdministrativeArea", "name": region},
        "about": _about(article),
        "correction": [
            {"@type": "CorrectionComment", "text": correction.what, "datePublished": _moment(correction.at)}
            for correction in article.corrections.all()
        ],
        "isAccessibleForFree": True,
    }
    said["publisher"] = _filled(said["publisher"])
    return _filled(said)


def trail(article: ArticlePage, address: str) -> dict[str, Any]:
    """schema.org/BreadcrumbList: front page, section, article."""
    front = f"/{article.locale.language_code}/"
    steps = [(_("Home"), front), (article.section.title, article.section.url), (article.title, address)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": publisher.absolute(where)}
            for number, (name, where) in enumerate(steps, 1)
        ],
    }


def _tags(article: ArticlePage, address: str, card: str) -> list[tuple[str, str, str]]:
    language = article.locale.language_code
    tags = [
        ("property", "og:type", "article"),
        ("property", "og:site_name", publisher.name()),
        ("property", "og:title", article.title),
        ("property", "og:description", _description(article)),
        ("property", "og:url", address),
        ("property", "og:locale", LOCALES[language]),
        ("property", "og:image", card),
        ("property", "og:image:type", "image/png"),
        ("property", "og:image:width", str(CARD[0])),
        ("property", "og:image:height", str(CARD[1])),
        ("property", "og:image:alt", article.title),
        ("property", "article:published_time", _moment(article.first_published_at)),
        ("property", "article:modified_time", _moment(article.changed)),
        ("property", "article:section", article.section.title),
        ("name", "twitter:card", "summary_large_image"),
    ]
    return [tag for tag in tags if tag[2]]


def _about(article: ArticlePage) -> list[dict[str, str]]:
    language = article.locale.language_code
    round_ = []
    if article.round:
        address = publisher.absolute(reverse("awards:round", args=[article.round.slug]))
        round_.append({"@type": "Thing", "name": article.round.title, "url": address})
    return [*round_, *({"@type": "Organization", "name": one.name(language)} for one in article.entrants.all())]


def _description(article: ArticlePage) -> str:
    return article.search_description or " ".join(line.value for line in article.subheads) or article.title


def _moment(value: Any) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""


def _filled(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in ("", None, [])}
