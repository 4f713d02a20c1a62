"""Which pictures and documents anybody may see: none, but for those in something public.

Wagtail's index of references says where a picture stands: in a published article, on another page, in a snippet. An
original has no address at all; renditions stand at `images/PICTURE/CONTENT/NAME` (see `NewsRendition`).
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from wagtail.models import DraftStateMixin, Page, ReferenceIndex

from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.models import ArticlePage, NewsPicture
from simsa.web.newsroom.renditions import ask_for

ADDRESS = re.compile(r"(?P<picture>[1-9][0-9]{0,17})/[0-9a-f]{8}/(?=[^/\\]{1,120}\Z)[^/\\]*[^/\\.][^/\\]*")
KEPT = 20
"""Seconds for which a picture may still be seen after the last article with it was withdrawn."""


def is_shown(name: str) -> bool:
    """Whether anybody may see the rendition with this name, below `images/`."""
    found = ADDRESS.fullmatch(name)
    if found is None:
        return False
    key = f"newsroom.shown.{found['picture']}"
    if cache.get(key):
        return True
    shown = stands_in_public(NewsPicture(pk=int(found["picture"])))
    if shown:  # only that: what is refused now may be published the next moment
        cache.set(key, True, KEPT)
    return shown


def note_pictures(article: ArticlePage) -> None:
    """Write down at once which pictures a published article shows, and have their renditions made."""
    with transaction.atomic():
        ReferenceIndex.create_or_update_for_object(article)
    pictures = ReferenceIndex.get_references_for_object(article).filter(
        to_content_type=ContentType.objects.get_for_model(NewsPicture)
    )
    for picture in set(pictures.values_list("to_object_id", flat=True)):
        ask_for(int(picture))


def stands_in_public(thing: Model) -> bool:
    """Whether a picture or a document stands in something that anybody may read."""
    pages = ContentType.objects.get_for_model(Page).pk
    uses: dict[int, list[str]] = {}
    found = ReferenceIndex.get_references_to(thing)
    for kind, pk in found.values_list("base_content_type", "object_id").distinct():
        uses.setdefault(kind, []).append(pk)
    return _on_a_page(uses.pop(pages, [])) or any(_elsewhere(kind, pks) for kind, pks in uses.items())


def _on_a_page(pks: list[str]) -> bool:
    if not pks:
        return False
    others = Page.objects.live().public().not_type(ArticlePage)
    return public_articles().filter(pk__in=pks).exists() or others.filter(pk__in=pks).exists()


def _elsewhere(kind: int, pks: list[str]) -> bool:
    model: Any = ContentType.objects.get_for_id(kind).model_class()
    if model is None:
        return False
    drafts = {"live": True} if issubclass(model, DraftStateMixin) else {}
    return bool(model._base_manager.filter(pk__in=pks, **drafts).exists())
