"""Proposals of the next reviews: no limit is passed, each reason to stop, and a round played to its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simsa.engine.adaptive import NextReviews, Stop
from simsa.engine.inputs import InputError, Sheets, Status
from simsa.engine.simulation import Settings
from simsa.rules import Rules
from tests.draws import draws
from tests.engine.adaptive_rounds import (
    KIND,
    adaptive_rules,
    drawn,
    first_round,
    found,
    joined,
    panel,
    recused,
)

LOUD = Settings(erratic_share=0.2, erratic_factor=6.0, scale_sd=0.0)


def keeps_to_the_rules(
    rules: Rules, sheets: Sheets, next_one: NextReviews, m: int, forbidden: list[tuple[int, int]]
) -> None:
    """Every limit, counted anew from the pairs."""
    new = list(zip(next_one.entry.tolist(), next_one.reviewer.tolist(), strict=True))
    had = list(zip(sheets.entry.tolist(), sheets.reviewer.tolist(), strict=True))
    gone = (sheets.status == Status.RECUSED).all(axis=1).tolist()
    standing = [pair for pair, lost in zip(had, gone, strict=True) if not lost]
    plan = next_one.budget
    assert plan.given == len(standing)
    assert len(new) <= plan.left
    assert len(set(new)) == len(new)
    assert new == sorted(new)
    assert not set(new) & set(had), "nobody meets an entry twice, and not again after withdrawing"
    assert not set(new) & set(forbidden)
    assert not {reviewer for _, reviewer in new} & set(next_one.skipped.tolist())
    load = Counter(reviewer for _, reviewer in standing + new)
    assert all(load[reviewer] <= (rules.panel.load.max or 0) for _, reviewer in new)
    of_entry = Counter(entry for entry, _ in standing + new)
    assert rules.adaptive is not None
    most = rules.adaptive.most_per_entry
    assert all(of_entry[entry] <= (most or m) for entry, _ in new)
    assert Counter(entry for entry, _ in new) == Counter(dict(enumerate(next_one.wanted.tolist())))
    assert (next_one.owed <= next_one.wanted).all()
    if rules.panel.kinds:
        house = panel(m).fields["house"]
        of_house = Counter((entry, house[reviewer]) for entry, reviewer in standing + new)
        assert all(of_house[entry, house[reviewer]] <= 2 for entry, reviewer in new)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Rules, Sheets, int, int, list[tuple[int, int]], int]:
    n, m = draw(st.integers(3, 14)), draw(st.integers(2, 9))
    rules = adaptive_rules(
        draw(st.sampled_from(['"0.3"', '"0.6"', '"0.8"'])),
        draw(st.integers(1, 4)),
        draw(st.sampled_from([None, 3, 5])),
        load=draw(st.integers(4, 40)),
        kinds=draw(st.sampled_from(["", KIND])),
    )
    sheets = drawn(rules, n, m, first_round(n, m), draw(st.sampled_from("abcdef")), LOUD)
    status = sheets.status.copy()
    for row in draw(st.sets(st.integers(0, len(sheets) - 1), max_size=4)):
        status[row] = draw(st.sampled_from([Status.RECUSED, Status.NOT_SUBMITTED]))
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
    return (
        rules,
        replace(sheets, status=status),
        n,
        m,
        draw(st.lists(pair, max_size=12)),
        draw(st.integers(0, 2**96 - 1)),
    )


@given(rounds())
@settings(max_examples=draws(70), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_limit_is_passed_whatever_has_happened(
    case: tuple[Rules, Sheets, int, int, list[tuple[int, int]], int],
) -> None:
    rules, sheets, n, m, forbidden, seed = case
    if not (sheets.status == Status.MARK).any():
        return
    next_one = found(rules, sheets, n, m, forbidden, noise=(3, 1, 1, 0.2), seed=seed, draws=200)
    keeps_to_the_rules(rules, sheets, next_one, m, forbidden)
    again = found(rules, sheets, n, m, forbidden, noise=(3, 1, 1, 0.2), seed=seed, draws=200)
    assert (again.entry.tolist(), again.reviewer.tolist()) == (next_one.entry.tolist(), next_one.reviewer.tolist())


def test_reviews_go_where_places_are_open_and_as_many_as_the_batch_has() -> None:
    rules = adaptive_rules(load=12)
    next_one = found(rules, drawn(rules, 30, 10, first_round(30, 10)), 30, 10)
    assert next_one.stop is None
    assert len(next_one.entry) == next_one.budget.size == 20
    assert (next_one.doubt[next_one.wanted > 0] > 0).all()
    assert next_one.doubt[next_one.wanted > 0].mean() > 2 * next_one.doubt[next_one.wanted == 0].mean()
    np.testing.assert_allclose(next_one.doubt, 2 * next_one.chance * (1 - next_one.chance))
    assert next_one.gain > 4 * next_one.gain_error > 0


def test_noisy_reviewers_are_skipped_and_one_without_sheets_is_not() -> None:
    rules = adaptive_rules()
    entry, reviewer = first_round(80, 10)
    sheets = drawn(rules, 80, 11, (entry, reviewer), "c", LOUD)
    next_one = found(rules, sheets, 80, 11, own=True)
    assert next_one.skipped.tolist()
    assert set(next_one.skipped.tolist()) < set(range(10))
    assert not set(next_one.reviewer.tolist()) & set(next_one.skipped.tolist())


def test_with_affinities_only_candidates_meet_and_the_best_fitting_first() -> None:
    rules = adaptive_rules()
    sheets = drawn(rules, 12, 8, first_round(12, 8))
    had = set(zip(sheets.entry.tolist(), sheets.reviewer.tolist(), strict=True))
    free = [(e, r) for e in range(12) for r in range(8) if (e, r) not in had]
    worth = np.array([1.0 if r == 6 else 0.5 for _, r in free])
    few = np.array([n for n, (e, r) in enumerate(free) if (e + r) % 2])
    entry, reviewer = np.array(free).T
    some = found(rules, sheets, 12, 8, affinity=(entry[few], reviewer[few], worth[few]))
    assert len(some.entry)
    assert ((some.entry + some.reviewer) % 2 == 1).all()
    every = found(rules, sheets, 12, 8, affinity=(entry, reviewer, worth))
    assert 6 in every.reviewer


def test_a_lost_review_is_made_up_for_first_and_by_the_kind_that_is_missing() -> None:
    rules = adaptive_rules(kinds=KIND)
    sheets = recused(drawn(rules, 20, 12, first_round(20, 12)), [0, 6])
    next_one = found(rules, sheets, 20, 12)
    assert next_one.owed[[0, 3]].tolist() == [1, 1]
    assert next_one.owed.sum() == 2
    rank = panel(12).fields["rank"]
    for entry in (0, 3):
        assert "senior" in {rank[r] for e, r in zip(next_one.entry, next_one.reviewer, strict=True) if e == entry}


def test_an_entry_that_lost_all_its_reviews_gets_them_back() -> None:
    rules = adaptive_rules()
    sheets = recused(drawn(rules, 20, 10, first_round(20, 10)), [8, 9])
    next_one = found(rules, sheets, 20, 10)
    assert np.isnan(next_one.chance[4])
    assert (next_one.owed[4], next_one.wanted[4]) == (2, 2)


def test_what_is_lost_comes_back_even_when_the_rest_is_not_worth_while() -> None:
    rules = adaptive_rules(least="50")
    next_one = found(rules, recused(drawn(rules, 20, 10, first_round(20, 10)), [8]), 20, 10)
    assert next_one.stop is Stop.GAIN
    assert next_one.entry.tolist() == [4]
    assert next_one.owed.sum() == next_one.wanted.sum() == 1


def spent() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules('"0.01"')
    return rules, drawn(rules, 12, 8, first_round(12, 8)), 12, 8, []


def alike() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules()
    sheets = drawn(rules, 12, 8, first_round(12, 8))
    return rules, replace(sheets, mark=np.full_like(sheets.mark, 70)), 12, 8, []


def nothing_open() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules()
    sheets = drawn(rules, 12, 8, first_round(12, 8), settings=Settings(residual_sd=0.5, pair_correlation=0.5))
    marks = np.array([[10 + 7 * e] for e in sheets.entry]) + sheets.mark % 2
    return rules, replace(sheets, mark=marks), 12, 8, []


def nobody() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules(load=3)
    return rules, drawn(rules, 12, 8, first_round(12, 8)), 12, 8, []


def all_in_conflict() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules()
    return rules, drawn(rules, 12, 8, first_round(12, 8)), 12, 8, [(e, r) for e in range(12) for r in range(8)]


def too_little() -> tuple[Rules, Sheets, int, int, list[tuple[int, int]]]:
    rules = adaptive_rules(least="30")
    return rules, drawn(rules, 12, 8, first_round(12, 8)), 12, 8, []


@pytest.mark.parametrize(
    ("case", "stop"),
    [
        (spent, Stop.SPENT),
        (alike, Stop.ALIKE),
        (nothing_open, Stop.NOTHING_OPEN),
        (nobody, Stop.NOBODY),
        (all_in_conflict, Stop.NOBODY),
        (too_little, Stop.GAIN),
    ],
)
def test_each_reason_to_stop(case, stop: Stop) -> None:  # type: ignore[no-untyped-def]
    next_one = found(*case())
    assert next_one.stop is stop
    assert len(next_one.entry) == 0
    assert not next_one.wanted.any()
    assert np.isnan(next_one.gain) == (stop is not Stop.GAIN)


def test_one_reviewer_for_all_does_not_crash() -> None:
    rules = adaptive_rules()
    entry = np.arange(8)
    next_one = found(rules, drawn(rules, 8, 3, (entry, np.zeros(8, np.int64))), 8, 3)
    assert (next_one.owed == 1).sum() == 8
    assert set(next_one.reviewer.tolist()) <= {1, 2}


def test_a_reviewer_who_is_not_on_the_panel_is_named() -> None:
    rules = adaptive_rules()
    with pytest.raises(InputError, match="reviewer 'r07' has sheets and is not on the panel"):
        found(rules, drawn(rules, 12, 8, first_round(12, 8)), 12, 7)


class Round(RuleBasedStateMachine):
    """First round, batches, withdrawals and late conflicts in between, until there is no more."""

    N, M = 12, 9

    @initialize(
        seed=st.sampled_from("abcd"),
        load=st.integers(5, 14),
        kinds=st.sampled_from(["", KIND]),
        batches=st.integers(1, 3),
    )
    def first(self, seed: str, load: int, kinds: str, batches: int) -> None:
        self.rules = adaptive_rules('"0.5"', batches, 6, load=load, kinds=kinds)
        self.seed, self.part = seed, 0
        self.sheets = drawn(self.rules, self.N, self.M, first_round(self.N, self.M), seed, LOUD)
        self.forbidden: list[tuple[int, int]] = []
        self.stop: Stop | None = None

    @precondition(lambda self: self.stop is None)
    @rule()
    def batch(self) -> None:
        next_one = found(self.rules, self.sheets, self.N, self.M, self.forbidden, noise=(3,), draws=100)
        keeps_to_the_rules(self.rules, self.sheets, next_one, self.M, self.forbidden)
        self.stop, self.part = next_one.stop, self.part + 1
        new = drawn(self.rules, self.N, self.M, (next_one.entry, next_one.reviewer), f"{self.seed}{self.part}", LOUD)
        self.sheets = joined(self.sheets, new)
        assert self.stop is not None or len(next_one.entry), "a batch without a reason to stop has reviews"

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        standing = np.flatnonzero((self.sheets.status != Status.RECUSED).all(axis=1)).tolist()
        if len(standing) > self.N:
            row = data.draw(st.sampled_from(standing))
            self.sheets, self.stop = recused(self.sheets, [row]), None
            self.forbidden.append((int(self.sheets.entry[row]), int(self.sheets.reviewer[row])))

    @rule(entry=st.integers(0, 11), reviewer=st.integers(0, 8))
    def conflict(self, entry: int, reviewer: int) -> None:
        self.forbidden.append((entry, reviewer))

    @invariant()
    def within_the_budget(self) -> None:
        if hasattr(self, "sheets"):
            standing = (self.sheets.status != Status.RECUSED).all(axis=1)
            assert standing.sum() <= 4 * self.N
            pairs = list(zip(self.sheets.entry[standing], self.sheets.reviewer[standing], strict=True))
            assert len(set(pairs)) == len(pairs)

    def teardown(self) -> None:
        """It comes to an end: every batch has a review, and there are only so many."""
        for _ in range(4 * self.N):
            if not hasattr(self, "sheets") or self.stop is not None:
                return
            self.batch()
        raise AssertionError("batches without end")


Round.TestCase.settings = settings(max_examples=draws(30), stateful_step_count=8, deadline=None)
TestRound = Round.TestCase


def test_nobody_gets_more_than_they_take_of_their_own_accord() -> None:
    rules, n, m = adaptive_rules(), 12, 6
    sheets = drawn(rules, n, m, first_round(n, m))
    usual = found(rules, sheets, n, m)
    busy = int(np.bincount(usual.reviewer, minlength=m).argmax())
    most = np.full(m, n)
    most[busy] = int((sheets.reviewer == busy).sum()) + 1
    fewer = found(rules, sheets, n, m, most=most)
    assert int((usual.reviewer == busy).sum()) > 1
    assert int((fewer.reviewer == busy).sum()) <= 1
    assert len(fewer.entry) == len(usual.entry)
