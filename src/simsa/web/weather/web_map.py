"""The map of the present weather on the KMA's own site, `sfc_web_map.xml`: it needs no key."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree

from simsa.web.weather import sky
from simsa.web.weather.readings import KOREA, FeedError, Observation, Reading, temperature_of

NUMBER = re.compile(r"[0-9]{1,5}")
"""Of a station, or a part of a date; more digits than these are damage."""


def parse(text: str) -> Observation:
    """The observation in the file. FeedError for anything else, or a file that was cut."""
    root = _root(text)
    notes: list[str] = []
    readings: dict[int, Reading] = {}
    weather = next((one for one in root.iter() if _name(one) == "weather"), None)
    if _name(root) != "current" or weather is None:
        raise FeedError(f"the map answered with something else: {' '.join(root.itertext()).split()[:12]}")
    for one in weather:
        number = one.get("stn_id", "")
        if _name(one) != "local" or not NUMBER.fullmatch(number):
            notes.append("an entry without a station was left out")
            continue
        words = one.get("desc", "").strip().strip("-")
        found = sky.of_words(words)
        if words and found is None:
            notes.append(f"station {number}: no word for {words[:20]!r}")
        temperature = None
        try:
            temperature = temperature_of(one.get("ta", "").strip().removesuffix("-"))
        except ValueError as error:
            notes.append(f"station {number}: {error}")
        readings[int(number)] = Reading(found, temperature)
    return Observation(_time(weather), readings, tuple(notes))


def _root(text: str) -> ElementTree.Element:
    # A file of the KMA declares no type; one that does could name entities that grow without end.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FeedError("the map answered with a document of another type")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 (no entities, see above)
    except ElementTree.ParseError as error:
        raise FeedError(f"the map is no XML, or was cut: {error}") from None


def _time(weather: ElementTree.Element) -> datetime:
    parts = [weather.get(name, "") for name in ("year", "month", "day", "hour")]
    try:
        if not all(NUMBER.fullmatch(part) for part in parts):
            raise ValueError
        return datetime(*(int(part) for part in parts), tzinfo=KOREA)  # type: ignore[misc, arg-type]
    except ValueError:
        raise FeedError(f"the map's time {[part[:20] for part in parts]} is none") from None


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
