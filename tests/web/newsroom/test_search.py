"""The search: words inside compounds, whatever the spaces, endings and forms of Unicode; nothing that is not public."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from simsa.web.morphology import installed
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.search.letters import squeezed, stems, words
from simsa.web.newsroom.search.models import SearchText
from simsa.web.newsroom.search.queries import search
from simsa.web.newsroom.search.tasks import analyse_texts

pytestmark = pytest.mark.django_db

TEXT = (
    "광주 북구는 행정안전부가 주관한 2023년 상반기 적극행정우수기관에 뽑혔다고 21일 밝혔다. "
    "전국 243개 지방자치단체를 민간전문가평가단이 심사해 일곱 곳을 선정했다. "
    "북구는 광융합무역촉진단을 필리핀과 베트남에 보내 수출상담회를 열었고 현장에서 계약을 맺었다. "
    "북구청장은 직원들에게 공을 돌렸다."
)
QUERIES = [
    "적극행정",
    "광융합",
    "선정",
    "북구청장",
    "행정안전부",
    "우수기관",
    "무역촉진단",
    "수출 상담회",
    "지방자치단체",
    "전문가",
    "베트남",
    "243개",
]


@pytest.fixture
def buk_gu(write):
    write("다른 소식", "날씨가 맑다. 현대 구조물을 둘러보았다.", slug="other")
    return write("북구, 상반기 우수기관으로 우뚝", TEXT, slug="buk-gu", dateline="더코리아-광주 북구")


@pytest.mark.parametrize("query", QUERIES)
def test_words_inside_compounds_are_found(buk_gu, query):
    assert [one.pk for one in search(query, "ko").articles] == [buk_gu.pk]


def test_spaces_particles_and_several_words(buk_gu):
    call_command("index_articles", verbosity=0)
    for query in ("북구 청장", "북구청장이", "행정 안전부의", "적극행정 필리핀", "더코리아"):
        assert [one.pk for one in search(query, "ko").articles] == [buk_gu.pk], query


def test_other_forms_of_unicode_and_capitals(write):
    article = write("KOTRA와 협약", "KOTRA 본사")
    assert [one.pk for one in search(unicodedata.normalize("NFD", "협약"), "ko").articles] == [article.pk]
    assert [one.pk for one in search("kotra", "ko").articles] == [article.pk]


def test_all_words_are_needed_and_wild_cards_are_letters(buk_gu):
    assert not search("적극행정 바나나", "ko").articles
    for nothing in ("%", "_", "'; --", "  ", "\x00", "a" * 5000):
        assert not search(nothing, "ko").articles


def test_the_headline_counts_more_than_the_text_and_the_newest_comes_first(write):
    low = write("첫 소식", "선정 결과")
    high = write("선정 결과 발표", "일곱 곳")
    newer = write("셋째 소식", "선정 발표")
    assert [one.pk for one in search("선정", "ko").articles] == [high.pk, newer.pk, low.pk]


def test_what_is_not_public_is_not_found(write):
    write("초안 적극행정", published=False)
    held = write("엠바고 적극행정", embargo=timezone.now() + timedelta(hours=1))
    gone = write("내린 적극행정")
    english = write("적극행정 in English", language="en")
    gone.unpublish()
    assert not search("적극행정", "ko").articles
    assert [one.pk for one in search("적극행정", "en").articles] == [english.pk]
    assert not SearchText.objects.filter(article=gone).exists()
    call_command("index_articles", verbosity=0)
    type(held).objects.filter(pk=held.pk).update(live=True)  # whatever happens to the mark
    assert not search("적극행정", "ko").articles


def test_a_change_is_followed(write):
    article = write("처음", "옛말")
    article.title = "나중"
    article.body = [("paragraph", "<p>새말</p>")]
    article.save_revision().publish()
    assert not search("옛말", "ko").articles
    assert [one.pk for one in search("새말", "ko").articles] == [article.pk]


def test_the_page_marks_the_words_and_leaks_no_markup(client, write):
    write("&lt;북구&gt; <b>선정</b>", "글 안의 <b>적극 행정</b> &amp; 더 많은 말")
    page = client.get("/ko/news/search/", {"q": "적극행정"}).content.decode()
    assert "<mark>적극 행정</mark> &amp; 더" in page
    script = client.get("/ko/news/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in script
    assert 'name="robots" content="noindex"' in page


def test_queries_of_the_page(client, write, django_assert_max_num_queries):
    for n in range(30):
        write(f"소식 {n}", "적극행정", slug=f"n{n}")
    client.get("/ko/news/search/", {"q": "적극행정"})
    with django_assert_max_num_queries(8):
        client.get("/ko/news/search/", {"q": "적극행정"})


def test_the_morphology_finds_other_forms_and_prefers_real_words(write, lacking):
    if not installed():
        lacking("MORPHOLOGY TESTS WERE SKIPPED: kiwipiepy is not installed (simsa[korean])")
    word = write("라마바", "대구에서 열렸다")
    accident = write("가나다", "현대구조 이야기")  # 대구 by accident of letters
    write("사아자", "일곱 곳이 뽑혔다.", slug="chosen")
    assert [one.pk for one in search("대구", "ko").articles] == [accident.pk, word.pk]
    assert not search("뽑히다", "ko").articles
    assert analyse_texts.func() == 3
    assert [one.pk for one in search("대구", "ko").articles] == [word.pk, accident.pk]
    assert [one.slug for one in search("뽑히다", "ko").articles] == ["chosen"]
    assert analyse_texts.func() == 0


def test_letters():
    assert squeezed("  북구 청장-은, ABC! ") == "북구청장은abc"
    assert words("선정, 선정  결과!") == ["선정", "결과"]
    assert stems("선정됐다")[:2] == ["선정됐다", "선정"]
    assert stems("은") == ["은"]


@pytest.fixture
def trigrams(lacking):
    """The server has the extension that the migration asks for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() == (0,):
            lacking("TRIGRAM TESTS WERE SKIPPED: this PostgreSQL has no extension pg_trgm")


