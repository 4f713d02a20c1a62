"""What an entry says: the fields in which it is written, what is still wrong or missing in them, and the whole as it is
submitted.

Fields have names: `text/CRITERION`, `number/CRITERION/FIELD`, `case/N/PART` and `case/N/outcome/M/PART`. What a person
has written is kept as it is, right or wrong; only a submission has to be right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.rules import Criterion, Range, Rules, exact_text, parse_decimal
from simsa.tables.table import nearest
from simsa.web.entries.countries import country_code, country_codes, country_names, listed_names
from simsa.web.entries.currencies import CURRENCIES

LONGEST = 200_000
"""Characters that are kept of one field, however long it may be in the end."""

CASE_PARTS = {
    "title": gettext_lazy("Title"),
    "summary": gettext_lazy("What was done, and what came of it"),
    "from": gettext_lazy("From (date)"),
    "to": gettext_lazy("To (date)"),
    "place": gettext_lazy("Place"),
    "partners": gettext_lazy("Partner countries, separated by commas"),
    "source": gettext_lazy("Source of the figures"),
}
OUTCOME_PARTS = {
    "measure": gettext_lazy("What was measured"),
    "value": gettext_lazy("Value"),
    "unit": gettext_lazy("Unit"),
    "currency": gettext_lazy("Currency"),
}
OUTCOMES = 6
"""Measured outcomes that one case can have."""

SUMMARY_LIMIT, PART_LIMIT, NUMBER_LIMIT = 4000, 200, 40
_CASE = re.compile(
    rf"case/([1-9][0-9]{{0,2}})/(?:({'|'.join(CASE_PARTS)}|removed)|outcome/([1-9])/({'|'.join(OUTCOME_PARTS)}))"
)
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """One line of the checklist, about the field `name`: `wrong` cannot be submitted, `missing` can, once confirmed."""

    name: str
    label: str
    state: str
    what: str = ""

    @property
    def anchor(self) -> str:
        """Of the field in the page."""
        return anchor_of(self.name)


def anchor_of(name: str) -> str:
    """The id of a field's element in a page."""
    return "f-" + name.replace("/", "-")


def texts(rules: Rules) -> tuple[Criterion, ...]:
    """The criteria for which an entry says something: those that the panel marks."""
    return rules.leaves


def numbers(rules: Rules) -> Iterator[tuple[Criterion, str, str]]:
    """The numbers that an entry reports: criterion, field, and its unit ("" if the rules name none)."""
    units = dict(rules.units)
    for node in rules.indicators:
        assert node.indicator is not None
        for field in sorted(set(rules.fields_of(node.indicator)).difference(rules.counted_fields)):
            yield node, field, units.get(field, "")


def is_field(rules: Rules, name: str) -> bool:
    """Whether an entry of a round under these rules has a field of this name."""
    kind, _slash, rest = name.partition("/")
    if kind == "text":
        return any(node.id == rest for node in texts(rules))
    if kind == "number":
        return any(f"{node.id}/{field}" == rest for node, field, _unit in numbers(rules))
    found = _CASE.fullmatch(name)
    return found is not None and rules.entries.cases != Range(0, 0) and int(found[3] or 1) <= OUTCOMES


def cases_of(fields: Fields) -> list[int]:
    """The numbers of the cases that are there, in order."""
    found = {int(match[1]) for name in fields if (match := _CASE.fullmatch(name))}
    return sorted(n for n in found if fields.get(f"case/{n}/removed", "") != "1")


