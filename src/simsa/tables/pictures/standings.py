"""Standings of one group as a picture: rows with intervals, and the quota line where it falls."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from simsa.engine.selection import GroupResult, Zone
from simsa.rules import Rules
from simsa.tables.pictures.axis import Axis, tick_places
from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LIMIT, LINE, SOFT
from simsa.tables.pictures.lettering import text_width, wrapped
from simsa.tables.pictures.marks import band, bar, dot, lines_at, px, text_at
from simsa.tables.pictures.picture import WIDTH, Href, Picture, selected_words
from simsa.tables.pictures.rows import Row, same_scale
from simsa.tables.words import fill, format_score, listed, outcome_words, percent, rank_words, zone_words


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
    also: str = "",
) -> str:
    """Entrants of one group as rows, best first: official score, calibrated score with 95 % interval, P(selected).

    The quota line is drawn where it falls. `limit` rows are shown (always those selected and in reserve), all if None;
    what is left out is counted. `also` is an entry that is shown wherever it stands. `href(entry)` makes the names
    links. `width` is the natural width in units of a pixel.
    """
    return _Standings(rows, result, rules, title, language, synthetic, limit, width, href, also).svg()


class _Standings(Picture):
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
        also: str,
    ) -> None:
        super().__init__(title, language, synthetic, width)
        self.result, self.rules, self.href = result, rules, href
        self.ranked = [row for row in rows if row.rank is not None]
        self.unranked = len(rows) - len(self.ranked)
        kept = max((n + 1 for n, row in enumerate(self.ranked) if row.outcome != "not_selected"), default=0)
        self.rows = self.ranked if limit is None else self.ranked[: max(limit, kept + 1)]
        if len(self.ranked) - len(self.rows) == 1:
            self.rows = self.ranked  # a line that says "1 more" takes the room of the one
        at = next((n for n, row in enumerate(self.ranked) if row.entry == also), -1)
        self.between = max(0, at - len(self.rows))
        self.after = len(self.ranked) - max(len(self.rows), at + 1)
        if at >= len(self.rows):
            self.rows = [*self.rows, self.ranked[at]]
        self.also = also
        self.calibrated = any(row.calibrated is not None for row in self.rows)
        self.official = same_scale(rules) or not self.calibrated
        self.linked = href is not None

    def svg(self) -> str:
        cut = self.cut()
        self.labels = [
            f"{row.name}\u00a0†" if row.outcome == "not_selected" and n < cut and not row.drawn else row.name
            for n, row in enumerate(self.rows, 1)
        ]
        names = max((text_width(name, bold=True) for name in self.labels), default=0.0)
        self.names = min(names + 2, self.width * 0.4)
        self.numbers = max((text_width(self.number(row)) for row in self.rows), default=0.0) + 8
        ends = [end for row in self.rows for end in row.interval or ()]
        if self.official:
            ends += [float(row.score) for row in self.rows if row.score is not None]
        self.axis = Axis(ends, self.names + 10, self.width - self.numbers - 4)
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
            self.add(f'<path d="M1.5 {px(y - 10)}v12" stroke="{INK}" stroke-width="2"/>')
            self.add(text_at(8, y, _("official"), size=12, fill=SOFT))
            x = 8 + text_width(_("official"), 12) + 12
        if self.calibrated:
            self.add(bar(x + 3, x + 23, y - 4, EDGE), dot(x + 13, y - 4, EDGE))
            self.add(text_at(x + 32, y, fill(_("calibrated, 95%% interval")), size=12, fill=SOFT))
        else:
            self.add(dot(x + 4, y - 4, EDGE), text_at(x + 14, y, _("official score"), size=12, fill=SOFT))
        head = _("chance") if self.chances() else ""
        self.add(text_at(self.width, y, head, size=12, fill=SOFT, anchor="end"))
        return top + 22

    def chances(self) -> bool:
        return any(row.chance is not None for row in self.rows)

    def body(self, top: float) -> float:
        y = top
        cut = self.cut()
        drawn = any(row.drawn for row in self.rows)
        if cut == 0:
            y = self.quota_line(y)
        for n, (row, name) in enumerate(zip(self.rows, self.labels, strict=True), 1):
            if n == len(self.rows) and self.between:
                y = self.gap(y)
            y = self.row(row, name, y)
            if n == cut and not drawn:
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
            text_at(0, y + 13, said, size=12, fill=LIMIT, bold=True),
            f'<path d="M{px(start)} {px(y + 9)}H{px(self.width)}" stroke="{LIMIT}" stroke-dasharray="4 3"/>',
        )
        return y + 19

    def gap(self, y: float) -> float:
        """How many stand between those at the top and the entrant that is shown wherever it stands."""
        ngettext = self.texts.ngettext
        said = fill(ngettext("… %(n)d between", "… %(n)d between", self.between), n=self.between)
        self.add(text_at(0, y + 13, said, size=12, fill=SOFT))
        return y + 19

    def row(self, row: Row, name: str, y: float) -> float:
        chosen, bold = row.outcome == "selected", row.outcome == "selected" or row.entry == self.also
        lines = wrapped(name, self.names, bold=bold)
        tall = 22 if len(lines) == 1 else 36
        middle = y + tall / 2
        colour = ACCENT if chosen else EDGE
        marks = [f"<title>{escape(self.sentence(row))}</title>"]
        label = lines_at(lines, middle, bold=bold)
        target = self.href(row.entry) if self.href else None
        marks.append(label if target is None else f'<a href="{escape(target)}">{label}</a>')
        if row.interval is not None and row.calibrated is not None:
            low, high = (self.axis.x(end) for end in row.interval)
            marks += [bar(low, high, middle, colour), dot(self.axis.x(row.calibrated), middle, colour)]
        if self.official and row.score is not None:
            at = self.axis.x(float(row.score))
            tick = f'<path d="M{px(at)} {px(middle - 7)}v14" stroke="{INK}" stroke-width="2"/>'
            marks.append(tick if self.calibrated else dot(at, middle, colour))
        marks.append(text_at(self.width, middle + 4.4, self.number(row), anchor="end", bold=bold))
        if row.zone is Zone.TIE:
            self.add(band(0, y, self.width, tall))
        self.add(f"<g>{''.join(marks)}</g>")
        return y + tall

    def number(self, row: Row) -> str:
        if self.chances():
            return "–" if row.chance is None else percent(row.chance, self.language)
        return format_score(row.score, self.rules, self.language)

    def grid(self, top: float, bottom: float) -> None:
        """Hairlines behind the rows, and their numbers below."""
        lines = "".join(f"M{px(self.axis.x(tick))} {px(top)}V{px(bottom)}" for tick in self.axis.ticks())
        self.marks.insert(self.grid_at, f'<path d="{lines}" stroke="{LINE}"/>')
        places = tick_places(self.axis.ticks())
        for tick in self.axis.ticks():
            self.add(text_at(self.axis.x(tick), bottom + 14, f"{tick:.{places}f}", size=12, fill=SOFT, anchor="middle"))

    def tail(self, bottom: float) -> float:
        """What is not shown, and what the dagger means."""
        _, ngettext = self.texts.gettext, self.texts.ngettext
        notes = []
        if self.after:
            notes.append(fill(ngettext("… and %(n)d more", "… and %(n)d more", self.after), n=self.after))
        if self.unranked:
            notes.append(
                fill(ngettext("%(n)d without a result", "%(n)d without a result", self.unranked), n=self.unranked)
            )
        if any(row.zone is Zone.TIE for row in self.rows):
            notes.append(_("tinted: tie zone"))
        if any(name.endswith("†") for name in self.labels):
            notes.append(_("† below a threshold"))
        y = bottom + 20
        if notes:
            self.add(text_at(0, y + 13, " · ".join(notes), size=12, fill=SOFT))
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
        if row.zone is not None:
            parts.append(zone_words(row.zone, self.language))
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
        return f"{said} {selected_words(names, self.language)}"
