"""Formulas over reported numbers and declared constants: text to a syntax tree, and the tree to its one spelling::

    formula    = sum
    sum        = product { ("+" | "-") product }
    product    = signed { ("*" | "/") signed }
    signed     = [ "-" ] operand
    operand    = number | name | "(" sum ")" | ("min" | "max") "(" sum "," sum { "," sum } ")"
               | "round" "(" sum "," places ")" | "if" "(" sum comparison sum "," sum "," sum ")"
    comparison = "<" | "<=" | ">" | ">=" | "=" | "!="

A name is a word of ASCII letters, Hangul syllables, Chinese characters, digits and `_` that begins with no digit, or
anything between `[` and `]`. Nothing here computes a number; `simsa.engine.indicators` does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

from .decimals import decimal_text, parse_decimal

LONGEST = 1000
"""Characters of a formula."""
DEEPEST = 20
"""Brackets, functions and signs within one another."""
MOST = 100
"""Numbers and names in a formula."""
MOST_PLACES = 12
_LONGEST_NUMBER = 30

WORD = re.compile(r"[A-Za-z_\uac00-\ud7a3\u4e00-\u9fff][A-Za-z0-9_\uac00-\ud7a3\u4e00-\u9fff]*")
FUNCTIONS = ("min", "max", "round", "if")
_TOKEN = re.compile(
    rf"(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))|(?P<word>{WORD.pattern})|\[(?P<quoted>[^\[\]\r\n]+)\]"
    r"|(?P<sign><=|>=|!=|[-+*/(),<>=])"
)
_SPACE = re.compile(r"[ \t\r\n]*")
_COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

Operator: TypeAlias = Literal["+", "-", "*", "/"]


class FormulaError(ValueError):
    """A text that is no formula; the message says what is wrong and where."""


@dataclass(frozen=True)
class Number:
    value: Fraction


@dataclass(frozen=True)
class Named:
    """A constant of the rules, or else a field that entries report."""

    name: str


@dataclass(frozen=True)
class Negative:
    of: Node


@dataclass(frozen=True)
class Operation:
    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True)
class Extreme:
    """`min` or `max` of two or more."""

    which: Literal["min", "max"]
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Rounded:
    """To so many decimal places, ties away from zero."""

    of: Node
    places: int


@dataclass(frozen=True)
class Choice:
    """`then` where the comparison holds, else `otherwise`; the other one is not asked for."""

    comparison: str
    left: Node
    right: Node
    then: Node
    otherwise: Node


Node: TypeAlias = Number | Named | Negative | Operation | Extreme | Rounded | Choice


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Node:
    """The tree of a formula. FormulaError for a text that is none, or is too long or too deep."""
    if len(text) > LONGEST:
        raise FormulaError(f"has {len(text)} characters, at most {LONGEST} are read")
    return _Parser(text).formula()


def formula_text(node: Node) -> str:
    """The one spelling of a tree: no brackets that could be left out, one space around signs and after commas."""
    match node:
        case Number(value):
            return decimal_text(value)
        case Named(name):
            return name if WORD.fullmatch(name) and name not in FUNCTIONS else f"[{name}]"
        case Negative(of):
            return f"-{_within(of, _OPERAND)}"
        case Operation(operator, left, right):
            own = _level(node)
            return f"{_within(left, own)} {operator} {_within(right, own + 1)}"
        case Extreme(which, of):
            return f"{which}({', '.join(map(formula_text, of))})"
        case Rounded(of, places):
            return f"round({formula_text(of)}, {places})"
        case Choice(comparison, left, right, then, otherwise):
            asked = f"{formula_text(left)} {comparison} {formula_text(right)}"
            return f"if({asked}, {formula_text(then)}, {formula_text(otherwise)})"


def names_in(node: Node) -> Iterator[str]:
    """The names in a formula in their order, each as often as it stands there."""
    if isinstance(node, Named):
        yield node.name
    for part in parts_of(node):
        yield from names_in(part)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case Number() | Named():
            return ()
        case Negative(of) | Rounded(of, _):
            return (of,)
        case Operation(_, left, right):
            return (left, right)
        case Extreme(_, several):
            return several
        case Choice(_, left, right, then, otherwise):
            return (left, right, then, otherwise)


def may_divide_by_zero(node: Node) -> bool:
    """Whether there is a division by anything but a number that is written there."""
    match node:
        case Operation("/", _, right) if not isinstance(right, Number) or right.value == 0:
            return True
    return any(map(may_divide_by_zero, parts_of(node)))


def endless(node: Node, fields: Collection[str]) -> bool:
    """Whether the exact value may have a denominator of its own for every entry: it is divided by one of `fields`."""
    match node:
        case Rounded():
            return False
        case Operation("/", _, right) if not set(names_in(right)).isdisjoint(fields):
            return True
        case Choice(_, _, _, then, otherwise):
            return endless(then, fields) or endless(otherwise, fields)
    return any(endless(part, fields) for part in parts_of(node))


_SUM, _PRODUCT, _SIGNED, _OPERAND = 1, 2, 3, 4  # how strongly what is written holds together


def _level(node: Node) -> int:
    match node:
        case Operation("+" | "-"):
            return _SUM
        case Operation():
            return _PRODUCT
        case Negative():
            return _SIGNED
    return _OPERAND


def _within(node: Node, least: int) -> str:
    return formula_text(node) if _level(node) >= least else f"({formula_text(node)})"


class _Parser:
    """Recursive descent; `deep` and `leaves` count, so that no text exhausts the stack."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.deep = 0
        self.leaves = 0

    def formula(self) -> Node:
        node = self.sum()
        if self.sign:
            raise self.fault("an operator")
        return node

    def sum(self) -> Node:
        node = self.product()
        while (operator := self.sign) in ("+", "-"):
            self.at += 1
            node = Operation("+" if operator == "+" else "-", node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while (operator := self.sign) in ("*", "/"):
            self.at += 1
            node = Operation("*" if operator == "*" else "/", node, self.signed())
        return node

    def signed(self) -> Node:
        if self.sign != "-":
            return self.operand()
        self.open()
        node = Negative(self.operand())
        self.deep -= 1
        return node

    def operand(self) -> Node:
        kind, text, _ = self.tokens[self.at]
        if kind == "quoted" or (kind == "word" and text not in FUNCTIONS):
            return self.leaf(Named(text))
        if kind == "number":
            return self.leaf(Number(_number(text)))
        if kind == "word":
            return self.function(text)
        if text != "(":
            raise self.fault("a number, a name or an opening bracket")
        self.open()
        node = self.sum()
        self.close()
        return node

    def leaf(self, node: Node) -> Node:
        self.at += 1
        self.leaves += 1
        if self.leaves > MOST:
            raise FormulaError(f"has more than {MOST} numbers and names")
        return node

    def function(self, name: str) -> Node:
        self.at += 1
        if self.sign != "(":
            raise self.fault(f"an opening bracket after {name!r}, or [{name}] if a field is meant")
        self.open()
        node = self.sum()
        if name == "if":
            node = self.choice(node)
        elif name == "round":
            self.comma()
            node = Rounded(node, self.places())
        else:
            several = [node]
            self.comma()
            several.append(self.sum())
            while self.sign == ",":
                self.comma()
                several.append(self.sum())
            node = Extreme("min" if name == "min" else "max", tuple(several))
        self.close()
        return node

    def choice(self, left: Node) -> Node:
        comparison = self.sign
        if comparison not in _COMPARISONS:
            raise self.fault(f"one of {' '.join(_COMPARISONS)}")
        self.at += 1
        right = self.sum()
        self.comma()
        then = self.sum()
        self.comma()
        return Choice(comparison, left, right, then, self.sum())

    def places(self) -> int:
        kind, text, _ = self.tokens[self.at]
        if kind != "number" or not text.isdigit() or len(text) > 2 or int(text) > MOST_PLACES:
            raise self.fault(f"decimal places from 0 to {MOST_PLACES}")
        self.at += 1
        return int(text)

    @property
    def sign(self) -> str:
        """The next token if it is a sign, something that no sign is if it is another, nothing at the end."""
        kind, text, _ = self.tokens[self.at]
        return text if kind in ("sign", "end") else kind

    def open(self) -> None:
        self.at += 1
        self.deep += 1
        if self.deep > DEEPEST:
            raise FormulaError(f"is nested more than {DEEPEST} levels deep")

    def close(self) -> None:
        if self.sign != ")":
            raise self.fault("an operator or a closing bracket")
        self.at += 1
        self.deep -= 1

    def comma(self) -> None:
        if self.sign != ",":
            raise self.fault("a comma")
        self.at += 1

    def fault(self, wanted: str) -> FormulaError:
        _, text, place = self.tokens[self.at]
        found = f"has {text!r} at character {place + 1}" if text else "ends"
        return FormulaError(f"{found}, where {wanted} should be")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of each token; at the end one of kind `end` without text."""
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise FormulaError(f"has {text[at]!r} at character {at + 1}, which no formula has; {_instead(text[at])}")
        yield found.lastgroup, found[found.lastgroup], at
        at = _SPACE.match(text, found.end()).end()  # type: ignore[union-attr]
    yield "end", "", at


def _instead(sign: str) -> str:
    known = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!="}
    return f"write {known[sign]}" if sign in known else "a field with such a name stands between [ and ]"


def _number(text: str) -> Fraction:
    try:
        value = parse_decimal(text)
    except ValueError:
        value = None
    if value is None or len(decimal_text(value)) > _LONGEST_NUMBER:
        raise FormulaError(f"has a number of more than {_LONGEST_NUMBER} characters")
    return value
