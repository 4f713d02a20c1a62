"""The entrants of a result as people read them: filtered, sorted, in words, in the language of the page."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.engine.selection import Zone
from simsa.rules import Rules
from simsa.tables.intervals import Z95
from simsa.tables.words import (
    NO_NUMBER,
    expected_rank_text,
    format_score,
    group_name,
    no_result,
    outcome_words,
    percent,
    rank_words,
    reason_words,
    score_places,
    zone_words,
)
from simsa.web.awards.models import Result
from simsa.web.awards.outcome import reason_of
from simsa.web.naming import called


@dataclass(frozen=True)
class Line:
    """One entrant of a result, numbers and words side by side; None where there is no number."""

    code: str
    name: str
    searched: str
    region: str
    group: str
    group_name: str
    order: int
    score: Fraction | None
    score_text: str
    place: int | None
    rank: int | None
    rank_text: str
    outcome: str
    outcome_text: str
    reason: str
    calibrated: float | None
    standard_error: float | None
    chance: float | None
    chance_text: str
    expected_rank: float | None
    rank_low: float | None
    rank_high: float | None
    zone: str
    zone_text: str
    sheets: int
    url: str
    last_selected: bool = False

    @property
    def selected(self) -> bool:
        return self.outcome == "selected"

    @property
    def calibrated_text(self) -> str:
        return "" if self.calibrated is None else f"{self.calibrated:.1f}"

    @property
    def interval_text(self) -> str:
        """Half the width of the 95 % interval."""
        return "" if self.standard_error is None else f"± {Z95 * self.standard_error:.1f}"

    @property
    def expected_text(self) -> str:
        """The expected rank with its interval; "–" of those that a threshold keeps out."""
        if self.expected_rank is None or self.rank_low is None or self.rank_high is None:
            return "" if self.chance is None else NO_NUMBER
        return expected_rank_text(self.expected_rank, self.rank_low, self.rank_high)

    @property
    def tied(self) -> bool:
        return self.zone == "tie"

    @property
    def reason_facts(self) -> dict[str, Any]:
        return dict(json.loads(self.reason))


class Lines:
    """All entrants of a result in the order of the selection, with what the page needs to say about them."""

    def __init__(self, result: Result, rules: Rules, language: str) -> None:
        self.result, self.rules, self.language = result, rules, language
        self.places = score_places(rules)

    @cached_property
    def all(self) -> list[Line]:
        columns = (
            "entry__entrant__code",
            "entry__entrant__name_ko",
            "entry__entrant__name_en",
            "entry__entrant__region",
            "entry__group",
            "order",
            "score",
            "place",
            "rank",
            "outcome",
            "reason",
            "calibrated",
            "standard_error",
            "chance",
            "expected_rank",
            "rank_low",
            "rank_high",
            "zone",
            "sheets",
        )
        rows = [_Stored(*row) for row in self.result.standings.order_by("order").values_list(*columns)]
        last = {row.group: row.code for row in rows if row.outcome == "selected"}
        return [self._line(row, last.get(row.group) == row.code) for row in rows]

    @cached_property
    def calibrated(self) -> bool:
        """Whether there are calibrated scores to show."""
        return any(line.calibrated is not None for line in self.all)

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {line.code: line.name for line in self.all}

    @cached_property
    def by_group(self) -> Mapping[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for line in self.all:
            found.setdefault(line.group, []).append(line)
        return found

    def why(self, line: Line, value: Fraction | None = None) -> str:
        """The reason for an entrant's outcome as a sentence."""
        reason = reason_of(line.reason_facts)
        return reason_words(
            reason,
            self.rules,
            self.language,
            outcome=line.outcome,
            names=self.names,
            value=value,  # type: ignore[arg-type]
        )

    def _line(self, row: _Stored, last_selected: bool) -> Line:
        language, score = self.language, None if row.score is None else Fraction(row.score)
        position = json.loads(row.reason)["position"] if row.outcome == "reserve" else None
        return Line(
            code=row.code,
            searched=_spelled("\n".join((row.name_ko, row.name_en, row.code))),
            name=called(row.name_ko, row.name_en, language),
            region=row.region,
            group=row.group,
            group_name=self._group_names(row.group),
            order=row.order,
            score=score,
            score_text=format_score(score, self.places, language),
            place=row.place,
            rank=row.rank,
            rank_text=no_result(language) if row.rank is None else rank_words(row.rank, language),
            outcome=row.outcome,
            outcome_text=outcome_words(row.outcome, language, position),  # type: ignore[arg-type]
            reason=row.reason,
            calibrated=row.calibrated,
            standard_error=row.standard_error,
            chance=row.chance,
            chance_text="" if row.chance is None else percent(row.chance, language),
            expected_rank=row.expected_rank,
            rank_low=row.rank_low,
            rank_high=row.rank_high,
            zone=row.zone,
            zone_text=zone_words(Zone(row.zone) if row.zone else None, language),
            sheets=row.sheets,
            url=self._url(row.code),
            last_selected=last_selected,
        )

    @cached_property
    def _group_names(self) -> Callable[[str], str]:
        known: dict[str, str] = {}

        def name(group: str) -> str:
            return known.setdefault(group, group_name(self.rules, group, self.language))

        return name

    def _url(self, code: str) -> str:
        return reverse("awards:entrant", args=[self.result.round.slug, code])


