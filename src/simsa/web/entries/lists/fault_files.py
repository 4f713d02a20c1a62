"""The rows of a list that cannot be taken, as a file to correct and send again."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.tables.table import Cell, Table
from simsa.tables.words.faults import fault_words
from simsa.web.entries.lists.drafts import Shown
from simsa.web.entries.lists.kinds import ListKind


def fault_table(shown: Shown, kind: ListKind) -> Table:
    """The faulty rows as they were sent, with their line and what is wrong with them in two columns at the end."""
    wrong: dict[int, list[str]] = {}
    for fault in shown.faults:
        line = shown.line(fault.row)
        if line is not None:
            wrong.setdefault(line, []).append(f"{kind.label(fault.field)}: {fault.what}")
    cells: dict[int, tuple[Cell, ...]] = dict(zip(shown.table.lines, shown.table.rows(), strict=True))
    width = len(shown.table.header)
    for error in shown.unread:
        cells[error.line] = (error.value, *[None] * (width - 1))
        said = fault_words(error.what, get_language() or "ko")
        wrong.setdefault(error.line, []).append(f"{error.field}: {said}" if error.field else said)
    rows = [[*cells[line], str(line), "; ".join(whats)] for line, whats in sorted(wrong.items())]
    return Table.of([*shown.table.header, *_names(shown.table.header)], rows, "faults")


def _names(header: tuple[str, ...]) -> list[str]:
    """Names of the two columns that the list has not."""
    names = []
    for name in (_("line"), _("what is wrong")):
        free = name
        while free in header:
            free += "*"
        names.append(free)
    return names
