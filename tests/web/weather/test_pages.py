"""The strip on every page and the page of all stations: what they say, what they cost."""

from __future__ import annotations

import gzip
import random
import re
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from simsa.web.weather.fragment import SECONDS, weather_strip
from simsa.web.weather.map import Bands
from simsa.web.weather.models import Snapshot
from simsa.web.weather.readings import KOREA, Reading, to_text
from simsa.web.weather.sky import Sky
from simsa.web.weather.stations import stations

pytestmark = [pytest.mark.django_db, pytest.mark.once]
STRIP = re.compile(r'<section class="weather no-print.*?</section>', re.DOTALL)
PLACES = ["/ko/", "/en/", "/ko/method/", "/ko/rounds/", "/ko/account/login/", "/ko/nowhere/", "/ko/weather/"]


@pytest.fixture
def recorded(settings):
    settings.WEATHER = "recorded"


@pytest.fixture
def live(settings):
    """`live(minutes)` puts an observation of so many minutes ago, all stations alike."""
    settings.WEATHER = "live"

    def put(minutes=10, temperature="-9.0", sky=Sky.SNOW):
        readings = {one.number: Reading(sky, Decimal(temperature)) for one in stations()}
        now = timezone.now()
        return Snapshot.objects.create(
            observed=now - timedelta(minutes=minutes), fetched=now, source="hub", readings=to_text(readings)
        )

    return put


def strip_of(page: str) -> str:
    return STRIP.search(page)[0]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("address", PLACES)
def test_strip_stands_once_on_every_page(client, recorded, address):
    page = client.get(address).content.decode()
    assert len(STRIP.findall(page)) == 1
    assert page.index("</header>") < page.index('class="weather') < page.index('id="main"')
    assert len(re.findall("<li", strip_of(page))) == 97
    assert "weather/weather.css" in page
    assert "weather/weather.js" in page


@pytest.mark.parametrize("address", PLACES[:-1])
def test_without_weather_a_page_knows_nothing_of_it(client, address):
    page = client.get(address).content.decode()
    assert "weather" not in page


def test_strip_in_korean(client, recorded):
    said = text_of(strip_of(client.get("/ko/method/").content.decode()))
    assert said.startswith("2024-05-21 10:00 기록 · 기상청 제공 속초 구름조금 18.3℃ 북춘천 맑음 22.0℃ 철원 맑음 21.4℃")
    assert "고창 맑음 – 기온 없음 순천" in said
    assert said.endswith("북부산 구름조금 22.1℃ 멈추기 전체 지점")


def test_strip_in_english(client, recorded):
    said = text_of(strip_of(client.get("/en/method/").content.decode()))
    assert said.startswith("Recorded 2024-05-21 10:00 · Korea Meteorological Administration Sokcho Few clouds 18.3°C")
    assert "Gochang Clear – no temperature" in said
    assert said.endswith("Pause All stations")


def test_strip_of_now_and_of_before(client, live):
    observed = live(10).observed.astimezone(KOREA)
    said = text_of(strip_of(client.get("/ko/method/").content.decode()))
    assert said.startswith(f"{observed:%H:%M} 관측 · 기상청 제공 속초 눈 −9.0℃")
    Snapshot.objects.all().delete()
    cache.clear()
    live(100)
    assert "관측 (최신 관측 아님) · 기상청 제공" in text_of(strip_of(client.get("/ko/method/").content.decode()))
    Snapshot.objects.all().delete()
    cache.clear()
    live(200)
    assert "weather" not in client.get("/ko/method/").content.decode()


def test_regions_are_told_for_the_script(client, recorded):
    page = client.get("/ko/method/").content.decode()
    told = re.search(r'data-regions="(\d+)"', page)[1]
    assert [told[at : at + 2] for at in range(0, len(told), 2)] == [one.region_code[:2] for one in stations()]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("page", ["", "method/"])
@pytest.mark.parametrize("day", ["recorded", "live"])
def test_strip_keeps_its_budget(client, settings, language, page, day):
    """12 KB of HTML, and 1.5 KB more of a compressed page; on a day of changing weather too."""
    without = client.get(f"/{language}/{page}").content
    settings.WEATHER = day
    draw, now = random.Random(7), timezone.now()
    skies = [Sky.CLEAR, Sky.FEW, Sky.MANY, Sky.OVERCAST, Sky.RAIN]
    readings = {one.number: Reading(draw.choice(skies), Decimal(draw.randrange(150, 290)) / 10) for one in stations()}
    Snapshot.objects.create(observed=now, fetched=now, source="hub", readings=to_text(readings))
    within = client.get(f"/{language}/{page}").content
    html = strip_of(within.decode()).encode()
    more = len(gzip.compress(within, 6)) - len(gzip.compress(without, 6))
    assert len(html) <= 12_000
    assert more <= 1_500


def test_strip_costs_a_query_now_and_then_and_hardly_any_time(live, django_assert_num_queries):
    live()
    with translation.override("ko"):
        with django_assert_num_queries(1):
            first = weather_strip()
        with django_assert_num_queries(0):
            began = time.perf_counter()
            for _ in range(100):
                assert weather_strip() == first
        assert (time.perf_counter() - began) / 100 < 0.001


