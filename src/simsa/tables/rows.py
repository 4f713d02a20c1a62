"""Rows of one section of the mapping: read from its files, dropped, filtered, joined and unpivoted as declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .files import read_table, sheets_of
from .intake import FileReport, Intake, RoundError
from .lookup import Lookup, SourceFile
from .mapping import Condition, Join, Source, Unpivot, Value
from .table import Cell, Table, TableError, no_such_column, tidy

FILE, SHEET = "@file", "@sheet"
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class TableReader:
    """Reads the tables of a round, each once, and remembers which files they were."""

    def __init__(self, lookup: Lookup, progress: Progress | None = None) -> None:
        self.lookup = lookup
        self.progress = progress
        self.sources: dict[str, SourceFile] = {}
        self.encodings: dict[str, str] = {}
        self.partners: list[FileReport] = []
        self._read: dict[tuple[object, ...], Table] = {}

    def tables(self, source: Source) -> list[tuple[str, str, Table]]:
        """The tables of a source, each with its file and sheet. RoundError if one is not there or is no table."""
        found = []
        for name in source.files:
            for file, path in self.lookup.find(name):
                for sheet in self._sheets(source.sheet, file, path):
                    table = self.table(file, path, sheet, source.header_row, source.delimiter, source.encoding)
                    found.append((file, sheet or "", table))
        return found

    def table(
        self,
        file: str,
        path: Path,
        sheet: str | None = None,
        header_row: int = 1,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> Table:
        key = (path, sheet, header_row, delimiter, encoding)
        if key not in self._read:
            label = f"{file}#{sheet}" if sheet else file
            try:
                table = read_table(
                    path, source=label, sheet=sheet, header_row=header_row, delimiter=delimiter, encoding=encoding
                )
            except TableError as error:
                raise RoundError(str(error)) from None
            self._read[key] = table
            self.sources.setdefault(file, self.lookup.source(file, path))
            if table.encoding not in (None, "utf-8"):
                self.encodings[file] = str(table.encoding)
            if self.progress:
                self.progress(file, len(table), len(table))
        return self._read[key]

    def _sheets(self, wanted: str | None, file: str, path: Path) -> Sequence[str | None]:
        if wanted != "*":
            return [wanted]
        try:
            return sheets_of(path, file)
        except TableError as error:
            raise RoundError(str(error)) from None


@dataclass
class Rows:
    """Columns of equal length; `origin[i]` is the number of the row in the intake that row i comes from."""

    intake: Intake
    columns: dict[str, list[Cell]]
    origin: list[int]
    lacking: dict[str, str]

    def __len__(self) -> int:
        return len(self.origin)

    def column(self, name: str) -> list[Cell]:
        """Tidied cells of a column. RoundError says which columns there are, or which file lacks it."""
        if name not in self.columns:
            if name in self.lacking:
                raise RoundError(f"[{self.intake.section}]: {self.lacking[name]} has no column {name!r}")
            shown = [known for known in self.columns if known not in (FILE, SHEET)]
            raise RoundError(f"[{self.intake.section}]: {no_such_column(name, shown)}")
        cells = self.columns[name]
        tidied = {cell: tidy(cell) or None for cell in set(cells) if cell is not None}
        return [None if cell is None else tidied[cell] for cell in cells]

    def values(self, value: Value) -> list[Cell]:
        """What `value` gives for each row, None where it is empty."""
        if value.constant is not None:
            return [value.constant or None] * len(self)
        columns = [self.column(name) for name in value.columns]
        joined = columns[0] if len(columns) == 1 else _joined(value, columns)
        if not value.values and not value.patterns:
            return joined
        exact = dict(value.values)
        translated = {cell: _translated(exact, value.patterns, cell or "") for cell in set(joined)}
        return [translated[cell] for cell in joined]

    def take(self, keep: Sequence[int]) -> Rows:
        columns = {name: [cells[row] for row in keep] for name, cells in self.columns.items()}
        return Rows(self.intake, columns, [self.origin[row] for row in keep], self.lacking)

    def without(self, leave: set[int]) -> Rows:
        return self.take([row for row in range(len(self)) if row not in leave])


def gather(reader: TableReader, source: Source, section: str) -> Rows:
    """The rows of a source after everything it declares; `.intake` has the account. RoundError as in `TableReader`."""
    rows = _load(reader.tables(source), section)
    for drop in source.drop:
        cells = rows.column(drop.condition.column)
        out = {row for row, cell in enumerate(cells) if drop.condition.holds(cell or "")}
        for row in sorted(out):
            rows.intake.note("dropped", rows.origin[row], drop.reason, field=drop.condition.column, value=cells[row])
        rows = rows.without(out)
    for condition in source.where:
        rows = _filtered(rows, _failing(rows.column(condition.column), condition))
    for number, join in enumerate(source.joins, 1):
        rows = _join(reader, rows, join, f"{section}.join[{number}]")
    return _unpivot(rows, source.unpivot) if source.unpivot else rows


def _load(tables: Sequence[tuple[str, str, Table]], section: str) -> Rows:
    intake = Intake(section)
    names = dict.fromkeys(name for _, _, table in tables for name in table.header)
    lacking = {}
    columns: dict[str, list[Cell]] = {FILE: [], SHEET: []}
    for file, sheet, table in tables:
        intake.add_file(table.source, table.lines, table.malformed)
        columns[FILE] += [file] * len(table)
        columns[SHEET] += [sheet or None] * len(table)
    for name in names:
        without = [table.source for _, _, table in tables if name not in table.by_name]
        if without:
            lacking[name] = ", ".join(without)
        else:
            columns[name] = [cell for _, _, table in tables for cell in table.by_name[name]]
    return Rows(intake, columns, list(range(len(intake.line))), lacking)


def _failing(cells: Sequence[Cell], condition: Condition) -> set[int]:
    holds = {cell: condition.holds(cell or "") for cell in set(cells)}
    return {row for row, cell in enumerate(cells) if not holds[cell]}


def _filtered(rows: Rows, out: set[int]) -> Rows:
    rows.intake.filtered.update(rows.origin[row] for row in out)
    return rows.without(out)


def _join(reader: TableReader, rows: Rows, join: Join, section: str) -> Rows:
    partner = _load(reader.tables(Source((join.file,), join.sheet, join.header_row)), section)
    reader.partners.extend(partner.intake.reports())
    index = _index(partner, [other for _, other in join.on])
    excluded: set[int] = set()
    for condition in join.where:
        excluded |= _failing(partner.column(condition.column), condition)
    keys = _keys(rows, [own for own, _ in join.on])
    found = [None if key is None else index.get(key) for key in keys]
    alone = [row for row, other in enumerate(found) if other is None]
    leave = {row for row, other in enumerate(found) if other is not None and other in excluded}
    if join.unmatched == "drop":
        leave.update(alone)
    rows.intake.filtered.update(rows.origin[row] for row in leave)
    if join.unmatched == "error":
        own = " / ".join(own for own, _ in join.on)
        for row in alone:
            what = f"has no row in {join.file}"
            rows.intake.note("unmatched", rows.origin[row], what, field=own, value=" / ".join(keys[row] or ()))
        leave.update(alone)
    joined = rows.without(leave)
    found = [other for row, other in enumerate(found) if row not in leave]
    for name, cells in partner.columns.items():
        if name not in (FILE, SHEET):
            joined.columns.setdefault(join.prefix + name, [None if at is None else cells[at] for at in found])
    for name, files in partner.lacking.items():
        joined.lacking.setdefault(join.prefix + name, files)
    return joined


def _keys(rows: Rows, names: Iterable[str]) -> list[tuple[str, ...] | None]:
    """The key of each row; None where a part of it is empty."""
    parts = zip(*(rows.column(name) for name in names), strict=True)
    return [None if None in key else tuple(cell or "" for cell in key) for key in parts]


def _index(partner: Rows, names: Sequence[str]) -> dict[tuple[str, ...], int]:
    index: dict[tuple[str, ...], int] = {}
    for row, key in enumerate(_keys(partner, names)):
        if key is not None and index.setdefault(key, row) != row:
            intake, first = partner.intake, index[key]
            other = "" if intake.file[first] == intake.file[row] else f" of {intake.file[first]}"
            what = f"{' / '.join(names)} {' / '.join(key)!r} is there already on line {intake.line[first]}{other}"
            where = f"{intake.file[row]} line {intake.line[row]}"
            raise RoundError(f"[{intake.section}]: {where}: {what} (a join needs one row for each)")
    return index


def _unpivot(rows: Rows, unpivot: Unpivot) -> Rows:
    names = list(unpivot.columns)
    if unpivot.pattern is not None:
        names = [name for name in rows.columns if name not in (FILE, SHEET) and unpivot.pattern.search(name)]
        if not names:
            raise RoundError(f"[{rows.intake.section}]: no column matches {unpivot.pattern.pattern!r} in unpivot")
    cells = [rows.column(name) for name in names]
    gone = set(names)
    rest = [name for name in rows.columns if name not in gone]
    taken = next((name for name in (unpivot.name, unpivot.value) if name in rest or name in rows.lacking), None)
    if taken is not None:
        what = f"unpivot would overwrite the column {taken!r}; choose another name for it"
        raise RoundError(f"[{rows.intake.section}]: {what}")
    columns = {name: [cell for cell in rows.columns[name] for _ in names] for name in rest}
    columns[unpivot.name] = [name for _ in range(len(rows)) for name in names]
    columns[unpivot.value] = [column[row] for row in range(len(rows)) for column in cells]
    return Rows(rows.intake, columns, [row for row in rows.origin for _ in names], rows.lacking)


def _joined(value: Value, columns: Sequence[Sequence[Cell]]) -> list[Cell]:
    if value.first:
        return [next((cell for cell in row if cell), None) for row in zip(*columns, strict=True)]
    if value.skip_empty:
        return [value.separator.join(filter(None, row)) or None for row in zip(*columns, strict=True)]
    return [None if None in row else value.separator.join(map(str, row)) for row in zip(*columns, strict=True)]


def _translated(exact: Mapping[str, str], patterns: Iterable[tuple[re.Pattern[str], str]], cell: str) -> Cell:
    if cell in exact:
        return exact[cell]
    for pattern, becomes in patterns:
        found = pattern.search(cell)
        if found:
            return tidy(found.expand(becomes)) or None
    return cell or None
