import io
import os
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import fastexcel
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.tables.csv_text import protect, unprotect
from simsa.tables.files import Table, TableError, read_table, sheets_of, write_bytes, write_table
from simsa.tables.spreadsheets import write_xlsx

HEADER = ("단체명", "mark", "note")
CELLS = st.one_of(
    st.none(),
    st.text(min_size=1, max_size=6),
    st.text(alphabet="=+-@'\t\r\n_x0041 \",;09.", min_size=1, max_size=8),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: format(number, "f")),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), min_size=1, max_size=5)


def same(one: Table, other: Table) -> bool:
    return (one.header, one.columns, one.malformed) == (other.header, other.columns, other.malformed)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".json", ".jsonl", ".xlsx"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_every_cell_comes_back_as_it_was(tmp_path: Path, ending: str, rows: list[list[str | None]]) -> None:
    table = Table.of(HEADER, rows)
    write_table(table, tmp_path / f"table{ending}")
    assert same(read_table(tmp_path / f"table{ending}"), table)


@settings(max_examples=200)
@given(st.text(max_size=8) | st.text(alphabet="'=+-@0", max_size=5))
def test_no_written_text_is_a_formula_and_none_is_lost(cell: str) -> None:
    written = protect(cell)
    assert unprotect(written) == cell
    assert written[:1] not in tuple("=@\t\r＝＠")
    if written[:1] in ("+", "-"):
        assert written[1:] == "" or float(written) == float(cell)


