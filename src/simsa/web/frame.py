"""What rooms put around every page: strips under the masthead; facts, links and feeds at its foot.

A room whose AppConfig has a method `around_pages` is asked for every page, in the language of the page, so it answers
from a cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol, runtime_checkable

from django.apps import AppConfig, apps
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Strip:
    """A strip under the masthead: its HTML, and the static files that it needs."""

    html: SafeString
    css: str
    script: str


@dataclass(frozen=True)
class Feed:
    """A feed of the site: its title, address and media type."""

    title: str
    url: str
    kind: str


@dataclass(frozen=True)
class Frame:
    """Strips for the masthead, facts (term, text) and links (text, address) for the foot, and feeds for the head."""

    strips: tuple[Strip, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    feeds: tuple[Feed, ...] = ()

    def __add__(self, other: Frame) -> Frame:
        return Frame(
            self.strips + other.strips,
            self.facts + other.facts,
            self.links + other.links,
            self.feeds + other.feeds,
        )


@runtime_checkable
class FramesPages(Protocol):
    """An AppConfig with this method has something to say around every page."""

    def around_pages(self) -> Frame: ...


def frame() -> Frame:
    """What all rooms say, in the order of the rooms."""
    return sum((room.around_pages() for room in _rooms()), Frame())


@cache
def _rooms() -> tuple[FramesPages, ...]:
    rooms: list[AppConfig] = list(apps.get_app_configs())
    return tuple(room for room in rooms if isinstance(room, FramesPages))
