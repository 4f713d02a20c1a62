"""Formulas drawn from a generator, and what they are worth by Python's own reading: an oracle for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from simsa.rules import Missing, Rounding
from simsa.rules.formulas import Choice, Extreme, Named, Negative, Node, Number, Operation, Rounded

NAMES = ("a", "b", "집행률(%)", "기준")
NUMBERS = ("0", "1", "2", "0.5", "3", "100", "0.01")
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")


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
