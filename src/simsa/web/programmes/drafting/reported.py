"""What a draft reports and computes with, also while it has faults: fields of entries, and constants of formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsa.rules.formulas import FormulaError, names_in, parse_formula
from simsa.web.programmes.drafting.document import Document


def fields_without_unit(document: Document) -> list[str]:
    """Reported fields of which nobody has said in what they are counted, in the order of the text."""
    known = {*document.keys(("units",)), *document.keys(("constants",))}
    return [name for name in dict.fromkeys(_asked(document)) if name not in known]


def _asked(document: Document) -> Iterator[str]:
    """What indicators, adjustments and factors ask for."""
    for table in document.tables(("criterion",)):
        for source in (table.get("indicator"), table.get("factor")):
            if isinstance(source, dict):
                yield from _of(source)
    for table in document.tables(("adjustment",)):
        yield from _of(table) if "field" in table or "formula" in table else _of({"field": table.get("id")})


def _of(source: dict[str, Any]) -> Iterator[str]:
    match source:
        case {"formula": str(text)}:
            try:
                yield from names_in(parse_formula(text))
            except FormulaError:
                return
        case {"field": str(name)} if name:
            yield name
