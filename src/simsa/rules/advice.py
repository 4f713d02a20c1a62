"""What an author of rules is told beside: nothing here stops a tally, but somebody means something else.

Rules that are frozen are not held to it: how they are counted is clear, and no verifier has to find the same faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from .decimals import decimal_or_none, exact_text
from .errors import MOST, Problem
from .formulas import endless, may_divide_by_zero, names_in, parse_formula
from .meetings import meeting_advice
from .model import MOMENTS, Adjustment, Group, Rules
from .nodes import ROOT, Criterion, Indicator, Levels, Missing
from .reach import reach_by_group
from .sight import sight_advice
from .validate import identifiers_of, known, weighted
from .votes import FIELDS

RESERVED = ("entry", "name", "group", "sheets", "rules_hash", "synthetic")
_WORD = re.compile(r"[\w.-]+")


def advice(rules: Rules) -> list[Problem]:
    """What is doubtful in `rules` without contradictions, in the order of the file: all, or the first hundred."""
    for stage in (_parts, _unreachable):  # how far values reach is told last: it costs most, and the rest explains it
        if found := list(islice(stage(rules), MOST)):
            return found
    return []


def _parts(rules: Rules) -> Iterator[Problem]:
    yield from _time_zone(rules)
    yield from _identifiers(rules)
    yield from _schedule(rules)
    for index, node in enumerate(rules.criteria, 1):
        yield from _node(rules, node, f"criterion[{index}]")
    for index, group in enumerate(rules.groups, 1):
        yield from _group(group, "each_group" if group.id == "*" else f"group[{index}]")
    for part in (_threshold_groups, _tie_breaks, _adjustments, _reported, _adaptive, _panel, _vote):
        yield from part(rules)
    yield from sight_advice(rules)
    yield from meeting_advice(rules)


def _time_zone(rules: Rules) -> Iterator[Problem]:
    """Which zones there are is told by the machine, and another one may know others."""
    try:
        ZoneInfo(rules.time_zone)
    except (KeyError, ValueError, OSError):
        yield Problem("round.time_zone", f"{rules.time_zone!r} is not a time zone", "an IANA name, e.g. Asia/Seoul")


def _identifiers(rules: Rules) -> Iterator[Problem]:
    """Which signs are letters is told by a version of Unicode, and another one has others."""
    places = {"round.id": rules.id}
    for table, identifiers in identifiers_of(rules):
        places |= {f"{table}[{n}].id": one for n, one in enumerate(identifiers, 1) if one != "*"}
    for key, identifier in places.items():
        if not _WORD.fullmatch(identifier):
            yield Problem(key, f"{identifier!r} is not an identifier", "letters, digits, '.', '_' and '-', at most 64")
    for index, node in enumerate(rules.criteria, 1):
        if node.id in RESERVED or node.id.endswith((".panel", ".exact")):
            what = f"{node.id!r} is the name of another column in the tally"
            yield Problem(f"criterion[{index}].id", what, "another identifier")


def _schedule(rules: Rules) -> Iterator[Problem]:
    moments = dict(rules.schedule.moments)
    if "grace_until" in moments and "deadline" not in moments:
        yield Problem("schedule.grace_until", "is a time of grace after no deadline", "deadline = ..., or remove it")
    for (before, first), (after, second) in pairwise(rules.schedule.moments):
        if first > second:
            yield Problem(f"schedule.{after}", f"is before {before}", f"the order is {', '.join(MOMENTS)}")


def _node(rules: Rules, node: Criterion, key: str) -> Iterator[Problem]:
    children = rules.children(node.id)
    if children:
        yield from _inner(rules, node, children, key)
    elif node.scale is not None:
        if isinstance(node.scale, Levels):
            yield from _levels(node.scale, f"{key}.scale")
        for why in Missing:
            value, own = rules.effect(node, why).value, dict(node.missing).get(why) is not None
            if value and not node.scale.min <= value <= node.scale.max:
                place = f"{key}.missing.{why.value}" if own else f"missing.{why.value}"
                yield Problem(place, f"{exact_text(value)} is outside the scale of {node.id!r}", "0, or on the scale")
    if node.weight is not None and not weighted(rules, node):
        yield Problem(f"{key}.weight", "has no effect", f"only under a node with combine.method = {'weighted_sum'!r}")
    if node.factor and node.factor.by_group:
        for group, _ in node.factor.by_group:
            if rules.group(group) is None:
                yield Problem(f"{key}.factor.by_group", f"{group!r} is no group", known(g.id for g in rules.groups))
        named = dict(node.factor.by_group)
        without = [g.id for g in rules.groups if g.id not in named]
        if without:
            yield Problem(f"{key}.factor.by_group", f"says nothing of {', '.join(without)}", "a factor for each group")


def _levels(scale: Levels, key: str) -> Iterator[Problem]:
    """Whoever reads a level's name in a table of sheets must know what is meant."""
    for n, level in enumerate(scale.levels, 1):
        place = f"{key}.levels[{n}].id"
        if level.id in set(Missing):
            yield Problem(place, f"{level.id!r} says why there is no mark", "another identifier")
        elif not level.id.isprintable():
            yield Problem(place, f"{level.id!r} has signs that nobody sees", "another identifier")
        elif (number := decimal_or_none(level.id)) != level.value and number in scale.marks:
            yield Problem(place, f"{level.id!r} is the value of another level", "another identifier")


