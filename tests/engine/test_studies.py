"""Design studies: the truth behind drawn rounds, the methods, and the same table wherever runs are computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simsa.engine.calibration import calibrate
from simsa.engine.inputs import Entries
from simsa.engine.simulation import Settings, World
from simsa.engine.studies import Design, Method, Plan, Row, StudyError, assumed, fitted, study, unit
from simsa.engine.studies.scoring import _mean, slots
from simsa.engine.studies.study import Part, played
from simsa.engine.studies.truth import truth
from simsa.rules import Adaptive, Rules, load, parse
from tests.draws import draws

PROACTIVE = load(Path(__file__).parents[2] / "examples/proactive/rules.toml")
PLAIN = """
simsa_rules = 1
[round]
id = "x"
name = "x"
time_zone = "Asia/Seoul"
[[group]]
id = "a"
quota = 1
[[group]]
id = "b"
quota = 2
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
scale = { min = 0, max = 100, step = 1 }
panel = { method = "mean" }
[[tie_break]]
lot = true
"""


def plan(**changed: object) -> Plan:
    ids = tuple(f"e{n}" for n in range(20))
    base = Plan(
        rules=parse(PLAIN),
        entries=Entries(ids, ("a",) * 8 + ("b",) * 12),
        settings=assumed({"entrant_sd": 8.0, "criterion_sd": 0.0, "centre": 50.0}),
        designs=(Design(8, 3), Design(8, 5)),
        methods=tuple(Method),
        runs=6,
        seed="s",
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def comparable(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Rows of which two unknown numbers are equal."""
    return [
        tuple(None if isinstance(value, float) and math.isnan(value) else value for value in vars(row).values())
        for row in rows
    ]


def test_the_truth_is_the_rules_total_of_what_entries_deserve() -> None:
    entries = Entries(tuple("abcdef"), ("시",) * 6)
    asked = plan(rules=PROACTIVE, entries=entries, designs=(Design(5, 2),), settings=Settings())
    world = World(PROACTIVE, 6, ("r",), asked.settings, "q")
    points = asked.settings.centre + world.quality[:, None] + world.criterion
    weights = np.array([0.2, 0.2, 0.2, 0.4 * 0.5, 0.4 * 0.5])
    assert [leaf.id for leaf in PROACTIVE.leaves] == ["promotion", "protection", "incentives", "effort", "outcome"]
    assert np.allclose(truth(asked, world), points @ weights, atol=0.005)
    assert unit(asked) == pytest.approx(1.0, abs=1e-4)


def test_the_truth_of_the_best_is_not_cut_off_at_the_end_of_the_scale() -> None:
    asked = plan(settings=assumed({"entrant_sd": 60.0, "centre": 90.0, "criterion_sd": 0.0}))
    world = World(asked.rules, 20, ("r",), asked.settings, "q")
    assert truth(asked, world).max() > 100
    assert np.allclose(truth(asked, world), 90 + world.quality, atol=0.001)


def test_a_total_on_another_scale_has_its_own_unit() -> None:
    rules = parse(PLAIN.replace("min = 0, max = 100, step = 1", "min = 1, max = 5, step = 1"))
    assert unit(plan(rules=rules)) == pytest.approx(0.04, abs=1e-4)


@settings(max_examples=draws(100), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=30),
    st.integers(0, 1),
)
def test_means_without_highest_and_lowest_are_what_they_say(sheets: list[tuple[int, int]], dropped: int) -> None:
    entry, total = np.array([e for e, _ in sheets]), np.array([float(t) for _, t in sheets])
    found = _mean(total, entry, 5, dropped)
    for n in range(5):
        own = sorted(t for e, t in sheets if e == n)
        kept = own[dropped : len(own) - dropped]
        assert found[n] == pytest.approx(sum(kept) / len(kept)) if kept else math.isnan(found[n])


