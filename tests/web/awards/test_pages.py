"""What the public pages of a round say, in both languages, without JavaScript, and at which cost."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
from datetime import datetime
from fractions import Fraction
from html.parser import HTMLParser
from itertools import chain

import polars as pl
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from simsa.engine.selection import Cause
from simsa.rules import digest, exact_text
from simsa.tables.csv_text import read_csv
from simsa.tables.words import expected_rank_text, outcome_words
from simsa.web.awards import drawings, views
from simsa.web.awards.models import Result
from simsa.web.awards.outcome import reason_of
from simsa.web.awards.services import finish_selection, publish, run_selection, start_selection
from simsa.web.awards.tasks import compute_result
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.services import slots_of, submit_sheet
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round, publish_round
from tests.rules.small import OFFICIAL, changed
from tests.web.awards.conftest import RULES_OF_NUMBERS
from tests.web.panel.rounds import mark, scored, scoring

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROUND = "/ko/rounds/proactive-2023-h1/"


def text_of(response) -> str:
    """A page as it is read: words without tags, white space as one blank."""
    body = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


class Table(HTMLParser):
    """Rows of the page's tables as lists of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def entrants(response) -> list[list[str]]:
    html = response.content.decode()
    return Table(html[html.index('id="entrants"') :]).rows[1:]


# --- the round page


def test_round_page_tells_the_result_in_korean(client, example):
    response = client.get(ROUND)
    text = text_of(response)
    assert "적극행정 성과평가 2023년 상반기, 일곱 곳 선정" in text
    assert "평가위원 33명이 대상기관 243곳을 채점표" in text
    assert "가상 데이터" in text
    assert example.rules_hash in text
    assert "SGIS" in text
    for winner in example.results.get().standings.filter(outcome="selected").select_related("entry__entrant"):
        assert winner.entry.entrant.name_ko in text


def test_round_page_tells_the_result_in_english(client, example):
    text = text_of(client.get(ROUND.replace("/ko/", "/en/")))
    assert "Proactive administration evaluation, first half of 2023: seven selected" in text
    assert "33 reviewers evaluated 243 entrants on" in text
    assert "Synthetic data" in text
    assert not re.search(r"[가-힣]", text.replace("심사", "").replace("한국어", ""))


