"""Ranking, thresholds and ties in sentences."""

from __future__ import annotations

from simsa.rules import Rules, TieBreak
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.groups import group_name
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points, share_words
from simsa.tables.words.rules.rounding import rounding_line


def selection_lines(rules: Rules, language: str) -> list[str]:
    """By what entrants are ranked, which thresholds hold, and what decides among equals."""
    _ = translator(language).gettext
    ranked = rules.by_id[rules.rank_by].name.text(language)
    lines = [fill(_("Ranked within each group by “%(criterion)s”, the highest first."), criterion=ranked)]
    if rules.calibration.official and rules.calibration.round is not None:
        lines = [_calibrated(rules, ranked, language), rounding_line(rules.calibration.round, language)]
    for threshold in rules.thresholds:
        name = rules.by_id[threshold.criterion].name.text(language)
        limit = points(threshold.at_least, None, language)
        groups = listed((group_name(rules, group, language) for group in threshold.groups), language)
        lines.append(
            fill(
                _("In %(groups)s, whoever has less than %(limit)s at “%(name)s” is not selected, whatever the rank.")
                if groups
                else _("Whoever has less than %(limit)s at “%(name)s” is not selected, whatever the rank."),
                groups=groups,
                limit=limit,
                name=name,
            )
        )
    steps = [f"({n}) {tie_break_words(step, rules, language)}" for n, step in enumerate(rules.tie_breaks, 1)]
    if steps:
        lines.append(fill(_("Among equals decide, in this order: %(steps)s."), steps=", ".join(steps)))
    if any(step.lot for step in rules.tie_breaks):
        lines.append(_("The lot is SHA-256 of the round's published seed and the entry: anyone can draw it again."))
    if rules.lottery is not None:
        lines.append(
            fill(
                _(
                    "Where the sheets cannot tell entrants apart at the last places (the tie zone, %(confidence)s "
                    "sure), these places are filled by lot; who is certain wins, and who is out of reach does not draw."
                ),
                confidence=share_words(rules.lottery.confidence),
            )
        )
    return lines


def _calibrated(rules: Rules, ranked: str, language: str) -> str:
    """That the calibrated score ranks, what it is, and what is fixed before it is computed."""
    _ = translator(language).gettext
    template = (
        _(
            "Ranked within each group by the calibrated score, the highest first: what the sheets' “%(criterion)s” "
            "says net of each reviewer's severity, scale and noise. The variances, scales and noises that it rests "
            "on are rounded to %(digits)d digits and recorded; given these, it is computed exactly. The plain tally "
            "stands beside it, and is what thresholds and tie-breaks ask."
        )
        if rules.calibration.reviewers == "own"
        else _(
            "Ranked within each group by the calibrated score, the highest first: what the sheets' “%(criterion)s” "
            "says net of each reviewer's severity. The variances that it rests on are rounded to %(digits)d digits "
            "and recorded; given these, it is computed exactly. The plain tally stands beside it, and is what "
            "thresholds and tie-breaks ask."
        )
    )
    return fill(template, criterion=ranked, digits=rules.calibration.digits)


def tie_break_words(step: TieBreak, rules: Rules, language: str) -> str:
    """What a step among equals prefers."""
    _ = translator(language).gettext
    if step.lot or step.criterion is None:
        return _("the lot")
    template = {
        ("higher", False): _("the higher “%(name)s”"),
        ("lower", False): _("the lower “%(name)s”"),
        ("higher", True): _("the higher “%(name)s” before rounding"),
        ("lower", True): _("the lower “%(name)s” before rounding"),
    }[step.prefer, step.exact]
    return fill(template, name=rules.by_id[step.criterion].name.text(language))
