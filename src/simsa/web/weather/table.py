"""The stations as a table: the reader's region first, or sorted by a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from simsa.web.weather.services import Line
from simsa.web.weather.stations import region_name, regions

COLUMNS = {
    "station": _("Station"),
    "sky": _("Sky"),
    "temperature": _("Temperature"),
    "region": _("Region"),
}


@dataclass(frozen=True)
class View:
    """What was asked for: the reader's region (its code, or empty), and a column with `-` before it for descending."""

    region: str
    sort: str

    @classmethod
    def of(cls, query: QueryDict) -> View:
        region, sort = query.get("region", ""), query.get("sort", "")
        return cls(
            region if region in regions() else "",
            sort if sort.removeprefix("-") in COLUMNS else "region",
        )

    def query(self, sort: str) -> str:
        wanted = {"region": self.region, "sort": sort}
        return urlencode({name: value for name, value in wanted.items() if value})

    def of_lines(self, lines: tuple[Line, ...], language: str) -> list[Line]:
        """All lines, sorted; those without a value come last either way, and the own region first in its column."""
        column, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        order = list(regions())
        keys: dict[str, Callable[[Line], Any]] = {
            "region": lambda line: order.index(line.station.region_code),
            "station": lambda line: line.station.name(language),
            "sky": lambda line: line.reading.sky and list(type(line.reading.sky)).index(line.reading.sky),
            "temperature": lambda line: line.reading.temperature,
        }
        key = keys[column]
        there = sorted((line for line in lines if key(line) is not None), key=key, reverse=down)
        found = there + [line for line in lines if key(line) is None]
        if column != "region":
            return found
        return sorted(found, key=lambda line: line.station.region_code != self.region)


@dataclass(frozen=True)
class Heading:
    """The head of a column, with the query that sorts by it."""

    key: str
    label: str
    query: str
    direction: str


def headings(view: View) -> list[Heading]:
    found = []
    for key, label in COLUMNS.items():
        direction = {key: "ascending", f"-{key}": "descending"}.get(view.sort, "")
        # The warmest first, and everything else from its beginning; a second time turns it round.
        first, second = (f"-{key}", key) if key == "temperature" else (key, f"-{key}")
        found.append(Heading(key, str(label), view.query(second if view.sort == first else first), direction))
    return found


def choices(language: str) -> list[tuple[str, str]]:
    """The regions to choose from: code and name."""
    return [(code, region_name(code, language)) for code in regions()]
