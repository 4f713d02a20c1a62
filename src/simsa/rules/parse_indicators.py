"""TOML to what is computed from reported numbers: indicators, formulas, the constants in them, and units."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, get_args

from .decimals import exact_text
from .formulas import FUNCTIONS, LONGEST, WORD, FormulaError, formula_text, parse_formula
from .nodes import Counted, Indicator, IndicatorMethod, Step
from .parts import or_else, read_rounding
from .reader import Table, shown


def read_indicator(table: Table | None) -> Indicator | None:
    if table is None:
        return None
    method: IndicatorMethod = table.choice("method", get_args(IndicatorMethod))
    field, formula = _source(table, method)
    stepped = method == "step" or (method == "percentile" and table.has("steps"))
    low, high = (Fraction(0), Fraction(100)) if stepped or method == "formula" else _points(table)
    own: dict[str, Any] = {
        "rank": _rank,
        "percentile": _percentile,
        "linear": _linear,
        "target": _target,
    }.get(method, lambda _: {})(table)
    indicator = Indicator(
        method=method,
        field=field,
        formula=formula,
        points_min=low,
        points_max=high,
        round=read_rounding(table),
        **own,
        **(_steps(table) if stepped else {}),
    )
    table.close()
    return indicator


def read_formula(table: Table) -> str | None:
    """The formula of a table in its one spelling; None where there is none, or none that can be read."""
    text = table.text("formula")
    try:
        spelling = formula_text(parse_formula(text)) if text else None
        if spelling is not None and len(spelling) > LONGEST:
            raise FormulaError(f"has {len(spelling)} characters with a space around each sign, at most {LONGEST}")
    except FormulaError as error:
        table.note("formula", str(error), 'numbers, fields and constants, e.g. "round(spent / planned * 100, 2)"')
        return None
    return spelling


def read_constants(top: Table) -> tuple[tuple[str, Fraction], ...]:
    table = top.table("constants")
    if table is None:
        return ()
    found = [(name, table.exact(name, value)) for name, value in sorted(table.data.items())]
    for name, _ in found:
        if not WORD.fullmatch(name) or name in FUNCTIONS:
            table.note(name, f"{shown(name)} is no name of a constant", "letters, digits and '_', no digit first")
    return tuple((name, number) for name, number in found if number is not None)


def read_units(top: Table) -> tuple[tuple[str, str], ...]:
    table = top.table("units")
    return () if table is None else tuple((field, table.text(field)) for field in sorted(table.data))


def _source(table: Table, method: str) -> tuple[str | None, str | None]:
    if method == "formula" or (method != "reported" and table.has("formula") and not table.has("field")):
        return None, read_formula(table)
    if table.has("formula"):
        table.take("formula")
        if not table.has("field"):
            table.note("formula", "is not reported", 'method = "formula", or the field whose number is the score')
            return None, None
        table.note("formula", "stands beside field", "one of the two")
    return table.text("field"), None


def _points(table: Table) -> tuple[Fraction, Fraction]:
    points = table.table("points")
    if points is None:
        return Fraction(0), Fraction(100)
    low, high = points.number("min"), points.number("max")
    points.close()
    return or_else(low, Fraction(0)), or_else(high, Fraction(100))


def _rank(table: Table) -> dict[str, Any]:
    return {**_compared(table), "ties": table.choice("ties", ("mean", "best"), "mean")}


def _percentile(table: Table) -> dict[str, Any]:
    return {**_compared(table), "counts": table.choice("counts", get_args(Counted))}


def _compared(table: Table) -> dict[str, Any]:
    return {
        "better": table.choice("better", ("higher", "lower"), "higher"),
        "within": table.choice("within", ("group", "round"), "group"),
    }


def _linear(table: Table) -> dict[str, Any]:
    worst, best = table.number("worst"), table.number("best")
    if worst is None or best is None or worst == best:
        table.note("best", "and worst do not make a line", "two different numbers, worst and best")
    return {"worst": worst, "best": best}


def _target(table: Table) -> dict[str, Any]:
    target, cap = table.number("target"), table.number("cap", Fraction(1))
    if target is None and not table.has("target"):
        table.note("target", "is missing", "the number that gives full points")
    elif target is not None and target <= 0:
        table.note("target", f"is {exact_text(target)}", "more than 0: points are the share of it that is reached")
    if cap is not None and cap < 1:
        table.note("cap", f"is {exact_text(cap)}", "at least 1, where more than the target gives no more points")
    return {
        "target": target,
        "cap": or_else(cap, Fraction(1)),
        "better": table.choice("better", ("higher", "lower"), "higher"),
    }


def _steps(table: Table) -> dict[str, Any]:
    rows = table.tables("steps")
    steps: list[Step] = []
    for row in rows:
        for key in ("at", "points"):
            if not row.has(key):
                row.note(key, "is missing", "a number, e.g. { at = 90, points = 5 }")
        at, points = row.number("at"), row.number("points")
        row.close()
        if at is not None and points is not None:
            steps.append(Step(at, points))
    if not rows:
        table.note("steps", "has none", "e.g. steps = [{ at = 80, points = 4 }, { at = 90, points = 5 }]")
    elif any(one.at >= other.at for one, other in pairwise(steps)):
        table.note("steps", "are not in order", "each at above the one before it")
    return {
        "steps": tuple(steps),
        "boundary": table.choice("boundary", ("above", "below")),
        "base": or_else(table.number("base"), Fraction(0)),
    }
