"""What a group is called, and how its selection went."""

from __future__ import annotations

from simsa.engine.selection import GroupResult
from simsa.rules import Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points


def group_name(rules: Rules, group: str, language: str = "ko") -> str:
    """What a group is called; a group that only the entries name is called as they do."""
    rule = rules.group(group)
    return group if rule is None or rule.id == "*" else rule.name.text(language)


def group_summary(result: GroupResult, rules: Rules, language: str = "ko") -> str:
    """How many were selected of how many, where the line fell, and which places stayed empty."""
    ngettext = translator(language).ngettext
    _ = translator(language).gettext
    filled = result.places - result.empty
    said = fill(
        ngettext("%(filled)d of %(size)d entrant selected.", "%(filled)d of %(size)d entrants selected.", result.size),
        filled=filled,
        size=result.size,
    )
    if result.line is not None:
        said += " " + fill(_("The last selected has %(line)s."), line=points(result.line, rules, language))
    if result.empty:
        empty = ngettext(
            "%(empty)d of %(places)d place stays empty.", "%(empty)d of %(places)d places stay empty.", result.places
        )
        said += " " + fill(empty, empty=result.empty, places=result.places)
    return said
