"""Every reference as an editor chooses it: in words, in the editor's own language, under what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from simsa.tables.words import group_name, rules_words
from simsa.web.awards.models import Result


@dataclass(frozen=True)
class Choice:
    """A reference to choose: the group that it is listed under, what it is, and what the result says.

    `about` is the name of a selected entrant, by which all that is said about it is found.
    """

    reference: str
    group: str
    label: str
    said: str
    about: str = ""


def choices(result: Result, known: Mapping[str, str]) -> list[Choice]:
    """All that `references` gave, in its order. `known` may be in another language than the labels."""
    language = get_language() or "ko"
    rules = result.round.rules
    sections = {section.key: section.title for section in rules_words(rules, language)}
    whole = _whole_round()
    found = []
    for reference, said in known.items():
        about = ""
        kind, _slash, rest = reference.partition("/")
        of, _slash, which = rest.rpartition("/")
        if kind == "rules":
            group = _("Rules: %(section)s") % {"section": sections.get(of, of)}
            label = _("sentence %(n)s") % {"n": which}
        elif kind == "group":
            group, label = group_name(rules, unquote(of), language), _of_group()[which]
        elif kind == "winner":
            of, _slash, number = of.rpartition("/")
            group, about = group_name(rules, unquote(of), language), known[f"winner/{of}/{number}/name"]
            label = _("selected no. %(n)s · %(what)s") % {"n": number, "what": _of_winner()[which]}
        else:
            group, label = _("The whole round"), whole[reference]
        found.append(Choice(reference, group, label, said, about))
    return found


def _whole_round() -> dict[str, str]:
    return {
        "round": _("name of the round"),
        "entrants": _("how many entrants"),
        "groups": _("how many groups"),
        "selected": _("how many were selected"),
        "reviewers": _("how many reviewers"),
        "sheets": _("how many score sheets"),
        "selected_names": _("names of the selected"),
        "criteria": _("criteria"),
        "ties": _("places decided among equals"),
        "rules_hash": _("SHA-256 of the rules"),
        "result_digest": _("SHA-256 of the result"),
    }


def _of_group() -> dict[str, str]:
    return {
        "name": _("name of the group"),
        "size": _("how many entrants"),
        "places": _("how many places"),
        "selected": _("how many were selected"),
        "line": _("score of the last selected"),
        "summary": _("how its places were filled"),
    }


def _of_winner() -> dict[str, str]:
    return {
        "name": pgettext("of a selected", "name"),
        "rank": pgettext("of a selected", "rank"),
        "score": pgettext("of a selected", "score"),
        "reason": pgettext("of a selected", "reason"),
    }
