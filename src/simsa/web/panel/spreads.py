"""How far apart the sheets of an entry lie: each criterion's marks, and each sheet's own total. Exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simsa.engine.inputs import Entries, Reported, Sheets, Status
from simsa.engine.tally import TallyError, Tree
from simsa.record.outcome import STATUS
from simsa.rules import ROOT, Rules, parse_decimal
from simsa.web.entries.inputs import reported_of
from simsa.web.panel.inputs import latest_marks, mark_cells
from simsa.web.panel.models import Slot
from simsa.web.programmes.models import Round

Marks = Mapping[str, str]
"""Of a sheet by leaf: a decimal as text, or the word for why there is no mark."""


@dataclass(frozen=True)
class Spread:
    """What sheets say at one criterion (or `total`), the lowest first."""

    criterion: str
    values: tuple[Fraction, ...]

    @property
    def width(self) -> Fraction | None:
        """The greatest less the least, as in a consensus; None of fewer than two."""
        return self.values[-1] - self.values[0] if len(self.values) > 1 else None


def spreads_of(rules: Rules, entry: tuple[str, str], sheets: Sequence[Marks], reported: Reported) -> list[Spread]:
    """Of the sheets of one entry (its code and group): at each leaf in the order of the rules, and at last the
    total."""
    found = []
    for leaf in rules.leaves:
        marks = [sheet[leaf.id] for sheet in sheets if sheet.get(leaf.id, "") not in {*STATUS, ""}]
        found.append(Spread(leaf.id, tuple(sorted(map(parse_decimal, marks)))))
    totals = [total for sheet in sheets if (total := total_of(rules, entry, sheet, reported)) is not None]
    return [*found, Spread(ROOT, tuple(sorted(totals)))]


def total_of(rules: Rules, entry: tuple[str, str], marks: Marks, reported: Reported) -> Fraction | None:
    """A sheet's total as if its reviewer were the whole panel; None where the rules give none."""
    if set(marks) != {leaf.id for leaf in rules.leaves}:
        return None
    mark, status = (np.array([row]) for row in mark_cells(rules, marks))
    alone = Sheets(
        reviewers=("",),
        leaves=tuple(leaf.id for leaf in rules.leaves),
        entry=np.zeros(1, np.int64),
        reviewer=np.zeros(1, np.int64),
        mark=mark.astype(np.int64),
        status=status.astype(np.int8),
        places=rules.mark_places,
    )
    if not (status == Status.MARK).any():
        return None
    try:
        return Tree(rules, Entries((entry[0],), (entry[1],)), alone, reported).sheet_total().value(0)
    except TallyError:
        return None


def widths_of(round_: Round) -> dict[str, Fraction | None]:
    """By code how far apart the sheets of each entry lie where the rules of the round compare them."""
    rules, latest, reported = round_.rules, latest_marks(round_), reported_of(round_)
    at = ROOT if rules.meeting is None else rules.meeting.criterion
    sheets: dict[str, list[Marks]] = {}
    groups = dict(round_.entries.order_by("position").values_list("entrant__code", "group"))
    counted = Slot.objects.filter(entry__round=round_, replaced_by=None, status=Slot.Status.SUBMITTED)
    for slot, code in counted.values_list("pk", "entry__entrant__code"):
        if slot in latest:
            sheets.setdefault(code, []).append(latest[slot])
    return {
        code: next(
            one.width for one in spreads_of(rules, (code, group), sheets.get(code, []), reported) if one.criterion == at
        )
        for code, group in groups.items()
    }
