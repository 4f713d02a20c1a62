"""TOML to what makes the ranks and fills the places: tie-breaks, thresholds, lots, calibration, adjustments."""

from __future__ import annotations

from fractions import Fraction

from .decimals import exact_text
from .model import Adjustment, CalibrationRule, Lottery, Threshold, TieBreak
from .nodes import ROOT
from .parse_indicators import read_formula
from .parts import only_true, or_else, read_name, read_rounding
from .reader import Table


def read_tie_break(table: Table) -> TieBreak:
    if table.has("lot"):
        step = TieBreak(lot=only_true(table, "lot"))
    else:
        step = TieBreak(
            criterion=table.text("criterion"),
            prefer=table.choice("prefer", ("higher", "lower"), "higher"),
            exact=table.flag("exact"),
        )
    table.close(known=() if step.lot else ("lot",))
    return step


def read_threshold(table: Table) -> Threshold:
    least = table.number("at_least")
    if least is None and not table.has("at_least"):
        table.note("at_least", "is missing", "the lowest value that may still be selected")
    threshold = Threshold(table.text("criterion", ROOT), least or Fraction(0), table.texts("groups"))
    table.close()
    return threshold


def read_lottery(top: Table) -> Lottery | None:
    table = top.table("lottery")
    if table is None:
        return None
    confidence = table.number("confidence")
    if confidence is None and not table.has("confidence"):
        table.note("confidence", "is missing", 'how sure the tie zone is to hold every doubt, e.g. "0.9"')
    elif confidence is not None and not Fraction(1, 2) <= confidence < 1:
        table.note("confidence", f"is {exact_text(confidence)}", "from 0.5 to less than 1")
    draws = table.integer("draws", 4000, least=1000, most=1_000_000)
    table.close()
    return None if confidence is None else Lottery(confidence, draws or 4000)


def read_calibration(top: Table) -> CalibrationRule:
    table = top.table("calibration")
    if table is None:
        return CalibrationRule()
    official = table.flag("official")
    rule = CalibrationRule(
        official=official,
        reviewers=table.choice("reviewers", ("own", "alike"), "own"),
        digits=table.integer("digits", 4, least=2, most=12) or 4,
        round=read_rounding(table),
    )
    if official and not table.has("round"):
        table.note("round", "is missing", "the official score's places, e.g. round = { places = 2 }")
    elif rule.round is not None and not official:
        table.note("round", "has no effect", "official = true, or remove it")
    table.close()
    return rule


def read_adjustment(table: Table) -> Adjustment:
    key = table.identifier("id")
    each = table.number("each", Fraction(1), least=Fraction(0))
    formula = read_formula(table) if table.has("formula") else None
    if table.has("formula") and table.has("field"):
        table.note("formula", "stands beside field", "one of the two")
    adjustment = Adjustment(
        id=key,
        name=read_name(table, "name", default=key),
        kind=table.choice("kind", ("deduction", "bonus")),
        criterion=table.text("criterion", ROOT),
        field=None if formula is not None else table.text("field", key),
        formula=formula,
        each=or_else(each, Fraction(1)),
        cap=table.number("cap", least=Fraction(0)),
        missing=table.choice("missing", ("none", "refuse"), "refuse"),
        round=read_rounding(table),
    )
    table.close()
    return adjustment


def read_caps(top: Table) -> tuple[tuple[str, Fraction], ...]:
    table = top.table("adjustment_caps")
    if table is None:
        return ()
    caps = [(kind, table.number(kind, least=Fraction(0))) for kind in ("bonus", "deduction")]
    table.close()
    return tuple((kind, cap) for kind, cap in caps if cap is not None)
