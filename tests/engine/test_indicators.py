from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import percentileofscore, rankdata

from simsa.engine.indicators import Move, distribution, evaluate, numbers_of, score
from simsa.engine.indicators.distribution import quantile
from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.tally import TallyError, tally
from simsa.rules import Indicator, Missing, Rounding, Rules, Step, parse, parse_formula
from simsa.rules.formulas import formula_text
from tests.draws import draws
from tests.rules.complete import BY_NUMBERS
from tests.rules.drawn_formulas import NAMES, by_python, drawn_formula, python_text
from tests.rules.small import changed

NUMBERS = st.lists(st.none() | st.integers(-5, 5).map(Fraction), min_size=1, max_size=12)


def values(*numbers: str | None) -> list[Fraction | None]:
    return [None if number is None else Fraction(number) for number in numbers]


def test_rank_spreads_evenly_from_best_to_last() -> None:
    rule = Indicator("rank", "x")
    assert score(rule, values("1.1", "3", None, "2"), ["g"] * 4) == values("0", "100", None, "50")


def test_ties_share_the_mean_or_the_best_rank() -> None:
    numbers = values("1", "2", "2", "3")
    assert score(Indicator("rank", "x"), numbers, ["g"] * 4) == values("0", "50", "50", "100")
    best = score(Indicator("rank", "x", ties="best"), numbers, ["g"] * 4)
    assert best == [Fraction(0), Fraction(200, 3), Fraction(200, 3), Fraction(100)]


def test_ranks_are_within_the_group_or_the_round() -> None:
    numbers, groups = values("1", "2", "3", "4"), ["a", "a", "b", "b"]
    assert score(Indicator("rank", "x"), numbers, groups) == values("0", "100", "0", "100")
    whole = score(Indicator("rank", "x", within="round", better="lower", points_max=Fraction(3)), numbers, groups)
    assert whole == values("3", "2", "1", "0")


def test_a_single_body_gets_full_points() -> None:
    assert score(Indicator("rank", "x"), values("-7"), ["g"]) == values("100")


@pytest.mark.parametrize(("number", "points"), [("10", "0"), ("20", "50"), ("30", "100"), ("0", "0"), ("99", "100")])
def test_line(number: str, points: str) -> None:
    rule = Indicator("linear", "x", worst=Fraction(10), best=Fraction(30))
    falling = Indicator("linear", "x", worst=Fraction(30), best=Fraction(10))
    assert score(rule, values(number), ["g"]) == values(points)
    assert score(falling, values(number), ["g"]) == [100 - Fraction(points)]


@given(NUMBERS)
def test_order_is_kept_and_missing_stays_missing(numbers: list[Fraction | None]) -> None:
    scores = score(Indicator("rank", "x"), numbers, ["g"] * len(numbers))
    pairs = [(n, s) for n, s in zip(numbers, scores, strict=True) if n is not None and s is not None]
    assert [s is None for s in scores] == [n is None for n in numbers]
    for number, points in pairs:
        for other, more in pairs:
            assert (number < other) == (points < more)
    if pairs:
        assert sum(points for _, points in pairs) == (100 if len(pairs) == 1 else 50 * len(pairs))


KINDS = {"worse": "strict", "middle": "mean", "not_better": "weak"}


@given(NUMBERS, st.sampled_from(sorted(KINDS)), st.booleans(), st.booleans())
def test_percentiles_are_those_of_the_textbook(
    numbers: list[Fraction | None], counts: str, higher: bool, whole: bool
) -> None:
    """`strict`, `weak` and `mean` of scipy, of the entry's own group or of all."""
    rule = Indicator("percentile", "x", counts=counts, better="higher" if higher else "lower")  # type: ignore[arg-type]
    rule = replace(rule, within="round" if whole else "group", points_min=Fraction(-10), points_max=Fraction(10))
    groups = ["ab"[n % 2] for n in range(len(numbers))]
    for n, found in enumerate(score(rule, numbers, groups)):
        own = numbers[n]
        if own is None:
            assert found is None
            continue
        sign = 1 if higher else -1
        field = [
            sign * int(v) for v, g in zip(numbers, groups, strict=True) if v is not None and (whole or g == groups[n])
        ]
        expected = percentileofscore(field, sign * int(own), KINDS[counts]) / 100
        assert found is not None
        assert float(found) == pytest.approx(-10 + 20 * expected)
        assert (len(field) * (found + 10) / 10).denominator == 1


