"""Products of sparse matrices that the mixed-model equations are made of."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotri
from scipy.sparse import csr_array

from simsa.engine import native

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Sparse: TypeAlias = "csr_array[Any, tuple[int, int]]"


def gram_of(rows: Sparse, weight: Floats | None = None) -> Floats:
    """rows' diag(weight) rows, dense; the cheaper of adding up pairs of values and dense products in blocks of rows."""
    length, width = rows.shape
    result = np.zeros((width, width))
    pairs = float(np.sum(np.diff(rows.indptr).astype(np.float64) ** 2))
    if pairs * _PAIR < length * width**2:
        weight = np.ones(length) if weight is None else np.ascontiguousarray(weight)
        native.call("simsa_gram", length, width, *_parts(rows), weight, result)
        return _whole(result)
    step = max(1, 2**21 // width)
    for start in range(0, length, step):
        block = rows[start : start + step].toarray()
        result += block.T @ (block if weight is None else block * weight[start : start + step, None])
    return result


def inverse_of(root: Floats) -> Floats:
    """(root root')⁻¹ of a lower triangular root."""
    return _whole(dpotri(root, lower=1)[0])


def _whole(lower: Floats) -> Floats:
    """The symmetric matrix whose lower triangle this is, with zeros above."""
    whole = lower + lower.T
    np.fill_diagonal(whole, np.diag(lower))
    return whole


_PAIR = 8  # how much longer a pair of values takes alone than in a dense product


def group_sums(members: Sparse, rows: Sparse, factor: Floats) -> Sparse:
    """members diag(factor) rows, for `members` (groups, length) of ones."""
    groups, width = len(members.indptr) - 1, rows.shape[1]
    room = min(rows.nnz, groups * width)
    start, column, total = np.zeros(groups + 1, np.int32), np.empty(room, np.int32), np.empty(room)
    first, member, _ = _parts(members)
    given = first, member, *_parts(rows), np.ascontiguousarray(factor)
    native.call("simsa_group_sums", groups, width, *given, start, column, total)
    result: Sparse = csr_array((total[: start[-1]], column[: start[-1]], start), shape=(groups, width))
    result.sort_indices()
    return result


def places_of(members: Sparse, rows: Sparse, sums: Sparse) -> NDArray[np.int32]:
    """Of every value of `rows`, the place among the values of `sums`, which are `group_sums` of all rows."""
    result = np.empty(rows.nnz, np.int32)
    first, member, _ = _parts(members)
    start, column, _ = _parts(rows)
    to_start, to_column, _ = _parts(sums)
    given = first, member, start, column, to_start, to_column
    native.call("simsa_places", *sums.shape, *given, result)
    return result


def scaled_rows(rows: Sparse, factor: Floats) -> Sparse:
    """diag(factor) rows."""
    return csr_array((rows.data * np.repeat(factor, np.diff(rows.indptr)), rows.indices, rows.indptr), shape=rows.shape)


def times(factor: Floats, values: Floats) -> Floats:
    """Rows of one or several vectors, each times its factor."""
    return np.asarray(factor * values if values.ndim == 1 else factor[:, None] * values)


def at_pairs(rows: Sparse, matrix: Floats) -> Floats:
    """rows matrix at the places of the rows' own values; columns in order, the matrix symmetric."""
    result = np.zeros(rows.nnz)
    native.call("simsa_at_pairs", *rows.shape, *_parts(rows), np.ascontiguousarray(matrix), result)
    return result


def quadratic_forms(rows: Sparse, matrix: Floats) -> Floats:
    """r matrix r' for every row r; as `at_pairs`."""
    result = np.empty(rows.shape[0])
    native.call("simsa_forms", *rows.shape, *_parts(rows), np.ascontiguousarray(matrix), result)
    return result


def row_products(rows: Sparse, line: Integers, matrix: Floats, result: Floats) -> None:
    """Put every row times the line of `matrix` that `line` names into `result`, where there is such a line."""
    native.call("simsa_row_products", *rows.shape, *_parts(rows), line, len(matrix), matrix, result)


def row_sums(rows: Sparse, values: Floats | None = None) -> Floats:
    """Sums over each row, of `values`, one per value of `rows`, if given."""
    return np.asarray(_with(rows, values) @ np.ones(rows.shape[1]))


def column_sums(rows: Sparse, values: Floats | None = None) -> Floats:
    """The same over each column."""
    return np.asarray(_with(rows, values).T @ np.ones(rows.shape[0]))


def _with(rows: Sparse, values: Floats | None) -> Sparse:
    return rows if values is None else csr_array((values, rows.indices, rows.indptr), shape=rows.shape)


def rows_of(rows: Sparse) -> Integers:
    """The row of each value."""
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))


def squares_of(pairs: Sparse, mean: Floats, level: Floats, effect: Floats) -> float:
    """Sum over pairs, whose values are counts, of count x (mean - level of the row - effect of the column)**2."""
    result, rows = np.zeros(1), pairs.shape[0]
    start, column, count = _parts(pairs)
    native.call("simsa_squares", rows, start, column, count, mean, level, effect, result)
    return float(result[0])


def _parts(rows: Sparse) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    return (
        np.ascontiguousarray(rows.indptr, np.int32),
        np.ascontiguousarray(rows.indices, np.int32),
        np.ascontiguousarray(rows.data, np.float64),
    )


def root_of(along: float, across: float, axis: Floats) -> Floats:
    """Symmetric root of the matrix with one eigenvalue along an axis of length one and another across it."""
    rest = math.sqrt(across)
    return np.asarray(rest * np.eye(len(axis)) + (math.sqrt(along) - rest) * np.outer(axis, axis))
