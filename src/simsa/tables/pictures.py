"""Pictures of a round as SVG: standings with intervals and the quota line, reviewers' severity, the tile map.

Written directly rather than through a chart grammar: rows break where the quota line falls, names wrap beside their
row, tiles carry stacked syllables, and colours stay custom properties, so that one picture serves light, dark and print
wherever it is put in a page (`--simsa-accent`, else the site's `--accent`, else a fixed colour). There is no style
sheet and no script inside, and equal input gives equal bytes. The natural width is that of a phone with text of at
least 12 units; a wider page scales it up.

Every picture has a title and a description; the table behind it belongs beside it.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from simsa.engine.evaluation import Evaluation
from simsa.engine.inputs import Entries
from simsa.engine.selection import GroupResult, Outcome
from simsa.engine.tilemap import Tiles
from simsa.rules import Rules

from .words import fill, format_score, listed, no_result, outcome_words, percent, rank_words, severity_words, translator

WIDTH = 360
"""Natural width of a picture: a phone's page less its margins."""
TEXT = 12.5
Z95 = 1.959964
"""Half the width of a 95 % interval, in standard errors."""

Href = Callable[[str], str | None]


@dataclass(frozen=True)
class Row:
    """One entrant of a standings picture.

    `score` official; `calibrated` and `error` its calibrated score with standard error, `chance` the probability of
    being selected: None where there is none.
    """

    entry: str
    name: str
    rank: int | None
    score: Fraction | None
    outcome: Outcome
    calibrated: float | None = None
    error: float | None = None
    chance: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        if self.calibrated is None or self.error is None:
            return None
        return self.calibrated - Z95 * self.error, self.calibrated + Z95 * self.error


@dataclass(frozen=True)
class Tile:
    """What stands on one tile of a map, in the order of the map's places.

    `label` is drawn, never cut; `title` says everything when asked; `region` names the region that the tile is in, and
    `head` is true for the tile that stands for its region as a whole. `level` is 0 (low) to 4 (high) within the group,
    None without a result.
    """

    entry: str
    label: str
    title: str
    region: str
    head: bool = False
    level: int | None = None
    outcome: Outcome | None = None


LEVELS = 5


def standing_rows(
    evaluation: Evaluation, rules: Rules, entries: Entries, names: Mapping[str, str]
) -> dict[str, tuple[Row, ...]]:
    """Rows of every group's standings picture, best first, by group."""
    calibration, chances = evaluation.calibration, evaluation.chances
    found: dict[str, list[Row]] = {result.group: [] for result in evaluation.selection.groups}
    for standing in evaluation.selection.standings:
        n = entries.index[standing.entry]
        found[standing.group].append(
            Row(
                standing.entry,
                names.get(standing.entry, standing.entry),
                standing.rank,
                standing.score,
                standing.outcome,
                None if calibration is None else _known(calibration.score[n]),
                None if calibration is None else _known(calibration.standard_error[n]),
                None if chances is None else _known(chances[n]),
            )
        )
    return {group: tuple(rows) for group, rows in found.items()}


def same_scale(rules: Rules) -> bool:
    """Whether official and calibrated scores are in one unit: nothing but the panel's marks makes the score."""
    return rules.rank_by == rules.root.id and not rules.indicators and not rules.adjustments


def standings_picture(
    rows: Sequence[Row],
    result: GroupResult,
    rules: Rules,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int | None = 15,
    width: int = WIDTH,
    href: Href | None = None,
) -> str:
    """Entrants of one group as rows, best first: official score, calibrated score with 95 % interval, P(selected).

    The quota line is drawn where it falls. `limit` rows are shown (always those selected and in reserve), all if None;
    what is left out is counted. `href(entry)` makes the names links. `width` is the natural width in units of a pixel.
    """
    return _Standings(rows, result, rules, title, language, synthetic, limit, width, href).svg()


