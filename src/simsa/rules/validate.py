"""What contradicts itself in a set of rules, although each line of it is well formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from .canonical import LARGEST
from .decimals import exact_text
from .errors import MOST, Problem
from .model import ROOT, Criterion, Group, Missing, Rules
from .reach import reach_by_group

RESERVED = ("entry", "name", "group", "sheets", "rules_hash", "synthetic")

DEEPEST = 20
"""Levels of the criteria tree below its root: more is a slip."""


def contradictions(rules: Rules) -> list[Problem]:
    """Contradictions in `rules`, in the order of the file: all, or the first hundred of them."""
    # A broken tree makes everything else meaningless; how far values reach can be told only of rules that are sound.
    for stage in (_size, _tree, _parts, _unreachable):
        if found := list(islice(stage(rules), MOST)):
            return found
    return []


def _size(rules: Rules) -> Iterator[Problem]:
    if len(rules.canonical) > LARGEST:
        yield Problem("file", f"has {len(rules.canonical)} bytes in canonical form", f"at most {LARGEST}")


def _parts(rules: Rules) -> Iterator[Problem]:
    for index, node in enumerate(rules.criteria, 1):
        yield from _node(rules, node, f"criterion[{index}]")
    yield from _paths(rules)
    for index, group in enumerate(rules.groups, 1):
        yield from _group(group, "each_group" if group.id == "*" else f"group[{index}]")
    for part in (_references, _tie_breaks, _adjustments, _lottery, _calibrated, _adaptive, _panel):
        yield from part(rules)


def _tree(rules: Rules) -> Iterator[Problem]:
    for name, identifiers in (
        ("criterion", [node.id for node in rules.criteria]),
        ("group", [group.id for group in rules.groups]),
        ("adjustment", [adjustment.id for adjustment in rules.adjustments]),
        ("conflict", [conflict.id for conflict in rules.conflicts]),
        ("panel.kind", [kind.id for kind in rules.panel.kinds]),
    ):
        for identifier, count in Counter(identifiers).items():
            if count > 1:
                where = [n for n, other in enumerate(identifiers, 1) if other == identifier][1]
                yield Problem(f"{name}[{where}].id", f"{identifier!r} is used {count} times", "one name, one thing")
    for index, node in enumerate(rules.criteria, 1):
        if node.id in RESERVED or node.id.endswith((".panel", ".exact")):
            what = f"{node.id!r} is the name of another column in the tally"
            yield Problem(f"criterion[{index}].id", what, "another identifier")
    known = {node.id: node for node in rules.criteria}
    if ROOT not in known:
        yield Problem("criterion", f"has no node {ROOT}", f'[[criterion]] with id = "{ROOT}" is the root of the tree')
        return
    for index, node in enumerate(rules.criteria, 1):
        if node.parent is not None and node.parent not in known:
            yield Problem(f"criterion[{index}].parent", f"{node.parent!r} is no criterion", _known(known))
        else:
            above = _ancestors(node, known)
            if node.id in above:
                what = f"{node.id!r} is among its own ancestors"
                yield Problem(f"criterion[{index}].parent", what, f"lead to {ROOT}")
            elif len(above) > DEEPEST:
                what = f"{node.id!r} lies more than {DEEPEST} levels below {ROOT}"
                yield Problem(f"criterion[{index}].parent", what, f"at most {DEEPEST} levels")


def _ancestors(node: Criterion, known: dict[str, Criterion]) -> list[str]:
    """Parent, its parent and so on, as far as they are known, nobody twice, at most one more than is allowed."""
    found: list[str] = []
    while node.parent is not None and node.parent in known and node.parent not in found and len(found) <= DEEPEST:
        found.append(node.parent)
        node = known[node.parent]
    return found


def _node(rules: Rules, node: Criterion, key: str) -> Iterator[Problem]:
    children = rules.children(node.id)
    if children:
        yield from _inner(rules, node, children, key)
    else:
        yield from _leaf(rules, node, key)
    if node.at_least is not None and node.at_most is not None and node.at_least > node.at_most:
        yield Problem(f"{key}.at_least", f"is above at_most {exact_text(node.at_most)}", "at_least below at_most")
    parent = rules.by_id[node.parent] if node.parent else None
    weighted = parent is not None and parent.combine is not None and parent.combine.method == "weighted_sum"
    if weighted and node.weight is None:
        yield Problem(f"{key}.weight", "is missing", f"{node.parent} is a weighted sum of its children")
    if not weighted and node.weight is not None:
        yield Problem(f"{key}.weight", "has no effect", f"only under a node with combine.method = {'weighted_sum'!r}")
    if node.factor and node.factor.by_group:
        for group, _ in node.factor.by_group:
            if rules.group(group) is None:
                yield Problem(f"{key}.factor.by_group", f"{group!r} is no group", _known(g.id for g in rules.groups))
        named = dict(node.factor.by_group)
        without = [g.id for g in rules.groups if g.id not in named]
        if without:
            yield Problem(f"{key}.factor.by_group", f"says nothing of {', '.join(without)}", "a factor for each group")


def _inner(rules: Rules, node: Criterion, children: tuple[Criterion, ...], key: str) -> Iterator[Problem]:
    for name in ("scale", "indicator", "missing"):
        if getattr(node, name):
            yield Problem(f"{key}.{name}", f"stands at {node.id!r}, which has children", "only leaves are scored")
    if node.combine is None:
        yield Problem(f"{key}.combine", "is missing", 'how the children add up, e.g. { method = "weighted_sum" }')
        return
    if node.combine.method == "weighted_sum" and all(child.weight is not None for child in children):
        weights = sum((child.weight for child in children if child.weight is not None), Fraction(0))
        if weights != node.combine.weights_sum:
            names = " + ".join(
                f"{child.id} {exact_text(child.weight)}" for child in children if child.weight is not None
            )
            what = f"the weights of its children add up to {exact_text(weights)} ({names})"
            yield Problem(key, what, f"weights_sum is {exact_text(node.combine.weights_sum)}")
    if node.combine.method == "sum":
        for child in children:
            if rules.children(child.id) or child.panel is not None:
                continue
            # A number is reported or not; of a mark, the other two reasons concern whole sheets.
            reasons = (Missing.NOT_SUBMITTED,) if child.indicator else (Missing.NOT_APPLICABLE, Missing.ABSTAINED)
            for why in reasons:
                if rules.effect(child, why).kind == "leave_out":
                    what = f"{child.id!r} is left out when {why.value}, and in a sum that counts as zero"
                    yield Problem(key, what, "no_result, refuse or an explicit value for it; or a mean or weighted sum")
                    break


def _leaf(rules: Rules, node: Criterion, key: str) -> Iterator[Problem]:
    if node.combine is not None:
        yield Problem(f"{key}.combine", f"{node.id!r} has no children", "give it children, or remove combine")
    if node.id == ROOT and len(rules.criteria) > 1:
        yield Problem(key, "has no children", f"criteria without a parent belong to {ROOT}")
    if node.indicator is None and node.scale is None:
        yield Problem(f"{key}.scale", "is missing", "scale = { min, max, step } for marks, or an indicator")
    if node.indicator is not None and node.scale is not None:
        yield Problem(f"{key}.indicator", "stands beside a scale", "a leaf is marked by the panel or is an indicator")
    if node.scale is not None:
        for why in Missing:
            value, own = rules.effect(node, why).value, dict(node.missing).get(why) is not None
            if value and not node.scale.min <= value <= node.scale.max:
                place = f"{key}.missing.{why.value}" if own else f"missing.{why.value}"
                yield Problem(place, f"{exact_text(value)} is outside the scale of {node.id!r}", "0, or on the scale")
        if max(abs(node.scale.min), abs(node.scale.max)) * 10**rules.mark_places >= 2**62:
            yield Problem(f"{key}.scale", "is too fine for its length", "fewer decimal places, or a smaller max")


def _paths(rules: Rules) -> Iterator[Problem]:
    """Marks must meet the panel exactly once on their way to the root; indicators never."""
    position = {node.id: f"criterion[{n}]" for n, node in enumerate(rules.criteria, 1)}
    for node in rules.criteria:
        if rules.children(node.id):
            continue
        path, panels = node, []
        while True:
            if path.panel is not None:
                panels.append(path.id)
            if path.parent is None:
                break
            path = rules.by_id[path.parent]
        if node.indicator is not None and panels:
            what = f"{node.id!r} is an indicator, which belongs to the entry, but {panels[0]!r} aggregates sheets"
            yield Problem(position[node.id], what, "aggregate over the panel below the node where they meet")
        elif node.indicator is None and not panels:
            what = f"the marks at {node.id!r} are never aggregated over the panel"
            yield Problem(position[node.id], what, 'panel = { method = "mean" } here or at a node above')
        elif len(panels) > 1:
            what = f"the marks at {node.id!r} are aggregated over the panel at {' and at '.join(panels)}"
            yield Problem(position[panels[1]], what, "once on each path")


def _group(group: Group, key: str) -> Iterator[Problem]:
    quota, size = group.quota, group.size
    if size is not None and quota.count is not None and quota.count > size:
        yield Problem(f"{key}.quota", f"is {quota.count}, but the group has {size}", "at most the group's size")
    if size is not None and quota.places(size) + group.reserve > size:
        yield Problem(f"{key}.reserve", f"{group.reserve} behind {quota.places(size)} exceed the group's {size}", "")
    if group.award_floor is not None and not group.no_award:
        yield Problem(f"{key}.award_floor", "can leave a place empty", "no_award = true, or remove the floor")
    if group.no_award and group.award_floor is None:
        yield Problem(f"{key}.no_award", "says that a place may stay empty, but not when", "award_floor = ...")


def _references(rules: Rules) -> Iterator[Problem]:
    entry_level = set(_entry_level(rules))
    groups = {group.id for group in rules.groups}
    wanted = [("round.rank_by", rules.rank_by)]
    wanted += [(f"threshold[{n}].criterion", t.criterion) for n, t in enumerate(rules.thresholds, 1)]
    wanted += [(f"adjustment[{n}].criterion", a.criterion) for n, a in enumerate(rules.adjustments, 1)]
    wanted += [(f"tie_break[{n}].criterion", t.criterion) for n, t in enumerate(rules.tie_breaks, 1) if t.criterion]
    for key, criterion in wanted:
        if criterion not in rules.by_id:
            yield Problem(key, f"{criterion!r} is no criterion", _known(rules.by_id))
        elif criterion not in entry_level:
            what = f"{criterion!r} belongs to each sheet, not to the entry"
            yield Problem(key, what, f"a node at or above the panel's: {', '.join(sorted(entry_level))}")
    for n, threshold in enumerate(rules.thresholds, 1):
        for group in threshold.groups:
            if group not in groups and "*" not in groups:
                yield Problem(f"threshold[{n}].groups", f"{group!r} is no group", _known(groups))


def _entry_level(rules: Rules) -> Iterator[str]:
    """Nodes whose value belongs to the entry: indicators, and every node at or above the panel's."""
    for node in rules.criteria:
        up: Criterion | None = node
        below = False
        while up is not None and up.parent is not None:
            up = rules.by_id[up.parent]
            below = below or up.panel is not None
        if not below:
            yield node.id


