"""TOML to the form of entries: how much text, how many cases and files, and what money is worth."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from typing import get_args

from .decimals import exact_text
from .model import EntryForm, Exchange, Peers
from .parts import read_range
from .reader import Table, shown

_CURRENCY = re.compile("[A-Z]{3}")


def read_entries(top: Table) -> EntryForm:
    table = top.table("entries")
    if table is None:
        return EntryForm()
    usual = EntryForm()
    form = EntryForm(
        text_limit=table.integer("text_limit", usual.text_limit, least=1, most=100_000) or usual.text_limit,
        cases=read_range(table, "cases") if table.has("cases") else usual.cases,
        files=_or(table.integer("files", usual.files, most=100), usual.files),
        mebibytes=table.integer("mebibytes", usual.mebibytes, least=1, most=4096) or usual.mebibytes,
        zip=table.flag("zip"),
        peers=table.choice("peers", get_args(Peers), usual.peers),
        currency=_currency(table) if table.has("currency") else None,
        exchange=tuple(_exchange(one) for one in table.tables("exchange")),
    )
    if form.exchange and form.currency is None:
        table.note("currency", "is missing", 'the currency that amounts are converted to, e.g. currency = "KRW"')
    named = [form.currency, *(one.currency for one in form.exchange)]
    for n, code in enumerate(named[1:], 1):
        if code in named[:n]:
            table.note(f"exchange[{n}].currency", f"{code} has a rate already", "one rate for each currency")
    table.close()
    return form


def _or(value: int | None, usual: int) -> int:
    return usual if value is None else value


def _currency(table: Table) -> str:
    code = table.text("currency")
    if code and not _CURRENCY.fullmatch(code):
        table.note("currency", f"is {shown(code)}", "three capital letters of ISO 4217, e.g. USD")
    return code


def _exchange(table: Table) -> Exchange:
    rate = table.number("rate")
    if rate is None:
        if not table.has("rate"):
            table.note("rate", "is missing", 'what one unit is worth, e.g. rate = "1272.5"')
    elif rate <= 0:
        table.note("rate", f"is {exact_text(rate)}", "more than 0")
    found = Exchange(_currency(table), rate or Fraction(1), _day(table))
    table.close()
    return found


def _day(table: Table) -> str:
    value = table.take("date")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    table.note("date", "is missing" if value is None else f"is {shown(value)}", "the day of the rate: 2023-06-30")
    return ""