def severity_picture(
    names: Sequence[str],
    severity: ArrayLike,
    error: ArrayLike,
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    limit: int | None = 40,
    width: int = WIDTH,
) -> str:
    """Reviewers from the harshest to the mildest, each with a 95 % interval, around the panel's zero.

    `severity`, `error`: (n,) in points, NaN for a reviewer without sheets (not shown). Of more than `limit` reviewers
    the middle is left out, and counted.
    """
    values, errors = np.asarray(severity, np.float64), np.asarray(error, np.float64)
    return _Severity(names, values, errors, title, language, synthetic, limit, width).svg()


def tile_map_picture(
    layout: Tiles,
    tiles: Sequence[Tile],
    *,
    title: str,
    language: str = "ko",
    synthetic: bool = False,
    width: int = WIDTH,
    href: Href | None = None,
) -> str:
    """One equal tile per place, regions outlined; the selected in the accent colour, others tinted by rank.

    `tiles[i]` stands on the i-th tile of `layout`. `href(entry)` makes tiles links, which the keyboard reaches.
    ValueError if there are not as many tiles as places.
    """
    if len(tiles) != len(layout.column):
        raise ValueError(f"{len(tiles)} tiles for a map of {len(layout.column)} places")
    return _TileMap(layout, tiles, title, language, synthetic, width, href).svg()


def text_width(text: str, size: float = TEXT, bold: bool = False) -> float:
    """About how wide a text is in a sans-serif typeface of `size`; a little more rather than less."""
    ems = sum(_EMS.get(_kind(letter), 0.6) for letter in text)
    return ems * size * (1.05 if bold else 1.0)


def wrapped(text: str, width: float, size: float = TEXT, *, bold: bool = False, keep_end: bool = False) -> list[str]:
    """`text` on one line or two, broken at a space or slash; what still does not fit is cut with `…`.

    With `keep_end` the cut is in the middle, for names that differ at their end.
    """
    if text_width(text, size, bold) <= width:
        return [text]
    breaks = [found.end() for found in re.finditer(r"[ /·,]+", text)]
    fitting = [at for at in breaks if text_width(text[:at].rstrip(), size, bold) <= width]
    if not fitting:
        return [_cut(text, width, size, bold)]
    first, rest = text[: fitting[-1]].rstrip(), text[fitting[-1] :]
    return [first, _cut(rest[::-1], width, size, bold)[::-1] if keep_end else _cut(rest, width, size, bold)]


# --- the parts that every picture shares


def _colour(name: str, plain: str) -> str:
    return f"var(--simsa-{name}, var(--{name}, {plain}))"


_INK = _colour("ink", "#16211f")
_SOFT = _colour("soft", "#5b6765")
_LINE = _colour("line", "#dfe5e3")
_EDGE = _colour("edge", "#7f8c89")
_PAPER = _colour("paper", "#fbfcfb")
_ACCENT = _colour("accent", "#0b6e5f")
_ON_ACCENT = _colour("on-accent", "#ffffff")
_LIMIT = _colour("limit", "#b45309")
_FONT = "var(--simsa-sans, var(--sans, Pretendard, system-ui, 'Apple SD Gothic Neo', 'Noto Sans KR', sans-serif))"