def parsed_number(text: str) -> Fraction | None:
    """The number that somebody wrote: digits with or without commas between thousands. None if it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(" ", "")
    if not re.fullmatch(r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?", plain) or len(plain) > NUMBER_LIMIT:
        return None
    return parse_decimal(plain.replace(",", "").lstrip("+"))


def checklist(rules: Rules, fields: Fields, language: str) -> list[Item]:
    """Every field that a submission needs, in the order of the page, with what is wrong or missing."""
    faults = faults_of(rules, fields)
    named = [(f"text/{node.id}", node.name.text(language), _("nothing written yet")) for node in texts(rules)]
    named += [
        (f"number/{node.id}/{field}", f"{node.name.text(language)}: {field}", _("not reported"))
        for node, field, _unit in numbers(rules)
    ]
    items = [_item(name, label, missing, fields, faults) for name, label, missing in named]
    return items + list(_case_items(rules, fields, faults))


def faults_of(rules: Rules, fields: Fields) -> dict[str, str]:
    """Every field in which something is wrong, and what; of several faults in one field the first."""
    found: dict[str, str] = {}
    for node in texts(rules):
        over = len(fields.get(f"text/{node.id}", "").strip()) - rules.entries.text_limit
        if over > 0:
            found[f"text/{node.id}"] = _("%(over)d characters too many") % {"over": over}
    for node, field, _unit in numbers(rules):
        text = fields.get(f"number/{node.id}/{field}", "").strip()
        if text and parsed_number(text) is None:
            found[f"number/{node.id}/{field}"] = _no_number(text)
    for n in cases_of(fields):
        for name, what in _case_faults(fields, n):
            found.setdefault(name, what)
    return found


def without_faults(rules: Rules, fields: Fields) -> dict[str, str]:
    """The fields of which a content can be made: an outcome with a fault is left out as a whole."""
    wrong = [name.rpartition("/")[0] if "/outcome/" in name else name for name in faults_of(rules, fields)]
    return {
        name: value
        for name, value in fields.items()
        if not any(name == one or name.startswith(f"{one}/") for one in wrong)
    }


def content_of(rules: Rules, code: str, fields: Fields, evidence: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole of an entry as it is submitted, for its canonical form. Only of fields in which nothing is wrong."""
    said = {node.id: fields.get(f"text/{node.id}", "").strip() for node in texts(rules)}
    reported: dict[str, dict[str, str]] = {}
    for node, field, _unit in numbers(rules):
        number = parsed_number(fields.get(f"number/{node.id}/{field}", ""))
        if number is not None:
            reported.setdefault(node.id, {})[field] = exact_text(number)
    return {
        "entry": code,
        "round": rules.id,
        "texts": {key: text for key, text in said.items() if text},
        "numbers": reported,
        "cases": [_case(rules, fields, n) for n in cases_of(fields)],
        "evidence": [dict(one) for one in evidence],
    }


def _item(name: str, label: str, missing: str, fields: Fields, faults: Mapping[str, str]) -> Item:
    if name in faults:
        return Item(name, label, "wrong", faults[name])
    return Item(name, label, "done") if fields.get(name, "").strip() else Item(name, label, "missing", missing)


def _case_items(rules: Rules, fields: Fields, faults: Mapping[str, str]) -> Iterator[Item]:
    found, limits = cases_of(fields), rules.entries.cases
    if limits.max is not None and len(found) > limits.max:
        what = _("at most %(most)d cases can be submitted; remove some") % {"most": limits.max}
        yield Item("case", _("Cases"), "wrong", what)
    elif limits.min and len(found) < limits.min:
        yield Item("case", _("Cases"), "missing", _("at least %(least)d are asked for") % {"least": limits.min})
    for place, n in enumerate(found, 1):
        yield _case_item(fields, n, place, faults)


def _case_item(fields: Fields, n: int, place: int, faults: Mapping[str, str]) -> Item:
    title = fields.get(f"case/{n}/title", "").strip()
    label = _("Case %(n)d") % {"n": place} + (f": {title}" if title else "")
    if wrong := next((name for name in faults if name.startswith(f"case/{n}/")), None):
        return Item(wrong, label, "wrong", faults[wrong])
    if not title or not fields.get(f"case/{n}/summary", "").strip():
        return Item(f"case/{n}/title", label, "missing", _("a title and what was done are needed"))
    if not _outcome_rows(fields, n):
        return Item(f"case/{n}/outcome/1/measure", label, "missing", _("no measured outcome yet"))
    return Item(f"case/{n}/title", label, "done")


