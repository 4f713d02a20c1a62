"""Slopes within entries: planted ones are inside their intervals as often as promised, and nothing else is found."""

import numpy as np
import pytest

from simsa.engine.diagnostics import Slopes, fit_slopes, slope_equations
from simsa.engine.diagnostics.noise import estimate_noise
from simsa.engine.diagnostics.slope_equations import Equations, Probed, Solution, Spectrum, solution_of
from tests.engine.diagnostics.panels import Panel, homes, panel


def fit(of: Panel, x: np.ndarray, level: float = 0.05) -> Slopes:
    found = fit_slopes(of.score, of.entrant, of.reviewer, of.reviewers, x, level)
    assert found is not None
    return found


def overall(found: Slopes) -> tuple[float, float, float]:
    assert found.overall is not None
    return found.overall.value, found.overall.low, found.overall.high


@pytest.mark.parametrize("spread", [pytest.param(0.0, marks=pytest.mark.long), 3.0])
def test_a_planted_preference_is_inside_its_interval(spread: float) -> None:
    inside, errors, covered = 0, [], []
    for seed in range(200):
        of = panel(seed)
        x = homes(seed, of)
        own = 4 + spread * np.random.default_rng(seed).standard_normal(of.reviewers)
        found = fit(of.plus(own[of.reviewer] * x), x)
        value, low, high = overall(found)
        inside += low <= 4 <= high
        errors.append(value - 4)
        covered.append(np.mean(np.abs(found.shrunken - own[found.reviewers]) < 1.96 * found.shrunken_error))
    # Three binomial standard errors below 95 % are 0.904; an interval of twice the width would always hold it.
    assert 0.904 <= inside / 200 < 1
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(200)
    assert np.mean(covered) > 0.92


@pytest.mark.parametrize("heavy", [pytest.param(False, marks=pytest.mark.long), True])
@pytest.mark.long
def test_without_a_preference_few_panels_have_one_that_stands_out(heavy: bool) -> None:
    alarms = rejected = 0
    for seed in range(200):
        of = panel(seed, heavy=heavy)
        found = fit(of, homes(seed, of))
        alarms += bool(found.screening.found.any())
        rejected += found.overall is not None and found.overall.p < 0.05
    # Under the null every find is false, so that the share of panels with one is the false discovery rate: 0.05, and
    # three binomial standard errors; heavy tails may cost a little more.
    assert alarms / 200 < (0.096 if not heavy else 0.12)
    assert rejected / 200 < 0.096


def test_one_reviewer_who_favours_its_own_is_found_and_the_others_are_not() -> None:
    hits = false = 0
    for seed in range(60):
        of = panel(seed, entrants=150, reviewers=20)
        x = homes(seed, of)
        found = fit(of.plus(20.0 * x * (of.reviewer == 3)), x)
        who = found.reviewers[found.screening.found].tolist()
        hits += 3 in who
        false += len(set(who) - {3})
    assert hits > 50
    assert false / 60 < 0.15


def test_entries_and_reviewers_do_not_matter() -> None:
    """Good entries of an origin, or mild reviewers, are no preference: any effect of either changes nothing."""
    of = panel(1)
    x = homes(1, of)
    random = np.random.default_rng(2)
    more = 50 * random.standard_normal(80)[of.entrant] + 30 * random.standard_normal(16)[of.reviewer]
    assert overall(fit(of.plus(more), x)) == pytest.approx(overall(fit(of, x)), abs=1e-7)


def test_order_of_rows_and_names_of_people_do_not_matter() -> None:
    of = panel(4)
    x = homes(4, of)
    random = np.random.default_rng(5)
    rows, names, entries = random.permutation(len(x)), random.permutation(16), random.permutation(80)
    other = Panel(of.score[rows], entries[of.entrant[rows]], names[of.reviewer[rows]], 16)
    one, two = fit(of, x), fit(other, x[rows])
    assert overall(two) == pytest.approx(overall(one))
    back = {int(names[r]): n for n, r in enumerate(one.reviewers.tolist())}
    order = [back[r] for r in two.reviewers.tolist()]
    assert two.shrunken == pytest.approx(one.shrunken[order])
    assert two.screening.p == pytest.approx(one.screening.p[order])


