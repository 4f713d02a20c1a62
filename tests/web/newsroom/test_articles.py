"""Articles as readers meet them: everything an editor wrote, in its place, in the language of the page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from simsa.web.newsroom.lists import PER_PAGE
from simsa.web.newsroom.models import ArticleAuthor, Author, Correction, SectionPage
from simsa.web.newsroom.periodic import publish_scheduled
from simsa.web.newsroom.reading import beside

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_an_article_says_what_its_editor_wrote(client, write, picture):
    article = write(
        "북구, 우수기관 선정",
        "<b>광주 북구</b>가 뽑혔다.",
        subheads=[("subhead", "전국 243곳 가운데 7곳"), ("subhead", "무역촉진단 성과")],
        dateline="더코리아-광주 북구",
        lead_picture=picture,
        lead_alt="밝은 데서 어두운 데로 가는 면",
        lead_caption="그림 설명",
    )
    writer = Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim", role_ko="기자")
    article.authors.add(ArticleAuthor(author=writer))
    article.corrections.add(Correction(what="6곳을 7곳으로 바로잡습니다."))
    article.tags.add("적극행정")
    article.save_revision().publish()
    page = client.get(article.url).content.decode()
    for said in (
        "<h1>북구, 우수기관 선정</h1>",
        "<li>전국 243곳 가운데 7곳</li>",
        "[더코리아-광주 북구]",
        "김기자",
        'alt="밝은 데서 어두운 데로 가는 면"',
        "그림 설명",
        "6곳을 7곳으로 바로잡습니다.",
        "<b>광주 북구</b>가 뽑혔다.",
        "#적극행정",
        'width="800"',
        'fetchpriority="high"',
    ):
        assert said in page, said
    assert "김기자" in client.get("/ko/authors/kim/").content.decode()
    assert "북구, 우수기관 선정" in client.get("/ko/authors/kim/").content.decode()
    assert client.get("/en/authors/kim/").status_code == 404  # nothing of hers is in English


def test_a_lead_picture_needs_words_before_it_is_published(client, write, picture):
    draft = write("제목", lead_picture=picture, published=False)  # a draft is kept as it is
    with pytest.raises(ValidationError, match="무엇이 보이는지"):
        draft.get_latest_revision().publish()
    picture.description = "밝은 데서 어두운 데로 가는 면"
    picture.save()
    draft.get_latest_revision().publish()
    assert 'alt="밝은 데서 어두운 데로 가는 면"' in client.get(draft.address).content.decode()


def test_result_blocks_show_the_published_result(client, write, example):
    code = example.entries.get(entrant__name_ko__endswith="완주군").entrant.code
    blocks = [
        ("winners", {"caption": "선정 결과"}),
        ("result_map", {"caption": ""}),
        ("entrant_chart", {"entrant": code, "caption": ""}),
    ]
    article = write("발표", body=blocks, round=example)
    page = client.get(article.url).content.decode()
    assert page.count("<svg") == 2
    assert "전라북도 완주군" in page
    assert "98.00" in page
    assert "가상 데이터" in page


def test_result_blocks_show_nothing_before_the_result_is_public(client, write, example, hidden):
    hidden()
    blocks = [("winners", {"caption": "c"}), ("result_map", {"caption": ""})]
    article = write("예고", "곧 발표한다.", round=None)
    article.body = blocks
    article.round = example
    article.save_revision().publish()
    page = client.get(article.url).content.decode()
    assert "<svg" not in page
    assert "완주군" not in page


def test_lists_have_what_belongs_into_them(client, write):
    write("서울 소식", region="1100000000", tags=["가", "나"])
    write("부산 소식", region="2600000000")
    write("Busan news", language="en")
    page = client.get("/ko/news/").content.decode()
    assert "서울 소식" in page
    assert "부산 소식" in page
    assert "Busan news" not in page
    only = client.get("/ko/news/?region=1100000000").content.decode()
    assert "서울 소식" in only
    assert "부산 소식" not in only
    today = timezone.localdate()
    assert "서울 소식" in client.get(f"/ko/news/archive/{today:%Y/%-m/%-d}/").content.decode()
    for nothing in ("/ko/news/archive/1999/", "/ko/news/archive/2026/13/", "/ko/news/tags/none/"):
        assert client.get(nothing).status_code == 404
    assert "서울 소식" in client.get("/ko/").content.decode()


def test_the_news_list_is_limited_by_section_and_region(client, write, sections):
    other = sections["ko"].get_parent().add_child(instance=SectionPage(title="해설", slug="explained"))
    for number in range(PER_PAGE + 1):
        write(f"서울 {number}", region="1100000000")
    article = write("부산", region="2600000000")
    article.move(other, "last-child")
    page = client.get("/ko/news/?section=sosik&region=1100000000").content.decode()
    assert f"기사 {PER_PAGE + 1}건" in page
    assert "<h1>소식 · 소식 · 서울특별시</h1>" in page
    assert '<option value="sosik" selected>' in page
    assert '<option value="1100000000" selected>' in page
    assert 'href="?section=sosik&amp;region=1100000000&amp;page=2"' in page
    assert f'rel="canonical" href="{settings.PUBLIC_URL}/ko/news/?section=sosik&amp;region=1100000000"' in page
    assert "부산" not in re.findall(r"<h2>.*?</h2>", page)
    assert client.get("/ko/news/?section=explained&region=").content.decode().count('class="item"') == 1
    empty = client.get("/ko/news/?section=explained&region=1100000000").content.decode()
    assert '<a href="/ko/news/">모두 보기</a>' in empty
    assert client.get("/ko/explained/?region=1100000000").content.decode().count('class="item"') == 0
    for nothing in ("section=none", "region=none", "section=reports"):
        assert client.get(f"/ko/news/?{nothing}").status_code == 404


def test_what_else_to_read_is_of_the_round_then_of_the_section_then_new(client, write, sections, example):
    other = sections["ko"].get_parent().add_child(instance=SectionPage(title="해설", slug="explained"))
    same_round = write("같은 회차", round=example)
    same_round.move(other, "last-child")
    write("같은 섹션 1")
    elsewhere = write("다른 곳")
    elsewhere.move(other, "last-child")
    article = write("기사", round=example)
    assert [one.title for one in beside(article)] == ["같은 회차", "같은 섹션 1", "다른 곳"]
    page = client.get(article.url).content.decode()
    assert page.index("</article>") < page.index('<aside class="beside no-print"') < page.index("같은 회차")


def test_what_is_scheduled_appears_when_it_is_due(client, write, monkeypatch):
    due = timezone.now() + timedelta(hours=1)
    write("예약", slug="later", go_live_at=due)
    publish_scheduled()
    assert client.get("/ko/sosik/later/").status_code == 404
    monkeypatch.setattr(timezone, "now", lambda: due + timedelta(seconds=1))
    publish_scheduled()
    assert client.get("/ko/sosik/later/").status_code == 200


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "pc"])
def test_the_table_of_the_selected_fits_and_stays_a_table(browser_page, write, example, axe):
    article = write("Result", language="en", body=[("winners", {"caption": ""})], round=example)
    browser_page.goto(article.url)
    axe(browser_page)
    table = browser_page.get_by_role("table", name="Selected")
    assert table.get_by_role("row").count() == 8  # seven below the headings
    assert table.get_by_role("rowheader").count() == 4
    edges = "cells => cells.map(cell => [cell.getBoundingClientRect().left, cell.getBoundingClientRect().right])"
    scores = browser_page.locator(".chosen td.num").evaluate_all(edges)
    assert len({round(right) for _left, right in scores}) == 1
    assert scores[0][1] <= browser_page.evaluate("innerWidth")
    assert len({round(left) for left, _right in browser_page.locator(".chosen .who a").evaluate_all(edges)}) == 1


@pytest.mark.parametrize("browser_page", [{"width": "desktop"}], indirect=True)
def test_what_is_beside_an_article_is_not_printed(browser_page, write):
    write("다른 기사")
    article = write("기사", "글")
    browser_page.goto(article.url)
    text, aside = (browser_page.locator(part).bounding_box() for part in (".article", ".beside"))
    assert aside["x"] >= text["x"] + text["width"]
    browser_page.emulate_media(media="print")
    assert not browser_page.locator(".beside").is_visible()
