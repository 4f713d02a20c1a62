"""Stability where the calibrated score is the official one: each reviewer's sheets are taken away and all is rescored.

The components stay those that are recorded: what is asked is how much hangs on a reviewer's sheets, not what another
estimate would be. Everything is as exact as the official selection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simsa.engine.calibration import Components, rounded_scores
from simsa.engine.inputs import Entries, Reported, Sheets
from simsa.engine.selection.order import eligible, keys, ranking_score
from simsa.engine.selection.stability import Stability, Swap
from simsa.engine.tally import Tally, Tree
from simsa.rules import Rules

MOST_WORK = 10**6
"""Up to which it is done, a few seconds: for each reviewer the sheets are gone through and a matrix is factorised."""
_MATRIX = 180  # squared reviewers whose matrix takes the time of a sheet


def stability_recalibrated(
    rules: Rules,
    entries: Entries,
    sheets: Sheets,
    reported: Reported | None = None,
    *,
    components: Components,
    seed: str | None = None,
) -> Stability | None:
    """As `stability`, by the rounded calibrated score; None for more than `MOST_WORK`."""
    reviewers = len(sheets.reviewers)
    if reviewers * (len(sheets) + reviewers**2 // _MATRIX) > MOST_WORK:
        return None
    entries.check(rules)
    sheets.check(rules, entries)

    def winners(of: Sheets) -> dict[str, frozenset[int]]:
        # Where the rules would refuse a panel that became too small, there is no result.
        done = Tree(rules, entries, of, reported or Reported(), of=np.arange(len(entries))).run()
        return _winners(rules, entries, of, done, components, seed)

    before = winners(sheets)
    swaps = []
    for reviewer in np.unique(sheets.reviewer).tolist():
        swaps += [Swap(reviewer, *changed) for changed in _changes(before, winners(_without(sheets, reviewer)))]
    how = "official calibrated score without each reviewer in turn, exact given the recorded components"
    return Stability(len(sheets.reviewers), tuple(swaps), how)


def _without(sheets: Sheets, reviewer: int) -> Sheets:
    kept = sheets.reviewer != reviewer
    return replace(
        sheets,
        entry=sheets.entry[kept],
        reviewer=sheets.reviewer[kept],
        mark=sheets.mark[kept],
        status=sheets.status[kept],
    )


def _winners(
    rules: Rules, entries: Entries, sheets: Sheets, done: Tally, components: Components, seed: str | None
) -> dict[str, frozenset[int]]:
    assert rules.calibration.round is not None  # the rules were checked
    scores = rounded_scores(
        components, done.sheet_totals, sheets.entry, sheets.reviewer, entries.group_index, rules.calibration.round
    )
    ranked = ranking_score(rules, done, scores.score)
    able = np.flatnonzero(eligible(rules, entries.group, done.values, ranked))
    order = sorted(zip(keys(rules, done, entries.group, seed, only=able, ranked=ranked), able.tolist(), strict=True))
    found = {}
    for name in entries.groups:
        rule = rules.group(name)
        assert rule is not None  # the entries were checked
        places = rule.quota.places(entries.group.count(name))
        found[name] = frozenset([entry for _, entry in order if entries.group[entry] == name][:places])
    return found


def _changes(
    before: dict[str, frozenset[int]], after: dict[str, frozenset[int]]
) -> Iterator[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    for name in sorted(before):
        leaves, enters = before[name] - after[name], after[name] - before[name]
        if leaves or enters:
            yield name, tuple(sorted(leaves)), tuple(sorted(enters))
