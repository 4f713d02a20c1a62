"""How far the values of a criteria tree can reach: bounds that no set of sheets can pass.

Interval arithmetic over the tree, exact. A bound is None where there is none (a reported number, a bonus without cap).
The bounds are safe: a value outside them cannot come about; one inside them perhaps not either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .model import Adjustment, Rules
from .nodes import ROOT, Combine, Criterion, Factor, Missing, Rounding

Bound = Fraction | None


@dataclass(frozen=True)
class Reach:
    """Least and greatest value; `absent`: whether the value may be left out of what is combined above it."""

    least: Bound
    most: Bound
    absent: bool = False


@dataclass(frozen=True)
class NodeReach:
    """What a node can come to: before its limits `at_least` and `at_most`, and in the end."""

    free: Reach
    final: Reach


def reach(rules: Rules, group: str) -> dict[str, NodeReach]:
    """The reach of every node for an entry of `group`, by id. The rules' tree must be sound."""
    found: dict[str, NodeReach] = {}

    def visit(node: Criterion) -> Reach:
        children = rules.children(node.id)
        if children:
            assert node.combine is not None
            value = _combined(node.combine, [(child.weight, visit(child)) for child in children])
        elif node.indicator is not None:
            value = _indicator(rules, node)
        else:
            value = _marks(rules, node)
        if node.panel is not None:
            # Every panel method stays between the least and the greatest sheet; of no sheet at all it makes no result.
            value = _rounded(Reach(value.least, value.most), node.panel.round)
        value = _times(value, node.factor, group)
        value = _adjusted(rules, node, value)
        free = _rounded(value, node.round)
        found[node.id] = NodeReach(free, _limited(free, node))
        return found[node.id].final

    visit(rules.by_id[ROOT])
    return found


def reach_by_group(rules: Rules) -> dict[str, dict[str, NodeReach]]:
    """The reach of every node for each group of the rules; groups with the same factors share theirs."""
    differing = [dict(node.factor.by_group) for node in rules.criteria if node.factor and node.factor.by_group]
    found: dict[tuple[Fraction | None, ...], dict[str, NodeReach]] = {}
    by_group = {}
    for group in rules.groups:
        factors = tuple(by.get(group.id, by.get("*")) for by in differing)
        if factors not in found:
            found[factors] = reach(rules, group.id)
        by_group[group.id] = found[factors]
    return by_group


def _marks(rules: Rules, leaf: Criterion) -> Reach:
    assert leaf.scale is not None
    effects = [rules.effect(leaf, why) for why in Missing]
    numbers = [leaf.scale.min, leaf.scale.max, *(e.value for e in effects if e.value is not None)]
    return Reach(min(numbers), max(numbers), any(effect.kind == "leave_out" for effect in effects))


def _indicator(rules: Rules, node: Criterion) -> Reach:
    rule = node.indicator
    assert rule is not None
    reasons = (Missing.NOT_SUBMITTED, *([Missing.NOT_APPLICABLE] if rule.formula is not None else []))
    effects = [rules.effect(node, why) for why in reasons]
    absent = any(effect.kind == "leave_out" for effect in effects)
    if rule.method in ("reported", "formula"):
        return Reach(None, None, absent)
    if rule.steps:
        numbers = [rule.base, *(step.points for step in rule.steps)]
    else:  # only a target has a cap
        numbers = [rule.points_min, rule.points_min + (rule.points_max - rule.points_min) * rule.cap]
    scores = _rounded(Reach(min(numbers), max(numbers)), rule.round)
    ends = [end for end in (scores.least, scores.most, *(effect.value for effect in effects)) if end is not None]
    return Reach(min(ends), max(ends), absent)


def _combined(rule: Combine, parts: Sequence[tuple[Fraction | None, Reach]]) -> Reach:
    reaches = [part for _, part in parts]
    absent = all(part.absent for part in reaches)
    least: Bound
    most: Bound
    if rule.method == "sum":  # with a child left out a sum has no result
        least, most = _total([part.least for part in reaches]), _total([part.most for part in reaches])
    elif rule.method in ("min", "max", "median"):
        least, most = _by_order(rule.method, reaches)
    else:
        whole = rule.weights_sum if rule.method == "weighted_sum" else Fraction(1)
        weights = [weight or Fraction(0) if rule.method == "weighted_sum" else Fraction(1) for weight, _ in parts]
        highest = _extreme_mean(weights, [(part.most, part.absent) for part in reaches])
        lowest = _extreme_mean(weights, [(_negative(part.least), part.absent) for part in reaches])
        most = None if highest is None else whole * highest
        least = None if lowest is None else -whole * lowest
    return _rounded(Reach(least, most, absent), rule.round)


