"""The data that a TOML text is read to: compared, and edited as the text is."""

from __future__ import annotations

import copy
from typing import Any

from simsa.web.programmes.drafting.places import Path

Data = dict[str, Any]


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all through: 1, 1.0 and true are three different values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def is_shallow(value: Any, levels: int) -> bool:
    """Whether no more than so many tables and lists are in one another."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not items or (levels > 0 and all(is_shallow(item, levels - 1) for item in items))


def put_at(data: Data, path: Path, value: Any) -> None:
    """`value` at `path`; tables around it that are not there are made."""
    _made_around(data, path)[path[-1]] = copy.deepcopy(value)


def list_of(data: Data, path: Path) -> Any:
    """The list at `path`; it is made where there is none."""
    return _made_around(data, path).setdefault(path[-1], [])


def table_around(data: Data, path: Path) -> Any:
    """What the last key of `path` is in."""
    found: Any = data
    for key in path[:-1]:
        found = found[key]
    return found


def _made_around(data: Data, path: Path) -> Any:
    found: Any = data
    for key in path[:-1]:
        found = found.setdefault(key, {}) if isinstance(found, dict) else found[key]
    return found
