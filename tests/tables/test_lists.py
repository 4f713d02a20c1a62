"""Lists as offices send them: encodings, delimiters, titles above the header, headings in two languages, limits."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import parse
from simsa.tables.lists import (
    Limits,
    entry_targets,
    group_ids,
    list_rows,
    mapping_faults,
    read_upload,
    recognise,
    reviewer_targets,
)
from simsa.tables.spreadsheets import write_xlsx
from simsa.tables.table import Table, TableError
from tests.draws import draws
from tests.rules.small import changed

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "proactive" / "rules.toml"
RULES = parse(
    changed("[missing]", '[[conflict]]\nid = "k"\nkind = "same"\nreviewer = "school"\nentrant = "school"\n\n[missing]')
)
TARGETS = entry_targets(RULES)
HEADER = ["기관 코드", "기관명", "평가군", "영문명"]
ROWS = [["1100000000", "서울특별시", "광역", "Seoul"], ["4111000000", "수원시 똠방", "시", "Suwon"]]


def written(delimiter: str, encoding: str, titles: list[list[str]] | None = None) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([*(titles or []), HEADER, *ROWS])
    return target.getvalue().encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("titles", [None, [["2026년 대상기관 목록", "", "", ""], ["", "", "", "기준: 7월"]]])
def test_every_form_of_the_same_list_says_the_same(delimiter, encoding, titles):
    table = read_upload(written(delimiter, encoding, titles), "대상기관.csv", TARGETS)
    mapping = recognise(table.header, TARGETS)
    assert mapping == dict(zip(HEADER, ("code", "name_ko", "group", "name_en"), strict=True))
    rows = list_rows(table, mapping)
    assert [[row.said[key] for key in ("code", "name_ko", "group", "name_en")] for row in rows] == ROWS
    first = 2 + len(titles or [])
    assert [row.line for row in rows] == [first, first + 1]


def test_title_that_is_shorter_than_the_rows_is_passed_over():
    data = "2026년 대상기관 목록\n" + written(",", "utf-8").decode()
    assert read_upload(data.encode(), "a.csv", TARGETS).header == tuple(HEADER)


@pytest.mark.parametrize("titles", [[], [["제목", "", "", ""]]])
def test_workbook(titles):
    table = Table.of([f"x{n}" for n in range(4)], [*titles, HEADER, *ROWS])
    found = read_upload(write_xlsx(table, {}), "whatever.bin", TARGETS)
    assert found.header == tuple(HEADER)
    assert [list(row) for row in found.rows()] == ROWS


def test_row_of_the_header_can_be_told():
    data = written(",", "utf-8", [["code", "name", "group", "region"]])
    assert read_upload(data, "a.csv", TARGETS).header == ("code", "name", "group", "region")
    assert read_upload(data, "a.csv", TARGETS, header_row=2).header == tuple(HEADER)


def test_headings_are_recognised_whatever_signs_and_capitals_they_have():
    header = ["CODE", "Name (KO)", "시·도", "위 도", "Lon", "school", "비고"]
    found = recognise(header, TARGETS)
    assert list(found.values()) == ["code", "name_ko", "region", "latitude", "longitude", "field:school", ""]
    assert recognise(["name", "name_ko"], TARGETS) == {"name": "", "name_ko": "name_ko"}  # the likelier one
    targets = reviewer_targets(RULES)
    assert list(recognise(["위원 번호", "성명", "School"], targets).values()) == ["code", "name", "field:school"]
    assert mapping_faults({"a": "code", "b": "", "c": "code", "d": ""}) == ("code",)


def test_groups_go_by_any_name_that_is_theirs_alone():
    known = group_ids(parse(EXAMPLE.read_text(encoding="utf-8")))
    assert (known["광역자치단체"], known["cities"], known["구"]) == ("광역", "시", "구")
    twice = parse(changed('id = "b"', 'id = "b"\nname = { ko = "a", en = "other" }'))
    assert group_ids(twice)["a"] == "a"  # an id goes before a name


LIMITS = Limits(file=10_000, unpacked=50_000, rows=5, columns=6, cells=60)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"code\n" + b"x" * 10_000, "larger"),
        (b"code\n" + b"x\n" * 6, "more than 5 rows"),
        (b"code,1,2,3,4,5,6\n1,2,3,4,5,6,7\n", "6 columns"),
        (b"", "empty"),
        (b"code,name\n", "no row"),
        (b"code,na\0me\n1,2\n", "control character"),
        (b"%PDF-1.7 \x00", "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "neither CSV nor XLSX"),
        (b"PK\x03\x04 nothing", "not a spreadsheet"),
        (b"a\xff\x00\xff,b\n", "not text"),
        (write_xlsx(Table.of(["a"], [["x"]] * 70), {}), "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_beyond_the_limits(data, what):
    with pytest.raises(TableError, match=what):
        read_upload(data, "a.csv", TARGETS, limits=LIMITS)


def test_workbook_that_would_unpack_without_end_is_refused_before_it_is_unpacked():
    target = io.BytesIO(write_xlsx(Table.of(["code"], [["x"]]), {}))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", b"\0" * 2**20)
    assert len(target.getvalue()) < LIMITS.file
    with pytest.raises(TableError, match="MiB when it is unpacked"):
        read_upload(target.getvalue(), "a.xlsx", TARGETS, limits=LIMITS)


@settings(max_examples=draws(60), deadline=None)
@given(st.binary(max_size=300) | st.text(st.sampled_from('code,;\t"\n이름 1=+'), max_size=120).map(str.encode))
def test_whatever_is_sent_is_a_table_or_refused(data):
    try:
        table = read_upload(data, "a.csv", TARGETS, limits=LIMITS)
    except TableError:
        return
    rows = list_rows(table, recognise(table.header, TARGETS))
    assert len(rows) == len(table) <= LIMITS.rows
