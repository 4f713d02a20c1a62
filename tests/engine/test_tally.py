"""The tally against a second, plain reading of the rules: one entry at a time, in fractions."""

import csv
import os
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.tally import TallyError, tally
from simsa.rules import Criterion, Missing, PanelAggregate, Rules, parse
from tests.draws import draws
from tests.engine.sheets import sheets
from tests.rules.drawn import MARKS, rules_texts
from tests.rules.small import SMALL, changed

LEFT_OUT, NONE = "left out", None
Value = Fraction | str | None


class Plain:
    """The slow, obvious tally of one entry."""

    def __init__(self, rules: Rules, rows: list[list[str | Missing]]) -> None:
        self.rules, self.rows = rules, rows
        self.column = {leaf.id: n for n, leaf in enumerate(rules.leaves)}

    def entry(self, node: Criterion) -> Value:
        if node.panel:
            value = self.panel(node.panel, [self.sheet(node, row, inside=False) for row in self.rows])
            if isinstance(value, Fraction) and node.panel.round:
                value = node.panel.round.apply(value)
        else:
            value = self.combine(node, [self.entry(child) for child in self.rules.children(node.id)])
        return self.finish(node, value)

    def finish(self, node: Criterion, value: Value) -> Value:
        if not isinstance(value, Fraction):
            return value
        if node.factor and node.factor.value is not None:
            value *= node.factor.value
        if node.round:
            value = node.round.apply(value)
        value = value if node.at_least is None else max(value, node.at_least)
        return value if node.at_most is None else min(value, node.at_most)

    def sheet(self, node: Criterion, row: list[str | Missing], inside: bool = True) -> Value:
        children = self.rules.children(node.id)
        if children:
            value = self.combine(node, [self.sheet(child, row) for child in children])
        else:
            mark = row[self.column[node.id]]
            if isinstance(mark, Missing):
                effect = self.rules.effect(node, mark)
                value = {"leave_out": LEFT_OUT, "no_result": NONE, "value": effect.value}[effect.kind]
            else:
                value = Fraction(mark)
        return self.finish(node, value) if inside else value

    def combine(self, node: Criterion, values: list[Value]) -> Value:
        assert node.combine
        there = [(child, v) for child, v in zip(self.rules.children(node.id), values, strict=True) if v != LEFT_OUT]
        if not there:
            return LEFT_OUT
        if any(v is None for _, v in there):
            return NONE
        numbers = [Fraction(v) for _, v in there if v is not None]
        method = node.combine.method
        if method == "sum":
            result = sum(numbers, Fraction(0)) if len(there) == len(values) else NONE
        elif method == "weighted_sum":
            weights = [child.weight or Fraction(0) for child, _ in there]
            total = sum(weights, Fraction(0))
            products = sum((w * n for w, n in zip(weights, numbers, strict=True)), Fraction(0))
            result = products * node.combine.weights_sum / total if total else NONE
        elif method == "mean":
            result = sum(numbers, Fraction(0)) / len(numbers)
        else:
            result = {"median": median, "min": min, "max": max}[method](numbers)
        return node.combine.round.apply(result) if result is not None and node.combine.round else result

    def panel(self, rule: PanelAggregate, values: list[Value]) -> Value:
        if any(value is None for value in values):
            return NONE
        there = sorted(Fraction(v) for v in values if v is not None and v != LEFT_OUT)
        if len(there) < rule.minimum:
            return self.instead(rule.below_minimum, there)
        if rule.method == "mean":
            return self.instead("mean", there)
        if rule.method == "median":
            return self.instead("median", there)
        if rule.method == "consensus":
            return self.instead("mean" if there[-1] - there[0] <= rule.spread else rule.otherwise, there)
        middle = there[rule.drop_low : len(there) - rule.drop_high]
        if rule.ties == "all":
            dropped_low = there[: rule.drop_low]
            dropped_high = there[len(there) - rule.drop_high :]
            middle = [v for v in middle if v not in dropped_low and v not in dropped_high]
        return self.instead("mean" if middle else rule.below_minimum, middle if middle else there)

    def instead(self, what: str, values: list[Fraction]) -> Value:
        if not values or what == "no_result":
            return NONE
        return sum(values, Fraction(0)) / len(values) if what == "mean" else Fraction(median(values))