def _extreme_mean(weights: Sequence[Fraction], values: Sequence[tuple[Bound, bool]]) -> Bound:
    """The greatest weighted mean when parts that may be absent are: each is kept only where it raises the mean."""
    weighed = [(value, absent, weight) for (value, absent), weight in zip(values, weights, strict=True) if weight]
    if any(value is None for value, _, _ in weighed):
        return None
    always = [(value, weight) for value, absent, weight in weighed if not absent and value is not None]
    perhaps = sorted(((v, w) for v, absent, w in weighed if absent and v is not None), reverse=True)
    if not always:
        return perhaps[0][0] if perhaps else None
    total = sum((value * weight for value, weight in always), Fraction(0))
    whole = sum((weight for _, weight in always), Fraction(0))
    for value, weight in perhaps:
        if value * whole > total:
            total, whole = total + value * weight, whole + weight
    return total / whole


def _by_order(method: str, reaches: Sequence[Reach]) -> tuple[Bound, Bound]:
    lows, highs = [part.least for part in reaches], [part.most for part in reaches]
    always = [part for part in reaches if not part.absent]
    if method == "median" and len(always) == len(reaches):
        return _median(lows), _median(highs)
    least, most = _lowest(lows), _highest(highs)
    if method == "min" and always:
        most = _negative(_highest([_negative(part.most) for part in always], skip=True))
    if method == "max" and always:
        least = _highest([part.least for part in always], skip=True)
    return least, most


def _times(value: Reach, factor: Factor | None, group: str) -> Reach:
    if factor is None:
        return value
    if factor.value is not None:
        factors: Sequence[Fraction] = (factor.value,)
    elif factor.field is None:
        by_group = dict(factor.by_group)
        own = by_group.get(group, by_group.get("*"))
        factors = () if own is None else (own,)
    else:
        factors = factor.allowed
    if not factors:
        return Reach(None, None, value.absent)
    least = _lowest([_product(bound, f) for f in factors for bound in _ends(value, f)[:1]])
    most = _highest([_product(bound, f) for f in factors for bound in _ends(value, f)[1:]])
    return Reach(least, most, value.absent)


def _ends(value: Reach, factor: Fraction) -> tuple[Bound, Bound]:
    """The ends of `value` in the order in which `factor` leaves them."""
    return (value.most, value.least) if factor < 0 else (value.least, value.most)


def _adjusted(rules: Rules, node: Criterion, value: Reach) -> Reach:
    caps = dict(rules.adjustment_caps)
    extra: dict[str, Bound] = {}
    for kind in ("bonus", "deduction"):
        here = [a for a in rules.adjustments if a.criterion == node.id and a.kind == kind]
        total, cap = _total([_largest(adjustment) for adjustment in here]), caps.get(kind)
        extra[kind] = total if cap is None else cap if total is None else min(total, cap)
    return Reach(
        _total([value.least, _negative(extra["deduction"])]), _total([value.most, extra["bonus"]]), value.absent
    )


def _largest(adjustment: Adjustment) -> Bound:
    if adjustment.each == 0 or adjustment.cap is None:
        return Fraction(0) if adjustment.each == 0 else None
    return adjustment.cap if adjustment.round is None else adjustment.round.apply(adjustment.cap)


def _limited(value: Reach, node: Criterion) -> Reach:
    least, most = value.least, value.most
    if node.at_least is not None:
        least = node.at_least if least is None else max(least, node.at_least)
        most = None if most is None else max(most, node.at_least)
    if node.at_most is not None:
        least = None if least is None else min(least, node.at_most)
        most = node.at_most if most is None else min(most, node.at_most)
    return Reach(least, most, value.absent)


def _rounded(value: Reach, rounding: Rounding | None) -> Reach:
    if rounding is None:
        return value
    least, most = (None if bound is None else rounding.apply(bound) for bound in (value.least, value.most))
    return Reach(least, most, value.absent)


def _total(bounds: Sequence[Bound]) -> Bound:
    known = [bound for bound in bounds if bound is not None]
    return sum(known, Fraction(0)) if len(known) == len(bounds) else None


def _median(bounds: Sequence[Bound]) -> Bound:
    known = sorted(bound for bound in bounds if bound is not None)
    if len(known) < len(bounds):
        return None
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


def _pick(choose: Callable[[Sequence[Fraction]], Fraction], bounds: Sequence[Bound], skip: bool) -> Bound:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if known and (skip or len(known) == len(bounds)) else None


def _highest(bounds: Sequence[Bound], *, skip: bool = False) -> Bound:
    """The greatest bound; one that is missing leaves none, or with `skip` binds nothing."""
    return _pick(max, bounds, skip)


def _lowest(bounds: Sequence[Bound]) -> Bound:
    return _pick(min, bounds, skip=False)


def _negative(bound: Bound) -> Bound:
    return None if bound is None else -bound


def _product(bound: Bound, factor: Fraction) -> Bound:
    return Fraction(0) if factor == 0 else None if bound is None else bound * factor
