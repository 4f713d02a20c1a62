"""The limits of the panel in sentences."""

from __future__ import annotations

from simsa.rules import Adaptive, PanelKind, Range, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points, share_words


def panel_lines(rules: Rules, language: str) -> list[str]:
    """How large the panel is and how many sheets there are; what has no limit is left out."""
    _ = translator(language).gettext
    first, whole = rules.first_panel, rules.whole_panel
    limits = [(rules.panel.size, _("Reviewers on the panel: %(n)s."))]
    if rules.adaptive is not None:
        limits += [
            (first.sheets_per_entry, _("Reviewers who score an entry in the first round: %(n)s.")),
            (first.load, _("Entries that a reviewer scores in the first round: %(n)s.")),
            (whole.load, _("Entries that a reviewer scores in all: %(n)s.")),
        ]
    else:
        limits += [
            (whole.sheets_per_entry, _("Reviewers who score an entry: %(n)s.")),
            (whole.load, _("Entries that a reviewer scores: %(n)s.")),
        ]
    lines = [fill(template, n=_range(limit, language)) for limit, template in limits if limit != Range()]
    held = [] if rules.adaptive is None else _held_back(rules.adaptive, language)
    return lines + [_kind(kind, language) for kind in rules.panel.kinds] + held


def _held_back(adaptive: Adaptive, language: str) -> list[str]:
    """What becomes of the reviews that are not given out in the first round."""
    _ = translator(language).gettext
    lines = [
        fill(
            _(
                "Of all reviews %(share)s are held back. After the first round they go, in up to %(batches)d batches, "
                "to the entries of which the sheets leave open whether they are selected: the more open, the more "
                "reviews."
            ),
            share=share_words(adaptive.held_back),
            batches=adaptive.batches,
        )
    ]
    if adaptive.most_per_entry is not None:
        lines.append(fill(_("No entry is scored by more than %(n)d reviewers."), n=adaptive.most_per_entry))
    if adaptive.least_gain:
        template = _(
            "No more reviews are given out when a batch is expected to better the selection by less than %(gain)s for "
            "each place."
        )
        lines.append(fill(template, gain=points(adaptive.least_gain, None, language)))
    lines.append(_("Reviewers are not told why an entry comes to them."))
    return lines


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