def test_korean_page_has_no_english_sentence(client, example):
    text = text_of(client.get(ROUND))
    known = (
        "simsa",
        "English",
        "CSV",
        "JSON",
        "XLSX",
        "SHA",
        "seed",
        "example",
        "proactive",
        "synthetic sheets",
        "SGIS",
    )
    for word in known:
        text = text.replace(word, "")
    credit = example.credit.replace("SGIS", "")
    assert credit in text
    assert re.findall(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", text.replace(credit, "")) == []


def test_table_has_everybody_with_interval_chance_and_outcome(client, example):
    rows = entrants(client.get(ROUND))
    assert len(rows) == 243
    for row, standing in zip(rows, example.results.get().standings.select_related("entry__entrant"), strict=True):
        name, _group, rank, score, calibrated, chance, expected, outcome = row
        assert name == standing.entry.entrant.name_ko
        assert rank == f"{standing.rank}위"
        assert Fraction(score) == Fraction(standing.score)
        assert calibrated == f"{standing.calibrated:.1f} ± {1.959964 * standing.standard_error:.1f}"
        assert chance.endswith("%")
        ranks = (standing.expected_rank, standing.rank_low, standing.rank_high)
        assert expected == ("–" if None in ranks else expected_rank_text(*ranks))
        position = json.loads(standing.reason)["position"]
        tied = " 경계 구간" if standing.zone == "tie" else ""
        assert outcome == outcome_words(standing.outcome, "ko", position) + tied


@pytest.mark.parametrize("sort", ["name", "rank", "score", "calibrated", "chance", "expected", "outcome", "group"])
def test_sorting_both_ways(client, example, sort):
    up, down = (entrants(client.get(ROUND, {"sort": f"{sign}{sort}"})) for sign in ("", "-"))
    column = ["name", "group", "rank", "score", "calibrated", "chance", "expected", "outcome"].index(sort)
    key = {
        "name": str,
        "rank": lambda cell: int(cell[:-1]),
        "score": float,
        "calibrated": lambda cell: float(cell.split()[0]),
        "chance": lambda cell: {"<1%": 0.4, ">99%": 99.6}.get(cell) or float(cell[:-1]),
        "expected": lambda cell: float(cell.split()[0]),
        "outcome": lambda cell: ["선정", "예비", "미선정"].index(cell.split()[0]),
        "group": ["광역자치단체", "시", "군", "자치구"].index,
    }[sort]
    values = [key(row[column]) for row in up if row[column] != "–"]
    assert values == sorted(values)
    assert [key(row[column]) for row in down if row[column] != "–"] == sorted(values, reverse=True)
    assert "–" not in {row[column] for row in up[: len(values)] + down[: len(values)]}  # what has no number comes last
    assert sorted(map(tuple, up)) == sorted(map(tuple, down))


def test_heading_says_how_it_sorts_and_turns_around(client, example):
    html = client.get(ROUND, {"sort": "-score", "group": "시", "q": "안"}).content.decode()
    [heading] = re.findall(r'<th[^>]*aria-sort="[^>]*>.*?</th>', html)
    assert 'aria-sort="descending"' in heading
    assert "?group=%EC%8B%9C&amp;q=%EC%95%88&amp;sort=score#entrants" in heading
    default = client.get(ROUND).content.decode()
    assert 'href="/ko/rounds/proactive-2023-h1/?sort=-score#entrants"' in default
    assert default.count("aria-sort") == 1


def test_filters_by_group_and_by_part_of_a_name(client, example):
    rows = entrants(client.get(ROUND, {"group": "군"}))
    assert len(rows) == 82
    assert {row[1] for row in rows} == {"군"}
    named = entrants(client.get(ROUND, {"q": " 고성 "}))
    assert sorted(row[0] for row in named) == ["강원특별자치도 고성군", "경상남도 고성군"]
    assert "대상기관 243곳 가운데 2곳" in text_of(client.get(ROUND, {"q": "고성"}))
    english = entrants(client.get(ROUND.replace("/ko/", "/en/"), {"q": "goseong"}))
    assert len(english) == 2
    nothing = client.get(ROUND, {"q": "없는 곳"})
    assert "조건에 맞는 대상기관이 없습니다" in text_of(nothing)
    assert 'value="없는 곳"' in nothing.content.decode()


def test_unknown_queries_are_as_if_not_asked(client, example):
    plain = entrants(client.get(ROUND))
    assert entrants(client.get(ROUND, {"sort": "-password", "group": "없음", "page": "x"})) == plain


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("안성시", ["4155000000"]),
        (unicodedata.normalize("NFD", "안성시"), ["4155000000"]),
        ("anseong-si", ["4155000000"]),
        ("4155", ["4155000000"]),
        ("고성군", ["4882000000", "5182000000"]),
        ("기도\nanseong", []),
    ],
    ids=["korean", "typed in parts", "english", "code", "two of a name", "across names"],
)
def test_names_are_found_in_both_languages_and_by_code(client, example, language, asked, codes):
    html = client.get(ROUND.replace("/ko/", f"/{language}/"), {"q": asked}).content.decode()
    assert sorted(re.findall(r'class="name"><a href="[^"]*/entries/(\d+)/"', html)) == codes


