"""Dense assignment: the same optimum as when every pair is held, and certified over all of them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simsa.engine.assignment import AssignmentError, Embeddings, Matrix, Problem, assign, assign_dense, verify
from simsa.engine.assignment import dense as module


@st.composite
def matrices(draw):
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    levels = draw(st.sampled_from([2, 5, 1000]))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    values = (rng.integers(-levels, levels + 1, (n, m)) / levels).astype(np.float32)
    values[rng.random((n, m)) < draw(st.sampled_from([0, 0.2, 0.9]))] = np.nan
    forbidden = np.argwhere(rng.random((n, m)) < 0.1)
    most = rng.integers(0, 6, m)
    return {
        "values": values,
        "coverage": rng.integers(0, 5, n),
        "most": most,
        "least": np.minimum(rng.integers(0, 3, m), most),
        "forbidden": forbidden,
    }


PULLED_APART = {  # the pair that meets a least load is not kept at first, and worth less than all that are
    "values": np.array([[-0.054, 0.024]], dtype=np.float32),
    "coverage": [1],
    "most": [5, 2],
    "least": [2, 0],
    "forbidden": np.zeros((0, 2), dtype=np.int64),
}


@given(matrices(), st.integers(1, 4))
@example(PULLED_APART, 1)
def test_the_optimum_is_that_of_the_whole_matrix(posed, kept):
    values, limits = posed["values"], {key: posed[key] for key in ("most", "least", "forbidden")}
    found = assign_dense(Matrix(values), posed["coverage"], kept=kept, **limits)
    whole = Problem.dense(values.astype(np.float64), posed["coverage"], **limits)
    best = assign(whole, scale=10**6)
    short, under = (int(part[:, 1].sum()) for part in (found.assignment.short, found.assignment.under))
    assert (short, under) == (int(best.short[:, 1].sum()), int(best.under[:, 1].sum()))
    assert found.assignment.total_units == best.total_units
    assert found.priced == values.size
    verify(found.problem, found.assignment)
    # The prices hold for every pair, kept or not.
    proof = found.assignment.certificate
    units = np.rint(values.astype(np.float64) * 10**6)
    gain = units - proof.entry_price[:, None] - proof.reviewer_price
    gain[tuple(posed["forbidden"].T)] = np.nan
    taken = np.zeros(values.shape, dtype=bool)
    taken[found.assignment.entry, found.assignment.reviewer] = True
    assert not (gain[~taken] > 0).any()


def test_pairs_are_added_until_none_is_worth_more():
    """Everyone's best reviewer is the same one: the candidates kept first cannot do."""
    values = np.tile(np.linspace(1, 0.5, 40, dtype=np.float32), (40, 1))
    told = []
    found = assign_dense(Matrix(values), 1, most=1, kept=1, progress=lambda step, share: told.append((step, share)))
    assert found.assignment.complete
    assert found.rounds > 0
    assert found.assignment.total_units == np.rint(values[0].astype(np.float64) * 10**6).sum()
    assert {step for step, _ in told} == {"best candidates", "assigning", "pricing", "pricing all pairs"}
    assert all(0 <= share <= 1 for _, share in told)


def test_embeddings_are_products_and_are_read_in_blocks(monkeypatch):
    rng = np.random.default_rng(3)
    entries, reviewers = (rng.normal(size=(size, 8)).astype(np.float32) for size in (50, 40))
    whole = assign_dense(Embeddings(entries, reviewers), 2, most=3)
    monkeypatch.setattr(module, "BLOCK", 100)
    blocks = assign_dense(Embeddings(entries, reviewers), 2, most=3, kept=3)
    assert blocks.sweeps > whole.sweeps
    assert np.array_equal(blocks.assignment.entry, whole.assignment.entry)
    assert np.array_equal(blocks.assignment.reviewer, whole.assignment.reviewer)


class Restless:
    """A matrix whose rows read a little differently when they are not read with all others."""

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def rows(self, which):
        read = self.values[which]
        return read if which.size == self.shape[0] else read + np.float32(0.01)


def test_what_counts_is_the_reading_of_the_whole():
    rng = np.random.default_rng(5)
    values = rng.random((30, 30)).astype(np.float32)
    found = assign_dense(Restless(values), 2, most=2, kept=2)
    assert found.assignment.total_units == assign(Problem.dense(values.astype(float), 2, most=2)).total_units


def test_what_does_not_fit_is_refused_by_name():
    with pytest.raises(AssignmentError, match="as many columns"):
        Embeddings(np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32))
    with pytest.raises(AssignmentError, match="reviewers must be finite"):
        Embeddings(np.zeros((2, 3), np.float32), np.full((2, 3), np.nan, np.float32))
    with pytest.raises(AssignmentError, match="affinity must be finite"):
        assign_dense(Matrix(np.full((2, 2), np.inf, np.float32)), 1, most=1)
    with pytest.raises(AssignmentError, match="least above most"):
        assign_dense(Matrix(np.zeros((2, 2), np.float32)), 1, most=1, least=2)


def test_empty_sides_have_empty_answers():
    for shape in ((0, 3), (3, 0), (0, 0)):
        found = assign_dense(Matrix(np.zeros(shape, np.float32)), 1, most=1)
        assert found.assignment.entry.size == 0
        assert found.priced == 0


def test_an_empty_slot_costs_more_than_pairs_that_are_not_kept():
    """With one candidate kept, nothing of it says that another is far worse, and still better than nobody."""
    values = np.array([[0.5, -1.0, -9.0, np.nan]], dtype=np.float32)
    limits = {"most": [1, 1, 1, 1], "forbidden": [(0, 2)]}
    found = assign_dense(Matrix(values), 2, kept=1, **limits)
    assert found.assignment.reviewer.tolist() == [0, 1]
    assert found.assignment.complete