@settings(max_examples=draws(250), deadline=None)
@given(st.data())
def test_the_tally_is_what_the_rules_say(data: st.DataObject) -> None:
    rules = parse(data.draw(rules_texts()))
    entries = Entries(("x", "y", "z"), ("a",) * 3)
    rows = {
        (entry, f"r{n}"): data.draw(st.lists(MARKS, min_size=3, max_size=3))
        for entry in entries.ids
        for n in range(data.draw(st.integers(0, 6)))
    }
    result = tally(rules, entries, sheets(rules, entries, rows))
    for position, entry in enumerate(entries.ids):
        plain = Plain(rules, [row for (other, _), row in rows.items() if other == entry])
        wanted = plain.entry(rules.root)
        assert result.value("total", position) == (wanted if isinstance(wanted, Fraction) else None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_of_sheets_does_not_matter(seed: int) -> None:
    rules = parse(SMALL)
    entries = Entries(("x", "y"), ("a", "b"))
    random = np.random.default_rng(seed)
    rows = {(e, f"r{n}"): [str(Fraction(int(m), 2)) for m in random.integers(0, 21, 2)] for e in "xy" for n in range(5)}
    order = list(rows)
    random.shuffle(order)
    first = tally(rules, entries, sheets(rules, entries, rows))
    second = tally(rules, entries, sheets(rules, entries, {key: rows[key] for key in order}))
    assert [first.value("total", n) for n in (0, 1)] == [second.value("total", n) for n in (0, 1)]


def test_numbers_beyond_64_bits_stay_exact() -> None:
    text = SMALL.replace("max = 10, step", "max = 100000000000, step").replace('"0.5"', '"0.000001"')
    text = changed("places = 2", "places = 12", text)
    rules = parse(text)
    entries = Entries(("x",), ("a",))
    rows = {("x", f"r{n}"): [f"9999999999{n}.000001", f"9999999999{n}.999999"] for n in range(7)}
    idea = sum(Fraction(row[0]) for row in rows.values()) / 7
    work = sum(Fraction(row[1]) for row in list(rows.values())[1:6]) / 5
    wanted = rules.root.round.apply(idea * Fraction("0.4") + work * Fraction("0.6"))  # type: ignore[union-attr]
    assert tally(rules, entries, sheets(rules, entries, rows)).value("total", 0) == wanted


def test_adjustments_come_after_the_factor_and_before_rounding() -> None:
    extra = """
[adjustment_caps]
bonus = "0.5"

[[adjustment]]
id = "late"
kind = "deduction"
field = "days"
each = "0.333"
cap = 1
missing = "none"

[[adjustment]]
id = "extra"
kind = "bonus"
field = "extra"
missing = "none"

[[adjustment]]
id = "more"
kind = "bonus"
field = "more"
missing = "none"
"""
    rules = parse(changed("[[tie_break]]", extra + "\n[[tie_break]]"))
    entries = Entries(("x", "y", "z"), ("a", "b", "b"))
    rows = {(e, f"r{n}"): ["5", "5"] for e in "xyz" for n in range(3)}
    reported = Reported(
        {
            ("x", "", "days"): Fraction(1),
            ("y", "", "days"): Fraction(9),
            ("y", "", "extra"): Fraction("0.4"),
            ("y", "", "more"): Fraction("0.4"),
        }
    )
    result = tally(rules, entries, sheets(rules, entries, rows), reported)
    assert result.value("total", 0) == Fraction("4.67")  # 5 - 0.333, rounded half up
    assert result.unrounded["total"].value(0) == Fraction("4.667")
    assert result.value("total", 1) == Fraction("4.5")  # deduction capped at 1, bonus at 0.5
    assert result.value("total", 2) == 5
    refusing = parse(
        changed(
            'field = "days"\neach = "0.333"\ncap = 1\nmissing = "none"',
            'field = "days"',
            changed("[[tie_break]]", extra + "\n[[tie_break]]"),
        )
    )
    with pytest.raises(
        TallyError, match="entry 'z', deduction 'late': 'days' is not reported, and the rules refuse that"
    ):
        tally(refusing, entries, sheets(refusing, entries, rows), Reported({**reported.values}))


def test_refused_missing_values_name_their_place() -> None:
    rules = parse(changed('recused = "leave_out"', 'recused = "refuse"'))
    entries = Entries(("x",), ("a",))
    rows: dict[tuple[str, str], list[str | Missing]] = {("x", "ann"): ["5", Missing.RECUSED]}
    with pytest.raises(
        TallyError, match="entry 'x', reviewer 'ann', criterion 'work': recused, which the rules refuse"
    ):
        tally(rules, entries, sheets(rules, entries, rows))


def test_too_few_marks_may_be_refused() -> None:
    rules = parse(changed("drop_low = 1 }", 'drop_low = 1, below_minimum = "refuse" }'))
    entries = Entries(("x",), ("a",))
    rows: dict[tuple[str, str], list[str | Missing]] = {("x", "ann"): ["5", "5"]}
    with pytest.raises(TallyError, match="entry 'x', criterion 'work'"):
        tally(rules, entries, sheets(rules, entries, rows))


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({("x", "ann"): ["10.5", "5"]}, "mark 21/2 of 'ann' on entry 'x' is not on the scale of 'idea'"),
        ({("x", "ann"): ["5", "-0.5"]}, "mark -1/2 of 'ann' on entry 'x' is not on the scale of 'work'"),
    ],
)
def test_marks_off_the_scale_are_refused(marks: dict[tuple[str, str], list[str | Missing]], message: str) -> None:
    rules = parse(SMALL)
    entries = Entries(("x",), ("a",))
    with pytest.raises(InputError, match=message):
        tally(rules, entries, sheets(rules, entries, marks))


