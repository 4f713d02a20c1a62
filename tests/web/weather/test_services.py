"""What the strip shows and when the feeds are asked: fresh, old, hidden, recorded; once an hour; with pauses."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.weather import periodic
from simsa.web.weather.models import Failure, Snapshot
from simsa.web.weather.readings import FeedError, Reading
from simsa.web.weather.services import fetch_weather, is_due, recorded, strip
from simsa.web.weather.sky import Sky
from simsa.web.weather.tasks import fetch
from tests.web.weather.feed import NOW, OBSERVED, hub_body, map_text

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch):
    """`at(moment)` sets the clock of the site."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def queued() -> int:
    return DBTaskResult.objects.filter(task_path=fetch.module_path).count()


def test_strip_is_fresh_then_old_then_gone(feed):
    assert strip(NOW) is None
    fetch_weather(NOW)
    assert strip(NOW).state == "fresh"
    assert strip(OBSERVED + 90 * MINUTE).state == "fresh"
    assert strip(OBSERVED + 91 * MINUTE).state == "old"
    assert strip(OBSERVED + 180 * MINUTE).state == "old"
    assert strip(OBSERVED + 181 * MINUTE) is None


def test_strip_has_every_station_in_order_and_does_not_change(feed):
    feed.hub(hub_body().replace(b" 108 ", b" 999 "))
    fetch_weather(NOW)
    shown = strip(NOW)
    numbers = [line.station.number for line in shown.lines]
    assert len(numbers) == 97
    assert numbers == sorted(numbers)
    assert shown.lines[numbers.index(108)].reading == Reading()
    assert shown.observed.isoformat() == "2026-08-03T15:00:00+09:00"
    with pytest.raises(FrozenInstanceError):
        shown.state = "old"


def test_newest_observation_counts_and_not_the_last_fetch(feed):
    fetch_weather(NOW)
    Snapshot.objects.create(observed=OBSERVED - 60 * MINUTE, source="map", fetched=NOW + MINUTE, readings="{}")
    assert strip(NOW).observed == OBSERVED


def test_what_is_older_than_two_days_goes(feed):
    for hours in (47, 48, 49, 500):
        Snapshot.objects.create(observed=NOW - timedelta(hours=hours), source="hub", fetched=NOW, readings="{}")
    fetch_weather(NOW)
    ages = [NOW - observed for observed in Snapshot.objects.values_list("observed", flat=True)]
    assert sorted(ages) == [8 * MINUTE, timedelta(hours=47), timedelta(hours=48)]


def test_recorded_strip_is_always_there_and_named_by_its_date(settings, django_assert_num_queries):
    settings.WEATHER = "recorded"
    with django_assert_num_queries(0):
        shown = strip(NOW + timedelta(days=9999))
    assert (shown.state, shown.observed.isoformat()) == ("recorded", "2024-05-21T10:00:00+09:00")
    readings = {line.station.number: line.reading for line in shown.lines}
    assert len(readings) == 97
    assert readings[90] == Reading(Sky.FEW, Decimal("18.3"))
    assert readings[172] == Reading(Sky.CLEAR, None)
    assert [number for number, one in recorded().items() if one.temperature is None or one.sky is None] == [172]


def test_nothing_is_shown_or_asked_where_weather_is_off(feed, settings):
    fetch_weather(NOW)
    settings.WEATHER = "off"
    assert strip(NOW) is None
    assert not is_due(NOW + timedelta(days=1))
    settings.WEATHER = "recorded"
    assert not is_due(NOW + timedelta(days=1))


def test_feeds_are_asked_once_an_hour(feed):
    assert is_due(NOW)
    fetch_weather(NOW)
    for minutes in (0, 10, 50, 56):
        assert not is_due(NOW + minutes * MINUTE)
    assert is_due(OBSERVED + 65 * MINUTE)


def test_pauses_after_failures_grow_to_an_hour_and_end_with_a_success(feed):
    feed.hub(status=500)
    feed.map(status=500)
    now, pauses = NOW, []
    for _ in range(7):
        with pytest.raises(FeedError):
            fetch_weather(now)
        wait = next(minutes for minutes in range(200) if is_due(now + minutes * MINUTE))
        pauses.append(wait)
        now += wait * MINUTE
    assert pauses == [9, 18, 36, 60, 60, 60, 60]
    feed.map(map_text(hour=now.hour).encode())
    fetch_weather(now)
    assert not Failure.objects.exists()


def test_a_day_costs_one_call_an_hour(feed, at):
    """The clock looks every ten minutes; the hub has each hour's observation at five past."""
    start = NOW.replace(hour=0, minute=8)
    for step in range(6 * 20):
        now = start + step * 10 * MINUTE
        hour = (now - 5 * MINUTE).replace(minute=0)
        feed.hub(hub_body(tm=f"{hour:%Y%m%d%H%M}"))
        at(now)
        if periodic.ask_when_due():
            fetch.call()
    assert len([path for path in feed.asked if path.startswith("/hub")]) == 20
    assert len(feed.asked) == 20


def test_the_clock_hands_the_fetch_to_the_queue(feed, at):
    (work,) = periodic.PERIODIC
    assert (work.name, work.every) == ("weather.fetch", timedelta(minutes=10))
    at(NOW)
    assert work.run() is True
    assert feed.asked == []
    assert queued() == 1
    assert fetch.call() == "2026-08-03 15:00 hub"
    assert work.run() is False
    assert queued() == 1


def test_a_task_that_waited_too_long_asks_no_more(feed, at):
    at(NOW)
    assert fetch.call() == "2026-08-03 15:00 hub"
    assert fetch.call() == "not due"
    assert len(feed.asked) == 1


def test_a_task_that_fails_says_so_and_is_not_tried_at_once(feed, at):
    feed.hub(status=403, body=b"{}")
    feed.map(status=404)
    at(NOW)
    assert fetch.call() == "failed: hub: answered 403: '{}'; map: answered 404: ''"
    assert fetch.call() == "not due"
    assert len(feed.asked) == 2