@settings(max_examples=draws(40), deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 5))
def test_the_assignment_is_balanced(reviewers: int, reviews: int, seed: int) -> None:
    design = Design(reviewers, min(reviews, reviewers))
    entry, reviewer = slots(plan(designs=(design,)), design, design.reviews, str(seed))
    assert (np.bincount(entry, minlength=20) == design.reviews).all()
    load = np.bincount(reviewer, minlength=reviewers)
    assert load.max() - load.min() <= 1
    assert len(np.unique(entry * reviewers + reviewer)) == len(entry)


def test_a_study_is_the_same_whatever_comes_first() -> None:
    def backwards(
        work: Callable[[Part], NDArray[np.float64]], parts: Sequence[Part]
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        for number in reversed(range(len(parts))):
            yield number, work(parts[number])

    told: list[tuple[int, int]] = []
    asked = plan(methods=(Method.MEAN, Method.TRIMMED_MEAN))
    plain = study(asked, progress=lambda done, total: told.append((done, total)))
    assert comparable(study(asked, spread=backwards).rows) == comparable(plain.rows)
    assert comparable(study(replace(asked, seed="t")).rows) != comparable(plain.rows)
    assert told[-1] == (12, 12)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_runs_are_the_same_alone_and_together() -> None:
    asked = plan()
    together = played(Part(asked, asked.designs[0], 0, 2))
    alone = [played(Part(asked, asked.designs[0], n, n + 1))[0] for n in range(2)]
    assert np.array_equal(together, np.array(alone), equal_nan=True)


def test_a_panel_without_noise_is_always_right() -> None:
    calm = assumed({"entrant_sd": 20.0, "severity_sd": 0.0, "residual_sd": 0.01, "erratic_share": 0.0, "scale_sd": 0.0})
    rules = parse(PLAIN.replace("step = 1", 'step = "0.001"'))
    found = study(plan(rules=rules, settings=replace(calm, criterion_sd=0.0, centre=50.0), runs=2))
    assert {row.right for row in found.rows} == {1.0}
    assert max(row.lost for row in found.rows) == 0


def test_a_panel_that_knows_nothing_is_right_by_chance() -> None:
    blind = replace(Settings(), pair_correlation=1e-9, criterion_sd=0.0, centre=50.0)
    found = study(plan(settings=blind, runs=150, designs=(Design(8, 2),), methods=(Method.MEAN,)))
    expected = (1 / 8 + 2 * 2 / 12) / 3
    assert abs(found.rows[0].right - expected) < 4 * found.rows[0].right_error


def test_more_reviews_choose_better_and_what_they_bought_is_told() -> None:
    designs = (Design(12, 2), Design(12, 10))
    found = study(plan(runs=40, designs=designs, methods=(Method.MEAN, Method.TRIMMED_MEAN, Method.TALLY)))
    for few in found.rows[:2]:
        many = next(row for row in found.rows[2:] if row.method == few.method)
        assert many.right > few.right + 2 * few.right_error
        assert many.since == 2
        assert many.bought_right == pytest.approx((many.right - few.right) / 8)
        assert many.bought == pytest.approx((few.lost - many.lost) / 8)
    assert found.rows[0].since is None


def test_methods_that_a_design_is_too_small_for_have_no_row() -> None:
    found = study(plan(designs=(Design(8, 2),), runs=1))
    assert [row.method for row in found.rows] == [Method.TALLY, Method.MEAN, Method.CALIBRATED]


@pytest.mark.long
def test_an_adaptive_round_spends_what_the_others_do_and_chooses_better() -> None:
    found = study(plan(runs=8, designs=(Design(16, 5),), methods=(Method.MEAN, Method.ADAPTIVE)))
    mean, adaptive = found.rows
    assert mean.spent == 5
    assert 4 < adaptive.spent <= 5
    assert adaptive.lost < mean.lost


def test_a_gain_that_the_rules_find_too_small_saves_reviews() -> None:
    rules = replace(parse(PLAIN), adaptive=Adaptive(Fraction(3, 5), least_gain=Fraction(100)))
    found = study(plan(rules=rules, designs=(Design(16, 5),), methods=(Method.ADAPTIVE,), runs=2))
    assert [row.spent for row in found.rows] == [2.0]


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        (load(Path(__file__).parents[2] / "examples/fiscal-efforts/rules.toml"), "a study draws marks alone"),
        (
            load(Path(__file__).parents[2] / "examples/skating/rules.toml"),
            "the factor of 'skating-skills' that differs between entries",
        ),
        (parse(PLAIN.replace("quota = 1", "quota = 0").replace("quota = 2", "quota = 0")), "select nobody"),
    ],
)
def test_rules_that_cannot_be_studied_are_refused(rules: Rules, what: str) -> None:
    known = rules.groups[0].id if rules.groups[0].id != "*" else "any"
    with pytest.raises(StudyError, match=what):
        plan(rules=rules, entries=Entries(("e",), (known,)))


