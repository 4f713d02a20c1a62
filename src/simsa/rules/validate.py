"""What contradicts itself in a set of rules, although each line of it is well formed.

Frozen rules are held to it like files, and so is every verifier: the same list is in docs/reference/record-format.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from .canonical import LARGEST
from .decimals import exact_text
from .errors import MOST, Problem
from .model import Rules
from .nodes import ROOT, Criterion

DEEPEST = 20
"""Levels of the criteria tree below its root: more is a slip."""


def contradictions(rules: Rules) -> list[Problem]:
    """Contradictions in `rules`, in the order of the file: all, or the first hundred of them."""
    for stage in (_size, _tree, _parts):  # a broken tree makes everything else meaningless
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
    for part in (_references, _tie_breaks, _lottery, _calibrated, _meeting):
        yield from part(rules)


def identifiers_of(rules: Rules) -> Iterator[tuple[str, list[str]]]:
    """Tables of a rules file and the identifiers in them, of which none may be there twice."""
    yield "criterion", [node.id for node in rules.criteria]
    yield "group", [group.id for group in rules.groups]
    yield "adjustment", [adjustment.id for adjustment in rules.adjustments]
    yield "conflict", [conflict.id for conflict in rules.conflicts]
    yield "panel.kind", [kind.id for kind in rules.panel.kinds]


def _tree(rules: Rules) -> Iterator[Problem]:
    for name, identifiers in identifiers_of(rules):
        for identifier, count in Counter(identifiers).items():
            if count > 1:
                where = [n for n, other in enumerate(identifiers, 1) if other == identifier][1]
                yield Problem(f"{name}[{where}].id", f"{identifier!r} is used {count} times", "one name, one thing")
    nodes = {node.id: node for node in rules.criteria}
    if ROOT not in nodes:
        yield Problem("criterion", f"has no node {ROOT}", f'[[criterion]] with id = "{ROOT}" is the root of the tree')
        return
    for index, node in enumerate(rules.criteria, 1):
        if node.parent is not None and node.parent not in nodes:
            yield Problem(f"criterion[{index}].parent", f"{node.parent!r} is no criterion", known(nodes))
        else:
            above = _ancestors(node, nodes)
            if node.id in above:
                what = f"{node.id!r} is among its own ancestors"
                yield Problem(f"criterion[{index}].parent", what, f"lead to {ROOT}")
            elif len(above) > DEEPEST:
                what = f"{node.id!r} lies more than {DEEPEST} levels below {ROOT}"
                yield Problem(f"criterion[{index}].parent", what, f"at most {DEEPEST} levels")


def _ancestors(node: Criterion, nodes: dict[str, Criterion]) -> list[str]:
    """Parent, its parent and so on, as far as they are known, nobody twice, at most one more than is allowed."""
    found: list[str] = []
    while node.parent is not None and node.parent in nodes and node.parent not in found and len(found) <= DEEPEST:
        found.append(node.parent)
        node = nodes[node.parent]
    return found


def _node(rules: Rules, node: Criterion, key: str) -> Iterator[Problem]:
    if rules.children(node.id):
        yield from _inner(node, key)
    else:
        yield from _leaf(rules, node, key)
    if node.at_least is not None and node.at_most is not None and node.at_least > node.at_most:
        yield Problem(f"{key}.at_least", f"is above at_most {exact_text(node.at_most)}", "at_least below at_most")
    if node.weight is None and weighted(rules, node):
        yield Problem(f"{key}.weight", "is missing", f"{node.parent} is a weighted sum of its children")
    panel = node.panel
    if panel is not None and panel.minimum <= panel.drop_high + panel.drop_low:
        what = f"{panel.minimum} marks are not enough to drop {panel.drop_high} + {panel.drop_low}"
        yield Problem(f"{key}.panel.minimum", what, "more than are dropped")


def weighted(rules: Rules, node: Criterion) -> bool:
    """Whether `node` is a part of a weighted sum."""
    parent = rules.by_id[node.parent] if node.parent else None
    return parent is not None and parent.combine is not None and parent.combine.method == "weighted_sum"


def _inner(node: Criterion, key: str) -> Iterator[Problem]:
    for name in ("scale", "indicator", "missing"):
        if getattr(node, name):
            yield Problem(f"{key}.{name}", f"stands at {node.id!r}, which has children", "only leaves are scored")
    if node.combine is None:
        yield Problem(f"{key}.combine", "is missing", 'how the children add up, e.g. { method = "weighted_sum" }')


def _leaf(rules: Rules, node: Criterion, key: str) -> Iterator[Problem]:
    if node.combine is not None:
        yield Problem(f"{key}.combine", f"{node.id!r} has no children", "give it children, or remove combine")
    if node.id == ROOT and len(rules.criteria) > 1:
        yield Problem(key, "has no children", f"criteria without a parent belong to {ROOT}")
    if node.indicator is None and node.scale is None:
        yield Problem(f"{key}.scale", "is missing", "scale = { min, max, step } for marks, or an indicator")
    if node.indicator is not None and node.scale is not None:
        yield Problem(f"{key}.indicator", "stands beside a scale", "a leaf is marked by the panel or is an indicator")
    if node.scale is not None and max(abs(node.scale.min), abs(node.scale.max)) * 10**rules.mark_places >= 2**62:
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


def _references(rules: Rules) -> Iterator[Problem]:
    entry_level = set(_entry_level(rules))
    wanted = [("round.rank_by", rules.rank_by)]
    wanted += [(f"threshold[{n}].criterion", t.criterion) for n, t in enumerate(rules.thresholds, 1)]
    wanted += [(f"adjustment[{n}].criterion", a.criterion) for n, a in enumerate(rules.adjustments, 1)]
    wanted += [(f"tie_break[{n}].criterion", t.criterion) for n, t in enumerate(rules.tie_breaks, 1) if t.criterion]
    for key, criterion in wanted:
        if criterion not in rules.by_id:
            yield Problem(key, f"{criterion!r} is no criterion", known(rules.by_id))
        elif criterion not in entry_level:
            what = f"{criterion!r} belongs to each sheet, not to the entry"
            yield Problem(key, what, f"a node at or above the panel's: {', '.join(sorted(entry_level))}")


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
    for n, step in enumerate(steps[:-1], 1):
        if step.lot:
            yield Problem(f"tie_break[{n}].lot", "is not the last", "what comes after a lot is never asked")


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


def _meeting(rules: Rules) -> Iterator[Problem]:
    """What sheets are compared by must be in every one of them."""
    at = ROOT if rules.meeting is None else rules.meeting.criterion
    marked = [leaf.id for leaf in rules.leaves]
    if at not in {ROOT, *marked}:
        yield Problem("meeting.criterion", f"{at!r} is no criterion that the panel marks", known([ROOT, *marked]))


def known(names: Iterable[str]) -> str:
    return f"known: {', '.join(names)}"
