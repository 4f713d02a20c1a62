"""Why limits cannot all be met, and what would help: by the engine's cores and fixes, with the names of the round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simsa.engine.assignment import (
    Assignment,
    FewerSlots,
    Fix,
    Infeasibility,
    LiftConflicts,
    LowerLeast,
    MoreSlots,
    RelaxKinds,
    advise,
)
from simsa.engine.loads import TooFew, too_few
from simsa.tables.figures import coverage_of

from .listing import NAMED, SHOWN, counted, listed, more
from .posing import Posed, Report

_CHANGES = {
    MoreSlots: ("more_slots", "raise the load of"),
    FewerSlots: ("fewer_slots", "lower the coverage of"),
    LowerLeast: ("lower_least", "lower the least load of"),
}


@dataclass(frozen=True)
class Help:
    """What is known of limits that are not met; empty where they are.

    Attributes:
        groups: entries and reviewers that cannot be satisfied together, each as small as was found.
        parts: for each whether it is only a part of a larger group.
        fixes: changes that would help, each by itself.
        few: what would help if all loads together are too few.
    """

    groups: tuple[Infeasibility, ...] = ()
    parts: tuple[bool, ...] = ()
    fixes: tuple[Fix, ...] = ()
    few: TooFew | None = None

    @classmethod
    def of(cls, posed: Posed, solved: Assignment, report: Report) -> Help:
        """For this assignment; `report` is told what is sought."""
        if solved.complete:
            return cls()
        few = too_few(coverage_of(solved), posed.most)
        if posed.partial:
            return cls(few=few)  # of the pairs that were not held nothing is known
        groups, found = solved.infeasibility, advise(posed.problem, solved, progress=report)
        cores = tuple(core.reason for core in found.cores)
        parts = tuple(core.missing < group.missing for core, group in zip(cores, groups, strict=True))
        return cls(cores, parts, found.fixes, few)

    def lines(self, posed: Posed, solved: Assignment) -> list[str]:
        """In words: reasons, then what would help."""
        why = [_why(posed, group, part) for group, part in zip(self.groups, self.parts, strict=True)]
        return [
            *why[:SHOWN],
            *more(len(why), "groups cannot be satisfied"),
            *(f"what would help: {advice}" for advice in self.advice(posed, solved)),
        ]

    def advice(self, posed: Posed, solved: Assignment) -> list[str]:
        """What would help, in words."""
        if solved.complete:
            return []
        found = [_few(self.few, by_rules=posed.rules_hash is not None)] if self.few else []
        if not self.few and (bare := _bare(self.groups)) is not None:
            lower = "sheets_per_entry" if posed.rules_hash is not None else "--coverage"
            fix = ", or ".join(["give these entries more reviewers", *([f"lower {lower} to {bare}"] if bare else [])])
            found.append(f"some entries have fewer possible reviewers (from {bare}) than they need: {fix}")
        return [*found, *(_fix(posed, fix) for fix in self.fixes)]

    def as_json(self, posed: Posed) -> dict[str, Any]:
        """For `--json`."""
        return {
            "reasons": [
                {
                    "entries": [posed.entries[int(e)] for e in group.entries],
                    "reviewers": [posed.reviewers[int(r)] for r in group.reviewers],
                    "kinds": [posed.kind_names[int(g)] for g in group.groups],
                    "needed": group.needed,
                    "available": group.available,
                    "part": part,
                }
                for group, part in zip(self.groups, self.parts, strict=True)
            ],
            "too_few": asdict(self.few) if self.few else None,
            "fixes": [_fix_json(posed, fix) for fix in self.fixes],
        }


def _few(few: TooFew, *, by_rules: bool) -> str:
    most, coverage = ("[panel] load", "sheets_per_entry") if by_rules else ("--most", "--coverage")
    ways = [f"raise {most} to {few.most} or more"]
    if few.reviewers is not None:
        ways.append(f"add {few.reviewers} or more reviewers")
    if few.coverage:
        ways.append(f"lower {coverage} to {few.coverage}")
    return f"all loads together are {few.offered} slots and {few.needed} are needed: {', or '.join(ways)}"


def _bare(groups: Sequence[Infeasibility]) -> int | None:
    """The fewest reviewers of a group, if every pair of every group is in use: only more pairs would help then."""
    bare = [
        len(group.reviewers)
        for group in groups
        if group.kind == "coverage"
        and not len(group.groups)
        and group.available == len(group.entries) * len(group.reviewers)
    ]
    return min(bare) if bare and len(bare) == len(groups) else None


def _why(posed: Posed, group: Infeasibility, part: bool) -> str:
    entries = listed([posed.entries[int(e)] for e in group.entries[:NAMED]], len(group.entries))
    reviewers = listed([posed.reviewers[int(r)] for r in group.reviewers[:NAMED]], len(group.reviewers))
    needed, available = group.needed, group.available
    within = ""
    if len(group.groups):
        kinds = listed([posed.kind_names[int(g)] for g in group.groups[:NAMED]], len(group.groups))
        within = f" within the kinds {kinds}"
    start = "why, among others" if part else "why"
    if group.kind == "coverage":
        who = reviewers or "without conflict (none)"
        return (
            f"{start}: the entries {entries} need {needed} slots, and the reviewers {who} can give {available}{within}"
        )
    who = entries or "that they may take (none)"
    return (
        f"{start}: the reviewers {reviewers} must take {needed} slots, and the entries {who} have {available}{within}"
    )


def _fix(posed: Posed, fix: Fix) -> str:
    left = f"; {fix.missing} would still be missing" if fix.missing else ""
    if isinstance(fix, LiftConflicts):
        pairs = [f"{posed.entries[e]}–{posed.reviewers[r]}" for e, r in fix.pairs[:NAMED].tolist()]
        return f"lift {counted(fix.count, 'conflict')}: {listed(pairs, len(fix.pairs))}{left}"
    if isinstance(fix, RelaxKinds):
        whom = [
            f"{posed.entries[e]} {posed.kind_names[g]} {by} {how}"
            for how, rows in (("fewer", fix.least), ("more", fix.most))
            for e, g, by in rows.tolist()
        ]
        return f"relax {counted(fix.count, 'limit')} of kinds: {listed(whom[:NAMED])}{left}"
    _, verb = _CHANGES[type(fix)]
    ids = posed.entries if isinstance(fix, FewerSlots) else posed.reviewers
    whom = [f"{ids[who]} by {slots}" for who, slots in fix.slots[:NAMED].tolist()]
    kept = [f"{entry} {kind} by {by}" for entry, kind, by in _of_kinds(posed, fix)]
    kinds = f", and of the kinds that their seats are kept for {listed(kept)}" if kept else ""
    return f"{verb} {listed(whom, len(fix.slots))} ({counted(fix.count, 'slot')}){kinds}{left}"


def _of_kinds(posed: Posed, fix: Fix) -> list[list[Any]]:
    """Entry, kind and number of the limits of kinds that a fix of coverages lowers too."""
    rows = fix.kinds.tolist() if isinstance(fix, FewerSlots) else []
    return [[posed.entries[entry], posed.kind_names[group], by] for entry, group, by in rows]


def _fix_json(posed: Posed, fix: Fix) -> dict[str, Any]:
    known = {"missing_then": fix.missing, "changes": fix.count, "fewest": fix.fewest}
    if isinstance(fix, LiftConflicts):
        pairs = [[posed.entries[e], posed.reviewers[r]] for e, r in fix.pairs.tolist()]
        return {"fix": "lift_conflicts", "pairs": pairs, **known}
    if isinstance(fix, RelaxKinds):
        limits = {
            name: [[posed.entries[e], posed.kind_names[g], by] for e, g, by in rows.tolist()]
            for name, rows in (("least", fix.least), ("most", fix.most))
        }
        return {"fix": "relax_kinds", **limits, **known}
    name, _ = _CHANGES[type(fix)]
    ids = posed.entries if isinstance(fix, FewerSlots) else posed.reviewers
    kinds = {"kinds": _of_kinds(posed, fix)} if isinstance(fix, FewerSlots) else {}
    return {"fix": name, "slots": [[ids[who], slots] for who, slots in fix.slots.tolist()], **kinds, **known}