def _tie_breaks(rules: Rules) -> Iterator[Problem]:
    steps = rules.tie_breaks
    if not steps or not steps[-1].lot:
        yield Problem("tie_break", "does not end in a lot", "[[tie_break]] with lot = true comes last")
    asked: dict[tuple[str | None, bool], int] = {}
    for n, step in enumerate(steps, 1):
        if step.lot:
            if n < len(steps):
                yield Problem(f"tie_break[{n}].lot", "is not the last", "what comes after a lot is never asked")
            continue
        first = asked.setdefault((step.criterion, step.exact), n)
        if first < n:
            what = f"asks for {step.criterion!r} again: who is still equal was equal in tie_break[{first}]"
            yield Problem(f"tie_break[{n}].criterion", what, "another criterion, or exact = true")
        elif step.criterion == rules.rank_by and not step.exact and not rules.calibration.official:
            what = f"is {step.criterion!r}, by which the ranks are made: equals are equal in it"
            yield Problem(f"tie_break[{n}].criterion", what, "another criterion, or exact = true")


def _adjustments(rules: Rules) -> Iterator[Problem]:
    kinds = {adjustment.kind for adjustment in rules.adjustments}
    for kind, _ in rules.adjustment_caps:
        if kind not in kinds:
            what = f"has no effect: there is no [[adjustment]] of kind {kind!r}"
            yield Problem(f"adjustment_caps.{kind}", what, "remove it, or add the adjustment")


