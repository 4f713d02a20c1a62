"""The room of a meeting as it changes, by server-sent events (WHATWG HTML, 9.2): whoever has the page open is sent the
part of it that lives, whenever something has happened.

A stream holds one of the process's threads, so that it is short, and there are few: the browser comes again by itself
and says what it has seen (`Last-Event-ID`, the key of the last act). Who finds no place asks now and then instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from django.conf import settings

from simsa.web.panel.models import MeetingAct

LASTS = 18.0
"""Seconds, fewer than a request has to end when the server is told to stop."""
PAUSE = 1.0
"""Seconds between one look and the next."""
AGAIN = 1500
"""Milliseconds after which the browser comes again."""
MOST = max(1, settings.THREADS // 4)
"""Streams at once in one process."""

_places = threading.BoundedSemaphore(MOST)

Render = Callable[[], tuple[int, str] | None]
"""The part that lives as it is now, and the key of the last act in it; None for who sees it no longer."""


class Stream:
    """The events of one stream. It has a place among `MOST` from `begun` until it is closed."""

    def __init__(self, meeting: int, seen: int, render: Render) -> None:
        self._events = _events(meeting, seen, render)
        self._has_place = True

    @classmethod
    def begun(cls, meeting: int, seen: int, render: Render) -> Stream | None:
        """None where there is no place."""
        return cls(meeting, seen, render) if _places.acquire(blocking=False) else None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Also of one that was never read."""
        if self._has_place:
            self._has_place = False
            _places.release()


def last_act(meeting: int) -> int:
    """The key of the last act of a meeting; 0 before the first."""
    return MeetingAct.objects.filter(meeting=meeting).order_by("pk").values_list("pk", flat=True).last() or 0


def _events(meeting: int, seen: int, render: Render) -> Iterator[bytes]:
    yield f"retry: {AGAIN}\nid: {seen}\n\n".encode()
    ends = time.monotonic() + LASTS
    while time.monotonic() < ends:
        if last_act(meeting) != seen:
            found = render()
            if found is None:
                yield b"event: gone\ndata:\n\n"
                return
            seen, text = found
            yield event("room", seen, text)
        else:
            yield b":\n\n"  # whoever is gone is noticed
        time.sleep(PAUSE)


def event(name: str, key: int, text: str) -> bytes:
    """One event; a line of `data` for each of the text."""
    data = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"event: {name}\nid: {key}\n{data}\n".encode()
