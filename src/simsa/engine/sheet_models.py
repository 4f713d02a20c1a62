"""What a round's sheets are to the further models of calibration: marks by criterion, and steps of a short scale."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.rules import Criterion, Rules

from .calibration.criteria import CriteriaCalibration, calibrate_criteria
from .calibration.ordinal import MOST_CATEGORIES, OrdinalCalibration, calibrate_ordinal
from .exact import THERE
from .inputs import Entries, InputError, Reported, Sheets, Status
from .scales import position
from .tally import Tally, Tree, only_indicators


def total_weights(rules: Rules) -> dict[str, Fraction]:
    """What one point at each leaf adds to a complete sheet's total; leaves that add nothing are not there.

    InputError where a total is not a weighted sum of the marks that is the same for all entries.
    """
    found: dict[str, Fraction] = {}

    def visit(node: Criterion, weight: Fraction) -> None:
        if node.factor is not None:
            if node.factor.value is None:
                raise InputError(f"criterion {node.id!r}: the factor differs between entries; calibrate totals instead")
            weight *= node.factor.value
        children = [child for child in rules.children(node.id) if not only_indicators(rules, child)]
        if not children:
            if weight:
                found[node.id] = weight
            return
        assert node.combine is not None
        shares = [Fraction(1)] * len(children)
        if node.combine.method == "weighted_sum":
            whole = sum((child.weight or Fraction(0) for child in children), Fraction(0))
            shares = [(child.weight or Fraction(0)) * node.combine.weights_sum / whole for child in children]
        elif node.combine.method == "mean":
            shares = [Fraction(1, len(children))] * len(children)
        elif node.combine.method != "sum" and len(children) > 1:
            raise InputError(
                f"criterion {node.id!r}: the {node.combine.method} is not a weighted sum; calibrate totals instead"
            )
        for child, share in zip(children, shares, strict=True):
            visit(child, weight * share)

    if not only_indicators(rules, rules.root):
        visit(rules.root, Fraction(1))
    return found


def calibrated_by_criteria(
    rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None
) -> CriteriaCalibration | None:
    """Calibration of the marks at the leaves of `total_weights`, in their order; None without any mark there.

    InputError for a criterion without a mark in a whole group, and what `total_weights` refuses.
    """
    weights, tree = total_weights(rules), Tree(rules, entries, sheets, reported or Reported())
    leaves = [rules.by_id[leaf] for leaf in weights]
    columns = [tree.marks(leaf) for leaf in leaves]
    marks = np.full((len(sheets), len(leaves)), np.nan)
    for n, column in enumerate(columns):
        marks[:, n] = np.where(column.state == THERE, column.floats(), np.nan)
    rows = np.flatnonzero(~np.isnan(marks).all(axis=1))
    if not len(rows):
        return None
    group = entries.group_index[sheets.entry[rows]]
    for n, leaf in enumerate(leaves):
        absent = np.setdiff1d(group, group[~np.isnan(marks[rows, n])])
        if len(absent):
            raise InputError(
                f"criterion {leaf.id!r} has no mark in group {entries.groups[absent[0]]!r}; calibrate totals instead"
            )
    scales = [leaf.scale for leaf in leaves if leaf.scale is not None]
    return calibrate_criteria(
        marks[rows],
        sheets.entry[rows],
        sheets.reviewer[rows],
        n_entrants=len(entries),
        n_reviewers=len(sheets.reviewers),
        weight=[float(weight) for weight in weights.values()],
        unit=[float(scale.max - scale.min) for scale in scales],
        group=entries.group_index,
    )


def calibrated_by_steps(
    rules: Rules, official: Tally, entries: Entries, sheets: Sheets, criterion: str | None = None
) -> OrdinalCalibration | None:
    """Ordinal calibration of the marks at one leaf, or of sheets' totals where these take few values.

    None without any mark there. InputError for another criterion than a leaf, or more than `MOST_CATEGORIES` steps.
    """
    if criterion is None:
        totals = official.sheet_totals
        rows = np.flatnonzero(totals.state == THERE)
        values, category = np.unique(totals.numerator[rows], return_inverse=True)
        if len(values) > MOST_CATEGORIES:
            raise InputError(
                f"sheets' totals take {len(values)} values, and a short scale has at most {MOST_CATEGORIES} steps; "
                "name the criterion whose marks to calibrate (--criterion), or calibrate totals"
            )
        marks = [int(value) / totals.denominator for value in values]
    else:
        leaf = next((leaf for leaf in rules.leaves if leaf.id == criterion), None)
        if leaf is None or leaf.scale is None:
            known = ", ".join(leaf.id for leaf in rules.leaves)
            raise InputError(f"criterion {criterion!r} is not one that the panel marks (these are: {known})")
        scale, steps = leaf.scale, leaf.scale.size
        if steps > MOST_CATEGORIES:
            raise InputError(
                f"criterion {criterion!r}: its scale has {steps} steps, and a short one at most {MOST_CATEGORIES}; "
                "calibrate totals or criteria instead"
            )
        column, unit = sheets.leaves.index(criterion), 10**sheets.places
        rows = np.flatnonzero(sheets.status[:, column] == Status.MARK)
        category = position(scale, sheets.mark[rows, column], unit)
        marks = [float(mark) for mark in scale.marks]
    if not len(rows):
        return None
    return calibrate_ordinal(
        category.astype(np.int64),
        sheets.entry[rows],
        sheets.reviewer[rows],
        n_entrants=len(entries),
        n_reviewers=len(sheets.reviewers),
        marks=marks,
        group=entries.group_index,
    )
