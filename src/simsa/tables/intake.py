"""What happened to every row that was read: kept, left out and why, malformed, or matched to nobody.

Nothing is repaired and nothing disappears: for each file, read = kept + filtered + the rows in the lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .table import RowError

Kind = Literal["dropped", "malformed", "unmatched", "repeated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_SHOWN = 20


class RoundError(ValueError):
    """The inputs of a round that cannot be used. `errors` names every row, the message the first of them."""

    def __init__(self, what: str, errors: Sequence[RowError] = ()) -> None:
        self.what = what
        self.errors = tuple(errors)
        lines = [f"  {error}" for error in self.errors[:_SHOWN]]
        if len(self.errors) > _SHOWN:
            lines.append(f"  and {len(self.errors) - _SHOWN} more")
        super().__init__("\n".join([what, *lines]))


@dataclass(frozen=True)
class Renamed:
    """A row whose entry was found as declared: `name` in the file, `entry` the id, `today` its name now, `why`."""

    file: str
    line: int
    name: str
    entry: str
    today: str
    why: str


@dataclass(frozen=True)
class FileReport:
    """What became of the rows of one file in one part (`section`) of the mapping.

    `filtered` is how many were never meant (a `where` of the mapping); `dropped` those left out by a declared pattern,
    `malformed` those with a fault, `unmatched` those that belong to no entry, reviewer or partner row, `repeated`
    those that say once more what another row says.
    """

    file: str
    section: str
    read: int
    kept: int
    filtered: int = 0
    dropped: tuple[RowError, ...] = ()
    malformed: tuple[RowError, ...] = ()
    unmatched: tuple[RowError, ...] = ()
    repeated: tuple[RowError, ...] = ()

    @property
    def problems(self) -> tuple[RowError, ...]:
        return tuple(sorted(self.malformed + self.unmatched + self.repeated, key=lambda error: error.line))


@dataclass(frozen=True)
class ImportReport:
    """What became of every row of every file of a round.

    `renamed`: rows matched through a declared change of name; `without_input`: ids of entries for which no sheet and no
    number came, `names` what they are called; `notes`: what else a reader should know (an encoding, a checksum that
    differs).
    """

    files: tuple[FileReport, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    without_input: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def dropped(self) -> tuple[RowError, ...]:
        return tuple(error for file in self.files for error in file.dropped)

    @property
    def malformed(self) -> tuple[RowError, ...]:
        return tuple(error for file in self.files for error in file.malformed)

    @property
    def unmatched(self) -> tuple[RowError, ...]:
        return tuple(error for file in self.files for error in file.unmatched)

    @property
    def repeated(self) -> tuple[RowError, ...]:
        return tuple(error for file in self.files for error in file.repeated)

    def lines(self) -> list[str]:
        """What a person should read: every row that was left out and why, who was renamed, who has nothing."""
        found = []
        for file in self.files:
            if file.kept + file.filtered < file.read:
                found.append(f"{file.file}: {file.kept} of {file.read - file.filtered} rows used in [{file.section}]")
            found += [f"dropped: {error}" for error in file.dropped]
            found += [str(error) for error in file.problems]
        found += [f"{item.file} line {item.line}: {item.name!r} is {item.today} ({item.why})" for item in self.renamed]
        if self.without_input:
            names = [self.names.get(entry, entry) for entry in self.without_input[:_SHOWN]]
            shown = ", ".join(names) + ", ..." * (len(self.without_input) > _SHOWN)
            entries = "1 entry has" if len(self.without_input) == 1 else f"{len(self.without_input)} entries have"
            found.append(f"{entries} no input: {shown}")
        return [*found, *self.notes]

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, texts and numbers, for JSON."""
        return {
            "files": [
                {
                    "file": file.file,
                    "section": file.section,
                    "read": file.read,
                    "kept": file.kept,
                    "filtered": file.filtered,
                    **{kind: [_plain(error) for error in getattr(file, kind)] for kind in KINDS},
                }
                for file in self.files
            ],
            "renamed": [vars(item) for item in self.renamed],
            "without_input": list(self.without_input),
            "notes": list(self.notes),
        }


@dataclass
class Intake:
    """Keeps account of the rows of one section while they are read. Rows are numbered across its files.

    `file[i]` and `line[i]` say where row i is; `out` are the rows that are left out, each once however many its faults.
    """

    section: str
    file: list[str] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    out: set[int] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)
    renamed: list[Renamed] = field(default_factory=list)
    faults: dict[str, list[RowError]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    unread: dict[str, int] = field(default_factory=dict)

    def add_file(self, file: str, lines: Sequence[int], malformed: Iterable[RowError] = ()) -> None:
        """Rows that were read from one file, and those that could not be."""
        faults = list(malformed)
        self.file += [file] * len(lines)
        self.line += lines
        self.unread[file] = self.unread.get(file, 0) + len({error.line for error in faults})
        self.faults["malformed"] += faults

    def note(self, kind: Kind, row: int, what: str, hint: str = "", *, field: str = "", value: str | None = "") -> None:
        """Row `row` is left out, for the reason `what`; `field` and `value` name the cell that is to blame."""
        error = RowError(self.file[row], self.line[row], field, value or "", what, hint)
        if row not in self.out or error not in self.faults[kind][-2:]:
            self.faults[kind].append(error)
        self.out.add(row)

    def stop_if(self, stops: bool) -> None:
        """RoundError with every fault, if there are any and the section does not skip them."""
        errors = self.errors
        if stops and errors:
            rows = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
            raise RoundError(f'[{self.section}]: {rows} (on_error = "skip" would leave such rows out)', errors)

    @property
    def errors(self) -> tuple[RowError, ...]:
        """Every fault, in the order of the files; rows dropped by a declared pattern are none."""
        order = {file: n for n, file in enumerate(self.unread)}
        errors = (error for kind in KINDS[1:] for error in self.faults[kind])
        return tuple(sorted(errors, key=lambda error: (order.get(error.file, 0), error.line)))

    def reports(self) -> tuple[FileReport, ...]:
        rows, kept, filtered = Counter(self.file), Counter(self.file), Counter[str]()
        for row in self.out | self.filtered:
            kept[self.file[row]] -= 1
        for row in self.filtered:
            filtered[self.file[row]] += 1
        faults: dict[str, dict[str, list[RowError]]] = {file: {kind: [] for kind in KINDS} for file in self.unread}
        for kind, errors in self.faults.items():
            for error in sorted(errors, key=lambda error: error.line):
                faults[error.file][kind].append(error)
        return tuple(
            FileReport(
                file,
                self.section,
                rows[file] + unread,
                kept[file],
                filtered[file],
                **{kind: tuple(errors) for kind, errors in faults[file].items()},
            )
            for file, unread in self.unread.items()
        )


def _plain(error: RowError) -> dict[str, Any]:
    return {key: value for key, value in vars(error).items() if value != ""}
