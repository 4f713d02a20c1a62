"""The entries and reviewers that rows may refer to, by id or by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simsa.rules import Rules
from simsa.tables.intake import Kind, Renamed
from simsa.tables.mapping import Matching, Value
from simsa.tables.names import Found, Matcher
from simsa.tables.rows import Rows
from simsa.tables.sections.people import Entrant, Reviewer
from simsa.tables.table import UNSEEN, has_control, tidy


class Known:
    """The entries and reviewers that rows may refer to."""

    def __init__(
        self, rules: Rules, entrants: Sequence[Entrant], matching: Sequence[Matching], panel: Sequence[Reviewer] | None
    ) -> None:
        self.rules = rules
        self._names = {entrant.id: entrant.text(rules.language) for entrant in entrants}
        self.entries = {entrant.id: n for n, entrant in enumerate(entrants)}
        self.reviewers = None if panel is None else {reviewer.id: n for n, reviewer in enumerate(panel)}
        self._matchers = {one.id: Matcher(one, _names_of(one, entrants)) for one in matching}

    def entry_of(self, rows: Rows, value: Value) -> list[int]:
        """The position of each row's entry, -1 after noting why there is none."""
        cells = rows.values(value)
        matcher = self._matchers[value.match] if value.match else None
        found = {cell: self._entry(cell, matcher) for cell in set(cells) if cell is not None}
        renamed: set[int] = set()
        positions = []
        for row, cell in enumerate(cells):
            one = found[cell] if cell is not None else Found(None, "is empty", "say which entry the row belongs to")
            origin = rows.origin[row]
            if one.entry is None:
                kind: Kind = "malformed" if cell is None else "unmatched"
                rows.intake.note(kind, origin, one.why, one.hint, field=value.label, value=cell)
            elif one.why and origin not in renamed:
                file, line = rows.intake.file[origin], rows.intake.line[origin]
                rows.intake.renamed.append(Renamed(file, line, cell or "", one.entry, self._names[one.entry], one.why))
                renamed.add(origin)
            positions.append(-1 if one.entry is None else self.entries[one.entry])
        return positions

    def reviewer_of(self, rows: Rows, value: Value) -> tuple[list[int], tuple[str, ...]]:
        """The position of each row's reviewer (-1 if none), and all reviewers: the panel, or those that rows name."""
        cells = rows.values(value)
        index = self.reviewers
        if index is None:
            names = sorted({cell for cell in cells if cell and not has_control(cell)})
            index = {name: n for n, name in enumerate(names)}
        for row, cell in enumerate(cells):
            if cell is None:
                rows.intake.note("malformed", rows.origin[row], "is empty", "say whose row it is", field=value.label)
            elif has_control(cell):
                rows.intake.note("malformed", rows.origin[row], *UNSEEN, field=value.label, value=cell)
            elif cell not in index:
                what, hint = "is not on the panel", "add the reviewer to the panel's file, or correct the id"
                rows.intake.note("unmatched", rows.origin[row], what, hint, field=value.label, value=cell)
        return [-1 if cell is None else index.get(cell, -1) for cell in cells], tuple(index)

    def _entry(self, cell: str, matcher: Matcher | None) -> Found:
        if matcher is not None:
            return matcher.find(cell)
        return (
            Found(cell) if cell in self.entries else Found(None, "is no entry of the round", "entries are known by id")
        )


def _names_of(matching: Matching, entrants: Sequence[Entrant]) -> dict[str, tuple[str, ...]]:
    """Name -> ids, for everything that the matching compares with."""
    found: dict[str, dict[str, None]] = {}
    readers: dict[str, Callable[[Entrant], list[str]]] = {
        "id": lambda entrant: [entrant.id],
        "name": lambda entrant: list(entrant.name.values()),
        "region": lambda entrant: [entrant.region or ""],
    }
    for entrant in entrants:
        for wanted in matching.against:
            kind, _, key = wanted.partition(".")
            if wanted in readers:
                names = readers[wanted](entrant)
            else:
                names = [(entrant.name if kind == "name" else entrant.fields).get(key, "")]
            for name in names:
                if name:
                    found.setdefault(tidy(name), {})[entrant.id] = None
    return {name: tuple(ids) for name, ids in found.items()}
