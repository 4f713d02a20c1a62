"""Matrices of numbers without names: NumPy's .npy, SciPy's sparse .npz, and text with its size in the first line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.tables.frames import Floats, Ints, read_bytes, source_name
from simsa.tables.table import RowError, RowsError, TableError

MOST_PAIRS = 10**8
"""So many pairs are held at once at most."""
_MOST_BYTES = 2**33
_MAGIC = b"\x93NUMPY"
_FORMATS = ("csr", "csc", "coo")
_KEEP = "keep the best few hundred reviewers of each entry"

Triples = tuple[Ints, Ints, Floats, tuple[int, int]]
"""Rows, columns and values of the pairs, and the size of the matrix."""


def read_matrix(path: str | Path) -> Triples:
    """The pairs of a .npy file or of a text matrix; NaN is no pair. TableError or RowsError say what is wrong."""
    data = read_bytes(path)
    source = source_name(path)
    numpys = data.startswith(_MAGIC) or Path(path).suffix.lower() == ".npy"
    values = npy_matrix(data, source) if numpys else _text_matrix(data, source)
    _check_size(values.size, source)
    possible = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, np.bool_)
    rows, columns = np.nonzero(possible)
    found = values[rows, columns].astype(np.float64)
    _finite(rows, columns, found, source)
    return rows, columns, found, (int(values.shape[0]), int(values.shape[1]))


def read_sparse(path: str | Path) -> Triples:
    """The stored pairs of a matrix that `scipy.sparse.save_npz` wrote (CSR, CSC or COO), an explicit 0 too.

    TableError for any other file, for numbers that are not finite and for a pair that is stored twice.
    """
    source = source_name(path)
    data = read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > _MOST_BYTES:
            raise TableError(f"{source}: is {size / 2**30:.1f} GiB when it is unpacked; {_KEEP}")
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            stored = {name: parts[name] for name in parts.files}
        rows, columns, values, shape = _stored(stored)
    except TableError:
        raise
    except Exception as error:  # as in `npy_matrix`, and what zipfile lets through of damaged archives
        kind = "sparse matrix of scipy.sparse.save_npz"
        raise TableError(f"{source}: is no {kind} that can be read: {_reason(error)}") from None
    _check_size(len(values), source)
    keys = rows * shape[1] + columns
    order = np.argsort(keys, kind="stable")
    again = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if len(again):
        at = order[again[0]]
        raise TableError(
            f"{source}: row {rows[at] + 1}, column {columns[at] + 1} is stored twice; call sum_duplicates()"
        )
    kept = ~np.isnan(values)
    rows, columns, values = rows[kept], columns[kept], values[kept]
    _finite(rows, columns, values, source)
    return rows, columns, values, shape


def _reason(error: BaseException) -> str:
    """What is wrong, but not NumPy's advice to load objects all the same: that would run what is in the file."""
    if "pickle" in str(error):
        return "it holds Python objects, which are never loaded; save numbers"
    return f"it has no {error}" if isinstance(error, KeyError) else str(error) or "it is cut off"


def npy_matrix(data: bytes, source: str) -> NDArray[Any]:
    """The matrix of numbers that `numpy.save` wrote. TableError for anything else."""
    if not data.startswith(_MAGIC):
        raise TableError(f"{source}: is no file of numpy.save; np.save writes one")
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # the header is parsed as Python, which can fail in any way that Python has
        raise TableError(f"{source}: is no matrix of numpy.save that can be read: {_reason(error)}") from None
    if values.ndim != 2:
        raise TableError(f"{source}: has {values.ndim} dimensions; a matrix has two, entries and reviewers")
    if values.dtype.kind not in "biuf":
        raise TableError(f"{source}: holds {values.dtype}, not numbers; save it as float64")
    return np.asarray(values)


