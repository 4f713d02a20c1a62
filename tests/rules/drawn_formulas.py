"""Formulas and indicators drawn from a generator, and what formulas are worth by Python's own reading: an oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from simsa.rules import Missing, Rounding, Rules, parse
from simsa.rules.formulas import Choice, Extreme, Named, Negative, Node, Number, Operation, Rounded, formula_text

NAMES = ("a", "b", "집행률(%)", "기준")
NUMBERS = ("0", "1", "2", "0.5", "3", "100", "0.01")
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

HEAD = """simsa_rules = 1
round = { id = "r", name = "r", time_zone = "UTC" }
each_group = { quota = 1 }
constants = { "기준" = "0.5" }
"""
EFFECTS = ('"leave_out"', '"no_result"', '{ value = "2.5" }', '{ value = "-1" }')


def drawn_formula(rng: Random, deep: int = 4) -> Node:
    """A tree with every kind of node, of at most so many levels."""
    kind = rng.choice(["number", "name", "name"] if deep == 0 else ["name", "minus", *"++--**//", "m", "round", "if"])

    def part() -> Node:
        return drawn_formula(rng, deep - 1 if rng.random() < 0.8 else 0)

    if kind == "number":
        return Number(Fraction(rng.choice(NUMBERS)))
    if kind == "name":
        return Named(rng.choice(NAMES))
    if kind == "minus":
        return Negative(part())
    if kind == "m":
        return Extreme(rng.choice(["min", "max"]), tuple(part() for _ in range(rng.randint(2, 3))))
    if kind == "round":
        return Rounded(part(), rng.randint(0, 3))
    if kind == "if":
        return Choice(rng.choice(COMPARISONS), part(), part(), part(), part())
    return Operation(kind, part(), part())


class Exact:
    """A number or a reason why there is none, under Python's operators: reasons pass through, the first kind first."""

    def __init__(self, value: Fraction | Missing) -> None:
        self.value = value

    def _with(self, other: Exact, compute: Callable[[Any, Any], Any]) -> Exact:
        for why in (Missing.NOT_SUBMITTED, Missing.NOT_APPLICABLE):
            if why in (self.value, other.value):
                return Exact(why)
        return Exact(compute(self.value, other.value))

    def __add__(self, other: Exact) -> Exact:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Exact) -> Exact:
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other: Exact) -> Exact:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Exact) -> Exact:
        return self._with(other, lambda a, b: a / b if b else Missing.NOT_APPLICABLE)

    def __neg__(self) -> Exact:
        return Exact(Fraction(0)) - self


def python_text(node: Node) -> str:
    """The formula as a Python expression over `Exact`, every operation in brackets of its own."""
    match node:
        case Number(value):
            return f"exact({str(value)!r})"
        case Named(name):
            return f"named({name!r})"
        case Negative(of):
            return f"(-{python_text(of)})"
        case Operation(operator, left, right):
            return f"({python_text(left)} {operator} {python_text(right)})"
        case Extreme(which, of):
            return f"extreme({which!r}, {', '.join(map(python_text, of))})"
        case Rounded(of, places):
            return f"rounded({python_text(of)}, {places})"
        case Choice(comparison, left, right, then, otherwise):
            asked = f"lambda a, b: a {comparison if comparison != '=' else '=='} b"
            branches = f"lambda: {python_text(then)}, lambda: {python_text(otherwise)}"
            return f"choice({python_text(left)}, {python_text(right)}, {asked}, {branches})"


def by_python(text: str, numbers: Mapping[str, Fraction]) -> Fraction | Missing:
    """What such an expression is worth."""

    def extreme(which: str, *of: Exact) -> Exact:
        found = of[0]
        for other in of[1:]:
            found = found._with(other, min if which == "min" else max)
        return found

    def choice(left: Exact, right: Exact, holds: Any, then: Any, otherwise: Any) -> Exact:
        asked = left._with(right, lambda a, b: Fraction(holds(a, b)))
        return asked if isinstance(asked.value, Missing) else then() if asked.value else otherwise()

    names = {
        "exact": lambda number: Exact(Fraction(number)),
        "named": lambda name: Exact(numbers.get(name, Missing.NOT_SUBMITTED)),
        "rounded": lambda of, places: of._with(of, lambda a, _: Rounding(places).apply(a)),
        "extreme": extreme,
        "choice": choice,
    }
    found: Exact = eval(text, {"__builtins__": {}, **names})  # of expressions that this module wrote
    return found.value


def drawn_indicator_rules(rng: Random) -> Rules:
    """Some indicators and adjustments by drawn formulas; every method, with every choice of it."""
    effects = {
        why: rng.choice([*EFFECTS, *(['"refuse"'] if rng.random() < 0.1 else [])])
        for why in ("submitted", "applicable")
    }
    text = [HEAD, "[missing]", *(f"not_{why} = {effect}" for why, effect in effects.items())]
    text += [
        'abstained = "refuse"',
        'recused = "refuse"',
        "[[criterion]]",
        'id = "total"',
        'combine = { method = "mean" }',
    ]
    for n in range(rng.randint(2, 5)):
        text += ["[[criterion]]", f'id = "n{n}"', "[criterion.indicator]", *_indicator(rng), "round = { places = 6 }"]
    text += ["[[criterion]]", 'id = "all"', "[criterion.indicator]", 'method = "formula"', 'formula = "a + 기준"']
    for n in range(rng.randint(0, 2)):
        text += ["[[adjustment]]", f'id = "x{n}"', f'kind = "{rng.choice(["bonus", "deduction"])}"', 'missing = "none"']
        text += [f"formula = '''max(0, a, {formula_text(drawn_formula(rng, 2))})'''", "round = { places = 3 }"]
    return parse("\n".join([*text, "[[tie_break]]", "lot = true"]))


def _indicator(rng: Random) -> list[str]:
    method = rng.choice(["rank", "percentile", "linear", "target", "step", "formula"])
    tree = f"a * 0 + {formula_text(drawn_formula(rng))}"
    text = [f'method = "{method}"', f"formula = '''{tree}'''"]
    if method in ("rank", "percentile", "target"):
        text.append(f'better = "{rng.choice(["higher", "lower"])}"')
    if method in ("rank", "percentile"):
        text.append(f'within = "{rng.choice(["group", "round"])}"')
    boundary = f'boundary = "{rng.choice(["above", "below"])}"'
    grades = [boundary, "steps = [{ at = 50, points = 9 }]"] if rng.random() < 0.5 else []
    if method not in ("step", "formula") and not (method == "percentile" and grades):
        text.append(f"points = {{ min = {rng.choice([0, 1, -5])}, max = {rng.choice([0, 10, 100])} }}")
    own = {
        "rank": [f'ties = "{rng.choice(["mean", "best"])}"'],
        "percentile": [f'counts = "{rng.choice(["worse", "middle", "not_better"])}"', *grades],
        "linear": ["worst = -1", f"best = {rng.choice([-3, 2])}"],
        "target": [f"target = {rng.choice([1, 2])}", f"cap = {rng.choice(['1', '1.5'])}"],
        "step": [boundary, "steps = [{ at = 0, points = 3 }, { at = 1, points = -1 }]", "base = 2"],
        "formula": [],
    }
    return [*text, *own[method]]
