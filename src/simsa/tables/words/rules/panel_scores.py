"""How the sheets of an entry become one value, in sentences."""

from __future__ import annotations

from simsa.rules import PanelAggregate
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points
from simsa.tables.words.rules.rounding import rounding_line


def aggregate_lines(rule: PanelAggregate, language: str) -> list[str]:
    """What is taken of an entry's sheets, what happens with too few, and how it is rounded."""
    _ = translator(language).gettext
    said = [_panel_method(rule, language)]
    if rule.method == "trimmed_mean" and rule.ties == "all":
        said.append(_("Values equal to a dropped one are dropped too."))
    if rule.minimum > 1:
        said.append(fill(_too_few(rule.below_minimum, language), n=rule.minimum))
    if rule.round is not None:
        said.append(rounding_line(rule.round, language))
    return said


def _panel_method(rule: PanelAggregate, language: str) -> str:
    _ = translator(language).gettext
    if rule.method == "mean":
        return _("The mean of the sheets of an entry is taken.")
    if rule.method == "median":
        return _("The median of the sheets of an entry is taken.")
    if rule.method == "trimmed_mean":
        return fill(
            _("Of the sheets of an entry the %(high)d highest and %(low)d lowest are dropped; the rest is averaged."),
            high=rule.drop_high,
            low=rule.drop_low,
        )
    agreed = fill(
        _("The mean of the sheets of an entry is taken if they lie at most %(spread)s apart."),
        spread=points(rule.spread, None, language),
    )
    return f"{agreed} {_otherwise(rule.otherwise, language)}"


def _too_few(what: str, language: str) -> str:
    _ = translator(language).gettext
    return {
        "no_result": _("With fewer than %(n)d sheets there is no result."),
        "mean": _("With fewer than %(n)d sheets all of them are averaged."),
        "median": _("With fewer than %(n)d sheets their median is taken."),
        "refuse": _("With fewer than %(n)d sheets the tally stops."),
    }[what]


def _otherwise(what: str, language: str) -> str:
    _ = translator(language).gettext
    return {
        "no_result": _("Otherwise there is no result."),
        "mean": _("Otherwise they are averaged all the same."),
        "median": _("Otherwise their median is taken."),
        "refuse": _("Otherwise the tally stops."),
    }[what]