def _text_matrix(data: bytes, source: str) -> Floats:
    """A text of numbers, "rows columns" in its first line."""
    try:
        lines = data.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(f"{source}: line {line} is not plain text; a matrix holds only numbers") from None
    filled = [(n, line.split()) for n, line in enumerate(lines, 1) if line.strip()]
    if not filled:
        raise TableError(f"{source}: the file is empty; the first line says how many rows and columns there are")
    size = filled[0][1]
    if len(size) != 2 or not all(part.isdigit() and len(part) < 10 for part in size):
        raise TableError(f"{source}: line {filled[0][0]} must say how many rows and columns there are, such as 54 31")
    height, width = int(size[0]), int(size[1])
    _check_size(height * width, source)
    errors = [error for n, cells in filled[1:] for error in _row_errors(source, n, cells, width)]
    if errors:
        raise RowsError(errors)
    if len(filled) - 1 != height:
        raise TableError(f"{source}: has {len(filled) - 1} rows, but its first line says {height}")
    return np.array([cells for _, cells in filled[1:]], dtype=np.float64).reshape(height, width)


def _row_errors(source: str, line: int, cells: list[str], width: int) -> list[RowError]:
    if len(cells) != width:
        what = f"has {len(cells)} numbers, but the first line says {width}"
        return [RowError(source, line, "", "", what, "one for each reviewer")]
    try:
        np.array(cells, dtype=np.float64)
    except ValueError:
        faulty = next((n for n, cell in enumerate(cells) if not _is_number(cell)), 0)
        return [
            RowError(source, line, f"number {faulty + 1}", cells[faulty], "is not a number", "such as 0.75, or nan")
        ]
    return []


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _stored(parts: Mapping[str, NDArray[Any]]) -> Triples:
    kind = parts["format"].item()
    kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    if kind not in _FORMATS:
        raise ValueError(f"its format is {kind}, known are {', '.join(_FORMATS)}; convert it with .tocsr()")
    height, width = (int(n) for n in parts["shape"])
    data = parts["data"]
    if data.dtype.kind not in "biuf" or data.ndim != 1:
        raise ValueError(f"it holds {data.dtype}, not numbers")
    if kind == "coo":
        rows, columns = parts["coords"] if "coords" in parts else (parts["row"], parts["col"])
    else:
        near, far = _unrolled(parts["indptr"], height if kind == "csr" else width, len(data)), parts["indices"]
        rows, columns = (near, far) if kind == "csr" else (far, near)
    rows, columns = np.asarray(rows).astype(np.int64), np.asarray(columns).astype(np.int64)
    if rows.shape != data.shape or columns.shape != data.shape:
        raise ValueError("its parts differ in length")
    if len(data) and not (rows.min() >= 0 and rows.max() < height and columns.min() >= 0 and columns.max() < width):
        raise ValueError("it stores a number outside of its size")
    return rows, columns, data.astype(np.float64), (height, width)


def _unrolled(starts: NDArray[Any], lines: int, count: int) -> Ints:
    """The line of each stored number, from where the lines start."""
    starts = np.asarray(starts).astype(np.int64)
    if starts.shape != (lines + 1,) or starts[0] != 0 or starts[-1] != count or (np.diff(starts) < 0).any():
        raise ValueError("its lines do not start where they should")
    return np.repeat(np.arange(lines), np.diff(starts))


def _check_size(pairs: int, source: str) -> None:
    if pairs > MOST_PAIRS:
        raise TableError(f"{source}: has {pairs:,} pairs, more than the {MOST_PAIRS:,} that are held at once; {_KEEP}")


def _finite(rows: Ints, columns: Ints, values: Floats, source: str) -> None:
    faulty = np.flatnonzero(~np.isfinite(values))
    if len(faulty):
        at = faulty[0]
        where = f"row {rows[at] + 1}, column {columns[at] + 1} is {values[at]}"
        more = f" and {len(faulty) - 1} more" if len(faulty) > 1 else ""
        raise TableError(f"{source}: {where}{more}; write NaN where there is no candidate")
