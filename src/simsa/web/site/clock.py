"""The clock: runs what the rooms want done again and again, each when it is due and in one process only.

Every process that serves the site may have one. Whoever first moves the due moment of a piece of work on does it; a
process that dies in the middle leaves it to be done when it is next due.
"""

from __future__ import annotations

import importlib
import logging
from datetime import datetime
from functools import cache

from simsa.web import rooms_with
from simsa.web.periodic import Periodic
from simsa.web.site.models import Beat

log = logging.getLogger("simsa.clock")

STEP = 5.0
"""Seconds between two looks at what is due."""


@cache
def periodic_work() -> tuple[Periodic, ...]:
    """What all rooms offer, in journey order. ValueError if two have one name."""
    found = tuple(
        work for room in rooms_with("periodic") for work in importlib.import_module(f"{room}.periodic").PERIODIC
    )
    if len({work.name for work in found}) < len(found):
        raise ValueError(f"two pieces of periodic work have one name: {sorted(work.name for work in found)}")
    return found


def tick(now: datetime, work: tuple[Periodic, ...] | None = None) -> list[str]:
    """Do everything that is due at `now`, and return the names of what was done. A failure is logged and keeps nothing
    else from being done.
    """
    work = periodic_work() if work is None else work
    due = dict(Beat.objects.filter(name__in=[one.name for one in work]).values_list("name", "due"))
    new = [Beat(name=one.name, due=now) for one in work if one.name not in due]
    Beat.objects.bulk_create(new, ignore_conflicts=True)
    done = []
    for one in work:
        if due.get(one.name, now) > now or not _claim(one, now):
            continue
        try:
            one.run()
        except Exception:
            log.exception("periodic work %s failed; it is due again in %s", one.name, one.every)
        else:
            done.append(one.name)
    return done


def _claim(work: Periodic, now: datetime) -> bool:
    """Whether this process is the one that does it now."""
    return bool(Beat.objects.filter(name=work.name, due__lte=now).update(due=now + work.every))