def _inner(rules: Rules, node: Criterion, children: tuple[Criterion, ...], key: str) -> Iterator[Problem]:
    assert node.combine is not None
    if node.combine.method == "weighted_sum":
        weights = [(child.id, child.weight) for child in children if child.weight is not None]
        total = sum((weight for _, weight in weights), Fraction(0))
        if total != node.combine.weights_sum:
            names = " + ".join(f"{child} {exact_text(weight)}" for child, weight in weights)
            what = f"the weights of its children add up to {exact_text(total)} ({names})"
            yield Problem(key, what, f"weights_sum is {exact_text(node.combine.weights_sum)}")
    if node.combine.method == "sum":
        for child in children:
            if rules.children(child.id) or child.panel is not None:
                continue
            for why in _reasons(child):
                if rules.effect(child, why).kind == "leave_out":
                    what = f"{child.id!r} is left out when {why.value}, and in a sum that counts as zero"
                    yield Problem(key, what, "no_result, refuse or an explicit value for it; or a mean or weighted sum")
                    break


def _reasons(leaf: Criterion) -> tuple[Missing, ...]:
    """Why a value may be missing at a leaf alone: of a mark, the other reasons concern whole sheets."""
    if leaf.indicator is None:
        return (Missing.NOT_APPLICABLE, Missing.ABSTAINED)
    by_formula = leaf.indicator.formula is not None and may_divide_by_zero(parse_formula(leaf.indicator.formula))
    return (Missing.NOT_SUBMITTED, Missing.NOT_APPLICABLE) if by_formula else (Missing.NOT_SUBMITTED,)


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


def _threshold_groups(rules: Rules) -> Iterator[Problem]:
    groups = {group.id for group in rules.groups}
    for n, threshold in enumerate(rules.thresholds, 1):
        for group in threshold.groups:
            if group not in groups and "*" not in groups:
                yield Problem(f"threshold[{n}].groups", f"{group!r} is no group", known(groups))


def _tie_breaks(rules: Rules) -> Iterator[Problem]:
    asked: dict[tuple[str | None, bool], int] = {}
    for n, step in enumerate(rules.tie_breaks[:-1], 1):
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


def _reported(rules: Rules) -> Iterator[Problem]:
    """What is computed from reported numbers: formulas, their constants, units."""
    sources: list[tuple[str, Indicator | Adjustment]] = [
        (f"criterion[{n}].indicator", node.indicator) for n, node in enumerate(rules.criteria, 1) if node.indicator
    ]
    sources += [(f"adjustment[{n}]", adjustment) for n, adjustment in enumerate(rules.adjustments, 1)]
    asked: set[str] = set()
    for key, source in sources:
        if source.formula is not None:
            asked |= set(names_in(parse_formula(source.formula)))
            if not rules.fields_of(source):
                yield Problem(f"{key}.formula", "asks for nothing that entries report", "a field of theirs in it")
        if source.round is None and _any_denominator(source, rules):
            what = "divides by what entries report, and its values have no common last place"
            yield Problem(key, what, "its round, e.g. round = { places = 4 }")
    for name, _ in rules.constants:
        if name not in asked:
            yield Problem(f"constants.{name}", "is in no formula", "remove it")
        elif name in rules.reported_fields:
            yield Problem(f"constants.{name}", "is the name of a reported field, too", "one name, one thing")
    for name, _ in rules.units:
        if name not in rules.reported_fields:
            yield Problem(f"units.{name}", f"{name!r} is no reported field", known(sorted(rules.reported_fields)))


def _any_denominator(source: Indicator | Adjustment, rules: Rules) -> bool:
    """Whether exact scores of several entries may have no common denominator but a huge one."""
    if isinstance(source, Indicator):
        if source.method in ("rank", "percentile", "step"):
            return False
        if source.method == "target" and source.better == "lower":
            return True
    return source.formula is not None and endless(parse_formula(source.formula), rules.fields_of(source))


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
        most = rules.whole_panel.sheets_per_entry.max
        if most is not None and most < panel.minimum:
            what = f"needs {panel.minimum} marks, but an entry gets at most {most} sheets"
            where = "panel.sheets_per_entry.max" if rules.adaptive is None else "adaptive.most_per_entry"
            yield Problem(f"criterion[{n}].panel.minimum", what, f"at most {where}")


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


def _vote(rules: Rules) -> Iterator[Problem]:
    """A round that closes ends its vote; and a vote that nothing asks for gives nobody anything."""
    vote, until = rules.vote, dict(rules.schedule.moments).get("scoring_until")
    if vote is None:
        return
    if until is not None and vote.closes > until:
        yield Problem("vote.closes", "is after scoring_until, with which the round closes", "scoring_until or before")
    if not rules.reported_fields.intersection(FIELDS):
        what = "gives points that no indicator and no bonus asks for"
        yield Problem("vote", what, f"an indicator or a bonus of {', '.join(FIELDS)}")
