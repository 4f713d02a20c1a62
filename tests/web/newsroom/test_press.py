"""Files for the press: whole, readable, the same each time, and behind the same gate as the article."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from xml.etree import ElementTree as ET

import openpyxl
import pypdfium2
import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.utils import timezone
from hwpx.document import HwpxDocument
from hwpx.tools.package_validator import validate_package
from PIL import Image
from wagtail.models import Page, Site

from simsa.web.awards.models import Result
from simsa.web.newsroom.drafting.announcement import announcements, draft_announcement
from simsa.web.newsroom.example.loading import announce
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Imprint, NewsPicture
from simsa.web.newsroom.press import pdf
from simsa.web.newsroom.press.pictures import png
from simsa.web.newsroom.press.sheet import Run, sheet_of, standing_alone, words_of
from simsa.web.newsroom.press.views import KINDS
from simsa.web.typeface import has, with_stand_ins, without_lacking

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def published(example, settings, tmp_path) -> ArticlePage:
    settings.MEDIA_ROOT = tmp_path
    announce(example)
    return announcements(example)["ko"]


def file(client, article: ArticlePage, ending: str):
    return client.get(f"/news/press/{article.pk}/article.{ending}")


def body(client, article: ArticlePage, ending: str) -> bytes:
    answer = file(client, article, ending)
    assert answer.status_code == 200
    return answer.content


def opened(data: bytes) -> str:
    """The text of a HWPX file as an independent reader has it, once that has found nothing wrong with the file."""
    assert [issue for issue in validate_package(data).issues if issue.level == "error"] == []
    document = HwpxDocument.open(data)
    assert not document.validate().issues
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def said(data: bytes) -> str:
    """The text of a PDF."""
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)).replace("\r\n", " ")


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
    assert "7곳 선정" in opened(data)


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
    chief = get_user_model().objects.create_superuser("chief@example.kr", "a long enough password")
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
    client.force_login(get_user_model().objects.create_superuser("chief@example.kr", "a long enough password"))
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
    assert "#eval(1)" in opened(KINDS["hwpx"][1](sheet))


def test_a_drawing_stands_alone():
    look = "var(--a, var(--b, Pretendard, sans-serif))"
    svg = f'<svg font-family="{look}"><a href="/ko/"/><g class="regions"><text/></g></svg>'
    alone = standing_alone(svg)
    assert 'font-family="Pretendard, sans-serif"' in alone
    assert "regions" not in alone
    assert "http" in alone


@pytest.fixture
def kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


NEWS = "大統領 ㈜더코리아 똠방각하 뷁 日本語 金·李 ①○●※「」『』→☎㎡"


def test_everyday_korean_is_set_as_it_is(client, write, kept):
    article = write(f"尹 {NEWS}", f"<b>{NEWS}</b> {NEWS}", subheads=[("subhead", NEWS)], dateline="더코리아-京")
    data = body(client, article, "pdf")
    assert b"pdfuaid" in data
    text = said(data)
    for word in NEWS.split():
        assert text.count(word) == 4, word
    assert "尹 大統領" in opened(body(client, article, "hwpx"))
    assert file(client, article, "zip").status_code == 200


def test_a_sign_that_no_typeface_has_is_told_in_another_way(client, write, kept):
    words = "축하 🎉 🇰🇷 ❤\ufe0f 𠮷 ไ CO₂ 10⁶ 1⅔ \ue5a8 \u1112\u1161\u11ab글"
    article = write(f"선정 🎉 {words}", words, body=[("quote", {"words": words, "speaker": "👩‍🚒", "role": ""})])
    data = body(client, article, "pdf")
    assert b"pdfuaid" in data
    assert "축하 [party popper] KR [heavy black heart] □ □ CO2 10^6 1 2⁄3 □ 한글" in said(data)
    assert pypdfium2.PdfDocument(data).get_metadata_dict()["Title"] == article.title
    assert words in opened(body(client, article, "hwpx"))
    assert words in body(client, article, "txt").decode()
    assert file(client, article, "zip").status_code == 200


def test_the_typeface_has_what_korean_standards_list():
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
    listed = "".join(pair.decode("euc_kr", errors="ignore") for pair in pairs)
    lacking = {letter for letter in listed if "□" in with_stand_ins(letter) or "[" in with_stand_ins(letter)}
    assert lacking <= {*"□[ŉ\u02db˝ː˘˙ˇ"}, sorted(lacking)
    assert has("".join(map(chr, range(0xAC00, 0xD7A4))))
    assert without_lacking("선정 🎉 뷁") == "선정 뷁"


def test_a_drawing_may_hold_any_letter():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="20">'
        '<text y="15" font-family="Pretendard, sans-serif">大統領 뷁 🎉</text></svg>'
    )
    assert png(svg).startswith(b"\x89PNG")
    assert png(svg) != png(svg.replace("大", "小"))


def test_a_file_that_cannot_be_for_everybody_is_there_all_the_same(client, write, kept, monkeypatch, caplog):
    article = write("제목 🎉")
    monkeypatch.setattr(pdf, "with_stand_ins", str)
    data = body(client, article, "pdf")
    assert data.startswith(b"%PDF")
    assert b"pdfuaid" not in data
    assert "PDF without ua-1" in caplog.text


def test_a_page_that_is_gone_is_no_link(client, write, kept):
    gone = write("가린 기사")
    article = write("기사", f'앞 <a linktype="page" id="{gone.pk}">낱말</a> 뒤')
    gone.unpublish()
    (paragraph,) = sheet_of(article, draft=False).parts
    assert paragraph.runs[1] == Run("낱말")
    assert "http" not in body(client, article, "txt").decode().replace(f"http://127.0.0.1:8000{article.url}", "")
    assert "낱말 (" not in opened(body(client, article, "hwpx"))
    assert body(client, article, "pdf").count(b"/URI") == 0


def test_a_file_says_what_the_article_says_now(client, write, sections, kept):
    kim = Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim")
    source = write("원래 제목", published=False)
    source.authors.add(ArticleAuthor(author=kim))
    source.save_revision().publish()
    source = ArticlePage.objects.get(pk=source.pk)
    other = sections["ko"].add_sibling("right", instance=type(sections["ko"])(title="다른 곳", slug="other"))
    alias = source.create_alias(parent=other)
    for one in (source, alias):
        assert "원래 제목" in body(client, one, "txt").decode()
    source.title = "고친 제목"
    source.save_revision().publish()
    for one in (source, alias):
        assert "고친 제목" in body(client, one, "txt").decode()
    Author.objects.filter(pk=kim.pk).update(name_ko="박기자")
    for one in (source, alias):
        assert "박기자" in body(client, one, "txt").decode()
    alias.delete()
    Page.objects.get(pk=source.pk).move(Page.objects.get(pk=other.pk), "last-child")
    assert f"/ko/other/{source.slug}/" in body(client, source, "txt").decode()


LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Wagtail leaves a scratch file open when it cannot read a picture."""