def _lottery(rules: Rules) -> Iterator[Problem]:
    """A tie zone is of what the panel's sheets alone say: the ranks must be made of nothing else."""
    other = ", ".join(rules.beside_marks)
    if rules.lottery is not None and other:
        what = f"draws lots where the sheets cannot tell entrants apart, but ranks are made with {other}"
        yield Problem("lottery", what, f"ranks by {ROOT!r} from the panel's marks alone, or no lottery")


def _calibrated(rules: Rules) -> Iterator[Problem]:
    """What is calibrated are the sheets' totals before any limit: a limit would bind the tally and not the rank."""
    if not rules.calibration.official:
        return
    other = ", ".join(rules.beside_marks)
    if other:
        what = f"is true, and the calibrated score is of the sheets alone, but ranks are made with {other}"
        yield Problem("calibration.official", what, f"ranks by {ROOT!r} from the panel's marks alone, or false")
    for index, node in enumerate(rules.criteria, 1):
        for name in ("at_least", "at_most"):
            if getattr(node, name) is not None:
                what = f"limits {node.id!r}, and the official calibrated score knows no limits"
                yield Problem(f"criterion[{index}].{name}", what, "remove it, or calibration.official = false")


def _adaptive(rules: Rules) -> Iterator[Problem]:
    """The first round gives every entry a number that is known; who is in doubt is told by the sheets alone."""
    adaptive, first = rules.adaptive, rules.panel.sheets_per_entry
    if adaptive is None:
        return
    other = ", ".join(rules.beside_marks)
    if other:
        what = f"gives more reviews where the sheets leave a place open, but ranks are made with {other}"
        yield Problem("adaptive", what, f"ranks by {ROOT!r} from the panel's marks alone, or no [adaptive]")
    if first.min is None or first.min != first.max:
        what = "holds back a share of the reviews beside the first round's, but sheets_per_entry is no single number"
        yield Problem("adaptive", what, "[panel] sheets_per_entry = 2 or another single number")
    elif adaptive.most_per_entry is not None and adaptive.most_per_entry <= first.min:
        what = f"is {adaptive.most_per_entry}, and every entry has {first.min} after the first round"
        yield Problem("adaptive.most_per_entry", what, f"more than {first.min}, or leave it out")
    for n, node in enumerate(rules.criteria, 1):
        panel = node.panel
        if panel is None or first.max is None or panel.below_minimum not in ("no_result", "refuse"):
            continue
        if first.max < panel.minimum:
            what = (
                f"has no value of fewer than {panel.minimum} sheets, and the first round of [adaptive] has {first.max}"
            )
            allowed = 'below_minimum = "mean" or "median", or more sheets in the first round'
            yield Problem(f"criterion[{n}].panel", what, allowed)


