"""What machines are told of an article: schema.org, cards of shared links, canonical address, and the drawn card."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone
from PIL import Image
from wagtail.models import Site

from simsa.web.newsroom import previews, publisher
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Correction, Imprint
from simsa.web.newsroom.tasks import make_renditions

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HERE = "http://127.0.0.1:8000"


def graph(page):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]
    return {one["@type"]: one for one in json.loads(found)["@graph"]}


def meta(page):
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))


@pytest.fixture
def article(write, picture, example):
    written = write(
        "북구, <우수기관> & 선정",
        "글",
        subheads=[("subhead", "전국 243곳 가운데 7곳"), ("subhead", "무역촉진단")],
        dateline="더코리아-광주 북구",
        region="2900000000",
        lead_picture=picture,
        lead_alt="면",
        round=example,
    )
    written.tags.add("적극행정", "수출")
    written.authors.add(ArticleAuthor(author=Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim")))
    written.corrections.add(Correction(what="6곳을 7곳으로 바로잡습니다."))
    written.entrants.add(example.entries.get(entrant__name_ko="광주광역시 북구").entrant)
    written.save_revision().publish()
    return ArticlePage.objects.get(pk=written.pk)


def test_schema_says_what_the_page_says(client, article):
    Imprint.objects.create(site=Site.objects.get(), title="더코리아", email="desk@example.kr")
    make_renditions.call(article.lead_picture_id)
    said = graph(client.get(article.url).content.decode())
    news = said["NewsArticle"]
    assert news["headline"] == "북구, <우수기관> & 선정"
    assert news["alternativeHeadline"] == "전국 243곳 가운데 7곳 / 무역촉진단"
    assert news["dateline"] == "더코리아-광주 북구"
    logo = news["publisher"]["logo"]
    assert logo["@type"] == "ImageObject"
    assert finders.find(logo["url"].removeprefix(f"{HERE}/static/"))
    assert news["datePublished"] == timezone.localtime(article.first_published_at).isoformat(timespec="seconds")
    assert news["dateModified"] >= news["datePublished"]
    assert news["author"] == [{"@type": "Person", "name": "김기자", "url": f"{HERE}/ko/authors/kim/"}]
    assert news["publisher"]["name"] == "더코리아"
    assert news["publisher"]["email"] == "desk@example.kr"
    assert news["articleSection"] == "소식"
    assert news["keywords"] == ["적극행정", "수출"]
    assert news["inLanguage"] == "ko"
    assert news["contentLocation"]["name"] == "광주광역시"
    assert [one["text"] for one in news["correction"]] == ["6곳을 7곳으로 바로잡습니다."]
    assert news["correction"][0]["@type"] == "CorrectionComment"
    assert news["isAccessibleForFree"] is True
    assert [one["name"] for one in news["about"]] == ["적극행정 성과평가 2023년 상반기", "광주광역시 북구"]
    shapes = []
    for address in news["image"]:
        shown = client.get(address.removeprefix(HERE))
        width, height = Image.open(io.BytesIO(b"".join(shown.streaming_content))).size
        shapes.append(round(width / height, 2))
    assert shapes == [1.78, 1.33, 1.0]
    steps = said["BreadcrumbList"]["itemListElement"]
    assert [(one["position"], one["name"]) for one in steps] == [(1, "홈"), (2, "소식"), (3, article.title)]
    for step in steps:
        assert client.get(step["item"].removeprefix(HERE)).status_code == 200


def test_an_article_with_nothing_but_a_headline_leaves_the_rest_out(client, write):
    said = graph(client.get(write("제목").url).content.decode())["NewsArticle"]
    unsaid = {"alternativeHeadline", "author", "keywords", "correction", "about", "contentLocation", "dateline"}
    assert not unsaid & set(said)
    assert said["publisher"].pop("logo")
    assert said["publisher"] == {"@type": "NewsMediaOrganization", "name": "심사·simsa", "url": f"{HERE}/"}
    assert len(said["image"]) == 1
    assert "/news/cards/" in said["image"][0]


def test_no_words_end_the_script(client, write):
    nasty = "</script><script>alert(1)</script><!-- \u2028"
    page = client.get(write(nasty).url).content.decode()
    assert "<script>alert" not in page
    assert graph(page)["NewsArticle"]["headline"] == nasty


def test_a_shared_link_has_a_card(client, article):
    said = {name: unescape(text) for name, text in meta(client.get(article.url).content.decode()).items()}
    assert said["og:title"] == "북구, <우수기관> & 선정"
    assert said["og:type"] == "article"
    assert said["og:url"] == f"{HERE}{article.url}"
    assert said["og:locale"] == "ko_KR"
    assert said["og:description"] == "전국 243곳 가운데 7곳 무역촉진단"
    assert said["twitter:card"] == "summary_large_image"
    answer = client.get(said["og:image"].removeprefix(HERE))
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert client.get(said["og:image"], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_card_is_as_secret_as_its_article(client, write):
    draft = write("초고", published=False)
    held = write("엠바고")
    ArticlePage.objects.filter(pk=held.pk).update(embargo=timezone.now() + timedelta(hours=1))
    shown = write("지금")
    statuses = [client.get(f"/news/cards/{one.pk}.png").status_code for one in (draft, held, shown)]
    assert statuses == [404, 404, 200]
    ArticlePage.objects.filter(pk=shown.pk).update(embargo=timezone.now() + timedelta(hours=1))
    assert client.get(f"/news/cards/{shown.pk}.png").status_code == 404  # although it has been drawn


def test_another_headline_has_another_address(write):
    article = write("하나")
    before = previews.card_address(article)
    article.title = "둘"
    assert previews.card_address(article) != before


@pytest.mark.parametrize(
    "headline",
    [
        "선정",
        "광주 북구 " * 30,
        "가" * 200,
        "A very long English headline that goes on and on " * 3,
        "尹 대통령, 北·美·中 회담",
        "뷁 ㈜더코리아 🎉",
        "🎉",
        "",
    ],
    ids=["short", "long", "one-word", "english", "hanja", "rare", "sign", "none"],
)
def test_every_headline_fits_on_a_card(headline, screenshots):
    drawn = previews.draw(headline, "더코리아-광주 북구", "심사·simsa")
    picture = Image.open(io.BytesIO(drawn)).convert("RGB")
    right = picture.crop((1200 - previews.MARGIN + 4, 0, 1200, 630))
    assert len(right.getcolors()) == 1  # nothing runs out of the margin
    (screenshots / f"card-{headline[:4].strip() or 'none'}.png").write_bytes(drawn)
    assert len(drawn) < 60_000


@pytest.fixture
def screenshots():
    from tests.browser import SCREENSHOTS

    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS


def test_a_card_leaves_out_letters_without_a_shape_and_no_others():
    assert previews.draw("선정 🎉", "🎉", "심사") == previews.draw("선정", "", "심사")
    assert previews.draw("🎉", "", "심사") == previews.draw("", "", "심사")
    drawn = [previews.draw(headline, "", "심사") for headline in ("尹 대통령", "李 대통령", "대통령")]
    assert len(set(drawn)) == 3


def test_the_canonical_address_has_no_arrangement_in_it(client, write):
    write("서울", region="1100000000")
    for asked, said in (
        ("/ko/news/", "/ko/news/"),
        ("/ko/news/?view=pc", "/ko/news/"),
        ("/ko/news/?region=1100000000&utm=x", "/ko/news/?region=1100000000"),
    ):
        assert f'<link rel="canonical" href="{HERE}{said}">' in client.get(asked).content.decode()
    assert 'rel="canonical"' not in client.get("/ko/nowhere/").content.decode()


def test_only_a_translation_is_called_one(client, write):
    alone = write("혼자")
    both = write("둘")
    write("Both", language="en", translation_key=both.translation_key)
    assert '<link rel="alternate" hreflang' not in client.get(alone.url).content.decode()
    assert 'hreflang="en" href="http://127.0.0.1:8000/en/reports/a3/"' in client.get(both.url).content.decode()


def test_the_foot_names_who_publishes(client, db, django_assert_num_queries):
    imprint = Imprint.objects.create(
        site=Site.objects.get(),
        title="더코리아",
        registration="서울 아00000",
        youth_officer="박보호",
        publisher="이발행",
    )
    page = client.get("/ko/method/").content.decode()
    for term, text in (("청소년보호책임자", "박보호"), ("발행인", "이발행"), ("등록번호", "서울 아00000")):
        assert f"<dt>{term}</dt><dd>{text}</dd>" in page
    assert 'href="/ko/imprint/"' in page
    assert 'href="/ko/privacy/"' in page
    with django_assert_num_queries(0):
        assert "박보호" in client.get("/en/method/").content.decode()
    imprint.youth_officer = "최보호"
    imprint.save()
    assert "최보호" in client.get("/ko/method/").content.decode()
    assert publisher.name() == "더코리아"


def test_the_head_of_an_article_asks_for_nothing_that_the_page_does_not_need(
    client, article, django_assert_num_queries
):
    client.get(article.url)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get(article.url)
    for table in ("newsroom_correction", "newsroom_articleauthor", "taggit_tag", "programmes_round"):
        assert sum(f'FROM "{table}"' in query["sql"] for query in asked) <= 1, table
