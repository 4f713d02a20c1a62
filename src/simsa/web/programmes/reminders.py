"""When letters remind by themselves, for all rooms: so many days before something is due, the nearest alone."""

from __future__ import annotations

from datetime import datetime, timedelta

DAYS = (7, 1)
"""So many days before a deadline whoever has not done it is reminded."""


def occasion(due: datetime | None, since: datetime, now: datetime) -> str | None:
    """What a reminder is about that is to be written now; None if none is. The same for whoever asks again.

    `since`: from when on there was something to do. The nearest alone: a site that was not running for a while does not
    send all of them at once, and who has just been asked is not reminded.
    """
    if due is None or now >= due:
        return None
    passed = [days for days in DAYS if since < due - timedelta(days=days) <= now]
    return f"{due:%Y%m%dT%H%M}/{min(passed)}" if passed else None
