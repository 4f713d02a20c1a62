"""What entries want done again and again."""

from __future__ import annotations

from datetime import timedelta

from simsa.web.entries.files.keeping import erase_unneeded, take_in_waiting
from simsa.web.entries.files.uploads import forget_expired
from simsa.web.entries.lists.drafts import drop_old_drafts
from simsa.web.entries.progress.reminding import remind_when_due
from simsa.web.periodic import Periodic

PERIODIC = (
    Periodic("entries.take_in_waiting", timedelta(minutes=1), take_in_waiting),
    Periodic("entries.forget_uploads", timedelta(hours=1), forget_expired),
    Periodic("entries.erase_unneeded", timedelta(hours=1), erase_unneeded),
    Periodic("entries.remind", timedelta(minutes=10), remind_when_due),
    Periodic("entries.drop_lists", timedelta(hours=1), drop_old_drafts),
)
