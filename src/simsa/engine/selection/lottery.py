"""The lottery that rules may declare: where the panel cannot tell entrants apart, places are filled by lot.

Whoever the official order and the tie zone agree on is no part of it: a winner that is certain wins, and an entrant
that is out and has no place by its official score gets none. All others stand in the zone or contradict their official
place, and draw for the places that are left. So nobody loses or gains a place otherwise than by lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from simsa.engine.inputs import Entries
from simsa.engine.lots import lot
from simsa.engine.selection.result import TIED_NAMED, Cause, Outcome, Selection, SelectionError, Standing
from simsa.engine.selection.uncertainty import Zone
from simsa.rules import Rules


class Zones(Protocol):
    """The zone of every entry (None without one), for which `confidence` and `draws`, and by which `method`."""

    @property
    def zone(self) -> Sequence[Zone | None]: ...

    @property
    def confidence(self) -> Fraction: ...

    @property
    def draws(self) -> int: ...

    @property
    def method(self) -> str: ...


@dataclass(frozen=True)
class RecordedZones:
    """Zones that were written down, instead of estimated."""

    zone: tuple[Zone | None, ...]
    confidence: Fraction
    draws: int
    method: str = "as recorded"


_BARRED = (Cause.NO_RESULT, Cause.THRESHOLD, Cause.AWARD_FLOOR)


def with_lottery(
    rules: Rules, entries: Entries, official: Selection, sure: Zones | None, seed: str | None
) -> Selection:
    """The selection after the rules' lottery; `official` is the one by the tally alone.

    SelectionError without a seed, or where the sheets do not say how sure an entrant's score is.
    """
    if rules.lottery is None:
        return official
    if seed is None or sure is None:
        what = "the round's seed" if seed is None else "a calibration"
        raise SelectionError(f"the rules fill places of the tie zone by lot; that takes {what}")
    if (sure.confidence, sure.draws) != (rules.lottery.confidence, rules.lottery.draws):
        raise SelectionError("the tie zone was made with another confidence or other draws than the rules declare")
    by_group: dict[str, list[Standing]] = {}
    for standing in official.standings:
        by_group.setdefault(standing.group, []).append(standing)
    standings: list[Standing] = []
    results, drawn = list(official.groups), list(official.lots_drawn)
    for n, result in enumerate(results):
        rule = rules.group(result.group)
        here = by_group.get(result.group, [])
        zones = [_zone(entries, standing, sure) for standing in here]
        lots = _lots(here, zones, result.group, seed)
        left = (
            result.places
            - result.empty
            - sum(standing.selected and zone is Zone.CERTAIN for standing, zone in zip(here, zones, strict=True))
        )
        if 0 < left < len(lots):
            here = _filled(here, zones, lots, left, rule.reserve if rule else 0)
            results[n] = replace(result, line=None)
            drawn.append(tuple(standing.entry for standing in lots))
        standings += here
    return replace(
        official,
        standings=tuple(standings),
        groups=tuple(results),
        lots_drawn=tuple(drawn),
        method=f"{official.method}; lottery in the tie zone ({sure.method})",
    )


def _zone(entries: Entries, standing: Standing, sure: Zones) -> Zone | None:
    """The entrant's zone, None where it may not be selected. SelectionError where the sheets cannot tell it."""
    if standing.reason.cause in _BARRED:
        return None
    zone = sure.zone[entries.index[standing.entry]]
    if zone is None:
        raise SelectionError(
            f"entry {standing.entry!r}: the sheets do not say how sure its score is, and the rules draw lots by that"
        )
    return zone


def _lots(here: list[Standing], zones: list[Zone | None], group: str, seed: str) -> list[Standing]:
    """Who draws, in the order of their lots."""
    agreed = {True: Zone.CERTAIN, False: Zone.OUT}
    drawing = [
        standing
        for standing, zone in zip(here, zones, strict=True)
        if zone is not None and zone is not agreed[standing.selected]
    ]
    return sorted(drawing, key=lambda standing: lot(seed, f"tie zone {group}", standing.entry))


def _filled(
    here: list[Standing], zones: list[Zone | None], lots: list[Standing], left: int, reserve: int
) -> list[Standing]:
    """The standings after the draw: the first `left` lots win, behind them come the others, then those that are out."""
    place = {standing.entry: n for n, standing in enumerate(lots)}
    names = tuple(standing.entry for standing in here if standing.entry in place)
    behind = len(lots) - left
    found = []
    for standing, zone in zip(here, zones, strict=True):
        if zone is None:
            found.append(replace(standing, reason=replace(standing.reason, line=None, position=None)))
            continue
        at = place.get(standing.entry)
        if at is not None:
            position = at - left + 1
        elif standing.selected:
            position = 0
        else:
            behind += 1
            position = behind
        outcome: Outcome = "selected" if position <= 0 else "reserve" if position <= reserve else "not_selected"
        cause = Cause.LOTTERY if at is not None else Cause.CERTAIN if standing.selected else Cause.OUT
        others = tuple(entry for entry in names if entry != standing.entry)
        reason = replace(
            standing.reason,
            cause=cause,
            criterion=None,
            line=None,
            position=position if outcome == "reserve" else None,
            tied=len(others) if at is not None else 0,
            tied_with=others[:TIED_NAMED] if at is not None else (),
            drawn=left,
        )
        found.append(replace(standing, outcome=outcome, reason=reason))
    return found