INDEXES = [f"{SearchText._meta.db_table}_{column}_trigrams" for column in ("beside", "morphemes", "text", "title")]


@pytest.mark.postgresql
def test_trigrams_are_indexed(trigrams):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%%_trigrams' ORDER BY indexname")
        assert [name for (name,) in cursor.fetchall()] == INDEXES


def write_again(cursor, article, times):
    """Copies of an article with other words, row by row in the database: so many articles take too long to publish."""
    changed = {
        Page: {"id": "n", "path": "path || n", "translation_key": "gen_random_uuid()"},
        ArticlePage: {"page_ptr_id": "n"},
        SearchText: {"article_id": "n", "title": "md5(n::text)", "text": "repeat(md5((n + 1)::text), 40)"},
    }
    for model, other in changed.items():
        columns = [field.column for field in model._meta.local_concrete_fields]
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {', '.join(other.get(column, column) for column in columns)} "
            f"FROM {model._meta.db_table}, generate_series(100001, 100000 + %s) n WHERE {model._meta.pk.column} = %s",
            [times, article.pk],
        )


@pytest.mark.postgresql
def test_words_are_found_by_trigrams_and_not_by_reading_everything(trigrams, buk_gu, write):
    with connection.cursor() as cursor:
        write_again(cursor, write("아무 말", slug="any"), 2000)
        for index in INDEXES:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert [one.pk for one in search("무역촉진단", "ko").articles] == [buk_gu.pk]
        plan = search("무역촉진단", "ko").articles.explain()
        for index in INDEXES:
            assert f"Bitmap Index Scan on {index}" in plan
        assert "Seq Scan" not in plan


@pytest.mark.postgresql
@pytest.mark.parametrize("query", QUERIES)
def test_trigrams_find_what_reading_finds(trigrams, buk_gu, query):
    """Words of one or two letters too, which have no trigram of their own."""
    with connection.cursor() as cursor:
        found = {}
        for way in ("seqscan", "bitmapscan"):
            for other in ("seqscan", "indexscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{other} = {'on' if other == way else 'off'}")
            found[way] = [one.pk for one in search(query, "ko").articles]
    assert found == {"seqscan": [buk_gu.pk], "bitmapscan": [buk_gu.pk]}
