"""The parts of a round from their rows: entries, reviewers, sheets, reported numbers, and pairs of entry and reviewer.

Every row ends in one of two ways: its values are in the result, or its fault is in the intake of its section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, Reviewers, Sheets, Status
from simsa.rules import Rules, exact_text, parse_decimal

from .intake import Kind, Renamed
from .mapping import EntriesPart, Matching, Numbers, PairsPart, ReportedPart, ReviewersPart, SheetsPart, Value
from .names import Found, Matcher
from .rows import Rows
from .table import Cell, tidy

Integers = NDArray[np.int64]
_MOST_AFFINITY = 10**15
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Entrant:
    """Who is behind an entry: its names by language, where it is, and further fields."""

    id: str
    name: Mapping[str, str]
    group: str
    region: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "ko") -> str:
        """The name in a language, or in any there is."""
        return _in_language(self.name, language, self.id)


@dataclass(frozen=True)
class Reviewer:
    """A member of the panel: names by language, and the fields that conflict rules compare."""

    id: str
    name: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "ko") -> str:
        return _in_language(self.name, language, self.id)


@dataclass(frozen=True)
class Pairs:
    """Pairs of positions in the entries and in the panel, int64 (n,), with a number for each, float64 (n,)."""

    entry: Integers
    reviewer: Integers
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.entry)


class Conflict(NamedTuple):
    """A declared conflict: positions of the entry and the reviewer, and the reason."""

    entry: int
    reviewer: int
    reason: str


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
            index = {name: n for n, name in enumerate(sorted({cell for cell in cells if cell}))}
        for row, cell in enumerate(cells):
            if cell is None:
                rows.intake.note("malformed", rows.origin[row], "is empty", "say whose row it is", field=value.label)
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


def read_entrants(part: EntriesPart, rows: Rows, rules: Rules) -> tuple[Entrant, ...]:
    """One entrant per row. Faulty: no id, an id that was there before, a group unknown to the rules, a bad position."""
    ids, groups = rows.values(part.id), rows.values(part.group)
    names = [(language, rows.values(value)) for language, value in part.name]
    more = [(name, rows.values(value)) for name, value in part.fields]
    region = rows.values(part.region) if part.region else [None] * len(rows)
    places = [_degrees(rows, part.latitude, 90), _degrees(rows, part.longitude, 180)]
    known = ", ".join(group.id for group in rules.groups)
    first: dict[str, int] = {}
    for row, (key, group) in enumerate(zip(ids, groups, strict=True)):
        _check_id(rows, row, part.id, key, first)
        if group is None or rules.group(group) is None:
            what = "is empty" if group is None else "is no group of the rules"
            rows.intake.note("malformed", rows.origin[row], what, f"known: {known}", field="group", value=group)
    return tuple(
        Entrant(
            id=ids[row] or "",
            name={language: cells[row] or ids[row] or "" for language, cells in names if cells[row] or len(names) == 1},
            group=groups[row] or "",
            region=region[row],
            latitude=places[0][row],
            longitude=places[1][row],
            fields={name: cells[row] or "" for name, cells in more},
        )
        for row in _good(rows)
    )


def read_panel(part: ReviewersPart, rows: Rows) -> tuple[Reviewer, ...]:
    """One reviewer per row. Faulty: no id, or an id that was there before."""
    ids = rows.values(part.id)
    names = [(language, rows.values(value)) for language, value in part.name]
    more = [(name, rows.values(value)) for name, value in part.fields]
    first: dict[str, int] = {}
    for row, key in enumerate(ids):
        _check_id(rows, row, part.id, key, first)
    return tuple(
        Reviewer(
            id=ids[row] or "",
            name={language: cells[row] or "" for language, cells in names if cells[row]},
            fields={name: cells[row] or "" for name, cells in more},
        )
        for row in _good(rows)
    )


def as_entries(entrants: Sequence[Entrant]) -> Entries:
    return Entries(tuple(entrant.id for entrant in entrants), tuple(entrant.group for entrant in entrants))


def as_reviewers(panel: Sequence[Reviewer]) -> Reviewers:
    names = panel[0].fields if panel else ()
    return Reviewers(
        tuple(reviewer.id for reviewer in panel),
        {name: tuple(reviewer.fields[name] for reviewer in panel) for name in names},
    )


def read_reported(part: ReportedPart, rows: Rows, known: Known) -> dict[tuple[str, str, str], Fraction]:
    """Numbers by (entry, criterion or "", field). A number told twice is kept if it is the same, else nobody's."""
    entry = known.entry_of(rows, part.entry)
    criterion = rows.values(part.criterion) if part.criterion else [None] * len(rows)
    for row, cell in enumerate(criterion):
        if cell is not None and cell not in known.rules.by_id:
            hint = f"known: {', '.join(known.rules.by_id)}"
            label = part.criterion.label if part.criterion else ""
            rows.intake.note("malformed", rows.origin[row], "is no criterion", hint, field=label, value=cell)
    columns: list[tuple[Sequence[Cell], str, list[Cell]]] = (
        [(rows.values(part.field), part.value.label, rows.values(part.value))]
        if part.field and part.value
        else [([name] * len(rows), value.label, rows.values(value)) for name, value in part.fields]
    )
    ids = tuple(known.entries)
    told: dict[tuple[str, str, str], list[tuple[int, Fraction]]] = {}
    for names, label, cells in columns:
        numbers = _decimals(rows, cells, label, part)
        for row, (name, number) in enumerate(zip(names, numbers, strict=True)):
            if name is None:
                rows.intake.note("malformed", rows.origin[row], "is empty", "say which number it is", field="field")
            elif number is not None and entry[row] >= 0:
                told.setdefault((ids[entry[row]], criterion[row] or "", name), []).append((row, number))
    _settle(rows, told, lambda key: f"{key[2]} of {key[0]!r}")
    out = rows.intake.out
    return {key: good[0] for key, v in told.items() if (good := [n for row, n in v if rows.origin[row] not in out])}