class _Picture:
    """A growing SVG: marks are added with `add`, `svg` closes it."""

    def __init__(self, title: str, language: str, synthetic: bool, width: float) -> None:
        self.title, self.language, self.synthetic, self.width = title, language, synthetic, width
        self.texts = translator(language)
        self.marks: list[str] = []
        self.height = 0.0
        self.linked = False

    def add(self, *marks: str) -> None:
        self.marks += marks

    def close(self, description: str) -> str:
        """The whole picture. A picture with links is a group, because an image hides what is inside it."""
        if self.synthetic:
            _ = self.texts.gettext
            description = f"{_('Synthetic data')}. {description}"
        body = "".join(self.marks)
        key = hashlib.sha256(f"{self.title}|{description}|{body}".encode()).hexdigest()[:10]
        role = "group" if self.linked else "img"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width)} {_n(self.height)}" '
            f'width="{_n(self.width)}" height="{_n(self.height)}" role="{role}" lang="{self.language}" '
            f'aria-labelledby="t{key} d{key}" font-family="{escape(_FONT)}" font-size="{TEXT}" fill="{_INK}">'
            f'<title id="t{key}">{escape(self.title)}</title><desc id="d{key}">{escape(description)}</desc>'
            f"{body}</svg>\n"
        )

    def synthetic_mark(self, y: float) -> float:
        """The word *synthetic* in amber at the top right; gives the height it took."""
        if not self.synthetic:
            return 0.0
        _ = self.texts.gettext
        word = _("Synthetic data")
        wide = text_width(word, 12) + 12
        left = self.width - wide - 0.5
        self.add(
            f'<rect x="{_n(left)}" y="{_n(y + 0.5)}" width="{_n(wide)}" height="18" rx="3" fill="none" '
            f'stroke="{_LIMIT}"/>',
            _text(left + wide / 2, y + 13.5, word, size=12, fill=_LIMIT, anchor="middle"),
        )
        return 24.0


class _Axis:
    """A linear scale from data to the page, with round ticks."""

    def __init__(self, values: Iterable[float], left: float, right: float, around: float | None = None) -> None:
        known = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(known), max(known)
        if around is not None:
            reach = max(abs(low - around), abs(high - around)) or 1.0
            low, high = around - reach, around + reach
        room = (high - low or 1.0) * 0.04
        self.low, self.high = low - room, high + room
        self.left, self.right = left, right

    def x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self, most: int = 4) -> list[float]:
        step = 10.0 ** math.floor(math.log10(self.high - self.low))
        for size in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5):
            first, last = math.ceil(self.low / (step * size)), math.floor(self.high / (step * size))
            if last - first + 1 <= most:
                return [n * step * size for n in range(first, last + 1)]
        return []


# --- (a) standings


