"""Chances, expected ranks and tie zones against draws that are counted one by one."""

from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, InputError
from simsa.engine.selection import Zone, draw_seed, uncertainty
from simsa.engine.selection.contest import Contest
from simsa.rules import parse
from tests.engine.panels import scored
from tests.rules.small import SMALL, changed

ENTRIES = Entries(("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"), ("a",) * 4 + ("b",) * 4)
NAN = float("nan")


def drawn(random: np.random.Generator, size: int, draws: int, spread: float) -> np.ndarray:
    return random.normal(size=size) * spread + random.normal(size=(draws, size)) * random.uniform(0.3, 2, size)


def contest(sample: np.ndarray, places: int, margin: float = 0.0, block: int = 37) -> Contest:
    found = Contest(np.arange(sample.shape[1]), places, margin)
    for start in range(0, len(sample), block):
        found.add(sample[start : start + block])
    return found


def held(won: np.ndarray, certain: set[int], tied: set[int]) -> int:
    """In how many draws all the certain ones win and nobody else but some of the tied."""
    return sum(certain <= set(np.flatnonzero(row).tolist()) <= certain | tied for row in won)


samples = st.tuples(
    st.integers(0, 10**6),
    st.integers(1, 7),
    st.integers(0, 8),
    st.sampled_from([60, 101]),
    st.sampled_from([0, 0.5, 3]),
)
confidences = st.sampled_from([Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(99, 100)])


@settings(max_examples=80, deadline=None)
@given(samples, confidences)
def test_a_zone_holds_jointly_and_none_of_its_family_is_smaller(drawn_as: tuple, confidence: Fraction) -> None:
    seed, size, places, draws, spread = drawn_as
    sample = drawn(np.random.default_rng(seed), size, draws, spread)
    found = contest(sample, places)
    zone = found.zone(confidence)
    won = np.argsort(np.argsort(-sample, axis=1, kind="stable"), axis=1, kind="stable") < places
    assert (found.wins == won.sum(axis=0)).all()
    doubt = np.minimum(found.wins, draws - found.wins)
    need = ceil(confidence * draws)

    def with_limit(limit: int) -> tuple[set[int], set[int]]:
        certain = {n for n in range(size) if doubt[n] <= limit and 2 * found.wins[n] > draws}
        return certain, {n for n in range(size) if doubt[n] > limit}

    sizes = {}
    for limit in [-1, *doubt.tolist()]:
        certain, tied = with_limit(limit)
        if held(won, certain, tied) >= need:
            sizes[limit] = len(tied)
    assert zone.certified
    assert zone.tied.sum() == min(sizes.values())
    certain = set(np.flatnonzero(~zone.tied & found.side()).tolist())
    assert held(won, certain, set(np.flatnonzero(zone.tied).tolist())) == zone.held >= need
    assert len(certain) <= min(places, size)
    assert len(certain) + zone.tied.sum() >= min(places, size)


@pytest.mark.long
def test_the_family_is_hardly_ever_larger_than_the_smallest_of_all_zones() -> None:
    """Of all pairs of certain ones and tied, counted on small groups: what the order of doubt costs."""
    more = []
    for seed in range(16):
        sample = drawn(np.random.default_rng(seed), 6, 200, 1.0)
        zone = contest(sample, 2).zone(Fraction(9, 10))
        won = np.argsort(np.argsort(-sample, axis=1), axis=1) < 2
        smallest = min(
            len(tied)
            for count in range(3)
            for certain in combinations(range(6), count)
            for tied_count in range(7 - count)
            for tied in combinations(sorted(set(range(6)) - set(certain)), tied_count)
            if held(won, set(certain), set(tied)) >= 180
        )
        assert zone.tied.sum() >= smallest
        more.append(int(zone.tied.sum()) - smallest)
    assert np.mean(more) < 0.2
    assert max(more) <= 1


@settings(max_examples=40, deadline=None)
@given(samples)
def test_zones_grow_with_confidence(drawn_as: tuple) -> None:
    seed, size, places, draws, spread = drawn_as
    found = contest(drawn(np.random.default_rng(seed), size, draws, spread), places)
    zones = [found.zone(Fraction(n, 100)).tied for n in (50, 70, 90, 97)]
    for smaller, larger in pairwise(zones):
        assert not (smaller & ~larger).any()


