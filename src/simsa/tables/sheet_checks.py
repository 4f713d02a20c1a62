"""What delivered sheets and entries must keep to besides their own form: conflicts, panel limits, sizes of groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from simsa.engine.inputs import Entries, Reviewers, Sheets
from simsa.engine.slots import comparable, conflicts, limits_missed, marked_conflicts
from simsa.rules import Rules

from .intake import RoundError

SHOWN = 10
_SUBJECT = {"size": "the panel", "load": "reviewer"}  # all others are of an entry
_UNIT = {"size": "reviewers who gave a mark"}  # all others are sheets with a mark


def refuse_conflicts(
    rules: Rules,
    entries: Entries,
    fields: Mapping[str, Sequence[str]],
    reviewers: Reviewers,
    declared: Sequence[tuple[int, int]],
    sheets: Sheets,
) -> list[str]:
    """RoundError that names every mark given in spite of a conflict; the notes say which rules could not be checked.

    `fields` are the entrants', by name. A rule is not checked where entrants or reviewers lack the field it compares.
    """
    known = comparable(rules, fields, reviewers)
    found = conflicts(known, entries, fields, reviewers, declared)
    position = {name: n for n, name in enumerate(sheets.reviewers)}
    in_sheets = [
        replace(pair, reviewer=position[reviewers.ids[pair.reviewer]])
        for pair in found
        if reviewers.ids[pair.reviewer] in position
    ]
    given = marked_conflicts(sheets, in_sheets)
    if given:
        lines = [
            f"  reviewer {sheets.reviewers[pair.reviewer]!r} marked entry {entries.ids[pair.entry]!r} "
            f"against conflict rule {pair.rule!r}"
            for pair in given
        ]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [f"  and {len(lines) - SHOWN} more"]
        what = "1 sheet has a conflict" if len(given) == 1 else f"{len(given)} sheets have a conflict"
        raise RoundError("\n".join([f"[sheets]: {what}; leave them out, or give their status as recused:", *lines]))
    return [
        f"conflict rule {rule.id!r} was not checked: it compares {rule.reviewer!r} of the reviewers with "
        f"{rule.entrant!r} of the entrants, which are not all there"
        for rule in rules.conflicts
        if rule not in known.conflicts
    ] + [
        f"kind {kind.id!r} was not checked: the reviewers have no {kind.reviewer!r}"
        for kind in rules.panel.kinds
        if kind not in known.panel.kinds
    ]


def limit_notes(rules: Rules, entries: Entries, sheets: Sheets, reviewers: Reviewers) -> list[str]:
    """Where the sheets that came are fewer or more than the rules' [panel] says, one line for each limit."""
    missed = limits_missed(rules, entries, sheets, reviewers)
    notes = []
    for limit in dict.fromkeys(one.limit for one in missed):
        here = [one for one in missed if one.limit == limit]
        places = [f"{_SUBJECT.get(limit, 'entry')}{' ' + one.who if one.who else ''} has {one.count}" for one in here]
        shown = "; ".join(places[:SHOWN]) + (f"; and {len(places) - SHOWN} more" if len(places) > SHOWN else "")
        notes.append(f"[panel] {limit} is {here[0].wanted} ({_UNIT.get(limit, 'sheets with a mark')}): {shown}")
    return notes


def size_notes(rules: Rules, entries: Entries) -> list[str]:
    """Groups that have another number of entries than the rules declare."""
    sizes = Counter(entries.group)
    return [
        f"group {group.id} has {sizes[group.id]} entries; the rules say {group.size}"
        for group in rules.groups
        if group.size is not None and sizes[group.id] != group.size
    ]