@given(NUMBERS, st.sampled_from(["mean", "best"]))
def test_ranks_are_those_of_the_textbook(numbers: list[Fraction | None], ties: str) -> None:
    there = [number for number in numbers if number is not None]
    ranks = rankdata([-int(number) for number in there], "average" if ties == "mean" else "min").tolist()
    found = score(Indicator("rank", "x", ties=ties), numbers, ["g"] * len(numbers))  # type: ignore[arg-type]
    expected = [100 * (len(there) - Fraction(rank)) / (len(there) - 1) for rank in ranks] if len(there) > 1 else [100]
    assert [points for points in found if points is not None] == (expected if there else [])


@pytest.mark.parametrize(
    ("better", "number", "points"),
    [
        ("higher", "80", "5"),
        ("higher", "40", "3"),
        ("higher", "0", "1"),
        ("higher", "-8", "1"),
        ("higher", "88", "5.4"),
        ("higher", "200", "5.8"),
        ("lower", "80", "5"),
        ("lower", "160", "3"),
        ("lower", "64", "5.8"),
        ("lower", "75", "79/15"),
        ("lower", "0", "5.8"),
        ("lower", "-3", "5.8"),
    ],
)
def test_target(better: str, number: str, points: str) -> None:
    rule = Indicator("target", "x", target=Fraction(80), cap=Fraction("1.2"), better=better)  # type: ignore[arg-type]
    rule = replace(rule, points_min=Fraction(1), points_max=Fraction(5))
    assert score(rule, values(number), ["g"]) == values(points)
    capped = min(Fraction(points), Fraction(5))
    assert score(replace(rule, cap=Fraction(1)), values(number), ["g"]) == [capped]
    assert score(replace(rule, round=Rounding(0, "down")), values(number), ["g"]) == [Fraction(int(Fraction(points)))]


@pytest.mark.parametrize(
    ("number", "above", "below"), [("79.9", 1, 1), ("80", 4, 1), ("85", 4, 4), ("90", 5, 4), ("90.1", 5, 5)]
)
def test_at_a_step_the_rules_say_on_which_side_it_is(number: str, above: int, below: int) -> None:
    steps = (Step(Fraction(80), Fraction(4)), Step(Fraction(90), Fraction(5)))
    rule = Indicator("step", "x", steps=steps, base=Fraction(1), boundary="above")
    assert score(rule, values(number), ["g"]) == [above]
    assert score(replace(rule, boundary="below"), values(number), ["g"]) == [below]


def test_grades_by_place() -> None:
    """The best fifth gets 5, the next two fifths 3, the others 1; on the boundary the rules say."""
    rule = Indicator("percentile", "x", counts="worse", boundary="above", base=Fraction(1))
    rule = replace(rule, steps=(Step(Fraction(40), Fraction(3)), Step(Fraction(80), Fraction(5))))
    assert score(rule, values("9", "5", "7", "1", "3"), ["g"] * 5) == values("5", "3", "3", "1", "1")
    below = replace(rule, boundary="below")
    assert score(below, values("9", "5", "7", "1", "3"), ["g"] * 5) == values("3", "1", "3", "1", "1")


RISING = (
    Indicator("rank", "x"),
    Indicator("rank", "x", ties="best", within="round"),
    Indicator("percentile", "x", counts="worse"),
    Indicator("percentile", "x", counts="middle", within="round"),
    Indicator("percentile", "x", counts="not_better", round=Rounding(1)),
    Indicator("percentile", "x", counts="middle", steps=(Step(Fraction(50), Fraction(1)),), boundary="below"),
    Indicator("linear", "x", worst=Fraction(-2), best=Fraction(3)),
    Indicator("target", "x", target=Fraction(3), cap=Fraction(2)),
    Indicator(
        "step", "x", steps=tuple(Step(Fraction(n), Fraction(n)) for n in (-1, 2)), base=Fraction(-9), boundary="below"
    ),
    Indicator("reported", "x", round=Rounding(0)),
)
FALLING = (
    Indicator("rank", "x", better="lower"),
    Indicator("percentile", "x", better="lower", counts="middle"),
    Indicator("linear", "x", worst=Fraction(3), best=Fraction(-2)),
    Indicator("target", "x", target=Fraction(1), cap=Fraction(2), better="lower"),
)


