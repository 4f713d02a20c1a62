"""The pictures of a result, drawn once for each result and language and then kept in the cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata

from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simsa.engine.selection import GroupResult, Zone
from simsa.tables import korea
from simsa.tables.intervals import Z95
from simsa.tables.pictures import Row, severity_picture, standings_picture, tile_map_picture
from simsa.web.awards.atlas import tiles_of
from simsa.web.awards.lines import Line, Lines
from simsa.web.awards.models import Result

VERSION = metadata.version("simsa")
ROWS = 12
"""Entrants in the picture of a group; all that are selected or in reserve are in it however many there are."""


@dataclass(frozen=True)
class Drawing:
    """A picture with its heading. Of a group: which, and what leads to its table; of reviewers: the table itself."""

    title: str
    svg: SafeString
    group: str = ""
    more: str = ""
    rows: tuple[tuple[str, str, str], ...] = ()


def group_drawing(lines: Lines, group: str, entrant: str = "") -> Drawing:
    """The entrants of one group with their intervals, and the quota line where it falls.

    Those at the top are drawn, and the entrant with the code `entrant` wherever it stands.
    """
    members = lines.by_group[group]
    template = _("%(group)s: scores and confidence") if lines.calibrated else _("%(group)s: scores")
    title = template % {"group": members[0].group_name}
    result = group_result(lines.result, group)

    def draw() -> str:
        return standings_picture(
            [_row(line) for line in members],
            result,
            lines.rules,
            title=title,
            language=lines.language,
            synthetic=lines.result.round.synthetic,
            limit=ROWS,
            href={line.code: line.url for line in members}.get,
            also=entrant,
        )

    more = ngettext("The %(size)d entrant in the table", "All %(size)d entrants in the table", len(members))
    return Drawing(title, _kept(lines, f"group {group} {entrant}", draw), group, more % {"size": len(members)})


def map_drawing(lines: Lines) -> Drawing | None:
    """The tile map, if the entrants are local governments."""
    title = _("Map of the results")

    def draw() -> str:
        tiles = tiles_of(lines)
        if tiles is None:
            return ""
        return tile_map_picture(
            korea.tile_map(),
            tiles,
            title=title,
            language=lines.language,
            synthetic=lines.result.round.synthetic,
            href={line.code: line.url for line in lines.all}.get,
            regions=korea.region_labels(lines.language),
        )

    svg = _kept(lines, "map", draw)
    return Drawing(title, svg) if svg else None


def severity_drawing(lines: Lines) -> Drawing | None:
    """How much harsher or milder each reviewer is than the panel, numbered in that order and never named."""
    panel = [one for one in lines.result.facts["panel"]["severity"] if None not in one.values()]
    if not panel:
        return None
    title = _("Severity of the reviewers")
    severities = [(float(one["severity"]), float(one["standard_error"])) for one in panel]

    def draw() -> str:
        return severity_picture(
            [str(number) for number in range(1, len(severities) + 1)],
            [severity for severity, _error in severities],
            [error for _severity, error in severities],
            title=title,
            language=lines.language,
            synthetic=lines.result.round.synthetic,
        )

    rows = tuple(
        (str(number), f"{severity:+.1f}".replace("-", "−"), f"{Z95 * error:.1f}")
        for number, (severity, error) in enumerate(severities, start=1)
    )
    return Drawing(title, _kept(lines, "severity", draw), rows=rows)


def group_result(result: Result, group: str) -> GroupResult:
    """How many places a group had, and where the line fell."""
    facts = next(found for found in result.facts["groups"] if found["group"] == group)
    line = None if facts["line"] is None else Fraction(facts["line"])
    return GroupResult(group, facts["size"], facts["places"], facts["empty"], line)


def _row(line: Line) -> Row:
    return Row(
        line.code,
        line.name,
        line.rank,
        line.score,
        line.outcome,  # type: ignore[arg-type]
        line.calibrated,
        line.standard_error,
        line.chance,
        Zone(line.zone) if line.zone else None,
        bool(line.reason_facts.get("drawn")),
    )


def _kept(lines: Lines, what: str, draw: Callable[[], str]) -> SafeString:
    """The picture from the cache; another result, language or version of simsa is another picture."""
    key = f"drawing:{lines.result.digest}:{lines.language}:{VERSION}:{what.encode().hex()}"
    svg = cache.get(key)
    if svg is None:
        svg = draw()
        cache.set(key, svg, timeout=None)
    return mark_safe(svg)  # noqa: S308 (drawn here, every text in it escaped)
