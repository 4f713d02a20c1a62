"""Files for the press: whole, readable, the same each time, and behind the same gate as the article."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from xml.etree import ElementTree as ET

import openpyxl
import pypdfium2
import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from hwpx.document import HwpxDocument
from hwpx.tools.package_validator import validate_package

from simsa.web.awards.models import Result
from simsa.web.newsroom.drafting.announcement import announcements, draft_announcement
from simsa.web.newsroom.example import load_example
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.press.sheet import sheet_of, standing_alone, words_of
from simsa.web.newsroom.press.views import KINDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(example, settings, tmp_path) -> ArticlePage:
    settings.MEDIA_ROOT = tmp_path
    load_example(example)
    return announcements(example)["ko"]


def file(client, article: ArticlePage, ending: str):
    return client.get(f"/news/press/{article.pk}/article.{ending}")


def body(client, article: ArticlePage, ending: str) -> bytes:
    answer = file(client, article, ending)
    assert answer.status_code == 200
    return answer.content


SAID = ("7곳 선정", "전라남도", "94.67", "평가위원 33명", "가상 데이터", "(예시 인용)", "simsa 시연")


def test_pdf_is_tagged_and_its_text_can_be_taken_out(client, published):
    answer = file(client, published, "pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert f"{published.slug}-ko.pdf" in answer["Content-Disposition"]
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", " ")
    for words in SAID:
        assert words in text
    assert document.is_tagged()
    assert document.get_metadata_dict()["Title"] == published.title
    assert b"pdfuaid" in answer.content


def test_hwpx_is_a_whole_package(client, published):
    data = body(client, published, "hwpx")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        first = package.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert package.read("mimetype") == b"application/hwp+zip"
        for name in package.namelist():
            if name.endswith((".xml", ".hpf")):
                ET.fromstring(package.read(name))
        pictures = [name for name in package.namelist() if name.startswith("BinData/")]
        assert len(pictures) == 2  # the lead picture and the map
        text = "".join(ET.fromstring(package.read("Contents/section0.xml")).itertext())
    for words in SAID:
        assert words in text
    assert [issue for issue in validate_package(data).issues if issue.level == "error"] == []
    document = HwpxDocument.open(data)
    assert not document.validate().issues
    assert any("7곳 선정" in paragraph.text for paragraph in document.paragraphs)


def test_the_media_pack_has_everything_that_goes_with_it(client, published):
    data = body(client, published, "zip")
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        names = set(pack.namelist())
        assert names >= {
            "article.txt",
            "article.hwpx",
            "article.pdf",
            "pictures/01.jpg",
            "pictures/captions.txt",
            "selected.csv",
            "selected.xlsx",
            "charts/map.svg",
            "charts/group-01.svg",
            "result.txt",
        }
        captions = pack.read("pictures/captions.txt").decode()
        assert "일곱 장만 짙은 초록색" in captions
        assert "프로그램" in captions  # who made it
        rows = pack.read("selected.csv").decode("utf-8-sig").splitlines()
        assert len(rows) == 8
        assert any("경기도 안성시" in row and "94.67" in row and row.endswith("yes") for row in rows)
        sheet = openpyxl.load_workbook(io.BytesIO(pack.read("selected.xlsx"))).active
        assert sheet.max_row == 8
        drawing = pack.read("charts/map.svg").decode()
        ET.fromstring(drawing)
        assert "var(" not in drawing
        assert 'href="/' not in drawing
        assert "가상 데이터" in pack.read("result.txt").decode()
        assert Result.objects.get().digest in pack.read("result.txt").decode()


def test_plain_text_says_it_all(client, published):
    text = body(client, published, "txt").decode()
    for words in SAID:
        assert words in text
    assert "/ko/rounds/" in text
    assert "data-figure" not in text


def test_the_same_article_is_the_same_file(client, published):
    from django.core.cache import cache

    whole = [ending for ending in KINDS if ending != "zip"]  # a workbook says when it was made
    before = {ending: body(client, published, ending) for ending in whole}
    cache.clear()
    for ending, data in before.items():
        assert body(client, published, ending) == data, ending


def test_a_change_is_another_file(client, published):
    before = body(client, published, "txt")
    published.title = "바뀐 제목"
    published.bound = []
    published.save_revision().publish()
    after = body(client, published, "txt")
    assert after != before
    assert "바뀐 제목" in after.decode()


def test_what_is_not_public_is_for_its_editors_alone(client, example, published):
    held = ArticlePage.objects.get(pk=published.pk)
    held.embargo = timezone.now() + timedelta(hours=2)
    held.save_revision().publish()
    ArticlePage.objects.filter(pk=held.pk).update(embargo=held.embargo, live=True)  # marked live all the same
    for ending in KINDS:
        assert client.get(f"/news/press/{held.pk}/article.{ending}", follow=True).status_code == 404
    chief = get_user_model().objects.create_superuser("chief", "chief@example.kr", "a long enough password")
    client.force_login(chief)
    for ending in KINDS:
        answer = file(client, held, ending)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
    assert "엠바고" in body(client, held, "txt").decode()
    client.logout()
    ArticlePage.objects.filter(pk=held.pk).update(embargo=timezone.now() - timedelta(seconds=1))
    assert file(client, held, "pdf").status_code == 200


def test_a_draft_says_that_it_is_one(client, hidden, example):
    hidden()
    draft = draft_announcement(Result.objects.get())["en"]
    assert client.get(f"/news/press/{draft.pk}/article.txt", follow=True).status_code == 404
    client.force_login(get_user_model().objects.create_superuser("chief", "chief@example.kr", "a long enough password"))
    text = body(client, draft, "txt").decode()
    assert "Draft: not published." in text
    assert "Jeollanam-do" in text


def test_a_published_article_tells_nothing_of_a_hidden_result(write, hidden, example):
    hidden()
    article = write("예고", body=[("winners", {"caption": ""})], round=None)
    article.round = example
    sheet = sheet_of(article, draft=False)
    assert sheet.result is None
    assert sheet.parts == ()


def test_there_are_no_other_files(client, published):
    assert client.get(f"/news/press/{published.pk}/article.docx", follow=True).status_code == 404
    assert client.get("/news/press/999999/article.pdf", follow=True).status_code == 404
    assert client.post(f"/news/press/{published.pk}/article.pdf").status_code == 405


def test_the_article_leads_to_its_files(client, published):
    page = client.get(published.url).content.decode()
    for ending in ("hwpx", "pdf", "zip"):
        assert f'href="/news/press/{published.pk}/article.{ending}"' in page


def test_rich_text_becomes_paragraphs_and_items():
    source = (
        '<p>하나 <b>둘</b> <i>셋</i> <a href="/ko/x/">넷</a></p><ul><li>가</li><li>나</li></ul>'
        '<ol><li>A</li><li><span data-figure="selected">7</span>곳</li></ol>'
    )
    first, *items = words_of(source)
    assert [run.text for run in first.runs] == ["하나 ", "둘", " ", "셋", " ", "넷"]
    assert first.runs[1].bold
    assert first.runs[3].italic
    assert first.runs[5].link.endswith("/ko/x/")
    assert [(item.marker, "".join(run.text for run in item.runs)) for item in items] == [
        ("•", "가"),
        ("•", "나"),
        ("1.", "A"),
        ("2.", "7곳"),
    ]
    assert words_of("<p> </p>") == []


def test_hostile_words_stay_words(write):
    hostile = '#panic("x") ]]> <script> & "\x0b'
    article = write(
        "제목 $x^2$ #eval(1) *굵게* @x",
        body=[("heading", hostile[:100]), ("quote", {"words": hostile, "speaker": "<i>", "role": ""})],
    )
    sheet = sheet_of(article, draft=False)
    text = "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(KINDS["pdf"][1](sheet)))
    assert "#eval(1)" in text
    assert '#panic("x")' in text
    with zipfile.ZipFile(io.BytesIO(KINDS["hwpx"][1](sheet))) as package:
        assert "<script>" in "".join(ET.fromstring(package.read("Contents/section0.xml")).itertext())


def test_a_drawing_stands_alone():
    look = "var(--a, var(--b, Pretendard, sans-serif))"
    svg = f'<svg font-family="{look}"><a href="/ko/"/><g class="regions"><text/></g></svg>'
    alone = standing_alone(svg)
    assert 'font-family="Pretendard, sans-serif"' in alone
    assert "regions" not in alone
    assert "http" in alone
