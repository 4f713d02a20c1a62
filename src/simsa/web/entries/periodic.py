"""What entries want done again and again."""

from __future__ import annotations

from datetime import timedelta

from simsa.web.entries.lists.drafts import drop_old_drafts
from simsa.web.periodic import Periodic

PERIODIC = (Periodic("entries.drop_lists", every=timedelta(hours=1), run=drop_old_drafts),)
