"""Spreadsheets as other programs write them, and as no program should."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from pathlib import Path

import pytest
import xlsxwriter

from simsa.tables.files import Table, TableError, read_table, sheets_of
from simsa.tables.spreadsheets import write_xlsx
from tests.tables.books import HEAD, MAIN, packed, parts, write_book

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#DIV/0!</v></c></row>',
        "<row r='2'><c r='A2'><v>1</v></c><c t='e' r='B2'><f>1/0</f><v>#DIV/0!</v></c></row>",
        "<row><c><v>1</v></c><c t='e'><v>#DIV/0!</v></c></row>",
        '<row r="2"><c r="A2"><v>1</v></c>\n<c\n t = "e"\tr="B2"><v><![CDATA[#DIV/0!]]></v></c></row>',
    ],
)
def test_an_error_is_found_in_every_form_of_the_xml(tmp_path: Path, row: str) -> None:
    table = read_table(write_book(tmp_path / "t.xlsx", HEAD + row + "<row><c><v>3</v></c><c><v>4</v></c></row>"))
    assert [(e.line, e.field, e.value, e.what) for e in table.malformed] == [
        (2, "b", "#DIV/0!", "cell B2 holds an error")
    ]
    assert (table.columns, table.lines) == ((("3",), ("4",)), (3,))


def test_an_error_is_found_under_a_prefix_and_in_the_strict_namespace(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    content = parts(HEAD + row)
    name = "xl/worksheets/sheet1.xml"
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", content[name]).replace("xmlns=", "xmlns:x=")
    (tmp_path / "t.xlsx").write_bytes(packed({**content, name: prefixed}))
    assert [e.value for e in read_table(tmp_path / "t.xlsx").malformed] == ["#N/A"]
    strict = content[name].replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    (tmp_path / "s.xlsx").write_bytes(packed({**content, name: strict}))
    assert [e.value for e in read_table(tmp_path / "s.xlsx").malformed] == ["#N/A"]


@pytest.mark.parametrize(
    ("cell", "calculation"),
    [
        ('<c r="B2"><f>A2*2</f></c>', ""),
        ('<c r="B2"><f>A2*2</f><v/></c>', ""),
        ('<c r="B2"><f>A2*2</f><v> </v></c>', ""),
        ('<c r="B2" t="str"><f>A2*2</f></c>', ""),
        ('<c r="B2"><f>A2*2</f><v>0</v></c>', '<calcPr fullCalcOnLoad="1"/>'),
    ],
)
def test_a_formula_that_was_never_calculated_is_no_empty_cell(tmp_path: Path, cell: str, calculation: str) -> None:
    rows = f'{HEAD}<row r="2"><c r="A2"><v>1</v></c>{cell}</row><row r="3"><c r="A3"><v>2</v></c></row>'
    table = read_table(write_book(tmp_path / "t.xlsx", rows, calculation))
    (error,) = table.malformed
    assert (error.line, error.field, error.value) == (2, "b", "=A2*2")
    assert error.what == "cell B2 holds a formula that was never calculated"
    assert "open the file in a spreadsheet program and save it" in error.hint
    assert table.columns == (("2",), (None,))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B2"><f>A2*2</f><v>2.5</v></c>', "2.5"),
        ('<c r="B2"><f>A2*0</f><v>0</v></c>', "0"),
        ('<c r="B2" t="str"><f>T(A1)</f><v></v></c>', None),
        ('<c r="B2" t="str"><f>T(A1)</f><v>x</v></c>', "x"),
    ],
)
def test_a_formula_with_its_result_is_the_result(tmp_path: Path, cell: str, value: str | None) -> None:
    rows = f'{HEAD}<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'
    table = read_table(write_book(tmp_path / "t.xlsx", rows))
    assert (table.column("b"), table.malformed) == ((value,), ())


def test_parts_may_be_named_in_capitals(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    content = parts(HEAD + row)
    content["xl/Worksheets/Sheet1.xml"] = content.pop("xl/worksheets/sheet1.xml")
    (tmp_path / "t.xlsx").write_bytes(packed(content))
    assert [e.value for e in read_table(tmp_path / "t.xlsx").malformed] == ["#N/A"]


def test_cells_without_a_position_are_counted_and_texts_stay_texts(tmp_path: Path) -> None:
    rows = f"{HEAD}<row><c t='inlineStr'><is><t>0.1000000000001</t></is></c><c><v>0.1000000000001</v></c></row>"
    table = read_table(write_book(tmp_path / "t.xlsx", rows))
    assert table.columns == (("0.1000000000001",), ("0.1000000000001",))


@pytest.mark.parametrize(
    ("part", "old", "new", "what"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet", BOMB + "<worksheet", "declares a document type"),
        ("xl/workbook.xml", "<workbook", BOMB + "<workbook", "declares a document type"),
        ("xl/worksheets/sheet1.xml", 'r="A1"', 'r="1A"', "cannot be read"),
        ("xl/worksheets/sheet1.xml", 'r="B1"', 'r="XFE1"', "cannot be read"),
        ("xl/worksheets/sheet1.xml", "</sheetData>", "", "cannot be read"),
        ("xl/workbook.xml", '<sheet name="s" sheetId="1" r:id="r1"/>', "", "has no sheet"),
    ],
)
def test_damaged_workbooks_are_refused(tmp_path: Path, part: str, old: str, new: str, what: str) -> None:
    content = parts(HEAD)
    file = tmp_path / "t.xlsx"
    assert old in content[part]
    file.write_bytes(packed({**content, part: content[part].replace(old, new)}))
    with pytest.raises(TableError, match=what):
        read_table(file)


def test_a_workbook_that_lacks_a_part_or_reaches_too_far_is_refused(tmp_path: Path) -> None:
    content = parts(HEAD)
    del content["xl/worksheets/sheet1.xml"]
    (tmp_path / "t.xlsx").write_bytes(packed(content))
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "t.xlsx")
    far = HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(TableError, match="its cells reach to row 1048576 and column 16384"):
        read_table(write_book(tmp_path / "t.xlsx", far))


def test_an_archive_that_grows_without_end_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    data = bytearray(packed(parts(HEAD)))
    at = data.rindex(b"PK\x01\x02") + 24  # the size that the directory says
    data[at : at + 4] = (1_200_000_000).to_bytes(4, "little")
    (tmp_path / "t.xlsx").write_bytes(data)
    with pytest.raises(TableError, match=r"is 1\.1 GiB when it is unpacked \(1 GiB are read\)"):
        read_table(tmp_path / "t.xlsx")


def test_compression_and_passwords_that_cannot_be_read(tmp_path: Path) -> None:
    data = bytearray(packed(parts(HEAD)))
    for at in (data.rindex(b"PK\x01\x02") + 10, data.rindex(b"PK\x03\x04") + 8):
        data[at] = 97
    (tmp_path / "t.xlsx").write_bytes(data)
    for read in (read_table, sheets_of):
        with pytest.raises(TableError, match="is not a spreadsheet that can be read"):
            read(tmp_path / "t.xlsx")


def test_no_damage_gets_past_the_reader(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, ["x", 1.25])
    book.close()
    good = file.read_bytes()
    draw = random.Random(7)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(draw.choice([1, 2, 8])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        file.write_bytes(data[: draw.choice([len(data), draw.randrange(len(data))])])
        try:
            table = read_table(file)
        except TableError:
            continue
        assert (table.header, table.columns) == (("a", "b"), (("x",), ("1.25",)))


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["0." + "0" * 330 + "1"], {}),
        (["-0"], {}),
        (["1", "-0"], {}),
        (["123456789012345678"], {}),
        (["0.00000000000000001"], {}),
        (["7.25", "-3"], {}),
        (["007", "-0", "0.", "1e3", "+1", "1.50", "12345678901234567.5", "0." + "0" * 330 + "1"], {"a": 2}),
    ],
)
def test_a_number_is_written_as_one_only_if_the_same_number_comes_back(
    tmp_path: Path, cells: list[str], numbers: dict[str, int]
) -> None:
    table = Table.of(["a"], [[cell] for cell in cells])
    file = tmp_path / "t.xlsx"
    file.write_bytes(write_xlsx(table, numbers) if numbers else write_xlsx(table))
    back = [cell or "" for cell in read_table(file).column("a")]
    if numbers:
        assert back[:5] == cells[:5]
        assert [Fraction(cell) for cell in back[5:]] == [Fraction(cell) for cell in cells[5:]]
    else:
        assert back == cells


def test_what_is_larger_than_a_sheet_is_refused() -> None:
    wide = Table.of([f"c{n}" for n in range(2**14 + 1)], [])
    with pytest.raises(TableError, match="16385 columns do not fit on a sheet"):
        write_xlsx(wide)
    long = Table.of(["a"], [["x"]] * 2**20)
    with pytest.raises(TableError, match="1048576 rows do not fit on a sheet"):
        write_xlsx(long)