def read_pairs(part: PairsPart, rows: Rows, known: Known, *, needs_value: bool = False) -> Pairs:
    """Pairs of an assignment or of affinities (0 where no number is asked for)."""
    entry = known.entry_of(rows, part.entry)
    reviewer, _ = known.reviewer_of(rows, part.reviewer)
    values = [0.0] * len(rows)
    if part.value is not None:
        for row, (cell, number) in enumerate(_numbers(rows.values(part.value), Numbers())):
            if number is not None and abs(number) <= _MOST_AFFINITY:
                values[row] = float(number)
            elif cell or needs_value:
                what = "is not a decimal number" if number is None else "is too large"
                label = part.value.label
                rows.intake.note("malformed", rows.origin[row], what if cell else "is empty", field=label, value=cell)
    told: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for row, pair in enumerate(zip(entry, reviewer, strict=True)):
        if min(pair) >= 0:
            told.setdefault(pair, []).append((row, values[row]))
    ids = tuple(known.entries)
    _settle(rows, told, lambda pair: f"this pair with {ids[pair[0]]!r}")
    good = _good(rows)
    return Pairs(
        np.array([entry[row] for row in good], np.int64),
        np.array([reviewer[row] for row in good], np.int64),
        np.array([values[row] for row in good], np.float64),
    )


def read_conflicts(part: PairsPart, rows: Rows, known: Known) -> tuple[Conflict, ...]:
    entry = known.entry_of(rows, part.entry)
    reviewer, _ = known.reviewer_of(rows, part.reviewer)
    reason = rows.values(part.value) if part.value else [None] * len(rows)
    return tuple(dict.fromkeys(Conflict(entry[row], reviewer[row], reason[row] or "") for row in _good(rows)))


