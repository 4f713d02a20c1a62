"""Frames: the fast reader and the careful one say the same, and what either refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.tables.csv_text import read_csv
from simsa.tables.files import write_table
from simsa.tables.frames import Frame, FrameChecks, csv_frame, read_frame
from simsa.tables.table import RowsError, Table, TableError

CELL = st.text(st.sampled_from("ab1 -=+'@가é."), max_size=4)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6)


def frame_of(text: str | bytes) -> list[tuple[int, ...]]:
    data = text if isinstance(text, bytes) else text.encode()
    found = csv_frame(data, "t.csv", lambda _row: None)
    return [(int(line), *row) for line, row in zip(found.lines, found.columns.rows(), strict=True)]


@given(rows=ROWS)
@settings(max_examples=200, deadline=None)
def test_the_fast_reader_says_what_the_careful_one_says(rows: list[tuple[str, str]]) -> None:
    """A delimiter in the header sends a file to the careful reader; needless quotation marks do not."""
    body = "".join(f"{a},{b}\n" for a, b in rows)
    quoted = "".join(f'"{a}",{b}\n' for a, b in rows)
    assert frame_of("x,y\n" + body) == frame_of('x,"y,z"\n' + body) == frame_of("x,y\n" + quoted)


@given(text=st.text(st.sampled_from('a,"\n1'), max_size=30))
@settings(max_examples=400, deadline=None)
def test_quotation_marks_are_never_taken_for_less_than_they_are(text: str) -> None:
    data = f"x,y\n{text}".encode()
    assert outcome(lambda: csv_frame(data, "t.csv", lambda _row: None)) == outcome(
        lambda: Frame.of(read_csv(data, "t.csv"))
    )


def outcome(read: Callable[[], Frame]) -> tuple[object, ...]:
    """The rows and their lines, or why there are none."""
    try:
        frame = read()
    except TableError as error:
        return (str(error),)
    return frame.columns.rows(), frame.lines.tolist()


@pytest.mark.parametrize(
    "text",
    ["x,y\r\n1,2\r\n,\r\n3,\r\n", "\ufeffx,y\n1,2\n,\n3,\n", "x;y\n1;2\n;\n3;", "x\ty\n1\t2\n\t\n3\t\n"],
)
def test_line_ends_marks_and_delimiters(text: str) -> None:
    assert frame_of(text) == [(2, "1", "2"), (4, "3", None)]


def test_other_encodings_and_blank_lines() -> None:
    assert frame_of("x,y\n가,2\n".encode("cp949")) == [(2, "가", "2")]
    assert frame_of("\n\nx,y\n\n1,2\n\n3,4\n") == [(5, "1", "2"), (7, "3", "4")]
    assert frame_of("x,y\n") == []


def test_a_row_with_another_number_of_fields_is_named() -> None:
    with pytest.raises(RowsError, match=r"t\.csv line 3 '3': has 3 fields, the header has 2") as caught:
        frame_of("x,y\n1,2\n3,4,5\n6\n")
    assert [error.line for error in caught.value.errors] == [3, 4]


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "json", "jsonl", "tsv"])
def test_every_format_gives_the_same_columns(tmp_path: Path, ending: str) -> None:
    write_table(Table.of(["id", "n"], [["a", "0.75"], [" b ", None], ["a", "-3"]]), tmp_path / f"t.{ending}")
    frame = read_frame(tmp_path / f"t.{ending}")
    assert frame.ids("id") == ("a", "b")
    assert frame.positions("id", {"b": 7}).tolist() == [-1, 7, -1]
    values, empty = frame.numbers("n")
    assert empty.tolist() == [False, True, False]
    np.testing.assert_array_equal(values, [0.75, np.nan, -3.0])


def test_parquet_with_types_of_its_own(tmp_path: Path) -> None:
    pl.DataFrame({"id": [3, 4], "n": [0.5, float("nan")]}).write_parquet(tmp_path / "t.parquet")
    frame = read_frame(tmp_path / "t.parquet")
    assert frame.ids("id") == ("3", "4")
    checks = FrameChecks(frame)
    checks.finite("n")
    with pytest.raises(RowsError, match="line 2, n 'nan': is not a number"):
        checks.done()


def test_a_file_whose_every_row_is_wrong_is_told_shortly() -> None:
    frame = csv_frame(b"x,y\n" + b"a,b\n" * 5000, "t.csv", lambda _row: None)
    checks = FrameChecks(frame)
    checks.finite("y")
    with pytest.raises(RowsError, match="5000 rows cannot be used") as caught:
        checks.done()
    assert len(caught.value.errors) == 1000
    assert "and 4980 more" in str(caught.value)


def test_what_cannot_be_read_at_all(tmp_path: Path) -> None:
    for name, content, expected in [
        ("none.csv", None, "there is no such file"),
        ("none.parquet", None, "there is no such file"),
        ("empty.csv", b"", "the file is empty"),
        ("bad.csv", b"x,y\n1,\xff\xfe\xff\n", "line 2 is not text"),
        ("twice.csv", b"x,x\n1,2\n", "columns 1, 2 are all called 'x'"),
        ("bad.parquet", b"PAR1 nothing", "is not a Parquet file"),
    ]:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(TableError, match=expected):
            read_frame(tmp_path / name)
    with pytest.raises(TableError, match="cannot be read"):
        read_frame(_folder(tmp_path))


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "folder.csv").mkdir()
    return tmp_path / "folder.csv"
