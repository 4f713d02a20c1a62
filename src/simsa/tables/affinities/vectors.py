"""Affinities of every pair without a table of them: two files of vectors, or a matrix too large to be held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Embeddings, Matrix
from simsa.tables.affinities.matrices import MOST_PAIRS, npy_matrix
from simsa.tables.frames import read_bytes, source_name
from simsa.tables.table import TableError

_BLOCK = 2**22  # numbers that are looked at together


def read_vectors(
    entries_path: str | Path, reviewers_path: str | Path, entries: Sequence[str] | None, reviewers: Sequence[str] | None
) -> Embeddings:
    """The vectors of entries and reviewers, one row each; the affinity of a pair is their product.

    `entries`, `reviewers`: the ids, in the order of the rows, if they are known. TableError for what is no matrix of
    `numpy.save`, has numbers that are not finite, or another number of rows or columns than it should have.
    """
    first, second = _vectors(entries_path, entries, "entries"), _vectors(reviewers_path, reviewers, "reviewers")
    if first.shape[1] != second.shape[1]:
        raise TableError(
            f"{source_name(reviewers_path)}: its vectors have {second.shape[1]} numbers and those of "
            f"{source_name(entries_path)} {first.shape[1]}; both must come from one model"
        )
    return Embeddings(first, second)


def large_matrix(path: str | Path) -> Matrix | None:
    """The matrix of a .npy file with more pairs than are held at once, left where it is; None of any other file.

    It is read as 32-bit numbers. TableError where a number does not fit them.
    """
    if Path(path).suffix.lower() != ".npy":
        return None
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception:  # whatever is wrong with it, who reads it as a smaller one says so
        return None
    if values.ndim != 2 or values.dtype.kind != "f" or values.size <= MOST_PAIRS:
        return None
    step = max(1, _BLOCK // max(values.shape[1], 1))
    for start in range(0, values.shape[0], step):
        with np.errstate(over="ignore"):  # what is too large for 32 bits becomes infinite, and is refused
            faulty = np.argwhere(np.isinf(values[start : start + step].astype(np.float32)))
        if len(faulty):
            row, column = faulty[0].tolist()
            raise TableError(
                f"{source_name(path)}: row {start + row + 1}, column {column + 1} is infinite or too large; "
                "write NaN where there is no candidate"
            )
    return Matrix(values)


def _vectors(path: str | Path, ids: Sequence[str] | None, what: str) -> NDArray[np.float32]:
    source = source_name(path)
    values = npy_matrix(read_bytes(path), source)
    if not values.size:
        raise TableError(f"{source}: holds no vectors; a matrix of numbers, with a row for each of the {what}")
    if ids is not None and len(ids) != len(values):
        raise TableError(f"{source}: has {len(values)} rows, but --{what} lists {len(ids)}; one for each, in order")
    with np.errstate(over="ignore"):  # what is too large for 32 bits becomes infinite, and is refused
        numbers = values.astype(np.float32)
    faulty = np.argwhere(~np.isfinite(numbers))
    if len(faulty):
        row, column = faulty[0].tolist()
        raise TableError(f"{source}: row {row + 1}, number {column + 1} is {values[row, column]}; vectors are finite")
    return numbers