def test_the_unit_of_the_scores_scales_everything_but_the_tests() -> None:
    of = panel(6)
    x = homes(6, of)
    one = fit(of, x)
    two = fit(Panel(1000 + 0.01 * of.score, of.entrant, of.reviewer, 16), x)
    assert np.array(overall(two)) == pytest.approx(0.01 * np.array(overall(one)), rel=1e-5, abs=1e-9)
    assert two.screening.p == pytest.approx(one.screening.p, rel=1e-4)
    assert two.noise == pytest.approx(0.01 * one.noise, rel=1e-6)


def test_agrees_with_least_squares_on_indicators_where_all_have_one_noise() -> None:
    """The panel's slope with slopes that do not differ is close to that of ordinary least squares."""
    of = panel(7, entrants=400, reviewers=10)
    x = homes(7, of)
    columns = [of.entrant[:, None] == np.arange(400), of.reviewer[:, None] == np.arange(10), x[:, None]]
    design = np.concatenate([np.asarray(c, np.float64) for c in columns], axis=1)
    plain = np.linalg.lstsq(design, of.score, rcond=None)[0][-1]
    found = fit(of, x)
    assert found.overall is not None
    assert abs(found.overall.value - plain) < 0.25 * found.overall.error


def test_reviewers_without_both_kinds_have_no_slope_of_their_own() -> None:
    of = panel(8)
    x = homes(8, of)
    x[of.reviewer == 2] = 0
    x[of.reviewer == 5] = 1
    found = fit(of, x)
    assert {2, 5}.isdisjoint(found.reviewers.tolist())


def test_a_slope_that_all_reviewers_of_an_entry_share_is_not_told() -> None:
    of = panel(9)
    x = np.linspace(0, 1, 80)[of.entrant]
    found = fit(of.plus(30 * x), x)
    assert found.overall is None
    assert np.mean(found.shrunken) == pytest.approx(0, abs=2)
    one = fit(of.plus(30 * x * (of.reviewer == 4)), x)
    assert int(one.reviewers[np.argmax(one.shrunken)]) == 4


@pytest.mark.parametrize("case", ["single reviewer", "no common entries", "constant", "no contrast", "two sheets"])
def test_where_nothing_can_be_said(case: str) -> None:
    n = 2 if case == "two sheets" else 12
    entrant = np.arange(n) if case in {"single reviewer", "no common entries"} else np.arange(n) // 2
    reviewer = np.zeros(n, np.int64) if case == "single reviewer" else np.arange(n) % 2
    score = np.full(n, 7.0) if case == "constant" else np.random.default_rng(1).standard_normal(n)
    x = np.zeros(n) if case == "no contrast" else (np.arange(n) % 3 == 0).astype(np.float64)
    assert fit_slopes(score, entrant, reviewer, 2, x, 0.05) is None


def test_a_hundred_thousand_sheets() -> None:
    of = panel(10, entrants=20_000, reviewers=500)
    x = homes(10, of)
    value, low, high = overall(fit(of.plus(2 * x), x))
    assert low < 2 < high
    assert high - low < 0.6
    assert value == pytest.approx(2, abs=0.3)


