"""Background work of weather: no page ever waits for a feed."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from simsa.web.weather.readings import FeedError
from simsa.web.weather.services import fetch_weather, is_due


@task
def fetch() -> str:
    """Fetch the weather if that is still due, and say what came of it; a failure is kept and tried again in time."""
    now = timezone.now()
    if not is_due(now):
        return "not due"
    try:
        return str(fetch_weather(now))
    except FeedError as error:
        return f"failed: {error}"