@pytest.mark.parametrize("design", [Design(3, 4), Design(3, 0)])
def test_designs_that_cannot_be_are_refused(design: Design) -> None:
    with pytest.raises(StudyError, match="from 1 review to as many as there are reviewers"):
        plan(designs=(design,))


def test_reviews_that_no_entry_may_have_are_refused() -> None:
    rules = replace(parse(PLAIN), adaptive=Adaptive(Fraction(3, 5), most_per_entry=4))
    with pytest.raises(StudyError, match="5 reviews for each entry on average, and an entry may have 4 sheets"):
        plan(rules=rules)
    assert plan(rules=rules, methods=(Method.MEAN,)).runs == 6


def test_assumptions_are_checked_and_kept() -> None:
    found = assumed({"entrant_sd": 7.5, "severity_sd": 3.0})
    assert found.entrant_sd == pytest.approx(7.5)
    assert assumed({"severity_sd": 9.0}, found).entrant_sd == pytest.approx(7.5)
    assert assumed({"pair_correlation": 0.5}, found).pair_correlation == 0.5
    for given_, what in (
        ({"mood": 1.0}, "'mood' is nothing that is assumed"),
        ({"severity_sd": -1.0}, "severity_sd is -1; from 0 to 100"),
        ({"severity_sd": math.nan}, "severity_sd is nan"),
        ({"entrant_sd": 1.0, "pair_correlation": 0.1}, "say the same"),
        ({"entrant_sd": 1.0, "severity_sd": 0.0, "residual_sd": 0.0}, "nothing to study"),
    ):
        with pytest.raises(StudyError, match=what):
            assumed(given_)


def test_a_past_rounds_fit_finds_what_its_sheets_were_drawn_from() -> None:
    rules = parse(PLAIN.replace("step = 1", 'step = "0.01"'))
    true = replace(
        assumed({"entrant_sd": 6.0, "severity_sd": 4.0, "residual_sd": 5.0, "erratic_share": 0.0, "scale_sd": 0.0}),
        criterion_sd=0.0,
        centre=50.0,
        noise_spread=0.8,
    )
    entries = Entries(tuple(f"e{n}" for n in range(600)), ("a",) * 600)
    world = World(rules, 600, tuple(f"r{n}" for n in range(60)), true, "q")
    entry = np.repeat(np.arange(600), 8)
    sheets = world.sheets(entry, (entry * 11 + np.tile(np.arange(8), 600) * 7) % 60)
    asked = plan(rules=rules, entries=entries, designs=(Design(8, 3),))
    found = fitted(
        calibrate(
            sheets.mark[:, 0] / 100, sheets.entry, sheets.reviewer, n_entrants=600, n_reviewers=60, reviewers="own"
        ),
        unit(asked),
    )
    assert found.entrant_sd == pytest.approx(6.0, rel=0.15)
    assert found.severity_sd == pytest.approx(4.0, rel=0.3)
    assert found.residual_sd == pytest.approx(5.0, rel=0.15)
    assert found.noise_spread == pytest.approx(0.8, rel=0.3)


def test_a_fit_that_tells_nothing_apart_is_refused() -> None:
    found = calibrate([1.0, 2.0], [0, 1], [0, 0], n_entrants=2, n_reviewers=1)
    with pytest.raises(StudyError, match="state assumptions instead"):
        fitted(found, 1.0)
