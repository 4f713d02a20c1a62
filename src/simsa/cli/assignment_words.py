"""What `simsa assign` says: sentences and tables for people, one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from simsa.engine.assignment import Assignment, FairAssignment, Infeasibility, Repair
from simsa.engine.loads import TooFew, too_few
from simsa.rules import exact_text
from simsa.tables.affinities import SHAPES, Scores
from simsa.tables.figures import Figures, Spread, coverage_of
from simsa.tables.pictures import affinity_bars, load_bars

from .output import notes, words

_NAMED = 8
_SHOWN = 20
_BAR = 40


@dataclass(frozen=True)
class Changes:
    """What an earlier assignment lost and gained; `gone` of its pairs name somebody who is no longer there."""

    repaired: Repair
    gone: int

    def as_json(self, entries: Sequence[str], reviewers: Sequence[str]) -> dict[str, Any]:
        """The pairs by their ids."""
        repaired = self.repaired
        parts = {name: getattr(repaired, name) for name in ("released", "dropped", "added")}
        return {
            "kept": len(repaired.kept),
            "gone": self.gone,
            **{name: [[entries[int(e)], reviewers[int(r)]] for e, r in pairs] for name, pairs in parts.items()},
            "minimal": repaired.minimal,
            "share_of_best_total": exact_text(repaired.share) if repaired.share is not None else None,
        }

    def lines(self) -> list[str]:
        """In words."""
        repaired = self.repaired
        left = self.gone + len(repaired.released)
        before = left + len(repaired.kept) + len(repaired.dropped)
        lines = [
            f"of {before:,} pairs before {len(repaired.kept):,} stay; {left:,} cannot, {len(repaired.dropped):,} more "
            f"are given up, {len(repaired.added):,} are new"
        ]
        if repaired.minimal:
            lines.append("Proven: no assignment that fills as many slots keeps more of the pairs before.")
        if repaired.share is not None:
            lines.append(f"its total is {float(repaired.share):.4%} of what an assignment made anew would have")
        return lines


@dataclass(frozen=True)
class Outcome:
    """An assignment with all that is said of it.

    `scores` is None without affinities, `rules_hash` without rules, `changes` without an earlier assignment, `fair`
    where the total comes first.
    """

    solved: Assignment
    entries: tuple[str, ...]
    reviewers: tuple[str, ...]
    figures: Figures
    most: NDArray[np.int64]
    scores: Scores | None
    defaults: tuple[str, ...]
    rules_hash: str | None
    changes: Changes | None = None
    fair: FairAssignment | None = None

    @property
    def proof(self) -> str:
        """In one sentence, what is proven."""
        return fair_words(self.fair) if self.fair else proof_words(self.solved, changed=self.changes is not None)

    @property
    def help(self) -> TooFew | None:
        """What would help if all loads together are too few."""
        return too_few(coverage_of(self.solved), self.most)

    def as_json(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        solved, figures = self.solved, self.figures
        given = {} if self.rules_hash is None else {"rules_hash": self.rules_hash}
        return {
            **given,
            "source": self.scores.source if self.scores else None,
            "shape": self.scores.shape if self.scores else None,
            "notes": list(self.scores.notes if self.scores else ()),
            "defaults": list(self.defaults),
            "slots": len(solved.entry),
            "total_affinity": exact_text(solved.total),
            "optimal": bool(solved.certificate.optimal),
            "proof": self.proof,
            **({"worst_off": _fair_json(self.fair)} if self.fair else {}),
            "scale": solved.scale,
            "load": {"least": int(figures.load.least), "most": int(figures.load.most)},
            "complete": solved.complete,
            "short": [{"entry": self.entries[int(e)], "missing": int(n)} for e, n in solved.short],
            "below_least_load": [{"reviewer": self.reviewers[int(r)], "missing": int(n)} for r, n in solved.under],
            "reasons": [self._reason(group) for group in solved.infeasibility],
            "help": advice_words(self),
            **({"changes": self.changes.as_json(self.entries, self.reviewers)} if self.changes else {}),
            "figures": figures.as_json(),
            "solver": solved.solver,
        }

    def _reason(self, group: Infeasibility) -> dict[str, Any]:
        return {
            "entries": [self.entries[int(e)] for e in group.entries],
            "reviewers": [self.reviewers[int(r)] for r in group.reviewers],
            "needed": group.needed,
            "available": group.available,
        }


def say_outcome(outcome: Outcome, *, aside: bool) -> None:
    """Tell people what came out; `aside` keeps standard output free for the table."""
    console = notes if aside else words
    for line in (*_input_lines(outcome), *_result_lines(outcome), *_short_lines(outcome)):
        console.print(escape(line))
    figures = outcome.figures
    if figures.worst:
        console.print(_worst_grid(figures))
    _histogram(console, "reviewers by load", load_bars(figures))
    _histogram(console, "entries by affinity, from ...", affinity_bars(figures))


def proof_words(solved: Assignment, *, changed: bool = False) -> str:
    """In one sentence, what the certificate proves."""
    if not solved.certificate.optimal:
        return "NOT proven optimal: the prices of entries and reviewers do not add up to the total."
    how = "prices of entries and reviewers, which anyone can add up, come to the same total"
    if changed:
        return f"Proven optimal: of all that change as little, none has a greater total affinity ({how})."
    if solved.complete:
        return f"Proven optimal: no assignment within these limits has a greater total affinity ({how})."
    return f"Proven optimal: none fills more slots, and none that fills as many has a greater total affinity ({how})."


def fair_words(fair: FairAssignment) -> str:
    """In one sentence, how well off the worst-off entry is, and what that costs."""
    scale = fair.assignment.scale
    worst, bound = fair.worst / scale, fair.bound / scale
    cost = f"the total is {float(fair.kept):.4%} of the greatest"
    if not fair.gap:
        return f"Proven: no assignment leaves the worst-off entry with more than {worst:.6g}; {cost}."
    return f"The worst-off entry has {worst:.6g}; proven: none can give it more than {bound:.6g}; {cost}."


def _fair_json(fair: FairAssignment) -> dict[str, Any]:
    scale = fair.assignment.scale
    return {
        "worst": exact_text(Fraction(fair.worst, scale)),
        "bound": exact_text(Fraction(fair.bound, scale)),
        "share_of_greatest_total": exact_text(fair.kept),
        "not_counted": len(fair.excluded),
    }


def advice_words(outcome: Outcome) -> list[str]:
    """What would fix an assignment that is not complete."""
    if outcome.solved.complete:
        return []
    help_ = outcome.help
    by_rules = outcome.rules_hash is not None
    if help_ is not None:
        most, coverage = ("[panel] load", "sheets_per_entry") if by_rules else ("--most", "--coverage")
        ways = [f"raise {most} to {help_.most} or more"]
        if help_.reviewers is not None:
            ways.append(f"add {help_.reviewers} or more reviewers")
        if help_.coverage:
            ways.append(f"lower {coverage} to {help_.coverage}")
        return [f"all loads together are {help_.offered} slots and {help_.needed} are needed: {', or '.join(ways)}"]
    missing = sum(group.needed - group.available for group in outcome.solved.infeasibility)
    advice = []
    bare = [group for group in outcome.solved.infeasibility if _is_bare(group)]
    if len(bare) == len(outcome.solved.infeasibility):
        fewest = min(len(group.reviewers) for group in bare)
        lower = "sheets_per_entry" if by_rules else "--coverage"
        fix = ", or ".join(["give these entries more reviewers", *([f"lower {lower} to {fewest}"] if fewest else [])])
        advice.append(f"some entries have fewer possible reviewers (from {fewest}) than they need: {fix}")
    elif len(outcome.solved.short):
        more = "more reviewers in the affinities" if by_rules else "more reviewers in the affinities (or --others 0)"
        advice.append(
            f"{missing} slots are missing where these entries meet these reviewers: give the entries {more}, raise "
            "the loads of the reviewers named, or look at their conflicts again"
        )
    if len(outcome.solved.under):
        advice.append("lower the least load, or give the reviewers below it more entries in the affinities")
    return advice


def _is_bare(group: Infeasibility) -> bool:
    """Whether every pair of the group is in use: no higher load would help, only more pairs."""
    return group.kind == "coverage" and group.available == len(group.entries) * len(group.reviewers)


def _input_lines(outcome: Outcome) -> list[str]:
    figures, scores = outcome.figures, outcome.scores
    lines = []
    if scores is not None:
        lines.append(f"{scores.source}: {SHAPES[scores.shape]} (shape {scores.shape})")
        lines += [f"note  {note}" for note in scores.notes]
    lines += [f"note  {said}" for said in outcome.defaults]
    lines.append(f"{figures.entries:,} entries, {figures.reviewers:,} reviewers, {figures.pairs:,} possible pairs")
    coverage, limit = _span(figures.coverage), _span(figures.load_limit)
    lines.append(f"coverage {coverage} for each entry, load at most {limit} for each reviewer")
    return lines


def _result_lines(outcome: Outcome) -> list[str]:
    figures = outcome.figures
    load, affinity = figures.load, figures.entry_affinity
    return [
        f"{figures.slots:,} slots, total affinity {figures.total}, {figures.mean:.6g} for each slot",
        f"load from {load.least:g} to {load.most:g}, median {load.median:g}; "
        f"affinity of an entry from {affinity.least:.6g} to {affinity.most:.6g}, median {affinity.median:.6g}",
        *(outcome.changes.lines() if outcome.changes else ()),
        outcome.proof,
    ]


def _short_lines(outcome: Outcome) -> list[str]:
    solved = outcome.solved
    lines = [f"short: entry {outcome.entries[int(e)]} lacks {n}" for e, n in solved.short[:_SHOWN]]
    lines += _more(len(solved.short), "entries are short")
    lines += [f"below least load: {outcome.reviewers[int(r)]} lacks {n}" for r, n in solved.under[:_SHOWN]]
    lines += _more(len(solved.under), "reviewers are below it")
    for group in solved.infeasibility[:_SHOWN]:
        lines.append(_why(outcome, group))
    lines += [f"what would help: {advice}" for advice in advice_words(outcome)]
    return lines


def _why(outcome: Outcome, group: Infeasibility) -> str:
    entries = _listed([outcome.entries[int(e)] for e in group.entries[:_NAMED]], len(group.entries))
    reviewers = _listed([outcome.reviewers[int(r)] for r in group.reviewers[:_NAMED]], len(group.reviewers))
    needed, available = group.needed, group.available
    if group.kind == "coverage":
        who = reviewers or "without conflict (none)"
        return f"why: the entries {entries} need {needed} slots, and the reviewers {who} can give {available}"
    who = entries or "that they may take (none)"
    return f"why: the reviewers {reviewers} must take {needed} slots, and the entries {who} have {available}"


def _worst_grid(figures: Figures) -> Grid:
    grid = Grid("entry", "affinity", "reviewers", title="entries with the least affinity", title_justify="left")
    for one in figures.worst:
        missing = f" ({one.missing} missing)" if one.missing else ""
        grid.add_row(escape(one.entry), one.affinity, escape(", ".join(one.reviewers) + missing))
    return grid


def _histogram(console: Console, title: str, bars: Sequence[tuple[str, int]]) -> None:
    highest = max((count for _, count in bars), default=0)
    if not highest:
        return
    console.print(title)
    wide = max(len(label) for label, _ in bars)
    for label, count in bars:
        console.print(f"  {label:>{wide}} {'█' * -(-count * _BAR // highest)} {count:,}")


def _span(spread: Spread) -> str:
    return f"{spread.least:g}" if spread.least == spread.most else f"{spread.least:g} to {spread.most:g}"


def _more(count: int, what: str) -> list[str]:
    return [f"... {count} {what}"] if count > _SHOWN else []


def _listed(names: Sequence[str], count: int) -> str:
    return ", ".join(names) + (f" and {count - len(names)} more" if count > len(names) else "")
