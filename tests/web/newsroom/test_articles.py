"""Articles as readers meet them: everything an editor wrote, in its place, in the language of the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from simsa.web.newsroom.models import ArticleAuthor, Author, Correction
from simsa.web.newsroom.periodic import publish_scheduled

pytestmark = pytest.mark.django_db


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


def test_a_lead_picture_needs_words(write, picture):
    with pytest.raises(ValidationError) as refused:
        write("제목", lead_picture=picture)
    assert list(refused.value.message_dict) == ["lead_alt"]


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


def test_what_is_scheduled_appears_when_it_is_due(client, write, monkeypatch):
    due = timezone.now() + timedelta(hours=1)
    write("예약", slug="later", go_live_at=due)
    publish_scheduled()
    assert client.get("/ko/sosik/later/").status_code == 404
    monkeypatch.setattr(timezone, "now", lambda: due + timedelta(seconds=1))
    publish_scheduled()
    assert client.get("/ko/sosik/later/").status_code == 200
