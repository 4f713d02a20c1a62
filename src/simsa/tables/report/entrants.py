"""The entrants: group by group with a picture each, all in one table, and where each name stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simsa.engine.selection import GroupResult, Standing
from simsa.tables.pictures import Row, same_scale, standing_rows, standings_picture
from simsa.tables.report.edition import Edition
from simsa.tables.report.intervals import interval_text
from simsa.tables.words import (
    NO_NUMBER,
    fill,
    format_score,
    group_name,
    group_summary,
    outcome_words,
    percent,
    score_places,
    share_words,
    zone_words,
)

_MANY_ENTRANTS = 40  # beyond, names can be looked up
_SHORT = 10  # rows of a picture where there are many groups


@dataclass(frozen=True)
class EntrantView:
    """One row of the table of all entrants, in words and with what it is sorted by."""

    anchor: str
    name: str
    group: str
    rank: str
    rank_text: str
    score: str
    sort: str
    parts: tuple[str, ...]
    calibrated: str
    interval: str
    chance: str
    chance_sort: str
    zone: str
    outcome: str
    reason: str
    assurance: str
    won: bool
    cut: bool


@dataclass(frozen=True)
class GroupView:
    """One group: its summary, its picture and its entrants, best first."""

    anchor: str
    name: str
    summary: str
    picture: Markup
    rows: tuple[EntrantView, ...]

    @property
    def winners(self) -> tuple[EntrantView, ...]:
        return tuple(row for row in self.rows if row.won)


def group_views(edition: Edition) -> tuple[GroupView, ...]:
    """Every group in the order of the selection."""
    rows = standing_rows(edition.evaluation, edition.rules, edition.inputs.entries, edition.names)
    standings: dict[str, list[Standing]] = {}
    for standing in edition.evaluation.selection.standings:
        standings.setdefault(standing.group, []).append(standing)
    return tuple(
        _group(edition, n, result, rows[result.group], standings.get(result.group, []))
        for n, result in enumerate(edition.evaluation.selection.groups, 1)
    )


def interval_head(edition: Edition) -> str:
    """The heading of the column of intervals."""
    _ = edition.texts.gettext
    return fill(_("95%% interval"))


def scores_text(edition: Edition) -> str:
    """What decides, and how the pictures are to be read."""
    _ = edition.texts.gettext
    said = [_("The official score alone decides. The dashed line shows where the quota falls.")]
    if edition.rules.lottery is not None:
        said = [
            _(
                "The official score makes the ranks. Where the sheets cannot tell entrants apart, lots fill the last "
                "places; then no line is drawn."
            )
        ]
    if edition.evaluation.calibration is None:
        return said[0]
    if edition.rules.calibration.official:
        said.append(
            fill(
                _(
                    "It is the calibrated score, net of how severe the entrant's reviewers are. The bars are its "
                    "95%% intervals; the chance is that of being among the selected if the true scores were drawn "
                    "from them."
                )
            )
        )
    elif same_scale(edition.rules):
        said.append(
            fill(
                _(
                    "Beside it stands the calibrated score, net of how severe the entrant's reviewers are, with "
                    "its 95%% interval, and the chance of being among the selected if the true scores were drawn "
                    "from these intervals."
                )
            )
        )
    else:
        said.append(
            fill(
                _(
                    "The picture shows what the panel's sheets say, net of how severe the reviewers are, with a "
                    "95%% interval, and the chance of being among the selected by them alone."
                )
            )
        )
    sure = edition.evaluation.uncertainty
    if sure is not None:
        said.append(
            fill(
                _(
                    "Tinted rows are in the tie zone: who of them belongs among the selected the sheets cannot tell. "
                    "With a probability of %(confidence)s all that stand outside it are where they should be."
                ),
                confidence=share_words(sure.confidence),
            )
        )
    return " ".join(said)


def finding(edition: Edition) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Names in order, each with the places where it stands."""
    if len(edition.inputs.entries) <= _MANY_ENTRANTS:
        return ()
    places: dict[str, list[tuple[str, str]]] = {}
    for n, (entry, group) in enumerate(zip(edition.inputs.entries.ids, edition.inputs.entries.group, strict=True), 1):
        place = (f"e{n}", group_name(edition.rules, group, edition.language))
        places.setdefault(edition.names[entry], []).append(place)
    return tuple((name, tuple(found)) for name, found in sorted(places.items()))


def _group(
    edition: Edition, number: int, result: GroupResult, rows: Sequence[Row], standings: Sequence[Standing]
) -> GroupView:
    name = group_name(edition.rules, result.group, edition.language)
    picture = standings_picture(
        rows,
        result,
        edition.rules,
        title=name,
        language=edition.language,
        synthetic=edition.run.synthetic,
        limit=_SHORT if edition.long else 15,
    )
    last = max((n for n, standing in enumerate(standings) if standing.selected), default=None)
    if any(standing.reason.drawn for standing in standings):
        last = None  # no line runs between those that lots chose and the others
    views = tuple(
        _entrant(edition, row, standing, name, n == last)
        for n, (row, standing) in enumerate(zip(rows, standings, strict=True))
    )
    summary = group_summary(result, edition.rules, edition.language)
    return GroupView(f"g{number}", name, summary, Markup(picture), views)  # noqa: S704


def _entrant(edition: Edition, row: Row, standing: Standing, group: str, cut: bool) -> EntrantView:
    n = edition.inputs.entries.index[row.entry]
    tally = edition.evaluation.tally
    return EntrantView(
        anchor=f"e{n + 1}",
        name=row.name,
        group=group,
        rank="" if row.rank is None else str(row.rank),
        rank_text=NO_NUMBER if row.rank is None else str(row.rank),
        score=format_score(row.score, edition.rules, edition.language),
        sort="" if row.score is None else f"{float(row.score):.10g}",
        parts=tuple(
            format_score(tally.value(node, n), score_places(edition.rules, node), edition.language)
            for node in edition.parts
        ),
        calibrated=NO_NUMBER if row.calibrated is None else f"{row.calibrated:.1f}",
        interval=interval_text(row.interval),
        chance=NO_NUMBER if row.chance is None else percent(row.chance, edition.language),
        chance_sort="" if row.chance is None else f"{row.chance:.4f}",
        zone=zone_words(row.zone, edition.language),
        outcome=outcome_words(standing.outcome, edition.language, standing.reason.position),
        reason=edition.run.reason(standing, edition.language, edition.names),
        assurance=edition.run.assurance(standing, edition.language),
        won=standing.selected,
        cut=cut,
    )