@pytest.mark.parametrize(
    ("language", "published", "beyond"),
    [
        ("ko", "이 누리집 발표: ", "구간이 최고점이나 최저점을 넘을 수 있지만, 점수 자체는 넘을 수 없습니다."),
        ("en", "Published on this site: ", "An interval can reach beyond the highest or the lowest possible score,"),
    ],
)
def test_page_says_what_its_date_and_its_intervals_mean(client, example, language, published, beyond):
    html = client.get(ROUND.replace("/ko/", f"/{language}/")).content.decode()
    [date] = re.findall(rf"{published}<time datetime=\"([^\"]+)", html)
    assert datetime.fromisoformat(date) == example.results.get().published.replace(microsecond=0)
    assert html.index(beyond) < html.index('id="entrants"') < html.rindex(beyond)
    for path in (f"/{language}/", f"/{language}/rounds/"):
        assert f"{published}<time" in client.get(path).content.decode()


def test_page_says_what_its_tie_zone_means_and_tints_it(client, example):
    html = client.get(ROUND).content.decode()
    assert "채점만으로 가릴 수 없습니다" in html
    assert "확률은 90%입니다" in html
    tinted = re.findall(r'<tr role="row" class="[^"]*\btied"><th [^>]*><a href="[^"]*/entries/(\d+)/"', html)
    tied = example.results.get().standings.filter(zone="tie").values_list("entry__entrant__code", flat=True)
    assert sorted(tinted) == sorted(tied)
    facts = {key: fact for key, fact in example.results.get().facts.items() if key != "uncertainty"}
    Result.objects.update(payload=json.dumps(facts))
    cache.clear()
    assert "확률은 90%입니다" not in client.get(ROUND).content.decode()  # of a result that was computed before


def test_page_without_intervals_does_not_explain_them(client):
    round_ = open_round(RULES_OF_NUMBERS)
    import_entries(round_, [EntryRow("a", "a", "김", reported={("", "debt"): Fraction(1)})])
    publish(run_selection(round_))
    assert "An interval" not in client.get("/en/rounds/numbers/").content.decode()


def test_cells_begin_with_a_capital(client):
    round_ = open_round(RULES_OF_NUMBERS)
    rows = [EntryRow(f"e{n}", "a", f"기관 {n}", f"Body {n}", reported={("", "debt"): Fraction(n)}) for n in (1, 2)]
    import_entries(round_, [*rows, EntryRow("e3", "a", "기관 3", "Body 3")])
    publish(run_selection(round_))
    rows = entrants(client.get("/en/rounds/numbers/"))
    assert [(row[2], row[4]) for row in rows] == [
        ("1st", "Selected"),
        ("2nd", "Not selected"),
        ("No result", "Not selected"),
    ]
    assert "Not selected" in text_of(client.get("/en/rounds/numbers/entries/e3/"))


def test_sentences_and_cells_of_a_page_begin_with_a_capital(client, example):
    for path in ("", "rules/", "entries/4155000000/"):
        html = client.get(f"{ROUND.replace('/ko/', '/en/')}{path}").content.decode()
        html = re.sub(r"(?s)<(svg|pre)\b.*?</\1>", "", html).replace(example.synthetic_note.partition(",")[0], "")
        assert re.findall(r"<(?:li|td|th|dd|dt|p|h\d)\b[^>]*>\s*([a-z]{2}[^<]*)", html) == []


