"""Items of a list within brackets, `steps = [{ at = 80 }, { at = 90 }]`: put in, taken away and moved.

Where no comment stands between the items they change places, and what separates them stays where it is. With comments
each item must have lines of its own, which it takes with it: the comment beside it, and those right above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simsa.web.programmes.drafting.places import Path, Places

_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\n]*)?\n")


class ScatteredError(ValueError):
    """Comments stand so that nobody can tell to which item they belong."""


@dataclass(frozen=True)
class _Item:
    """A piece of the text that is an item, or its lines; `comma` is where in it a comma would stand, None if there is
    one, or if it needs none because what separates the items stands outside.
    """

    text: str
    comma: int | None = None

    @property
    def followed(self) -> str:
        """As it must be where another one follows."""
        return self.text if self.comma is None else f"{self.text[: self.comma]},{self.text[self.comma :]}"


@dataclass(frozen=True)
class Listed:
    """A list of the text from `start` to `end`: `gaps` stand before, between and behind the `items`."""

    text: str
    start: int
    end: int
    items: list[_Item]
    gaps: list[str]
    indent: str | None

    def inserted(self, at: int, item: str) -> str:
        """The whole text with one more item, as number `at`."""
        items, gaps = list(self.items), list(self.gaps)
        if self.indent is not None:
            items.insert(at, _Item(f"{self.indent}{item},\n"))
            gaps.insert(at + 1, "")
            return self._with(items, gaps)
        if not items:
            return self._with([_Item(item)], ["", ""])
        first = gaps[0]
        gaps.insert(min(at + 1, len(items)), gaps[1] if len(items) > 1 else f",{first}" if "\n" in first else ", ")
        items.insert(at, _Item(item))
        return self._with(items, gaps)

    def removed(self, at: int) -> str:
        """The whole text without item number `at`, which is not the only one."""
        items, gaps = list(self.items), list(self.gaps)
        del items[at]
        if self.indent is not None:
            gaps[at : at + 2] = [gaps[at] + gaps[at + 1]]
        else:
            del gaps[at or 1]
        return self._with(items, gaps)

    def moved(self, at: int, to: int) -> str:
        items = list(self.items)
        items.insert(to, items.pop(at))
        return self._with(items, self.gaps)

    def _with(self, items: list[_Item], gaps: list[str]) -> str:
        pieces = [gaps[0]]
        for number, (item, gap) in enumerate(zip(items, gaps[1:], strict=True), 1):
            pieces += [item.followed if number < len(items) else item.text, gap]
        return f"{self.text[: self.start]}[{''.join(pieces)}]{self.text[self.end :]}"


def list_at(places: Places, path: Path, count: int) -> Listed:
    """The list of `count` items that is written at `path`. ScatteredError."""
    text, whole = places.text, places.by_path[path]
    spans = [(one.value, one.end) for one in (places.by_path[(*path, number)] for number in range(count))]
    bounds = [whole.value + 1, *(at for span in spans for at in span), whole.end - 1]
    between = zip(bounds[::2], bounds[1::2], strict=True)
    if not any(places.has_comment(start, end) for start, end in between):
        items, indent = [_Item(text[start:end]) for start, end in spans], None
    else:
        if not spans:
            raise ScatteredError
        indent = text[places.line_start(spans[0][0]) : spans[0][0]]
        least, items = whole.value + 1, []
        for number, (start, end) in enumerate(spans):
            spans[number], item = _lines(places, start, end, least)
            least = spans[number][1]
            items.append(item)
        bounds = [whole.value + 1, *(at for span in spans for at in span), whole.end - 1]
    gaps = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    return Listed(text, whole.value, whole.end, items, gaps, indent)


def _lines(places: Places, start: int, end: int, least: int) -> tuple[tuple[int, int], _Item]:
    """The lines of an item alone, which begin behind `least`, with the comment lines right above it."""
    text, first = places.text, places.line_start(start)
    rest = _REST.match(text, end)
    if first < least or text[first:start].strip() or rest is None:
        raise ScatteredError
    while (above := places.line_start(first - 1)) >= least and text[above:first].lstrip(" \t").startswith("#"):
        first = above
    return (first, rest.end()), _Item(text[first : rest.end()], None if rest[1] else end - first)
