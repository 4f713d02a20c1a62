"""Time stamps: an authority outside confirms when a log stood as it does, at freeze, close and each result."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from simsa.record.timestamps import TimestampError, fetch, verified
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import PublicBundle, Statement, TimeStamp

log = logging.getLogger("simsa.record")

MILESTONES = ("freeze", "close", "result")


def unstamped() -> QuerySet[Statement]:
    """The statements whose checkpoints are still to be stamped; none where no authority is configured."""
    if not settings.TIMESTAMP_SERVER:
        return Statement.objects.none()
    stamped = TimeStamp.objects.filter(log=OuterRef("log"), size=OuterRef("position") + 1)
    return Statement.objects.filter(~Exists(stamped), kind__in=MILESTONES).order_by(F("log"), "position")


def stamp_checkpoints() -> int:
    """Have every milestone stamped that is not yet; how many were. A failure is logged, and tried again in time."""
    roots, count = settings.TIMESTAMP_CERTIFICATES, 0
    for statement in unstamped().select_related("log"):
        checkpoint = DatabaseStore(statement.log).checkpoint(statement.position + 1)
        if checkpoint is None:  # another leaf came with it: then the next milestone is stamped
            continue
        try:
            response = fetch(settings.TIMESTAMP_SERVER, checkpoint.text)
            verified(response, checkpoint.text, roots.read_bytes())
        except (TimestampError, OSError) as error:
            log.warning("%s, %d leaves: no time stamp: %s", statement.log, checkpoint.size, error)
            break
        with transaction.atomic():
            TimeStamp.objects.get_or_create(log=statement.log, size=checkpoint.size, defaults={"response": response})
            PublicBundle.objects.filter(log=statement.log).delete()  # the next one shows it
        count += 1
    return count
