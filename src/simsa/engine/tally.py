"""The tally: the official, exact aggregation that the rules declare, and nothing else.

At every node of the criteria tree, in the order that `simsa.rules.model` states: combine -> panel -> factor ->
deductions and bonus -> round -> limits. All numbers are exact; a missing value does what the rules say and is never
zero by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from math import lcm

import numpy as np
from numpy.typing import NDArray

from simsa.rules import Adjustment, Combine, Criterion, Indicator, Missing, PanelAggregate, Rules, exact_text

from .exact import LEFT_OUT, NO_RESULT, THERE, Column
from .indicators import numbers_of, score
from .inputs import Entries, InputError, Reported, Sheets, Status
from .panel import REFUSED, aggregate


class TallyError(InputError):
    """The rules refuse to go on, or a number they need is not there; the message names entry and criterion."""


@dataclass(frozen=True)
class Tally:
    """Exact values of every entry at every node that belongs to the entry.

    `values[node]` and, before the node's own rounding, `unrounded[node]`: one `Column` cell per entry. `panels[node]`:
    what the panel gave at the nodes that aggregate over it, before factor and adjustments. `sheets_used`: sheets behind
    each entry. `sheet_totals`: each sheet's own total (the tree with a panel of one, nothing rounded, no limits), what
    calibration starts from. `method` says how it was obtained.
    """

    rules_hash: str
    entries: tuple[str, ...]
    values: Mapping[str, Column]
    unrounded: Mapping[str, Column]
    panels: Mapping[str, Column]
    sheets_used: NDArray[np.int64]
    sheet_totals: Column
    method: str = "exact rationals, rounded only where the rules say"

    def value(self, node: str, entry: int) -> Fraction | None:
        """The value of one entry (by position) at `node`; None where the rules give no result."""
        return self.values[node].value(entry)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        return tuple(self.values)


def tally(rules: Rules, entries: Entries, sheets: Sheets, reported: Reported | None = None) -> Tally:
    """The exact tally of a round.

    Raises InputError where the inputs do not fit the rules, TallyError where the rules refuse a missing value or an
    adjustment or factor that the rules need was not reported.
    """
    entries.check(rules)
    sheets.check(rules, entries)
    return Tree(rules, entries, sheets, reported or Reported()).run()


class Tree:
    """The criteria tree over the sheets, node by node.

    With `of` (cells,) there is a cell for each of other panels than the official one: cell c is entry `of[c]`, and
    `sheets.entry` are cells. What entries reported is theirs in every cell, and a panel that the rules refuse gives no
    result, because that is not the official tally. `known` holds columns of another tree over the same sheets (`below`
    the panel's node, `values` at and above it) that are taken as they are; such nodes are not in the tally.
    """

    def __init__(
        self,
        rules: Rules,
        entries: Entries,
        sheets: Sheets,
        reported: Reported,
        *,
        of: NDArray[np.int64] | None = None,
        known: Mapping[str, Column] | None = None,
    ) -> None:
        self.rules, self.entries, self.sheets, self.reported = rules, entries, sheets, reported
        self.of, self.known = of, known or {}
        self.cells = len(entries) if of is None else len(of)
        self.column = {leaf: n for n, leaf in enumerate(sheets.leaves)}
        self.below: dict[str, Column] = {}
        self.values: dict[str, Column] = {}
        self.unrounded: dict[str, Column] = {}
        self.panels: dict[str, Column] = {}

    def run(self, *, totals: bool = True) -> Tally:
        """The tally; without `totals` its `sheet_totals` are empty."""
        self.entry_value(self.rules.root)
        used = (self.sheets.status == Status.MARK).any(axis=1) if self.sheets.leaves else np.zeros(0, bool)
        return Tally(
            rules_hash=self.rules.hash,
            entries=self.entries.ids if self.of is None else tuple(self.entries.ids[entry] for entry in self.of),
            values={node.id: self.values[node.id] for _, node in self.rules.walk() if node.id in self.values},
            unrounded={node.id: self.unrounded[node.id] for _, node in self.rules.walk() if node.id in self.values},
            panels={node.id: self.panels[node.id] for _, node in self.rules.walk() if node.id in self.panels},
            sheets_used=np.bincount(self.sheets.entry[used], minlength=self.cells),
            sheet_totals=self.sheet_total() if totals else Column.from_values([]),
        )

    # Values of the entry: at the panel's node and above.

    def entry_value(self, node: Criterion) -> Column:
        if node.id in self.known:
            return self.known[node.id]
        if node.panel is not None:
            value = self.over_panel(node, node.panel)
        elif node.indicator is not None:
            value = self.indicator(node)
        else:
            assert node.combine is not None
            value = combine(node.combine, [(c, self.entry_value(c)) for c in self.rules.children(node.id)])
        return self.finish(node, value)

    def over_panel(self, node: Criterion, panel: PanelAggregate) -> Column:
        column = aggregate(self.sheet_value(node), self.sheets.entry, self.cells, panel)
        refused = np.flatnonzero(column.state == REFUSED)
        if len(refused) and self.of is not None:
            column = column.where(column.state != REFUSED, NO_RESULT)
        elif len(refused):
            entry = self.entries.ids[refused[0]]
            raise TallyError(f"entry {entry!r}, criterion {node.id!r}: the panel's marks do not meet the rules")
        self.panels[node.id] = column.rounded(panel.round)
        return self.panels[node.id]

    def indicator(self, node: Criterion) -> Column:
        assert node.indicator is not None
        numbers = numbers_of(self.rules, node.id, node.indicator, self.entries, self.reported)
        scores = score(node.indicator, numbers, self.entries.group)
        absent = np.zeros(len(numbers), np.int8)
        for n, number in enumerate(numbers):
            if not isinstance(number, Missing):
                continue
            effect = self.rules.effect(node, number)
            if effect.kind == "refuse":
                what = f"entry {self.entries.ids[n]!r}, indicator {node.id!r}"
                raise TallyError(f"{what}: {self.without(node.indicator, number)}, and the rules refuse that")
            scores[n] = effect.value
            absent[n] = LEFT_OUT if effect.kind == "leave_out" else NO_RESULT
        column = Column.from_values(scores)
        state = np.where(column.state == THERE, THERE, absent).astype(np.int8)
        return self.spread(replace(column, state=state))

    def without(self, source: Indicator | Adjustment, why: Missing) -> str:
        if why is Missing.NOT_APPLICABLE:
            return f"{source.formula} divides by zero"
        return f"{' or '.join(map(repr, self.rules.fields_of(source)))} is not reported"

    def spread(self, column: Column) -> Column:
        """A column of the entries as one of the cells."""
        if self.of is None:
            return column
        return Column(column.numerator[self.of], column.denominator, column.state[self.of])

    def finish(self, node: Criterion, value: Column) -> Column:
        """Factor, deductions and bonus, rounding, limits."""
        if node.factor is not None:
            value = (
                value.scaled_by(self.factors(node)) if node.factor.value is None else value.scaled(node.factor.value)
            )
        value = self.adjusted(node, value)
        self.unrounded[node.id] = value.limited(node.at_least, node.at_most)
        self.values[node.id] = value.rounded(node.round).limited(node.at_least, node.at_most)
        return self.values[node.id]

    def factors(self, node: Criterion) -> Column:
        factor = node.factor
        assert factor is not None
        if factor.field is None:
            by_group = dict(factor.by_group)
            return self.spread(
                Column.from_values([by_group.get(group, by_group.get("*")) for group in self.entries.group])
            )
        found = [self.reported.get(entry, node.id, factor.field) for entry in self.entries.ids]
        for entry, number in zip(self.entries.ids, found, strict=True):
            if number is None:
                raise TallyError(f"entry {entry!r}, criterion {node.id!r}: the factor {factor.field!r} is not reported")
            if factor.allowed and number not in factor.allowed:
                allowed = ", ".join(exact_text(a) for a in factor.allowed)
                raise TallyError(
                    f"entry {entry!r}, criterion {node.id!r}: factor {exact_text(number)}, allowed: {allowed}"
                )
        return self.spread(Column.from_values(found))

    def adjusted(self, node: Criterion, value: Column) -> Column:
        caps = dict(self.rules.adjustment_caps)
        for kind, sign in (("bonus", 1), ("deduction", -1)):
            rules = [a for a in self.rules.adjustments if a.criterion == node.id and a.kind == kind]
            if rules:
                total = reduce(Column.plus, (self.adjustment(rule) for rule in rules))
                value = value.plus(total.limited(None, caps.get(kind)).scaled(Fraction(sign)))
        return value

    def adjustment(self, rule: Adjustment) -> Column:
        amounts: list[Fraction] = []
        numbers = numbers_of(self.rules, rule.criterion, rule, self.entries, self.reported)
        for entry, number in zip(self.entries.ids, numbers, strict=True):
            what = f"entry {entry!r}, {rule.kind} {rule.id!r}"
            if isinstance(number, Missing) and rule.missing == "refuse":
                raise TallyError(f"{what}: {self.without(rule, number)}, and the rules refuse that")
            amount = Fraction(0) if isinstance(number, Missing) else number
            if amount < 0:
                raise TallyError(f"{what}: {rule.formula or repr(rule.field)} is {exact_text(amount)}, below 0")
            amount *= rule.each
            amount = amount if rule.cap is None else min(amount, rule.cap)
            amounts.append(amount if rule.round is None else rule.round.apply(amount))
        return self.spread(Column.from_values(amounts))

    # Values of one sheet: below the panel's node.

    def sheet_value(self, node: Criterion) -> Column:
        """The value of each sheet at `node`, taken before the panel."""
        children = self.rules.children(node.id)
        if not children:
            return self.marks(node)
        assert node.combine is not None
        parts = [(child, self.sheet_node(child)) for child in children]
        if node.combine.method == "sum":
            self.refuse_partial(node, parts)
        return combine(node.combine, parts)

    def refuse_partial(self, node: Criterion, parts: list[tuple[Criterion, Column]]) -> None:
        """A sheet that fills only a part of a sum: leaving the rest out would count it as zero."""
        absent = np.array([column.state == LEFT_OUT for _, column in parts])
        partial = np.flatnonzero(absent.any(axis=0) & ~absent.all(axis=0))
        if len(partial):
            row = int(partial[0])
            who, what = self.sheets.reviewers[self.sheets.reviewer[row]], self.entries.ids[self.sheets.entry[row]]
            without = ", ".join(repr(child.id) for (child, _), gone in zip(parts, absent[:, row], strict=True) if gone)
            more = f" ({len(partial) - 1} more sheets like this)" if len(partial) > 1 else ""
            raise TallyError(
                f"entry {what!r}, reviewer {who!r}: the sheet fills only a part of the sum {node.id!r}, without a mark "
                f"at {without}{more}; complete it, withdraw it whole, or declare what a missing mark there does"
            )

    def sheet_node(self, node: Criterion) -> Column:
        if node.id in self.known:
            return self.known[node.id]
        value = self.sheet_factor(node, self.sheet_value(node))
        self.below[node.id] = value.rounded(node.round).limited(node.at_least, node.at_most)
        return self.below[node.id]

    def sheet_factor(self, node: Criterion, value: Column) -> Column:
        """The node's factor on the value of each sheet."""
        if node.factor is None:
            return value
        if node.factor.value is not None:
            return value.scaled(node.factor.value)
        own, entry = self.factors(node), self.sheets.entry
        return value.scaled_by(Column(own.numerator[entry], own.denominator, own.state[entry]))

    def marks(self, leaf: Criterion) -> Column:
        position = self.column[leaf.id]
        status, mark = self.sheets.status[:, position], self.sheets.mark[:, position]
        state = np.zeros(len(status), np.int8)
        numerator, unit = mark, 10**self.sheets.places
        for code in Status:
            cells = status == code
            if code.missing is None or not cells.any():
                continue
            effect = self.rules.effect(leaf, code.missing)
            if effect.kind == "refuse":
                row = int(np.flatnonzero(cells)[0])
                who, what = self.sheets.reviewers[self.sheets.reviewer[row]], self.entries.ids[self.sheets.entry[row]]
                raise TallyError(
                    f"entry {what!r}, reviewer {who!r}, criterion {leaf.id!r}: {code.missing.value}, "
                    "which the rules refuse"
                )
            if effect.value is not None:
                given = Column.of(numerator, unit, state).over(lcm(unit, effect.value.denominator))
                stands_for = int(effect.value * given.denominator)
                wide = given.numerator.astype(object) if abs(stands_for) >= 2**62 else given.numerator
                numerator, unit = np.where(cells, stands_for, wide), given.denominator
            state[cells] = {"leave_out": LEFT_OUT, "no_result": NO_RESULT, "value": THERE}[effect.kind]
        return Column.of(numerator, unit, state)

    def sheet_total(self) -> Column:
        """Each sheet's total as if its reviewer were the whole panel; criteria without marks are left out."""
        rows = len(self.sheets)
        nothing = Column(np.zeros(rows, np.int64), 1, np.full(rows, LEFT_OUT, np.int8))

        def total(node: Criterion) -> Column:
            children = self.rules.children(node.id)
            if node.indicator is not None:
                return nothing
            if not children:
                value = self.marks(node)
            else:
                assert node.combine is not None
                parts = [(child, total(child)) for child in children]
                marked = [(child, part) for child, part in parts if not only_indicators(self.rules, child)]
                value = combine(replace(node.combine, round=None), marked) if marked else nothing
            return self.sheet_factor(node, value)

        return total(self.rules.root)


def only_indicators(rules: Rules, node: Criterion) -> bool:
    """Whether the panel marks nothing below `node`."""
    children = rules.children(node.id)
    return node.indicator is not None or (bool(children) and all(only_indicators(rules, child) for child in children))


def combine(rule: Combine, children: list[tuple[Criterion, Column]]) -> Column:
    """The children of one node as one column, cell by cell, rounded as `rule` says.

    A child without a result leaves the node without one. A child that is left out: weights and counts are taken over
    the others; in a sum, where leaving out would mean zero, the node has no result unless all children are left out.
    """
    columns = [column for _, column in children]
    there = np.array([column.state == THERE for column in columns])
    weights = [child.weight if rule.method == "weighted_sum" else Fraction(1) for child, _ in children]
    if rule.method in ("median", "min", "max"):
        value = _by_order(rule, columns, there)
    else:
        parts = [
            column.scaled(weight if weight is not None else Fraction(1))
            for column, weight in zip(columns, weights, strict=True)
        ]
        value = reduce(_plus_there, parts)
        if rule.method != "sum":
            value = value.scaled_by(_share(rule, weights, there))
    return _with_state(rule, value, columns, there).rounded(rule.round)


def _plus_there(left: Column, right: Column) -> Column:
    """The sum of what is there on either side (cells without a number hold 0)."""
    state = np.minimum(left.state, right.state)
    present = np.zeros(len(left), np.int8)
    both = Column(left.numerator, left.denominator, present).plus(Column(right.numerator, right.denominator, present))
    return Column.of(both.numerator, both.denominator, state)


def _share(rule: Combine, weights: list[Fraction | None], there: NDArray[np.bool_]) -> Column:
    """What the weighted sum of a cell is multiplied by, given which children are there."""
    whole = rule.weights_sum if rule.method == "weighted_sum" else Fraction(1)
    patterns, cell = np.unique(there.T, axis=0, return_inverse=True)
    shares: list[Fraction | None] = []
    for pattern in patterns:
        present = sum((w or Fraction(0) for w, is_there in zip(weights, pattern, strict=True) if is_there), Fraction(0))
        shares.append(whole / present if present else None)
    by_pattern = Column.from_values(shares)
    cell = cell.reshape(-1)
    return Column(by_pattern.numerator[cell], by_pattern.denominator, by_pattern.state[cell])


def _by_order(rule: Combine, columns: list[Column], there: NDArray[np.bool_]) -> Column:
    values: list[Fraction | None] = []
    for cell in range(there.shape[1]):
        numbers = sorted(v for column in columns if (v := column.value(cell)) is not None)
        if not numbers:
            values.append(None)
        elif rule.method == "median":
            values.append((numbers[(len(numbers) - 1) // 2] + numbers[len(numbers) // 2]) / 2)
        else:
            values.append(numbers[0] if rule.method == "min" else numbers[-1])
    return Column.from_values(values, LEFT_OUT)


def _with_state(rule: Combine, value: Column, columns: list[Column], there: NDArray[np.bool_]) -> Column:
    nothing = ~there.any(axis=0)
    spoilt = np.array([column.state == NO_RESULT for column in columns]).any(axis=0)
    if rule.method == "sum":
        spoilt |= ~there.all(axis=0) & ~nothing
    spoilt |= (value.state == NO_RESULT) & ~nothing
    state = np.where(spoilt, NO_RESULT, np.where(nothing, LEFT_OUT, THERE)).astype(np.int8)
    return Column.of(value.numerator, value.denominator, state)
