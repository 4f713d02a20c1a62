"""Kept pages: the same bytes for everybody without a session, for a moment, and never after something was published."""

from __future__ import annotations

import threading
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from simsa.web.newsroom.models import HomePage
from simsa.web.public import publish_pages
from simsa.web.site import page_cache
from simsa.web.site import settings as site_settings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _keeping(settings):
    settings.MIDDLEWARE = site_settings.MIDDLEWARE
    cache.clear()
    page_cache.new_edition()
    yield
    cache.clear()


def test_a_second_reader_costs_no_query(client, django_assert_num_queries):
    first = client.get("/ko/method/")
    page_cache.edition()
    with django_assert_num_queries(0):
        again = client.get("/ko/method/")
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Cache-Control"] == "public, max-age=0, s-maxage=4, stale-while-revalidate=30"
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


def test_other_processes_see_it_within_a_second(client):
    client.get("/ko/method/")
    before = page_cache.edition()
    # Another process counts on: this one asks again after a second.
    thread = threading.Thread(target=page_cache.Edition.objects.filter(pk=1).update, kwargs={"number": before + 1})
    thread.start()
    thread.join()
    time.sleep(1.1)
    assert page_cache.edition() == before + 1


def test_whoever_has_a_session_sees_their_own_page(client):
    client.get("/ko/method/")
    user = get_user_model().objects.create_user("kim", password="a long password 1")
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
    here = client.get("/ko/method/").content
    there = client.get("/ko/method/", headers={"host": "other.example"}).content
    assert b"http://testserver/" in here
    assert b"http://testserver/" not in there
    packed = client.get("/ko/method/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/ko/method/").headers


def test_a_change_outside_wagtail_is_told(client):
    before = page_cache.edition()
    publish_pages()
    assert page_cache.edition() == before + 1
