"""Computing that nobody goes on with: it is told of as failed, so that it can be asked for again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.panel.models import AffinityRun, Alternative, ReviewBatch

LONGEST = timedelta(hours=1)
"""After this a process that was to compute is taken for gone: the largest rounds take minutes."""


def end_interrupted() -> int:
    """End what was asked for so long ago, and is still not over; how many."""
    before, state = timezone.now() - LONGEST, {"state__in": ["waiting", "running"]}
    told = {"state": "failed", "error": _("It was interrupted; ask for it again.")}
    runs = AffinityRun.objects.filter(begun_at__lt=before, **state).update(**told)
    asked = (Alternative.objects, ReviewBatch.objects)
    return runs + sum(some.filter(asked_at__lt=before, **state).update(**told) for some in asked)