def with_pictures(write, *pictures: NewsPicture) -> ArticlePage:
    shown = [{"picture": one, "alt": f"그림 {n}", "caption": f"설명 {n}"} for n, one in enumerate(pictures)]
    return write("그림", body=[("picture", shown[0]), ("gallery", {"pictures": shown})])


def another(picture: NewsPicture) -> NewsPicture:
    with picture.file.open("rb") as source:
        return NewsPicture.objects.create(title="other", file=ContentFile(source.read(), name="other.jpg"))


def test_a_picture_that_was_deleted_is_left_out(client, write, kept, picture):
    stays = another(picture)
    article = with_pictures(write, picture, stays)
    picture.delete()
    assert client.get(article.url).content.decode().count("<figure") == 1
    for ending in KINDS:
        data = body(client, article, ending)
        if ending == "zip":
            with zipfile.ZipFile(io.BytesIO(data)) as pack:
                assert [name for name in pack.namelist() if name.endswith(".jpg")] == ["pictures/01.jpg"]
                assert "설명 0" not in pack.read("pictures/captions.txt").decode()
    assert "설명 1" in body(client, article, "txt").decode()
    assert "설명 0" not in opened(body(client, article, "hwpx"))


@LEFT_OPEN
def test_a_picture_whose_files_are_lost_is_left_out(client, write, kept, picture):
    article = with_pictures(write, picture, another(picture))
    picture.file.storage.delete(picture.file.name)
    page = client.get(article.url)
    assert page.status_code == 200
    assert "설명 0" not in page.content.decode()
    for ending in KINDS:
        assert file(client, article, ending).status_code == 200
    assert "설명 0" not in body(client, article, "txt").decode()