@settings(max_examples=40, deadline=None)
@given(samples, confidences, st.randoms())
def test_the_order_of_the_entrants_does_not_matter(drawn_as: tuple, confidence: Fraction, random: object) -> None:
    seed, size, places, draws, spread = drawn_as
    sample = drawn(np.random.default_rng(seed), size, draws, spread)
    order = list(range(size))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = contest(sample, places), contest(sample[:, order], places)
    assert (one.zone(confidence).tied[order] == other.zone(confidence).tied).all()
    for mine, theirs in zip(one.ranks(Fraction(9, 10)), other.ranks(Fraction(9, 10)), strict=True):
        assert (mine[order] == theirs).all()


@settings(max_examples=40, deadline=None)
@given(samples)
def test_ranks_are_those_of_the_draws(drawn_as: tuple) -> None:
    seed, size, places, draws, spread = drawn_as
    sample = drawn(np.random.default_rng(seed), size, draws, spread)
    rank = 1 + (sample[:, None, :] > sample[:, :, None]).sum(axis=2)
    mean, low, high = contest(sample, places).ranks(Fraction(9, 10))
    assert mean == pytest.approx(rank.mean(axis=0))
    for n in range(size):
        assert (rank[:, n] < low[n]).sum() * 20 <= draws < (rank[:, n] <= low[n]).sum() * 20
        assert (rank[:, n] > high[n]).sum() * 20 <= draws < (rank[:, n] >= high[n]).sum() * 20


def test_ranks_of_many_come_in_classes_that_hold_them() -> None:
    sample = np.random.default_rng(3).normal(size=(50, 3500))
    found = contest(sample, 10)
    assert found.class_size == 2
    rank = 1 + np.argsort(np.argsort(-sample, axis=1), axis=1)
    _, low, high = found.ranks(Fraction(9, 10))
    exact_low, exact_high = np.sort(rank, axis=0)[2], np.sort(rank, axis=0)[47]
    assert ((exact_low - low >= 0) & (exact_low - low < 2)).all()
    assert ((high - exact_high >= 0) & (high - exact_high < 2)).all()


@settings(max_examples=120, deadline=None)
@given(samples, confidences, st.integers(0, 10**6))
def test_a_certified_zone_is_that_of_every_computation_within_the_margin(
    drawn_as: tuple, confidence: Fraction, shake: int
) -> None:
    seed, size, places, draws, spread = drawn_as
    sample = drawn(np.random.default_rng(seed), size, draws, spread)
    margin = 0.02
    zone = contest(sample, places, margin).zone(confidence)
    random = np.random.default_rng(shake)
    shaken = sample + random.choice([-1, 1], sample.shape) * random.uniform(0.3, 0.499) * margin
    again = contest(shaken, places).zone(confidence)
    if zone.certified:
        assert (zone.tied == again.tied).all()


def test_most_zones_are_certified_at_a_small_margin_and_an_undecided_one_is_not() -> None:
    certified = 0
    for seed in range(50):
        sample = drawn(np.random.default_rng(seed), 6, 400, 1.0)
        certified += contest(sample, 2, 1e-6).zone(Fraction(9, 10)).certified
    assert certified == 50
    equal = np.zeros((100, 3))
    zone = contest(equal, 1, 1e-6).zone(Fraction(9, 10))
    assert not zone.certified
    wide = contest(drawn(np.random.default_rng(0), 8, 400, 4.0), 2, 0.5).zone(Fraction(9, 10))
    plain = contest(drawn(np.random.default_rng(0), 8, 400, 4.0), 2, 0.0).zone(Fraction(9, 10))
    assert not wide.certified
    assert (plain.tied & ~wide.tied).sum() == 0
    assert wide.tied.sum() > plain.tied.sum()  # what cannot be told is in the zone


