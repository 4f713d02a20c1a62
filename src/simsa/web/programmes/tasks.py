"""Background work of programmes: nobody waits for an authority outside."""

from __future__ import annotations

from django_tasks import task

from simsa.web.programmes.letters import send_due
from simsa.web.programmes.stamping import stamp_checkpoints
from simsa.web.programmes.witnessing import ask_witnesses


@task
def stamp() -> str:
    """Have milestones of the records time-stamped."""
    return f"{stamp_checkpoints()} stamped"


@task
def witness() -> str:
    """Have the logs cosigned by witnesses."""
    return f"{ask_witnesses()} cosigned"


@task
def send_letters() -> str:
    """Send the letters that wait."""
    return f"{send_due()} sent"


@task
def pulse() -> None:
    """Nothing: that it is taken from the queue shows that somebody takes what waits there."""
