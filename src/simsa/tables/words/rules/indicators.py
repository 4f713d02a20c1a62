"""What is computed from reported numbers, in sentences: the points of indicators, their formulas, fields and units."""

from __future__ import annotations

from fractions import Fraction

from simsa.rules import Criterion, Indicator, Rules, parse_formula
from simsa.rules.formulas import may_divide_by_zero
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import format_score
from simsa.tables.words.rules.rounding import rounding_line


def indicator_line(node: Criterion, language: str) -> str:
    """How a number becomes points."""
    rule = node.indicator
    assert rule is not None
    said = {
        "rank": _by_rank,
        "percentile": _by_percentile,
        "linear": _on_line,
        "target": _by_target,
        "step": _in_steps,
        "formula": _by_formula,
        "reported": _as_reported,
    }[rule.method](rule, language)
    return said if rule.round is None else f"{said} {rounding_line(rule.round, language)}"


def source_lines(rules: Rules, language: str) -> list[str]:
    """From what the numbers of indicators come: formulas, constants, the fields that are reported."""
    _ = translator(language).gettext
    lines, fields = [], []
    formulas = [adjustment.formula for adjustment in rules.adjustments]
    for node in rules.indicators:
        rule, name = node.indicator, node.name.text(language)
        assert rule is not None
        formulas.append(rule.formula)
        if rule.formula is not None and rule.method != "formula":
            lines.append(fill(_("%(name)s is computed: %(formula)s."), name=name, formula=rule.formula))
        asked = listed((_field(field, rules, language) for field in rules.fields_of(rule)), language)
        fields.append(fill(_("%(name)s %(fields)s"), name=name, fields=asked))
    if any(formula is not None and may_divide_by_zero(parse_formula(formula)) for formula in formulas):
        lines.append(_("What divides by zero counts as not applicable."))
    if rules.constants:
        constants = ", ".join(f"{name} = {_number(value, language)}" for name, value in rules.constants)
        lines.append(fill(_("Constants: %(constants)s."), constants=constants))
    return [*lines, fill(_("Reported as: %(fields)s."), fields=listed(fields, language))] if fields else lines


def _field(field: str, rules: Rules, language: str) -> str:
    _ = translator(language).gettext
    quoted, unit = fill(_("“%(name)s”"), name=field), dict(rules.units).get(field)
    return quoted if unit is None else f"{quoted} ({unit})"


def _number(value: Fraction | None, language: str) -> str:
    return format_score(value, None, language)


def _ends(rule: Indicator, language: str) -> dict[str, str]:
    return {"low": _number(rule.points_min, language), "high": _number(rule.points_max, language)}


def _compared(rule: Indicator, language: str) -> dict[str, str]:
    _ = translator(language).gettext
    return {
        "better": {"higher": _("higher is better"), "lower": _("lower is better")}[rule.better],
        "within": {"group": _("within its group"), "round": _("among all entrants")}[rule.within],
    }


def _by_rank(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    ties = {"mean": _("the mean of their ranks"), "best": _("the best of their ranks")}[rule.ties]
    return fill(
        _(
            "scored by rank %(within)s (%(better)s): the best gets %(high)s, the last %(low)s, evenly spaced between; "
            "equals share %(ties)s."
        ),
        ties=ties,
        **_compared(rule, language),
        **_ends(rule, language),
    )


def _by_percentile(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    assert rule.counts is not None
    counts = {
        "worse": _("worse"),
        "middle": _("worse, with half of the equal ones, its own among them"),
        "not_better": _("not better, its own among them"),
    }[rule.counts]
    if rule.steps:
        template = _(
            "points by percentile %(within)s (%(better)s), in steps of the share of numbers that are %(counts)s, in "
            "per cent: %(steps)s."
        )
        return fill(template, counts=counts, steps=_steps(rule, language), **_compared(rule, language))
    return fill(
        _(
            "scored by percentile %(within)s (%(better)s): from %(low)s to %(high)s by the share of numbers that are "
            "%(counts)s."
        ),
        counts=counts,
        **_compared(rule, language),
        **_ends(rule, language),
    )


def _on_line(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    return fill(
        _("%(worst)s gives %(low)s and %(best)s gives %(high)s, on a straight line between, cut off outside."),
        worst=_number(rule.worst, language),
        best=_number(rule.best, language),
        **_ends(rule, language),
    )


def _by_target(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    template = {
        "higher": _("%(target)s or more gives %(high)s; less gives %(low)s to %(high)s, by the share of it reached."),
        "lower": _("%(target)s or less gives %(high)s; more gives %(low)s to %(high)s, by the share that it is of it."),
    }[rule.better]
    said = fill(template, target=_number(rule.target, language), **_ends(rule, language))
    if rule.cap > 1:
        most = rule.points_min + (rule.points_max - rule.points_min) * rule.cap
        said += " " + fill(_("Who goes beyond it gets up to %(most)s."), most=_number(most, language))
    return said


def _in_steps(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    return fill(_("points in steps: %(steps)s."), steps=_steps(rule, language))


def _steps(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    first, others = {
        "above": (_("below %(at)s: %(points)s"), _("from %(at)s: %(points)s")),
        "below": (_("up to %(at)s: %(points)s"), _("above %(at)s: %(points)s")),
    }[rule.boundary or "above"]
    said = [fill(first, at=_number(rule.steps[0].at, language), points=_number(rule.base, language))]
    said += [fill(others, at=_number(step.at, language), points=_number(step.points, language)) for step in rule.steps]
    return "; ".join(said)


def _by_formula(rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    return fill(_("the score is %(formula)s."), formula=rule.formula)


def _as_reported(_rule: Indicator, language: str) -> str:
    _ = translator(language).gettext
    return _("the reported number is the score.")
