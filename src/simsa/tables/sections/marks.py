"""The text of a mark to the mark and its status."""

from __future__ import annotations

from simsa.engine.inputs import Status
from simsa.rules import Levels, Rules
from simsa.tables.mapping import SheetsPart
from simsa.tables.rows import Rows
from simsa.tables.scales import NoMarkError, mark_of
from simsa.tables.sections.decimals import read_decimal
from simsa.tables.statuses import STATUSES, read_status
from simsa.tables.table import Cell


class MarkReader:
    """Text to mark and status, each distinct text once. The mark is an integer in units of the rules' mark places."""

    def __init__(self, part: SheetsPart, rules: Rules) -> None:
        self.rules = rules
        self.numbers = part.numbers
        self.unit = 10**rules.mark_places
        self.tokens = {"": Status.NOT_SUBMITTED, **dict(part.missing)}
        decimals = [(read_decimal(text, part.numbers), status) for text, status in part.missing]
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
        kind = read_status(status)
        if status and kind is None:
            return 0, 0, "status is not known", f"known: {', '.join(STATUSES)}"
        if kind is not None and kind is not Status.MARK:
            problem = "status says that there is no mark, but there is" if text else ""
            return 0, int(kind), problem, "a mark, or the reason why there is none"
        number = read_decimal(text, self.numbers)
        missing = self.tokens.get(text, self.values.get(number) if number is not None else None)
        scale = self.rules.leaves[leaf].scale
        if missing is not None and not (status and not text):
            if isinstance(scale, Levels) and any(level.id == text for level in scale.levels):
                return 0, 0, "is the name of a level and declared to mean no mark", "one of the two in [sheets.missing]"
            return 0, int(missing), "", ""
        if not text:
            return 0, 0, "status says that there is a mark, but there is none", _NO_MARK
        try:
            mark = mark_of(self.rules.leaves[leaf], text, number)
        except NoMarkError as error:
            return 0, 0, error.what, error.hint if number is not None or isinstance(scale, Levels) else _NO_MARK
        return int(mark * self.unit), int(Status.MARK), "", ""


_NO_MARK = "e.g. 8.25; texts that mean no mark are declared in [sheets.missing]"