@given(st.sampled_from([*RISING, *FALLING]), NUMBERS, st.randoms(use_true_random=False))
def test_order_ties_and_places_in_the_list(rule: Indicator, numbers: list[Fraction | None], rng: Random) -> None:
    """A better number has no fewer points, an equal one as many, and the order of the entries changes nothing."""
    groups = [rng.choice("ab") for _ in numbers]
    found = score(rule, numbers, groups)
    sign = 1 if rule in RISING else -1
    for n, one in enumerate(numbers):
        for m, other in enumerate(numbers):
            mine, theirs = found[n], found[m]
            if one is None or other is None or groups[n] != groups[m]:
                continue
            assert mine is not None
            assert theirs is not None
            assert (one == other) <= (mine == theirs)
            assert (sign * one < sign * other) <= (mine <= theirs)
    order = list(range(len(numbers)))
    rng.shuffle(order)
    again = score(rule, [numbers[n] for n in order], [groups[n] for n in order])
    assert again == [found[n] for n in order]


@settings(max_examples=draws(600), deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_formulas_are_worth_what_python_says(rng: Random) -> None:
    """Against Python's own operators on fractions; what is missing or divided by zero passes through."""
    tree = drawn_formula(rng)
    numbers = {name: Fraction(rng.choice([-3, 0, 0, 1, 2, 7]), rng.choice([1, 1, 2, 3])) for name in NAMES}
    for name in rng.sample(NAMES, rng.choice([0, 0, 1])):
        del numbers[name]
    found = evaluate(parse_formula(formula_text(tree)), lambda name: numbers.get(name, Missing.NOT_SUBMITTED))
    assert found == by_python(python_text(tree), numbers)


def test_numbers_in_formulas_do_not_grow_without_end() -> None:
    rules = parse(
        changed("usd * rate / 100 + (1 - days) * 2 / 7", " * ".join(["usd"] * 8) + " + rate - rate", BY_NUMBERS)
    )
    entries = Entries(("x",), ("a",))
    rule = rules.by_id["money"].indicator
    assert rule is not None
    (small,) = numbers_of(rules, "money", rule, entries, Reported({("x", "", "usd"): Fraction(10**37)}))
    assert small == 10**296
    with pytest.raises(
        InputError, match="entry 'x', criterion 'money': the formula comes to a number of more than 300"
    ):
        numbers_of(rules, "money", rule, entries, Reported({("x", "", "usd"): Fraction(1, 10**38)}))


FULL = {"집행률(%)": "4", "spent": "50", "planned": "100", "days": "8", "usd": "2"}


def counted(rules: Rules, *rows: dict[str, str]) -> Callable[[str], list[Fraction | None]]:
    entries = Entries(tuple(f"e{n}" for n in range(len(rows))), ("a",) * len(rows))
    numbers = {(f"e{n}", "", name): Fraction(value) for n, row in enumerate(rows) for name, value in row.items()}
    found = tally(rules, entries, Sheets.none(rules), Reported(numbers))
    return lambda node: found.values[node].values()


def test_every_method_by_hand() -> None:
    of = counted(parse(BY_NUMBERS), FULL)
    assert [of(node) for node in ("place", "goal", "steps", "other")] == [[50], [Fraction("6.2")], [-3], [0]]
    money = 2 * Fraction("1300.5") / 100 - 7 * Fraction(2, 7)
    assert of("money") == [money]
    late = Fraction("0.03")  # (8 - 3) / 100 * 0.5 = 0.025, half up
    assert of("total") == [(50 + Fraction("6.2") - 3 + 0 + money) / 5 - late]


def test_no_report_and_no_divisor_are_two_things() -> None:
    rules = parse(BY_NUMBERS)
    nothing = {key: value for key, value in FULL.items() if key != "spent"}
    of = counted(rules, nothing, FULL | {"planned": "0"}, nothing | {"planned": "0"})
    assert of("goal") == [None, 0, None]  # no_result, the declared 0, and what is not reported goes first
    assert of("total") == [None, (50 + 0 - 3 + 0 + of("money")[1]) / 5, None]  # no deduction without a number
    left = parse(changed("not_applicable = { value = 0 }", 'not_applicable = "leave_out"', BY_NUMBERS))
    of = counted(left, FULL | {"planned": "0"})
    assert of("total") == [(50 - 3 + 0 + of("money")[0]) / 4]


@pytest.mark.parametrize(
    ("old", "new", "row", "said"),
    [
        (
            "not_applicable = { value = 0 }",
            'not_applicable = "refuse"',
            {"planned": "0"},
            "entry 'e0', indicator 'goal': round(spent / planned * 100, 1) divides by zero, and the rules refuse that",
        ),
        (
            'not_submitted = "no_result"',
            'not_submitted = "refuse"',
            {"planned": None},
            "entry 'e0', indicator 'goal': 'spent' or 'planned' is not reported, and the rules refuse that",
        ),
        ('missing = "none"', "", {"planned": "0"}, "deduction 'late': max(0, days - 3) / planned divides by zero"),
        ("max(0, days - 3)", "(days - 9)", {}, "deduction 'late': (days - 9) / planned is -0.01, below 0"),
    ],
)
def test_what_the_rules_refuse_is_named(old: str, new: str, row: dict[str, str | None], said: str) -> None:
    given = {key: value for key, value in (FULL | row).items() if value is not None}
    with pytest.raises(TallyError) as refused:
        counted(parse(changed(old, new, BY_NUMBERS)), given)
    assert said in str(refused.value)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.integers(0, 20))
