"""Feeds: what is public and nothing else, in the form that readers of feeds understand."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone
from lxml import etree
from wagtail.models import Site

from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Imprint
from simsa.web.newsroom.tasks import make_renditions

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ATOM = {"a": "http://www.w3.org/2005/Atom"}
DC = "{http://purl.org/dc/elements/1.1/}creator"
SEOUL = "1100000000"
PLACES = (
    "/ko/news/",
    "/ko/news/sections/sosik/",
    f"/ko/news/regions/{SEOUL}/",
    "/ko/news/tags/적극행정/",
    "/ko/authors/kim/",
)


@pytest.fixture
def author(db):
    return Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim")


@pytest.fixture
def tell(write, author):
    """`tell(title, ...)`: an article that is in every kind of feed."""

    def told(title, published=True, **fields):
        article = write(title, published=False, region=SEOUL, **fields)
        article.tags.add("적극행정")
        article.authors.add(ArticleAuthor(author=author))
        revision = article.save_revision()
        if published:
            revision.publish()
        article.refresh_from_db()
        return article

    return told


def rss(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return etree.fromstring(answer.content).find("channel")


def titles(client, place):
    read = [item.findtext("title") for item in rss(client, f"{place}rss.xml").findall("item")]
    atom = etree.fromstring(client.get(f"{place}atom.xml").content)
    assert [entry.text for entry in atom.findall("a:entry/a:title", ATOM)] == read
    return read


def test_an_item_says_what_the_article_says(client, tell, picture):
    Imprint.objects.create(site=Site.objects.get(), title="더코리아")
    article = tell(
        "북구 & 남구, <우수>",
        subheads=[("subhead", "전국 243곳 가운데 7곳"), ("subhead", "무역촉진단")],
        lead_picture=picture,
        lead_alt="면",
    )
    make_renditions.call(picture.pk)
    channel = rss(client, "/ko/news/rss.xml")
    assert channel.findtext("title") == "소식 · 더코리아"
    assert channel.findtext("language") == "ko"
    assert channel.findtext("link") == "http://127.0.0.1:8000/ko/news/"
    item = channel.find("item")
    assert item.findtext("title") == "북구 & 남구, <우수>"
    assert item.findtext("description") == "전국 243곳 가운데 7곳\n무역촉진단"
    assert item.findtext("link") == f"http://127.0.0.1:8000{article.url}"
    assert item.findtext(DC) == "김기자"
    assert [one.text for one in item.findall("category")] == ["서울특별시", "적극행정"]
    assert abs(parsedate_to_datetime(item.findtext("pubDate")) - article.first_published_at) < timedelta(seconds=1)
    shown = item.find("enclosure").attrib
    assert shown["type"] == "image/jpeg"
    picture_there = client.get(shown["url"].removeprefix("http://127.0.0.1:8000"))
    assert len(b"".join(picture_there.streaming_content)) == int(shown["length"])
    atom = etree.fromstring(client.get("/ko/news/atom.xml").content)
    entry = atom.find("a:entry", ATOM)
    assert entry.findtext("a:author/a:name", namespaces=ATOM) == "김기자"
    assert entry.findtext("a:id", namespaces=ATOM) == item.findtext("guid")
    assert atom.find("a:link[@rel='self']", ATOM).get("href") == "http://127.0.0.1:8000/ko/news/atom.xml"


@pytest.mark.parametrize("place", PLACES)
def test_a_feed_has_what_its_page_has(client, tell, write, place):
    tell("여기")
    write("다른 곳", region="2600000000")
    write("Elsewhere", language="en")
    expected = {"/ko/news/": {"다른 곳", "여기"}, "/ko/news/sections/sosik/": {"다른 곳", "여기"}}
    assert set(titles(client, place)) == expected.get(place, {"여기"})
    page = client.get(place)
    assert f'href="{place}rss.xml"' in page.content.decode() or place != "/ko/news/"


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_public_is_in_no_feed(client, tell, place):
    tell("지금")
    tell("초고", published=False)
    held = tell("엠바고", published=False, embargo=timezone.now() + timedelta(hours=1))
    held.live = True  # as if something had published it in spite of the embargo
    held.save(clean=False)
    gone = tell("내린 기사")
    gone.unpublish()
    assert titles(client, place) == ["지금"]
    for name in ("rss", "atom"):
        text = client.get(f"{place}{name}.xml").content.decode()
        assert not any(word in text for word in ("초고", "엠바고", "내린 기사"))


@pytest.mark.parametrize("place", ["/ko/news/tags/적극행정/", "/ko/authors/kim/"])
def test_a_feed_of_nothing_public_is_not_there(client, tell, place):
    tell("초고", published=False)
    assert client.get(f"{place}rss.xml").status_code == 404


@pytest.mark.parametrize("missing", ["sections/none", "regions/4155000000", "regions/x", "tags/none"])
def test_a_feed_about_nothing_that_exists_is_not_there(client, missing):
    assert client.get(f"/ko/news/{missing}/rss.xml").status_code == 404


def test_english_has_its_own_feed(client, write, author):
    article = write("Buk-gu was selected", language="en", published=False, region=SEOUL)
    article.authors.add(ArticleAuthor(author=author))
    article.save_revision().publish()
    item = rss(client, "/en/news/rss.xml").find("item")
    assert item.findtext("title") == "Buk-gu was selected"
    assert item.findtext(DC) == "Kim"
    assert [one.text for one in item.findall("category")] == ["Seoul"]


def test_whoever_has_the_feed_is_told_so(client, tell):
    tell("하나")
    answer = client.get("/ko/news/rss.xml")
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["Last-Modified"]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/ko/news/rss.xml", headers=known).status_code == 304
    assert (
        client.get("/ko/news/rss.xml", headers={"If-Modified-Since": answer.headers["Last-Modified"]}).status_code
        == 304
    )
    tell("둘")
    assert client.get("/ko/news/rss.xml", headers=known).status_code == 200


def test_the_id_of_an_article_stays_when_its_address_changes(client, tell):
    article = tell("주소")
    before = rss(client, "/ko/news/rss.xml").find("item").findtext("guid")
    article.slug = "other"
    article.save_revision().publish()
    item = rss(client, "/ko/news/rss.xml").find("item")
    assert item.findtext("link").endswith("/other/")
    assert item.findtext("guid") == before


def test_queries_do_not_grow_with_the_articles(client, tell, picture, django_assert_max_num_queries):
    for number in range(12):
        tell(f"기사 {number}", lead_picture=picture, lead_alt="면")
    make_renditions.call(picture.pk)
    client.get("/ko/news/rss.xml")
    with django_assert_max_num_queries(9):
        client.get("/ko/news/rss.xml")


def test_pages_name_the_feeds(client, write):
    page = client.get("/ko/").content.decode()
    assert 'type="application/rss+xml"' in page
    assert 'href="/ko/news/rss.xml"' in page
    assert 'href="/en/news/atom.xml"' in client.get("/en/method/").content.decode()


def test_control_characters_of_before_break_no_feed(client, tell, author):
    article = tell("제목", subheads=[("subhead", "부제")])
    said = {"title": "제\x0b목\x1f", "search_description": "요\x08약"}
    ArticlePage.objects.filter(pk=article.pk).update(**said, subheads='[{"type": "subhead", "value": "부\\u0007제"}]')
    Author.objects.filter(pk=author.pk).update(name_ko="김\x0b기자")
    Imprint.objects.create(site=Site.objects.get(), title="더\x0b코리아")
    article.tags.first().__class__.objects.update(name="적극\x08행정")
    for place in PLACES:
        assert titles(client, place) == ["제 목"]
    item = rss(client, "/ko/news/rss.xml").find("item")
    assert (item.findtext("description"), item.findtext(DC)) == ("부제", "김 기자")


def test_an_article_without_authors_is_the_publications(client, write):
    Imprint.objects.create(site=Site.objects.get(), title="더코리아")
    write("제목")
    atom = etree.fromstring(client.get("/ko/news/atom.xml").content)
    assert [one.text for one in atom.findall("a:author/a:name", ATOM)] == ["더코리아"]
    assert atom.find("a:entry/a:author", ATOM) is None
    assert rss(client, "/ko/news/rss.xml").find("item").find(DC) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"subheads": [("subhead", "부제")], "search_description": "요약"}, "부제"),
        ({"search_description": "요약"}, "요약"),
        ({"body": [("heading", "머리"), ("paragraph", "<p></p><p>첫 <b>문단</b></p><p>둘째</p>")]}, "첫 문단"),
        ({"body": [("heading", "머리")]}, None),
        ({}, None),
    ],
)
def test_a_summary_is_never_empty(client, write, fields, expected):
    write("제목", **fields)
    item = rss(client, "/ko/news/rss.xml").find("item")
    entry = etree.fromstring(client.get("/ko/news/atom.xml").content).find("a:entry", ATOM)
    for found in (item.find("description"), entry.find("a:summary", ATOM)):
        assert (found is None) if expected is None else (found.text == expected)


def test_a_lost_picture_breaks_no_feed(client, tell, picture):
    article = tell("제목", lead_picture=picture, lead_alt="면")
    make_renditions.call(picture.pk)
    assert rss(client, "/ko/news/rss.xml").find("item/enclosure") is not None
    for one in (picture, *picture.renditions.all()):
        one.file.storage.delete(one.file.name)
    tell("다른 제목")  # pages are made anew
    found = rss(client, "/ko/news/rss.xml")
    assert len(found.findall("item")) == 2
    assert found.find("item/enclosure") is None
    assert client.get(article.url).status_code == 200
