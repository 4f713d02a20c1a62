"""How a score comes about, in sentences: step by step, from the leaves up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from simsa.rules import Adjustment, Combine, Criterion, Factor, Rules
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.groups import group_name
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import number, points, share_words
from simsa.tables.words.rules.merging import by_sentence, merged
from simsa.tables.words.rules.panel_scores import aggregate_lines
from simsa.tables.words.rules.rounding import rounding_line


def score_lines(rules: Rules, language: str) -> list[str]:
    """How the value of each criterion comes about, children before their parents."""
    nodes = [node for node in _upwards(rules, rules.root) if _steps(node, rules, language)]
    said = by_sentence(nodes, language, lambda node: _steps(node, rules, language))
    return [f"{names}: {sentence}" for names, sentence in merged(said, language)]


def _upwards(rules: Rules, node: Criterion) -> list[Criterion]:
    """The tree with children before their parents: the order in which values come about."""
    return [*(found for child in rules.children(node.id) for found in _upwards(rules, child)), node]


def _steps(node: Criterion, rules: Rules, language: str) -> list[str]:
    """What is done at a node, a sentence for each step, in the order in which the tally takes them."""
    said: list[str] = []
    if node.combine is not None:
        said += _combine(node.combine, rules.children(node.id), language)
    if node.panel is not None:
        said += aggregate_lines(node.panel, language)
    if node.factor is not None:
        said.append(_factor(node.factor, rules, language))
    adjustments = sorted((a for a in rules.adjustments if a.criterion == node.id), key=lambda a: a.kind)
    said += [_adjustment(rule, rules, language) for rule in adjustments]  # bonus before deduction
    if node.round is not None:
        said.append(rounding_line(node.round, language))
    _ = translator(language).gettext
    if node.at_least is not None:
        said.append(fill(_("Less than %(n)s counts as %(n)s."), n=points(node.at_least, None, language)))
    if node.at_most is not None:
        said.append(fill(_("More than %(n)s counts as %(n)s."), n=points(node.at_most, None, language)))
    return said


def _combine(rule: Combine, children: Sequence[Criterion], language: str) -> list[str]:
    _ = translator(language).gettext
    names = listed((child.name.text(language) for child in children), language)
    if rule.method == "weighted_sum":
        said = _weighted(rule, children, language)
    else:
        template = {
            "sum": _("The sum of %(names)s."),
            "mean": _("The mean of %(names)s."),
            "median": _("The median of %(names)s."),
            "min": _("The lowest of %(names)s."),
            "max": _("The highest of %(names)s."),
        }[rule.method]
        said = fill(template, names=names)
    return [said] if rule.round is None else [said, rounding_line(rule.round, language)]


def _weighted(rule: Combine, children: Sequence[Criterion], language: str) -> str:
    _ = translator(language).gettext
    shares = rule.weights_sum == 1
    parts = [
        f"{child.name.text(language)} {share_words(weight) if shares else '× ' + number(weight)}"
        for child, weight in ((child, child.weight or Fraction(0)) for child in children)
    ]
    if shares:
        return fill(_("The weighted sum of %(parts)s."), parts=listed(parts, language))
    return fill(_("The sum of %(parts)s."), parts=listed(parts, language))


def _factor(factor: Factor, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    if factor.value is not None:
        return fill(_("Multiplied by %(n)s."), n=number(factor.value))
    if factor.by_group:
        others = _("other groups")
        parts = [
            f"{others if group == '*' else group_name(rules, group, language)} × {number(value)}"
            for group, value in factor.by_group
        ]
        return fill(_("Multiplied by group: %(parts)s."), parts=", ".join(parts))
    if factor.allowed:
        allowed = ", ".join(number(value) for value in factor.allowed)
        return fill(_("Multiplied by the reported “%(field)s” (%(allowed)s)."), field=factor.field, allowed=allowed)
    return fill(_("Multiplied by the reported “%(field)s”."), field=factor.field)


def _adjustment(rule: Adjustment, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    bonus = rule.kind == "bonus"
    name, each = rule.name.text(language), number(rule.each)
    if rule.formula is not None:
        template = (
            _("Bonus “%(name)s”: %(formula)s, × %(each)s, is added.")
            if bonus
            else _("Deduction “%(name)s”: %(formula)s, × %(each)s, is taken off.")
        )
        said = fill(template, name=name, formula=rule.formula, each=each)
    else:
        template = (
            _("Bonus “%(name)s”: the reported “%(field)s” × %(each)s is added.")
            if bonus
            else _("Deduction “%(name)s”: the reported “%(field)s” × %(each)s is taken off.")
        )
        said = fill(template, name=name, field=rule.field, each=each)
    if rule.round is not None:
        said += " " + rounding_line(rule.round, language)
    if rule.cap is not None:
        said += " " + fill(_("At most %(cap)s."), cap=points(rule.cap, None, language))
    whole = dict(rules.adjustment_caps).get(rule.kind)
    if whole is not None:
        together = _("All bonus together at most %(cap)s.") if bonus else _("All deductions together at most %(cap)s.")
        said += " " + fill(together, cap=points(whole, None, language))
    unreported = _("Nothing reported: none.") if rule.missing == "none" else _("Nothing reported: the tally stops.")
    return f"{said} {unreported}"
