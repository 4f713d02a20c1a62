"""Kept pages: the same bytes for everybody without a session, for a moment, and never after something was published."""

from __future__ import annotations

import threading
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from simsa.web import public
from simsa.web.newsroom.models import HomePage
from simsa.web.newsroom.renditions import PLAIN
from simsa.web.public import publish_pages
from simsa.web.site import page_cache
from simsa.web.site import settings as site_settings
from simsa.web.site.models import Edition

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _keeping(settings):
    settings.MIDDLEWARE = site_settings.MIDDLEWARE
    clear()
    public.new_edition()
    yield
    clear()


def clear():
    for name in ("default", "pages"):
        caches[name].clear()


def test_a_second_reader_costs_no_query(client, django_assert_num_queries):
    first = client.get("/ko/method/")
    public.edition()
    with django_assert_num_queries(0):
        again = client.get("/ko/method/")
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Cache-Control"] == "public, max-age=0, s-maxage=3"
    assert "Cookie" in again.headers["Vary"]
    assert again.headers["Content-Security-Policy"]
    fresh = client.get("/ko/method/", headers={"If-None-Match": again.headers["ETag"]})
    assert (fresh.status_code, fresh.content) == (304, b"")
    assert client.head("/ko/method/").status_code == 200


def test_what_is_published_is_there_at_once(client):
    assert "새 제목" not in client.get("/ko/").content.decode()
    page = HomePage.objects.get(locale__language_code="ko")
    page.title = "새 제목"
    page.save_revision().publish()
    assert "새 제목" in client.get("/ko/").content.decode()


def test_other_processes_see_it_within_a_second(client, monkeypatch):
    monkeypatch.setattr(public, "ASKED", 1.0)
    client.get("/ko/method/")
    before = public.edition()
    # Another process counts on: this one asks again after a second.
    thread = threading.Thread(target=Edition.objects.filter(pk=1).update, kwargs={"number": before + 1})
    thread.start()
    thread.join()
    time.sleep(1.1)
    assert public.edition() == before + 1


def test_whoever_has_a_session_sees_their_own_page(client):
    client.get("/ko/method/")
    user = get_user_model().objects.create_user("kim@example.kr", password="a long password 1")
    own = Client()
    own.force_login(user)
    answer = own.get("/ko/method/")
    assert "로그아웃" in answer.content.decode()
    assert "Cache-Control" not in answer.headers or "public" not in answer.headers["Cache-Control"]
    assert "로그아웃" not in client.get("/ko/method/").content.decode()


def test_forms_errors_and_other_hosts_are_not_kept(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    assert "s-maxage" not in client.get("/ko/account/login/").headers.get("Cache-Control", "")
    assert "s-maxage" not in client.get("/ko/nowhere/").headers.get("Cache-Control", "")
    there = client.get("/ko/method/", headers={"host": "other.example"}).content
    assert b"other.example" not in there  # what stands in front may hand it to readers of another host
    assert client.get("/ko/method/").content == there
    packed = client.get("/ko/method/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/ko/method/").headers


def test_results_and_their_files_are_kept_like_any_page(client, admin_client, example, django_assert_num_queries):
    page = "/ko/rounds/proactive-2023-h1/"
    asked = {page: {}, f"{page}table/?sort=rank": {"HX-Request": "true"}, "/rounds/proactive-2023-h1/results.csv": {}}
    made = {path: client.get(path, headers=headers) for path, headers in asked.items()}
    public.edition()
    with django_assert_num_queries(0):
        kept = {path: client.get(path, headers=headers) for path, headers in asked.items()}
    for path, first in made.items():
        assert kept[path].content == first.content
        assert kept[path].headers["ETag"] == first.headers["ETag"]
        assert "s-maxage=3" in first.headers["Cache-Control"]
    assert kept[f"{page}table/?sort=rank"].headers["HX-Push-Url"] == f"{page}?sort=rank"
    assert "results.csv" in kept["/rounds/proactive-2023-h1/results.csv"].headers["Content-Disposition"]
    assert admin_client.get(page).headers["Cache-Control"] == "private, no-cache"


def test_whoever_has_a_page_already_does_not_keep_it_from_others(client):
    tag = client.get("/ko/method/").headers["ETag"]
    publish_pages()
    assert client.get("/ko/method/", headers={"If-None-Match": tag}).status_code == 304
    again = client.get("/ko/method/")
    assert (again.status_code, again.headers["ETag"]) == (200, tag)


def test_a_date_alone_keeps_nobody_at_what_is_gone(client):
    later = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    for headers in (later, later | {"If-None-Match": '"old"'}):
        publish_pages()
        assert client.get("/ko/news/rss.xml", headers=headers).status_code == 200


def test_a_picture_is_checked_by_its_date(client, write, picture):
    write("기사", lead_picture=picture, lead_alt="면")
    shown = client.get(picture.get_rendition(PLAIN).url)
    assert shown.status_code == 200
    again = client.get(picture.get_rendition(PLAIN).url, headers={"If-Modified-Since": shown.headers["Last-Modified"]})
    assert again.status_code == 304


def test_what_is_large_is_made_anew(client, example, monkeypatch):
    monkeypatch.setattr(page_cache, "LARGEST", 1000)
    path = "/rounds/proactive-2023-h1/results.csv"
    first = client.get(path)
    public.edition()
    with CaptureQueriesContext(connection) as queries:
        again = client.get(path)
    assert queries.captured_queries
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "s-maxage=3" in again.headers["Cache-Control"]


def test_a_change_outside_wagtail_is_told(client):
    before = public.edition()
    publish_pages()
    assert public.edition() == before + 1
