"""Parquet: numbers as their shortest decimal text, read apart from this process.

A damaged Parquet file can end the process that reads it (a length that no memory holds), so another one reads it and
hands the columns over as Arrow.
"""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from .table import Column, Table, TableError, build

_READER = "import sys, polars; polars.read_parquet(sys.stdin.buffer.read()).write_ipc(sys.stdout.buffer)"
_MAGIC = b"PAR1"


def read_parquet(path: Path, source: str) -> Table:
    """The table in a Parquet file. TableError if it is none, is damaged, or a column has no single values. OSError."""
    frame = parquet_frame(path, source)
    columns = [column_texts(frame[name], source) for name in frame.columns]
    return build(source, frame.columns, enumerate(zip(*columns, strict=True), 1))


def parquet_frame(path: Path, source: str) -> pl.DataFrame:
    """The columns of a Parquet file, typed as they are in it. TableError if it is none, or is damaged. OSError."""
    with path.open("rb", buffering=0) as file:  # the other process goes on where the file stands
        if file.read(len(_MAGIC)) != _MAGIC:
            raise TableError(f"{source}: is not a Parquet file")
        file.seek(0)
        done = subprocess.run(  # noqa: S603  (nothing of it is from outside)
            [sys.executable, "-P", "-c", _READER], stdin=file, capture_output=True, check=False
        )
    if done.returncode != 0:
        raise TableError(f"{source}: is not a Parquet file that can be read: {_reason(done.stderr)}")
    return pl.read_ipc(io.BytesIO(done.stdout))


def write_parquet(table: Table) -> bytes:
    """The table as Parquet, every column text."""
    target = io.BytesIO()
    series = [pl.Series(n, cells, dtype=pl.String) for n, cells in zip(table.header, table.columns, strict=True)]
    pl.DataFrame(series).write_parquet(target)
    return target.getvalue()


def _reason(said: bytes) -> str:
    """The error that the other process ended with, as far as it is in the field's words."""
    lines = said.decode(errors="replace").strip().splitlines()
    kind, _, what = (lines[-1] if lines else "").partition(": ")
    return what if kind.startswith("polars.exceptions.") and what else "it is damaged"


def column_texts(series: pl.Series, source: str) -> Column:
    """The cells of a column as text, numbers in their shortest decimals. TableError if they are no single values."""
    kind = series.dtype
    if kind == pl.String:
        return tuple(series.to_list())
    if kind.is_integer() or kind in (pl.Categorical, pl.Enum):
        return tuple(series.cast(pl.String).to_list())
    if kind.is_float():
        exact = np.float32 if kind == pl.Float32 else np.float64
        return tuple(None if value is None else _float_text(exact(value)) for value in series.to_list())
    if kind == pl.Null:
        return (None,) * len(series)
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise TableError(f"{source}: column {series.name!r} holds {kind}, not one value per row; write it as text")
    return tuple(None if value is None else _scalar_text(value) for value in series.to_list())


def _float_text(value: np.floating[Any]) -> str:
    if not np.isfinite(value):
        return str(value)
    text = np.format_float_positional(value, unique=True, trim="-")
    return "0" if text == "-0" else text


def _scalar_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)
