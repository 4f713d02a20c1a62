"""Follows what editors publish: a published article is searched, a withdrawn one is not."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.signals import page_published, page_unpublished

from simsa.web.morphology import installed
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.search.documents import forget, update
from simsa.web.newsroom.search.tasks import analyse_texts


def follow() -> None:
    page_published.connect(_published, sender=ArticlePage, dispatch_uid="newsroom.search.published")
    page_unpublished.connect(_withdrawn, sender=ArticlePage, dispatch_uid="newsroom.search.withdrawn")


def _published(sender: type, instance: ArticlePage, **kwargs: Any) -> None:
    update(instance)
    if installed():
        transaction.on_commit(lambda: analyse_texts.enqueue())


def _withdrawn(sender: type, instance: ArticlePage, **kwargs: Any) -> None:
    forget(instance.pk)
