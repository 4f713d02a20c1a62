"""The number of an indicator or an adjustment: the reported field, or its formula in exact fractions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction

from simsa.engine.inputs import Entries, InputError, Reported
from simsa.rules import Adjustment, Indicator, Missing, Rounding, Rules, parse_formula
from simsa.rules.formulas import Choice, Extreme, Named, Negative, Node, Number, Operation, Rounded, parts_of

LARGEST = 10**300
"""Numerators and denominators in a formula stay below: nobody means such a number, and it costs whoever counts it."""

Value = Fraction | Missing


def numbers_of(
    rules: Rules, criterion: str, source: Indicator | Adjustment, entries: Entries, reported: Reported
) -> list[Value]:
    """For each entry the number at `criterion`, or why there is none.

    `NOT_SUBMITTED` where a number that it needs was not reported, else `NOT_APPLICABLE` where its formula divides by
    zero. InputError where a formula comes to a number of more than 300 digits.
    """

    def at(entry: str, name: str) -> Value:
        number = reported.get(entry, criterion, name)
        return Missing.NOT_SUBMITTED if number is None else number

    if source.formula is None:
        assert source.field is not None
        return [at(entry, source.field) for entry in entries.ids]
    tree, constants = parse_formula(source.formula), dict(rules.constants)

    def value(entry: str) -> Value:
        try:
            return evaluate(tree, lambda name: constants[name] if name in constants else at(entry, name))
        except OverflowError as error:
            raise InputError(f"entry {entry!r}, criterion {criterion!r}: the formula {error}") from None

    return [value(entry) for entry in entries.ids]


def evaluate(node: Node, of: Callable[[str], Value]) -> Value:
    """The value of a formula whose names are worth what `of` says. OverflowError beyond `LARGEST`."""
    if isinstance(node, Choice):
        value = _choice(node, of)
    else:
        parts = [evaluate(part, of) for part in parts_of(node)]
        there = [part for part in parts if isinstance(part, Fraction)]
        value = _computed(node, there, of) if len(there) == len(parts) else _reason(parts)
    if isinstance(value, Fraction) and (abs(value.numerator) >= LARGEST or value.denominator >= LARGEST):
        raise OverflowError("comes to a number of more than 300 digits")
    return value


def _reason(parts: list[Value]) -> Missing:
    """What is not reported goes before what is divided by zero."""
    return Missing.NOT_SUBMITTED if Missing.NOT_SUBMITTED in parts else Missing.NOT_APPLICABLE


def _computed(node: Node, parts: list[Fraction], of: Callable[[str], Value]) -> Value:
    match node:
        case Number(value):
            return value
        case Named(name):
            return of(name)
        case Negative():
            return -parts[0]
        case Rounded(_, places):
            return Rounding(places).apply(parts[0])
        case Extreme(which, _):
            return min(parts) if which == "min" else max(parts)
        case Operation("/", _, _) if parts[1] == 0:
            return Missing.NOT_APPLICABLE
        case Operation(sign, _, _):
            return _OPERATIONS[sign](*parts)
    raise TypeError(f"a formula has no {type(node).__name__}")


def _choice(node: Choice, of: Callable[[str], Value]) -> Value:
    left, right = evaluate(node.left, of), evaluate(node.right, of)
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        return _reason([left, right])
    return evaluate(node.then if _COMPARISONS[node.comparison](left, right) else node.otherwise, of)


_OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
