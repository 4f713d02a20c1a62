"""What feeds send, good and bad, through a real server: what is kept, what is refused, and that nothing is lost."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from simsa.web.weather import download as download_module
from simsa.web.weather import hub
from simsa.web.weather.models import Failure, Snapshot
from simsa.web.weather.readings import FeedError, Reading, from_text
from simsa.web.weather.services import fetch_weather, is_due
from simsa.web.weather.sky import Sky
from tests.web.weather.conftest import KEY
from tests.web.weather.feed import NOW, OBSERVED, hub_body, hub_text, map_text

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def fetched() -> dict[int, Reading]:
    return from_text(fetch_weather(NOW).readings)


def test_hub_is_asked_once_for_all_stations(feed):
    snapshot = fetch_weather(NOW)
    assert (snapshot.observed, snapshot.source, snapshot.fetched) == (OBSERVED, "hub", NOW)
    assert feed.asked == [f"/hub?stn=0&help=0&authKey={KEY}"]
    readings = from_text(snapshot.readings)
    assert len(readings) == 97
    assert readings[90] == Reading(Sky.MANY, Decimal("28.4"))


def test_map_is_asked_without_a_key(only_map):
    snapshot = fetch_weather(NOW)
    assert (snapshot.observed, snapshot.source) == (OBSERVED, "map")
    assert only_map.asked == ["/map"]
    assert from_text(snapshot.readings)[115] == Reading(Sky.MANY, Decimal("25.7"))


def test_map_stands_in_for_the_hub(feed):
    feed.hub(b"", status=500)
    assert fetch_weather(NOW).source == "map"
    assert not Failure.objects.exists()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"ta": "-9.0"}, "-9.0"),
        ({"ta": "-9.0", "td": "-9.0"}, "-9.0"),
        ({"ta": "-9.0", "hm": "-9.0"}, "-9.0"),
        ({"ta": "-9.0", "td": "-9.0", "hm": "-9.0"}, None),
        ({"ta": "-9", "td": "-9", "hm": "-9"}, None),
        ({"ta": "-99.0"}, None),
        ({"ta": "-99.9"}, None),
        ({"ta": "0.0"}, "0.0"),
        ({"ta": "-0.4"}, "-0.4"),
        ({"ta": "99.9"}, None),
        ({"ta": "warm"}, None),
        ({"ta": "nan"}, None),
    ],
)
def test_temperature_of_the_hub(only_hub, columns, expected):
    only_hub.hub(hub_body({108: columns}))
    found = fetched()[108]
    assert found.temperature == (None if expected is None else Decimal(expected))
    assert found.sky == Sky.MANY


@pytest.mark.parametrize(
    ("columns", "sky"),
    [
        *(({"cover": str(tenths)}, Sky.CLEAR) for tenths in (0, 1, 2)),
        *(({"cover": str(tenths)}, Sky.FEW) for tenths in (3, 4, 5)),
        *(({"cover": str(tenths)}, Sky.MANY) for tenths in (6, 7, 8)),
        *(({"cover": str(tenths)}, Sky.OVERCAST) for tenths in (9, 10)),
        ({"cover": "-9"}, None),
        ({"cover": "11"}, None),
        ({"cover": "-9", "wc": "61"}, Sky.RAIN),
        ({"cover": "10", "wc": "10"}, Sky.MIST),
        ({"cover": "10", "wc": "71"}, Sky.SNOW),
        ({"cover": "10", "wc": "69"}, Sky.SLEET),
        ({"cover": "10", "wc": "95"}, Sky.THUNDER),
        ({"cover": "10", "wc": "81"}, Sky.SHOWER),
        ({"cover": "1", "wc": "21"}, Sky.CLEAR),  # rain in the hour before, not now
        ({"cover": "1", "wc": "02"}, Sky.CLEAR),
        ({"cover": "10", "ww": "01"}, Sky.RAIN),
        ({"cover": "10", "ww": "0170"}, Sky.THUNDER),
        ({"cover": "10", "ww": "99"}, Sky.OVERCAST),
        ({"cover": "10", "wc": "45", "ww": "01"}, Sky.FOG),
    ],
)
def test_sky_of_the_hub(only_hub, columns, sky):
    only_hub.hub(hub_body({108: columns}))
    assert fetched()[108].sky == sky


def test_comments_in_utf8_are_read_as_well(only_hub):
    only_hub.hub(hub_text().encode())
    assert len(fetched()) == 97


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"desc": "맑음", "ta": "-9.0"}, Reading(Sky.CLEAR, Decimal("-9.0"))),
        ({"desc": "-", "icon": "", "ta": "31.9"}, Reading(None, Decimal("31.9"))),
        ({"desc": "", "ta": "31.9"}, Reading(None, Decimal("31.9"))),
        ({"desc": "약한비단속", "ta": "12"}, Reading(Sky.RAIN, Decimal("12.0"))),
        ({"desc": "소나기", "ta": ""}, Reading(Sky.SHOWER)),
        ({"desc": "진눈깨비", "ta": "-"}, Reading(Sky.SLEET)),
        ({"desc": "구름조금", "ta": "warm"}, Reading(Sky.FEW)),
        ({"desc": "보통눈계속", "ta": "0.7"}, Reading(Sky.SNOW, Decimal("0.7"))),
        ({"desc": "비 끝남", "ta": "0.7"}, Reading(None, Decimal("0.7"))),
        ({"desc": "뇌우끝,비", "ta": "0.7"}, Reading(Sky.RAIN, Decimal("0.7"))),
        ({"desc": "새로운 말", "ta": "0.7"}, Reading(None, Decimal("0.7"))),
    ],
)
def test_map_in_words(only_map, attributes, expected):
    only_map.map(map_text({108: attributes}).encode())
    assert fetched()[108] == expected


def test_map_in_euc_kr_is_read_as_well(only_map):
    only_map.map(map_text().replace("UTF-8", "EUC-KR").encode("euc_kr"))
    assert fetched()[108].sky == Sky.MANY


def test_unknown_station_is_left_out_and_noted(only_hub, caplog):
    caplog.set_level("INFO", "simsa.weather")
    only_hub.hub(hub_body().replace(b" 108 ", b" 999 "))
    found = fetched()
    assert 999 not in found
    assert 108 not in found  # missing in the feed: the strip shows a dash
    assert len(found) == 96
    assert "[999]" in caplog.text


def test_line_of_another_hour_and_broken_line_are_left_out_and_noted(only_hub, caplog):
    caplog.set_level("INFO", "simsa.weather")
    body = hub_body({90: {"tm": "203608031500"}}).replace(b"#7777END", b"202608031500  93 1 2 3\n#7777END")
    only_hub.hub(body)
    assert len(fetched()) == 96
    assert "station 90 is of another time" in caplog.text
    assert "a line of 5 columns" in caplog.text


FORBIDDEN = '{"result":{"status":403,"message":"활용신청이 필요한 API 입니다. the-key-of-nobody"}}'.encode()
XML_ERROR = b"<OpenAPI_ServiceResponse><header><errMsg>SERVICE ERROR</errMsg></header></OpenAPI_ServiceResponse>"
BAD_HUB = {
    "403 JSON": ({"body": FORBIDDEN, "status": 403}, "answered 403: .*활용신청이 필요한 API"),
    "401": ({"body": b"bad key", "status": 401}, "answered 401"),
    "500": ({"body": b"", "status": 500}, "answered 500"),
    "XML error at 200": ({"body": XML_ERROR}, "something else: .*SERVICE ERROR"),
    "JSON error at 200": ({"body": FORBIDDEN}, "something else"),
    "HTML": ({"body": "<html><body>점검 중입니다</body></html>".encode()}, "something else: .*점검 중"),
    "nothing": ({"body": b""}, "something else"),
    "cut": ({"body": hub_body().replace(b"#7777END", b"")}, "cut"),
    "cut in a line": ({"body": hub_body()[:5000]}, "cut"),
    "cut on the way": ({"body": hub_body(), "headers": {"Content-Length": "90000"}}, "no answer"),
    "no station": ({"body": b"#START7777\n#7777END\n"}, "no station"),
    "few stations": ({"body": hub_body(only=48)}, "48 of 97 stations only"),
    "no values": (
        {"body": hub_body().replace(b"  28.4 ", b" -99.0 ").replace(b"   6   6    4 ", b"  -9  -9   -9 ")},
        "0 of 97",
    ),
    "wrong year": ({"body": hub_body(tm="202508031500")}, "observed at 2025-08-03 15:00, and it is 2026-08-03 15:08"),
    "next year": ({"body": hub_body(tm="202708031500")}, "observed at 2027"),
    "stuck": ({"body": hub_body(tm="202608031100")}, "observed at 2026-08-03 11:00"),
    "no time": ({"body": hub_body(tm="202613031500")}, "time '202613031500' is none"),
    "huge": ({"body": b"#START7777\n" + b"# " * 600_000}, "more than 1000000 bytes"),
    "compressed": ({"body": b"x" * 99, "headers": {"Content-Encoding": "gzip"}}, "compressed"),
    "elsewhere": ({"status": 302, "headers": {"Location": "/elsewhere"}}, "answered 302"),
    "for good": ({"status": 301, "headers": {"Location": "http://127.0.0.1:9/"}}, "answered 301"),
}


@pytest.mark.parametrize("case", BAD_HUB)
def test_bad_answer_of_the_hub_changes_nothing(only_hub, case, caplog):
    caplog.set_level("DEBUG")
    Snapshot.objects.create(observed=NOW - timedelta(hours=1), fetched=NOW, source="hub", readings="{}")
    before = list(Snapshot.objects.values())
    answer, why = BAD_HUB[case]
    only_hub.hub(**answer)
    with pytest.raises(FeedError) as raised:
        fetch_weather(NOW)
    assert re.search(why, str(raised.value)), raised.value
    assert list(Snapshot.objects.values()) == before
    (failure,) = Failure.objects.all()
    assert failure.at == NOW
    assert failure.reason == str(raised.value)
    assert "/elsewhere" not in only_hub.asked
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("simsa")]
    assert KEY not in failure.reason + "".join(ours)


LONG = "9" * 5000
BAD_HUB |= {
    "a time of many digits": ({"body": hub_body(tm=LONG)}, "time '99999999999999999999' is none"),
    "the year 1": ({"body": hub_body(tm="000101010000")}, "hub: "),
}
BAD_MAP = {
    "cut": (map_text()[:4000], "no XML, or was cut"),
    "HTML": ("<!DOCTYPE html><html><body>점검<br></body></html>", "another type"),
    "broken HTML": ("<html><body><br></body></html>", "no XML"),
    "other XML": (XML_ERROR.decode(), "something else"),
    "entities": ('<!DOCTYPE a [<!ENTITY b "c">]><current>&b;</current>', "another type"),
    "no weather": ('<current xmlns="current"></current>', "something else"),
    "wrong year": (map_text(year=2025), "observed at 2025"),
    "no hour": (map_text(hour=99), "is none"),
    "a year of many digits": (map_text(year=int("9" * 30)), r"time \['99999999999999999999', '08'"),
    "the year 0": (map_text(year=0), "is none"),
    "the year 1": (map_text(year=1), "map: "),
    "no stations but of many digits": (re.sub(r'stn_id="\d+"', f'stn_id="{LONG}"', map_text()), "0 of 97"),
    "deep": ("<current>" * 20_000 + "</current>" * 20_000, "map: "),
    "not a station": (map_text().replace("stn_id", "id"), "0 of 97"),
    "nothing": ("", "no XML"),
}


@pytest.mark.parametrize("case", BAD_MAP)
def test_bad_map_changes_nothing(only_map, case):
    text, why = BAD_MAP[case]
    only_map.map(text.encode())
    with pytest.raises(FeedError, match=why):
        fetch_weather(NOW)
    assert not Snapshot.objects.exists()
    assert Failure.objects.count() == 1


@pytest.mark.parametrize("columns", [{name: LONG} for name in ("wc", "cover", "ta", "ww", "hm")])
def test_a_number_of_any_length_costs_no_more_than_its_station(only_hub, columns):
    only_hub.hub(hub_body({108: columns}))
    assert len(fetched()) == 97


def test_a_station_of_many_digits_is_left_out(feed):
    feed.hub(hub_body().replace(b" 108 ", f" {LONG} ".encode()))
    assert len(fetched()) == 96
    assert Snapshot.objects.get().source == "hub"
    Snapshot.objects.all().delete()
    feed.hub(status=500)
    feed.map(map_text().replace('stn_id="108"', f'stn_id="{LONG}"').encode())
    assert len(fetched()) == 96


def test_an_answer_that_nobody_foresaw_is_a_failure_as_well(feed, monkeypatch):
    def broken(text):
        raise OverflowError(text)

    monkeypatch.setattr(hub, "parse", broken)
    assert fetch_weather(NOW).source == "map"
    Snapshot.objects.all().delete()
    feed.map(status=500)
    with pytest.raises(FeedError, match=r"hub: an answer that cannot be read: OverflowError; map: answered 500"):
        fetch_weather(NOW)
    assert Failure.objects.count() == 1
    assert not is_due(NOW)


@pytest.mark.parametrize("slow", [{"wait": 3.0}, {"drip": 0.05}], ids=["wait", "drip"])
def test_slow_server_is_not_waited_for(only_hub, slow, monkeypatch):
    monkeypatch.setattr(download_module, "PATIENCE", 0.3)
    only_hub.hub(hub_body(), **slow)
    began = time.monotonic()
    with pytest.raises(FeedError, match=r"no answer: ReadTimeout|not there after"):
        fetch_weather(NOW)
    assert time.monotonic() - began < 2


def test_nobody_there(feed, settings):
    settings.KMA_HUB = settings.KMA_MAP = "http://127.0.0.1:9/"
    with pytest.raises(FeedError, match=r"no answer: ConnectionError.*no answer: ConnectionError"):
        fetch_weather(NOW)


def test_same_observation_again_is_no_news(feed):
    first = fetch_weather(NOW)
    with pytest.raises(FeedError, match="nothing newer than 2026-08-03 15:00"):
        fetch_weather(NOW + timedelta(minutes=70))
    assert Snapshot.objects.get() == first
