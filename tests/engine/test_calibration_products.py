"""The compiled sums over sheets and pairs, against loops and dense matrices."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from simsa.engine.calibration import arrays, calibrate
from simsa.engine.calibration.statistics import collect
from tests.draws import draws

sheets = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 6), st.integers(-9, 9)), min_size=1, max_size=40)
groups = st.lists(st.integers(0, 3), min_size=8, max_size=8)


@given(sheets, groups)
@settings(max_examples=draws(100), deadline=None)
def test_sheets_are_gathered_by_pair(rows, group):
    pairs = defaultdict(list)
    for i, j, y in rows:
        pairs[i, j].append(float(y))
    i, j, y = (np.array(part) for part in zip(*rows, strict=True))
    data = collect(y.astype(np.float64), i, j, np.array(group), 8, 7)
    entrants, reviewers = data.entrants[data.row], data.reviewers[data.count.indices]
    assert sorted(pairs) == list(zip(entrants.tolist(), reviewers.tolist(), strict=True))
    assert_array_equal(data.count.data, [len(pairs[pair]) for pair in sorted(pairs)])
    in_group = [[y for (i, _), all_of in pairs.items() for y in all_of if group[i] == g] for g in data.groups]
    assert_allclose(data.centre, [np.mean(scores) for scores in in_group], atol=1e-12)
    centre = dict(zip(data.groups.tolist(), data.centre, strict=True))
    if data.total:
        means = [np.mean(pairs[pair]) - centre[group[pair[0]]] for pair in sorted(pairs)]
        assert_allclose(data.unit * data.mean, means, atol=1e-12)
        assert_allclose(data.unit**2 * data.within, sum(len(p) * np.var(p) for p in pairs.values()), atol=1e-9)
        assert_allclose(data.unit**2 * data.total, sum(len(p) * np.var(p) for p in in_group), atol=1e-9)
    z = data.mean * data.count.data
    assert_allclose(data.sums, np.bincount(data.row, z), atol=1e-12)
    assert_allclose(data.sums_by, np.bincount(data.count.indices, z), atol=1e-12)


@given(sheets)
@settings(max_examples=draws(40), deadline=None)
def test_blocks_are_the_connected_components(rows):
    i, j, y = (np.array(part) for part in zip(*rows, strict=True))
    blocks = calibrate(y, i, j, n_entrants=8, n_reviewers=7).blocks
    graph = csr_array((np.ones(len(i)), (i, j + 8)), shape=(15, 15))
    _, label = connected_components(graph, directed=False)
    labels = [*blocks.entrant, *blocks.reviewer]
    seen = np.isin(np.arange(15), [*i, *(j + 8)])
    assert all((own >= 0) == there for own, there in zip(labels, seen, strict=True))
    for one in np.flatnonzero(seen):
        for other in np.flatnonzero(seen):
            assert (labels[one] == labels[other]) == (label[one] == label[other])
    first = [blocks.entrant[entrant] for entrant in dict.fromkeys(sorted(i))]
    assert list(dict.fromkeys(first)) == list(range(blocks.count))


@given(st.integers(0, 2**32), st.sampled_from([0.05, 0.3, 1.0]))
@settings(max_examples=draws(60), deadline=None)
def test_products_are_those_of_dense_matrices(seed, density):
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(30, 9)) * (rng.random((30, 9)) < density)
    rows, weight = csr_array(dense), rng.normal(size=30)
    assert_allclose(arrays.gram_of(rows, weight), dense.T @ np.diag(weight) @ dense, atol=1e-10)
    assert_allclose(arrays.gram_of(rows), dense.T @ dense, atol=1e-10)
    matrix = rng.normal(size=(9, 9))
    matrix += matrix.T
    assert_allclose(arrays.at_pairs(rows, matrix), (dense @ matrix)[arrays.rows_of(rows), rows.indices], atol=1e-10)
    assert_allclose(arrays.quadratic_forms(rows, matrix), np.einsum("ra,ab,rb->r", dense, matrix, dense), atol=1e-10)
    assert_allclose(arrays.row_sums(rows), dense.sum(axis=1), atol=1e-12)
    assert_allclose(arrays.column_sums(rows, rows.data**2), (dense**2).sum(axis=0), atol=1e-12)
    group = np.concatenate([np.arange(4), rng.integers(0, 4, 26)])
    members = csr_array((np.ones(30), (group, np.arange(30))), shape=(4, 30))
    sums = arrays.group_sums(members, rows, weight)
    assert_allclose(sums.toarray(), members.toarray() @ np.diag(weight) @ dense, atol=1e-10)
    place = arrays.places_of(members, rows, sums)
    assert_array_equal(arrays.rows_of(sums)[place], group[arrays.rows_of(rows)])
    assert_array_equal(sums.indices[place], rows.indices)
    lines, result = rng.normal(size=(2, 9)), np.full(30, 7.0)
    arrays.row_products(rows, group - 1, lines, result)
    wanted = np.where(np.isin(group, [1, 2]), np.einsum("rc,rc->r", dense, lines[np.clip(group - 1, 0, 1)]), 7.0)
    assert_allclose(result, wanted, atol=1e-10)
