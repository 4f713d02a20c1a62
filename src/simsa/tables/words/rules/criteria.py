"""Criteria in sentences: what the panel marks, and what is scored from reported numbers."""

from __future__ import annotations

from simsa.rules import Criterion, Rules
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import format_score
from simsa.tables.words.rules.merging import by_sentence, merged


def criteria_lines(rules: Rules, language: str) -> list[str]:
    """How each criterion is marked or scored; those of which the same is said stand together."""
    _ = translator(language).gettext
    said = by_sentence(rules.leaves, language, lambda node: [_scale(node, language)])
    said += by_sentence(rules.indicators, language, lambda node: [_indicator(node, language)])
    lines = [f"{names}: {sentence}" for names, sentence in merged(said, language)]
    fields = [
        fill(_("%(name)s “%(field)s”"), name=node.name.text(language), field=node.indicator.field)
        for node in rules.indicators
        if node.indicator
    ]
    if fields:
        lines.append(fill(_("Reported as: %(fields)s."), fields=listed(fields, language)))
    lines += [
        f"{node.name.text(language)}: {node.description.text(language)}" for node in rules.criteria if node.description
    ]
    return lines


def _scale(leaf: Criterion, language: str) -> str:
    _ = translator(language).gettext
    scale = leaf.scale
    assert scale is not None
    low, high, step = (format_score(n, None, language) for n in (scale.min, scale.max, scale.step))
    return fill(_("marked by the panel from %(low)s to %(high)s in steps of %(step)s."), low=low, high=high, step=step)


def _indicator(node: Criterion, language: str) -> str:
    _ = translator(language).gettext
    rule = node.indicator
    assert rule is not None
    low, high = (format_score(n, None, language) for n in (rule.points_min, rule.points_max))
    if rule.method == "reported":
        return _("the reported number is the score.")
    if rule.method == "linear":
        worst, best = (format_score(n, None, language) for n in (rule.worst, rule.best))
        return fill(
            _("%(worst)s gives %(low)s and %(best)s gives %(high)s, on a straight line between, cut off outside."),
            worst=worst,
            low=low,
            best=best,
            high=high,
        )
    better = {"higher": _("higher is better"), "lower": _("lower is better")}[rule.better]
    within = {"group": _("within its group"), "round": _("among all entrants")}[rule.within]
    ties = {"mean": _("the mean of their ranks"), "best": _("the best of their ranks")}[rule.ties]
    return fill(
        _(
            "scored by rank %(within)s (%(better)s): the best gets %(high)s, the last %(low)s, evenly spaced between; "
            "equals share %(ties)s."
        ),
        within=within,
        better=better,
        high=high,
        low=low,
        ties=ties,
    )
