"""What programmes want done again and again."""

from __future__ import annotations

from datetime import timedelta

from simsa.web.periodic import Periodic
from simsa.web.programmes.stamping import unstamped
from simsa.web.programmes.tasks import stamp


def stamp_when_needed() -> bool:
    """Hand the asking to the task queue if there is something to be stamped; tells whether it did."""
    needed = unstamped().exists()
    if needed:
        stamp.enqueue()
    return needed


PERIODIC = (Periodic("programmes.stamp", every=timedelta(minutes=1), run=stamp_when_needed),)
