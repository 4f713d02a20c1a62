"""The limits of the panel in sentences."""

from __future__ import annotations

from simsa.rules import PanelKind, Range, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def panel_lines(rules: Rules, language: str) -> list[str]:
    """How large the panel is and how many sheets there are; what has no limit is left out."""
    _ = translator(language).gettext
    limits = [
        (rules.panel.size, _("Reviewers on the panel: %(n)s.")),
        (rules.panel.sheets_per_entry, _("Reviewers who score an entry: %(n)s.")),
        (rules.panel.load, _("Entries that a reviewer scores: %(n)s.")),
    ]
    lines = [fill(template, n=_range(limit, language)) for limit, template in limits if limit != Range()]
    return lines + [_kind(kind, language) for kind in rules.panel.kinds]


def _kind(kind: PanelKind, language: str) -> str:
    _ = translator(language).gettext
    facts = {"name": kind.name.text(language), "field": kind.reviewer, "n": _range(kind.per_entry, language)}
    if kind.values:
        template = _("%(name)s (%(field)s: %(values)s) among the reviewers of an entry: %(n)s.")
        return fill(template, values=", ".join(kind.values), **facts)
    return fill(_("%(name)s: reviewers of an entry with the same %(field)s: %(n)s."), **facts)


def _range(limit: Range, language: str) -> str:
    _ = translator(language).gettext
    if limit.min == limit.max:
        return str(limit.min)
    if limit.min is None:
        return fill(_("at most %(n)d"), n=limit.max)
    if limit.max is None:
        return fill(_("at least %(n)d"), n=limit.min)
    return fill(_("%(low)d to %(high)d"), low=limit.min, high=limit.max)
