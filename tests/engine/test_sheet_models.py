"""What a round's sheets are to the further models: weights that make exact totals, scores that selection takes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from simsa.engine.evaluation import calibrated, certainty
from simsa.engine.inputs import Entries, InputError, Sheets
from simsa.engine.sheet_models import calibrated_by_criteria, calibrated_by_steps, total_weights
from simsa.engine.tally import tally
from simsa.rules import Missing, Rules, parse
from tests.engine.sheets import sheets
from tests.rules.small import SMALL, changed

ENTRIES = Entries(tuple(f"e{n}" for n in range(8)), ("a",) * 4 + ("b",) * 4)
NESTED = changed(
    '[[criterion]]\nid = "idea"\nweight = "0.4"\nscale = { min = 0, max = 10, step = "0.5" }\n',
    '[[criterion]]\nid = "idea"\nweight = "0.4"\ncombine = { method = "mean" }\nfactor = "1.5"\n',
) + "".join(
    f'\n[[criterion]]\nid = "{name}"\nparent = "idea"\nscale = {{ min = 0, max = {most}, step = 1 }}\n'
    for name, most in (("new", 20), ("bold", 5))
)


def marked(rules: Rules, *, missing: bool = False) -> Sheets:
    rng = np.random.default_rng(3)
    marks: dict[tuple[str, str], list[str | Missing]] = {}
    for n, entry in enumerate(ENTRIES.ids):
        for r in range(4):
            row: list[str | Missing] = [str(rng.integers(0, 6)) for _ in rules.leaves]
            if missing and (n + r) % 3 == 0:
                row[0] = Missing.ABSTAINED
            marks[entry, f"r{r}"] = row
    return sheets(rules, ENTRIES, marks)


@pytest.mark.parametrize("text", [SMALL, NESTED], ids=["flat", "nested"])
def test_weights_make_the_exact_totals(text: str) -> None:
    rules = parse(text)
    given = marked(rules)
    weights = total_weights(rules)
    unit = 10**given.places
    for row, total in enumerate(tally(rules, ENTRIES, given).sheet_totals.values()):
        marks = [Fraction(int(mark), unit) for mark in given.mark[row]]
        assert total == sum(w * marks[given.leaves.index(leaf)] for leaf, w in weights.items())


@pytest.mark.parametrize("method", ["median", "min", "max"])
def test_totals_that_are_no_weighted_sum_are_refused(method: str) -> None:
    text = changed('combine = { method = "weighted_sum" }', f'combine = {{ method = "{method}" }}')
    rules = parse(text.replace('weight = "0.4"\n', "").replace("weight = 0.6\n", ""))
    with pytest.raises(InputError, match=f"criterion 'total': the {method} is not a weighted sum"):
        total_weights(rules)


def test_complete_sheets_agree_and_every_model_tells_how_sure_a_selection_is() -> None:
    rules = parse(SMALL)
    whole, gaps = marked(rules), marked(rules, missing=True)
    official = tally(rules, ENTRIES, whole)
    plain, criteria = calibrated(rules, official, ENTRIES, whole), calibrated_by_criteria(rules, ENTRIES, whole)
    assert plain is not None
    assert criteria is not None
    assert plain.scale_spread == plain.noise_spread == 0
    np.testing.assert_allclose(criteria.score, plain.score, rtol=1e-4)
    short = parse(changed('max = 10, step = "0.5"', "max = 5, step = 1"))
    steps = calibrated_by_steps(short, official, ENTRIES, marked(short), "idea")
    for found in (criteria, calibrated_by_criteria(rules, ENTRIES, gaps), steps):
        sure = certainty(rules, ENTRIES, official, found, None)
        assert sure is not None
        assert sure.chance[:4].sum() == pytest.approx(1)
        assert sure.chance[4:].sum() == pytest.approx(2)
