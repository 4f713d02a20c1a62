"""The text of a mark to the mark and its status."""

from __future__ import annotations

from simsa.engine.inputs import Status
from simsa.rules import Rules, exact_text
from simsa.tables.mapping import SheetsPart
from simsa.tables.rows import Rows
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
