"""What a page of forms is made of: sections, their parts, and where in a document the tables of a part are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.editors import Editor, Label
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.rows import row_path

EACH = -1
"""In the path of a part: each table of several, and the part is of all of them."""


def _always(_document: Document, _place: Path) -> bool:
    return True


def _none(_document: Document) -> list[str]:
    return []


@dataclass(frozen=True)
class Part:
    """A table of the rules, or (`several`) each of many: its heading, and its editors in order.

    `fresh` is what a new one begins with, None where none is made here; `#` in a text becomes its number. A single
    table that has it can be there or not. `offered` tells whether one more can be made at a place.

    A table of which much can be said has several parts, and all but the first are `aside`: shown closed while they say
    nothing. With `rows` several small ones are shown below one another. `keyed`: a table that takes any names, each a
    row; a fresh one has the first of the `suggested` names that is not there yet.
    """

    path: Path
    title: Label
    editors: tuple[Editor, ...]
    several: bool = False
    fresh: tuple[tuple[str, object], ...] | None = None
    offered: Callable[[Document, Path], bool] = _always
    help: Label = ""
    aside: bool = False
    rows: bool = False
    keyed: bool = False
    suggested: Callable[[Document], list[str]] = _none

    @property
    def is_optional(self) -> bool:
        """Whether it is a single table that need not be there."""
        return self.fresh is not None and not self.several

    def holds(self, path: Path) -> bool:
        """Whether `path` lies at a place of the part, or inside."""
        return len(path) >= len(self.path) and all(map(_matches, self.path, path))


@dataclass(frozen=True)
class Section:
    """One page of forms."""

    slug: str
    title: Label
    parts: tuple[Part, ...]


def places_of(document: Document, part: Part) -> list[Path]:
    """Where a part is: its table; of several, what they are in."""
    found: list[Path] = [()]
    for key in part.path:
        if key == EACH:
            found = [(*at, number) for at in found for number in range(document.count(at))]
        else:
            found = [(*at, key) for at in found]
    return found


def tables_at(document: Document, part: Part, place: Path) -> list[Path]:
    """The tables of a part at a place that the document has; that of a single one always, so that it can be filled."""
    if part.several:
        count = len(document.keys(place)) if part.keyed else document.count(place)
        return [(*place, number) for number in range(count)]
    return [] if part.is_optional and document.value(place) is ABSENT else [place]


def tables_of(document: Document, part: Part) -> list[Path]:
    """All tables of a part."""
    return [at for place in places_of(document, part) for at in tables_at(document, part, place)]


def text_path(document: Document, part: Part, at: Path) -> Path:
    """Where a table of a part stands in the text, which of a row is its name and not its number."""
    return row_path(document, at) if part.keyed else at


def _matches(own: str | int, key: str | int) -> bool:
    return own == key or (own == EACH and isinstance(key, int))
