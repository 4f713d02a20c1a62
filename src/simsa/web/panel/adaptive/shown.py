"""What the pages of reviews held back show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsa.engine.adaptive import Budget, budget_used
from simsa.tables.pictures import Chance, chances_picture
from simsa.tables.table import Cell, Table
from simsa.web.panel.models import ReviewBatch, Slot
from simsa.web.panel.saving import missed_in
from simsa.web.programmes.models import Round

OPEN = 0.01
"""Of less doubt than this an entry's place is not shown as open."""
MOST_ROWS = 100


@dataclass(frozen=True)
class Account:
    """Reviews of a round: the rules' budget with what was given out, and how many of those are still awaited."""

    budget: Budget
    awaited: int

    @property
    def added(self) -> int:
        """Given out beyond the first round."""
        return max(0, self.budget.given - self.budget.first)


def account_of(round_: Round) -> Account:
    """Slots that count and are not vacant have been given out."""
    there = Slot.objects.filter(entry__round=round_, replaced_by=None).exclude(pk__in=missed_in(round_.pk))
    statuses = list(there.values_list("status", flat=True))
    given = len(statuses) - statuses.count(Slot.Status.RECUSED)
    return Account(budget_used(round_.rules, round_.entries.count(), given), statuses.count(Slot.Status.ASSIGNED))


@dataclass(frozen=True)
class Standing:
    """How an entry stands in a batch: reviews so far, its chance of being selected (None: cannot be told) and its doubt
    in per cent, reviews it gets, of which some `make_up` for lost ones, and by whom."""

    entry: str
    name: str
    group: str
    sheets: int
    chance: float | None
    doubt: float | None
    reviews: int
    makes_up: int
    reviewers: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.reviews > 0 or (self.doubt or 0) >= 100 * OPEN


def standings_of(batch: ReviewBatch, language: str) -> list[Standing]:
    """Every entry, those with new reviews first, then by doubt, with names in a language."""
    round_ = batch.round
    names = _names(round_, language)
    groups = {group.id: group.name.text(language) for group in round_.rules.groups}
    panel = dict(round_.reviewers.values_list("code", "name"))
    return [_standing(row, names, groups, panel) for row in batch.told.get("entries", ())]


def _standing(
    row: Mapping[str, Any], names: Mapping[str, str], groups: Mapping[str, str], panel: Mapping[str, str]
) -> Standing:
    chance, doubt = (None if row[key] is None else 100 * float(row[key]) for key in ("chance", "doubt"))
    return Standing(
        entry=row["entry"],
        name=names.get(row["entry"], row["entry"]),
        group=groups.get(row["group"], row["group"]),
        sheets=int(row["sheets"]),
        chance=chance,
        doubt=doubt,
        reviews=int(row["reviews"]),
        makes_up=int(row["makes_up"]),
        reviewers=tuple(panel.get(code, code) for code in (row["reviewers"] or "").split("; ") if code),
    )


def picture_of(batch: ReviewBatch, rows: Sequence[Standing], *, title: str, language: str) -> str:
    """The entries whose place is open; empty where there are none."""
    shown = [Chance(row.name, row.chance / 100, row.reviews) for row in rows if row.is_open and row.chance is not None]
    if not shown:
        return ""
    return chances_picture(shown, title=title, language=language, synthetic=batch.round.synthetic)


def pairs_of(batch: ReviewBatch) -> list[tuple[str, str, str]]:
    """The pairs of a batch for a choice: `entry:reviewer` by code, and both names."""
    names, panel = _names(batch.round, "ko"), dict(batch.round.reviewers.values_list("code", "name"))
    return [(f"{entry}:{code}", names.get(entry, entry), panel.get(code, code)) for entry, code in batch.pairs]


def whole_of(batch: ReviewBatch, language: str) -> dict[str, Any]:
    """All that a batch keeps, with the names of its entries in a language."""
    told, names = batch.told, _names(batch.round, language)
    return {**told, "entries": [{**row, "name": names.get(row["entry"], row["name"])} for row in told["entries"]]}


def why_file(batch: ReviewBatch, language: str) -> Table:
    """Every entry of a batch, with what `simsa next-reviews --why` has of it."""
    rows: list[dict[str, Cell]] = whole_of(batch, language)["entries"]
    return Table.of(list(rows[0]) if rows else ["entry"], [list(row.values()) for row in rows], "why")


def _names(round_: Round, language: str) -> dict[str, str]:
    return {one.entrant.code: one.entrant.name(language) for one in round_.entries.select_related("entrant")}
