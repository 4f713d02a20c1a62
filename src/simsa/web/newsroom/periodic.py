"""What the newsroom wants done again and again."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from simsa.web.newsroom.models.articles import SCHEDULED
from simsa.web.periodic import Periodic

log = logging.getLogger("simsa.newsroom")
EXPIRED = "wagtail.unpublish.scheduled"
"""What Wagtail's log calls the withdrawal of what has expired."""


def publish_scheduled() -> None:
    """Withdraw what has expired and publish what is due.

    Each for itself, where Wagtail's own command stops at the first that fails: nothing else waits for what cannot be
    published.
    """
    now = timezone.now()
    for page in Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at"):
        try:
            with transaction.atomic():
                page.specific.unpublish(set_expired=True, log_action=EXPIRED)
        except Exception:
            log.exception("expired, but not withdrawn: %s", page)
    for revision in Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at"):
        try:
            with transaction.atomic():
                revision.publish(log_action=SCHEDULED)
        except Exception:
            log.exception("due, but not published: revision %s of %s", revision.pk, revision.object_str)


PERIODIC = (Periodic("newsroom.publish_scheduled", timedelta(seconds=10), publish_scheduled),)
