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
from simsa.rules.formulas import formula_text
from tests.draws import draws
from tests.rules.drawn_formulas import NAMES, drawn_formula

TALLIES = """(rounds) => rounds.map(({ rules, entries, reported }) => {
  try {
    const read = new module_rules.Rules(JSON.parse(rules), "rules");
    const found = new module_tally.Tally(read, entries, [], reported).run();
    const text = (node, n) => found.value(node, n)?.text ?? null;
    return Object.fromEntries(read.entryNodes.map(({ id }) => [id, entries.map((_, n) => text(id, n))]));
  } catch (error) { if (error instanceof module_faults.Fault) return error.message; throw error; }
})"""
HEAD = """simsa_rules = 1
round = { id = "r", name = "r", time_zone = "UTC" }
each_group = { quota = 1 }
constants = { "기준" = "0.5" }
"""
EFFECTS = ('"leave_out"', '"no_result"', '{ value = "2.5" }', '{ value = "-1" }')


def drawn_rules(rng: Random) -> Rules:
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
    if method not in ("step", "formula"):
        text.append(f"points = {{ min = {rng.choice([0, 1, -5])}, max = {rng.choice([0, 10, 100])} }}")
    side = rng.choice(["above", "below"])
    return (
        text
        + {
            "rank": [f'ties = "{rng.choice(["mean", "best"])}"'],
            "percentile": [f'counts = "{rng.choice(["worse", "middle", "not_better"])}"'],
            "linear": ["worst = -1", f"best = {rng.choice([-3, 2])}"],
            "target": [f"target = {rng.choice([1, 2])}", f"cap = {rng.choice(['1', '1.5'])}"],
            "step": [f'boundary = "{side}"', "steps = [{ at = 0, points = 3 }, { at = 1, points = -1 }]", "base = 2"],
            "formula": [],
        }[method]
    )


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
        rules, size = drawn_rules(rng), rng.randint(1, 5)
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
    assert seen[str] > 2 * seen[type(None)] > 0


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
