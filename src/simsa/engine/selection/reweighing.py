"""The official tally with other weights at one node, exact, without doing again what the weights do not touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simsa.engine.exact import Column
from simsa.engine.inputs import Entries, Reported, Sheets
from simsa.engine.selection.order import eligible, keys
from simsa.engine.tally import Tally, Tree
from simsa.rules import Criterion, Rules

Swapped = dict[str, tuple[tuple[int, ...], tuple[int, ...]]]
"""Per group whose winners are others: the positions of those that leave and of those that enter."""


class Reweighing:
    """A round's tally and winners, and what they become with other weights.

    `members`: per group the positions of its entries; `winners`: per group a set of positions; `able` (n,): who may be
    selected. Raises what `tally` raises.
    """

    def __init__(self, rules: Rules, entries: Entries, sheets: Sheets, reported: Reported, seed: str | None) -> None:
        entries.check(rules)
        sheets.check(rules, entries)
        self.rules, self.entries, self.sheets, self.reported, self.seed = rules, entries, sheets, reported, seed
        self._tree = Tree(rules, entries, sheets, reported)
        self.tally = self._tree.run(totals=False)
        self.able = eligible(rules, entries.group, self.tally.values)
        index = entries.group_index
        self.members = {name: np.flatnonzero(index == n) for n, name in enumerate(entries.groups)}
        self.winners = {name: self._winners(name, self.tally, self.able) for name in entries.groups}

    def places(self, group: str) -> int:
        rule = self.rules.group(group)
        assert rule is not None  # the entries were checked
        return rule.quota.places(len(self.members[group]))

    def weights(self, node: Criterion) -> tuple[Fraction, ...]:
        """The weights of the children of `node`."""
        return tuple(child.weight or Fraction(0) for child in self.rules.children(node.id))

    def path(self, node: Criterion) -> tuple[Criterion, ...]:
        """From `node` up to the criterion that ranks, both included."""
        found = [node]
        while found[-1].id != self.rules.rank_by and found[-1].parent is not None:
            found.append(self.rules.by_id[found[-1].parent])
        return tuple(found)

    def above(self, node: Criterion) -> tuple[Criterion, ...]:
        """From `node` up to the root: what its weights touch."""
        found = [node]
        while found[-1].parent is not None:
            found.append(self.rules.by_id[found[-1].parent])
        return tuple(found)

    def column(self, node: str) -> Column:
        """The values of a node: of the sheets below the panel's node, of the entries at and above it."""
        return self._tree.below[node] if node in self._tree.below else self.tally.values[node]

    def sheets_at(self, node: Criterion, weights: Sequence[Fraction]) -> Column:
        """What each sheet has at the criterion that ranks before the panel, with these weights; the panel is there."""
        tree = self._reweighed(node, weights)
        return tree.sheet_value(tree.rules.by_id[self.rules.rank_by])

    def tallied(self, node: Criterion, weights: Sequence[Fraction]) -> Tally:
        """The tally with these weights of the children of `node`."""
        done = self._reweighed(node, weights).run(totals=False)
        return replace(
            done,
            values={**self.tally.values, **done.values},
            unrounded={**self.tally.unrounded, **done.unrounded},
        )

    def _reweighed(self, node: Criterion, weights: Sequence[Fraction]) -> Tree:
        mine = dict(zip((child.id for child in self.rules.children(node.id)), weights, strict=True))
        criteria = tuple(replace(c, weight=mine[c.id]) if c.id in mine else c for c in self.rules.criteria)
        touched = {one.id for one in self.above(node)}
        known = {key: column for key, column in {**self._tree.below, **self.tally.values}.items() if key not in touched}
        return Tree(replace(self.rules, criteria=criteria), self.entries, self.sheets, self.reported, known=known)

    def swapped(self, node: Criterion, weights: Sequence[Fraction]) -> Swapped:
        """The groups whose winners these weights change."""
        done = self.tallied(node, weights)
        able = eligible(self.rules, self.entries.group, done.values)
        found: Swapped = {}
        for group, before in self.winners.items():
            if not self._plainly(group, done, able):
                after = self._winners(group, done, able)
                if after != before:
                    found[group] = tuple(sorted(before - after)), tuple(sorted(after - before))
        return found

    def _plainly(self, group: str, done: Tally, able: NDArray[np.bool_]) -> bool:
        """Whether the winners are those that they were, by their scores alone."""
        members, won = self.members[group], self.winners[group]
        score = done.values[self.rules.rank_by].numerator[members]
        wins = np.array([entry in won for entry in members.tolist()], bool)
        others = able[members] & ~wins
        if not able[members][wins].all() or (others.any() and len(won) < self.places(group)):
            return False
        return not wins.any() or not others.any() or bool(score[wins].min() > score[others].max())

    def _winners(self, group: str, done: Tally, able: NDArray[np.bool_]) -> frozenset[int]:
        members = self.members[group][able[self.members[group]]]
        order = keys(self.rules, done, self.entries.group, self.seed, only=members)
        ranked = sorted(zip(order, members.tolist(), strict=True))
        return frozenset(entry for _, entry in ranked[: self.places(group)])
