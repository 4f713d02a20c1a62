"""What `simsa assign` tells people: sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from simsa.engine.assignment import RandomAssignment, Repair
from simsa.rules import exact_text
from simsa.tables.affinities import SHAPES
from simsa.tables.figures import Figures, Spread
from simsa.tables.pictures import affinity_bars, load_bars

from ..output import notes, words
from .listing import SHOWN, more
from .outcome import Outcome
from .proof import proof_of

_BAR = 40
_SHAPES = {**SHAPES, "vectors": "vectors of entries and reviewers"}


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
    for answer in outcome.answers:
        for line in answer.said:
            console.print(escape(line))


def _input_lines(outcome: Outcome) -> list[str]:
    figures, posed = outcome.figures, outcome.posed
    lines = []
    if posed.source:
        lines.append(f"{posed.source}: {_SHAPES[posed.shape]} (shape {posed.shape})")
    lines += [f"note  {note}" for note in (*posed.notes, *outcome.defaults)]
    lines.append(f"{figures.entries:,} entries, {figures.reviewers:,} reviewers, {figures.pairs:,} possible pairs")
    coverage, limit = _span(figures.coverage), _span(figures.load_limit)
    lines.append(f"coverage {coverage} for each entry, load at most {limit} for each reviewer")
    return lines


def _result_lines(outcome: Outcome) -> list[str]:
    figures, found = outcome.figures, outcome.found
    load, affinity = figures.load, figures.entry_affinity
    return [
        f"{figures.slots:,} slots, total affinity {figures.total}, {figures.mean:.6g} for each slot",
        f"load from {load.least:g} to {load.most:g}, median {load.median:g}; "
        f"affinity of an entry from {affinity.least:.6g} to {affinity.most:.6g}, median {affinity.median:.6g}",
        *(_change_lines(found.repaired, found.gone) if found.repaired else ()),
        *(_random_lines(found.drawn, pinned=bool(len(outcome.posed.problem.pinned))) if found.drawn else ()),
        proof_of(found),
        *(["nothing is drawn: the limits cannot all be met; this is how near they can be met"] * found.nothing_drawn),
    ]


def _change_lines(repaired: Repair, gone: int) -> list[str]:
    left = gone + len(repaired.released)
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


def _random_lines(drawn: RandomAssignment, *, pinned: bool) -> list[str]:
    marginals, measured = drawn.marginals, drawn.metrics
    free = "no pair" if marginals.cap == 1 or not pinned else "no pair that is not pinned"
    how = [f"{free} had a probability above {exact_text(marginals.cap)}"]
    if marginals.perturbation:
        how.append(f"perturbation {marginals.perturbation:g}")
    return [
        f"drawn at random with the seed {drawn.seed}: {', '.join(how)}",
        f"{measured.support:,} pairs had a chance; the largest of an entry was {measured.mean_largest:.4g} on average, "
        f"its entropy {measured.entropy:.4g} nats",
        f"expected total affinity {measured.expected:.10g}"
        + ("" if measured.kept is None else f", {measured.kept:.4%} of the greatest"),
    ]


def _short_lines(outcome: Outcome) -> list[str]:
    posed, solved = outcome.posed, outcome.found.solved
    lines = [f"short: entry {posed.entries[int(e)]} lacks {n}" for e, n in solved.short[:SHOWN]]
    lines += more(len(solved.short), "entries are short")
    lines += [f"below least load: {posed.reviewers[int(r)]} lacks {n}" for r, n in solved.under[:SHOWN]]
    lines += more(len(solved.under), "reviewers are below it")
    lines += [
        f"kind: entry {posed.entries[int(e)]} lacks {n} of {posed.kind_names[int(g)]}"
        for e, g, n in solved.missed[:SHOWN]
    ]
    lines += more(len(solved.missed), "kinds are not met")
    return [*lines, *outcome.help.lines(posed, solved)]


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
