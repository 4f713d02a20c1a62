"""Tables of the rules that come and go: what buttons beside forms do."""

from __future__ import annotations

from typing import Any

from simsa.rules.nodes import ROOT
from simsa.web.programmes.drafting.document import Document, EditError
from simsa.web.programmes.drafting.parts import Part, text_path
from simsa.web.programmes.drafting.places import Path


def added(document: Document, part: Part, place: Path) -> Document:
    """With one more table of a part, at the end. EditError where only the text can add one."""
    if part.keyed:
        [(name, value)] = part.fresh or ()
        there = document.keys(place)
        names = (*part.suggested(document), *(name.replace("#", str(n)) for n in range(1, len(there) + 2)))
        return document.put((*place, next(one for one in names if one not in there)), value)
    if not part.several:
        for key, value in part.fresh or ():
            document = document.put((*place, key), value)
        return document
    count, taken = document.count(place), document.identifiers(place)
    number = next(n for n in range(count + 1, 2 * count + 2) if f"{place[-1]}-{n}" not in taken)
    fresh = [
        (key, value.replace("#", str(number)) if isinstance(value, str) else value) for key, value in part.fresh or ()
    ]
    return document.insert(place, count, dict(fresh))


def removed(document: Document, part: Part, at: Path) -> Document:
    """Without a table of a part. EditError where only the text can take it away, or where there is none."""
    if not part.several:
        return document.drop(at)
    *place, number = at
    assert isinstance(number, int)
    if not part.keyed:
        return document.remove(tuple(place), number)
    if not 0 <= number < len(document.keys(tuple(place))):
        raise EditError("there is no such place")
    return document.drop(text_path(document, part, at))


def added_criterion(document: Document, parent: str) -> Document:
    """With one more criterion below another, behind those that are there, and marked as the last of them."""
    tables = _tables(document, ("criterion",))
    taken = {key for _table, key in tables}
    fresh: dict[str, Any] = {"id": next(f"c{n}" for n in range(1, len(tables) + 2) if f"c{n}" not in taken)}
    if parent != ROOT:
        fresh["parent"] = parent
    combine = next((table.get("combine") for table, key in tables if key == parent), None)
    if isinstance(combine, dict) and combine.get("method") == "weighted_sum":
        fresh["weight"] = 0
    marked = [table for table, _key in tables if isinstance(table.get("scale"), dict)]
    siblings = [table for table in marked if table.get("parent", ROOT) == parent]
    like = siblings[-1] if siblings else {"scale": {"min": 0, "max": 10, "step": 1}}
    fresh["scale"] = {key: value for key, value in like["scale"].items() if key != "anchors"}  # which are its own
    if "panel" in like:
        fresh["panel"] = like["panel"]
    below = [n for n, (table, _key) in enumerate(tables) if _is_below(tables, table, parent)]
    return document.insert(("criterion",), max(below, default=len(tables) - 1) + 1, fresh)


def _tables(document: Document, path: Path) -> list[tuple[dict[str, Any], str]]:
    """The tables of a kind, and their identifiers as text."""
    return [(table, str(table.get("id", ""))) for table in document.tables(path)]


def _is_below(tables: list[tuple[dict[str, Any], str]], table: dict[str, Any], parent: str) -> bool:
    """Whether a criterion is `parent` or below it."""
    by_id = {key: one for one, key in tables}
    for _step in tables:
        if table.get("id") == parent:
            return True
        above = by_id.get(str(table.get("parent", ROOT)))
        if above is None or table.get("id") == ROOT:
            return False
        table = above
    return False
