"""Floors 4 and 5: the web site, one Django app per step of the journey.

The rooms stand in journey order; a room imports rooms to its left, never to its right. A room joins the site by being
there: one with `apps.py` is installed, one with `urls.py` is mounted under the language prefix, one with
`data_urls.py` (files for machines) without it. What else a room may offer to the rooms on its right is said by a
method of its AppConfig (see `simsa.web.newsroom.models.HomePage`).
"""

from __future__ import annotations

from importlib.util import find_spec

JOURNEY = ("accounts", "programmes", "entries", "panel", "votes", "awards", "api", "weather", "newsroom")


def rooms_with(module: str) -> list[str]:
    """Dotted names of the rooms that have the given module, in journey order."""
    rooms = [f"simsa.web.{room}" for room in JOURNEY if find_spec(f"simsa.web.{room}")]
    return [room for room in rooms if find_spec(f"{room}.{module}")]
