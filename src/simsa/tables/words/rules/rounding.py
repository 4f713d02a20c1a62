"""A declared rounding in a sentence."""

from __future__ import annotations

from simsa.rules import Rounding
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def rounding_line(rule: Rounding, language: str) -> str:
    """To how many places, and how."""
    texts = translator(language)
    _, ngettext = texts.gettext, texts.ngettext
    if rule.places == 0:
        return {
            "half_up": _("Rounded half up to a whole number."),
            "half_even": _("Rounded half to even to a whole number."),
            "down": _("Cut off to a whole number."),
        }[rule.mode]
    template = {
        "half_up": ngettext(
            "Rounded half up to %(n)d decimal place.", "Rounded half up to %(n)d decimal places.", rule.places
        ),
        "half_even": ngettext(
            "Rounded half to even to %(n)d decimal place.", "Rounded half to even to %(n)d decimal places.", rule.places
        ),
        "down": ngettext("Cut off after %(n)d decimal place.", "Cut off after %(n)d decimal places.", rule.places),
    }[rule.mode]
    return fill(template, n=rule.places)
