"""What rooms put under the masthead of every page.

A room whose AppConfig has a method `under_masthead` fills a strip there; it is asked for every page, in the language of
the page, so it answers from a cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.apps import apps
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Strip:
    """A strip under the masthead: its HTML, and the static files that it needs."""

    html: SafeString
    css: str
    script: str


@runtime_checkable
class FillsStrip(Protocol):
    """An AppConfig with this method has a strip to show, or None for now."""

    def under_masthead(self) -> Strip | None: ...


def strips() -> list[Strip]:
    """The strips of all rooms, in the order of the rooms."""
    rooms = [config for config in apps.get_app_configs() if isinstance(config, FillsStrip)]
    return [strip for room in rooms if (strip := room.under_masthead()) is not None]
