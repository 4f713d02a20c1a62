"""The mapping of a round: which file holds what, and which column means what. One TOML file, `round.toml`.

A competition or a ministry with other spreadsheets is another mapping, not other code. `docs` describe every key; the
examples show them in use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from simsa.engine.inputs import Status
from simsa.engine.simulation import Settings
from simsa.rules import Rules


@dataclass(frozen=True)
class Value:
    """Where a value comes from: columns of the row (joined, or the first that is not empty), or a constant.

    Then `values` translates whole values, or else the first of `patterns` that is found in the value replaces all of
    it; what neither knows stays. `match` names the [match] by which it is looked up among the entries. A joined value
    is empty if one of its parts is, unless `skip_empty`.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    separator: str = " / "
    first: bool = False
    skip_empty: bool = False
    values: tuple[tuple[str, str], ...] = ()
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    match: str | None = None

    @property
    def label(self) -> str:
        return " / ".join(self.columns) if self.constant is None else repr(self.constant)


@dataclass(frozen=True)
class Condition:
    """What a cell must be: one of `allowed`, none of `refused`, with `pattern` in it, `empty` or not."""

    column: str
    allowed: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    empty: bool | None = None

    def holds(self, cell: str) -> bool:
        return (
            (self.allowed is None or cell in self.allowed)
            and cell not in self.refused
            and (self.pattern is None or self.pattern.search(cell) is not None)
            and (self.empty is None or self.empty == (cell == ""))
        )


@dataclass(frozen=True)
class Drop:
    """Rows that are left out by name: those for which `condition` holds, and why."""

    condition: Condition
    reason: str


@dataclass(frozen=True)
class Join:
    """Columns of the one row of another file that has the same key. `on`: (own column, the other's column).

    A partner that does not meet `where` takes the row out silently; no partner at all is a fault (`error`), or not
    (`keep`, with empty cells; `drop`). The other's columns get `prefix`; own columns win over equal names.
    """

    file: str
    on: tuple[tuple[str, str], ...]
    where: tuple[Condition, ...] = ()
    prefix: str = ""
    unmatched: Literal["error", "keep", "drop"] = "error"
    sheet: str | None = None
    header_row: int = 1


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: the column's name goes into the column `name`, its cell into the column `value`."""

    columns: tuple[str, ...]
    pattern: re.Pattern[str] | None
    name: str
    value: str


@dataclass(frozen=True)
class Source:
    """Rows of one or several files: read, dropped, filtered, joined and unpivoted, in this order."""

    files: tuple[str, ...]
    sheet: str | None = None
    header_row: int = 1
    delimiter: str | None = None
    encoding: str | None = None
    drop: tuple[Drop, ...] = ()
    where: tuple[Condition, ...] = ()
    joins: tuple[Join, ...] = ()
    unpivot: Unpivot | None = None
    stops: bool = False


@dataclass(frozen=True)
class Numbers:
    """How decimals are written: the sign between thousands (usually none) and the decimal sign."""

    grouping: str = ""
    decimal: str = "."


@dataclass(frozen=True)
class EntriesPart:
    source: Source
    id: Value
    group: Value
    name: tuple[tuple[str, Value], ...]
    region: Value | None = None
    latitude: Value | None = None
    longitude: Value | None = None
    fields: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class ReviewersPart:
    source: Source
    id: Value
    name: tuple[tuple[str, Value], ...] = ()
    fields: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class SheetsPart:
    """Either `criterion` and `mark` (one mark a row), or `marks` (a column for each leaf).

    `missing`: texts that mean that there is no mark, and why. `when`: the moment at which the sheet was written, or its
    place in the reviewer's order, and which of them ("time", "order") it is.
    """

    source: Source
    entry: Value
    reviewer: Value
    criterion: Value | None = None
    mark: Value | None = None
    status: Value | None = None
    marks: tuple[tuple[str, Value], ...] = ()
    missing: tuple[tuple[str, Status], ...] = ()
    numbers: Numbers = Numbers()
    when: tuple[str, Value] | None = None


@dataclass(frozen=True)
class ReportedPart:
    """Either `field` and `value` (one number a row), or `fields` (a column for each).

    `criterion`: for which criterion, otherwise for the entry as a whole. `missing`: texts that mean "not reported".
    """

    source: Source
    entry: Value
    criterion: Value | None = None
    field: Value | None = None
    value: Value | None = None
    fields: tuple[tuple[str, Value], ...] = ()
    missing: tuple[str, ...] = ()
    numbers: Numbers = Numbers()


@dataclass(frozen=True)
class PairsPart:
    """Pairs of an entry and a reviewer, with a number (affinity) or a text (the reason of a conflict)."""

    source: Source
    entry: Value
    reviewer: Value
    value: Value | None = None


@dataclass(frozen=True)
class NameChange:
    """A name in the files, the name or the id it stands for today (None: it is gone), and why."""

    name: str
    today: str | None
    reason: str


@dataclass(frozen=True)
class Matching:
    """How names in files are matched to entries. `against`: the entries' names or fields to compare with.

    `prefixes`: a first word and what it may stand for; `changes`: names that were changed or are gone. Nothing is
    guessed: a name that fits no entry, or several, is reported.
    """

    id: str
    against: tuple[str, ...]
    prefixes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    changes: tuple[NameChange, ...] = ()


@dataclass(frozen=True)
class DataFile:
    """A file that belongs to others: its name here, its address, and what it must be."""

    name: str
    url: str | None = None
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Data:
    """Where the files of others come from: `folder` inside SIMSA_DATA, or each file's address."""

    folder: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()


@dataclass(frozen=True)
class Synthetic:
    """A panel whose sheets are drawn, not collected: whatever comes from it is labelled synthetic.

    `seed` and `settings` go to `simsa.engine.simulation`. `affinity`: synthetic affinities are drawn, higher where the
    reviewer's field `affinity[0]` names the entrant's field `affinity[1]`. `conflict_share`: share of all pairs for
    which a conflict is declared.
    """

    seed: str
    settings: Settings = field(default_factory=Settings)
    affinity: tuple[str, str] | None = None
    conflict_share: float = 0.0

    @property
    def note(self) -> str:
        """Where the invented data comes from, as records and pages say it."""
        return f"simsa.engine.simulation, seed “{self.seed}”"


@dataclass(frozen=True)
class RoundMap:
    """The whole of a round.toml, with the rules it names."""

    rules: Rules
    rules_file: str
    entries: EntriesPart
    reviewers: ReviewersPart | None = None
    assignment: PairsPart | None = None
    sheets: SheetsPart | None = None
    reported: tuple[ReportedPart, ...] = ()
    affinity: PairsPart | None = None
    conflicts: tuple[PairsPart, ...] = ()
    matching: tuple[Matching, ...] = ()
    data: Data = field(default_factory=Data)
    synthetic: Synthetic | None = None
    seed: str | None = None
    credit: str | None = None
