"""Parquet files: what they hold, and what damage does."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.tables import parquet
from simsa.tables.files import Table, TableError, read_table, write_table


def test_parquet_numbers_of_every_kind(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "f64": [0.1, None, 1e-7],
            "f32": pl.Series([0.1, 2.5, -0.0], dtype=pl.Float32),
            "int": [1, 2**62, -3],
            "dec": pl.Series(["1.50", "36.90", "-0.25"]).cast(pl.Decimal(9, 2)),
            "bool": [True, False, None],
            "cat": pl.Series(["가", "나", "가"], dtype=pl.Categorical),
            "day": pl.Series(["2024-05-06"] * 3).str.to_date(),
            "nan": [float("nan"), 1.0, 2.0],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.columns == (
        ("0.1", None, "0.0000001"),
        ("0.1", "2.5", "0"),
        ("1", "4611686018427387904", "-3"),
        ("1.5", "36.9", "-0.25"),
        ("true", "false", None),
        ("가", "나", "가"),
        ("2024-05-06",) * 3,
        ("nan", "1", "2"),
    )
    pl.DataFrame({"list": [[1, 2]]}).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(TableError, match="'list' holds List"):
        read_table(tmp_path / "l.parquet")


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    frame = pl.DataFrame(
        {
            "a": ["x", "y", "z"] * 20,
            "b": [1.5, 2, None] * 20,
            "d": pl.Series(["a", "b", "a"] * 20, dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "good.parquet")
    return (tmp_path / "good.parquet").read_bytes()


def test_whatever_damage_does_to_the_reader_it_is_told_as_a_fault_of_the_file(tmp_path: Path, good: bytes) -> None:
    file = tmp_path / "t.parquet"
    draw = random.Random(3)
    refused = 0
    for _ in range(8):
        data = bytearray(good)
        for _ in range(draw.choice([1, 2, 4])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        file.write_bytes(data)
        with suppress(TableError):
            assert read_table(file).header
            continue
        refused += 1
    assert refused


@pytest.mark.parametrize(
    ("reader", "what"),
    [
        ("import os; os.abort()", "it is damaged"),
        ("raise SystemError('panicked')", "it is damaged"),
        ("import polars; raise polars.exceptions.ComputeError('the footer is short')", "the footer is short"),
    ],
)
def test_a_reader_that_dies_takes_nobody_along(
    tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch, reader: str, what: str
) -> None:
    monkeypatch.setattr(parquet, "_READER", reader)
    with pytest.raises(TableError, match=rf"good\.parquet: is not a Parquet file that can be read: {what}"):
        read_table(tmp_path / "good.parquet")


@pytest.mark.parametrize("cut", [0, 3, 4, 8, 200, -1, -8])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, good: bytes, cut: int) -> None:
    (tmp_path / "t.parquet").write_bytes(good[:cut])
    with pytest.raises(TableError, match="is not a Parquet file"):
        read_table(tmp_path / "t.parquet")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.text(min_size=1, max_size=6), min_size=40, max_size=80))
def test_every_cell_comes_back_as_it_was(tmp_path: Path, cells: list[str]) -> None:
    table = Table.of(["a", "b"], [[cell, None] for cell in cells])
    write_table(table, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").columns == table.columns


def test_texts_are_written_and_read_as_they_are(tmp_path: Path) -> None:
    table = Table.of(["id", "score"], [["01", "36.90"], ["02", None]])
    write_table(table, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").schema == {"id": pl.String, "score": pl.String}
    assert read_table(tmp_path / "t.parquet").columns == (("01", "02"), ("36.90", None))
