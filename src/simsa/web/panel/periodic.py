"""What the panel wants done again and again."""

from __future__ import annotations

from datetime import timedelta

from simsa.web.panel.services import close_due_rounds
from simsa.web.panel.services.interrupted import end_interrupted
from simsa.web.panel.services.reminding import remind_panels_when_due
from simsa.web.periodic import Periodic

PERIODIC = (
    Periodic("panel.close", every=timedelta(seconds=10), run=close_due_rounds),
    Periodic("panel.interrupted", every=timedelta(minutes=5), run=end_interrupted),
    Periodic("panel.remind", every=timedelta(minutes=10), run=remind_panels_when_due),
)
