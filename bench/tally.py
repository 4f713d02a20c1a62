"""The exact tally of 30,000 sheets x 10 criteria, beside the same tally with one `Fraction` per mark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from bench.figure import Figure, cpu_seconds
from simsa.engine.inputs import Entries, Sheets
from simsa.engine.tally import tally
from simsa.rules import Rounding, parse

CRITERIA, ENTRIES, PER_ENTRY = 10, 6_000, 5
RULES = "\n".join(
    [
        'simsa_rules = 1\nround = { id = "bench", name = "bench", time_zone = "UTC" }',
        '[[group]]\nid = "a"\nquota = 10',
        '[missing]\nnot_submitted = "leave_out"\nnot_applicable = "leave_out"\nabstained = "leave_out"',
        'recused = "leave_out"\n[[criterion]]\nid = "total"\ncombine = { method = "weighted_sum" }',
        'panel = { method = "trimmed_mean", drop_high = 1, drop_low = 1 }\nround = { places = 2 }',
        *(
            f'[[criterion]]\nid = "c{n}"\nweight = "0.1"\nscale = {{ min = 0, max = 100, step = "0.5" }}'
            for n in range(CRITERIA)
        ),
        "[[tie_break]]\nlot = true",
    ]
)


def figures() -> Iterator[Figure]:
    rules = parse(RULES)
    entries = Entries(tuple(f"e{n}" for n in range(ENTRIES)), ("a",) * ENTRIES)
    random = np.random.default_rng(1)
    entry = np.repeat(np.arange(ENTRIES), PER_ENTRY)
    reviewer = np.tile(np.arange(PER_ENTRY), ENTRIES) + PER_ENTRY * (entry % 400)
    mark = random.integers(0, 201, (len(entry), CRITERIA)) * 5
    leaves = tuple(leaf.id for leaf in rules.leaves)
    names = tuple(f"r{n}" for n in range(2_000))
    sheets = Sheets(names, leaves, entry, reviewer, mark, np.zeros(mark.shape, np.int8), rules.mark_places)

    def plain() -> list[Fraction]:
        """One fraction per mark, one entry at a time."""
        totals: dict[int, list[Fraction]] = defaultdict(list)
        for row, own in zip(mark.tolist(), entry.tolist(), strict=True):
            totals[own].append(sum((Fraction(n, 10) / 10 for n in row), Fraction(0)))
        return [Rounding(2).apply(sum(sorted(values)[1:-1], Fraction(0)) / 3) for values in totals.values()]

    assert tally(rules, entries, sheets).values["total"].values() == plain()
    own, peer = cpu_seconds(lambda: tally(rules, entries, sheets)), cpu_seconds(plain, runs=3)
    yield Figure(
        figure="tally of 30,000 sheets x 10 criteria",
        value=own,
        unit="CPU s",
        peer="one Fraction per mark",
        ratio=own / peer,
        goal="<= 2 s",
        holds=own <= 2,
        how="median of 5 calls in one process; the numbers are equal",
    )
