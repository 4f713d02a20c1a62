"""Products of sparse matrices that the mixed-model equations are made of."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Sparse: TypeAlias = "csr_array[Any, tuple[int, int]]"


def gram_of(rows: Sparse, weight: Floats | None = None) -> Floats:
    """rows' diag(weight) rows, dense; the cheaper of a sparse product and dense ones in blocks of rows."""
    length, width = rows.shape
    pairs = float(np.sum(np.diff(rows.indptr).astype(np.float64) ** 2))
    if pairs * 64 < length * width**2:
        weighted = rows if weight is None else scaled_rows(rows, weight)
        return np.asarray((rows.T.tocsr() @ weighted).toarray())
    result = np.zeros((width, width))
    step = max(1, 2**21 // width)
    for start in range(0, length, step):
        block = rows[start : start + step].toarray()
        result += block.T @ (block if weight is None else block * weight[start : start + step, None])
    return result


def scaled_rows(rows: Sparse, factor: Floats) -> Sparse:
    """diag(factor) rows."""
    return csr_array((rows.data * np.repeat(factor, np.diff(rows.indptr)), rows.indices, rows.indptr), shape=rows.shape)


def quadratic_forms(rows: Sparse, matrix: Floats) -> Floats:
    """r matrix r' for every row r, in blocks of rows."""
    result = np.empty(rows.shape[0])
    step = max(1, 2**22 // max(1, rows.shape[1]))
    for start in range(0, rows.shape[0], step):
        block = rows[start : start + step]
        result[start : start + step] = np.asarray(block.multiply(block @ matrix).sum(axis=1), np.float64).ravel()
    return result


def root_of(along: float, across: float, axis: Floats) -> Floats:
    """Symmetric root of the matrix with one eigenvalue along an axis of length one and another across it."""
    rest = math.sqrt(across)
    return np.asarray(rest * np.eye(len(axis)) + (math.sqrt(along) - rest) * np.outer(axis, axis))
