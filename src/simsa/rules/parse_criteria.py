"""TOML to the criteria tree, and to what missing values do."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

from .decimals import exact_text
from .nodes import ROOT, Combine, CombineMethod, Criterion, Effect, Factor, Missing, PanelAggregate, PanelMethod
from .parse_indicators import read_indicator
from .parse_scales import read_marks
from .parts import read_name, read_rounding
from .reader import Table, shown

_EFFECTS = ("leave_out", "no_result", "refuse")


def read_criteria(top: Table) -> tuple[Criterion, ...]:
    tables = top.tables("criterion")
    if not tables:
        top.note("criterion", "is missing", "[[criterion]] for each node of the criteria tree")
    return tuple(_criterion(table) for table in tables)


def _criterion(table: Table) -> Criterion:
    key = table.identifier("id")
    criterion = Criterion(
        id=key,
        name=read_name(table, "name", default=key),
        description=read_name(table, "description") if table.has("description") else None,
        parent=None if key == ROOT else table.text("parent", ROOT),
        weight=table.number("weight", least=Fraction(0)),
        scale=read_marks(table.table("scale")),
        indicator=read_indicator(table.table("indicator")),
        combine=_combine(table.table("combine")),
        panel=_panel(table.table("panel")),
        factor=_factor(table),
        round=read_rounding(table),
        at_least=table.number("at_least"),
        at_most=table.number("at_most"),
        missing=_own_effects(table),
    )
    table.close(known=("parent",))
    if key == ROOT and table.has("parent"):
        table.note("parent", "is given for the root", f"the node {ROOT} has no parent")
    return criterion


def _combine(table: Table | None) -> Combine | None:
    if table is None:
        return None
    method: CombineMethod = table.choice("method", get_args(CombineMethod))
    total = table.number("weights_sum", Fraction(1)) or Fraction(0)
    if total <= 0:
        table.note("weights_sum", f"is {exact_text(total)}", "more than 0")
    combine = Combine(method, total, read_rounding(table))
    table.close()
    return combine


def _panel(table: Table | None) -> PanelAggregate | None:
    if table is None:
        return None
    method: PanelMethod = table.choice("method", get_args(PanelMethod))
    trimmed, consensus = method == "trimmed_mean", method == "consensus"
    high = table.integer("drop_high", 0) or 0 if trimmed else 0
    low = table.integer("drop_low", 0) or 0 if trimmed else 0
    aggregate = PanelAggregate(
        method=method,
        drop_high=high,
        drop_low=low,
        ties=table.choice("ties", ("one", "all"), "one") if trimmed else "one",
        minimum=table.integer("minimum", high + low + 1, least=1) or 1,
        below_minimum=table.choice("below_minimum", ("no_result", "mean", "median", "refuse"), "no_result"),
        spread=(table.number("spread", Fraction(0), least=Fraction(0)) or Fraction(0)) if consensus else Fraction(0),
        otherwise=table.choice("otherwise", ("no_result", "mean", "median", "refuse"), "no_result")
        if consensus
        else "no_result",
        round=read_rounding(table),
    )
    table.close()
    return aggregate


def _factor(table: Table) -> Factor | None:
    if not isinstance(table.data.get("factor"), dict):
        value = table.number("factor")
        return None if value is None else Factor(value=value)
    inner = table.table("factor")
    assert inner is not None

    def by_group() -> Factor:
        groups = inner.table("by_group")
        assert groups is not None
        pairs = [(key, groups.exact(key, value)) for key, value in sorted(groups.data.items())]
        if not pairs:
            groups.note("", "names no group", "a factor for each group")
        return Factor(by_group=tuple((key, value) for key, value in pairs if value is not None))

    def by_field() -> Factor:
        allowed = inner.take("allowed") or []
        if not isinstance(allowed, list):
            inner.note("allowed", "is not a list", 'the factors that may be reported, e.g. ["0.8", "1.6"]')
            allowed = []
        values = [inner.exact("allowed", value) for value in allowed]
        return Factor(field=inner.text("field"), allowed=tuple(sorted(v for v in values if v is not None)))

    factor: Factor | None = inner.one_of("", {"by_group": by_group, "field": by_field})
    inner.close()
    return factor


def _own_effects(table: Table) -> tuple[tuple[Missing, Effect], ...]:
    inner = table.table("missing")
    if inner is None:
        return ()
    effects = read_effects(inner, every=False)
    inner.close()
    return effects


def read_effects(table: Table, *, every: bool) -> tuple[tuple[Missing, Effect], ...]:
    found: list[tuple[Missing, Effect]] = []
    allowed = f'one of {", ".join(_EFFECTS)}, or {{ value = "0" }} where a number is really meant'
    for why in Missing:
        value = table.take(why.value)
        if value in _EFFECTS:
            found.append((why, Effect(value)))
        elif isinstance(value, dict) and set(value) == {"value"}:
            number = table.exact(why.value, value["value"])
            found.append((why, Effect("value", number if number is not None else Fraction(0))))
        elif value is not None or every:
            table.note(why.value, "is missing" if value is None else f"is {shown(value)}", allowed)
            found.append((why, Effect("refuse")))
    return tuple(found)