def test_query_text_is_escaped(client, example):
    html = client.get(ROUND, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html


def test_last_selected_row_carries_the_quota_line_only_in_order(client, example):
    assert client.get(ROUND).content.decode().count('class="selected cut') == 4
    assert client.get(ROUND, {"sort": "-score"}).content.decode().count('class="selected cut') == 0


def test_pictures_are_inside_and_lead_to_the_entrants(client, example):
    html = client.get(ROUND).content.decode()
    pictures = re.findall(r"(?s)<svg xmlns.*?</svg>", html)
    assert len(pictures) == 6  # the map, four groups, severity
    tiles = re.findall(r'<a (?:tabindex="-1" )?href="([^"]+)"><title>', pictures[0])
    assert len(set(tiles)) == 243
    assert all(tile.startswith(f"{ROUND}entries/") for tile in tiles)
    assert client.get(tiles[100]).status_code == 200
    assert "style=" not in html  # the Content Security Policy lets no inline style in


def test_no_reviewer_is_named_anywhere(client, example):
    names = [*example.reviewers.values_list("name", flat=True)]
    code = example.results.get().standings.filter(outcome="selected").first().entry.entrant.code
    for path in (ROUND, f"{ROUND}entries/{code}/", f"{ROUND}rules/", "/ko/rounds/", "/ko/"):
        html = client.get(path).content.decode()
        assert not [name for name in names if name in html]
        assert not re.search(r"\bR\d\d\b", html)


def test_round_page_works_without_javascript(client, example):
    html = client.get(ROUND).content.decode()
    form = html[html.index('<form class="filter') : html.index("</form>", html.index('<form class="filter'))]
    assert 'method="get"' in form
    assert "<button" in form
    links = re.findall(r'<a id="sort-[a-z]+" href="([^"]+)"', html)
    assert len(links) == 8
    assert all(client.get(link.replace("&amp;", "&").partition("#")[0]).status_code == 200 for link in links)


def test_long_table_comes_in_pages(client, example, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 100)
    pages = [entrants(client.get(ROUND, {"sort": "-score", "page": page})) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [100, 100, 43]
    monkeypatch.undo()
    assert list(chain.from_iterable(pages)) == entrants(client.get(ROUND, {"sort": "-score"}))
    monkeypatch.setattr(views, "PER_PAGE", 100)
    assert 'href="?sort=-score&amp;page=2"' in client.get(ROUND, {"sort": "-score"}).content.decode()


def test_many_groups_fold_and_one_of_them_is_drawn(client):
    rules = RULES_OF_NUMBERS.replace('[[group]]\nid = "a"\nquota = 1', "[each_group]\nquota = 1")
    round_ = open_round(rules)
    rows = [EntryRow(f"e{n}", f"g{n:02}", f"기관 {n}", reported={("", "debt"): Fraction(n)}) for n in range(14)]
    import_entries(round_, rows)
    publish(run_selection(round_))
    html = client.get("/ko/rounds/numbers/").content.decode()
    assert "수치, 14곳 선정" in html
    assert html.index("기관 11") < html.index("나머지 평가군 2개") < html.index("기관 12")
    assert "<svg xmlns" not in html
    assert client.get("/ko/rounds/numbers/", {"group": "g07"}).content.decode().count("<svg xmlns") == 1


def test_round_without_a_selection_says_so(client):
    round_ = scored(changed("quota = 1", "quota = 0", changed("quota = 2", "quota = 0")))
    publish(run_selection(round_))
    text = text_of(client.get("/en/rounds/small/"))
    assert "Small round: no selection" in text


# --- the table alone


def test_table_alone_is_for_htmx(client, example):
    table = f"{ROUND}table/"
    fragment = client.get(f"{table}?sort=-score&group=시", headers={"HX-Request": "true"})
    assert fragment.content.decode().lstrip().startswith('<div id="entrants"')
    assert fragment.headers["HX-Push-Url"] == f"{ROUND}?group=%EC%8B%9C&sort=-score"
    assert "HX-Request" in fragment.headers["Vary"]
    assert entrants(fragment) == entrants(client.get(ROUND, {"sort": "-score", "group": "시"}))
    plain = client.get(f"{table}?sort=rank")
    assert (plain.status_code, plain.headers["Location"]) == (302, f"{ROUND}?sort=rank#entrants")


# --- an entrant's page


def test_entrant_page_tells_score_interval_rank_and_reason(client, example):
    standing = example.results.get().standings.get(entry__entrant__code="4155000000")
    text = text_of(client.get(f"{ROUND}entries/4155000000/"))
    assert "경기도 안성시" in text
    assert f"{standing.rank}위" in text
    assert standing.score in text
    assert f"{standing.calibrated:.1f} ±" in text
    assert expected_rank_text(standing.expected_rank, standing.rank_low, standing.rank_high) in text
    assert "경계 구간" in text
    assert "75개 기관 중" in text
    assert "우수사례 40%" in text
    assert "점수 5개의 평균" in text


def show(result):
    """Put a result on the pages of a round that was closed before: its record would not have another one."""
    Result.objects.filter(pk=result.pk).update(published=timezone.now())
    Round.objects.update(stage="announced")


def test_entrant_pages_show_means_of_marks_and_never_a_single_one(client, whole_example):
    """A criterion with fewer than three marks shows none of them."""
    slots = [slot for slot in slots_of(whole_example) if slot.entry.entrant.code == "1100000000"]
    Result.objects.update(published=None)
    Round.objects.update(stage="scoring")
    leaves = [leaf.id for leaf in whole_example.rules.leaves]
    for slot in slots[:3]:
        submit_sheet(slot, {leaf: "5" if leaf == "effort" else "abstained" for leaf in leaves})
    for slot in slots[3:]:
        submit_sheet(slot, {leaf: "15" if leaf == "outcome" else "abstained" for leaf in leaves})
    show(run_selection(whole_example))
    rows = Table(client.get(f"{ROUND}entries/1100000000/").content.decode()).rows
    shown = {row[0]: (row[2], row[3]) for row in rows if len(row) == 4}
    assert shown["추진 노력"] == ("5.0", "점수 3개의 평균")
    assert shown["주민 체감 성과"] == ("–", "점수가 적어 평균을 밝히지 않음(개별 점수 보호)")
    assert shown["적극행정 활용·홍보"][0] == "–"


def test_entrant_page_of_a_round_whose_criteria_have_official_scores(client):
    round_ = scored()
    publish(run_selection(round_))
    standing = round_.results.get().standings.get(entry__entrant__code="b1")
    rows = Table(client.get("/en/rounds/small/entries/b1/").content.decode()).rows
    shown = {row[0]: (Fraction(row[2]), row[3]) for row in rows if len(row) == 4 and row[2] != "Score"}
    values = json.loads(standing.values)
    assert shown.keys() == {"total", "idea", "work"}
    assert all(Fraction(values[name]) == value and note == "Official" for name, (value, note) in shown.items())


def test_entrant_page_leads_to_its_neighbours(client, example):
    result = example.results.get()
    second = result.standings.filter(entry__group="시", rank=2).select_related("entry__entrant").first()
    html = client.get(f"{ROUND}entries/{second.entry.entrant.code}/").content.decode()
    assert 'rel="prev"' in html
    assert 'rel="next"' in html


@pytest.mark.parametrize("path", ["entries/0000000000/", "entries/R01/", "nothing/"])
def test_unknown_pages_of_a_round_are_not_found(client, example, path):
    assert client.get(f"{ROUND}{path}").status_code == 404


def test_code_with_a_slash_has_a_page(client):
    round_ = open_round(RULES_OF_NUMBERS)
    import_entries(round_, [EntryRow("2017/short 7", "a", "김", reported={("", "debt"): Fraction(1)})])
    publish(run_selection(round_))
    html = client.get("/ko/rounds/numbers/").content.decode()
    [link] = set(re.findall(r'<th role="rowheader" scope="row" class="name"><a href="([^"]+)"', html))
    assert "김" in text_of(client.get(link))
    assert len(Table(html[html.index('id="entrants"') :]).rows[0]) == 5  # nothing is calibrated
    assert "보고된 수치로 대상기관 1곳을 평가했습니다" in text_of(client.get("/ko/rounds/numbers/"))


# --- rules


def test_rules_page_tells_them_in_words_and_as_written(client, example):
    korean = text_of(client.get(f"{ROUND}rules/"))
    assert "군과 선정 수" in korean
    assert example.rules_hash in korean
    assert "trimmed_mean" in korean  # the file itself
    assert "Groups and quotas" in text_of(client.get(f"{ROUND.replace('/ko/', '/en/')}rules/"))


def test_rules_files_are_the_rules(client, example):
    canonical = client.get("/rounds/proactive-2023-h1/rules.json")
    assert digest(canonical.content) == example.rules_hash
    written = client.get("/rounds/proactive-2023-h1/rules.toml")
    assert written.content.decode() == example.rules_toml
    assert 'filename="proactive-2023-h1-rules.json"' in canonical.headers["Content-Disposition"]


# --- files


def test_json_is_the_recorded_result(client, example):
    response = client.get("/rounds/proactive-2023-h1/results.json")
    result = example.results.get()
    assert digest(response.content) == result.digest
    facts = json.loads(response.content)
    assert (facts["synthetic"], facts["rules_hash"], facts["round"]) == (True, example.rules_hash, "proactive-2023-h1")
    assert len(facts["standings"]) == len(facts["entrants"]) == 243
    html = client.get(ROUND).content.decode()
    shown = Table(html[html.index('aria-labelledby="severity"') : html.index('aria-labelledby="all"')]).rows[1:]
    assert [float(row[1].replace("−", "-")) for row in shown] == [
        round(float(one["severity"]), 1) for one in facts["panel"]["severity"]
    ]


def test_csv_and_xlsx_hold_every_standing(client, example):
    content = client.get("/rounds/proactive-2023-h1/results.csv").content
    assert content.startswith(codecs.BOM_UTF8)  # or Excel takes the names for CP949
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    standings = list(example.results.get().standings.select_related("entry__entrant"))
    assert list(rows[0]) == [
        "round",
        "group",
        "rank",
        "entry",
        "name_ko",
        "name_en",
        "region",
        "score",
        "outcome",
        "cause",
        "reserve",
        "calibrated",
        "standard_error",
        "chance",
        "expected_rank",
        "rank_low",
        "rank_high",
        "zone",
        "sheets",
        "synthetic",
        "rules_hash",
    ]
    assert [(row["entry"], row["score"], row["rank"], row["outcome"]) for row in rows] == [
        (s.entry.entrant.code, exact_text(Fraction(s.score)), str(s.rank), s.outcome) for s in standings
    ]
    assert [row["zone"] for row in rows] == [s.zone for s in standings]
    for row, standing in zip(rows, standings, strict=True):
        for name in ("rank_low", "rank_high"):
            number = getattr(standing, name)
            assert row[name] == ("" if number is None else f"{number:.0f}")
    assert {row["synthetic"] for row in rows} == {"yes"}
    assert {row["rules_hash"] for row in rows} == {example.rules_hash}
    assert all(
        reason_of(json.loads(s.reason)).cause == Cause(row["cause"]) for s, row in zip(standings, rows, strict=True)
    )
    assert list(read_csv(content, "results.csv").column("name_ko")) == [row["name_ko"] for row in rows]
    book = client.get("/rounds/proactive-2023-h1/results.xlsx").content
    sheet = pl.read_excel(io.BytesIO(book), sheet_name="결과")
    assert sheet.columns == list(rows[0])
    assert sheet["entry"].to_list() == [row["entry"] for row in rows]  # text, as the rest that is no number
    assert sheet["score"].to_list() == [float(row["score"]) for row in rows]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert 'formatCode="0.00"' in parts.read("xl/styles.xml").decode()
        assert '<pane ySplit="1" topLeftCell="A2"' in parts.read("xl/worksheets/sheet1.xml").decode()


def test_inexact_scores_stay_fractions_in_the_files(client):
    round_ = scored(changed('round = { places = 2, mode = "half_up" }', ""))
    publish(run_selection(round_))
    rows = list(csv.DictReader(io.StringIO(client.get("/rounds/small/results.csv").content.decode("utf-8-sig"))))
    scores = {row["score"] for row in rows}
    assert {s.score for s in round_.results.get().standings.all()} == scores
    assert client.get("/rounds/small/results.xlsx").status_code == 200


@pytest.mark.parametrize(
    "path", [ROUND, f"{ROUND}entries/4155000000/", *(f"/rounds/proactive-2023-h1/results.{e}" for e in ("csv", "json"))]
)
def test_pages_and_files_of_a_result_are_compressed(client, admin_client, example, path):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in admin_client.get(path, headers={"Accept-Encoding": "gzip"}).headers


# --- lists


def test_lists_show_published_results(client, example):
    for path, title, summary in (
        ("/ko/rounds/", "적극행정 성과평가 2023년 상반기", "대상기관 243곳 가운데 7곳 선정"),
        ("/ko/", "적극행정 성과평가 2023년 상반기", "대상기관 243곳 가운데 7곳 선정"),
        ("/en/rounds/", "Proactive administration evaluation, first half of 2023", "7 of 243 entrants selected"),
        ("/en/", "Proactive administration evaluation, first half of 2023", "7 of 243 entrants selected"),
    ):
        response = client.get(path)
        text = text_of(response)
        assert title in text
        assert summary in text
        assert reverse("awards:round", args=[example.slug])[4:] in response.content.decode()


def test_list_without_results_says_so(client):
    assert "아직 발표된 결과가 없습니다" in text_of(client.get("/ko/rounds/"))


# --- what is not public


SECRET_PATHS = (
    ROUND,
    f"{ROUND}table/",
    f"{ROUND}state/",
    f"{ROUND}rules/",
    f"{ROUND}entries/4155000000/",
    "/rounds/proactive-2023-h1/rules.toml",
    "/rounds/proactive-2023-h1/rules.json",
    "/rounds/proactive-2023-h1/results.csv",
    "/rounds/proactive-2023-h1/results.json",
    "/rounds/proactive-2023-h1/results.xlsx",
)


@pytest.mark.parametrize("path", SECRET_PATHS)
def test_unpublished_round_is_a_404_like_any_other(client, hidden, path):
    hidden()
    for headers in ({}, {"HX-Request": "true"}):
        secret = client.get(path, headers=headers)
        invented = client.get(path.replace("proactive-2023-h1", "proactive-2024-h1"), headers=headers)
        assert secret.status_code == invented.status_code == 404
        body = secret.content.decode().replace("proactive-2023-h1", "proactive-2024-h1")
        assert body == invented.content.decode()


def test_unpublished_round_leaks_into_no_list(client, hidden, admin_client):
    hidden()
    for path in ("/ko/", "/en/", "/ko/rounds/", "/en/rounds/"):
        html = client.get(path).content.decode()
        assert "proactive" not in html
        assert "적극행정" not in html
        assert "243" not in html


def test_public_round_without_result_shows_rules_and_no_entrant(client, hidden):
    round_ = publish_round(hidden())
    page = client.get(ROUND)
    text = text_of(page)
    assert "이 회차의 결과는 아직 발표되지 않았습니다" in text
    assert "안성" not in text
    assert "243" not in text
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get(f"{ROUND}rules/").status_code == 200
    assert client.get(f"{ROUND}entries/4155000000/").status_code == 404
    assert client.get(f"{ROUND}table/", headers={"HX-Request": "true"}).status_code == 404
    assert client.get("/rounds/proactive-2023-h1/results.json").status_code == 404
    listing = text_of(client.get("/ko/rounds/"))
    assert "결과 발표 전" in listing
    assert round_.title in listing
    assert round_.title not in text_of(client.get("/ko/"))


def test_staff_see_the_result_before_the_public_and_are_told_so(admin_client, hidden):
    hidden()
    page = admin_client.get(ROUND)
    assert "아직 공개하지 않았습니다" in text_of(page)
    assert "일곱 곳 선정" in text_of(page)


# --- while a result is being computed


def test_page_waits_for_a_result(client):
    round_ = publish_round(scored())
    started = start_selection(round_)
    page = client.get("/ko/rounds/small/")
    html = page.content.decode()
    assert "결과를 계산하고 있습니다" in text_of(page)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in html
    assert 'hx-get="/ko/rounds/small/state/"' in html
    state = client.get("/ko/rounds/small/state/", headers={"HX-Request": "true"})
    assert (state.status_code, state.headers.get("HX-Refresh")) == (204, None)
    assert client.get("/ko/rounds/small/state/").headers["Location"] == "/ko/rounds/small/"
    publish(finish_selection(started))
    assert client.get("/ko/rounds/small/state/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "결과를 계산하고 있습니다" not in text_of(client.get("/ko/rounds/small/"))


def test_failure_is_told_plainly_to_the_public_and_in_detail_to_staff(client, admin_client):
    round_ = publish_round(scoring(changed('not_submitted = "leave_out"', 'not_submitted = "refuse"')))
    compute_result.call(start_selection(round_).pk)
    public, staff = (text_of(visitor.get("/ko/rounds/small/")) for visitor in (client, admin_client))
    assert "아직 결과를 계산하지 못했습니다" in public
    assert "아직 결과를 계산하지 못했습니다" in staff
    assert "not_submitted" not in public
    assert "which the rules refuse" in staff
    assert client.get("/ko/rounds/small/state/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


# --- cost


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/ko/rounds/", 2),
        (ROUND, 4),
        (f"{ROUND}?sort=-score&group=시", 4),
        (f"{ROUND}entries/4155000000/", 4),
        (f"{ROUND}rules/", 3),
        ("/rounds/proactive-2023-h1/results.csv", 4),
        ("/rounds/proactive-2023-h1/results.json", 3),
        ("/rounds/proactive-2023-h1/results.xlsx", 4),
        ("/rounds/proactive-2023-h1/rules.json", 2),
    ],
)
def test_queries_of_each_page(client, example, django_assert_num_queries, path, queries):
    client.get(path)  # pictures are drawn and kept
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


def test_pictures_are_drawn_once_for_each_language(client, example, monkeypatch):
    drawn = []
    original = drawings.tile_map_picture
    monkeypatch.setattr(drawings, "tile_map_picture", lambda *a, **k: drawn.append(k["language"]) or original(*a, **k))
    for language in ("ko", "en", "ko", "en"):
        client.get(ROUND.replace("/ko/", f"/{language}/"))
    assert drawn == ["ko", "en"]
    cache.clear()
    client.get(ROUND)
    assert drawn == ["ko", "en", "ko"]


@pytest.mark.parametrize("path", [ROUND, f"{ROUND}entries/4155000000/", "/rounds/proactive-2023-h1/results.csv"])
def test_published_pages_are_checked_by_their_tag(client, example, path):
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_corrected_result_has_another_tag(client):
    round_ = scored()
    publish(run_selection(round_))
    before = client.get("/ko/rounds/small/").headers["ETag"]
    Result.objects.update(published=None)
    Round.objects.update(stage="scoring")
    submit_sheet(slots_of(round_)[0], mark(9))
    show(run_selection(round_))
    assert client.get("/ko/rounds/small/").headers["ETag"] != before


@pytest.mark.parametrize(
    ("language", "decides", "nothing", "exact"),
    [
        ("ko", "보정 점수가 공식 점수입니다.", "선정에 쓰지 않습니다", "정확한 집계"),
        ("en", "The calibrated score is the official one", "decides nothing: a statistical", "Exact tally"),
    ],
)
def test_pages_of_an_official_calibration_do_not_call_the_tally_official(client, language, decides, nothing, exact):
    round_ = scored(changed("[missing]", OFFICIAL))
    publish_round(round_)
    publish(run_selection(round_))
    said = text_of(client.get(f"/{language}/rounds/small/"))
    assert decides in said
    assert nothing not in said
    one = text_of(client.get(f"/{language}/rounds/small/entries/b1/"))
    assert exact in one
    assert ("단순 집계(" if language == "ko" else "by the plain tally") in one
