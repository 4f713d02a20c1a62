"""What the engine is handed of a round's panel, read back from the database."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from simsa.engine.inputs import Entries, Reviewers, Sheets, Status
from simsa.record.outcome import STATUS
from simsa.record.receipts import marks_of
from simsa.rules import Rules, parse_decimal
from simsa.web.panel.models import AffinityTable, Conflict, Profile, Sheet, Slot
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.phases import moments


def reviewers_of(round_: Round) -> Reviewers:
    """The panel in the order of its import, with every field that any reviewer has."""
    rows = list(round_.reviewers.order_by("position").values_list("code", "fields"))
    names = sorted({name for _, fields in rows for name in fields})
    return Reviewers(
        ids=tuple(code for code, _ in rows),
        fields={name: tuple(fields.get(name, "") for _, fields in rows) for name in names},
    )


def declared_of(round_: Round) -> list[tuple[str, str, str]]:
    """The conflict register: (entry, reviewer, reason) of every declared conflict."""
    declared = Conflict.objects.filter(entry__round=round_, source=Conflict.Source.REGISTER)
    return list(declared.order_by("pk").values_list("entry__entrant__code", "reviewer__code", "reason"))


def own_limits_of(round_: Round) -> dict[str, int]:
    """By code how many entries reviewers take at most of their own accord; none at all (0) who is away for the whole
    time of scoring."""
    at = moments(round_.rules)
    zone = ZoneInfo(round_.time_zone)
    first, last = (at[key].astimezone(zone).date() if key in at else None for key in ("scoring_from", "scoring_until"))
    limits = {}
    for one in Profile.objects.filter(reviewer__round=round_).select_related("reviewer"):
        after = last is not None and one.available_from is not None and one.available_from > last
        before = first is not None and one.available_until is not None and one.available_until < first
        if after or before or one.most is not None:
            limits[one.reviewer.code] = 0 if after or before else one.most or 0
    return limits


Positions = tuple[NDArray[np.int64], NDArray[np.int64]]


def affinities_of(round_: Round) -> AffinityTable | None:
    """The table of affinities that counts; None if there is none."""
    return AffinityTable.objects.filter(round=round_).order_by("version").last()


def candidates_of(
    round_: Round, entries: Entries, reviewers: Reviewers
) -> tuple[Positions | None, NDArray[np.float64] | None]:
    """Candidate pairs (positions of entry and reviewer) with their affinity; None and None if there is no table."""
    kept = affinities_of(round_)
    if kept is None:
        return None, None
    rows = [
        (entries.index[entry], reviewers.index[reviewer], float(number))
        for entry, by_reviewer in kept.by_entry.items()
        for reviewer, number in by_reviewer.items()
    ]
    pairs = tuple(np.array([row[side] for row in rows], np.int64) for side in (0, 1))
    return (pairs[0], pairs[1]), np.array([number for _e, _r, number in rows], np.float64)


def named_by_affinities(round: Round, kind: str, codes: frozenset[str], **_signal: object) -> dict[str, str]:  # noqa: A002
    """Who is named by a round's table of affinities (see `simsa.web.entries.services.dependants`)."""
    kept = affinities_of(round)
    if kept is None:
        return {}
    table = kept.by_entry
    named = table if kind == Kind.ENTRANT else {code for by_reviewer in table.values() for code in by_reviewer}
    return {code: str(AffinityTable._meta.verbose_name) for code in sorted(codes.intersection(named))}


def is_finite(number: str) -> bool:
    """Whether a text is a decimal number that an affinity can be."""
    try:
        return math.isfinite(float(number))
    except ValueError:
        return False


def latest_marks(round_: Round) -> dict[int, dict[str, str]]:
    """The marks of the sheet that counts, by slot."""
    sheets = Sheet.objects.filter(slot__entry__round=round_, version=F("slot__version"), opening__isnull=False)
    return {slot: marks_of(json.loads(values)) for slot, values in sheets.values_list("slot_id", "opening__values")}


def sheets_of(round_: Round, entries: Entries, reviewers: Reviewers) -> Sheets:
    """One row for every slot that counts in the order of the assignment; one without a sheet is not submitted."""
    rules = round_.rules
    slots = list(
        Slot.objects.filter(entry__round=round_, replaced_by=None)
        .order_by("position")
        .values_list("pk", "entry__entrant__code", "reviewer__code")
    )
    latest = latest_marks(round_)
    cells = (len(slots), len(rules.leaves))
    mark, status = np.zeros(cells, np.int64), np.full(cells, Status.NOT_SUBMITTED, np.int8)
    for row, (slot, _, _) in enumerate(slots):
        if slot in latest:
            mark[row], status[row] = mark_cells(rules, latest[slot])
    return Sheets(
        reviewers=reviewers.ids,
        leaves=tuple(leaf.id for leaf in rules.leaves),
        entry=np.array([entries.index[entry] for _, entry, _ in slots], np.int64),
        reviewer=np.array([reviewers.index[reviewer] for _, _, reviewer in slots], np.int64),
        mark=mark,
        status=status,
        places=rules.mark_places,
    )


def mark_cells(rules: Rules, marks: Mapping[str, str]) -> tuple[list[int], list[int]]:
    """Marks in integer units, and their status, in the order of the rules' leaves."""
    unit = 10**rules.mark_places
    numbers, states = [], []
    for leaf in rules.leaves:
        text = marks[leaf.id]
        state = STATUS.get(text, Status.MARK)
        states.append(int(state))
        numbers.append(int(parse_decimal(text) * unit) if state is Status.MARK else 0)
    return numbers, states
