"""The outcomes of cases as a table, and as JSON: numbers exact, whole texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from simsa.rules import Rules, exact_text
from simsa.tables.table import Cell, Table
from simsa.tables.words.groups import group_name
from simsa.web.entries.cases.comparing import Sum
from simsa.web.entries.cases.outcomes import Outcome
from simsa.web.entries.content import CASE_PARTS
from simsa.web.entries.countries import country_name
from simsa.web.programmes.models import Round


def outcome_table(round_: Round, outcomes: Sequence[Outcome], language: str) -> tuple[Table, dict[str, int]]:
    """One row for each outcome, and which columns are numbers. An amount without a rate has an empty cell."""
    header = [
        *(_("Code"), _("Entrant"), _("Group"), _("Case"), _("Title"), _("What was measured"), _("Value"), _("Unit")),
        *(_("Currency"), _("Converted amount"), _("Converted to"), _("Rate")),
        *(str(CASE_PARTS[part]) for part in ("from", "to", "place")),
        *(_("Codes of partner countries"), _("Partner countries"), str(CASE_PARTS["source"])),
    ]
    rules = round_.rules
    rows = [_row(one, rules, language) for one in outcomes]
    return Table.of(header, rows, "cases"), {_("Value"): 0, _("Converted amount"): 0, _("Rate"): 0}


def _row(one: Outcome, rules: Rules, language: str) -> list[Cell]:
    entrant, there = one.entry.entrant, one.converted is not None
    return [
        entrant.code,
        entrant.name(language),
        group_name(rules, one.entry.group, language),
        str(one.place),
        one.title,
        one.measure,
        _exact(one.value),
        one.unit,
        one.currency,
        _exact(one.converted),
        rules.entries.currency if there else None,
        _exact(rules.entries.rate(one.currency)) if there else None,
        one.begins,
        one.ends,
        one.where,
        " ".join(one.partners),
        ", ".join(country_name(code, language) for code in one.partners),
        one.source,
    ]


def outcome_json(round_: Round, outcomes: Sequence[Outcome], sums: Sequence[Sum]) -> bytes:
    """The same as data: numbers are exact texts, null where there is none; and the sums."""
    told = {
        "round": round_.slug,
        "rules_hash": round_.rules_hash,
        "currency": round_.rules.entries.currency,
        "outcomes": [_outcome(one) for one in outcomes],
        "sums": [_sum(one) for one in sums],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "entry": one.entry.entrant.code,
        "group": one.entry.group,
        "case": one.place,
        "title": one.title,
        "measure": one.measure or None,
        "value": _exact(one.value),
        "unit": one.unit or None,
        "currency": one.currency or None,
        "converted": _exact(one.converted),
        "from": one.begins or None,
        "to": one.ends or None,
        "place": one.where or None,
        "partners": list(one.partners),
        "source": one.source or None,
    }


def _sum(one: Sum) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "unit": one.unit or None,
        "values": [
            {"currency": currency or None, "sum": _exact(total), "outcomes": count}
            for currency, (total, count) in one.by_currency.items()
        ],
        "converted": _exact(one.converted),
        "converted_outcomes": one.count,
        "left_out": dict(one.left_out),
    }


def _exact(number: Fraction | None) -> str | None:
    return None if number is None else exact_text(number)
