"""The KMA's API hub, `kma_sfctm2`: the hourly observations of all stations in one answer of plain text.

A line per station, columns by white space, comments after `#`, and `#7777END` at the end: without it the answer was
cut.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from decimal import Decimal

from simsa.web.weather import sky
from simsa.web.weather.readings import KOREA, FeedError, Observation, Reading, temperature_of
from simsa.web.weather.sky import Sky

NUMBER = re.compile(r"[0-9]{1,5}")
"""Of a station or a code; more digits than these are damage."""
COLUMNS = 46
# Columns, from 0.
TIME, STATION, TA, TD, HM, WC, WW, COVER = 0, 1, 11, 12, 13, 22, 24, 25
START, END = "#START7777", "#7777END"


def parse(text: str) -> Observation:
    """The observation in an answer of the hub. FeedError for anything else, or an answer that was cut."""
    lines = text.splitlines()
    if not any(line.startswith(START) for line in lines):
        raise FeedError(f"the hub answered with something else: {' '.join(text.split())[:120]!r}")
    if not any(line.startswith(END) for line in lines):
        raise FeedError("the hub's answer was cut")
    table, notes = [], []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            row = line.split()
            if len(row) == COLUMNS and NUMBER.fullmatch(row[STATION]):
                table.append(row)
            else:
                notes.append(f"a line of {len(row)} columns was left out")
    if not table:
        raise FeedError("the hub's answer has no station")
    moment, _count = Counter(row[TIME] for row in table).most_common(1)[0]
    readings: dict[int, Reading] = {}
    for row in table:
        number = int(row[STATION])
        if row[TIME] != moment:
            notes.append(f"station {number} is of another time, {row[TIME][:12]}")
            continue
        temperature = None
        try:
            temperature = _temperature(row)
        except ValueError as error:
            notes.append(f"station {number}: {error}")
        readings[number] = Reading(_sky(row), temperature)
    return Observation(_time(moment), readings, tuple(notes))


def _time(text: str) -> datetime:
    try:
        if not (text.isascii() and text.isdecimal() and len(text) == 12):
            raise ValueError
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=KOREA)
    except ValueError:
        raise FeedError(f"the hub's time {text[:20]!r} is none") from None


def _temperature(row: list[str]) -> Decimal | None:
    """Missing is -99.x, or -9.0 where dew point and humidity are -9.0 as well: alone it is a cold day."""
    values = [Decimal(row[column]) if _is_number(row[column]) else None for column in (TA, TD, HM)]
    air = values[0]
    if air is not None and (int(air) == -99 or all(value == -9 for value in values)):
        return None
    return temperature_of(row[TA])


def _sky(row: list[str]) -> Sky | None:
    """Present weather before cloud cover; few stations report the first."""
    present = sky.of_present(int(row[WC])) if NUMBER.fullmatch(row[WC]) else None
    domestic = sky.of_domestic(row[WW]) if row[WW].isdecimal() else None
    cover = sky.of_cover(int(row[COVER])) if NUMBER.fullmatch(row[COVER]) else None
    return present or domestic or cover


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