def _case_faults(fields: Fields, n: int) -> Iterator[tuple[str, str]]:
    for part in CASE_PARTS:
        name, text = f"case/{n}/{part}", fields.get(f"case/{n}/{part}", "").strip()
        limit = SUMMARY_LIMIT if part == "summary" else PART_LIMIT
        if len(text) > limit:
            yield name, _("%(over)d characters too many") % {"over": len(text) - limit}
        if part in {"from", "to"} and text and _day(text) is None:
            yield name, _("“%(text)s” is no date; write it as 2023-06-30") % {"text": text}
    first, last = (_day(fields.get(f"case/{n}/{part}", "").strip()) for part in ("from", "to"))
    if first and last and last < first:
        yield f"case/{n}/to", _("the period ends before it begins")
    for name in listed_names(fields.get(f"case/{n}/partners", "")):
        if country_code(name) is None:
            yield f"case/{n}/partners", _no_country(name)
    for m in _outcome_rows(fields, n):
        yield from _outcome_faults(fields, f"case/{n}/outcome/{m}")


def _no_number(text: str) -> str:
    return _("“%(text)s” is no number; write digits, such as 1,234.5") % {"text": text}


def _no_country(text: str) -> str:
    alike = nearest(text, [*country_names("ko"), *country_names("en")])
    what = _("“%(text)s” is no country; write its name in Korean or English, or its code, such as US") % {"text": text}
    return what if alike is None else what + " " + _("(did you mean “%(name)s”?)") % {"name": alike}


def _outcome_faults(fields: Fields, at: str) -> Iterator[tuple[str, str]]:
    said = {part: fields.get(f"{at}/{part}", "").strip() for part in OUTCOME_PARTS}
    if not said["measure"]:
        yield f"{at}/measure", _("say what was measured")
    if parsed_number(said["value"]) is None:
        yield f"{at}/value", _no_number(said["value"])
    if said["currency"] and said["currency"].upper() not in CURRENCIES:
        what = _("“%(text)s” is no currency of ISO 4217, such as USD or KRW")
        yield f"{at}/currency", what % {"text": said["currency"]}
    if not said["unit"] and not said["currency"]:
        yield f"{at}/unit", _("name the unit, or the currency of an amount")
    for part in ("measure", "unit"):
        if len(said[part]) > PART_LIMIT:
            yield f"{at}/{part}", _("%(over)d characters too many") % {"over": len(said[part]) - PART_LIMIT}


def _outcome_rows(fields: Fields, n: int) -> list[int]:
    """Rows of a case's outcomes in which anything was written."""
    rows = range(1, OUTCOMES + 1)
    return [m for m in rows if any(fields.get(f"case/{n}/outcome/{m}/{part}", "").strip() for part in OUTCOME_PARTS)]


def _case(rules: Rules, fields: Fields, n: int) -> dict[str, Any]:
    said = {part: fields.get(f"case/{n}/{part}", "").strip() for part in CASE_PARTS}
    partners = country_codes(listed_names(said.pop("partners")))
    outcomes = [_outcome(rules, fields, f"case/{n}/outcome/{m}") for m in _outcome_rows(fields, n)]
    return {**{part: text for part, text in said.items() if text}, "partners": partners, "outcomes": outcomes}


def _outcome(rules: Rules, fields: Fields, at: str) -> dict[str, Any]:
    said = {part: fields.get(f"{at}/{part}", "").strip() for part in OUTCOME_PARTS}
    value = parsed_number(said["value"])
    assert value is not None  # what is wrong is not submitted
    found: dict[str, Any] = {"measure": said["measure"], "value": exact_text(value)}
    if said["unit"]:
        found["unit"] = said["unit"]
    if said["currency"]:
        found["currency"] = said["currency"].upper()
        if (converted := _converted(rules, value, found["currency"])) is not None:
            found["converted"] = converted
    return found


def _converted(rules: Rules, value: Fraction, currency: str) -> dict[str, str] | None:
    """An amount in the round's currency, by the rate that the rules declare; None where they declare none."""
    form = rules.entries
    rate = form.rate(currency)
    if rate is None or form.currency is None:
        return None
    day = next((one.date for one in form.exchange if one.currency == currency), "")
    converted = {"currency": form.currency, "value": exact_text(value * rate), "rate": exact_text(rate)}
    return {**converted, "date": day} if day else converted


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
