"""How far weights may move for certain where the panel's aggregate is not linear: a bound from how far scores can go.

A move of length x changes what a sheet has at the node by at most x times the range of what it says at the children;
where it says nothing at some of them, by x / p times the range of the others, which had the share p of the weight (two
measures conditioned on one event are no further apart than they were, over the greater of its probabilities). Order
statistics, and with them medians, means and trimmed means, change by no more than the most that one of the values does.
So the scores of two entries can meet only after their distance over the sum of their greatest ranges.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.exact import THERE
from simsa.engine.selection.linear import corners_of, fits, limit_of, may_be_selected
from simsa.engine.selection.reweighing import Reweighing
from simsa.rules import Criterion, PanelAggregate

_SLACK = 1 + 1e-9  # floating point only chooses which pairs are compared exactly


def safe_lengths(base: Reweighing, node: Criterion) -> dict[str, Fraction]:
    """Per group a length below which no move of the weights of `node` changes a winner, exact; 0 if none is known.

    Known where all sheets are aggregated at the criterion that ranks, and nothing but that and marks left out is not
    linear. At most 1: there is no longer move.
    """
    ranking = base.rules.by_id[base.rules.rank_by]
    if ranking.panel is None or ranking.factor is not None or not fits(base, node, _steady):
        return {group: Fraction(0) for group in base.winners}
    columns = [base.sheets_at(node, corner) for corner in corners_of(base, node)]
    score = base.tally.unrounded[base.rules.rank_by]
    common = reduce(lcm, (column.denominator for column in columns), score.denominator)
    values = _integers(np.stack([column.over(common).numerator.astype(object) for column in columns], axis=1))
    there = np.stack([column.state == THERE for column in columns], axis=1)
    width, least = _widths(base, node, values, there)
    scaled = _integers(score.over(common).numerator.astype(object))
    return {
        group: min(_nearest(base, group, scaled, width, common), *least[members].tolist())
        for group, members in base.members.items()
    }


def _steady(panel: PanelAggregate) -> bool:
    """Whether the aggregate changes by no more than the most that one of its values does."""
    steady = panel.method in ("mean", "median") or (panel.method == "trimmed_mean" and panel.ties == "one")
    return steady and panel.round is None


def _widths(
    base: Reweighing, node: Criterion, values: NDArray[Any], there: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Per entry by how much a sheet's total can change per length, and the least share that a sheet's marks have.

    `values`, `there` (sheets, children): the sheet's total with all the weight on a child, and whether it has one. A
    move that is shorter than that share leaves every sheet a weight, so that it keeps its total.
    """
    weights = base.weights(node)
    shares = [weight / sum(weights, Fraction(0)) for weight in weights]
    scale = reduce(lcm, (share.denominator for share in shares), 1)
    part = (there * np.array([int(share * scale) for share in shares], object)).sum(axis=1)
    partly = there.any(axis=1) & ~there.all(axis=1)
    low, high = np.where(there, values, values.max(initial=0)), np.where(there, values, values.min(initial=0))
    extent = np.where(there.any(axis=1), high.max(axis=1) - low.min(axis=1), 0).astype(object)
    extent[partly] = [-(-int(e) * scale // max(1, int(p))) for e, p in zip(extent[partly], part[partly], strict=True)]
    width, least = np.zeros(len(base.entries), object), np.full(len(base.entries), Fraction(1), object)
    np.maximum.at(width, base.sheets.entry, extent)
    shares_left = np.array([Fraction(int(p), scale) for p in part[partly]], object)
    np.minimum.at(least, base.sheets.entry[partly], shares_left)
    return _integers(width), least


def _nearest(base: Reweighing, group: str, score: NDArray[Any], width: NDArray[Any], common: int) -> Fraction:
    """The least distance over the sum of the ranges, of a winner from the others and from the floor."""
    winners = sorted(base.winners[group])
    others = np.array(
        [n for n in base.members[group].tolist() if n not in base.winners[group] and may_be_selected(base, group, n)],
        np.int64,
    )
    found = [Fraction(1)]
    for winner in winners:
        reach = (width[others] + width[winner]).astype(np.float64)
        gap = (score[winner] - score[others]).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(reach > 0, gap / reach, np.inf)
        nearest = float(ratio.min(initial=1.0))
        for at in np.flatnonzero(ratio <= nearest * _SLACK).tolist():
            other = int(others[at])
            found.append(Fraction(int(score[winner] - score[other]), int(width[winner] + width[other])))
    limit = limit_of(base, group)
    if limit is not None:
        exposed = winners + (others.tolist() if len(winners) < base.places(group) else [])
        found += [abs(int(score[n]) - limit * common) / int(width[n]) for n in exposed if width[n]]
    return min(found)


def _integers(numbers: NDArray[Any]) -> NDArray[Any]:
    """As int64 where they fit, with room for sums and differences."""
    small = max((abs(int(n)) for n in numbers.ravel()), default=0) < 2**61
    return numbers.astype(np.int64) if small else numbers
