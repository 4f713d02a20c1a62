"""TOML or the canonical form to `Rules`: the shape. What contradicts itself is found by `validate` afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from .advice import advice
from .decimals import exact_text
from .errors import Problem, RulesError
from .meetings import read_meeting
from .model import MOMENTS, Group, Quota, Rules, Schedule
from .nodes import ROOT
from .parse_canonical import tables_of
from .parse_criteria import read_criteria, read_effects
from .parse_entries import read_entries
from .parse_indicators import read_constants, read_units
from .parse_panel import read_adaptive, read_conflict, read_panel
from .parse_selection import read_adjustment, read_calibration, read_caps, read_lottery, read_threshold, read_tie_break
from .parts import only_true, read_moment, read_name
from .reader import Table, open_tables, open_toml, shown
from .sight import read_sight
from .validate import contradictions
from .votes import read_vote

_ZONE = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")


def load(path: str | Path) -> Rules:
    """Rules from the file `path`. RulesError names every fault; OSError if the file cannot be read."""
    return parse(Path(path).read_bytes(), source=str(path))


def parse(text: str | bytes, source: str = "rules") -> Rules:
    """Rules from TOML text. RulesError names every fault with its line; nothing is returned half-checked."""
    return _checked(open_toml(text, source), source, contradictions, advice)


def from_canonical(data: bytes, source: str = "rules") -> Rules:
    """The rules whose canonical form is `data`. RulesError names the faults in the terms of a rules file.

    What is only advice to the author of a file is not asked again: what is read here was frozen, perhaps long ago.
    """
    rules = _checked(open_tables(tables_of(data, source), source), source, contradictions)
    if rules.canonical != data:
        problem = Problem("file", "is not the canonical form of the rules that it gives", "the bytes that were frozen")
        raise RulesError((problem,), source)
    return rules


def _checked(top: Table, source: str, *checks: Callable[[Rules], list[Problem]]) -> Rules:
    rules, problems = _rules(top), top.problems
    for check in checks:
        problems = problems or [Problem(p.key, p.what, p.allowed, top.lines.of(p.key)) for p in check(rules)]
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
        name=read_name(about, "name"),
        programme=about.text("programme") if about.has("programme") else None,
        time_zone=_time_zone(about),
        language=about.choice("language", ("ko", "en"), "ko"),
        rank_by=about.text("rank_by", ROOT),
        groups=_groups(top),
        criteria=read_criteria(top),
        missing=read_effects(missing, every=True),
        tie_breaks=tuple(read_tie_break(table) for table in top.tables("tie_break")),
        thresholds=tuple(read_threshold(table) for table in top.tables("threshold")),
        lottery=read_lottery(top),
        calibration=read_calibration(top),
        adaptive=read_adaptive(top),
        adjustments=tuple(read_adjustment(table) for table in top.tables("adjustment")),
        adjustment_caps=read_caps(top),
        panel=read_panel(top),
        conflicts=tuple(read_conflict(table) for table in top.tables("conflict")),
        schedule=_schedule(top),
        entries=read_entries(top),
        vote=read_vote(top),
        sight=read_sight(top),
        meeting=read_meeting(top),
        constants=read_constants(top),
        units=read_units(top),
    )
    about.close()
    missing.close()
    top.close()
    return rules


def _time_zone(about: Table) -> str:
    zone = about.text("time_zone")
    if zone and not _ZONE.fullmatch(zone):
        about.note("time_zone", f"{shown(zone)} is not a time zone", "an IANA name, e.g. Asia/Seoul")
    return zone


def _groups(top: Table) -> tuple[Group, ...]:
    if top.has("group") and top.has("each_group"):
        top.note("each_group", "stands beside [[group]]", "either name the groups, or give one rule for each group")
    each = top.table("each_group")
    if each is not None:
        return (_group(each, "*"),)
    groups = tuple(_group(table, None) for table in top.tables("group"))
    if not groups and not top.data.get("group"):
        top.note("group", "is missing", "[[group]] for each group, or one [each_group]")
    return groups


def _group(table: Table, identifier: str | None) -> Group:
    key = identifier or table.identifier("id")
    group = Group(
        id=key,
        name=read_name(table, "name", default=key),
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
            "best": lambda: Quota(best=only_true(inner, "best")),
        },
    )
    inner.close()
    return quota or Quota(count=1)


_QUOTA = 'a number, { count = 2 }, { share = "0.1", rounding = "up" } or { best = true }'


def _share(table: Table) -> Fraction:
    share = table.number("share", Fraction(1))
    if share is not None and not 0 < share <= 1:
        table.note("share", f"is {exact_text(share)}", "more than 0 and at most 1")
    return share or Fraction(1)


def _schedule(top: Table) -> Schedule:
    table = top.table("schedule")
    if table is None:
        return Schedule()
    moments: list[tuple[str, str]] = []
    for key in MOMENTS:
        moment = read_moment(table, key)
        if moment is not None:
            moments.append((key, moment))
    table.close()
    return Schedule(tuple(moments))
