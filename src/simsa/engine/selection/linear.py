"""Where the score is linear in the weights: the shortest move after which somebody else would be selected, exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.exact import LEFT_OUT, NO_RESULT, THERE
from simsa.engine.selection.order import at_least
from simsa.engine.selection.reweighing import Reweighing
from simsa.rules import Criterion, PanelAggregate, Rounding

_SLACK = 1 - 1e-9  # floating point only chooses what is looked at first, with this much room for its error


@dataclass(frozen=True)
class Move:
    """A move of weight: the share that changes hands, and the weights after it."""

    length: Fraction
    weights: tuple[Fraction, ...]


@dataclass(frozen=True)
class FirstChange:
    """A move, the child that gains in it, those that lose in their order (positions), and who changes places."""

    move: Move
    towards: int
    away: tuple[int, ...]
    leaves: tuple[int, ...]
    enters: tuple[int, ...]


def is_linear(base: Reweighing, node: Criterion) -> bool:
    """Whether the order of the entries is that of scores that are linear in the weights of `node`."""
    return _all_there(base, node) and fits(
        base, node, lambda panel: panel.method == "mean" and not panel.round and panel.below_minimum != "median"
    )


def fits(base: Reweighing, node: Criterion, allowed: Callable[[PanelAggregate], bool]) -> bool:
    """Whether nothing from `node` up stands between the weights and the order but sums, means and `allowed` panels.

    Marks at the node that are left out are not looked at.
    """
    rules, path = base.rules, base.path(node)
    below = {one.id for one in base.above(node)} - {rules.rank_by}
    asked = {step.criterion for step in rules.tie_breaks} | {threshold.criterion for threshold in rules.thresholds}
    if asked & below:
        return False
    for one in path:
        panel, combine = one.panel, one.combine
        if combine is None or combine.round is not None or one.at_least is not None or one.at_most is not None:
            return False
        if one is not node and combine.method not in ("sum", "weighted_sum", "mean"):
            return False
        if panel is not None and not allowed(panel):
            return False
        if one.round is not None and not (one.id == rules.rank_by and _parted_exactly(base)):
            return False
    return _floors_positive(base)


def first_changes(base: Reweighing, node: Criterion) -> dict[str, FirstChange]:
    """Per group the shortest move that changes its winners; groups without one are not there."""
    weights = base.weights(node)
    whole = sum(weights, Fraction(0))
    corners = [base.tallied(node, corner).unrounded[base.rules.rank_by] for corner in corners_of(base, node)]
    common = reduce(lcm, (column.denominator for column in corners), 1)
    matrix = np.stack([column.over(common).numerator.astype(object) for column in corners], axis=1)
    if max((abs(int(n)) for n in matrix.ravel()), default=0) < 2**60:
        matrix = matrix.astype(np.int64)
    shares = [weight / whole for weight in weights]
    found = {}
    for group in base.winners:
        best = _Group(base, node, group, matrix, common, shares).first()
        if best is not None:
            move = Move(best.move.length, tuple(share * whole for share in best.move.weights))
            found[group] = FirstChange(move, best.towards, best.away, best.leaves, best.enters)
    return found


def corners_of(base: Reweighing, node: Criterion) -> list[list[Fraction]]:
    """All the weight of `node` on one child, for each of them."""
    children = len(base.weights(node))
    whole = sum(base.weights(node), Fraction(0))
    return [[whole if n == child else Fraction(0) for n in range(children)] for child in range(children)]


def shortest(
    shares: Sequence[Fraction], gains: Sequence[int], need: Fraction
) -> tuple[Move, int, tuple[int, ...]] | None:
    """The shortest move of `shares` (they add up to 1) by which sum(share x gain) grows by `need`.

    Returned with the child that gains and those that lose, in their order: a longer move goes on with the last of them,
    unless all its weight is gone; then none grows the sum further. None if no move does.
    """
    top = max(range(len(gains)), key=lambda child: (gains[child], -child))
    after, moved, away = list(shares), Fraction(0), []
    for child in sorted(range(len(gains)), key=lambda child: (gains[child], child)):
        gain = gains[top] - gains[child]
        if gain <= 0:
            break
        if after[child] == 0:
            continue
        away.append(child)
        taken = min(after[child], need / gain)
        after[child] -= taken
        after[top] += taken
        moved += taken
        need -= taken * gain
        if need == 0 and after[child] > 0:
            return Move(moved, tuple(after)), top, tuple(away)
    return (Move(moved, tuple(after)), top, tuple(away)) if need == 0 and away else None


class _Group:
    """The winners and the others of one group over the corners: all the weight on one child.

    `matrix` (entries, children): the score at each corner, times `common`.
    """

    def __init__(
        self,
        base: Reweighing,
        node: Criterion,
        group: str,
        matrix: NDArray[Any],
        common: int,
        shares: Sequence[Fraction],
    ) -> None:
        self.base, self.node, self.group, self.matrix, self.shares = base, node, group, matrix, shares
        self.winners = sorted(base.winners[group])
        self.scale = reduce(lcm, (share.denominator for share in shares), 1)
        self.units = [int(share * self.scale) for share in shares]
        members = base.members[group]
        self.others = np.array(
            [n for n in members.tolist() if n not in base.winners[group] and may_be_selected(base, group, n)], np.int64
        )
        limit = limit_of(base, group)
        self.limit = None if limit is None else limit * common
        self.best: tuple[Fraction, int, int, FirstChange] | None = None

    def first(self) -> FirstChange | None:
        """The shortest move; of equally short ones that of the entries that stand first."""
        score = self._scores(self.matrix)
        order = sorted(self.winners, key=lambda entry: (score[entry], entry))
        reach = np.ptp(self.matrix, axis=1).astype(np.float64) if len(self.matrix) else np.zeros(0)
        widest = float(reach[self.others].max()) if len(self.others) else 0.0
        top = max((score[entry] for entry in self.others.tolist()), default=None)
        most = float(reach[self.winners].max()) if self.winners else 0.0
        for entry in order:
            if top is not None and not self._hopeless(float(score[entry] - top), most + widest):
                self._against(entry, score)
            if self.limit is not None:
                self._try(self.matrix[entry], self.limit, (entry,), (), falls=True)
        if self.limit is not None and len(self.winners) < self.base.places(self.group):
            for entry in self.others.tolist():
                self._try(self.matrix[entry], self.limit, (), (entry,), falls=False)
        return None if self.best is None else self.best[3]

    def _against(self, winner: int, score: Sequence[int]) -> None:
        """The others that could take the winner's place, the likeliest first."""
        gains = self.matrix[self.others] - self.matrix[winner]
        width = np.ptp(gains, axis=1).astype(np.float64)
        gap = np.array([float(score[winner] - score[other]) for other in self.others.tolist()]) / self.scale
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = np.where(width > 0, gap / width, np.inf)
        for at in np.argsort(bound, kind="stable").tolist():
            if not np.isfinite(bound[at]) or (self.best is not None and bound[at] * _SLACK > float(self.best[0])):
                return
            other = int(self.others[at])
            need = Fraction(score[winner] - score[other], self.scale)
            self._keep(shortest(self.shares, [int(n) for n in gains[at]], need), (winner,), (other,))

    def _try(
        self, row: NDArray[Any], limit: Fraction, leaves: tuple[int, ...], enters: tuple[int, ...], *, falls: bool
    ) -> None:
        """A score that falls below the limit, or rises to it."""
        sign = -1 if falls else 1
        value = Fraction(sum(unit * int(n) for unit, n in zip(self.units, row, strict=True)), self.scale)
        self._keep(shortest(self.shares, [sign * int(n) for n in row], abs(limit - value)), leaves, enters)

    def _keep(
        self, found: tuple[Move, int, tuple[int, ...]] | None, leaves: tuple[int, ...], enters: tuple[int, ...]
    ) -> None:
        if found is None:
            return
        move, towards, away = found
        key = move.length, min(leaves, default=-1), min(enters, default=-1)
        if (self.best is None or key < self.best[:3]) and (move.weights[away[-1]] or self._decides(move)):
            self.best = (*key, FirstChange(move, towards, away, leaves, enters))

    def _decides(self, move: Move) -> bool:
        """Whether a move after which none can go further changes the winners: they are equal then, and asked on."""
        whole = sum(self.base.weights(self.node), Fraction(0))
        return self.group in self.base.swapped(self.node, [share * whole for share in move.weights])

    def _hopeless(self, gap: float, width: float) -> bool:
        """Whether no pair of this gap or a greater one can be nearer than the best."""
        if self.best is None:
            return False
        return gap / self.scale * _SLACK > float(self.best[0]) * width

    def _scores(self, matrix: NDArray[Any]) -> list[int]:
        """Official scores times `common` and `scale`."""
        total = sum(
            (matrix[:, child].astype(object) * unit for child, unit in enumerate(self.units)),
            start=np.zeros(len(matrix), object),
        )
        return [int(n) for n in total]