class _Stored(NamedTuple):
    """A standing as the database has it."""

    code: str
    name_ko: str
    name_en: str
    region: str
    group: str
    order: int
    score: str | None
    place: int | None
    rank: int | None
    outcome: str
    reason: str
    calibrated: float | None
    standard_error: float | None
    chance: float | None
    expected_rank: float | None
    rank_low: float | None
    rank_high: float | None
    zone: str
    sheets: int


@dataclass(frozen=True)
class Column:
    """A column by which the table can be sorted. `best` is the direction of the first click: `-` is descending."""

    key: str
    label: Any
    value: Callable[[Line], Any]
    best: str = ""
    numeric: bool = False


def _spelled(text: str) -> str:
    """A name as it is searched for: in any case, and in whatever form its letters were typed."""
    return unicodedata.normalize("NFKC", text).casefold()


def _negative(place: int | None) -> int | None:
    """The place of a score sorts as the score does: the first is the highest."""
    return None if place is None else -place


LEVEL = "95%"
CALIBRATED = _("Calibrated, %(level)s interval")
COLUMNS = (
    Column("name", _("Entrant"), lambda line: line.name),
    Column("group", _("Group"), lambda line: line.order),
    Column("rank", _("Rank"), lambda line: line.rank, numeric=True),
    Column("score", _("Official score"), lambda line: _negative(line.place), "-", numeric=True),
    Column("calibrated", CALIBRATED, lambda line: line.calibrated, "-", numeric=True),
    Column("chance", _("Chance"), lambda line: line.chance, "-", numeric=True),
    Column("expected", _("Expected rank"), lambda line: line.expected_rank, numeric=True),
    Column("outcome", pgettext_lazy("column", "Outcome"), lambda line: _OUTCOMES.index(line.outcome)),
)
_OUTCOMES = ("selected", "reserve", "not_selected")
DEFAULT_SORT = "group"


@dataclass(frozen=True)
class View:
    """What a visitor asks of the table: a group, a part of a name or code, an order.

    Anything unknown is as if not asked. Names are searched in every language, whatever that of the page.
    """

    sort: str = DEFAULT_SORT
    group: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: QueryDict, groups: Sequence[str]) -> View:
        sort = query.get("sort", DEFAULT_SORT)
        known = {column.key for column in COLUMNS}
        return cls(
            sort=sort if sort.removeprefix("-") in known else DEFAULT_SORT,
            group=query.get("group", "") if query.get("group") in groups else "",
            q=query.get("q", "").strip()[:100],
        )

    def query(self, **changes: str) -> str:
        """The query of an address that asks for this, with changes; what is the default is left out."""
        asked = {"group": self.group, "q": self.q, "sort": self.sort} | changes
        query = QueryDict(mutable=True)
        query.update({key: value for key, value in asked.items() if value and (key, value) != ("sort", DEFAULT_SORT)})
        return query.urlencode()

    def of_lines(self, lines: Sequence[Line]) -> list[Line]:
        """The lines that are asked for, in order; what has no number comes last either way."""
        wanted = _spelled(self.q)
        found = [
            line
            for line in lines
            if (not self.group or line.group == self.group) and (not wanted or wanted in line.searched)
        ]
        column = next(column for column in COLUMNS if column.key == self.sort.removeprefix("-"))
        known = [line for line in found if column.value(line) is not None]
        known.sort(key=lambda line: line.order)
        known.sort(key=column.value, reverse=self.sort.startswith("-"))
        return known + [line for line in found if column.value(line) is None]


@dataclass(frozen=True)
class Heading:
    """A column's heading: how it sorts now (`aria-sort`) and where a click on it leads."""

    key: str
    label: str
    numeric: bool
    direction: str
    query: str


def headings(view: View, calibrated: bool) -> list[Heading]:
    """The headings of the table; a click on the one that sorts now turns its order around."""
    found = []
    for column in COLUMNS:
        if column.key in ("calibrated", "chance", "expected") and not calibrated:
            continue
        here = view.sort.removeprefix("-") == column.key
        down = view.sort.startswith("-")
        turned = column.key if down else f"-{column.key}"
        found.append(
            Heading(
                key=column.key,
                label=str(column.label) % {"level": LEVEL},
                numeric=column.numeric,
                direction=("descending" if down else "ascending") if here else "",
                query=view.query(sort=turned if here else column.best + column.key),
            )
        )
    return found
