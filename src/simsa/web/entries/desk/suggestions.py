"""What fields of cases suggest while somebody writes in them; anything else can be written just as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import pgettext_lazy

from simsa.rules import Rules
from simsa.web.entries.countries import country_names

UNITS = (
    pgettext_lazy("unit", "people"),
    pgettext_lazy("unit", "cases"),
    pgettext_lazy("unit", "firms"),
    pgettext_lazy("unit", "jobs"),
    pgettext_lazy("unit", "households"),
    pgettext_lazy("unit", "places"),
    pgettext_lazy("unit", "times"),
    pgettext_lazy("unit", "days"),
    pgettext_lazy("unit", "hours"),
    pgettext_lazy("unit", "points"),
    "%",
    "%p",
    "m",
    "km",
    "㎡",
    "ha",
    "kWh",
    "t",
    "tCO2eq",
)
"""Units in which outcomes are often measured."""


def suggestions(rules: Rules, language: str) -> Mapping[str, Sequence[str]]:
    """Units (first those that the rules name), the currencies that the rules convert, and countries."""
    form = rules.entries
    units = [*(unit for _field, unit in rules.units), *map(str, UNITS)]
    currencies = [code for code in (form.currency, *(one.currency for one in form.exchange)) if code]
    return {
        "units": list(dict.fromkeys(units)),
        "currencies": currencies,
        "countries": country_names(language),
    }