@LEFT_OPEN
def test_of_a_picture_whose_original_is_lost_the_press_gets_what_is_there(client, write, kept, picture):
    article = with_pictures(write, picture, another(picture))
    made = [picture.get_rendition(f"width-{width}|format-webp") for width in (480, 800)]
    picture.file.storage.delete(picture.file.name)
    with zipfile.ZipFile(io.BytesIO(body(client, article, "zip"))) as pack:
        assert Image.open(io.BytesIO(pack.read("pictures/01.jpg"))).size == (800, 450)
    for one in made:
        one.file.storage.delete(one.file.name)
    with zipfile.ZipFile(io.BytesIO(body(client, article, "zip"))) as pack:
        assert Image.open(io.BytesIO(pack.read("pictures/01.jpg"))).size == (1600, 900)
        assert "설명 0" not in pack.read("pictures/captions.txt").decode()


@LEFT_OPEN
def test_a_damaged_picture_is_left_out(client, write, kept, picture):
    article = with_pictures(write, picture, another(picture))
    with open(picture.file.path, "wb") as damaged:
        damaged.write(b"no picture")
    for ending in KINDS:
        assert file(client, article, ending).status_code == 200


CONTROLS = "앞\x0b뒤\x08\x1f\ufffe끝"


def test_control_characters_are_taken_out_when_an_article_is_saved(write):
    whole = write(
        f"제목 {CONTROLS}",
        dateline="더코리아\x0b-광주",
        subheads=[("subhead", "부\x1f제")],
        body=[
            ("paragraph", "<p>본\x0b문</p>"),
            ("quote", {"words": "한\n줄\x0c씩", "speaker": "말\x08", "role": ""}),
        ],
    )
    assert whole.title == "제목 앞 뒤끝"
    assert whole.dateline == "더코리아 -광주"
    assert [line.value for line in whole.subheads] == ["부제"]
    assert whole.body[0].value.source == "<p>본 문</p>"
    assert dict(whole.body[1].value) == {"words": "한\n줄 씩", "speaker": "말", "role": ""}


def test_control_characters_of_before_break_no_file(client, write, kept):
    article = write("제목")
    blocks = [{"type": "heading", "value": f"머리 {CONTROLS}"}, {"type": "paragraph", "value": f"<p>{CONTROLS}</p>"}]
    ArticlePage.objects.filter(pk=article.pk).update(
        title=f"제목 {CONTROLS}", dateline=CONTROLS, body=json.dumps(blocks)
    )
    text = opened(body(client, article, "hwpx"))
    assert "제목 앞 뒤끝" in text
    assert "머리 앞 뒤끝" in text
    assert "앞 뒤끝" in body(client, article, "txt").decode()
    assert "제목 앞 뒤끝" in said(body(client, article, "pdf"))
    assert file(client, article, "zip").status_code == 200


def test_press_files_say_whose_they_are_and_whom_to_ask(client, write):
    Imprint.objects.create(site=Site.objects.get(), title="더코리아", telephone="062-123-4567", email="desk@example.kr")
    article = write("기사", "글")
    said = client.get(f"/news/press/{article.pk}/article.txt").content.decode().splitlines()[0]
    day = f"{timezone.localtime(article.first_published_at):%Y.%m.%d}"
    assert said.startswith(f"더코리아 · 배포 {day}")
    assert said.endswith("문의: 062-123-4567 desk@example.kr")
    for ending in ("hwpx", "pdf"):
        assert client.get(f"/news/press/{article.pk}/article.{ending}").status_code == 200
