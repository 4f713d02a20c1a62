"""TOML to the panel: its limits, kinds of reviewers, conflicts, and reviews that are held back."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from .decimals import exact_text
from .model import Adaptive, ConflictRule, PanelKind, PanelLimits
from .nodes import Range
from .parts import or_else, read_name, read_range
from .reader import Table


def read_panel(top: Table) -> PanelLimits:
    table = top.table("panel")
    if table is None:
        return PanelLimits()
    limits = PanelLimits(
        read_range(table, "size"),
        read_range(table, "sheets_per_entry"),
        read_range(table, "load"),
        tuple(_panel_kind(kind) for kind in table.tables("kind")),
    )
    table.close()
    return limits


def _panel_kind(table: Table) -> PanelKind:
    key = table.identifier("id")
    values = table.texts("values")
    if table.data.get("values") == []:
        table.note("values", "names none", "the values of the field, or leave it out: each value is a kind then")
    kind = PanelKind(
        id=key,
        name=read_name(table, "name", default=key),
        reviewer=table.text("reviewer"),
        per_entry=read_range(table, "per_entry"),
        values=tuple(sorted(set(values))),
    )
    if kind.per_entry == Range():
        table.note("per_entry", "sets no limit", "a number, { min = 1 }, { max = 1 } or both")
    table.close()
    return kind


def read_conflict(table: Table) -> ConflictRule:
    key = table.identifier("id")
    kind: Literal["same", "declared"] = table.choice("kind", ("same", "declared"))
    rule = ConflictRule(
        id=key,
        name=read_name(table, "name", default=key),
        kind=kind,
        reviewer=table.text("reviewer") if kind == "same" else None,
        entrant=table.text("entrant") if kind == "same" else None,
    )
    table.close()
    return rule


def read_adaptive(top: Table) -> Adaptive | None:
    table = top.table("adaptive")
    if table is None:
        return None
    share = table.number("held_back")
    if share is None and not table.has("held_back"):
        table.note("held_back", "is missing", 'the share of all reviews that is held back, e.g. "0.6"')
    elif share is not None and not 0 < share < 1:
        table.note("held_back", f"is {exact_text(share)}", "more than 0 and less than 1")
    batches = table.integer("batches", 3, least=1, most=20)
    most = table.integer("most_per_entry", least=1)
    gain = table.number("least_gain", Fraction(0), least=Fraction(0))
    table.close()
    return None if share is None else Adaptive(share, batches or 3, most, or_else(gain, Fraction(0)))
