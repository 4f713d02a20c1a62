"""Indicators and formulas in the page: the same numbers as in Python, whatever was reported."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

from playwright.sync_api import Page

from simsa.engine.inputs import Entries, InputError, Reported, Sheets
from simsa.engine.tally import tally
from simsa.rules import Rules, exact_text, parse
from tests.draws import draws
from tests.rules.drawn_formulas import HEAD, NAMES, drawn_indicator_rules

TALLIES = """(rounds) => rounds.map(({ rules, entries, reported }) => {
  try {
    const read = new module_rules.Rules(JSON.parse(rules), "rules");
    const found = new module_tally.Tally(read, entries, [], reported).run();
    const text = (node, n) => found.value(node, n)?.text ?? null;
    return Object.fromEntries(read.entryNodes.map(({ id }) => [id, entries.map((_, n) => text(id, n))]));
  } catch (error) { if (error instanceof module_faults.Fault) return error.message; throw error; }
})"""


def told(rules: Rules, entries: Entries, reported: Reported) -> dict[str, list[str | None]] | None:
    """By Python; None where the round is refused."""
    try:
        found = tally(rules, entries, Sheets.none(rules), reported)
    except InputError:
        return None
    return {
        node: [None if value is None else exact_text(value) for value in found.values[node].values()]
        for node in found.nodes
    }


def test_both_count_drawn_indicators_alike(modules: Page) -> None:
    rng = Random(seed := Random().randrange(2**32))
    rounds: list[dict[str, Any]] = []
    expected = []
    for _ in range(draws(600)):
        rules, size = drawn_indicator_rules(rng), rng.randint(1, 5)
        entries = Entries(tuple(f"e{n}" for n in range(size)), tuple(rng.choice("ab") for _ in range(size)))
        numbers = {
            (entry, rng.choice(["", "n0"]), name): Fraction(rng.choice([-1, 0, 1, 2, 3]), rng.choice([1, 2, 3]))
            for entry in entries.ids
            for name in NAMES
            if rng.random() < 0.95
        }
        expected.append(told(rules, entries, Reported(numbers)))
        rounds.append(
            {
                "rules": rules.canonical.decode(),
                "entries": [{"id": key, "group": group} for key, group in zip(entries.ids, entries.group, strict=True)],
                "reported": sorted([*key, exact_text(number)] for key, number in numbers.items()),
            }
        )
    for n, (mine, theirs) in enumerate(zip(expected, modules.evaluate(TALLIES, rounds), strict=True)):
        assert mine == (None if isinstance(theirs, str) else theirs), (seed, n, rounds[n], theirs)
    counted = [found for found in expected if found is not None]
    seen = Counter(type(value) for found in counted for values in found.values() for value in values)
    assert len(counted) > 0.7 * len(expected)
    assert seen[str] > seen[type(None)] > 0


def test_a_number_that_grows_too_long_is_refused_by_both(modules: Page) -> None:
    text = HEAD.replace('"기준" = "0.5"', "b = 1")
    text += "[missing]\n" + "\n".join(
        f'{why} = "no_result"' for why in ("not_submitted", "not_applicable", "abstained", "recused")
    )
    text += '\n[[criterion]]\nid = "total"\nindicator = { method = "step", boundary = "above", '
    text += (
        f'steps = [{{ at = 1, points = 1 }}], formula = "b * {" * ".join(["a"] * 10)}" }}\n[[tie_break]]\nlot = true'
    )
    rules, entries = parse(text), Entries(("e",), ("g",))
    for number, fits in ((10**29, True), (10**30, False), (-(10**30), False), (Fraction(1, 10**30), False)):
        reported = [["e", "", "a", exact_text(Fraction(number))]]
        given = {"rules": rules.canonical.decode(), "entries": [{"id": "e", "group": "g"}], "reported": reported}
        (found,) = modules.evaluate(TALLIES, [given])
        assert isinstance(found, str) != fits, json.dumps(found)
        assert (told(rules, entries, Reported({("e", "", "a"): Fraction(number)})) is None) != fits
