"""TOML to `Rules`: the shape of the file. What contradicts itself is found by `validate` afterwards."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from .decimals import exact_text
from .errors import Problem, RulesError
from .model import (
    ROOT,
    Adaptive,
    Adjustment,
    CalibrationRule,
    Combine,
    CombineMethod,
    ConflictRule,
    Criterion,
    Effect,
    Factor,
    Group,
    Indicator,
    IndicatorMethod,
    Lottery,
    Missing,
    Name,
    PanelAggregate,
    PanelKind,
    PanelLimits,
    PanelMethod,
    Quota,
    Range,
    Rounding,
    RoundingMode,
    Rules,
    Scale,
    Schedule,
    Threshold,
    TieBreak,
)
from .reader import Table, open_toml, shown
from .validate import contradictions

MOMENTS = ("call", "deadline", "scoring_from", "scoring_until", "objections_until", "announcement")
_EFFECTS = ("leave_out", "no_result", "refuse")


def load(path: str | Path) -> Rules:
    """Rules from the file `path`. RulesError names every fault; OSError if the file cannot be read."""
    return parse(Path(path).read_bytes(), source=str(path))


def parse(text: str | bytes, source: str = "rules") -> Rules:
    """Rules from TOML text. RulesError names every fault with its line; nothing is returned half-checked."""
    top = open_toml(text, source)
    rules, problems = _rules(top), top.problems
    if not problems:
        problems = [Problem(p.key, p.what, p.allowed, top.lines.of(p.key)) for p in contradictions(rules)]
    if problems:
        raise RulesError(tuple(problems), source)
    return rules


def _rules(top: Table) -> Rules:
    version = top.integer("simsa_rules", least=1)
    if version != 1:
        top.note("simsa_rules", "is missing" if version is None else f"is {version}", "simsa_rules = 1")
    about = top.table("round") or Table({}, "round", top.problems, top.lines)
    missing = top.table("missing") or Table({}, "missing", top.problems, top.lines)
    rules = Rules(
        id=about.identifier("id"),
        name=_name(about, "name"),
        programme=about.text("programme") if about.has("programme") else None,
        time_zone=_time_zone(about),
        language=about.choice("language", ("ko", "en"), "ko"),
        rank_by=about.text("rank_by", ROOT),
        groups=_groups(top),
        criteria=_criteria(top),
        missing=_effects(missing, every=True),
        tie_breaks=tuple(_tie_break(table) for table in top.tables("tie_break")),
        thresholds=tuple(_threshold(table) for table in top.tables("threshold")),
        lottery=_lottery(top),
        calibration=_calibration(top),
        adaptive=_adaptive(top),
        adjustments=tuple(_adjustment(table) for table in top.tables("adjustment")),
        adjustment_caps=_caps(top),
        panel=_panel_limits(top),
        conflicts=tuple(_conflict(table) for table in top.tables("conflict")),
        schedule=_schedule(top),
    )
    about.close()
    missing.close()
    top.close()
    return rules


def _name(table: Table, key: str, default: str | None = None) -> Name:
    value = table.take(key)
    if isinstance(value, dict) and value and all(isinstance(text, str) and text for text in value.values()):
        return Name(tuple(sorted(value.items())))
    if isinstance(value, str) and value.strip():
        return Name((("", value),))
    if value is None and default is not None:
        return Name((("", default),))
    table.note(key, "is missing" if value is None else "is not a name", 'a text, or { ko = "...", en = "..." }')
    return Name((("", default or "?"),))


def _time_zone(about: Table) -> str:
    zone = about.text("time_zone")
    if zone:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            about.note("time_zone", f"{shown(zone)} is not a time zone", "an IANA name, e.g. Asia/Seoul")
    return zone


def _groups(top: Table) -> tuple[Group, ...]:
    if top.has("group") and top.has("each_group"):
        top.note("each_group", "stands beside [[group]]", "either name the groups, or give one rule for each group")
    each = top.table("each_group")
    if each is not None:
        return (_group(each, "*"),)
    groups = tuple(_group(table, None) for table in top.tables("group"))
    if not groups and not top.has("group"):
        top.note("group", "is missing", "[[group]] for each group, or one [each_group]")
    return groups


def _group(table: Table, identifier: str | None) -> Group:
    key = identifier or table.identifier("id")
    group = Group(
        id=key,
        name=_name(table, "name", default=key),
        quota=_quota(table),
        size=table.integer("size", least=1),
        award_floor=table.number("award_floor"),
        no_award=table.flag("no_award"),
        reserve=table.integer("reserve", 0) or 0,
    )
    table.close()
    return group


def _quota(table: Table) -> Quota:
    value = table.take("quota")
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"count": value}
    if not isinstance(value, dict):
        table.note("quota", "is missing" if value is None else f"is {shown(value)}", _QUOTA)
        return Quota(count=1)
    inner = Table(value, table.place("quota"), table.problems, table.lines)
    quota: Quota | None = inner.one_of(
        "",
        {
            "count": lambda: Quota(count=inner.integer("count", 1, least=0)),
            "share": lambda: Quota(
                share=_share(inner), rounding=inner.choice("rounding", ("down", "half_up", "up"), "down")
            ),
            "best": lambda: Quota(best=_only_true(inner, "best")),
        },
    )
    inner.close()
    return quota or Quota(count=1)


def _only_true(table: Table, key: str) -> bool:
    if not table.flag(key):
        table.note(key, "is not true", f"{key} = true, or leave it out")
    return True


_QUOTA = 'a number, { count = 2 }, { share = "0.1", rounding = "up" } or { best = true }'


def _share(table: Table) -> Fraction:
    share = table.number("share", Fraction(1))
    if share is not None and not 0 < share <= 1:
        table.note("share", f"is {exact_text(share)}", "more than 0 and at most 1")
    return share or Fraction(1)


def _criteria(top: Table) -> tuple[Criterion, ...]:
    tables = top.tables("criterion")
    if not tables:
        top.note("criterion", "is missing", "[[criterion]] for each node of the criteria tree")
    return tuple(_criterion(table) for table in tables)


def _criterion(table: Table) -> Criterion:
    key = table.identifier("id")
    criterion = Criterion(
        id=key,
        name=_name(table, "name", default=key),
        description=_name(table, "description") if table.has("description") else None,
        parent=None if key == ROOT else table.text("parent", ROOT),
        weight=table.number("weight", least=Fraction(0)),
        scale=_scale(table.table("scale")),
        indicator=_indicator(table.table("indicator")),
        combine=_combine(table.table("combine")),
        panel=_panel(table.table("panel")),
        factor=_factor(table),
        round=_rounding(table),
        at_least=table.number("at_least"),
        at_most=table.number("at_most"),
        missing=_own_effects(table),
    )
    table.close(known=("parent",))
    if key == ROOT and table.has("parent"):
        table.note("parent", "is given for the root", f"the node {ROOT} has no parent")
    return criterion


def _scale(table: Table | None) -> Scale | None:
    if table is None:
        return None
    low, high = table.number("min"), table.number("max")
    step = table.number("step")
    for key, value in (("min", low), ("max", high), ("step", step)):
        if value is None and not table.has(key):
            table.note(key, "is missing", "a decimal, e.g. scale = { min = 0, max = 100, step = 1 }")
    table.close()
    if low is None or high is None or step is None:
        return None
    if step <= 0:
        table.note("step", f"is {exact_text(step)}", "more than 0")
    elif high <= low:
        table.note("max", f"is {exact_text(high)}, not above min {exact_text(low)}", "max above min")
    elif (high - low) % step:
        table.note(
            "step", f"does not lead from {exact_text(low)} to {exact_text(high)}", "a step that divides max - min"
        )
    return Scale(low, high, step)


def _rounding(table: Table) -> Rounding | None:
    inner = table.table("round")
    if inner is None:
        return None
    places = inner.integer("places", least=0, most=12)
    if places is None and not inner.has("places"):
        inner.note("places", "is missing", "decimal places, e.g. round = { places = 2 }")
    mode: RoundingMode = inner.choice("mode", get_args(RoundingMode), "half_up")
    inner.close()
    return Rounding(places or 0, mode)


def _combine(table: Table | None) -> Combine | None:
    if table is None:
        return None
    method: CombineMethod = table.choice("method", get_args(CombineMethod))
    total = table.number("weights_sum", Fraction(1)) or Fraction(0)
    if total <= 0:
        table.note("weights_sum", f"is {exact_text(total)}", "more than 0")
    combine = Combine(method, total, _rounding(table))
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
        round=_rounding(table),
    )
    table.close()
    return aggregate


def _indicator(table: Table | None) -> Indicator | None:
    if table is None:
        return None
    method: IndicatorMethod = table.choice("method", get_args(IndicatorMethod))
    points = table.table("points")
    ranked, linear = method == "rank", method == "linear"
    indicator = Indicator(
        method=method,
        field=table.text("field"),
        better=table.choice("better", ("higher", "lower"), "higher") if ranked else "higher",
        within=table.choice("within", ("group", "round"), "group") if ranked else "group",
        ties=table.choice("ties", ("mean", "best"), "mean") if ranked else "mean",
        points_min=(points.number("min", Fraction(0)) if points else None) or Fraction(0),
        points_max=_or(points.number("max", Fraction(100)) if points else None, Fraction(100)),
        worst=table.number("worst") if linear else None,
        best=table.number("best") if linear else None,
    )
    if points:
        points.close()
    table.close()
    if linear and (indicator.worst is None or indicator.best is None or indicator.worst == indicator.best):
        table.note("best", "and worst do not make a line", "two different numbers, worst and best")
    return indicator


def _or(value: Fraction | None, default: Fraction) -> Fraction:
    return default if value is None else value


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
    effects = _effects(inner, every=False)
    inner.close()
    return effects


def _effects(table: Table, *, every: bool) -> tuple[tuple[Missing, Effect], ...]:
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


def _tie_break(table: Table) -> TieBreak:
    if table.has("lot"):
        step = TieBreak(lot=_only_true(table, "lot"))
    else:
        step = TieBreak(
            criterion=table.text("criterion"),
            prefer=table.choice("prefer", ("higher", "lower"), "higher"),
            exact=table.flag("exact"),
        )
    table.close(known=() if step.lot else ("lot",))
    return step


def _threshold(table: Table) -> Threshold:
    least = table.number("at_least")
    if least is None and not table.has("at_least"):
        table.note("at_least", "is missing", "the lowest value that may still be selected")
    threshold = Threshold(table.text("criterion", ROOT), least or Fraction(0), table.texts("groups"))
    table.close()
    return threshold


def _lottery(top: Table) -> Lottery | None:
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


def _calibration(top: Table) -> CalibrationRule:
    table = top.table("calibration")
    if table is None:
        return CalibrationRule()
    official = table.flag("official")
    rule = CalibrationRule(
        official=official,
        reviewers=table.choice("reviewers", ("own", "alike"), "own"),
        digits=table.integer("digits", 4, least=2, most=12) or 4,
        round=_rounding(table),
    )
    if official and not table.has("round"):
        table.note("round", "is missing", "the official score's places, e.g. round = { places = 2 }")
    elif rule.round is not None and not official:
        table.note("round", "has no effect", "official = true, or remove it")
    table.close()
    return rule


def _adaptive(top: Table) -> Adaptive | None:
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
    return None if share is None else Adaptive(share, batches or 3, most, _or(gain, Fraction(0)))


def _adjustment(table: Table) -> Adjustment:
    key = table.identifier("id")
    each = table.number("each", Fraction(1), least=Fraction(0))
    adjustment = Adjustment(
        id=key,
        name=_name(table, "name", default=key),
        kind=table.choice("kind", ("deduction", "bonus")),
        criterion=table.text("criterion", ROOT),
        field=table.text("field", key),
        each=_or(each, Fraction(1)),
        cap=table.number("cap", least=Fraction(0)),
        missing=table.choice("missing", ("none", "refuse"), "refuse"),
        round=_rounding(table),
    )
    table.close()
    return adjustment


def _caps(top: Table) -> tuple[tuple[str, Fraction], ...]:
    table = top.table("adjustment_caps")
    if table is None:
        return ()
    caps = [(kind, table.number(kind, least=Fraction(0))) for kind in ("bonus", "deduction")]
    table.close()
    return tuple((kind, cap) for kind, cap in caps if cap is not None)


def _panel_limits(top: Table) -> PanelLimits:
    table = top.table("panel")
    if table is None:
        return PanelLimits()
    limits = PanelLimits(
        _range(table, "size"),
        _range(table, "sheets_per_entry"),
        _range(table, "load"),
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
        name=_name(table, "name", default=key),
        reviewer=table.text("reviewer"),
        per_entry=_range(table, "per_entry"),
        values=tuple(sorted(set(values))),
    )
    if kind.per_entry == Range():
        table.note("per_entry", "sets no limit", "a number, { min = 1 }, { max = 1 } or both")
    table.close()
    return kind


def _range(table: Table, key: str) -> Range:
    value = table.data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        exactly = table.integer(key)
        return Range(exactly, exactly)
    inner = table.table(key)
    if inner is None:
        return Range()
    limits = Range(inner.integer("min"), inner.integer("max"))
    inner.close()
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        inner.note("min", f"is {limits.min}, above max {limits.max}", "min at most max")
    return limits


def _conflict(table: Table) -> ConflictRule:
    key = table.identifier("id")
    kind: Literal["same", "declared"] = table.choice("kind", ("same", "declared"))
    rule = ConflictRule(
        id=key,
        name=_name(table, "name", default=key),
        kind=kind,
        reviewer=table.text("reviewer") if kind == "same" else None,
        entrant=table.text("entrant") if kind == "same" else None,
    )
    table.close()
    return rule


def _schedule(top: Table) -> Schedule:
    table = top.table("schedule")
    if table is None:
        return Schedule()
    moments: list[tuple[str, str]] = []
    for key in MOMENTS:
        value = table.take(key)
        if isinstance(value, datetime) and value.tzinfo is None:
            moments.append((key, value.isoformat(timespec="seconds")))
        elif value is not None:
            table.note(key, f"is {shown(value)}", "a local date and time in the round's zone: 2023-07-01T18:00:00")
    table.close()
    for (before, first), (after, second) in pairwise(moments):
        if first > second:
            table.note(after, f"is before {before}", f"the order is {', '.join(MOMENTS)}")
    return Schedule(tuple(moments))
