"""The report of a run: one HTML file with winners, reasons, pictures, tables, rules and how it was made.

It needs no network and no script: styles and pictures are inside, and what the few lines of script add (sorting, a
filter for names) is only a convenience. Equal runs give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from simsa.engine.calibration import Calibration
from simsa.engine.inputs import Status
from simsa.engine.selection import GroupResult, Standing

from . import korea
from .pictures import (
    LEVELS,
    Z95,
    Row,
    Tile,
    same_scale,
    severity_picture,
    standing_rows,
    standings_picture,
    tile_map_picture,
)
from .run import Run
from .table import RowError
from .words import (
    NO_NUMBER,
    Section,
    fault_words,
    fill,
    format_score,
    group_name,
    group_summary,
    note_words,
    outcome_words,
    percent,
    points,
    rank_words,
    rules_words,
    score_places,
    translator,
)

_TEMPLATES = Path(__file__).parent / "templates"
_MANY_GROUPS = 12  # beyond, each group folds
_MANY_ENTRANTS = 40  # beyond, names can be looked up
_MOST_PARTS = 6  # criteria that fit beside the score
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
    outcome: str
    reason: str
    won: bool
    cut: bool


@dataclass(frozen=True)
class GroupView:
    anchor: str
    name: str
    summary: str
    picture: Markup
    rows: tuple[EntrantView, ...]

    @property
    def winners(self) -> tuple[EntrantView, ...]:
        return tuple(row for row in self.rows if row.won)


@dataclass(frozen=True)
class ReviewerView:
    name: str
    severity: str
    sort: str
    interval: str
    sheets: int


@dataclass(frozen=True)
class FaultView:
    """A row of the input that was not used as it is: where, the cell to blame, and why."""

    place: str
    cell: str
    what: str


@dataclass(frozen=True)
class FileView:
    name: str
    section: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Page:
    """Everything the template shows, in the language of the page."""

    title: str
    lead: str
    synthetic: bool
    synthetic_note: str
    contents: tuple[tuple[str, str], ...]
    long: bool
    groups: tuple[GroupView, ...]
    parts: tuple[str, ...]
    calibrated: bool
    interval_head: str
    scores_text: str
    names: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    map: Markup | None
    map_text: str
    severity: Markup | None
    severity_text: str
    reviewers: tuple[ReviewerView, ...]
    rules: tuple[Section, ...]
    files: tuple[FileView, ...]
    malformed: tuple[FaultView, ...]
    unmatched: tuple[FaultView, ...]
    repeated: tuple[FaultView, ...]
    dropped: tuple[FaultView, ...]
    renamed: tuple[FaultView, ...]
    without_input: tuple[str, ...]
    notes: tuple[str, ...]
    method: tuple[str, ...]
    calibration_notes: tuple[str, ...]
    rules_hash: str
    seed: str | None
    sources: tuple[object, ...]
    command: str
    versions: str
    computed: tuple[str, ...]
    credit: str | None
    licence: str | None
    rows: tuple[EntrantView, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(row for group in self.groups for row in group.rows))


def render_report(run: Run, language: str | None = None) -> str:
    """The report of a run as one HTML page, in the language of the round if none is named.

    A round of Korean local governments has a map.
    """
    spoken = language or run.rules.language
    page = _Assembly(run, spoken).page()
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    text: str = (
        _environment(spoken)
        .get_template("report.html.j2")
        .render(page=page, language=spoken, css=Markup(style), js=Markup(script), nothing=_nothing(spoken))  # noqa: S704
    )
    return text


@cache
def _environment(language: str) -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=False,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_translations(translator(language))  # type: ignore[attr-defined]
    return found


def _nothing(language: str) -> str:
    _ = translator(language).gettext
    return _("no result")


class _Assembly:
    """Puts a run into the words, numbers and pictures of a page."""

    def __init__(self, run: Run, language: str) -> None:
        self.run, self.language = run, language
        self.texts = translator(language)
        self.rules, self.inputs, self.evaluation = run.rules, run.inputs, run.evaluation
        self.names = run.names(language)
        self.long = len(self.evaluation.selection.groups) > _MANY_GROUPS
        self.parts = self._parts()
        self.tiles = self._tiles()

    def page(self) -> Page:
        report = self.inputs.report
        calibration = self.evaluation.calibration
        return Page(
            title=self.rules.name.text(self.language),
            lead=self._lead(),
            synthetic=self.run.synthetic,
            synthetic_note=self._synthetic_note(),
            contents=self._contents(),
            long=self.long,
            groups=self._groups(),
            parts=tuple(self.rules.by_id[node].name.text(self.language) for node in self.parts),
            calibrated=calibration is not None,
            interval_head=self._interval_head(),
            scores_text=self._scores_text(),
            names=self._finding(),
            map=self._map(),
            map_text=self._map_text(),
            severity=self._severity(),
            severity_text=self._severity_text(),
            reviewers=self._reviewers(),
            rules=tuple(rules_words(self.rules, self.language)),
            files=tuple(
                FileView(
                    file.file,
                    f"[{file.section}]",
                    (
                        file.read,
                        file.kept,
                        file.filtered,
                        len(file.dropped),
                        len(file.malformed),
                        len(file.unmatched),
                        len(file.repeated),
                    ),
                )
                for file in report.files
            ),
            malformed=self._faults(report.malformed),
            unmatched=self._faults(report.unmatched),
            repeated=self._faults(report.repeated),
            dropped=self._faults(report.dropped),
            renamed=tuple(
                FaultView(
                    f"{item.file}:{item.line}", item.name, f"→ {self.names.get(item.entry, item.entry)}: {item.why}"
                )
                for item in report.renamed
            ),
            without_input=tuple(self.names.get(entry, entry) for entry in report.without_input),
            notes=tuple(fault_words(note, self.language) for note in report.notes),
            method=self._method(),
            calibration_notes=self._calibration_notes(),
            rules_hash=self.rules.hash,
            seed=self.run.seed,
            sources=self.inputs.sources,
            command=self.run.command,
            versions=", ".join(f"{name} {number}" for name, number in self.run.versions),
            computed=self._computed(),
            credit=self.inputs.credit,
            licence=self.inputs.licence,
        )

    # --- words

    def _faults(self, errors: Iterable[RowError]) -> tuple[FaultView, ...]:
        return tuple(self._fault(error) for error in errors)

    def _fault(self, error: RowError) -> FaultView:
        what, hint = fault_words(error.what, self.language), fault_words(error.hint, self.language)
        cell = f"{error.field} {error.value}".strip()
        return FaultView(f"{error.file}:{error.line}", cell, f"{what} ({hint})" if hint else what)

    def _lead(self) -> str:
        _ = self.texts.gettext
        marked = (self.run.sheets.status == Status.MARK).any(axis=1) if len(self.run.sheets) else np.zeros(0, bool)
        sheets = int(marked.sum())
        counts = {
            "entrants": f"{len(self.inputs.entries):,}",
            "reviewers": f"{len(self.run.sheets.reviewers):,}",
            "sheets": f"{sheets:,}",
            "indicators": str(len(self.rules.indicators)),
            "selected": f"{len(self.evaluation.selection.winners):,}",
            "groups": f"{len(self.evaluation.selection.groups):,}",
        }
        if sheets:
            return fill(
                _(
                    "%(entrants)s entrants in %(groups)s groups, %(reviewers)s reviewers, %(sheets)s sheets: "
                    "%(selected)s selected."
                ),
                **counts,
            )
        return fill(
            _("%(entrants)s entrants in %(groups)s groups, %(indicators)s indicators: %(selected)s selected."), **counts
        )

    def _synthetic_note(self) -> str:
        _ = self.texts.gettext
        return _(
            "The panel's marks on this page are synthetic: drawn from a documented model and seed to show the "
            "procedure. Nobody was evaluated, and nothing here says anything about any entrant."
        )

    def _contents(self) -> tuple[tuple[str, str], ...]:
        _ = self.texts.gettext
        found = [
            ("winners", _("Selected"), True),
            ("map", _("Map"), bool(self.tiles)),
            ("scores", _("Scores and how sure they are"), True),
            ("table", _("All entrants"), not self.long),
            ("severity", _("Reviewers' severity"), self.evaluation.calibration is not None),
            ("rules", _("The rules in words"), True),
            ("input", _("Input"), True),
            ("method", _("Method"), True),
            ("proof", _("To check and to repeat"), True),
        ]
        return tuple((key, title) for key, title, there in found if there)

    def _interval_head(self) -> str:
        _ = self.texts.gettext
        return fill(_("95%% interval"))

    def _scores_text(self) -> str:
        _ = self.texts.gettext
        if self.evaluation.calibration is None:
            return _("The official score alone decides. The dashed line shows where the quota falls.")
        said = [_("The official score alone decides. The dashed line shows where the quota falls.")]
        if same_scale(self.rules):
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
        return " ".join(said)

    def _map_text(self) -> str:
        _ = self.texts.gettext
        return _("Every local government is a tile of the same size. The tint is the rank within its own group.")

    def _severity_text(self) -> str:
        _ = self.texts.gettext
        return _(
            "How much lower than the panel each reviewer scores the same entries. A bar that does not touch the zero "
            "line is a clear difference. The official score does not use it."
        )

    def _method(self) -> tuple[str, ...]:
        _ = self.texts.gettext
        said = [
            _(
                "The official score is computed with exact numbers, as the rules say, and rounded only where they say "
                "so. It alone decides ranks and places."
            )
        ]
        assignment, calibration = self.run.assignment, self.evaluation.calibration
        if assignment is not None:
            proof = (
                _("The assignment is proven to have the greatest total affinity that loads and conflicts allow.")
                if assignment.certificate.optimal
                else _("The assignment is not proven to be the best.")
            )
            counted = fill(
                _("%(slots)s sheets were assigned; %(conflicts)s pairs with a conflict were excluded."),
                slots=f"{len(assignment.entry):,}",
                conflicts=f"{len(self.run.conflicts):,}",
            )
            said.append(f"{counted} {proof}")
            if not assignment.complete:
                said.append(
                    fill(_("Entries without all the reviewers that they need: %(n)s."), n=f"{len(assignment.short):,}")
                )
        if calibration is not None:
            said.append(self._model(calibration))
        return tuple(said)

    def _model(self, calibration: Calibration) -> str:
        _ = self.texts.gettext
        spread = {
            name: "–" if np.isnan(variance) else f"{variance**0.5:.2f}"
            for name, variance in (
                ("entrants", calibration.entrant_variance),
                ("reviewers", calibration.reviewer_variance),
                ("rest", calibration.residual_variance),
            )
        }
        return fill(
            _(
                "Calibration takes each sheet's total as the mean of its group, plus the entrant's quality, less the "
                "reviewer's severity, plus noise, and estimates all of them together (crossed random effects, REML). "
                "Standard deviations in points: entrants %(entrants)s, severity %(reviewers)s, noise %(rest)s. It is a "
                "diagnosis and decides nothing."
            ),
            **spread,
        )

    def _calibration_notes(self) -> tuple[str, ...]:
        calibration = self.evaluation.calibration
        if calibration is None:
            return ()
        groups = [group_name(self.rules, group, self.language) for group in self.inputs.entries.groups]
        entries = [self.names[entry] for entry in self.inputs.entries.ids]
        reviewers = self.run.reviewer_names(self.language)
        return tuple(
            note_words(note, self.language, groups=groups, entries=entries, reviewers=reviewers)
            for note in calibration.notes
        )

    def _computed(self) -> tuple[str, ...]:
        """What the engine says of how each part was obtained, as it says it."""
        run = self.run
        parts = [
            ("assignment", run.assignment.solver if run.assignment else ""),
            ("sheets", run.simulation.method if run.simulation else ""),
            ("tally", self.evaluation.tally.method),
            ("calibration", self.evaluation.calibration.method if self.evaluation.calibration else ""),
            ("selection", self.evaluation.selection.method),
        ]
        return tuple(f"{part}: {how}" for part, how in parts if how)

    # --- entrants

    def _parts(self) -> tuple[str, ...]:
        """The criteria just below the one that ranks, if every entry has its own value at them and they are few."""
        children = self.rules.children(self.rules.rank_by)
        own = [child.id for child in children if child.id in self.evaluation.tally.values]
        return tuple(own) if len(own) == len(children) <= _MOST_PARTS else ()

    def _groups(self) -> tuple[GroupView, ...]:
        rows = standing_rows(self.evaluation, self.rules, self.inputs.entries, self.names)
        standings: dict[str, list[Standing]] = {}
        for standing in self.evaluation.selection.standings:
            standings.setdefault(standing.group, []).append(standing)
        return tuple(
            self._group(n, result, rows[result.group], standings.get(result.group, []))
            for n, result in enumerate(self.evaluation.selection.groups, 1)
        )

    def _group(self, number: int, result: GroupResult, rows: Sequence[Row], standings: Sequence[Standing]) -> GroupView:
        name = group_name(self.rules, result.group, self.language)
        picture = standings_picture(
            rows,
            result,
            self.rules,
            title=name,
            language=self.language,
            synthetic=self.run.synthetic,
            limit=_SHORT if self.long else 15,
        )
        last = max((n for n, standing in enumerate(standings) if standing.selected), default=None)
        views = tuple(
            self._entrant(row, standing, name, n == last)
            for n, (row, standing) in enumerate(zip(rows, standings, strict=True))
        )
        summary = group_summary(result, self.rules, self.language)
        return GroupView(f"g{number}", name, summary, Markup(picture), views)  # noqa: S704

    def _entrant(self, row: Row, standing: Standing, group: str, cut: bool) -> EntrantView:
        n = self.inputs.entries.index[row.entry]
        tally = self.evaluation.tally
        return EntrantView(
            anchor=f"e{n + 1}",
            name=row.name,
            group=group,
            rank="" if row.rank is None else str(row.rank),
            rank_text=NO_NUMBER if row.rank is None else str(row.rank),
            score=format_score(row.score, self.rules, self.language),
            sort="" if row.score is None else f"{float(row.score):.10g}",
            parts=tuple(
                format_score(tally.value(node, n), score_places(self.rules, node), self.language) for node in self.parts
            ),
            calibrated=NO_NUMBER if row.calibrated is None else f"{row.calibrated:.1f}",
            interval=_interval(row.interval),
            chance=NO_NUMBER if row.chance is None else percent(row.chance, self.language),
            chance_sort="" if row.chance is None else f"{row.chance:.4f}",
            outcome=outcome_words(standing.outcome, self.language, standing.reason.position),
            reason=self.run.reason(standing, self.language, self.names),
            won=standing.selected,
            cut=cut,
        )

    def _finding(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Names in order, each with the places where it stands."""
        if len(self.inputs.entries) <= _MANY_ENTRANTS:
            return ()
        places: dict[str, list[tuple[str, str]]] = {}
        for n, (entry, group) in enumerate(zip(self.inputs.entries.ids, self.inputs.entries.group, strict=True), 1):
            place = (f"e{n}", group_name(self.rules, group, self.language))
            places.setdefault(self.names[entry], []).append(place)
        return tuple((name, tuple(found)) for name, found in sorted(places.items()))

    # --- pictures

    def _map(self) -> Markup | None:
        if not self.tiles:
            return None
        _ = self.texts.gettext
        picture = tile_map_picture(
            korea.tile_map(),
            self.tiles,
            title=_("Map"),
            language=self.language,
            synthetic=self.run.synthetic,
            href=self._anchor,
        )
        return Markup(picture)  # noqa: S704

    def _tiles(self) -> tuple[Tile, ...]:
        """What stands on the tiles of the map, if every entry is a local government of Korea, known by its code."""
        if not korea.are_governments(self.inputs.entries.ids):
            return ()
        standings = {standing.entry: standing for standing in self.evaluation.selection.standings}
        sizes = {result.group: result.size for result in self.evaluation.selection.groups}
        names = {one.code: one.name(self.language) for one in korea.governments()}
        return tuple(
            self._tile(one, names[one.code], names[one.region_code], standings.get(one.code), sizes)
            for one in korea.governments()
        )

    def _tile(
        self,
        government: korea.Government,
        name: str,
        region: str,
        standing: Standing | None,
        sizes: Mapping[str, int],
    ) -> Tile:
        _ = self.texts.gettext
        code, head, label = government.code, government.is_region, government.label(self.language)
        if standing is None:
            return Tile(code, label, fill(_("%(name)s, not in this round"), name=name), region, head)
        group = group_name(self.rules, standing.group, self.language)
        facts = [self.names[code], group, outcome_words(standing.outcome, self.language, standing.reason.position)]
        level = None
        if standing.rank is None:
            facts.append(_nothing(self.language))
        else:
            level = LEVELS - 1 - LEVELS * (standing.rank - 1) // sizes[standing.group]
            facts += [
                rank_words(standing.rank, self.language),
                points(standing.score, self.rules, self.language),
            ]
        return Tile(code, label, ", ".join(facts), region, head, level, standing.outcome)

    def _anchor(self, entry: str) -> str | None:
        found = self.inputs.entries.index.get(entry)
        return None if found is None else f"#e{found + 1}"

    def _severity(self) -> Markup | None:
        calibration = self.evaluation.calibration
        if calibration is None:
            return None
        _ = self.texts.gettext
        picture = severity_picture(
            self.run.reviewer_names(self.language),
            calibration.severity,
            calibration.severity_error,
            title=_("Reviewers' severity"),
            language=self.language,
            synthetic=self.run.synthetic,
        )
        return Markup(picture)  # noqa: S704

    def _reviewers(self) -> tuple[ReviewerView, ...]:
        calibration = self.evaluation.calibration
        if calibration is None:
            return ()
        names = self.run.reviewer_names(self.language)
        order = np.argsort(-calibration.severity, kind="stable")
        return tuple(self._reviewer(names[n], calibration, int(n)) for n in order)

    def _reviewer(self, name: str, calibration: Calibration, n: int) -> ReviewerView:
        value, half = float(calibration.severity[n]), Z95 * float(calibration.severity_error[n])
        known = not np.isnan(value)
        return ReviewerView(
            name,
            f"{value:+.1f}".replace("-", "−") if known else NO_NUMBER,
            f"{value:.4f}" if known else "",
            _interval((value - half, value + half) if known else None),
            int(calibration.sheets_per_reviewer[n]),
        )


def _interval(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return NO_NUMBER
    low, high = (f"{end:.1f}".replace("-", "−") for end in ends)
    return f"{low} – {high}"
