"""Who publishes the site, as every page and every article says it: the imprint, kept so that no page asks for it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from simsa.web.frame import Feed, Frame
from simsa.web.newsroom.models import Imprint
from simsa.web.public import publish_pages

KEY = "newsroom.imprint"
SECONDS = 60
"""How long a page may name the imprint of before, after it was changed through another process."""


def imprint() -> Imprint:
    """The imprint of the site; empty where nobody has filled it in. No query while the cache has it."""
    found = cache.get(KEY)
    if found is None:
        found = Imprint.objects.filter(site__is_default_site=True).first() or Imprint()
        cache.set(KEY, found, SECONDS)
    return found


def forget_imprint(**_signal: Any) -> None:
    """Have it read anew, and every page made anew."""
    cache.delete(KEY)
    publish_pages()


def name() -> str:
    """What the publication is called."""
    said = imprint()
    return said.title or said.publisher or settings.WAGTAIL_SITE_NAME


def absolute(address: str) -> str:
    """The public address of a path of this site."""
    return urljoin(f"{settings.PUBLIC_URL}/", address)


def foot() -> Frame:
    """The imprint in short, the pages that say more, and the feeds of all news, in the language of the page."""
    said = imprint()
    facts = (
        (_("Publication"), name()),
        (_("Registration number"), said.registration),
        (_("Registered on"), _date(said.registered_on)),
        (_("First published on"), _date(said.issued_since)),
        (_("Publisher"), said.publisher),
        (_("Editor"), said.editor),
        (_("Youth-protection officer"), said.youth_officer),
        (_("Address"), said.address),
        (_("Telephone"), said.telephone),
    )
    links = (
        (_("Imprint and contact"), reverse("newsroom:imprint")),
        (_("Privacy"), reverse("newsroom:privacy")),
        (_("RSS"), reverse("newsroom:rss")),
    )
    feeds = (
        Feed(f"{name()} (RSS)", reverse("newsroom:rss"), "application/rss+xml"),
        Feed(f"{name()} (Atom)", reverse("newsroom:atom"), "application/atom+xml"),
    )
    return Frame(facts=tuple((term, text) for term, text in facts if text), links=links, feeds=feeds)


def _date(value: date | None) -> str:
    return date_format(value, "DATE_FORMAT") if value else ""
