"""Conflicts of interest in sentences."""

from __future__ import annotations

from simsa.rules import Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def conflict_lines(rules: Rules, language: str) -> list[str]:
    """Who must not score what, a sentence for each rule."""
    _ = translator(language).gettext
    said = []
    for rule in rules.conflicts:
        entrant, reviewer = (_field(name or "", language) for name in (rule.entrant, rule.reviewer))
        if rule.kind == "declared":
            template = _("%(name)s: nobody scores an entry for which they have a conflict in the register.")
        elif entrant == reviewer:
            template = _("%(name)s: nobody scores an entry with their own “%(entrant)s”.")
        else:
            template = _("%(name)s: nobody scores an entry whose “%(entrant)s” is their own “%(reviewer)s”.")
        said.append(fill(template, name=rule.name.text(language), entrant=entrant, reviewer=reviewer))
    return said


def _field(name: str, language: str) -> str:
    """A field that many rounds have, in the language; others as the round calls them."""
    _ = translator(language).gettext
    return {"region": _("region"), "group": _("group")}.get(name, name)
