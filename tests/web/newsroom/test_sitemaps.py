"""Sitemaps: every public page once, with its translations, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import etree
from wagtail.models import Site

from simsa.web.newsroom import sitemaps
from simsa.web.newsroom.models import ArticlePage, Correction, Imprint

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NS = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
HERE = "http://127.0.0.1:8000"


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["Content-Type"] == "application/xml"
    return etree.fromstring(answer.content)


def locations(tree):
    return [one.text.removeprefix(HERE) for one in tree.findall(".//s:loc", NS)]


def everything(client):
    """Addresses of all files that the index names."""
    return [where for file in locations(read(client, "/sitemap.xml")) for where in locations(read(client, file))]


def test_every_address_is_there_once_and_answers(client, write, example):
    write("기사")
    write("Article", language="en")
    found = everything(client)
    assert len(found) == len(set(found))
    assert {"/ko/", "/en/", "/ko/sosik/", "/ko/sosik/a1/", "/en/reports/a2/", "/ko/method/"} <= set(found)
    assert {"/ko/rounds/proactive-2023-h1/", "/en/rounds/proactive-2023-h1/"} <= set(found)
    for address in found:
        assert client.get(address).status_code == 200, address


def test_translations_name_each_other(client, write):
    korean = write("기사")
    write("Article", language="en", translation_key=korean.translation_key)
    write("혼자")
    entries = read(client, "/sitemap-articles-1.xml").findall("s:url", NS)
    pairs = {
        entry.findtext("s:loc", namespaces=NS).removeprefix(HERE): {
            link.get("hreflang"): link.get("href").removeprefix(HERE) for link in entry.findall("x:link", NS)
        }
        for entry in entries
    }
    both = {"ko": "/ko/sosik/a1/", "en": "/en/reports/a2/"}
    assert pairs == {both["ko"]: both, both["en"]: both, "/ko/sosik/a3/": {"ko": "/ko/sosik/a3/"}}


def test_what_is_not_public_is_in_no_sitemap(client, write):
    shown = write("지금")
    write("초고", published=False)
    held = write("Held", language="en", published=False, translation_key=shown.translation_key)
    ArticlePage.objects.filter(pk=held.pk).update(
        live=True, embargo=timezone.now() + timedelta(hours=1), first_published_at=timezone.now()
    )
    write("내린 기사").unpublish()
    assert locations(read(client, "/sitemap-articles-1.xml")) == ["/ko/sosik/a1/"]
    assert locations(read(client, "/news-sitemap.xml")) == ["/ko/sosik/a1/"]
    for address in ("/sitemap-articles-1.xml", "/news-sitemap.xml"):
        assert "/en/" not in client.get(address).content.decode()


def test_a_correction_is_a_change(client, write):
    article = write("기사")
    at = timezone.now() + timedelta(minutes=5)
    article.corrections.add(Correction(what="바로잡음", at=at))
    article.save_revision().publish()
    said = read(client, "/sitemap-articles-1.xml").findtext(".//s:lastmod", namespaces=NS)
    assert said == timezone.localtime(at).isoformat()


def test_long_parts_are_split(client, write, monkeypatch):
    monkeypatch.setattr(sitemaps, "MOST", 2)
    for number in range(5):
        write(f"기사 {number}")
    files = [name for name in locations(read(client, "/sitemap.xml")) if "articles" in name]
    assert files == [f"/sitemap-articles-{number}.xml" for number in (1, 2, 3)]
    assert [len(locations(read(client, name))) for name in files] == [2, 2, 1]
    assert client.get("/sitemap-articles-4.xml").status_code == 404
    assert client.get("/sitemap-nothing-1.xml").status_code == 404


def test_an_empty_part_has_no_file(client, db):
    assert not any("articles" in name for name in locations(read(client, "/sitemap.xml")))
    assert client.get("/sitemap-articles-1.xml").status_code == 404


def test_news_are_those_of_two_days(client, write):
    new = write("새 기사")
    old = write("지난 기사")
    freed = write("풀린 기사")
    before = timezone.now() - timedelta(days=3)
    ArticlePage.objects.filter(pk__in=[old.pk, freed.pk]).update(first_published_at=before)
    ArticlePage.objects.filter(pk=freed.pk).update(embargo=timezone.now() - timedelta(minutes=1))
    tree = read(client, "/news-sitemap.xml")
    assert [one.text for one in tree.findall(".//n:title", NS)] == ["새 기사", "풀린 기사"]
    first = tree.find("s:url", NS)
    assert first.findtext(".//n:language", namespaces=NS) == "ko"
    assert first.findtext(".//n:name", namespaces=NS) == "심사·simsa"
    published = first.findtext(".//n:publication_date", namespaces=NS)
    assert published == timezone.localtime(new.first_published_at).isoformat()


def test_news_are_a_thousand_at_most(client, write, monkeypatch):
    assert sitemaps.MOST_NEWS == 1_000
    monkeypatch.setattr(sitemaps, "MOST_NEWS", 3)
    for number in range(5):
        write(f"기사 {number}")
    assert len(locations(read(client, "/news-sitemap.xml"))) == 3


def test_whoever_has_a_sitemap_is_told_so(client, write):
    write("기사")
    for address in ("/sitemap.xml", "/sitemap-articles-1.xml", "/news-sitemap.xml"):
        known = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": known}).status_code == 304


def test_robots_name_both(client, settings):
    lines = client.get("/robots.txt").content.decode().splitlines()
    for address in ("/sitemap.xml", "/news-sitemap.xml"):
        assert f"Sitemap: {settings.PUBLIC_URL}{address}" in lines
        assert client.get(address).status_code == 200


def test_queries_do_not_grow_with_the_articles(client, write, django_assert_max_num_queries):
    for number in range(10):
        write(f"기사 {number}")
    for address, most in (("/sitemap.xml", 8), ("/sitemap-articles-1.xml", 5), ("/news-sitemap.xml", 3)):
        client.get(address)  # what is kept for every page is asked for once
        with django_assert_max_num_queries(most):
            client.get(address)


def test_control_characters_of_before_break_no_sitemap(client, write):
    article = write("제목")
    ArticlePage.objects.filter(pk=article.pk).update(title="제\x0b목\x1f\ufffe & <b>")
    Imprint.objects.create(site=Site.objects.get(), title="더\x0b코리아")
    tree = read(client, "/news-sitemap.xml")
    assert tree.findtext(".//n:title", namespaces=NS) == "제 목 & <b>"
    assert tree.findtext(".//n:name", namespaces=NS) == "더 코리아"