class _Standings(_Picture):
    def __init__(
        self,
        rows: Sequence[Row],
        result: GroupResult,
        rules: Rules,
        title: str,
        language: str,
        synthetic: bool,
        limit: int | None,
        width: int,
        href: Href | None,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.result, self.rules, self.href = result, rules, href
        self.ranked = [row for row in rows if row.rank is not None]
        self.unranked = len(rows) - len(self.ranked)
        kept = max((n + 1 for n, row in enumerate(self.ranked) if row.outcome != "not_selected"), default=0)
        self.rows = self.ranked if limit is None else self.ranked[: max(limit, kept + 1)]
        if len(self.ranked) - len(self.rows) == 1:
            self.rows = self.ranked  # a line that says "1 more" takes the room of the one
        self.calibrated = any(row.calibrated is not None for row in self.rows)
        self.official = same_scale(rules) or not self.calibrated
        self.linked = href is not None

    def svg(self) -> str:
        cut = self.cut()
        self.labels = [
            f"{row.name}\u00a0†" if row.outcome == "not_selected" and n < cut else row.name
            for n, row in enumerate(self.rows, 1)
        ]
        names = max((text_width(name, bold=True) for name in self.labels), default=0.0)
        self.names = min(names + 2, self.width * 0.4)
        self.numbers = max((text_width(self.number(row)) for row in self.rows), default=0.0) + 8
        ends = [end for row in self.rows for end in row.interval or ()]
        if self.official:
            ends += [float(row.score) for row in self.rows if row.score is not None]
        self.axis = _Axis(ends, self.names + 10, self.width - self.numbers - 4)
        top = self.synthetic_mark(0)
        top = self.heads(top)
        self.grid_at = len(self.marks)
        bottom = self.body(top)
        self.grid(top, bottom)
        self.height = self.tail(bottom)
        return self.close(self.description())

    def heads(self, top: float) -> float:
        """What the marks mean, and what the number at the right is."""
        _ = self.texts.gettext
        y, x = top + 13, 0.0
        if self.official and self.calibrated:
            self.add(f'<path d="M1.5 {_n(y - 10)}v12" stroke="{_INK}" stroke-width="2"/>')
            self.add(_text(8, y, _("official"), size=12, fill=_SOFT))
            x = 8 + text_width(_("official"), 12) + 12
        if self.calibrated:
            self.add(_bar(x + 3, x + 23, y - 4, _EDGE), _dot(x + 13, y - 4, _EDGE))
            self.add(_text(x + 32, y, fill(_("calibrated, 95%% interval")), size=12, fill=_SOFT))
        else:
            self.add(_dot(x + 4, y - 4, _EDGE), _text(x + 14, y, _("official score"), size=12, fill=_SOFT))
        head = _("chance") if self.chances() else ""
        self.add(_text(self.width, y, head, size=12, fill=_SOFT, anchor="end"))
        return top + 22

    def chances(self) -> bool:
        return any(row.chance is not None for row in self.rows)

    def body(self, top: float) -> float:
        y = top
        cut = self.cut()
        if cut == 0:
            y = self.quota_line(y)
        for n, (row, name) in enumerate(zip(self.rows, self.labels, strict=True), 1):
            y = self.row(row, name, y)
            if n == cut:
                y = self.quota_line(y)
        return y

    def cut(self) -> int:
        """After how many rows the quota line falls."""
        return max((n for n, row in enumerate(self.rows, 1) if row.outcome == "selected"), default=0)

    def quota_line(self, y: float) -> float:
        ngettext = self.texts.ngettext
        filled = self.result.places - self.result.empty
        said = fill(ngettext("%(n)d selected", "%(n)d selected", filled), n=filled)
        start = text_width(said, 12, bold=True) + 8
        self.add(
            _text(0, y + 13, said, size=12, fill=_LIMIT, bold=True),
            f'<path d="M{_n(start)} {_n(y + 9)}H{_n(self.width)}" stroke="{_LIMIT}" stroke-dasharray="4 3"/>',
        )
        return y + 19

    def row(self, row: Row, name: str, y: float) -> float:
        chosen = row.outcome == "selected"
        lines = wrapped(name, self.names, bold=chosen)
        tall = 22 if len(lines) == 1 else 36
        middle = y + tall / 2
        colour = _ACCENT if chosen else _EDGE
        marks = [f"<title>{escape(self.sentence(row))}</title>"]
        label = _lines(lines, middle, bold=chosen)
        target = self.href(row.entry) if self.href else None
        marks.append(label if target is None else f'<a href="{escape(target)}">{label}</a>')
        if row.interval is not None and row.calibrated is not None:
            low, high = (self.axis.x(end) for end in row.interval)
            marks += [_bar(low, high, middle, colour), _dot(self.axis.x(row.calibrated), middle, colour)]
        if self.official and row.score is not None:
            at = self.axis.x(float(row.score))
            tick = f'<path d="M{_n(at)} {_n(middle - 7)}v14" stroke="{_INK}" stroke-width="2"/>'
            marks.append(tick if self.calibrated else _dot(at, middle, colour))
        marks.append(_text(self.width, middle + 4.4, self.number(row), anchor="end", bold=chosen))
        self.add(f"<g>{''.join(marks)}</g>")
        return y + tall

    def number(self, row: Row) -> str:
        if self.chances():
            return "–" if row.chance is None else percent(row.chance, self.language)
        return format_score(row.score, self.rules, self.language)

    def grid(self, top: float, bottom: float) -> None:
        """Hairlines behind the rows, and their numbers below."""
        lines = "".join(f"M{_n(self.axis.x(tick))} {_n(top)}V{_n(bottom)}" for tick in self.axis.ticks())
        self.marks.insert(self.grid_at, f'<path d="{lines}" stroke="{_LINE}"/>')
        places = _tick_places(self.axis.ticks())
        for tick in self.axis.ticks():
            self.add(_text(self.axis.x(tick), bottom + 14, f"{tick:.{places}f}", size=12, fill=_SOFT, anchor="middle"))

    def tail(self, bottom: float) -> float:
        """What is not shown, and what the dagger means."""
        _, ngettext = self.texts.gettext, self.texts.ngettext
        notes = []
        rest = len(self.ranked) - len(self.rows)
        if rest:
            notes.append(fill(ngettext("… and %(n)d more", "… and %(n)d more", rest), n=rest))
        if self.unranked:
            notes.append(
                fill(ngettext("%(n)d without a result", "%(n)d without a result", self.unranked), n=self.unranked)
            )
        if any(name.endswith("†") for name in self.labels):
            notes.append(_("† below a threshold"))
        y = bottom + 20
        if notes:
            self.add(_text(0, y + 13, " · ".join(notes), size=12, fill=_SOFT))
            y += 19
        return y

    def sentence(self, row: Row) -> str:
        _ = self.texts.gettext
        parts = [row.name]
        if row.rank is not None:
            parts.append(rank_words(row.rank, self.language))
        score = format_score(row.score, self.rules, self.language)
        parts.append(fill(_("official %(score)s"), score=score))
        if row.interval is not None:
            low, high = row.interval
            template = _("calibrated %(score)s (95%% interval %(low)s to %(high)s)")
            parts.append(fill(template, score=f"{row.calibrated:.1f}", low=f"{low:.1f}", high=f"{high:.1f}"))
        if row.chance is not None:
            parts.append(fill(_("chance of selection %(chance)s"), chance=percent(row.chance, self.language)))
        parts.append(outcome_words(row.outcome, self.language))
        return ", ".join(parts)

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        chosen = [row for row in self.rows if row.outcome == "selected"]
        said = fill(
            ngettext(
                "Scores of %(shown)d of %(size)d entrant, best first.",
                "Scores of %(shown)d of %(size)d entrants, best first.",
                self.result.size,
            ),
            shown=len(self.rows),
            size=self.result.size,
        )
        names = listed(
            (f"{row.name} {format_score(row.score, self.rules, self.language)}" for row in chosen), self.language
        )
        return f"{said} {_selected(names, self.language)}"


# --- (b) severity


class _Severity(_Picture):
    def __init__(
        self,
        names: Sequence[str],
        severity: np.ndarray,
        error: np.ndarray,
        title: str,
        language: str,
        synthetic: bool,
        limit: int | None,
        width: int,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        order = [int(n) for n in np.argsort(-severity, kind="stable") if math.isfinite(severity[n])]
        self.count = len(order)
        self.values = [(names[n], float(severity[n]), Z95 * float(error[n])) for n in order]
        self.skipped = 0
        if limit is not None and self.count > limit:
            half = limit // 2
            self.skipped = self.count - 2 * half
            self.shown = [*self.values[:half], None, *self.values[-half:]]
        else:
            self.shown = [*self.values]

    shown: list[tuple[str, float, float] | None]

    def svg(self) -> str:
        _ = self.texts.gettext
        rows = [row for row in self.shown if row is not None]
        left = min(max((text_width(name) for name, _v, _e in rows), default=0.0) + 12, self.width * 0.4)
        axis = _Axis([v + s * e for _n0, v, e in rows for s in (-1, 1)], left, self.width - 44, around=0.0)
        top = self.synthetic_mark(0)
        self.add(
            _text(left, top + 13, _("← milder"), size=12, fill=_SOFT),
            _text(self.width - 44, top + 13, _("harsher →"), size=12, fill=_SOFT, anchor="end"),
            _text(self.width, top + 13, _("points"), size=12, fill=_SOFT, anchor="end"),
        )
        y = top = top + 22
        at = len(self.marks)
        for row in self.shown:
            y = self.gap(y) if row is None else self.row(row, axis, left, y)
        ticks = axis.ticks(5)
        lines = "".join(f"M{_n(axis.x(tick))} {_n(top)}V{_n(y)}" for tick in ticks)
        zero = axis.x(0.0)
        self.marks.insert(
            at, f'<path d="{lines}" stroke="{_LINE}"/><path d="M{_n(zero)} {_n(top)}V{_n(y)}" stroke="{_EDGE}"/>'
        )
        places = _tick_places(ticks)
        self.add(*(_text(axis.x(t), y + 14, _signed(t, places), size=12, fill=_SOFT, anchor="middle") for t in ticks))
        self.height = y + 20
        return self.close(self.description())

    def row(self, row: tuple[str, float, float], axis: _Axis, left: float, y: float) -> float:
        name, value, half = row
        colour = _ACCENT if abs(value) > half else _EDGE
        lines = wrapped(name, left - 8, keep_end=True)
        tall = 20 if len(lines) == 1 else 36
        middle = y + tall / 2
        _ = self.texts.gettext
        said = fill(
            _("%(name)s: %(severity)s (95%% interval %(low)s to %(high)s)"),
            name=name,
            severity=severity_words(value, self.language),
            low=_signed(value - half, 1),
            high=_signed(value + half, 1),
        )
        self.add(
            f"<g><title>{escape(said)}</title>",
            _lines(lines, middle),
            _bar(axis.x(value - half), axis.x(value + half), middle, colour),
            _dot(axis.x(value), middle, colour),
            _text(self.width, middle + 4.4, _signed(value, 1), anchor="end"),
            "</g>",
        )
        return y + tall

    def gap(self, y: float) -> float:
        ngettext = self.texts.ngettext
        said = fill(ngettext("… %(n)d between …", "… %(n)d between …", self.skipped), n=self.skipped)
        self.add(_text(0, y + 16, said, size=12, fill=_SOFT))
        return y + 24

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        if not self.values:
            return _("No reviewer has a severity.")
        clear = sum(abs(value) > half for _n0, value, half in self.values)
        template = ngettext(
            "%(n)d reviewer, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differs from the panel.",
            "%(n)d reviewers, the harshest first: from %(first)s to %(last)s; %(clear)d clearly differ from the panel.",
            self.count,
        )
        first, last = (severity_words(self.values[n][1], self.language) for n in (0, -1))
        return fill(template, n=self.count, first=first, last=last, clear=clear)


# --- (c) tile map


class _TileMap(_Picture):
    def __init__(
        self,
        layout: Tiles,
        tiles: Sequence[Tile],
        title: str,
        language: str,
        synthetic: bool,
        width: int,
        href: Href | None,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.layout, self.tiles, self.href = layout, tiles, href
        self.linked = href is not None
        self.side = (width - 4) / max(layout.columns, 1)
        self.left = 2.0

    def svg(self) -> str:
        self.top = self.synthetic_mark(0) + 2
        for place in np.lexsort((self.layout.column, self.layout.row)):
            self.tile(self.tiles[place], int(self.layout.column[place]), int(self.layout.row[place]))
        self.outlines()
        self.height = self.legend(self.top + self.layout.rows * self.side + 10)
        return self.close(self.description())

    def tile(self, tile: Tile, column: int, row: int) -> None:
        x, y, side = self.left + column * self.side, self.top + row * self.side, self.side
        chosen = tile.outcome == "selected"
        marks = [f"<title>{escape(tile.title)}</title>", self.square(x, y, side, tile.level, tile.outcome)]
        if tile.head and not chosen:
            marks.append(
                f'<rect x="{_n(x + 2)}" y="{_n(y + 2)}" width="{_n(side - 4)}" height="{_n(side - 4)}" rx="2" '
                f'fill="none" stroke="{_EDGE}"/>'
            )
        marks.append(self.label(tile, x + side / 2, y + side / 2, _ON_ACCENT if chosen else None))
        body = "".join(marks)
        target = self.href(tile.entry) if self.href else None
        self.add(f"<g>{body}</g>" if target is None else f'<a href="{escape(target)}">{body}</a>')

    def square(self, x: float, y: float, side: float, level: int | None, outcome: Outcome | None) -> str:
        fill_, opacity = (_ACCENT, 1.0) if outcome == "selected" else (_ACCENT, _TINTS[level or 0])
        shape = f'x="{_n(x)}" y="{_n(y)}" width="{_n(side)}" height="{_n(side)}" stroke="{_PAPER}" stroke-width="1"'
        if level is None and outcome != "selected":
            return f'<rect {shape} fill="{_PAPER}"/>'
        return (
            f'<rect {shape} fill="{fill_}" fill-opacity="{opacity:g}"/>'
            if opacity < 1
            else f'<rect {shape} fill="{fill_}"/>'
        )

    def label(self, tile: Tile, x: float, y: float, colour: str | None) -> str:
        bold = tile.head or tile.outcome == "selected"
        lines, size = _fitted(tile.label, self.side - 1.5, bold)
        first = y + size * 0.36 - (len(lines) - 1) * size * 0.5
        return "".join(
            _text(x, first + n * size, line, size=size, fill=colour, anchor="middle", bold=bold)
            for n, line in enumerate(lines)
        )

    def outlines(self) -> None:
        path = "".join(
            "M" + "L".join(f"{_n(self.left + c * self.side)} {_n(self.top + r * self.side)}" for c, r in ring) + "Z"
            for region in self.layout.regions
            for ring in self.layout.outline(region)
        )
        self.add(f'<path d="{path}" fill="none" stroke="{_SOFT}" stroke-width="1.4" stroke-linejoin="round"/>')

    def legend(self, y: float) -> float:
        """What the colours and frames mean, on as many lines as it takes."""
        _ = self.texts.gettext
        side, frame = 14.0, f'width="13" height="13" fill="none" stroke="{_EDGE}"'
        ramp = "".join(self.square(side * n, 0, side, LEVELS - 1 - n, None) for n in range(LEVELS))
        keys = [
            (self.square(0, 0, side, None, "selected"), side, _("selected")),
            (ramp, side * LEVELS, _("rank in its group: high to low")),
            (f'<rect x=".5" y=".5" rx="2" {frame}/>', side, _("the upper-level government of a region")),
        ]
        if any(tile.level is None for tile in self.tiles):
            outside = any(tile.outcome is None for tile in self.tiles)
            blank = _("no result or not in the round") if outside else no_result(self.language)
            keys.append((f'<rect x=".5" y=".5" {frame.replace(_EDGE, _LINE)}/>', side, blank))
        x = self.left
        for mark, wide, word in keys:
            room = wide + 6 + text_width(word, 12) + 14
            if x > self.left and x + room - 14 > self.width:
                x, y = self.left, y + 20
            label = _text(wide + 6, 11.5, word, size=12, fill=_SOFT)
            self.add(f'<g transform="translate({_n(x)} {_n(y)})">{mark}{label}</g>')
            x += room
        return y + 20

    def description(self) -> str:
        _, ngettext = self.texts.gettext, self.texts.ngettext
        chosen = [tile.title for tile in self.tiles if tile.outcome == "selected"]
        count = len(self.tiles)
        said = fill(
            ngettext(
                "A map of %(n)d equal tile, regions outlined.", "A map of %(n)d equal tiles, regions outlined.", count
            ),
            n=count,
        )
        return f"{said} {_selected('; '.join(chosen), self.language)}"


# --- helpers, in order of use


def _selected(names: str, language: str) -> str:
    _ = translator(language).gettext
    return fill(_("Selected: %(names)s."), names=names) if names else _("Nobody is selected.")


# Widths of kinds of letters in ems.
_EMS = {"wide": 0.92, "upper": 0.69, "digit": 0.6, "narrow": 0.3, "lower": 0.555}
# Opacity of the accent over the paper, from the lowest fifth to the highest. The highest leaves dark text readable.
_TINTS = (0.05, 0.12, 0.2, 0.29, 0.4)
_SIZES = (10.5, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5)
_LATIN_SIZES = tuple(size for size in _SIZES if size <= 7.5)  # small letters of all lengths look alike on their tiles
# A romanised Korean syllable: onset, vowels, and a final sound that no vowel or glide follows.
_SYLLABLE = re.compile(r"[^aeiou]*(?:[aeiou]+(?:(?:ng|[bklmnpst])(?![aeiouyw]))?|$)", re.IGNORECASE)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _kind(letter: str) -> str:
    if ord(letter) > 0x2E80:
        return "wide"
    if letter in " .,:;'|ijlI()[]-·/":
        return "narrow"
    if letter.isdigit():
        return "digit"
    return "upper" if letter.isupper() else "lower"


def _cut(text: str, width: float, size: float, bold: bool) -> str:
    if text_width(text, size, bold) <= width:
        return text
    while text and text_width(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _n(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = TEXT,
    fill: str | None = None,
    anchor: str = "",
    bold: bool = False,
) -> str:
    extra = (f' font-size="{size:g}"' if size != TEXT else "") + (f' fill="{fill}"' if fill else "")
    extra += f' text-anchor="{anchor}"' if anchor else ""
    extra += ' font-weight="700"' if bold else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{extra}>{escape(text)}</text>' if text else ""


def _lines(lines: Sequence[str], middle: float, bold: bool = False) -> str:
    """One or two lines at the left, around the middle of their row."""
    first = middle + 4.4 - 7.2 * (len(lines) - 1)
    return "".join(_text(0, first + 14.4 * n, line, bold=bold) for n, line in enumerate(lines))


def _bar(low: float, high: float, y: float, colour: str) -> str:
    return (
        f'<path d="M{_n(low)} {_n(y)}H{_n(high)}" stroke="{colour}" stroke-opacity=".4" stroke-width="6" '
        'stroke-linecap="round"/>'
    )


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="3.5" fill="{colour}"/>'


def _tick_places(ticks: Sequence[float]) -> int:
    """Decimal places that tell the ticks apart and show each exactly."""
    return next((n for n in range(4) if all(abs(round(tick, n) - tick) < 1e-9 for tick in ticks)), 4)


def _signed(value: float, places: int) -> str:
    text = f"{abs(value):.{places}f}"
    if not float(text):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def _fitted(label: str, side: float, bold: bool) -> tuple[list[str], float]:
    """The label on one to three lines in the largest type with which all of it stands on a tile."""
    for size in _LATIN_SIZES if label.isascii() else _SIZES:
        for lines in _stacks(label):
            widest = max(text_width(line, size, bold) for line in lines)
            if widest <= side and len(lines) * size <= side:
                return lines, size
    return [label], _SIZES[-1]


def _stacks(label: str) -> list[list[str]]:
    """Ways to stack a label: Hangul by syllables, two on the first line; romanised names by syllables."""
    if not label.isascii():
        return (
            [[label]] if len(label) < 3 else [[label], [label[: (len(label) + 1) // 2], label[(len(label) + 1) // 2 :]]]
        )
    parts = [part for part in _SYLLABLE.findall(label) if part]
    halves = [["".join(parts[:n]), "".join(parts[n:])] for n in range(1, len(parts))]
    thirds = [
        ["".join(parts[:a]), "".join(parts[a:b]), "".join(parts[b:])]
        for a in range(1, len(parts))
        for b in range(a + 1, len(parts))
    ]
    return [[label], *halves, *thirds]