def read_sheets(part: SheetsPart, rows: Rows, known: Known, assigned: Pairs | None) -> Sheets:
    """Sheets with a row for each slot, in the order of entries and reviewers.

    A slot is a pair that a row names or that was assigned; a leaf without a mark there is NOT_SUBMITTED. Faulty: an
    unknown entry, reviewer or criterion, a pair that was not assigned, a mark that is no decimal or off its scale, a
    mark beside another status, two marks for one place.
    """
    rules = known.rules
    entry = np.array(known.entry_of(rows, part.entry), np.int64)
    names, reviewers = known.reviewer_of(rows, part.reviewer)
    reviewer = np.array(names, np.int64)
    if assigned is not None:
        _check_assigned(rows, entry, reviewer, reviewers, known, assigned)
    cells = _cells(part, rows, rules)
    slot_of = entry * len(reviewers) + reviewer
    _check_once(rows, cells, slot_of, rules)
    good = np.ones(len(rows), bool)
    good[[row for row, origin in enumerate(rows.origin) if origin in rows.intake.out]] = False
    slots = slot_of[good]
    if assigned is not None:
        slots = np.concatenate([slots, assigned.entry * len(reviewers) + assigned.reviewer])
    slots = np.unique(slots)
    mark = np.zeros((len(slots), len(rules.leaves)), np.int64)
    status = np.full(mark.shape, Status.NOT_SUBMITTED, np.int8)
    kept = good[cells.row]
    at = np.searchsorted(slots, slot_of[cells.row[kept]])
    mark[at, cells.leaf[kept]] = cells.mark[kept]
    status[at, cells.leaf[kept]] = cells.status[kept]
    width = max(len(reviewers), 1)
    leaves = tuple(leaf.id for leaf in rules.leaves)
    return Sheets(reviewers, leaves, slots // width, slots % width, mark, status, rules.mark_places)


@dataclass(frozen=True)
class _Cells:
    """One row for each mark that is told: the row it stands in, the leaf, the mark in units, and the status."""

    row: Integers
    leaf: Integers
    mark: Integers
    status: Integers


def _cells(part: SheetsPart, rows: Rows, rules: Rules) -> _Cells:
    leaves = {leaf.id: n for n, leaf in enumerate(rules.leaves)}
    if part.criterion is not None and part.mark is not None:
        criteria = rows.values(part.criterion)
        for row, cell in enumerate(criteria):
            if cell not in leaves:
                what = "is empty" if cell is None else "is no criterion that the panel marks"
                hint = f"known: {', '.join(leaves)}"
                rows.intake.note("malformed", rows.origin[row], what, hint, field=part.criterion.label, value=cell)
        statuses = rows.values(part.status) if part.status else [None] * len(rows)
        told = [([leaves.get(cell or "", -1) for cell in criteria], part.mark.label, rows.values(part.mark), statuses)]
    else:
        nothing: list[Cell] = [None] * len(rows)
        told = [([leaves[leaf]] * len(rows), v.label, rows.values(v), nothing) for leaf, v in part.marks]
    read = _MarkReader(part, rules)
    found = [
        (row, leaf, *read(rows, row, leaf, label, text, status))
        for leaf_of, label, texts, statuses in told
        for row, (leaf, text, status) in enumerate(zip(leaf_of, texts, statuses, strict=True))
        if leaf >= 0
    ]
    columns = np.array(found, np.int64).reshape(-1, 4).T
    return _Cells(columns[0], columns[1], columns[2], columns[3])


class _MarkReader:
    """Text to mark and status, each distinct text once. The mark is an integer in units of the rules' mark places."""

    def __init__(self, part: SheetsPart, rules: Rules) -> None:
        self.rules = rules
        self.numbers = part.numbers
        self.unit = 10**rules.mark_places
        self.tokens = {"": Status.NOT_SUBMITTED, **dict(part.missing)}
        decimals = [(_decimal(text, part.numbers), status) for text, status in part.missing]
        self.values = {number: status for number, status in decimals if number is not None}
        self.known: dict[tuple[int, Cell, Cell], tuple[int, int, str, str]] = {}

    def __call__(self, rows: Rows, row: int, leaf: int, label: str, text: Cell, status: Cell) -> tuple[int, int]:
        key = (leaf, text, status)
        found = self.known.get(key) or self.known.setdefault(key, self._read(leaf, text or "", status or ""))
        mark, kind, what, hint = found
        if what:
            shown = status if what.startswith("status") else text
            rows.intake.note("malformed", rows.origin[row], what, hint, field=label, value=shown)
        return mark, kind

    def _read(self, leaf: int, text: str, status: str) -> tuple[int, int, str, str]:
        name = status.upper()
        if status and name not in Status.__members__:
            return 0, 0, "status is not known", f"known: {', '.join(known.lower() for known in Status.__members__)}"
        if status and name != "MARK":
            problem = "status says that there is no mark, but there is" if text else ""
            return 0, int(Status[name]), problem, "a mark, or the reason why there is none"
        number = _decimal(text, self.numbers)
        missing = self.tokens.get(text, self.values.get(number) if number is not None else None)
        if missing is not None and not (status and not text):
            return 0, int(missing), "", ""
        if number is None:
            what = "is not a decimal number" if text else "status says that there is a mark, but there is none"
            return 0, 0, what, "e.g. 8.25; texts that mean no mark are declared in [sheets.missing]"
        scale = self.rules.leaves[leaf].scale
        assert scale is not None
        if not scale.allows(number):
            allowed = f"from {exact_text(scale.min)} to {exact_text(scale.max)} in steps of {exact_text(scale.step)}"
            return 0, 0, f"is not on the scale of {self.rules.leaves[leaf].id}", allowed
        return int(number * self.unit), int(Status.MARK), "", ""


def _check_assigned(
    rows: Rows, entry: Integers, reviewer: Integers, reviewers: Sequence[str], known: Known, assigned: Pairs
) -> None:
    slots = set(zip(assigned.entry.tolist(), assigned.reviewer.tolist(), strict=True))
    ids = tuple(known.entries)
    for row, pair in enumerate(zip(entry.tolist(), reviewer.tolist(), strict=True)):
        if min(pair) >= 0 and pair not in slots:
            what = f"was not assigned to entry {ids[pair[0]]!r}"
            name = reviewers[pair[1]]
            rows.intake.note("unmatched", rows.origin[row], what, "see [assignment]", field="reviewer", value=name)


def _check_once(rows: Rows, cells: _Cells, slot_of: Integers, rules: Rules) -> None:
    """Settle places that have two marks."""
    place = slot_of[cells.row] * max(len(rules.leaves), 1) + cells.leaf
    order = np.argsort(place, kind="stable")
    same = np.flatnonzero(place[order][1:] == place[order][:-1])
    told: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for at in np.unique(np.concatenate([same, same + 1])).tolist():
        cell = int(order[at])
        mark = int(cells.mark[cell]), int(cells.status[cell])
        told.setdefault(int(place[cell]), []).append((int(cells.row[cell]), mark))
    leaf = {where: rules.leaves[where % len(rules.leaves)].id for where in told}
    values = Counter(rows.origin[row] for row in cells.row.tolist()) if told else Counter[int]()
    _settle(rows, told, lambda where: f"{leaf[where]} of this reviewer on this entry", values)


def _settle(
    rows: Rows,
    told: Mapping[K, Sequence[tuple[int, V]]],
    what: Callable[[K], str],
    values: Mapping[int, int] | None = None,
) -> None:
    """Note rows that say something twice: different values make all of them malformed, equal ones the later repeated.

    `told`: for each thing, the rows that say it, and the value. `values`: how many things each row (its origin) says;
    a row is repeated only if everything it says was said before.
    """
    if values is None:
        values = Counter(rows.origin[row] for told_by in told.values() for row, _ in told_by)
    for key, told_by in _doubled(rows, told).items():
        if len({value for _, value in told_by}) > 1:
            for row, value in told_by:
                other = next(other for other, another in told_by if another != value)
                hint = "nothing says which is right, so neither counts"
                rows.intake.note(
                    "malformed", rows.origin[row], f"says {what(key)} otherwise than {_at(rows, other)}", hint
                )
    before: Counter[int] = Counter()
    first: dict[int, tuple[K, int]] = {}
    for key, told_by in _doubled(rows, told).items():
        for row, _ in told_by[1:]:
            before[rows.origin[row]] += rows.origin[row] != rows.origin[told_by[0][0]]
            first.setdefault(rows.origin[row], (key, told_by[0][0]))
    for origin, (key, row) in sorted(first.items()):
        if before[origin] == values[origin]:
            rows.intake.note("repeated", origin, f"says {what(key)} once more, after {_at(rows, row)}", "remove one")


def _doubled(rows: Rows, told: Mapping[K, Sequence[tuple[int, V]]]) -> dict[K, list[tuple[int, V]]]:
    """What more than one row says, of those that are not left out already."""
    good = {key: [(row, v) for row, v in by if rows.origin[row] not in rows.intake.out] for key, by in told.items()}
    return {key: by for key, by in good.items() if len(by) > 1}


def _at(rows: Rows, row: int) -> str:
    return f"{rows.intake.file[rows.origin[row]]} line {rows.intake.line[rows.origin[row]]}"


def _check_id(rows: Rows, row: int, value: Value, key: Cell, first: dict[str, int]) -> None:
    if key is None:
        rows.intake.note("malformed", rows.origin[row], "is empty", "every row needs an id", field=value.label)
    elif first.setdefault(key, row) != row:
        earlier = rows.intake.line[rows.origin[first[key]]]
        what = f"is there already on line {earlier}"
        rows.intake.note("repeated", rows.origin[row], what, "one id, one row", field=value.label, value=key)


def _good(rows: Rows) -> list[int]:
    return [row for row, origin in enumerate(rows.origin) if origin not in rows.intake.out]


def _degrees(rows: Rows, value: Value | None, most: int) -> list[float | None]:
    if value is None:
        return [None] * len(rows)
    found: list[float | None] = []
    for row, (cell, number) in enumerate(_numbers(rows.values(value), Numbers())):
        fits = number is not None and abs(number) <= most
        if cell is not None and not fits:
            hint = f"degrees from -{most} to {most}, e.g. 37.5665"
            rows.intake.note("malformed", rows.origin[row], "is no position", hint, field=value.label, value=cell)
        found.append(float(number) if number is not None and fits else None)
    return found


def _decimals(rows: Rows, cells: Sequence[Cell], label: str, part: ReportedPart) -> list[Fraction | None]:
    """Numbers of a column; None where nothing is reported, or after noting what is no number."""
    absent = set(part.missing)
    found = []
    for row, (cell, number) in enumerate(_numbers(cells, part.numbers)):
        if cell is not None and number is None and cell not in absent:
            hint = 'e.g. 1234.5; texts that mean "not reported" are declared in missing'
            rows.intake.note("malformed", rows.origin[row], "is not a decimal number", hint, field=label, value=cell)
        found.append(None if cell in absent else number)
    return found


def _numbers(cells: Sequence[Cell], written: Numbers) -> list[tuple[Cell, Fraction | None]]:
    read = {cell: _decimal(cell, written) for cell in set(cells) if cell is not None}
    return [(cell, None if cell is None else read[cell]) for cell in cells]


def _decimal(text: str, written: Numbers) -> Fraction | None:
    if written.grouping:
        whole, point, rest = text.partition(written.decimal)
        first, *groups = whole.split(written.grouping)
        if any(len(group) != 3 for group in groups) or (groups and not first.lstrip("+-")):
            return None
        text = first + "".join(groups) + point + rest
    if written.decimal != ".":
        if "." in text:
            return None
        text = text.replace(written.decimal, ".")
    try:
        return parse_decimal(text)
    except ValueError:
        return None


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


def _in_language(names: Mapping[str, str], language: str, otherwise: str) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), otherwise)
