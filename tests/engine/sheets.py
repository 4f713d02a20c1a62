"""Sheets written down in a line."""

from fractions import Fraction

import numpy as np

from simsa.engine.inputs import Entries, Sheets, Status
from simsa.rules import Missing, Rules


def sheets(rules: Rules, entries: Entries, marks: dict[tuple[str, str], list[str | Missing]]) -> Sheets:
    """Sheets from {(entry, reviewer): [mark or missing, ...]} in the order of the leaves."""
    reviewers = tuple(dict.fromkeys(reviewer for _, reviewer in marks))
    unit = 10**rules.mark_places
    number = [[0 if isinstance(m, Missing) else int(Fraction(m) * unit) for m in row] for row in marks.values()]
    status = [[Status[m.name] if isinstance(m, Missing) else Status.MARK for m in row] for row in marks.values()]
    shape = (len(marks), len(rules.leaves))
    return Sheets(
        reviewers,
        tuple(leaf.id for leaf in rules.leaves),
        np.array([entries.index[entry] for entry, _ in marks], np.int64),
        np.array([reviewers.index(reviewer) for _, reviewer in marks], np.int64),
        np.array(number, np.int64).reshape(shape),
        np.array(status, np.int8).reshape(shape),
        rules.mark_places,
    )
