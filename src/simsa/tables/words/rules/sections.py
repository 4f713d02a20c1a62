"""The rules in plain sentences, part by part."""

from __future__ import annotations

from dataclasses import dataclass

from simsa.rules import Rules
from simsa.tables.words.languages import translator
from simsa.tables.words.rules.conflicts import conflict_lines
from simsa.tables.words.rules.criteria import criteria_lines
from simsa.tables.words.rules.entries import entry_lines
from simsa.tables.words.rules.meetings import meeting_lines
from simsa.tables.words.rules.missing import missing_lines
from simsa.tables.words.rules.panel import panel_lines
from simsa.tables.words.rules.quotas import quota_lines
from simsa.tables.words.rules.schedule import schedule_lines
from simsa.tables.words.rules.scores import score_lines
from simsa.tables.words.rules.selection import selection_lines
from simsa.tables.words.rules.sight import sight_lines
from simsa.tables.words.rules.votes import vote_lines


@dataclass(frozen=True)
class Section:
    """One part of the rules in words: a title and whole sentences, in order."""

    key: str
    title: str
    lines: tuple[str, ...]


def rules_words(rules: Rules, language: str = "ko") -> list[Section]:
    """The rules in plain sentences, part by part, in the order of the journey. Parts that say nothing are left out."""
    _ = translator(language).gettext
    parts = [
        ("groups", _("Groups and quotas"), quota_lines(rules, language)),
        ("criteria", _("Criteria"), criteria_lines(rules, language)),
        ("score", _("How a score comes about"), score_lines(rules, language)),
        ("missing", _("Missing values"), missing_lines(rules, language)),
        ("selection", _("Ranking and ties"), selection_lines(rules, language)),
        ("panel", _("Panel"), panel_lines(rules, language)),
        ("conflicts", _("Conflicts of interest"), conflict_lines(rules, language)),
        ("entries", _("Entries"), entry_lines(rules, language)),
        ("sight", _("Who sees what"), sight_lines(rules, language)),
        ("vote", _("Public vote"), vote_lines(rules, language)),
        ("meeting", _("Meeting of the panel"), meeting_lines(rules, language)),
        ("schedule", _("Schedule"), schedule_lines(rules, language)),
    ]
    return [Section(key, title, tuple(lines)) for key, title, lines in parts if lines]
