"""The strip as HTML, made for each language every few seconds at most and else taken from the cache."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from simsa.web.frame import Strip
from simsa.web.weather.services import Line, Weather, strip
from simsa.web.weather.wording import celsius, clock, dated

VERSION = metadata.version("simsa")
SECONDS = 25
"""How long a strip may be shown after a newer one has come; whole pages are kept as long again, and both stay under a
minute."""


@dataclass(frozen=True)
class Item:
    """One station as the strip shows it; texts are empty where nothing was read."""

    name: str
    icon: str
    sky: str
    temperature: str


def weather_strip() -> Strip | None:
    """The strip in the language of the page; None while there is nothing to show. No query while the cache has it."""
    if settings.WEATHER == "off":
        return None
    language = get_language() or settings.LANGUAGE_CODE
    html = cache.get(_key(language))
    if html is None:
        weather = strip()
        html = "" if weather is None else render_to_string("weather/strip.html", _context(weather, language))
        cache.set(_key(language), html, SECONDS)
    return Strip(mark_safe(html), "weather/weather.css", "weather/weather.js") if html else None  # noqa: S308 (template)


def items(lines: tuple[Line, ...], language: str) -> list[Item]:
    return [
        Item(
            line.station.name(language),
            line.reading.sky.icon if line.reading.sky else "",
            line.reading.sky.word if line.reading.sky else "",
            "" if line.reading.temperature is None else celsius(line.reading.temperature),
        )
        for line in lines
    ]


def _context(weather: Weather, language: str) -> dict[str, object]:
    return {
        "weather": weather,
        "items": items(weather.lines, language),
        # Two digits tell a region; a script brings the reader's own to the front.
        "regions": "".join(line.station.region_code[:2] for line in weather.lines),
        "clock": clock(weather.observed),
        "dated": dated(weather.observed),
    }


def _key(language: str) -> str:
    return f"weather:{settings.WEATHER}:{language}:{VERSION}"
