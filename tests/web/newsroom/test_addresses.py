"""Addresses that nobody can mean, and those that the site keeps for itself: answered in words, never by a failure."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from taggit.models import Tag

from simsa.web.newsroom.models import HomePage, SectionPage

HUGE = "9" * 30


@pytest.mark.parametrize(
    "path",
    [
        f"/ko/news/archive/{HUGE}/",
        "/ko/news/archive/1/",
        "/ko/news/archive/1/1/1/",
        "/ko/news/archive/2026/13/",
        "/ko/news/archive/2026/02/30/",
        f"/ko/news/archive/2026/{HUGE}/",
        f"/news/cards/{HUGE}.png",
        f"/news/press/{HUGE}/article.pdf",
        f"/sitemap-articles-{HUGE}.xml",
        f"/media/images/1/01234567/{'a' * 300}.webp",
        "/media/images/1/01234567/..",
        "/documents/0000000000000000005/a.pdf",
        "/documents/\u0665/a.pdf",
    ],
)
def test_what_nobody_can_mean_is_not_there(client, db, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/ko/news/?region=%00",
        "/ko/news/archive/?region=%00",
        "/ko/news/search/?q=%00",
        "/ko/news/tags/%00/",
        "/ko/authors/%00/",
        "/ko/news/sections/%00/rss.xml",
        "/ko/rounds/%00/",
    ],
)
def test_nul_is_refused(client, db, path):
    assert client.get(path).status_code == 400


@pytest.mark.parametrize("slug", ["rounds", "news", "authors", "weather", "method", "imprint"])
def test_a_section_cannot_take_an_address_of_the_site(db, slug):
    section = SectionPage(title="소식", slug=slug)
    section.set_url_path(HomePage.objects.get(locale__language_code="ko"))
    with pytest.raises(ValidationError, match="주소"):
        section.clean()
    section.slug = f"{slug}-2"
    section.clean()


def test_a_tag_without_letters_breaks_no_page(client, write):
    article = write("기사", "글")
    tag = Tag.objects.create(name="!!!", slug="")
    article.tags.add(tag.name, "적극행정")
    article.save_revision().publish()
    page = client.get(article.address)
    assert page.status_code == 200
    assert "#적극행정" in page.content.decode()
    assert "!!!" not in page.content.decode().partition("<article")[2]