def test_nothing_to_show_is_kept_as_well(settings, django_assert_num_queries):
    settings.WEATHER = "live"
    with django_assert_num_queries(1):
        assert weather_strip() is None
    with django_assert_num_queries(0):
        assert weather_strip() is None


def test_page_costs_no_query_more(client, live, django_assert_num_queries):
    live()
    client.get("/ko/method/")
    with django_assert_num_queries(0):
        assert "weather" in client.get("/ko/method/").content.decode()


def test_new_observation_shows_within_a_minute(client, live, monkeypatch):
    assert SECONDS + 30 < 60  # of which 30 are those of a page that is kept
    live(70, "1.0")
    assert "1.0℃" in client.get("/ko/method/").content.decode()
    live(5, "2.0")
    later = time.time() + SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert "2.0℃" in client.get("/ko/method/").content.decode()


def rows_of(page: str) -> list[list[str]]:
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [
        [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_table_has_all_stations_by_region(client, recorded):
    rows = rows_of(client.get("/ko/weather/").content.decode())
    assert len(rows) == 97
    assert rows[0] == ["서울", "구름조금", "23.2℃", "서울"]
    assert ["고창", "맑음", "– 기온 없음", "전북"] in rows
    order = list(dict.fromkeys(row[3] for row in rows))
    assert len(order) == 17
    assert order[-1] == "제주"


def test_own_region_comes_first(client, recorded):
    page = client.get("/ko/weather/?region=5000000000").content.decode()
    assert [row[0] for row in rows_of(page)[:5]] == ["제주", "고산", "성산", "서귀포", "서울"]
    assert '<option value="5000000000" selected>제주</option>' in page


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("temperature", "대관령", "고창"),
        ("-temperature", "남원", "고창"),
        ("station", "강릉", "흑산도"),
        ("-station", "흑산도", "강릉"),
        ("sky", "북춘천", "전주"),
        ("-region", "제주", "서울"),
        ("nonsense", "서울", "서귀포"),
    ],
)
def test_table_is_sorted_and_missing_values_come_last(client, recorded, sort, first, last):
    names = [row[0] for row in rows_of(client.get(f"/ko/weather/?sort={sort}").content.decode())]
    assert (names[0], names[-1]) == (first, last)


def test_headings_sort_and_turn_round_and_keep_the_region(client, recorded):
    page = client.get("/en/weather/?region=1100000000&sort=-temperature").content.decode()
    assert re.search(r'aria-sort="descending"><a href="\?region=1100000000&amp;sort=temperature#table">', page)
    assert 'href="?region=1100000000&amp;sort=station#table"' in page
    assert page.count("aria-sort") == 1


def test_map_says_everything_in_words_too(client, recorded):
    page = client.get("/ko/weather/").content.decode()
    svg = re.search(r"<svg xmlns.*?</svg>", page, re.DOTALL)[0]
    titles = re.findall(r"<title>(.*?)</title>", svg)
    assert len(titles) == 97
    assert "속초 구름조금 18.3℃" in titles
    assert "고창 맑음 기온 없음" in titles
    assert "가장 낮은 곳: 대관령 13.4℃. 가장 높은 곳: 남원 24.6℃." in svg
    assert 'href="#table"' in page


def test_bands_hold_every_temperature():
    bands = Bands.of([Decimal("13.4"), Decimal("24.6")])
    assert (bands.low, bands.step) == (13, 5)
    assert [bands.level(Decimal(text)) for text in ("13.4", "15.4", "15.5", "24.6")] == [0, 0, 1, 4]
    with translation.override("en"):
        assert bands.words(0) == "13 to 15.5"
        assert Bands.of([Decimal("-9.5"), Decimal("-9.5")]).words(0) == "−10 to −9.5"
    assert Bands.of([]).level(Decimal(0)) == 0


def test_page_without_an_observation_says_so(client, settings):
    settings.WEATHER = "live"
    answer = client.get("/ko/weather/")
    assert answer.status_code == 200
    assert "최근 3시간 안의 관측이 없습니다" in answer.content.decode()


def test_page_with_no_temperature_at_all(client, live, settings):
    now = timezone.now()
    readings = to_text({one.number: Reading(Sky.FOG) for one in stations()})
    settings.WEATHER = "live"
    Snapshot.objects.create(observed=now, fetched=now, source="map", readings=readings)
    assert "기온이 있는 지점이 없습니다" in client.get("/ko/weather/").content.decode()


def test_page_is_the_same_for_everybody(client, recorded):
    first = client.get("/ko/weather/")
    client.cookies["weather-region"] = "5000000000"
    again = client.get("/ko/weather/")
    assert first.content == again.content
    assert not first.cookies
    assert "private" not in first.headers.get("Cache-Control", "")


@pytest.mark.parametrize("role", ["anonymous", "member", "staff"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_everybody_may_read_and_nobody_write(client, settings, django_user_model, role, language):
    if role != "anonymous":
        client.force_login(django_user_model.objects.create_user(f"{role}@example.kr", is_staff=role == "staff"))
    for setting, status in (("recorded", 200), ("live", 200), ("off", 404)):
        settings.WEATHER = setting
        assert client.get(f"/{language}/weather/").status_code == status
        assert client.head(f"/{language}/weather/").status_code == status
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert client.generic(method, f"/{language}/weather/").status_code == 405
