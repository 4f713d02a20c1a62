"""The parts of a round: which value of which file is what."""

from __future__ import annotations

from simsa.engine.inputs import Status
from simsa.rules import Missing
from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import EntriesPart, Numbers, PairsPart, ReportedPart, ReviewersPart, SheetsPart, Value
from simsa.tables.mapping_file.references import Names
from simsa.tables.mapping_file.sources import read_source
from simsa.tables.mapping_file.texts import read_sign
from simsa.tables.mapping_file.values import read_names, read_optional, read_value, read_values
from simsa.tables.table import tidy


def read_entries(table: Reader, names: Names) -> EntriesPart:
    """[entries]: the entrants; a single group that the rules name need not be mapped."""
    only = Value(constant=names.only_group) if names.only_group else None
    part = EntriesPart(
        source=read_source(table, stops=False),
        id=read_value(table, "id", names),
        name=read_names(table, names) or (("", read_value(table, "id", names)),),
        group=only if only and not table.has("group") else read_value(table, "group", names),
        region=read_optional(table, "region", names),
        latitude=read_optional(table, "latitude", names),
        longitude=read_optional(table, "longitude", names),
        fields=read_values(table, "fields", names),
    )
    table.close()
    return part


def read_reviewers(table: Reader, names: Names) -> ReviewersPart:
    """[reviewers]: the panel."""
    part = ReviewersPart(
        read_source(table, stops=False),
        read_value(table, "id", names),
        read_names(table, names),
        read_values(table, "fields", names),
    )
    table.close()
    return part


def read_assignment(table: Reader, names: Names) -> PairsPart:
    """[assignment]: who scores what."""
    return _pairs(table, names, stops=True, value=None)


def read_affinity(table: Reader, names: Names) -> PairsPart:
    """[affinity]: pairs with how well they suit."""
    return _pairs(table, names, stops=False, value="affinity")


def read_conflicts(table: Reader, names: Names) -> PairsPart:
    """[[conflicts]]: pairs that must not be, with the reason."""
    return _pairs(table, names, stops=True, value="reason")


def read_sheets(table: Reader, names: Names) -> SheetsPart:
    """[sheets]: marks in one row each, or a column for each criterion."""
    long = not table.has("marks")
    part = SheetsPart(
        source=read_source(table, stops=True),
        entry=read_value(table, "entry", names),
        reviewer=read_value(table, "reviewer", names),
        criterion=read_value(table, "criterion", names) if long else None,
        mark=read_value(table, "mark", names) if long else None,
        status=read_optional(table, "status", names) if long else None,
        marks=read_values(table, "marks", names),
        missing=_statuses(table),
        numbers=_numbers(table),
        when=_when(table, names),
    )
    _check_leaves(table, part, names)
    table.close()
    return part


def read_reported(table: Reader, names: Names) -> ReportedPart:
    """[[reported]]: numbers in one row each, or a column for each field."""
    long = not table.has("fields")
    missing = table.texts("missing")
    part = ReportedPart(
        source=read_source(table, stops=False),
        entry=read_value(table, "entry", names),
        criterion=read_optional(table, "criterion", names),
        field=read_value(table, "field", names) if long else None,
        value=read_value(table, "value", names) if long else None,
        fields=read_values(table, "fields", names),
        missing=tuple(tidy(text) for text in missing),
        numbers=_numbers(table),
    )
    constant = part.criterion.constant if part.criterion else None
    if constant and constant not in names.criteria:
        table.note("criterion", f"{constant!r} is no criterion", f"known: {', '.join(names.criteria)}")
    _check_fields(table, part, names)
    table.close()
    return part


def _check_leaves(table: Reader, part: SheetsPart, names: Names) -> None:
    """Every leaf must be said: one that is not would count as not submitted by everybody."""
    if table.has("marks"):
        key, said = "marks", [leaf for leaf, _ in part.marks]
    elif part.criterion and part.criterion.constant:
        key, said = "criterion", [part.criterion.constant]
    else:
        return
    known = ", ".join(names.leaves)
    for leaf in said:
        if leaf not in names.leaves:
            place = f"marks.{leaf}" if key == "marks" else key
            table.note(place, "is no criterion that the panel marks", f"known: {known}")
    left = [leaf for leaf in names.leaves if leaf not in said]
    if left:
        table.note(key, f"says nothing of {', '.join(left)}", f"marks says the column of each: {known}")


def _check_fields(table: Reader, part: ReportedPart, names: Names) -> None:
    """Numbers that the rules do not use would be left aside in silence."""
    known = f"known: {', '.join(names.reported) or 'none'}"
    for name, _ in part.fields:
        if name not in names.reported:
            table.note(f"fields.{name}", "is not a field that the rules use", known)
    if table.has("fields") and not part.fields:
        table.note("fields", "names no field", known)
    constant = part.field.constant if part.field else None
    if constant and constant not in names.reported:
        table.note("field", f"{constant!r} is not a field that the rules use", known)


def _pairs(table: Reader, names: Names, *, stops: bool, value: str | None) -> PairsPart:
    part = PairsPart(
        source=read_source(table, stops=stops),
        entry=read_value(table, "entry", names),
        reviewer=read_value(table, "reviewer", names),
        value=read_value(table, value, names) if value else read_optional(table, "affinity", names),
    )
    table.close()
    return part


def _when(table: Reader, names: Names) -> tuple[str, Value] | None:
    """The time at which a sheet was written, or its place in the reviewer's order."""
    found = [(kind, value) for kind in ("time", "order") if (value := read_optional(table, kind, names))]
    if len(found) > 1:
        table.note("order", "stands beside time", "the time says the order")
    return found[0] if found else None


def _statuses(table: Reader) -> tuple[tuple[str, Status], ...]:
    inner = table.table("missing")
    if inner is None:
        return ()
    allowed = tuple(missing.value for missing in Missing)
    return tuple((tidy(text), Status[inner.choice(text, allowed).upper()]) for text in inner.data)


def _numbers(table: Reader) -> Numbers:
    grouping, decimal = read_sign(table, "grouping", ""), read_sign(table, "decimal", ".")
    if decimal == grouping:
        table.note("decimal", f"{decimal!r} and grouping {grouping!r}", "two different single signs")
    return Numbers(grouping, decimal)