def test_two_sheets_in_one_slot_are_refused() -> None:
    rules = parse(SMALL)
    entries = Entries(("x",), ("a",))
    one = sheets(rules, entries, {("x", "ann"): ["5", "5"]})
    twice = Sheets(
        one.reviewers,
        one.leaves,
        np.zeros(2, np.int64),
        np.zeros(2, np.int64),
        np.zeros((2, 2), np.int64),
        np.zeros((2, 2), np.int8),
        1,
    )
    with pytest.raises(InputError, match="two sheets of 'ann' on entry 'x'"):
        tally(rules, entries, twice)


def test_entries_must_belong_to_known_groups() -> None:
    rules = parse(SMALL)
    entries = Entries(("x",), ("c",))
    with pytest.raises(InputError, match=r"entry 'x': group 'c' is not in the rules \(known: a, b\)"):
        tally(rules, entries, Sheets.none(rules))
    with pytest.raises(InputError, match="entry 'x' is there more than once"):
        Entries(("x", "x"), ("a", "a"))


SKATING = Path(os.environ.get("SIMSA_DATA", "")) / "skating"


@pytest.mark.skipif(not os.environ.get("SIMSA_DATA"), reason="SIMSA_DATA is not set: no skating marks")
def test_every_official_skating_number_comes_out_to_the_cent() -> None:
    """Straight from the CSV files, without simsa's own import, so that neither hides the other's faults."""
    rules = parse((Path(__file__).parents[2] / "examples/skating/rules.toml").read_bytes())
    leaves = {"Skating Skills": 0, "Transitions": 1, "Performance": 2, "Composition": 3}
    with (SKATING / "performances.csv").open(newline="") as file:
        performances = {row["performance_id"]: row for row in csv.DictReader(file)}
    with (SKATING / "judged-aspects.csv").open(newline="") as file:
        aspects = {row["aspect_id"]: row for row in csv.DictReader(file) if row["section"] == "components"}
    entries = Entries(tuple(performances), tuple(row["program"] for row in performances.values()))
    rows: dict[tuple[str, str], list[str | Missing]] = defaultdict(lambda: [Missing.NOT_SUBMITTED] * 5)
    with (SKATING / "judge-scores.csv").open(newline="") as file:
        for mark in csv.DictReader(file):
            if (aspect := aspects.get(mark["aspect_id"])) and mark["score"] != "0.0":
                rows[aspect["performance_id"], mark["judge"]][leaves.get(aspect["aspect_desc"], 4)] = mark["score"]
    factors = {
        (aspect["performance_id"], rules.leaves[leaves.get(aspect["aspect_desc"], 4)].id, "factor"): Fraction(
            aspect["factor"]
        )
        for aspect in aspects.values()
    }
    result = tally(rules, entries, sheets(rules, entries, rows), Reported(factors))
    checked = 0
    for aspect in aspects.values():
        node = rules.leaves[leaves.get(aspect["aspect_desc"], 4)].id
        factor = Fraction(aspect["factor"])
        panel = Fraction(aspect["scores_of_panel"])
        entry = entries.index[aspect["performance_id"]]
        assert result.panels[node].value(entry) == panel
        assert result.value(node, entry) == rules.by_id[node].round.apply(panel * factor)  # type: ignore[union-attr]
        checked += 2
    for key, performance in performances.items():
        assert result.value("total", entries.index[key]) == Fraction(performance["total_component_score"])
        checked += 1
    assert checked == 2 * len(aspects) + len(performances) > 0


@pytest.mark.parametrize("zero", [False, True])
def test_panels_of_every_size_up_to_60_stay_exact(zero: bool) -> None:
    """The common denominator of means over 1 to 60 marks is far beyond 64 bits, also where every mark is 0."""
    rules = parse(SMALL)
    entries = Entries(tuple(f"e{n}" for n in range(1, 61)), ("a",) * 60)
    rows = {
        (f"e{n}", f"r{r}"): ["0", "0"] if zero else [str(Fraction((7 * n + 3 * r) % 21, 2)), str(r % 11)]
        for n in range(1, 61)
        for r in range(n)
    }
    result = tally(rules, entries, sheets(rules, entries, rows))
    for position, entry in enumerate(entries.ids):
        wanted = Plain(rules, [row for (other, _), row in rows.items() if other == entry]).entry(rules.root)
        assert result.value("total", position) == wanted


