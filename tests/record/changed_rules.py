"""Rules in canonical form with one thing changed, in every way that a reader of rules might overlook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from fractions import Fraction
from random import Random
from typing import Any

import rfc8785

from simsa.rules import decimal_text, parse_decimal
from tests.rules.complete import RULES, places

CONTENTS = [json.loads(rules.canonical) for rules in RULES]

NUMBERS = ["0", "-0", "1", "-1", "+1", "1.0", "01", ".5", "1/3", "0.5", "0.49", "0.99", "2", "10", "11", "100", "1e3"]
NUMBERS += ["9" * 30, "9" * 31, f"-{'9' * 29}", f"0.{'0' * 27}1", f"0.{'0' * 28}1", str(2**62)]
NAMES = ["", " ", "*", "a b", "_", "-a", ".a", "a.-b", "a\n", "a" * 64, "a" * 65, "한" * 64, "한" * 65, "𝒳" * 64]
NAMES += ["\x85", "\xa0", "\xa1", "\u200b", "\u2028", "\U0010ffff", "__proto__", "constructor", "group", "e\u0301"]
NAMES += ["Asia/Seoul", "Mars/Base", "a//b", "a/", "/a", "../a", "Etc/GMT+9", "A" * 65]
MOMENTS = [f"{day}T09:00:00" for day in ("2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31")]
MOMENTS += ["2024-01-01T24:00:00", "2024-01-01T23:59:60", "2024-01-01T09:00", "2024-01-01T09:00:00Z", "2024-01-01"]
MOMENTS += ["+012024-01-01T09:00:00", "2024-01-01 09:00:00", "12024-01-01T09:00:00", "2024-01-01T09:00:00.000"]
FORMULAS = [
    "a",
    "a + b",
    "a+b",
    " a",
    "a ",
    "a * (b + c)",
    "(a)",
    "a - (b - c)",
    "(a - b) - c",
    "-a * b",
    "-(a * b)",
    "--a",
]
FORMULAS += [
    "-(-a)",
    "a - -b",
    "a / (b * c)",
    "a / b * c",
    "[a]",
    "[a b]",
    "[min]",
    "min",
    "[a",
    "[]",
    "[a\n]",
    "1a",
    "a1",
]
FORMULAS += [
    "min(a)",
    "min(a, b)",
    "max(a, b, 1)",
    "min (a, b)",
    "round(a, 12)",
    "round(a, 13)",
    "round(a, 02)",
    "a(b)",
]
FORMULAS += [
    "round(a, b)",
    "round(a, 1.5)",
    "if(a < b, 1, 2)",
    "if(a, 1, 2)",
    "if(a == b, 1, 2)",
    "a < b",
    "if(a = b, 1)",
]
FORMULAS += [
    "1.50",
    "01",
    ".5",
    "1.",
    "0",
    "a \u00d7 b",
    "a\u00d7b",
    "한글 + 漢字",
    "é",
    "[é]",
    "a\tb",
    "[\u2028]",
    "[a]]",
    "a, b",
]
FORMULAS += ["9" * 30, "9" * 31, f"1.{'1' * 28}", f"1.{'1' * 29}", "(" * 21 + "a" + ")" * 21, f"a + [{'한' * 994}]"]
FORMULAS += [f"a + [{'한' * 993}]", f"a + [{'𝒳' * 994}]", f"a + [{'𝒳' * 995}]"]
for _levels in (19, 20):
    FORMULAS += ["-(" * (_levels // 2) + "-a" * (_levels % 2) + "a" * (1 - _levels % 2) + ")" * (_levels // 2)]
    FORMULAS += ["b * (a + " * _levels + "c" + ")" * _levels, "min(1, " * _levels + "-c" + ")" * _levels]
FORMULAS += [" + ".join(["a"] * number) for number in (99, 100, 101)]
FORMULAS += [f"round({' + '.join(['a'] * number)}, 2)" for number in (100, 101)]
WHOLE = [0, 1, -1, 2, 5, 12, 13, 20, 21, 999, 1000, 4000, 10**6, 10**6 + 1, 10**9, 10**9 + 1, 2**53 - 1]
OTHERS: list[Any] = [None, True, False, 1.5, [], {}, [[]], [{}], {"value": "1"}, {"kind": "value"}]


def at(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


PAIRS = [(path[-1], at(content, path)) for content in CONTENTS for path in places(content) if path]
KEYS = sorted({key for key, _ in PAIRS if isinstance(key, str)})
WORDS = sorted({value for _, value in PAIRS if isinstance(value, str)})


def changes(value: Any) -> Iterator[Any]:
    """What may stand in the place of `value`."""
    yield from OTHERS
    yield [value]
    yield str(value)
    if isinstance(value, str):
        yield from (*NUMBERS, *NAMES, *WORDS, *(MOMENTS if "T" in value else ()), 1, value + "\n")
        yield from _neighbours(value)
        yield from FORMULAS if set(value) & set("+-*/(") else ()
    elif isinstance(value, int):
        yield from (*WHOLE, value + 1, max(value - 1, -1))
    elif isinstance(value, list):
        yield from (value * 2, value[::-1], value[1:], value[:-1], [*value, *value[-1:]])
    elif isinstance(value, dict):
        yield from ({key: one for key, one in value.items() if key != gone} for gone in value)
        yield from ({"*": one} for one in list(value.values())[:1])
        yield from ({**value, key: one} for key, one in PAIRS if isinstance(key, str))


def _neighbours(value: str) -> Iterator[str]:
    try:
        number = parse_decimal(value)
    except ValueError:
        return
    for other in (-number, number + 1, number - 1, number * 10**12, number / 10, number + Fraction(1, 2)):
        yield decimal_text(other)


def drawn(number: int, rng: Random) -> list[bytes]:
    """So many rules with one thing changed, one in four with another; each kind of place as often as others."""
    of_kind: dict[str, list[tuple[int, tuple[Any, ...]]]] = {}
    for n, content in enumerate(CONTENTS):
        for path in places(content):
            of_kind.setdefault("/".join(key for key in path if isinstance(key, str)), []).append((n, path))
    kinds = sorted(of_kind)
    found = []
    for kind in rng.choices(kinds, k=number):
        n, path = rng.choice(of_kind[kind])
        content = changed(CONTENTS[n], path, rng)
        if rng.random() < 0.25:
            content = changed(content, rng.choice(list(places(content))), rng)
        found.append(rfc8785.dumps(content))
    return found


def changed(content: Any, path: tuple[Any, ...], rng: Random) -> Any:
    other = rng.choice(list(changes(at(content, path))))
    if not path:
        return other
    content = deepcopy(content)
    at(content, path[:-1])[path[-1]] = deepcopy(other)
    return content
