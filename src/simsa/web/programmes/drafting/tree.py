"""The criteria of a draft as a tree, also while it has faults: what the page of criteria shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.rules import exact_text, parse_decimal
from simsa.rules.nodes import ROOT
from simsa.web.programmes.drafting.document import Document


@dataclass(frozen=True)
class Node:
    """Criterion `number` (from 0) of the text, at its depth. `siblings` are the numbers under the same parent.

    `sum` and `wanted` tell of the weights below a weighted sum; `sum` is None where one is no number.
    """

    number: int
    id: str
    depth: int
    table: dict[str, Any]
    siblings: tuple[int, ...]
    weighted: bool = False
    sum: str | None = None
    wanted: str = ""

    @property
    def name(self) -> str:
        name = self.table.get("name", self.id)
        if isinstance(name, dict):
            name = next((text for text in name.values() if isinstance(text, str)), self.id)
        return str(name)

    @property
    def before(self) -> int | None:
        """The number of the sibling before it."""
        at = self.siblings.index(self.number)
        return self.siblings[at - 1] if at else None

    @property
    def after(self) -> int | None:
        at = self.siblings.index(self.number)
        return self.siblings[at + 1] if at + 1 < len(self.siblings) else None


def tree_of(document: Document) -> list[Node]:
    """All criteria, each behind its parent; those that no parent leads to come last, at the depth of the root."""
    tables = document.value(("criterion",))
    known = (
        [(n, table) for n, table in enumerate(tables) if isinstance(table, dict)] if isinstance(tables, list) else []
    )
    below: dict[str, list[int]] = {}
    for n, table in known:
        if table.get("id") != ROOT:
            below.setdefault(str(table.get("parent", ROOT)), []).append(n)
    by_number, seen = dict(known), set[int]()

    def walk(n: int, depth: int, siblings: tuple[int, ...]) -> Iterator[Node]:
        if n in seen:
            return
        seen.add(n)
        table = by_number[n]
        key = str(table.get("id", ""))
        children = tuple(below.get(key, ()))
        yield Node(n, key, depth, table, siblings, **_weights(table, [by_number[child] for child in children]))
        for child in children:
            yield from walk(child, depth + 1, children)

    roots = [n for n, table in known if table.get("id") == ROOT]
    found = [node for n in roots for node in walk(n, 0, (n,))]
    for n, _table in known:
        found += walk(n, 0, (n,))
    return found


def _weights(table: dict[str, Any], children: list[dict[str, Any]]) -> dict[str, Any]:
    combine = table.get("combine")
    if not isinstance(combine, dict) or combine.get("method") != "weighted_sum" or not children:
        return {}
    weights = [_number(child.get("weight")) for child in children]
    known = [weight for weight in weights if weight is not None]
    total = exact_text(sum(known, Fraction(0))) if len(known) == len(weights) else None
    wanted = _number(combine.get("weights_sum", 1))
    return {"weighted": True, "sum": total, "wanted": "" if wanted is None else exact_text(wanted)}


def _number(value: Any) -> Fraction | None:
    try:
        return None if value is None or isinstance(value, bool) else parse_decimal(str(value))
    except ValueError:
        return None
