"""Formulas: one spelling for each tree, Python's precedence, and no text that is read half."""

import ast
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import RulesError, parse
from simsa.rules.formulas import (
    DEEPEST,
    LONGEST,
    MOST,
    FormulaError,
    Node,
    formula_text,
    names_in,
    parse_formula,
    parts_of,
)
from tests.draws import draws
from tests.rules.complete import BY_NUMBERS
from tests.rules.drawn_formulas import NAMES, by_python, drawn_formula, python_text
from tests.rules.small import SMALL, changed

RANDOMS = st.integers(0, 2**32).map(Random)


def size(node: Node) -> int:
    return 1 + sum(map(size, parts_of(node)))


@settings(max_examples=draws(400), deadline=None)
@given(RANDOMS)
def test_each_tree_has_one_spelling(rng: Random) -> None:
    tree = drawn_formula(rng)
    text = formula_text(tree)
    assert parse_formula(text) == tree
    assert parse_formula(text.replace(" ", "") if "[" not in text else f" ({text})\t\n") == tree
    assert set(names_in(tree)) <= set(NAMES)


@settings(max_examples=draws(400), deadline=None)
@given(st.lists(st.sampled_from(["+", "-", "*", "/", "+-", "*-", "/-"]), max_size=7), st.data())
def test_signs_bind_as_everywhere(signs: list[str], data: st.DataObject) -> None:
    """A text of numbers, signs and some brackets: by the tree, and by Python's own parser."""
    numbers = [str(data.draw(st.integers(1, 9))) for _ in range(len(signs) + 1)]
    pieces = [numbers[0], *(piece for pair in zip(signs, numbers[1:], strict=True) for piece in pair)]
    if signs:
        first = data.draw(st.integers(0, len(signs)))
        last = data.draw(st.integers(first, len(signs)))
        pieces[2 * first] = f"({pieces[2 * first]}"
        pieces[2 * last] += ")"
    text = "".join(pieces)
    exact = ast.unparse(_Fractions().visit(ast.parse(text, mode="eval")))
    try:
        expected = eval(exact, {"F": Fraction})
    except ZeroDivisionError:
        return
    assert by_python(python_text(parse_formula(text)), {}) == expected


