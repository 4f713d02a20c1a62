"""The page of indicators says what the engine says, and that it is not final."""

from __future__ import annotations

from fractions import Fraction

import pytest

from simsa.engine.indicators import distribution
from simsa.rules import exact_text
from simsa.tables.csv_text import read_csv
from simsa.tables.spreadsheets import read_xlsx
from simsa.web.entries.indicators.asking import asked
from simsa.web.entries.inputs import entries_of, reported_of
from simsa.web.entries.services import EntryRow, import_entries, submit_entry
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round
from tests.web.entries.test_desk import RULES, write
from tests.web.people import signed_in, with_role

STEPS = """
[[criterion]]
id = "plan"
indicator = { method = "step", formula = "saved / 2", boundary = "above", steps = [{ at = 10, points = 5 }, { at = 20, points = 9 }] }
"""  # noqa: E501
SAVED = {"a": "20", "b": "19.0", "c": "40.5", "d": None, "e": "12"}
ADDRESS = "/ko/office/rounds/desk/indicators"


@pytest.fixture
def round_(db) -> Round:
    """Five entries; saved / 2 is 10 (at a step), 9.5, 20.25, missing, 6."""
    opened = open_round(RULES.replace("[[tie_break]]", f"{STEPS}[[tie_break]]"))
    import_entries(opened, [EntryRow(code, "a", f"=기관 {code}") for code in SAVED])
    for code, number in SAVED.items():
        if number is not None:
            entry = opened.entries.get(entrant__code=code)
            write(entry, number__plan__saved=number)
            submit_entry(entry, with_missing=True, actor="test")
    with_role("boss", opened, "officer")
    return opened


def test_page_tells_who_stands_where_and_that_nothing_is_final(round_):
    page = signed_in("boss").get(f"{ADDRESS}/?criterion=plan&within=0.5&unit/saved=1").content.decode()
    assert "확정된 값이 아닙니다" in page
    assert "실적 5건 가운데 4건" in page
    found = distribution(
        round_.rules,
        round_.rules.by_id["plan"],
        entries_of(round_),
        reported_of(round_),
        within=Fraction(1, 2),
        units={"saved": Fraction(1)},
    )
    at, near = found.edges[0].at, found.edges[0].near
    assert ([*at], [*near]) == ([0], [1])
    row = page[page.index("정확히 일치") :]
    assert row.index("=기관 a") < row.index("=기관 b")
    assert {move.entry for move in found.moves} == {0, 1, 2}  # 20 - 1 falls, 19 + 1 rises, 40.5 - 1 falls
    assert "3곳의 점수가 달라집니다" in page
    assert "=기관 d" in page[page.index("수치가 없는 곳") :]
    assert page.count("<svg") == 1
    assert "debt" not in page  # one indicator is asked for


def test_numbers_that_cannot_be_used_are_told(round_):
    page = signed_in("boss").get(f"{ADDRESS}/?criterion=plan&within=-1&unit/saved=0").content.decode()
    assert "0 이상의 수" in page
    assert "0보다 큰 수" in page
    question = asked(round_.rules, {"criterion": "none", "within": "0.25"})
    assert (question.criterion, question.within) == ("", Fraction(1, 4))


def test_files_have_every_entry_exactly(round_):
    client = signed_in("boss")
    content = client.get(f"{ADDRESS}.csv?criterion=plan&within=0.5").content
    assert "'=기관 a".encode() in content
    rows = read_csv(content, "x.csv").objects()
    sheet = read_xlsx(client.get(f"{ADDRESS}.xlsx?criterion=plan&within=0.5").content, "x.xlsx").objects()
    assert rows == sheet
    halves = [None if number is None else exact_text(Fraction(number) / 2) for number in SAVED.values()]
    assert [row["수치"] for row in rows] == halves
    assert [row["점수"] for row in rows] == ["5", "0", "9", None, "0"]
    assert rows[3]["수치가 없는 까닭"] == "미제출"
    assert (rows[0]["경계값에 있음"], rows[1]["경계값 근처"]) == ("10", "10")
    whole = read_csv(client.get(f"{ADDRESS}.csv").content, "x.csv").objects()
    assert len(whole) == 2 * len(SAVED)


def test_round_without_indicators_says_so(db):
    before, _debt, after = RULES.partition('[[criterion]]\nid = "debt"')
    opened = open_round(before + after[after.index("[[tie_break]]") :])
    with_role("boss", opened, "auditor")
    client = signed_in("boss")
    assert "정량지표가 없습니다" in client.get(f"{ADDRESS}/").content.decode()
    home = client.get("/ko/office/").content.decode()
    assert f"{ADDRESS}/" not in home
    assert "/ko/office/rounds/desk/cases/" in home