def test_numbers_are_left_alone_and_formulas_are_not(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    write_table(Table.of(["a"], [["-0.34"], ["+7"], ["-"], ["=1+1"], ["-1+1"], ["'=x"], ["@a"]]), file)
    assert file.read_text("utf-8").split() == ["a", "-0.34", "+7", "-", "'=1+1", "'-1+1", "''=x", "'@a"]


def test_a_csv_row_with_too_many_fields_is_reported_with_its_line_and_the_others_kept(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text('a,b\n1,2\n\n"x\ny",3\n서울 종로구,5,6\n7,8\n9\n', "utf-8")
    table = read_table(file)
    assert table.columns == (("1", "x\ny", "7"), ("2", "3", "8"))
    assert table.lines == (2, 4, 7)
    assert [(e.line, e.value, e.what) for e in table.malformed] == [
        (6, "서울 종로구", "has 3 fields, the header has 2"),
        (8, "9", "has 1 fields, the header has 2"),
    ]


def test_a_quotation_that_goes_wrong_spoils_its_own_line_alone(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text('a,b\n1,2\n"broken,3\n4,"5"\n"6"x,7\n8,9\n', "utf-8")
    table = read_table(file)
    assert table.columns == (("1", "4", "8"), ("2", "5", "9"))
    assert [error.line for error in table.malformed] == [3, 5]
    assert "never closed" in table.malformed[0].what or "goes wrong" in table.malformed[0].what


def test_a_file_full_of_open_quotations_is_read_to_its_end_in_no_time(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b\n" + '"x,1\n' * 20_000 + "8,9\n", "utf-8")
    table = read_table(file)
    assert table.columns == (("8",), ("9",))
    assert [error.line for error in table.malformed] == list(range(2, 20_002))
    file.write_text("a,b\n" + 'z,"x\n' * 200 + "8,9\n" * 200, "utf-8")
    assert "the rest of the file was not read" not in read_table(file).malformed[0].what


@pytest.mark.parametrize(
    ("encoding", "read_as"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp949", "cp949"), ("utf-16", "utf-16")]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, encoding: str, read_as: str, delimiter: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(f'단체명{delimiter}"a, b; c"\r\n똠방각하{delimiter}1\r\n'.encode(encoding))
    table = read_table(file)
    assert (table.header, table.columns, table.encoding) == (("단체명", "a, b; c"), (("똠방각하",), ("1",)), read_as)


def test_text_in_no_known_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"a\nb\n\xff\xff\n")
    with pytest.raises(TableError, match="line 3 is not text in utf-8 or cp949"):
        read_table(file)
    file.write_bytes("단체명\n".encode("cp949"))
    with pytest.raises(TableError, match="line 1 is not text in utf-8;"):
        read_table(file, encoding="utf-8")
    for name in ("utf-8", "UTF8", "utf_8_sig"):
        file.write_bytes(b"\xef\xbb\xbfa\n1\n")
        table = read_table(file, encoding=name)
        assert (table.header, table.encoding) == (("a",), "utf-8")
    with pytest.raises(TableError, match="is not text in idna"):
        read_table(file, encoding="idna")
    with pytest.raises(TableError, match="is no encoding"):
        read_table(file, encoding="a\0b")
    with pytest.raises(TableError, match="'utf-99' is no encoding"):
        read_table(file, encoding="utf-99")


def test_header_names_are_tidied_and_found_in_any_unicode_form(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    text = '제목\n\n"지방세 \n 징수율",점수 \n1,2\n'
    file.write_text(unicodedata.normalize("NFD", text), "utf-8")  # as macOS writes names
    table = read_table(file, header_row=2)
    assert table.header == ("지방세 징수율", "점수")
    assert table.column(" 점수") == ("2",)
    with pytest.raises(
        TableError, match=r"no column '점쑤' \(did you mean '점수'\? the columns are 지방세 징수율, 점수\)"
    ):
        table.column("점쑤")


def test_a_name_twice_an_empty_file_and_an_empty_row(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,a\n1,2,3\n", "utf-8")
    with pytest.raises(TableError, match="columns 1, 3 are all called 'a'"):
        read_table(file)
    file.write_text("\n \n", "utf-8")
    with pytest.raises(TableError, match="the file is empty"):
        read_table(file)
    file.write_text("a,,\n,,\n1,,\n", "utf-8")
    assert (read_table(file).header, read_table(file).lines) == (("a",), (3,))


def test_files_that_are_missing_or_not_what_they_say(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="there is no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match=r"t.hwp: the ending .hwp says no format .*save it as .xlsx"):
        read_table(tmp_path / "t.hwp")
    for ending, what in ((".xlsx", "not a spreadsheet"), (".parquet", "not a Parquet file"), (".json", "not JSON")):
        (tmp_path / f"t{ending}").write_text("no", "utf-8")
        with pytest.raises(TableError, match=what):
            read_table(tmp_path / f"t{ending}")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "folder.csv")


def test_numbers_of_a_spreadsheet_are_their_shortest_decimals(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(file)
    book.add_worksheet("빈 시트")
    sheet = book.add_worksheet("점수")
    values = [
        36.9,
        0.0016903398,
        6.99999999999,
        -0.34,
        1e-12,
        25678772.67,
        0.1234567890123,
        2 / 3,
        7.0,
        0,
        "007",
        "0.10",
        True,
    ]
    sheet.write_row(2, 2, ["번호", "값"])
    for row, value in enumerate(values, 3):
        (sheet.write_string if isinstance(value, str) else sheet.write)(row, 3, value)
    book.close()
    table = read_table(file, sheet="점수")
    shown = [
        "36.9",
        "0.0016903398",
        "6.99999999999",
        "-0.34",
        "0.000000000001",
        "25678772.67",
        "0.1234567890123",
        "0.6666666666666666",
    ]
    assert list(table.column("값")) == [*shown, "7", "0", "007", "0.10", "true"]
    assert table.lines == tuple(range(4, 17))
    assert sheets_of(file) == ["빈 시트", "점수"]
    with pytest.raises(TableError, match="no sheet '점'"):
        read_table(file, sheet="점")
    with pytest.raises(TableError, match="sheet '빈 시트' has no row 1"):
        read_table(file)


def test_an_error_in_a_spreadsheet_is_a_malformed_row_not_an_empty_cell(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, ["x", 1])
    sheet.write_string(2, 0, "y")
    sheet.write_formula(2, 1, "=1/0", value="#DIV/0!")
    sheet.write_row(3, 0, ["#DIV/0!", 3])
    book.close()
    table = read_table(file)
    assert table.columns == (("x", "#DIV/0!"), ("1", "3"))
    assert [(e.line, e.field, e.value) for e in table.malformed] == [(3, "b", "#DIV/0!")]


def test_json_keeps_numbers_as_written_and_reports_what_is_no_row(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text('[{"a": 9.00, "b": 1e400}, {"b": true, "c": null}, 7, {"a": [1]}, {"a": 1, "a": 2}]', "utf-8")
    table = read_table(file)
    assert (table.header, table.columns) == (("a", "b", "c"), (("9.00", None), ("1e400", "true"), (None, None)))
    assert [(e.line, e.field, e.what) for e in table.malformed] == [
        (3, "", "is not an object"),
        (4, "a", "holds several values"),
        (5, "a", "appears twice in the object"),
    ]
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n\n{"a": \n{"a": 2}\n', "utf-8")
    lines = read_table(tmp_path / "t.jsonl")
    assert (lines.columns, lines.lines, [e.line for e in lines.malformed]) == ((("1", "2"),), (1, 4), [3])


def test_what_a_sheet_cannot_hold_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    with pytest.raises(TableError, match=r"t\.xlsx: row 1, a: 40000 characters do not fit"):
        write_table(Table.of(["a"], [["x" * 40_000]]), file)
    with pytest.raises(TableError, match="half a character"):
        write_table(Table.of(["a"], [["\ud800"]]), tmp_path / "t.csv")
    with pytest.raises(TableError, match="cannot be written"):
        write_table(Table.of(["a"], [["x"]]), tmp_path / "none" / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file, link = tmp_path / "t.csv", tmp_path / "link.csv"
    file.write_bytes(b"old")
    link.symlink_to(file)
    write_bytes(link, b"new")
    assert (file.read_bytes(), link.is_symlink()) == (b"new", True)
    with pytest.raises(TypeError):
        write_bytes(file, None)  # type: ignore[arg-type]
    assert file.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["link.csv", "t.csv"]


def test_many_columns_of_one_name_and_objects_that_repeat_one_are_refused_in_no_time(tmp_path: Path) -> None:
    names = [f"n{n}" for n in range(60_000)]
    began = time.monotonic()
    with pytest.raises(TableError, match="columns 60000, 60001 are all called 'n59999'"):
        Table.of([*names, names[-1]], [])
    (tmp_path / "t.json").write_text("[{" + ", ".join(f'"{name}": 1' for name in [*names, "n7"]) + "}]", "utf-8")
    (error,) = read_table(tmp_path / "t.json").malformed
    assert (error.field, error.what) == ("n7", "appears twice in the object")
    assert time.monotonic() - began < 5


def test_rows_that_do_not_fit_the_header_are_refused() -> None:
    with pytest.raises(TableError, match="row 2 has 1 cells, the header 2"):
        Table.of(["a", "b"], [["1", "2"], ["3"]])


def test_standard_input_and_output_are_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table.of(["a", "b"], [["1", "가"]])
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    write_table(table, "-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written.getvalue())))
    assert same(read_table("-"), table)


def test_codes_of_digits_stay_text_where_the_numbers_are_declared():
    table = Table.of(
        ["code", "score", "rank"], [["0412", "90.5", "1"], ["4155000000", "87.25", "2"], ["9", "1/3", None]]
    )
    content = write_xlsx(table, {"score": 3, "rank": 0}, sheet="결과")
    book = fastexcel.read_excel(content)
    assert book.sheet_names == ["결과"]
    sheet = book.load_sheet("결과").to_polars()
    assert sheet["code"].to_list() == ["0412", "4155000000", "9"]
    assert sheet["rank"].to_list() == [1.0, 2.0, None]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        styles, cells = (parts.read(f"xl/{name}.xml").decode() for name in ("styles", "worksheets/sheet1"))
    assert 'formatCode="0.000"' in styles
    assert "<v>90.5</v>" in cells
    assert '<pane ySplit="1" topLeftCell="A2"' in cells