def both(of: Panel, x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> tuple[Spectrum, Probed]:
    """The same equations held whole, and by products alone."""
    noise = estimate_noise(of.score, of.entrant, of.reviewer, of.reviewers)
    equations = Equations.of(of.score, x, noise.comparison)
    assert equations is not None
    whole = solution_of(equations)
    monkeypatch.setattr(slope_equations, "DENSE", 0)
    probed = solution_of(equations)
    assert isinstance(whole, Spectrum)
    assert isinstance(probed, Probed)
    return whole, probed


def common_order(of: Panel) -> np.ndarray:
    return of.entrant / of.entrant.max()


def one_sided(seed: int, of: Panel) -> np.ndarray:
    """Origins, but two reviewers score their own alone or never."""
    x = homes(seed, of)
    x[of.reviewer == 2] = 0
    x[of.reviewer == 5] = 1
    return x


@pytest.mark.parametrize("kind", ["origin", "order", "one-sided", "two panels", "alone"])
def test_products_alone_tell_what_the_whole_equations_tell(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of = panel(3, entrants=240, reviewers=120, each=4)
    if kind == "two panels":  # that share no entry; one of them sees its entries in one order
        of = Panel(
            np.concatenate([of.score, of.score]),
            np.concatenate([of.entrant, of.entrant + 240]),
            np.concatenate([of.reviewer, of.reviewer + 120]),
            240,
        )
    if kind == "alone":  # one more reviewer, on entries of their own
        more = np.arange(240, 246)
        of = Panel(
            np.concatenate([of.score, np.linspace(60, 80, 6)]),
            np.concatenate([of.entrant, more]),
            np.concatenate([of.reviewer, np.full(6, 120)]),
            121,
        )
    x = {
        "alone": lambda: np.concatenate([homes(3, of)[:960], [0, 1, 0, 1, 0, 1]]),
        "origin": lambda: homes(3, of),
        "order": lambda: common_order(of),
        "one-sided": lambda: one_sided(3, of),
        "two panels": lambda: np.concatenate([common_order(of)[:960], np.random.default_rng(1).random(960)]),
    }[kind]()
    whole, probed = both(of, x, monkeypatch)
    assert (probed.along, probed.rank) == (whole.along, whole.rank)
    assert np.array_equal(probed.told, whole.told)
    assert whole.along == (kind != "order")
    told = whole.told
    assert probed.slope[told] == pytest.approx(whole.slope[told], rel=1e-5, abs=1e-6)
    assert probed.own_error[told] == pytest.approx(whole.own_error[told], rel=0.35)
    assert np.mean(probed.own_error[told] / whole.own_error[told]) == pytest.approx(1, abs=0.03)
    rows = np.flatnonzero(told)[::7]
    assert probed.sharpened(rows)[rows] == pytest.approx(whole.own_error[rows], rel=1e-6)
    for spread in (0.0, 0.3, 5.0, 60.0):
        compare(whole, probed, spread)


def compare(whole: Solution, probed: Solution, spread: float) -> None:
    value, variance = whole.panel(spread)
    assert probed.panel(spread) == pytest.approx((value, variance), rel=1e-6)
    assert probed.misfit(spread, value) == pytest.approx(whole.misfit(spread, value), rel=1e-5)
    grown = whole.determinant(spread) - whole.determinant(0.0)
    assert probed.determinant(spread) == pytest.approx(grown, rel=0.05, abs=1e-6)
    for one, other, wide in zip(probed.drawn(spread), whole.drawn(spread), (1e-4, 1e-4, 0.25), strict=True):
        assert one == pytest.approx(other, abs=wide)


def test_a_large_panel_is_fitted_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    of = panel(11, entrants=300, reviewers=60, each=5)
    x = homes(11, of)
    of = of.plus((4.0 + 40.0 * (of.reviewer == 3)) * x)
    of = Panel(  # and one of whom nothing is told
        np.append(of.score, [60, 70]), np.append(of.entrant, [300, 301]), np.append(of.reviewer, [60, 60]), 61
    )
    x = np.append(x, [0, 1])
    small = fit(of, x)
    monkeypatch.setattr(slope_equations, "DENSE", 0)
    large = fit(of, x)
    assert small.overall is not None
    assert large.overall is not None
    assert large.overall.value == pytest.approx(small.overall.value, abs=0.02 * small.overall.error)
    assert large.overall.error == pytest.approx(small.overall.error, rel=0.01)
    assert large.spread == pytest.approx(small.spread, rel=0.03)
    assert np.array_equal(large.screening.found, small.screening.found)
    assert 3 in large.reviewers[large.screening.found]
    assert np.mean(np.abs(large.shrunken - small.shrunken)) < 0.02 * small.spread
    assert "conjugate gradients" in large.method
    assert "conjugate gradients" not in small.method
