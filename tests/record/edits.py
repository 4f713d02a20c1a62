"""Every small change of a JSON document: each value to its neighbours, each item dropped, doubled, swapped, each key.

Nothing here knows what a document means, so that nothing of it is forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.record.leaves import STATEMENTS

Path = tuple[str | int, ...]
WORDS = (
    ("submitted", "missing", "recused", "replaced"),
    ("not_submitted", "not_applicable", "abstained", "recused", "6"),
    ("selected", "reserve", "not_selected"),
    ("rank", "tie_break", "lot", "no_result", "threshold", "award_floor", "certain", "lottery", "out"),
    ("certain", "tie", "out"),
    ("given", "beacon", "none"),
    ("public", "full"),
    ("sheet", "event", *STATEMENTS),
)
"""Words that could stand for each other."""
_HEX = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{64})\Z")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+|/[0-9]+)?\Z")


@dataclass(frozen=True)
class Edit:
    """`change` gives the new content at `path`; `what` says what it does, in words."""

    path: Path
    what: str
    change: Callable[[Any], Any]

    @property
    def name(self) -> str:
        return f"{'/'.join(map(str, self.path))}: {self.what}"

    def on(self, content: Any, depth: int = 0) -> Any:
        """The content with this change; the original stays as it is."""
        if depth == len(self.path):
            return self.change(content)
        key = self.path[depth]
        copy = dict(content) if isinstance(content, dict) else list(content)
        copy[key] = self.on(content[key], depth + 1)  # type: ignore[index]
        return copy


def edits(content: Any, path: Path = ()) -> Iterator[Edit]:
    """All of them, in the order of the document."""
    if isinstance(content, dict):
        yield from _of_object(content, path)
        for key in content:
            yield from edits(content[key], (*path, key))
    elif isinstance(content, list):
        yield from _of_list(content, path)
        for n, item in enumerate(content):
            yield from edits(item, (*path, n))
    else:
        for value in neighbours(content):
            if value == content and type(value) is type(content):
                continue
            yield Edit(path, f"{value!r} for {content!r}"[:120], lambda _old, new=value: new)


def neighbours(value: Any) -> Iterator[Any]:
    """Values that are near one: what a careless or a clever hand would write instead."""
    if value is None:
        yield from ("0", 0, "certain")
    elif isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int):
        yield from (value + 1, value - 1, str(value), None)
        if value in (0, 1):
            yield bool(value)
    elif isinstance(value, str):
        yield from _texts(value)


def _texts(value: str) -> Iterator[Any]:
    yield None
    if _HEX.match(value):
        yield from (_turned(value, 0), _turned(value, -1), value.upper(), value[:-2])
        return
    for words in WORDS:
        if value in words:
            yield from (word for word in words if word != value)
    if _NUMBER.match(value):
        number = Fraction(value)
        for other in (number + 1, number - 1, number * 10):
            yield str(other) if other.denominator == 1 else f"{other.numerator}/{other.denominator}"
        yield from (f"{value}.0", f"0{value}", int(number))
        return
    yield from (f"{value}x", value[1:], "", [value])


def _turned(value: str, at: int) -> str:
    digits = list(value)
    digits[at] = "0123456789abcdef"[int(digits[at], 16) ^ 1]
    return "".join(digits)


def _of_object(content: dict[str, Any], path: Path) -> Iterator[Edit]:
    yield Edit(path, "a key more", lambda old: {**old, "more": ""})
    for key in content:
        yield Edit(path, f"no {key}", lambda old, key=key: {k: v for k, v in old.items() if k != key})
        yield Edit(path, f"{key}x for {key}", lambda old, key=key: {k + "x" * (k == key): v for k, v in old.items()})
    for one, two in zip(content, list(content)[1:], strict=False):
        if content[one] != content[two]:
            yield Edit(path, f"{one} and {two} exchanged", lambda old, a=one, b=two: {**old, a: old[b], b: old[a]})


def _of_list(content: list[Any], path: Path) -> Iterator[Edit]:
    yield Edit(path, "emptied", lambda old: []) if content else Edit(path, "an item", lambda old: [""])
    for n, item in enumerate(content):
        yield Edit(path, f"item {n} dropped", lambda old, n=n: [*old[:n], *old[n + 1 :]])
        yield Edit(path, f"item {n} doubled", lambda old, n=n: [*old[: n + 1], *old[n:]])
        if n + 1 < len(content) and item != (after := content[n + 1]):
            swapped = f"items {n} and {n + 1} swapped"
            yield Edit(path, swapped, lambda old, n=n: [*old[:n], old[n + 1], old[n], *old[n + 2 :]])
            if type(item) is type(after) and isinstance(item, (list, dict)):
                yield from _trades(item, after, n, path)


def _trades(one: Any, two: Any, n: int, path: Path) -> Iterator[Edit]:
    """A part of one item and the same part of the next exchanged: secrets, marks, statuses, names."""
    if isinstance(one, list):
        parts: list[Any] = list(range(min(len(one), len(two))))
    else:
        parts = [key for key in one if key in two]

    def traded(old: list[Any], part: Any) -> list[Any]:
        first, second = (dict(i) if isinstance(i, dict) else list(i) for i in old[n : n + 2])
        first[part], second[part] = second[part], first[part]  # type: ignore[index]
        return [*old[:n], first, second, *old[n + 2 :]]

    for part in parts:
        if one[part] != two[part]:
            yield Edit(path, f"{part} of {n} and {n + 1} exchanged", lambda old, part=part: traded(old, part))
