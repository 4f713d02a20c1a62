"""What an officer asks of the numbers of an indicator: which one, how near is near, and what one unit is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext as _

from simsa.rules import Criterion, Rules
from simsa.web.entries.content import parsed_number

UNIT = "unit/"
"""Before the name of a field: what one unit of it is."""


@dataclass(frozen=True)
class Asked:
    """One indicator, or all (`criterion` ""); `said` is what was written, `faults` what of it cannot be used."""

    criterion: str = ""
    within: Fraction = Fraction(0)
    units: Mapping[str, Fraction] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    def of(self, rules: Rules) -> list[Criterion]:
        """The indicators that are asked for."""
        return [node for node in rules.indicators if self.criterion in {"", node.id}]


def asked(rules: Rules, given: Mapping[str, str]) -> Asked:
    """What the query of an address asks for. A number that cannot be used is told, and the usual one is taken."""
    criterion = given.get("criterion", "")
    chosen = [node for node in rules.indicators if node.id == criterion]
    said, units, faults = {"within": given.get("within", "").strip()}, {}, {}
    for node in chosen:
        assert node.indicator is not None
        for name in sorted(rules.fields_of(node.indicator)):
            said[UNIT + name] = text = given.get(UNIT + name, "").strip()
            unit = parsed_number(text)
            if unit is not None and unit > 0:
                units[name] = unit
            elif text:
                faults[UNIT + name] = _("“%(text)s” is no number above 0") % {"text": text[:40]}
    within = parsed_number(said["within"])
    if said["within"] and (within is None or within < 0):
        faults["within"] = _("“%(text)s” is no number of 0 or more") % {"text": said["within"][:40]}
        within = None
    return Asked(criterion if chosen else "", within or Fraction(0), units, said, faults)
