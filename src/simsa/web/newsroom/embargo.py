"""What the public may know now. Every list, feed, search, sitemap and picture asks here, and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from simsa.web.newsroom.models import ArticlePage


def is_public(article: ArticlePage, now: datetime | None = None) -> bool:
    """Whether an article is published and no embargo holds it back."""
    now = now or timezone.now()
    return article.live and (article.embargo is None or article.embargo <= now)


def public_articles(now: datetime | None = None) -> PageQuerySet[ArticlePage]:
    """The articles that anybody may read, newest first.

    An embargo holds whatever an editor or a schedule does: an article under it is not public even where it is marked
    live.
    """
    from simsa.web.newsroom.models import ArticlePage  # noqa: PLC0415 (models ask here whether they may be shown)

    now = now or timezone.now()
    free = Q(embargo__isnull=True) | Q(embargo__lte=now)
    return ArticlePage.objects.live().public().filter(free).order_by("-first_published_at", "-pk")
