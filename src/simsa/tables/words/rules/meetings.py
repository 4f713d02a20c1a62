"""Meetings of the panel, in sentences."""

from __future__ import annotations

from simsa.rules import ROOT, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points


def meeting_lines(rules: Rules, language: str) -> list[str]:
    """What is called up in a meeting, whether marks change in it, and that observers may void it; nothing where the
    rules have none."""
    meeting = rules.meeting
    if meeting is None:
        return []
    _ = translator(language).gettext
    lines = [_("The panel may meet while it scores, and talk about entries of which its marks lie far apart.")]
    if meeting.spread is not None:
        gap = points(meeting.spread, None, language)
        if meeting.criterion == ROOT:
            template = _("An entry is called up if the totals of its sheets lie %(gap)s or more apart.")
            lines.append(fill(template, gap=gap))
        else:
            template = _("An entry is called up if its marks for %(criterion)s lie %(gap)s or more apart.")
            lines.append(fill(template, criterion=rules.by_id[meeting.criterion].name.text(language), gap=gap))
    lines.append(
        _("Reviewers may change their own marks in a meeting; before, after and the reason stay on record.")
        if meeting.marks == "change"
        else _("No marks change in a meeting.")
    )
    lines.append(_("Observers see the course of a meeting, and may void it."))
    return lines
