"""The schedule of the round, a line for each moment."""

from __future__ import annotations

from simsa.rules import Rules
from simsa.tables.words.languages import translator
from simsa.tables.words.moments import moment_words


def schedule_lines(rules: Rules, language: str) -> list[str]:
    """Each moment of the schedule with its time zone."""
    _ = translator(language).gettext
    called = {
        "call": _("Call"),
        "deadline": _("Deadline for entries"),
        "grace_until": _("Late entries until"),
        "scoring_from": _("Scoring begins"),
        "scoring_until": _("Scoring ends"),
        "objections_until": _("Objections until"),
        "announcement": _("Announcement"),
    }
    return [
        f"{called.get(key, key)}: {moment_words(moment, language)} ({rules.time_zone})"
        for key, moment in rules.schedule.moments
    ]
