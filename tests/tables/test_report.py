"""The report of a run: whole, honest about synthetic data, and usable by itself."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path

import pytest
from lxml import html

from simsa.engine.inputs import Status
from simsa.tables.intervals import Z95
from simsa.tables.outputs import to_json, write_outputs
from simsa.tables.report import render_report
from simsa.tables.round_folder import read_round
from simsa.tables.run import run_round
from tests.rules.small import OFFICIAL, changed
from tests.tables.folder import FILES, MAP, read
from tests.tables.scored import MARKS, drawn, scored

EXAMPLES = Path(__file__).parents[2] / "examples"


def page(text: str) -> html.HtmlElement:
    return html.document_fromstring(text.encode())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_report_stands_alone(tmp_path: Path, language: str) -> None:
    text = render_report(scored(tmp_path), language)
    root = page(text)
    assert root.get("lang") == language
    assert not root.xpath("//link | //img | //iframe | //script[@src]")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    targets = {link.removeprefix("#") for link in root.xpath("//a/@href")}
    ids = root.xpath("//@id")
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))
    assert not re.search(r"은\(는\)|이\(가\)|%\(\w+\)s|\bNone\b|\bnan\b", text)


def test_the_report_says_everything(tmp_path: Path) -> None:
    run = scored(tmp_path, entries_csv=FILES["entries.csv"].replace("e4,라", "e4,<script>라"))
    root = page(render_report(run))
    said = root.text_content()
    assert root.xpath("//h1")[0].text_content() == "작은 평가"
    for standing in run.evaluation.selection.standings:
        assert run.reason(standing, "ko") in said
    assert "<script>라" in root.xpath("//tr[@id='e4']/th")[0].text_content()
    assert run.rules.hash in said
    for source in run.inputs.sources:
        assert source.sha256 in said
    assert "R1" in said
    assert "가상" not in said
    assert "simsa run " in said
    assert str(tmp_path.parent) not in said


def test_a_missing_number_is_a_dash_with_words_and_never_zero(tmp_path: Path) -> None:
    row = page(render_report(scored(tmp_path))).xpath("//tr[@id='e4']/td")
    cells = [cell.text_content() for cell in row]
    assert cells[0] == "–결과 없음"
    assert cells[2] == "–결과 없음"
    assert not any(cell.strip().startswith("0") for cell in cells)


def test_the_table_of_the_report_is_the_selection(tmp_path: Path) -> None:
    run = scored(tmp_path)
    rows = page(render_report(run, "en")).xpath("//section[@aria-labelledby='table']//tbody/tr")
    shown = [(row.get("id"), row.xpath("td[3]/@data-v")[0], "cut" in (row.get("class") or "")) for row in rows]
    assert shown == [("e1", "8.33", True), ("e2", "6", False), ("e3", "6.2", True), ("e4", "", False)]


def test_synthetic_data_is_labelled_wherever_it_is_seen(tmp_path: Path) -> None:
    root = page(render_report(drawn(tmp_path), "en"))
    pictures = root.xpath("//*[local-name()='svg']")
    assert pictures
    assert all("Synthetic data" in picture.text_content() for picture in pictures)
    assert "Synthetic data" in root.xpath("//title")[0].text
    assert "Synthetic data" in root.xpath("//header")[0].text_content()
    assert "Nobody was evaluated" in root.text_content()


def test_rows_that_were_not_used_are_named_with_file_and_line(tmp_path: Path) -> None:
    marks = MARKS + "e1,R1,idea\nno-such,R1,idea,5\n"
    skip = MAP.replace('file = "sheets.csv"', 'file = "sheets.csv"\non_error = "skip"')
    root = page(render_report(scored(tmp_path, sheets_csv=marks, round_toml=skip), "ko"))
    listed = [" ".join(item.text_content().split()) for item in root.xpath("//ul[@class='rows']/li")]
    assert any(item.startswith("sheets.csv:19 ") and "칸이 3개인데 머리행은 4개임" in item for item in listed)
    assert any(
        item.startswith("sheets.csv:20 ") and "no-such" in item and "이 회차의 기관이 아님" in item for item in listed
    )


def test_equal_runs_give_equal_reports(tmp_path: Path) -> None:
    assert render_report(scored(tmp_path)) == render_report(scored(tmp_path))
    write_outputs(scored(tmp_path), tmp_path / "out", language="en")
    assert (tmp_path / "out" / "report.html").read_text() == render_report(scored(tmp_path), "en")


def test_many_groups_fold_and_names_lead_into_them(tmp_path: Path) -> None:
    groups = [f"Cup {n} / Free" for n in range(20)]
    entries = "id,name,name_en,kind,region\n" + "".join(
        f"{g}-{n},선수 {n},Skater {n},{group},r\n" for g, group in enumerate(groups) for n in range(4)
    )
    marks = "entry,reviewer,criterion,mark\n" + "".join(
        f"{g}-{n},R{r + 1},{leaf},{5 + (n + r + g) % 5}\n"
        for g in range(20) for n in range(4) for r in range(3) for leaf in ("idea", "work")
    )  # fmt: skip
    each = changed(
        '[[group]]\nid = "a"\nsize = 4\nquota = 1\n\n[[group]]\nid = "b"\nquota = 2\nreserve = 1',
        "[each_group]\nquota = { best = true }",
    )
    run = run_round(read(tmp_path, rules_toml=each, entries_csv=entries, sheets_csv=marks), seed="s")
    root = page(render_report(run, "en"))
    folded = root.xpath("//details[starts-with(@id, 'g')]")
    assert len(folded) == 20
    assert [len(fold.xpath(".//tbody/tr")) for fold in folded] == [4] * 20
    assert folded[0].xpath("summary/b")[0].text == "Cup 0 / Free"
    names = root.xpath("//ul[@class='names']/li")
    assert len(names) == 4
    assert len(names[0].xpath("a")) == 20
    assert names[0].text.strip() == "Skater 0"


def test_reviewers_who_are_alike_have_no_columns_of_ones(tmp_path: Path) -> None:
    run = scored(tmp_path)
    root = page(render_report(run, "en"))
    assert "plain model" not in root.text_content()
    panel = root.xpath("//section[@aria-labelledby='severity']")[0]
    assert len(panel.xpath(".//*[local-name()='svg']")) == 1
    assert [head.text for head in panel.xpath(".//th[@class='n']")] == ["severity", "95% interval", "sheets"]
    assert "the sheets do not show: both are taken to be the same for all." in panel.text_content()
    found = to_json(run, language="en")["calibration"]
    assert found["differences"] in panel.text_content()
    assert {(row["scale"], row["noise_error"]) for row in found["reviewers"]} == {(None, None)}


def test_indicators_alone_make_a_report_without_a_panel(tmp_path: Path) -> None:
    scale = 'scale = { min = 0, max = 10, step = "0.5" }\n'
    trimmed = 'panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }'
    reported = 'indicator = { method = "reported", field = "budget" }'
    by_rank = 'indicator = { method = "rank", field = "budget" }'
    rules = changed(scale + 'panel = { method = "mean" }', reported)
    rules = changed(scale + trimmed, by_rank, rules)
    map_ = MAP.partition("[reviewers]")[0] + '[[reported]]\nfile = "numbers.csv"\nentry = "id"\nfields = ["budget"]\n'
    numbers = "id,budget\ne1,3\ne2,4.5\ne3,1\n"
    run = run_round(read(tmp_path, rules_toml=rules, round_toml=map_, numbers_csv=numbers))
    assert run.evaluation.calibration is None
    assert {s.entry: s.score for s in run.evaluation.selection.standings}["e2"] == Fraction("61.80")
    root = page(render_report(run, "ko"))
    assert "정량지표 2개로 평가하여" in root.text_content()
    assert not root.xpath("//*[@id='severity' or @id='map']")
    assert to_json(run)["calibration"] is None


def test_the_reference_programme(tmp_path: Path) -> None:
    """243 governments from the facts that come with simsa: seven winners, a map, an assignment that is proven."""
    run = run_round(read_round(EXAMPLES / "proactive"))
    assert run.assignment is not None
    result = to_json(run)
    assert [group["places"] for group in result["groups"]] == [1, 2, 2, 2]
    assert len(result["winners"]) == 7
    assert run.assignment.complete
    assert (run.sheets.status == Status.NOT_SUBMITTED).any()
    root = page(render_report(run, "ko"))
    drawing = root.xpath("//section[@aria-labelledby='map']//*[local-name()='svg']")[0]
    links = drawing.xpath(".//*[local-name()='a']/@href")
    assert len(links) == len(set(links)) == 243
    winners = [root.xpath(f"//tr[@id='{link.removeprefix('#')}']")[0] for link in links]
    assert sum("선정" in row.xpath("td")[-2].text_content().split() for row in winners) == 7
    labels = {"".join(link.itertext()).split(",")[0] for link in drawing.xpath(".//*[local-name()='a']")}
    assert {"서울특별시", "강원특별자치도 양구군"} <= labels
    table = root.xpath("//section[@aria-labelledby='table']/div")[0]
    assert "wide" in table.get("class").split()
    cells = [cell for cell in table.xpath(".//tbody//td[@class='n']") if cell.xpath("small")]
    assert len(cells) == 243
    for cell in cells:
        interval, error = (small.text for small in cell.xpath("small"))
        low, high = (float(end.replace("−", "-")) for end in interval.split(" – "))
        assert float(error) == pytest.approx((high - low) / 2 / Z95, abs=0.06)
    assert "기본 모형" in root.xpath("//section[@aria-labelledby='diagnostics']/p")[0].text
    panel = root.xpath("//section[@aria-labelledby='severity']")[0]
    assert len(panel.xpath(".//*[local-name()='svg']")) == 3
    heads = [head.text for head in panel.xpath(".//th[@class='n']")]
    assert heads == ["엄격도", "95% 구간", "척도 폭", "95% 구간", "잡음", "95% 구간", "채점표"]
    told = {row["reviewer"]: row for row in result["calibration"]["reviewers"]}
    assert len(told) == len(panel.xpath(".//tbody/tr")) == 33
    assert min(float(row["noise"]) for row in told.values()) > 0


def test_the_fiscal_efforts_name_every_row_that_was_not_used() -> None:
    data = os.environ.get("SIMSA_DATA")
    if not data or not (Path(data) / "fiscal-efforts").is_dir():
        pytest.skip("SIMSA_DATA names no folder with fiscal-efforts")
    run = run_round(read_round(EXAMPLES / "fiscal-efforts", data=Path(data) / "fiscal-efforts"))
    root = page(render_report(run, "ko"))
    listed = [" ".join(item.text_content().split()) for item in root.xpath("//ul[@class='rows']/li")]
    report = run.inputs.report
    for error in (*report.malformed, *report.unmatched, *report.dropped):
        assert any(item.startswith(f"{error.file}:{error.line} ") for item in listed)
    assert all("header" not in item for item in listed)
    outside = [e.text for e in root.xpath("//*[local-name()='title']") if e.text and "이번 회차 대상 아님" in e.text]
    assert len(outside) == 17


def test_the_report_says_what_would_change_the_result(tmp_path: Path) -> None:
    run = scored(tmp_path)
    assert run.stability is not None
    root = page(render_report(run, "en"))
    section = root.xpath("//section[@aria-labelledby='robustness']")[0]
    first, second = section.xpath(".//table")
    assert len(first.xpath(".//tbody/tr")) == 2
    assert len(second.xpath(".//tbody/tr")) == len(run.stability.swaps) > 0
    assert "#robustness" in root.xpath("//nav//a/@href")
    folded = root.xpath("//section[@aria-labelledby='table']//td/details")
    assert [item.text_content().strip().startswith("How sure it is") for item in folded] == [
        True
    ] * 3  # of the fourth nothing is known
    zones = [item.text for item in root.xpath("//small[@class='zone']")]
    assert set(zones) <= {"certain", "tie zone", "out of reach"}


@pytest.mark.parametrize(
    ("language", "decides", "nothing"),
    [
        ("ko", "공식 점수는 보정 점수입니다.", "아무것도 결정하지"),
        ("en", "official score is the calibrated one", "decides nothing"),
    ],
)
def test_with_an_official_calibration_no_page_says_that_the_tally_decides(
    tmp_path: Path, language: str, decides: str, nothing: str
) -> None:
    run = scored(tmp_path, rules_toml=changed("[missing]", OFFICIAL))
    said = page(render_report(run, language)).text_content()
    assert decides in said
    assert nothing not in said
    scores = run.evaluation.scores.score
    for standing in run.evaluation.selection.standings:
        assert standing.score == scores.value(run.inputs.entries.index[standing.entry])
        assert run.reason(standing, language) in said
    plain = page(render_report(scored(tmp_path / "plain"), language)).text_content()
    assert decides not in plain
    assert nothing in plain
