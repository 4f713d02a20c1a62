"""What the readers made of the input: counts for each file, and every row that was not used as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simsa.tables.report.edition import Edition
from simsa.tables.table import RowError
from simsa.tables.words import fault_words


@dataclass(frozen=True)
class FaultView:
    """A row of the input that was not used as it is: where, the cell to blame, and why."""

    place: str
    cell: str
    what: str


@dataclass(frozen=True)
class FileView:
    name: str
    section: str
    counts: tuple[int, ...]


def file_views(edition: Edition) -> tuple[FileView, ...]:
    """How many rows of each file were read, kept, filtered, dropped, malformed, unmatched and repeated."""
    return tuple(
        FileView(
            file.file,
            f"[{file.section}]",
            (
                file.read,
                file.kept,
                file.filtered,
                len(file.dropped),
                len(file.malformed),
                len(file.unmatched),
                len(file.repeated),
            ),
        )
        for file in edition.inputs.report.files
    )


def fault_views(edition: Edition, errors: Iterable[RowError]) -> tuple[FaultView, ...]:
    """Rows with what is wrong with them, in the language of the page."""
    return tuple(_fault(edition, error) for error in errors)


def renamed_views(edition: Edition) -> tuple[FaultView, ...]:
    """Names that mean an entry which is called otherwise today."""
    return tuple(
        FaultView(f"{item.file}:{item.line}", item.name, f"→ {edition.names.get(item.entry, item.entry)}: {item.why}")
        for item in edition.inputs.report.renamed
    )


def _fault(edition: Edition, error: RowError) -> FaultView:
    what, hint = fault_words(error.what, edition.language), fault_words(error.hint, edition.language)
    cell = f"{error.field} {error.value}".strip()
    return FaultView(f"{error.file}:{error.line}", cell, f"{what} ({hint})" if hint else what)
