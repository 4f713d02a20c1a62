"""The front page: planted once, in both languages; what stands on it, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from simsa.web.newsroom.apps import plant_front_page
from simsa.web.newsroom.front import SECONDS
from simsa.web.newsroom.models import ArticlePage, HomePage, SectionPage
from simsa.web.newsroom.regions import regions
from simsa.web.newsroom.services import ensure_front_page
from simsa.web.newsroom.tasks import make_renditions

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@dataclass(frozen=True)
class Round:
    title: str = "2023 상반기"
    url: str = "/ko/somewhere/"
    summary: str = "일곱 곳을 선정했습니다."
    published: date = date(2024, 5, 21)
    synthetic: bool = True


def test_a_new_site_has_a_front_page_in_each_language(client):
    korean, english = HomePage.objects.order_by("locale__language_code").reverse()
    assert (korean.locale.language_code, english.locale.language_code) == ("ko", "en")
    assert korean.translation_key == english.translation_key
    assert (korean.title, english.title) == ("누구나 확인할 수 있는 평가", "Evaluations anyone can check")
    assert Site.objects.get().root_page_id == korean.pk
    assert Page.objects.count() == 3
    assert Page.find_problems() == ([], [], [], [], [])


def test_what_editors_wrote_is_not_replaced():
    HomePage.objects.filter(locale__language_code="en").update(title="Our awards")
    ensure_front_page()
    assert list(HomePage.objects.filter(locale__language_code="en").values_list("title", flat=True)) == ["Our awards"]


def test_a_database_between_two_migrations_is_left_alone():
    Site.objects.all().delete()
    HomePage.objects.all().delete()

    class Before:
        def get_model(self, app, name):
            raise LookupError(name)

    plant_front_page(apps.get_app_config("newsroom"), "default", Before())
    assert not HomePage.objects.exists()
    plant_front_page(apps.get_app_config("newsroom"), "default")
    assert HomePage.objects.count() == 2


def test_rooms_put_rounds_on_the_front_page(client, monkeypatch):
    config = apps.get_app_config("newsroom")
    monkeypatch.setattr(config, "published_rounds", lambda request: [Round()], raising=False)
    page = client.get("/ko/").content.decode()
    assert '<a href="/ko/somewhere/">2023 상반기</a> <span class="badge limit">가상 데이터</span>' in page
    assert '<time datetime="2024-05-21">2024.05.21 (화)</time>' in page
    english = client.get("/en/").content.decode()
    assert '<time datetime="2024-05-21">Tue 21 May 2024</time>' in english
    assert "Synthetic data" in english


@pytest.fixture
def add(sections) -> Callable[..., SectionPage]:
    """`add("지역", 3)`: a section with so many articles, one a minute; that of the last call has the newest."""
    at = [timezone.now() - timedelta(days=30)]

    def added(title: str, count: int, **fields: Any) -> SectionPage:
        home = HomePage.objects.get(locale__language_code="ko")
        section = home.add_child(instance=SectionPage(title=title, slug=f"s{SectionPage.objects.count()}"))
        for number in range(count):
            at[0] += timedelta(minutes=1)
            article = ArticlePage(title=f"{title} 기사 {number}", slug=f"n{number}", live=True, **fields)
            article.first_published_at = article.last_published_at = at[0]
            section.add_child(instance=article)
        return section

    return added


def headlines(client, address: str = "/ko/") -> list[str]:
    """The headlines of a page in the order in which they are read."""
    page = client.get(address).content.decode()
    return re.findall(r"<h[23][^>]*><a href=\"[^\"]+\">([^<]+ 기사 \d+)</a>", page)


def test_the_newest_leads_and_no_article_stands_twice(client, add):
    for title, count in (("가", 9), ("나", 2), ("다", 6)):
        add(title, count)
    told = headlines(client)
    assert len(told) == len(set(told))
    assert told[: 1 + SECONDS] == [f"다 기사 {number}" for number in (5, 4, 3, 2, 1)]
    rest = [f"가 기사 {number}" for number in (8, 7, 6, 5)] + ["나 기사 1", "나 기사 0", "다 기사 0"]
    assert told[1 + SECONDS :] == rest
    page = client.get("/ko/").content.decode()
    order = ['class="story first"', 'class="seconds"', 'class="blocks"', 'role="search"', 'id="rounds"']
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


def test_a_section_keeps_its_place_however_much_others_publish(client, add):
    add("조용한 곳", 1)
    add("바쁜 곳", 40)
    assert "조용한 곳 기사 0" in headlines(client)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_articles_are_no_gap(client, add, count):
    add("가", count)
    page = client.get("/ko/").content.decode()
    assert len(headlines(client)) == count
    assert ('class="front"' in page) == (count > 0)
    assert ('class="seconds"' in page) == (count > 1)
    assert 'class="blocks' not in page
    assert 'id="rounds"' in page
    assert 'class="regions"' not in page
    assert headlines(client, "/en/") == []


def test_regions_lead_to_their_articles(client, add):
    add("가", 2, region="2900000000")
    page = client.get("/ko/").content.decode()
    assert 'href="/ko/news/?region=2900000000" title="광주광역시"' in page
    assert 'href="/ko/news/?region=1100000000"' not in page
    assert all(f'<li class="r{code}">' in page for code in (11, 26, 36, 50, 51))
    css = Path(finders.find("newsroom/news.css")).read_text(encoding="utf-8")
    assert all(f".r{code[:2]} {{ grid-area" in css for code in regions("ko"))


def test_nothing_that_is_not_public_is_on_the_front_page(client, add, write):
    shown, closed = add("가", 1), add("닫힌 곳", 2)
    write("보류 기사 1", embargo=timezone.now() + timedelta(hours=1), region="1100000000")
    write("초고 기사 2", published=False)
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    page = client.get("/ko/").content.decode()
    assert headlines(client) == ["가 기사 0"]
    assert shown.title in page
    for hidden in ("닫힌 곳", "보류", "초고", "region=1100000000"):
        assert hidden not in page


def test_articles_of_a_section_that_is_not_public_have_no_section(client, add):
    add("가", 2).unpublish()
    assert headlines(client) == ["가 기사 1", "가 기사 0"]
    assert "kicker" not in client.get("/ko/").content.decode()


def test_a_closed_front_page_is_wagtails_to_answer(client, add):
    add("가", 1)
    home = HomePage.objects.get(locale__language_code="ko")
    PageViewRestriction.objects.create(page=home, restriction_type=PageViewRestriction.LOGIN)
    assert "/account/login/" in client.get("/ko/", follow=True).redirect_chain[-1][0]


def test_what_is_made_of_synthetic_data_says_so_on_the_front_page(client, write, example):
    write("가상 기사 1", round=example)
    page = client.get("/ko/").content.decode()
    assert page.index("가상 데이터") < page.index("가상 기사 1") < page.index('class="side"')


def test_queries_do_not_grow_with_articles(client, add, picture, django_assert_max_num_queries):
    asked = []
    for title, count in (("가", 3), ("나", 12), ("다", 12)):
        section = add(title, count, lead_picture=picture, lead_alt="면", region="2900000000")
        client.get("/ko/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/ko/")
        asked.append(len(queries))
        cache.clear()
        with django_assert_max_num_queries(12):
            client.get("/ko/")
    assert asked[0] == asked[1] == asked[2] <= 9
    assert section.title in client.get("/ko/").content.decode()


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "pc"])
def test_the_front_page_fits_whatever_there_is(browser_page, add, picture, screenshot, request):
    width = request.node.callspec.params["browser_page"]["width"]
    for state, title, count, fields in (
        ("none", "", 0, {}),
        ("one", "보도자료", 1, {}),
        (
            "few",
            "지역",
            2,
            {"lead_picture": picture, "lead_alt": "밝은 데서 어두운 데로 가는 면", "region": "2900000000"},
        ),
        ("many", "해설", 12, {"lead_picture": picture, "lead_alt": "면", "dateline": "더코리아-광주 북구"}),
    ):
        if count:
            add(title, count, **fields)
        make_renditions.func(picture.pk)
        browser_page.goto("/ko/")
        assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state
        screenshot(browser_page, f"front-{state}-{width}")
    if width == "phone":
        return
    main, side = (browser_page.locator(part).bounding_box() for part in (".stories", ".side"))
    assert side["x"] > main["x"] + main["width"]
    browser_page.get_by_label("소식 검색").fill("해설")
    browser_page.get_by_label("소식 검색").press("Enter")
    browser_page.wait_for_url("**/ko/news/search/?q=*")
