"""The verbs of weather: fetch the newest observation, and say what the strip shows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from simsa.web.weather import hub, web_map
from simsa.web.weather.download import download
from simsa.web.weather.models import Failure, Snapshot
from simsa.web.weather.readings import (
    KOREA,
    FeedError,
    Observation,
    Reading,
    from_text,
    temperature_of,
    to_text,
)
from simsa.web.weather.sky import of_words
from simsa.web.weather.stations import Station, rows, stations

log = logging.getLogger("simsa.weather")

RECORDED = datetime(2024, 5, 21, 10, 0, tzinfo=KOREA)
"""When the recorded strip was observed."""

EVERY = timedelta(hours=1)
LAG = timedelta(minutes=5)
"""How long after the hour an observation can be expected in the feeds."""

OLD = timedelta(minutes=90)
HIDDEN = timedelta(hours=3)
KEPT = timedelta(hours=48)
AHEAD = timedelta(minutes=10)
"""By how much another clock may be fast."""

FIRST_PAUSE = timedelta(minutes=9)
"""After a failure; it doubles with each. A little less than the clock's step, so that the next one is not missed."""

State = Literal["fresh", "old", "recorded"]


@dataclass(frozen=True)
class Line:
    """A station and what was read there."""

    station: Station
    reading: Reading


@dataclass(frozen=True)
class Weather:
    """What the strip shows: all stations in the order of their numbers, when they were read, and how old that is."""

    observed: datetime
    state: State
    lines: tuple[Line, ...]


def strip(now: datetime | None = None) -> Weather | None:
    """The weather to show at `now`; None if there is none, or none of the last three hours."""
    if settings.WEATHER == "recorded":
        return _weather(RECORDED, "recorded", recorded())
    if settings.WEATHER != "live":
        return None
    newest = Snapshot.objects.order_by("-observed").first()
    age = None if newest is None else (now or timezone.now()) - newest.observed
    if newest is None or age is None or age > HIDDEN:
        return None
    return _weather(newest.observed, "old" if age > OLD else "fresh", from_text(newest.readings))


def fetch_weather(now: datetime | None = None) -> Snapshot:
    """Fetch the observation of this hour and keep it: from the hub if there is a key, from the map if that fails.

    What is there stays unless something newer and sound has come. FeedError, kept as a failure, if nothing has.
    """
    now = now or timezone.now()
    reasons = []
    for source, ask in _sources():
        try:
            return _keep(source, _read(ask, now), now)
        except FeedError as error:
            log.warning("weather from the %s: %s", source.value, error)
            reasons.append(f"{source.value}: {error}")
    reason = "; ".join(reasons)
    Failure.objects.create(at=now, reason=reason)
    raise FeedError(reason)


def is_due(now: datetime) -> bool:
    """Whether the feeds should be asked: one observation an hour, and after failures with ever longer pauses.

    A pause lasts an hour at most: then an outage costs no more calls than the weather itself.
    """
    if settings.WEATHER != "live":
        return False
    newest = Snapshot.objects.order_by("-observed").values_list("observed", flat=True).first()
    if newest is not None and now < newest + EVERY + LAG:
        return False
    failures = list(Failure.objects.values_list("at", flat=True)[:4])
    return not failures or now >= failures[0] + min(FIRST_PAUSE * 2 ** (len(failures) - 1), EVERY)


@cache
def recorded() -> Mapping[int, Reading]:
    """The readings of the recorded strip by the number of the station (SOURCES.md)."""
    return {
        int(row["station"]): Reading(of_words(row["sky"]), temperature_of(row["temperature"]))
        for row in rows("recorded.csv")
    }


def _weather(observed: datetime, state: State, readings: Mapping[int, Reading]) -> Weather:
    lines = tuple(Line(station, readings.get(station.number, Reading())) for station in stations())
    return Weather(observed.astimezone(KOREA), state, lines)


def _sources() -> list[tuple[Snapshot.Source, Callable[[], Observation]]]:
    asked = [(Snapshot.Source.MAP, lambda: web_map.parse(download(settings.KMA_MAP)))]
    if settings.KMA_KEY:
        query = {"stn": "0", "help": "0", "authKey": settings.KMA_KEY}
        asked.insert(0, (Snapshot.Source.HUB, lambda: hub.parse(download(settings.KMA_HUB, query))))
    return asked


def _read(ask: Callable[[], Observation], now: datetime) -> Observation:
    """What a feed says. FeedError for whatever cannot be read, foreseen or not: another feed may stand in for it."""
    try:
        return _checked(ask(), now)
    except FeedError:
        raise
    except Exception as error:
        # Its message may hold the answer, and that the key.
        raise FeedError(f"an answer that cannot be read: {type(error).__name__}") from None


def _checked(observation: Observation, now: datetime) -> Observation:
    """The readings of our stations. FeedError for another time than about now, or for less than half of them."""
    for note in observation.notes:
        log.info("weather: %s", note)
    if not now - HIDDEN <= observation.observed <= now + AHEAD:
        raise FeedError(
            f"observed at {observation.observed:%Y-%m-%d %H:%M}, and it is {now.astimezone(KOREA):%Y-%m-%d %H:%M}"
        )
    known = {station.number for station in stations()}
    strange = sorted(set(observation.readings) - known)
    if strange:
        log.info("weather: stations that are not ours were left out: %s", strange[:20])
    readings = {number: reading for number, reading in observation.readings.items() if number in known and reading}
    if 2 * len(readings) < len(known):
        raise FeedError(f"readings of {len(readings)} of {len(known)} stations only")
    return Observation(observation.observed, readings)


def _keep(source: Snapshot.Source, observation: Observation, now: datetime) -> Snapshot:
    with transaction.atomic():
        newest = Snapshot.objects.order_by("-observed").first()
        if newest is not None and newest.observed >= observation.observed:
            raise FeedError(f"nothing newer than {newest.observed.astimezone(KOREA):%Y-%m-%d %H:%M}")
        snapshot, _new = Snapshot.objects.get_or_create(
            observed=observation.observed,
            defaults={"source": source, "fetched": now, "readings": to_text(observation.readings)},
        )
        Snapshot.objects.filter(observed__lt=now - KEPT).delete()
        Failure.objects.all().delete()
    return snapshot