def may_be_selected(base: Reweighing, group: str, entry: int) -> bool:
    """Whether an entry has a result and only its score at the criterion that ranks can keep it from a place."""
    rules, values = base.rules, base.tally.values
    if values[rules.rank_by].state[entry] != THERE:
        return False
    return all(
        bool(at_least(values[threshold.criterion], threshold.at_least)[entry])
        for threshold in rules.thresholds
        if threshold.criterion != rules.rank_by and (not threshold.groups or group in threshold.groups)
    )


def _all_there(base: Reweighing, node: Criterion) -> bool:
    """Whether in each cell all children of `node` have a value or none has: then no weight is shared out."""
    columns = [base.column(child.id) for child in base.rules.children(node.id)]
    state = np.array([column.state for column in columns])
    out = state == LEFT_OUT
    mixed = out.any(axis=0) & ~out.all(axis=0) & ~(state == NO_RESULT).any(axis=0)
    return not bool(mixed.any())


def _parted_exactly(base: Reweighing) -> bool:
    """Whether those whose rounded scores are equal are parted by the scores before rounding: then these rank alone."""
    first = base.rules.tie_breaks[0]
    return first.criterion == base.rules.rank_by and first.exact and first.prefer == "higher"


def _limits(base: Reweighing, group: str) -> Iterator[Fraction]:
    rules, rule = base.rules, base.rules.group(group)
    for threshold in rules.thresholds:
        if threshold.criterion == rules.rank_by and (not threshold.groups or group in threshold.groups):
            yield threshold.at_least
    if rule is not None and rule.award_floor is not None:
        yield rule.award_floor


def _floors_positive(base: Reweighing) -> bool:
    return all(limit > 0 for group in base.winners for limit in _limits(base, group))


def limit_of(base: Reweighing, group: str) -> Fraction | None:
    """What a score before rounding must reach so that it is not below a floor or threshold when rounded."""
    highest = max(_limits(base, group), default=None)
    rounding: Rounding | None = base.rules.by_id[base.rules.rank_by].round
    if highest is None or rounding is None:
        return highest
    unit = Fraction(1, 10**rounding.places)
    steps = -(-highest // unit)
    return steps * unit - (0 if rounding.mode == "down" else unit / 2)