def _unreachable(rules: Rules) -> Iterator[Problem]:
    """Limits that no marks can reach: a threshold or floor above the most, an `at_least` or `at_most` that is all."""
    by_group = reach_by_group(rules)
    for n, threshold in enumerate(rules.thresholds, 1):
        for group in threshold.groups or tuple(by_group):
            most = by_group.get(group, by_group.get("*", {}))[threshold.criterion].final.most
            if most is not None and most < threshold.at_least:
                yield Problem(f"threshold[{n}].at_least", *_above(threshold.at_least, threshold.criterion, most))
                break
    # What is estimated net of severity may lie beyond the scale.
    for n, group_rule in enumerate(() if rules.calibration.official else rules.groups, 1):
        floor, most = group_rule.award_floor, by_group[group_rule.id][rules.rank_by].final.most
        if floor is not None and most is not None and most < floor:
            where = "each_group" if group_rule.id == "*" else f"group[{n}]"
            yield Problem(f"{where}.award_floor", *_above(floor, rules.rank_by, most))
    for n, node in enumerate(rules.criteria, 1):
        free = [reaches[node.id].free for reaches in by_group.values()]
        if node.at_least is not None and all(own.most is not None and own.most < node.at_least for own in free):
            what = f"is {exact_text(node.at_least)}, and no value comes up to it: all would be equal"
            yield Problem(f"criterion[{n}].at_least", what, "a limit that some values pass")
        if node.at_most is not None and all(own.least is not None and own.least > node.at_most for own in free):
            what = f"is {exact_text(node.at_most)}, and every value is above it: all would be equal"
            yield Problem(f"criterion[{n}].at_most", what, "a limit that some values keep")


