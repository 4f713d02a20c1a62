"""What weather wants done again and again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from simsa.web.periodic import Periodic
from simsa.web.weather.services import is_due
from simsa.web.weather.tasks import fetch


def ask_when_due() -> bool:
    """Hand the fetch to the task queue if the feeds should be asked now; tells whether it did."""
    if not is_due(timezone.now()):
        return False
    fetch.enqueue()
    return True


PERIODIC = (Periodic("weather.fetch", every=timedelta(minutes=10), run=ask_when_due),)