def test_chances_and_zones_are_those_of_the_posterior() -> None:
    rules = parse(SMALL)
    tally, calibration = scored(rules, ENTRIES, [9, 5, 5, 2, 8, 7, 1, NAN], noise=0.8, sheets=6)
    found = uncertainty(rules, ENTRIES, tally, calibration, seed=3)
    assert found.chance[0] > 0.99
    assert found.chance[3] < 0.01
    assert abs(found.chance[:4].sum() - 1) < 1e-9
    assert abs(found.chance[4:7].sum() - 2) < 1e-9
    assert np.isnan([found.chance[7], found.expected_rank[7], found.rank_low[7]]).all()
    assert found.zone[0] is Zone.CERTAIN
    assert found.zone[3] is Zone.OUT
    assert found.zone[7] is None
    again = uncertainty(rules, ENTRIES, tally, calibration, seed=3)
    assert (found.chance == again.chance)[:7].all()
    assert found.expected_rank[0] == pytest.approx(1, abs=0.02)
    assert found.expected_rank[:4].sum() == pytest.approx(1 + 2 + 3 + 4)
    for n, zone in enumerate(found.zone[:7]):
        if zone is Zone.CERTAIN:
            assert found.chance[n] >= 0.9
        elif zone is Zone.OUT:
            assert found.chance[n] <= 0.1
    for group in found.groups:
        here = [zone for zone, name in zip(found.zone, ENTRIES.group, strict=True) if name == group.group and zone]
        assert (group.certain, group.tied, group.out) == tuple(here.count(zone) for zone in Zone)
        assert group.certain <= group.places <= group.certain + group.tied
        assert found.members(ENTRIES, group.group, Zone.TIE) == tuple(
            n for n in range(8) if ENTRIES.group[n] == group.group and found.zone[n] is Zone.TIE
        )


def test_who_may_not_be_selected_has_no_chance_and_takes_none() -> None:
    text = changed("quota = 1", 'quota = 1\naward_floor = "6"\nno_award = true')
    text = changed("[missing]", '[[threshold]]\ncriterion = "work"\nat_least = 8\ngroups = ["b"]\n\n[missing]', text)
    rules = parse(text)
    tally, calibration = scored(rules, ENTRIES, [9, 5, 5, 2, 9, 7, 8.5, 1], noise=0.1)
    found = uncertainty(rules, ENTRIES, tally, calibration)
    assert [zone is None for zone in found.zone] == [False, True, True, True, False, True, False, True]
    assert found.chance[0] == 1.0  # the only one above the floor
    assert found.chance[[1, 2, 3, 5, 7]].tolist() == [0.0] * 5
    assert np.isnan(found.expected_rank[[1, 2, 3, 5, 7]]).all()
    assert found.chance[[4, 6]].tolist() == [1.0, 1.0]


def test_bad_input_is_refused_by_name() -> None:
    rules = parse(SMALL)
    tally, calibration = scored(rules, ENTRIES, [9, 5, 5, 2, 8, 7, 1, 3], noise=0.8)
    for wrong in (
        {"confidence": Fraction(1)},
        {"confidence": Fraction(2, 5)},
        {"draws": 0},
        {"seed": -1},
        {"seed": 2**96},
    ):
        with pytest.raises(InputError, match=r"0\.5 to less than 1"):
            uncertainty(rules, ENTRIES, tally, calibration, **wrong)
    with pytest.raises(InputError, match="other rules"):
        uncertainty(parse(changed("quota = 1", "quota = 2")), ENTRIES, tally, calibration)


def test_the_seed_of_an_official_zone_is_pinned_down() -> None:
    import hashlib

    wanted = hashlib.sha256(b"simsa tie zone v1\x002023-09-01").hexdigest()[:24]
    assert f"{draw_seed('2023-09-01'):024x}" == wanted


def test_one_unsure_draw_that_a_zone_rests_on_is_enough_to_leave_it_uncertified() -> None:
    """Ten draws, nine needed. One more or one less of those that a wins makes the zone empty or both."""
    sure, unsure = [1.0, 0.0], [1.0, 0.9999]
    held_by_one = np.array([sure] * 8 + [unsure] + [[0.0, 1.0]])
    lacking_one = np.array([sure] * 8 + [unsure[::-1]] + [[0.0, 1.0]])
    for sample, tied in ((held_by_one, 2), (lacking_one, 2)):
        zone = contest(sample, 1, 0.001).zone(Fraction(9, 10))
        assert not zone.certified
        assert zone.tied.sum() == tied
    assert contest(held_by_one, 1).zone(Fraction(9, 10)).tied.sum() == 0
    assert contest(held_by_one, 1).zone(Fraction(9, 10)).certified
    assert contest(lacking_one, 1).zone(Fraction(9, 10)).tied.sum() == 2
