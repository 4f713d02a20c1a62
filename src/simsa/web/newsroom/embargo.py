"""What the public may know now. Every list, feed, search, sitemap and picture asks here, and nowhere else.

An article under embargo is not live: it is published when the embargo ends. Where a live one is held back afterwards,
the date alone closes it, and opens it again without anybody doing anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from wagtail.models import PageViewRestriction

from simsa.web.public import edition, publish_pages

if TYPE_CHECKING:
    from wagtail.models import Revision
    from wagtail.query import PageQuerySet

    from simsa.web.newsroom.models import ArticlePage

_closed: dict[int, tuple[str, ...]] = {}


def is_held(article: ArticlePage, now: datetime | None = None) -> bool:
    """Whether an embargo holds an article back, published or not."""
    return article.embargo is not None and article.embargo > (now or timezone.now())


def is_public(article: ArticlePage, now: datetime | None = None) -> bool:
    """Whether an article is published and no embargo holds it back."""
    return article.live and not is_held(article, now)


def public_since(article: ArticlePage, now: datetime | None = None) -> datetime | None:
    """When a published article became public, or will; None for one that was never published.

    An embargo moves this moment, and taking an embargo off early brings it to now.
    """
    now = now or timezone.now()
    if article.first_published_at is None:
        return None
    since = max(article.first_published_at, article.embargo or article.first_published_at)
    return since if is_held(article, now) else min(since, now)


def after_embargo(due: datetime | None, *embargoes: datetime | None) -> datetime | None:
    """When something is due that must not come before the end of any embargo; None is at once."""
    now = timezone.now()
    ends = max((one for one in embargoes if one is not None and one > now), default=None)
    return due if ends is None or (due is not None and due >= ends) else ends


def withdraw_scheduled(instance: Revision, **_signal: object) -> None:
    """Once a revision of a live article is to be published later for its embargo, the embargo holds now.

    Follows every revision that is saved, since there are several ways of publishing.
    """
    from simsa.web.newsroom.models import ArticlePage  # noqa: PLC0415

    kind = instance.content_type.model_class()
    if instance.approved_go_live_at is None or kind is None or not issubclass(kind, ArticlePage):
        return
    draft = instance.as_object()
    if draft.live and is_held(draft):
        draft.withdraw(draft.embargo)


def public_articles(now: datetime | None = None) -> PageQuerySet[ArticlePage]:
    """The articles that anybody may read, newest first.

    An embargo holds whatever an editor or a schedule does: an article under it is not public even where it is marked
    live.
    """
    from simsa.web.newsroom.models import ArticlePage  # noqa: PLC0415 (models ask here whether they may be shown)

    now = now or timezone.now()
    free = Q(embargo__isnull=True) | Q(embargo__lte=now)
    return open_only(ArticlePage.objects.live().filter(free).order_by("-first_published_at", "-pk"))


def open_only(pages: PageQuerySet[Any]) -> PageQuerySet[Any]:
    """Without the pages in parts of the site that editors have closed to some readers (Wagtail's page privacy)."""
    for path in closed_parts():
        pages = pages.exclude(path__startswith=path)
    return pages


def may_be_read(path: str, live: bool, embargo: datetime | None) -> bool:
    """Whether anybody may read an article of which no more is known than this."""
    return live and (embargo is None or embargo <= timezone.now()) and not path.startswith(closed_parts())


def closed_parts() -> tuple[str, ...]:
    """Where the closed parts begin. Asked once for each edition: closing a part makes a new one."""
    number = edition()
    found = _closed.get(number)
    if found is None:
        found = tuple(PageViewRestriction.objects.values_list("page__path", flat=True))
        _closed.clear()
        _closed[number] = found
    return found


def closed_or_opened(**_signal: object) -> None:
    """A part was closed or opened: ask again, and have every page made anew."""
    _closed.clear()
    publish_pages()
