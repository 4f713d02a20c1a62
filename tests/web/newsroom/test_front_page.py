"""The front page: planted once, in both languages, and open to the rooms that publish rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from wagtail.models import Page, Site

from simsa.web.newsroom.apps import plant_front_page
from simsa.web.newsroom.models import HomePage
from simsa.web.newsroom.services import ensure_front_page

pytestmark = pytest.mark.django_db


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
