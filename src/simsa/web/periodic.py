"""What a room wants done again and again, whoever serves the site.

A room with a module `periodic` offers `PERIODIC`, a tuple of `Periodic`; the site's clock runs each when it is due, in
one process at a time however many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Periodic:
    """Work that is due `every` so often. `run` takes a moment, or hands what takes longer to the task queue.

    `name` tells it from all others and stays the same for ever: room, dot, what is done.
    """

    name: str
    every: timedelta
    run: Callable[[], object]