def test_quantiles_are_those_of_definition_seven(numbers: list[int], twentieth: int) -> None:
    ordered = [Fraction(number) for number in sorted(numbers)]
    expected = np.quantile(numbers, twentieth / 20)
    assert float(quantile(ordered, Fraction(twentieth, 20))) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=draws(150), deadline=None)
@given(st.randoms(use_true_random=False))
def test_distributions_by_brute_force(rng: Random) -> None:
    """Groups, edges, and each move by a whole new scoring with one number changed."""
    rules = parse(BY_NUMBERS)
    node = rng.choice(rules.indicators)
    ids = tuple(f"e{n}" for n in range(rng.randint(1, 6)))
    entries = Entries(ids, tuple(rng.choice("ab") for _ in ids))
    assert node.indicator is not None
    rule, fields = node.indicator, rules.fields_of(node.indicator)
    given = {
        (entry, rng.choice(["", node.id]), field): Fraction(
            rng.choice(["-1", "0", "0.5", "1", "4", "8", "98.5", "100"])
        )
        for entry in entries.ids
        for field in fields
        if rng.random() < 0.9
    }
    found = distribution(rules, node, entries, Reported(given), within=Fraction(1), units={fields[0]: Fraction(2)})
    numbers = numbers_of(rules, node.id, rule, entries, Reported(given))
    assert found.numbers == tuple(numbers)
    assert found.points == tuple(score(rule, numbers, entries.group))
    expected = []
    for n, entry in enumerate(entries.ids):
        for field in fields:
            unit = found.units[field]
            for by in (-unit, unit):
                own = Reported(given).get(entry, node.id, field)
                if own is None or isinstance(numbers[n], Missing):
                    continue
                moved = Reported({**given, (entry, node.id, field): own + by})
                after = score(rule, numbers_of(rules, node.id, rule, entries, moved), entries.group)[n]
                if after != found.points[n]:
                    expected.append(Move(n, field, by, after))
    assert list(found.moves) == expected
    assert sum(group.entries for group in found.groups) == len(entries)
    for edge in found.edges:
        away = {n: abs(value - edge.number) for n, value in enumerate(numbers) if isinstance(value, Fraction)}
        assert edge.at == tuple(n for n in away if away[n] == 0)
        assert edge.near == tuple(n for n in away if 0 < away[n] <= 1)
    if rule.method == "step":
        assert [edge.number for edge in found.edges] == [step.at for step in rule.steps]
    if rule.method == "target":
        assert [edge.number for edge in found.edges] == [Fraction("98.5") / Fraction("1.2"), Fraction("98.5")]


def test_one_unit_is_one_in_the_last_place_that_anybody_reports() -> None:
    rules = parse(BY_NUMBERS)
    entries = Entries(("x", "y", "z"), ("a", "a", "a"))
    given = {
        ("x", "", "days"): Fraction("0.5"),
        ("y", "steps", "days"): Fraction("7.75"),
        ("z", "", "days"): Fraction(1, 3),
    }
    found = distribution(rules, rules.by_id["steps"], entries, Reported(given))
    assert found.units == {"days": Fraction("0.01")}
    assert [(edge.number, edge.at) for edge in found.edges] == [(-1, ()), (Fraction("0.5"), (0,)), (8, ())]
    assert found.moves == (Move(0, "days", Fraction("0.01"), Fraction(-3)),)