class _Fractions(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("F", ast.Load()), [node], [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "ends, where a number, a name or an opening bracket should be"),
        ("a b", "has 'b' at character 3, where an operator should be"),
        ("2 × a", "has '×' at character 3, which no formula has; write *"),
        ("a.b", "has '.' at character 2, which no formula has; a field with such a name stands between [ and ]"),
        ("min(a)", "has ')' at character 6, where a comma should be"),
        ("round(a, 13)", "has '13' at character 10, where decimal places from 0 to 12 should be"),
        ("if(a, 1, 2)", "where one of < <= > >= = != should be"),
        ("max + 1", "where an opening bracket after 'max', or [max] if a field is meant should be"),
        ("(a + 1", "ends, where an operator or a closing bracket should be"),
        ("1" * 31, "has a number of more than 30 characters"),
        ("a" * (LONGEST + 1), "has 1001 characters"),
        ("__import__('os')", 'has "\'" at character 12'),
        ("a ** 2", "has '*' at character 4"),
        ("a < b", "where an operator should be"),
    ],
)
def test_what_is_no_formula_says_where(text: str, fault: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse_formula(text)
    assert fault in str(refused.value)


@pytest.mark.parametrize("nest", ["({})", "-({})", "min(1, {})", "if({} < 1, 1, 2)", "1 - (1 - {})"])
def test_nesting_is_limited_before_the_stack_is(nest: str) -> None:
    each = nest.count("(") + nest.startswith("-")
    within = DEEPEST // each
    parse_formula(_nested(nest, within))
    with pytest.raises(FormulaError, match="levels deep"):
        parse_formula(_nested(nest, within + 1))
    with pytest.raises(FormulaError, match="levels deep"):
        parse_formula("(" * LONGEST)


def _nested(nest: str, times: int) -> str:
    return "a" if times == 0 else nest.format(_nested(nest, times - 1))


def test_a_long_row_of_signs_is_read() -> None:
    text = " + ".join(["a"] * MOST)
    assert size(parse_formula(text)) == 2 * MOST - 1
    assert formula_text(parse_formula(text)) == text
    with pytest.raises(FormulaError, match="more than 100 numbers and names"):
        parse_formula(f"{text} + a")


def file(old: str, new: str) -> str:
    with pytest.raises(RulesError) as refused:
        parse(changed(old, new, BY_NUMBERS))
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("planned * 100, 1)", "planned * 100", "line 35, criterion[3].indicator.formula: ends, where a comma"),
        (
            "usd * rate",
            "usd * rate" + f"+{'a' * 8}" * 93,
            "characters with a space around each sign, at most 1000",
        ),
        ('boundary = "above"', 'boundary = "up"', "line 57, criterion[5].indicator.boundary: is 'up' (one of"),
        ('boundary = "below"\n', "", "line 44, criterion[4].indicator.boundary: is missing"),
        ("at = 8,", "at = 0,", "line 47, criterion[4].indicator.steps: are not in order"),
        ("{ at = 8, points = 4 }", "{ at = 8 }", "criterion[4].indicator.steps[3].points: is missing"),
        ("[{ at = 0, points = 1 }]", "[]", "line 56, criterion[5].indicator.steps: has none"),
        ('rate = "1300.5"', 'rate = "1,300"', "line 10, constants.rate: is '1,300'"),
        ('rate = "1300.5"', 'round = 1\nrate = "1300.5"', "constants.round: 'round' is no name of a constant"),
        ('rate = "1300.5"', 'rate = "1300.5"\nidle = 1', "line 11, constants.idle: is in no formula"),
        ('field = "days"', 'field = "rate"', "line 10, constants.rate: is the name of a reported field, too"),
        ('spent = "백만원"', 'spend = "백만원"', "line 14, units.spend: 'spend' is no reported field (known: days, "),
        ('spent = "백만원"', "spent = 1", "units.spent: is a whole number"),
        ('target = "98.5"', 'field = "x"\ntarget = "98.5"', "indicator.formula: stands beside field"),
        ('target = "98.5"', "target = 0", "line 36, criterion[3].indicator.target: is 0 (more than 0"),
        ('target = "98.5"\n', "", "criterion[3].indicator.target: is missing"),
        ('cap = "1.2"', 'cap = "0.9"', "line 37, criterion[3].indicator.cap: is 0.9 (at least 1"),
        ('counts = "middle", ', "", "line 29, criterion[2].indicator.counts: is missing (one of worse,"),
        ('method = "formula", ', 'method = "reported", ', "indicator.formula: is not reported (method = "),
        ('method = "formula", ', 'method = "formula", field = "x", ', "indicator.field: is not a known key"),
        ('method = "formula", ', 'method = "formula", points = { max = 1 }, ', "indicator.points: is not a known key"),
        ('field = "days"', 'field = "days"\nbetter = "lower"', "criterion[4].indicator.better: is not a known key"),
        (
            "usd * rate / 100 + (1 - days)",
            "rate",
            "line 61, criterion[6].indicator.formula: asks for nothing that entries report",
        ),
        ("* 2 / 7", "* 2 / usd", "line 61, criterion[6].indicator: divides by what entries report"),
        ('round = { places = 3, mode = "half_even" }', "", "criterion[3].indicator: divides by what entries report"),
        ("round = { places = 2 }", "", "line 63, adjustment[1]: divides by what entries report"),
        ('kind = "deduction"', 'kind = "deduction"\nfield = "days"', "adjustment[1].formula: stands beside field"),
    ],
)
def test_faults_of_what_is_computed_are_named_with_their_line(old: str, new: str, expected: str) -> None:
    assert expected in file(old, new)


def test_a_sum_asks_what_a_division_by_zero_does() -> None:
    text = changed('"mean"', '"sum"', BY_NUMBERS)
    text = changed("not_applicable = { value = 0 }", 'not_applicable = "leave_out"', text)
    with pytest.raises(RulesError, match="'goal' is left out when not_applicable, and in a sum that counts as zero"):
        parse(text)


def test_how_a_formula_is_written_is_not_part_of_the_rules() -> None:
    plain = parse(BY_NUMBERS)
    other = changed("round(spent / planned * 100, 1)", "round( (spent/[planned])*100.0 ,1 )", BY_NUMBERS)
    assert parse(other).hash == plain.hash
    assert parse(changed("spent / planned", "spent * planned", BY_NUMBERS)).hash != plain.hash
    assert plain.reported_fields == {"집행률(%)", "spent", "planned", "days", "usd"}
    assert b"formula" not in parse(SMALL).canonical