@pytest.mark.parametrize("places", [16, 18, 25])
def test_a_declared_value_of_many_places_stays_exact(places: int) -> None:
    value = "0." + "3" * places
    rules = parse(
        changed(
            'abstained = "leave_out"', f'abstained = {{ value = "{value}" }}', SMALL.replace("max = 10", "max = 100")
        )
    )
    entries = Entries(("x",), ("a",))
    rows: dict[tuple[str, str], list[str | Missing]] = {
        ("x", "r0"): ["100", "100"],
        ("x", "r1"): [Missing.ABSTAINED, "100"],
        ("x", "r2"): ["99.5", Missing.ABSTAINED],
    }
    result = tally(rules, entries, sheets(rules, entries, rows))
    assert result.value("idea", 0) == (Fraction(100) + Fraction(value) + Fraction("99.5")) / 3
    assert result.value("work", 0) == 100


@pytest.mark.parametrize("high", [10, 30, 50, 70, 90])
def test_consensus_with_a_spread_of_many_places(high: int) -> None:
    text = SMALL.replace("max = 10", "max = 100")
    panel = 'panel = { method = "consensus", spread = "0.00000000000000001" }'
    rules = parse(changed('panel = { method = "mean" }', panel, text))
    entries = Entries(("x", "y"), ("a", "a"))
    rows: dict[tuple[str, str], list[str | Missing]] = {
        **{("x", f"r{n}"): [str(high * (n % 2)), "5"] for n in range(3)},
        **{("y", f"r{n}"): [str(high), "5"] for n in range(3)},
    }
    result = tally(rules, entries, sheets(rules, entries, rows))
    assert result.value("idea", 0) is None
    assert result.value("idea", 1) == high


SUMMED = (
    SMALL[: SMALL.index("[missing]")]
    + """
[missing]
not_submitted = "leave_out"
not_applicable = "refuse"
abstained = "refuse"
recused = "leave_out"

[[criterion]]
id = "total"
combine = { method = "sum" }
panel = { method = "mean" }

[[criterion]]
id = "idea"
scale = { min = 0, max = 10, step = 1 }

[[criterion]]
id = "work"
scale = { min = 0, max = 10, step = 1 }

[[tie_break]]
lot = true
"""
)


@pytest.mark.parametrize("why", [Missing.NOT_SUBMITTED, Missing.RECUSED])
def test_a_sheet_that_fills_a_part_of_a_sum_is_named_and_never_counted_as_zero(why: Missing) -> None:
    rules, entries = parse(SUMMED), Entries(("x", "y"), ("a", "a"))
    whole: dict[tuple[str, str], list[str | Missing]] = {
        ("x", "r1"): ["5", "5"],
        ("x", "r2"): [why, why],
        ("y", "r1"): ["3", "4"],
    }
    assert [tally(rules, entries, sheets(rules, entries, whole)).value("total", n) for n in (0, 1)] == [10, 7]
    with pytest.raises(TallyError, match=r"entry 'y', reviewer 'r2': the sheet fills only a part .* 'work'"):
        tally(rules, entries, sheets(rules, entries, whole | {("y", "r2"): ["3", why]}))
    explicit = parse(SUMMED.replace(f'{why.value} = "leave_out"', f'{why.value} = {{ value = "0" }}'))
    assert tally(explicit, entries, sheets(explicit, entries, whole | {("y", "r2"): ["3", why]})).value("total", 1) == 5


def test_sheet_totals_are_not_rounded_and_become_floats_at_any_size() -> None:
    text = changed(
        'combine = { method = "weighted_sum" }', 'combine = { method = "weighted_sum", round = { places = 0 } }'
    )
    rules, entries = parse(text), Entries(("x",), ("a",))
    found = tally(rules, entries, sheets(rules, entries, {("x", "r1"): ["5.5", "6"]}))
    assert found.sheet_totals.value(0) == Fraction("5.8")
    tiny = changed("weight = 0.6", 'weight = 0.6\nfactor = "' + "0." + "0" * 25 + '1"')
    wide = parse(tiny)
    found = tally(wide, entries, sheets(wide, entries, {("x", "r1"): ["5", "5"]}))
    assert found.sheet_totals.floats().tolist() == [2.0]
    large = Column(np.array([10**400], object), 3 * 10**399, np.zeros(1, np.int8))
    assert large.floats().tolist() == [10 / 3]
