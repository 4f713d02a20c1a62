"""What rooms put at the foot of every page: who publishes the site, where to turn to, and its feeds.

A room whose AppConfig has a method `at_the_foot` is asked for every page, in the language of the page, so it answers
from a cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.apps import apps


@dataclass(frozen=True)
class Feed:
    """A feed of the site: its title, address and media type."""

    title: str
    url: str
    kind: str


@dataclass(frozen=True)
class Colophon:
    """Facts (term, text) and links (text, address) for the foot of a page, and feeds for its head."""

    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    feeds: tuple[Feed, ...] = ()


@runtime_checkable
class FillsFoot(Protocol):
    """An AppConfig with this method has something to say at the foot of every page."""

    def at_the_foot(self) -> Colophon: ...


def colophon() -> Colophon:
    """What all rooms say, in the order of the rooms."""
    said = [config.at_the_foot() for config in apps.get_app_configs() if isinstance(config, FillsFoot)]
    return Colophon(
        tuple(fact for one in said for fact in one.facts),
        tuple(link for one in said for link in one.links),
        tuple(feed for one in said for feed in one.feeds),
    )
