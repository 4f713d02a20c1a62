"""The official order as exact keys: who may be selected, and who stands before whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.exact import NO_RESULT, THERE, Column
from simsa.engine.lots import lot
from simsa.engine.selection.result import SelectionError
from simsa.engine.tally import Tally
from simsa.rules import Rules

Key = tuple[Any, ...]
"""The smaller stands before the greater. Keys are compared with those of the same tally alone."""


def ranking_score(rules: Rules, tally: Tally, calibrated: Column | None) -> Column:
    """What makes the ranks: the tally, or where the rules say so the rounded `calibrated` score.

    Whoever has no result by the tally has none. SelectionError where the rules rank by a score that is not given.
    """
    plain = tally.values[rules.rank_by]
    if not rules.calibration.official:
        return plain
    if calibrated is None:
        raise SelectionError("the rules rank by the calibrated score: give the sheets that it is made of")
    return calibrated.where((plain.state == THERE) & (calibrated.state == THERE), NO_RESULT)


def eligible(
    rules: Rules, groups: Sequence[str], values: Mapping[str, Column], ranked: Column | None = None
) -> NDArray[np.bool_]:
    """Which cells may be selected, shape (n,): a result, and no threshold or floor in the way. `groups` per cell.

    `ranked`: the score that ranks; by default that of the tally.
    """
    ranked = values[rules.rank_by] if ranked is None else ranked
    able = ranked.state == THERE
    names, index = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    for threshold in rules.thresholds:
        meant = [not threshold.groups or name in threshold.groups for name in names.tolist()]
        able &= at_least(values[threshold.criterion], threshold.at_least) | ~np.array(meant, bool)[index.reshape(-1)]
    for position, name in enumerate(names.tolist()):
        rule = rules.group(name)
        if rule is not None and rule.award_floor is not None:
            able &= at_least(ranked, rule.award_floor) | (index.reshape(-1) != position)
    return np.asarray(able, bool)


def at_least(column: Column, limit: Fraction) -> NDArray[np.bool_]:
    """Which cells have a number of at least `limit`."""
    bound = -(-limit.numerator * column.denominator // limit.denominator)  # the least integer numerator that does
    return np.asarray((column.numerator >= bound) & (column.state == THERE), bool)


def keys(
    rules: Rules,
    tally: Tally,
    groups: Sequence[str],
    seed: str | None,
    only: NDArray[np.int64] | None = None,
    ranked: Column | None = None,
) -> list[Key]:
    """Per cell of `tally` (`only` those at these positions) its key: score, what the tie-breaks ask, the lot.

    No two entries of a group are equal. Without a `seed` the lot is that of the empty one. `ranked`: as in `eligible`.
    """
    ranked = tally.values[rules.rank_by] if ranked is None else ranked
    cells = np.arange(len(tally.entries)) if only is None else only
    parts: list[list[Any]] = [_part(ranked, -1, cells)]
    for step in rules.tie_breaks:
        if step.criterion is not None:
            source = tally.unrounded if step.exact else tally.values
            parts.append(_part(source[step.criterion], -1 if step.prefer == "higher" else 1, cells))
    parts.append([lot(seed or "", groups[cell], tally.entries[cell]) for cell in cells.tolist()])
    return list(zip(*parts, strict=True))


def _part(column: Column, sign: int, cells: NDArray[np.int64]) -> list[tuple[bool, int]]:
    """No value is worse than any value."""
    there = (column.state[cells] == THERE).tolist()
    return [(not known, sign * int(n)) for known, n in zip(there, column.numerator[cells].tolist(), strict=True)]
