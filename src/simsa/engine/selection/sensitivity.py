"""Sensitivity: how far the weights of a weighted sum can move before a winner of the official tally changes.

At one node of the criteria tree weight is taken from some children and given to others; together it stays the same,
none falls below zero, and the other nodes stay as they are. The length of a move is the share of the weight that
changes hands (total variation, half the sum of the absolute changes over the whole weight).

Where the score that ranks is linear in the weights the answer is exact: a winner and another change places first by
moving weight to the one child that speaks most for the other, from the children that speak most against it, in turn (a
fractional knapsack, Dantzig 1957, doi:10.1287/opre.5.2.266); the shortest of these moves is the answer, and no shorter
move changes any winner. Trimmed means, medians, roundings, limits and marks that are left out make the score
piecewise. Then moves from one child to one other are tried with exact tallies on a grid, by doubling and halving: what
is found does change the winners, but a shorter move might too; below which length none does is bounded in `bounds`.
Thresholds at criteria that the move changes are tried in this way, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simsa.engine.inputs import Entries, Reported, Sheets
from simsa.engine.selection.bounds import safe_lengths
from simsa.engine.selection.linear import FirstChange, Move, first_changes, is_linear
from simsa.engine.selection.reweighing import Reweighing, Swapped
from simsa.rules import Criterion, Rules

GRID = 1000
"""Where the tally is piecewise, moves are whole thousandths of the weight."""


@dataclass(frozen=True)
class WeightChange:
    """The first change at the weights of `node` in `group`, if there is one.

    - `length`: the share of the weight of `node` that moves, from 0 to 1; None if no move that was tried changes the
      winners (if `exact`: none at all does).
    - `safe`: no move that is shorter than this changes any winner; 0 where that cannot be said, 1 where no move does.
    - `weights`: those of the children after the move, in the order of the rules, `before` those before it. `up` gains
      and `down` lose, in this order: a longer move goes on with the last of them.
    - `leaves` and `enters`: positions of the entries that change places; empty `enters` where a winner falls below the
      floor, empty `leaves` where a place is filled that was empty.
    - `exact`: at `length` the two are equal, and a move in the same direction that is longer by however little changes
      the winners (or none can be longer, and what is asked among equals changes them). Otherwise `length` changes them,
      and one step of the grid less does not.
    """

    group: str
    node: str
    exact: bool
    length: Fraction | None
    weights: tuple[tuple[str, Fraction], ...] = ()
    up: str | None = None
    down: tuple[str, ...] = ()
    leaves: tuple[int, ...] = ()
    enters: tuple[int, ...] = ()

    before: tuple[Fraction, ...] = ()
    safe: Fraction = Fraction(0)

    @property
    def largest(self) -> Fraction | None:
        """The greatest change of one weight (L-infinity), in the unit of the weights; None without a change."""
        moved = [abs(after - was) for (_, after), was in zip(self.weights, self.before, strict=False)]
        return max(moved, default=None)


@dataclass(frozen=True)
class Sensitivity:
    """A `WeightChange` for every node with weights and every group, by node in the order of the rules."""

    changes: tuple[WeightChange, ...]
    method: str

    def first(self, group: str) -> WeightChange | None:
        """The shortest move that changes a winner of `group`; None if none was found."""
        found = [change for change in self.changes if change.group == group and change.length is not None]
        return min(found, key=lambda change: change.length or Fraction(0), default=None)


def sensitivity(
    rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None, *, seed: str | None = None
) -> Sensitivity:
    """How far weights may move, per weighted sum below the criterion that ranks, and group.

    A lot that decides is drawn from `seed`, without one from the empty seed. Raises what `tally` raises.
    """
    base = Reweighing(rules, entries, sheets, reported or Reported(), seed)
    changes: list[WeightChange] = []
    linear = 0
    nodes = [node for node in weighted(rules) if len(rules.children(node.id)) > 1]
    for node in nodes:
        exact = is_linear(base, node)
        linear += exact
        found = first_changes(base, node) if exact else _on_grid(base, node)
        safe = {} if exact else safe_lengths(base, node)
        changes += [
            _change(base, node, group, exact, found.get(group), safe.get(group, Fraction(0)))
            for group in entries.groups
        ]
    method = f"exact at {linear} of {len(nodes)} nodes, elsewhere exact tallies on a grid of 1/{GRID}"
    return Sensitivity(tuple(changes), method)


def weighted(rules: Rules) -> list[Criterion]:
    """The nodes at or below the one that ranks that add up by weights."""
    below, found = {rules.rank_by}, []
    for _, node in rules.walk():
        if node.id in below or node.parent in below:
            below.add(node.id)
            if node.combine is not None and node.combine.method == "weighted_sum":
                found.append(node)
    return found


def _change(
    base: Reweighing, node: Criterion, group: str, exact: bool, found: FirstChange | None, safe: Fraction
) -> WeightChange:
    before = base.weights(node)
    if exact:
        safe = Fraction(1) if found is None else found.move.length
    if found is None:
        return WeightChange(group, node.id, exact, None, before=before, safe=safe)
    names = [child.id for child in base.rules.children(node.id)]
    after = found.move.weights
    up, down = names[found.towards], tuple(names[child] for child in found.away)
    weights = tuple(zip(names, after, strict=True))
    return WeightChange(
        group, node.id, exact, found.move.length, weights, up, down, found.leaves, found.enters, before, safe
    )


def _on_grid(base: Reweighing, node: Criterion) -> dict[str, FirstChange]:
    """Per group the shortest move found from one child to another, in steps of the grid."""
    best: dict[str, tuple[int, FirstChange]] = {}
    children = len(base.weights(node))
    for away in range(children):
        for towards in range(children):
            if towards != away:
                line = _Line(base, node, away, towards)
                known = {group: step for group, (step, _) in best.items()}
                best |= {group: (found[0], line.change(*found)) for group, found in line.steps(known).items()}
    return {group: found for group, (_, found) in best.items()}


class _Line:
    """Moves from one child to another, by whole steps of the grid."""

    def __init__(self, base: Reweighing, node: Criterion, away: int, towards: int) -> None:
        self.base, self.node, self.away, self.towards = base, node, away, towards
        self.weights = base.weights(node)
        self.whole = sum(self.weights, Fraction(0))
        self.most = int(self.weights[away] / self.whole * GRID)
        self.seen: dict[int, Swapped] = {}

    def at(self, step: int) -> tuple[Fraction, ...]:
        """The weights after `step` steps."""
        moved = list(self.weights)
        moved[self.away] -= self.whole * Fraction(step, GRID)
        moved[self.towards] += self.whole * Fraction(step, GRID)
        return tuple(moved)

    def swapped(self, step: int) -> Swapped:
        if step not in self.seen:
            self.seen[step] = self.base.swapped(self.node, self.at(step))
        return self.seen[step]

    def steps(self, known: Mapping[str, int]) -> dict[str, tuple[int, str]]:
        """Per group a step that changes its winners while the one before does not, if shorter than `known`.

        The steps 1, 2, 4 ... are tried until one changes them, then the middle between it and the one before.
        """
        found: dict[str, tuple[int, str]] = {}
        for group in self.base.winners:
            most = min(self.most, known.get(group, GRID + 1) - 1)
            low, high = 0, min(1, most)
            while high > low and group not in self.swapped(high):
                low, high = high, min(2 * high, most)
            if high == low:
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if group in self.swapped(middle) else (middle, high)
            found[group] = high, group
        return found

    def change(self, step: int, group: str) -> FirstChange:
        leaves, enters = self.swapped(step)[group]
        return FirstChange(Move(Fraction(step, GRID), self.at(step)), self.towards, (self.away,), leaves, enters)
