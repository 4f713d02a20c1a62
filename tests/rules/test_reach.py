"""How far values reach: no sheets may pass the bounds, and the bounds are met where they can be."""

from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.inputs import Entries, Reported, Sheets
from simsa.engine.tally import TallyError, tally
from simsa.rules import parse
from simsa.rules.reach import Reach, reach, reach_by_group
from tests.draws import draws
from tests.engine.sheets import sheets
from tests.rules.complete import BY_NUMBERS
from tests.rules.drawn import MARKS, rules_texts
from tests.rules.drawn_formulas import NAMES, drawn_indicator_rules
from tests.rules.small import SMALL, changed

EXTRA = """
[[adjustment]]
id = "fault"
kind = "deduction"
missing = "none"
each = "0.75"
cap = "2.3"
round = { places = 0 }

[[adjustment]]
id = "plus"
kind = "bonus"
missing = "none"
cap = 3

[adjustment_caps]
bonus = "2.5"
"""


FACTORS = st.fixed_dictionaries(dict.fromkeys(("a", "b", "c"), st.integers(-1, 2)))


@settings(max_examples=draws(60), deadline=None)
@given(FACTORS, FACTORS)
def test_each_group_has_its_own_reach(idea: dict[str, int], work: dict[str, int]) -> None:
    text = changed('id = "b"', 'id = "c"\nquota = 1\n\n[[group]]\nid = "b"')
    for node, factors in (("idea", idea), ("work", work)):
        said = ", ".join(f"{group} = {factor}" for group, factor in factors.items())
        text = changed(f'id = "{node}"', f'id = "{node}"\nfactor = {{ by_group = {{ {said} }} }}', text)
    rules = parse(text)
    assert reach_by_group(rules) == {group.id: reach(rules, group.id) for group in rules.groups}


@settings(max_examples=draws(200), deadline=None)
@given(st.data())
def test_no_value_lies_outside(data: st.DataObject) -> None:
    text = data.draw(rules_texts()) + data.draw(st.sampled_from(["", EXTRA]))
    rules = parse(text)
    entries = Entries(("x", "y"), ("a", "a"))
    rows = {
        (entry, f"r{n}"): data.draw(st.lists(MARKS, min_size=3, max_size=3))
        for entry in entries.ids
        for n in range(data.draw(st.integers(1, 4)))
    }
    numbers = st.one_of(st.none(), st.integers(0, 6).map(Fraction))
    reported = {(entry, "", field): data.draw(numbers) for entry in entries.ids for field in ("fault", "plus")}
    found = tally(
        rules,
        entries,
        sheets(rules, entries, rows),
        Reported({key: value for key, value in reported.items() if value is not None}),
    )
    bounds = reach(rules, "a")
    for node in found.nodes:
        for position in range(len(entries)):
            value, own = found.value(node, position), bounds[node].final
            assert value is None or own.least is None or value >= own.least
            assert value is None or own.most is None or value <= own.most


def test_bounds_are_exact_for_a_plain_tree() -> None:
    text = changed("weight = 0.6\n", "weight = 0.6\nat_most = 9\n")
    found = reach(parse(text), "a")
    assert found["work"].free == Reach(Fraction(0), Fraction(10))
    assert found["work"].final == Reach(Fraction(0), Fraction(9))
    assert found["total"].final == Reach(Fraction(0), Fraction("9.4"))


def indicators(method: str, weight: str = "") -> str:
    """Rules of two indicators, from 10 to 40 and from 0 to 90 points, combined by `method`."""
    return f"""{SMALL[: SMALL.index("[[criterion]]")]}
[[criterion]]
id = "total"
combine = {{ method = "{method}" }}

[[criterion]]
id = "first"
{weight}
indicator = {{ method = "rank", field = "f", points = {{ min = 10, max = 40 }} }}

[[criterion]]
id = "second"
{weight}
indicator = {{ method = "linear", field = "s", worst = 0, best = 9, points = {{ min = 0, max = 90 }} }}

[[tie_break]]
lot = true
"""


def test_what_may_be_left_out_raises_a_mean_up_to_its_best_part() -> None:
    weighed = indicators("weighted_sum", 'weight = "0.5"')
    assert reach(parse(weighed), "a")["total"].final == Reach(Fraction(0), Fraction(90), absent=True)
    settled = weighed.replace('not_submitted = "leave_out"', 'not_submitted = "no_result"')
    assert reach(parse(settled), "a")["total"].final == Reach(Fraction(5), Fraction(65))
    found = {
        method: reach(parse(indicators(method).replace('not_submitted = "leave_out"', 'not_submitted = "refuse"')), "a")
        for method in ("min", "median", "max")
    }
    assert found["min"]["total"].final == Reach(Fraction(0), Fraction(40))
    assert found["median"]["total"].final == Reach(Fraction(5), Fraction(65))
    assert found["max"]["total"].final == Reach(Fraction(10), Fraction(90))


@settings(max_examples=draws(150), deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_no_number_gives_points_outside(rng: Random) -> None:
    """Indicators of every method, with drawn formulas, and what stands for a number that is not there."""
    rules, ids = drawn_indicator_rules(rng), ("x", "y", "z")
    numbers = {(key, "", name): Fraction(rng.randint(-9, 99), rng.choice([1, 3])) for key in ids for name in NAMES}
    for gone in rng.sample(sorted(numbers), 2):
        del numbers[gone]
    entries = Entries(ids, ("a",) * 3)
    try:
        found = tally(rules, entries, Sheets.none(rules), Reported(numbers))
    except TallyError:
        return
    bounds = reach(rules, "*")
    for node in found.nodes:
        own = bounds[node].final
        for value in found.values[node].values():
            assert value is None or own.least is None or value >= own.least
            assert value is None or own.most is None or value <= own.most


def test_points_of_indicators_are_bounded_by_their_rules() -> None:
    bounds = reach(parse(BY_NUMBERS), "a")
    assert bounds["place"].final == Reach(Fraction(0), Fraction(100))
    assert bounds["goal"].final == Reach(Fraction(-1), Fraction("6.2"))
    assert bounds["steps"].final == Reach(Fraction(-3), Fraction(10))
    assert bounds["money"].final == Reach(None, None)
