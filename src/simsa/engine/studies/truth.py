"""What entries truly deserve: the total that a neutral reviewer without noise would give, on the rules' own scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, Sheets, Status
from simsa.engine.simulation import World
from simsa.engine.studies.plan import Plan
from simsa.engine.tally import tally
from simsa.rules import Rules, Scale

Floats = NDArray[np.float64]


def truth(plan: Plan, world: World) -> Floats:
    """True totals, shape (entries,), by the rules' tree of criteria, with marks of any fineness."""
    points = plan.settings.centre + world.quality[:, None] + world.criterion
    return totals_of(plan.fine_rules, plan.rules, plan.entries, points)


def unit(plan: Plan) -> float:
    """Points of the rules' total for one point (of 100) more at every leaf, at the centre; the mean over groups."""
    entries = Entries(plan.entries.groups, plan.entries.groups)
    base = np.full((len(entries), len(plan.rules.leaves)), plan.settings.centre)
    apart = totals_of(plan.fine_rules, plan.rules, entries, base + 1) - totals_of(
        plan.fine_rules, plan.rules, entries, base
    )
    return float(np.average(apart, weights=[plan.entries.group.count(name) for name in entries.ids]))


def totals_of(fine: Rules, rules: Rules, entries: Entries, points: Floats) -> Floats:
    """Totals of one sheet for each entry, with marks at `points` (entries, leaves) of 100 of the scales of `rules`."""
    scale_unit = 10**fine.mark_places
    marks = np.zeros(points.shape, np.int64)
    for column, (leaf, exact) in enumerate(zip(rules.leaves, fine.leaves, strict=True)):
        assert leaf.scale is not None
        assert isinstance(exact.scale, Scale)
        low, length, step = (
            int(n * scale_unit) for n in (leaf.scale.min, leaf.scale.max - leaf.scale.min, exact.scale.step)
        )
        steps = np.rint(points[:, column] / 100.0 * length / step)
        marks[:, column] = low + step * np.clip(steps, -2 * length // step, 3 * length // step).astype(np.int64)
    rows = np.arange(len(entries))
    sheets = Sheets(
        reviewers=("neutral",),
        leaves=tuple(leaf.id for leaf in fine.leaves),
        entry=rows,
        reviewer=np.zeros(len(rows), np.int64),
        mark=marks,
        status=np.full(points.shape, Status.MARK, np.int8),
        places=fine.mark_places,
    )
    return tally(fine, entries, sheets).sheet_totals.floats()
