"""Background work of programmes: nobody waits for an authority outside."""

from __future__ import annotations

from django_tasks import task

from simsa.web.programmes.letters import send_due
from simsa.web.programmes.stamping import stamp_checkpoints


@task
def stamp() -> str:
    """Have milestones of the records time-stamped."""
    return f"{stamp_checkpoints()} stamped"


@task
def send_letters() -> str:
    """Send the letters that wait."""
    return f"{send_due()} sent"