def _above(limit: Fraction, criterion: str, most: Fraction) -> tuple[str, str]:
    what = f"is {exact_text(limit)}, and {criterion!r} comes to {exact_text(most)} at most: nobody could be selected"
    return what, f"at most {exact_text(most)}"


def _panel(rules: Rules) -> Iterator[Problem]:
    per_entry, size = rules.panel.sheets_per_entry, rules.panel.size
    if per_entry.min is not None and size.max is not None and per_entry.min > size.max:
        what = f"asks for {per_entry.min} sheets per entry from a panel of at most {size.max}"
        yield Problem("panel.sheets_per_entry", what, "at most the panel's size")
    for n, kind in enumerate(rules.panel.kinds, 1):
        if per_entry.max is not None and kind.per_entry.min is not None and kind.per_entry.min > per_entry.max:
            what = f"asks for {kind.per_entry.min} of the {per_entry.max} sheets that an entry gets at most"
            yield Problem(f"panel.kind[{n}].per_entry", what, "at most panel.sheets_per_entry.max")
    for n, node in enumerate(rules.criteria, 1):
        panel = node.panel
        if panel is None:
            continue
        if size.max is not None and size.max < panel.minimum:
            what = f"needs {panel.minimum} marks from a panel of at most {size.max}"
            yield Problem(f"criterion[{n}].panel.minimum", what, "at most panel.size.max")
        if panel.method == "trimmed_mean" and panel.drop_high + panel.drop_low == 0:
            yield Problem(f"criterion[{n}].panel", "drops nothing", "drop_high and drop_low, or method = 'mean'")
        if panel.minimum <= panel.drop_high + panel.drop_low:
            what = f"{panel.minimum} marks are not enough to drop {panel.drop_high} + {panel.drop_low}"
            yield Problem(f"criterion[{n}].panel.minimum", what, "more than are dropped")
        most = rules.whole_panel.sheets_per_entry.max
        if most is not None and most < panel.minimum:
            what = f"needs {panel.minimum} marks, but an entry gets at most {most} sheets"
            where = "panel.sheets_per_entry.max" if rules.adaptive is None else "adaptive.most_per_entry"
            yield Problem(f"criterion[{n}].panel.minimum", what, f"at most {where}")


def _known(names: object) -> str:
    return f"known: {', '.join(str(name) for name in names)}"  # type: ignore[attr-defined]
